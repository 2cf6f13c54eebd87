"""Settings from THIDUA_* environment variables, read once; an unknown name stops the start."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(Exception):
    """Settings that cannot be started with; the message lists every fault, one a line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation runs.

    Attributes:
        data_dir: everything kept lies here: databases, files, the generated secret.
        secret_key: signs cookies and tokens; empty when none is set (a production start refuses that).
        demo: demonstration data, its own business clock, the known password.
        web_workers: gunicorn processes; `web_threads` each.
        session_minutes: idle time after which a sign-in ends.
        live_megabytes: memory of each process for cases kept between two requests; 0 keeps none.
        upload_megabytes: the largest request taken; what a dossier file may be is a dated policy.
        secure_cookies: cookies only over https, as behind a proxy that speaks it.
        trusted_proxies: how many proxies stand before the product and tell the client's address.
        broker_url: Celery's doorbell; the jobs table is the truth.

    """

    data_dir: Path
    database_url: str
    broker_url: str
    secret_key: str
    host: str = "127.0.0.1"
    port: int = 8000
    demo: bool = False
    language: str = "vi"
    web_workers: int = 2
    web_threads: int = 8
    worker_threads: int = 4
    session_minutes: int = 60
    live_megabytes: int = 32
    upload_megabytes: int = 20
    secure_cookies: bool = False
    trusted_proxies: int = 0
    log_level: str = "info"
    log_format: str = "plain"

    @property
    def files_dir(self) -> Path:
        """Where dossier files lie, by the first two digits of their hash."""
        return self.data_dir / "files"

    @property
    def bpmn_dir(self) -> Path:
        """The diagrams and tables shipped with the product."""
        return Path(__file__).resolve().parent.parent / "bpmn"


_NAMES = {
    "THIDUA_DATA_DIR", "THIDUA_DATABASE_URL", "THIDUA_BROKER_URL", "THIDUA_SECRET_KEY", "THIDUA_HOST", "THIDUA_PORT",
    "THIDUA_DEMO", "THIDUA_LANGUAGE", "THIDUA_WEB_WORKERS", "THIDUA_WEB_THREADS", "THIDUA_WORKER_THREADS",
    "THIDUA_SESSION_MINUTES", "THIDUA_LIVE_MEGABYTES", "THIDUA_UPLOAD_MEGABYTES", "THIDUA_SECURE_COOKIES",
    "THIDUA_TRUSTED_PROXIES", "THIDUA_LOG_LEVEL", "THIDUA_LOG_FORMAT",
}  # fmt: skip
_FROM_FILES = ("THIDUA_SECRET_KEY", "THIDUA_DATABASE_URL", "THIDUA_BROKER_URL")
"""Settings that may be a secret: each may be named by a file instead, as systemd and containers hand secrets over."""
_DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")
_BROKERS = ("redis", "rediss", "redis+socket", "sentinel", "amqp", "amqps", "pyamqp", "memory", "sqla+sqlite")
_ADDRESS = re.compile(r"([a-z+]+)://(?:.*@)?[^/?:]*(?:\[[^]]*\])?(:\d*)?(?:[/?,;].*)?")
"""A password may hold any sign, so the host is what follows the last @; a port is a number."""
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the environment.

    Raises:
        SettingsError: lists unknown names and values that cannot be read.

    """
    given = {key: value for key, value in (environment or os.environ).items() if key.startswith("THIDUA_")}
    read, faults = _read_files(given)
    given = {**given, **read}
    known = _NAMES | {f"{name}_FILE" for name in _FROM_FILES}
    faults += [
        f"{name}: không có thiết lập này (unknown setting)"
        for name in sorted(set(given) - known)
        if not name.startswith("THIDUA_TEST_")
    ]
    data_dir = Path(given.get("THIDUA_DATA_DIR") or "./var").resolve()
    whole = {
        "port": ("THIDUA_PORT", 8000, 1, 65535), "web_workers": ("THIDUA_WEB_WORKERS", 2, 1, 64),
        "web_threads": ("THIDUA_WEB_THREADS", 8, 1, 128), "worker_threads": ("THIDUA_WORKER_THREADS", 4, 1, 64),
        "session_minutes": ("THIDUA_SESSION_MINUTES", 60, 1, 1440),
        "live_megabytes": ("THIDUA_LIVE_MEGABYTES", 32, 0, 4096),
        "upload_megabytes": ("THIDUA_UPLOAD_MEGABYTES", 20, 1, 500),
        "trusted_proxies": ("THIDUA_TRUSTED_PROXIES", 0, 0, 5),
    }  # fmt: skip
    numbers = {
        field: _whole(given.get(name), name, default, (low, high), faults)
        for field, (name, default, low, high) in whole.items()
    }
    demo = _switch(given.get("THIDUA_DEMO", ""), "THIDUA_DEMO", faults)
    secure = _switch(given.get("THIDUA_SECURE_COOKIES", ""), "THIDUA_SECURE_COOKIES", faults)
    language = _word(given, "THIDUA_LANGUAGE", ("vi", "en"), faults)
    log_level = _word(given, "THIDUA_LOG_LEVEL", ("info", "debug", "warning", "error"), faults)
    log_format = _word(given, "THIDUA_LOG_FORMAT", ("plain", "json"), faults)
    _check_address(given, "THIDUA_DATABASE_URL", _DATABASES, "postgresql+psycopg://user@host/thidua", faults)
    _check_address(given, "THIDUA_BROKER_URL", _BROKERS, "redis://host:6379/0", faults)
    if faults:
        raise SettingsError("\n".join(faults))
    return Settings(
        data_dir=data_dir,
        database_url=given.get("THIDUA_DATABASE_URL") or f"sqlite:///{data_dir / 'thidua.db'}",
        broker_url=given.get("THIDUA_BROKER_URL") or f"sqla+sqlite:///{data_dir / 'broker.db'}",
        secret_key=given.get("THIDUA_SECRET_KEY") or (_kept_secret(data_dir) if demo else ""),
        host=given.get("THIDUA_HOST") or "127.0.0.1",
        demo=demo,
        language=language,
        secure_cookies=secure,
        log_level=log_level,
        log_format=log_format,
        **numbers,
    )


def _read_files(given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the settings that files hold, and what is wrong with those files."""
    found, faults = {}, []
    for name in _FROM_FILES:
        if not (place := given.get(f"{name}_FILE")):
            continue
        if given.get(name):
            faults.append(f"{name}: đặt hai lần, cả bằng {name}_FILE (set both by itself and by a file)")
        try:
            found[name] = Path(place).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            faults.append(f"{name}_FILE: không đọc được {place} (cannot be read: {type(fault).__name__})")
    return found, faults


def _check_address(
    given: Mapping[str, str], name: str, kinds: tuple[str, ...], example: str, faults: list[str]
) -> None:
    """Look at an address as far as it shows without a connection; it may hold a password, so it is not repeated."""
    if not (address := given.get(name)):
        return
    found = _ADDRESS.fullmatch(address)
    kind = address.partition("://")[0]
    known = kind in kinds and (found or "sqlite" in kind)
    if not known:
        faults.append(f"{name}: không phải địa chỉ dùng được, ví dụ {example} (is no usable address)")


def _whole(text: str | None, name: str, default: int, limits: tuple[int, int], faults: list[str]) -> int:
    if not text:
        return default
    if not re.fullmatch("[0-9]{1,12}", text) or not limits[0] <= int(text) <= limits[1]:
        faults.append(f"{name}: {text!r} không phải số nguyên từ {limits[0]} đến {limits[1]} (is no such whole number)")
        return default
    return int(text)


def _word(given: Mapping[str, str], name: str, known: tuple[str, ...], faults: list[str]) -> str:
    text = (given.get(name) or known[0]).lower()
    if text not in known:
        faults.append(f"{name}: {text!r} không thuộc (is none of) {', '.join(known)}")
        return known[0]
    return text


def _switch(text: str, name: str, faults: list[str]) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        faults.append(f"{name}: {text!r} không phải 1 hoặc 0 (is neither 1 nor 0)")
    return text.lower() in _TRUE


def _kept_secret(data_dir: Path) -> str:
    """Return the demonstration's secret, generated once and readable by its owner alone."""
    file = data_dir / "secret"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w") as handle:
        handle.write(secrets.token_urlsafe(48))
    return file.read_text(encoding="ascii").strip()

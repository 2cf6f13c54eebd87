"""A production start: empty, refused while unsafe, one clear line when it cannot be, stopped in good order."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support import brokers
from tests.support.brokers import free_port
from webapp import schema
from webapp.auth.queries import list_accounts
from webapp.auth.service import create_account, set_disabled
from webapp.cli.data import upgrade_database
from webapp.settings import Settings, SettingsError, from_environment
from webapp.startup_checks import DEMO_PASSWORD, check_before_start
from webapp.supervisor import child_environment

ROOT = Path(__file__).resolve().parents[2]
THIDUA = [sys.executable, "-c", "import sys; from webapp.cli import main; sys.exit(main())"]
NOW = datetime(2026, 11, 24, tzinfo=UTC)
SECRET = "s" * 40
PATIENCE = 90
"""How many seconds a busy machine may take to start, to answer, to stop; nothing waits as long when it is well."""


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("THIDUA_")}
    return {**kept, "THIDUA_DATA_DIR": str(folder), "THIDUA_SECRET_KEY": SECRET, "THIDUA_WEB_WORKERS": "1", **more}


def refused(folder: Path, **more: str) -> str:
    """What a start that does not happen says."""
    given = environment(folder, **more)
    done = subprocess.run(
        [*THIDUA, "serve"], env=given, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr


@contextmanager
def served(folder: Path, **more: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    port = free_port()
    process = subprocess.Popen(
        [*THIDUA, "serve"], env=environment(folder, THIDUA_PORT=str(port), **more), cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.send_signal(signal.SIGTERM)
        print(process.communicate(timeout=PATIENCE)[1])  # shown when the test failed


def fetch(url: str, headers: dict[str, str] | None = None, seconds: float = PATIENCE) -> tuple[int, str]:
    """Status and body; 0 where nobody answers within the seconds."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=seconds) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


def await_answer(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if fetch(f"{url}/readyz")[0] == 200:
            return
        time.sleep(0.05)  # a server that starts is polled
    raise AssertionError("it did not come up")


@pytest.mark.slow
def test_production_starts_empty_works_and_stops_in_order(tmp_path: Path) -> None:
    with served(tmp_path) as (url, process):
        await_answer(url)
        assert json.loads(fetch(f"{url}/healthz")[1]) == {"status": "ok"}
        assert fetch(f"{url}/api/v1/me")[0] == 401
        assert "thidua_duty_age_seconds" in _metrics_with_a_pulse(url)
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors
    assert f"thidua đang chạy tại {url}" in output
    assert "Tài khoản trình diễn" not in output
    assert not re.search(r"Traceback|ERROR|ended with", errors), errors
    assert list_accounts_of(tmp_path) == []


@pytest.mark.slow
@pytest.mark.postgresql
def test_two_settings_move_it_to_postgresql_and_redis(tmp_path: Path, postgresql_url: str) -> None:
    if (program := brokers.redis_program()) is None:
        pytest.skip(brokers.NO_REDIS)
    with brokers.redis(program) as broker:
        given = {"THIDUA_DATABASE_URL": postgresql_url, "THIDUA_BROKER_URL": broker.url, "THIDUA_WEB_WORKERS": "2"}
        with served(tmp_path / "data", **given) as (url, process):
            await_answer(url)
            assert "thidua_open_tasks" in _metrics_with_a_pulse(url)
            process.send_signal(signal.SIGTERM)
            _output, errors = process.communicate(timeout=PATIENCE)
    assert not re.search(r"Traceback|ERROR|ended with", errors), errors
    assert not list((tmp_path / "data").glob("*.db"))


def _metrics_with_a_pulse(url: str) -> str:
    """The counts, once the worker has swept for the first time."""
    deadline = time.monotonic() + PATIENCE
    text = ""
    while time.monotonic() < deadline and 'duty="timers"' not in text:
        text = fetch(f"{url}/metrics")[1]
        time.sleep(0.2)  # the worker's first sweep is polled for
    assert 'duty="timers"' in text
    return text


def list_accounts_of(folder: Path) -> list[str]:
    with schema.opened(f"sqlite:///{folder / 'thidua.db'}") as engine:
        from engine.db import session_factory

        return [account.username for account in list_accounts(session_factory(engine))]


@pytest.mark.slow
def test_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused(tmp_path, THIDUA_PORT=str(port))
    assert said.strip().count("\n") == 0
    assert f"THIDUA_PORT={port + 1}" in said


@pytest.mark.slow
def test_an_address_of_another_machine_is_one_clear_line(tmp_path: Path) -> None:
    said = refused(tmp_path, THIDUA_HOST="192.0.2.1", THIDUA_PORT=str(free_port()))
    assert said.strip().count("\n") == 0
    assert "THIDUA_HOST" in said
    assert "đang được dùng" not in said


@pytest.mark.slow
def test_start_without_a_secret_is_refused(tmp_path: Path) -> None:
    assert "THIDUA_SECRET_KEY" in refused(tmp_path, THIDUA_SECRET_KEY="", THIDUA_PORT=str(free_port()))


@pytest.fixture
def production(tmp_path: Path) -> Settings:
    made = from_environment({"THIDUA_DATA_DIR": str(tmp_path), "THIDUA_SECRET_KEY": SECRET})
    upgrade_database(made)
    return made


def test_start_is_refused_while_an_account_has_the_demonstrations_password(production: Settings) -> None:
    with schema.opened(production.database_url) as engine:
        from engine.db import session_factory

        sessions = session_factory(engine)
        create_account(sessions, username="ok", person_id="1", password="mật khẩu riêng", now=NOW)
        assert check_before_start(production) == []
        left = create_account(sessions, username="admin", person_id="2", password=DEMO_PASSWORD, now=NOW)
        (fault,) = check_before_start(production)
        assert "admin" in fault
        assert check_before_start(production) == [fault]
        set_disabled(sessions, left.id, True)
        assert check_before_start(production) == []


def test_short_secret_is_refused(tmp_path: Path) -> None:
    short = from_environment({"THIDUA_DATA_DIR": str(tmp_path), "THIDUA_SECRET_KEY": "short"})
    upgrade_database(short)
    assert len(check_before_start(short)) == 1


def test_settings_are_read_or_all_faults_are_listed(tmp_path: Path) -> None:
    given = {
        "THIDUA_DATA_DIR": str(tmp_path), "THIDUA_DATABASE_URL": "postgresql+psycopg://u@db/thidua",
        "THIDUA_BROKER_URL": "redis://localhost/0", "THIDUA_SECRET_KEY": SECRET, "THIDUA_PORT": "8080",
        "THIDUA_LOG_FORMAT": "json", "THIDUA_SECURE_COOKIES": "1",
    }  # fmt: skip
    settings = from_environment(given)
    assert (settings.port, settings.log_format, settings.secure_cookies) == (8080, "json", True)
    assert settings.database_url.startswith("postgresql")
    wrong = {
        "THIDUA_PORT": "99999", "THIDUA_DEMO": "perhaps", "THIDUA_LANGUAGE": "fr", "THIDUA_LOG_LEVEL": "loud",
        "THIDUA_COLOUR": "red",
    }  # fmt: skip
    with pytest.raises(SettingsError) as refusal:
        from_environment(wrong)
    assert all(name in str(refusal.value) for name in wrong)


def test_a_second_web_on_a_shared_data_folder_leaves_the_counts_of_the_first(tmp_path: Path) -> None:
    counted = []
    for port in ("8001", "8002"):
        settings = from_environment({"THIDUA_DATA_DIR": str(tmp_path), "THIDUA_PORT": port})
        counted.append(Path(child_environment(settings)["PROMETHEUS_MULTIPROC_DIR"]) / f"counter_{port}.db")
        counted[-1].touch()
    assert [file.exists() for file in counted] == [True, True]
    assert counted[0].parent != counted[1].parent


def test_demonstration_makes_its_secret_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    given = {"THIDUA_DATA_DIR": str(tmp_path), "THIDUA_DEMO": "1"}
    first = from_environment(given).secret_key
    assert len(first) >= 32
    assert from_environment(given).secret_key == first
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0

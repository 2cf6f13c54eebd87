"""What must be right before the product is served to people."""

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path

from webapp.settings import Settings

DEMO_PASSWORD = "thidua-demo"  # noqa: S105 - the published password of the demonstration; refused outside it
SHORTEST_SECRET = 32


def check_before_start(settings: Settings) -> list[str]:
    """Return the faults that forbid a start, each a sentence that says what to do."""
    faults = []
    if not settings.secret_key:
        faults.append("THIDUA_SECRET_KEY chưa được đặt: hãy đặt một chuỗi ngẫu nhiên ít nhất 32 ký tự (is not set).")
    elif len(settings.secret_key) < SHORTEST_SECRET:
        faults.append("THIDUA_SECRET_KEY quá ngắn: cần ít nhất 32 ký tự (is too short).")
    if not settings.demo and (names := _accounts_with_demo_password(settings)):
        faults.append(
            f"Tài khoản còn dùng mật khẩu trình diễn (these accounts have the demonstration's password): "
            f"{', '.join(names)}. Hãy chạy: thidua user reset TÊN."
        )
    return faults


def _accounts_with_demo_password(settings: Settings) -> list[str]:
    """Return the sign-in names that open with the demonstration's password.

    An argon2 check takes a tenth of a second on purpose, so hashes found good once are noted in the data folder and
    only new ones are looked at.
    """
    from engine.db import open_database
    from webapp.auth.passwords import matches
    from webapp.auth.queries import living_password_hashes

    database, sessions = open_database(settings.database_url)
    try:
        hashes = living_password_hashes(sessions)
    finally:
        database.dispose()
    known = _Known(settings.data_dir / "checked-passwords.json")
    fresh = [(name, hashed) for name, hashed in hashes.items() if not known.holds(hashed)]
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        opened = list(pool.map(lambda pair: matches(pair[1], DEMO_PASSWORD), fresh))
    bad = [name for (name, _hashed), opens in zip(fresh, opened, strict=True) if opens]
    known.keep(hashed for name, hashed in hashes.items() if name not in bad)
    return bad


class _Known:
    """Hashes (hashed again) that were compared with the demonstration's password and differ."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            self.found = set(json.loads(file.read_text(encoding="ascii")))
        except (OSError, ValueError):
            self.found = set()

    @staticmethod
    def _name(hashed: str) -> str:
        return hashlib.sha256(hashed.encode()).hexdigest()

    def holds(self, hashed: str) -> bool:
        return self._name(hashed) in self.found

    def keep(self, hashes: Iterable[str]) -> None:
        wanted = {self._name(hashed) for hashed in hashes}
        if wanted != self.found:
            self.file.write_text(json.dumps(sorted(wanted)), encoding="ascii")

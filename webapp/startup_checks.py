"""What must be right before the product is served to people."""

from engine.db import open_database
from webapp.settings import Settings

DEMO_PASSWORD = "thidua-demo"  # noqa: S105 - the published password of the demonstration; refused outside it


def check_before_start(settings: Settings) -> list[str]:
    """Return the faults that forbid a start, each a sentence that says what to do."""
    faults = []
    if not settings.secret_key:
        faults.append("THIDUA_SECRET_KEY chưa được đặt: hãy đặt một chuỗi ngẫu nhiên dài ít nhất 32 ký tự (is not set).")
    elif len(settings.secret_key) < 32:
        faults.append("THIDUA_SECRET_KEY quá ngắn: cần ít nhất 32 ký tự (too short).")
    if not settings.demo and (names := _accounts_with_demo_password(settings)):
        faults.append(
            f"Tài khoản còn dùng mật khẩu trình diễn: {', '.join(names)}. Hãy chạy: thidua user reset TÊN (demo password)."
        )
    return faults


def _accounts_with_demo_password(settings: Settings) -> list[str]:
    from webapp.auth.service import accounts_with_password

    database, sessions = open_database(settings.database_url)
    try:
        return list(accounts_with_password(sessions, DEMO_PASSWORD))
    finally:
        database.dispose()

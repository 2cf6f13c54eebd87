"""What an operator's surroundings may refuse (a database, a disk, a folder), each in one line that says what to do.

Loaded when something went wrong only: commands start fast.
"""

import errno

from sqlalchemy.exc import DBAPIError

from engine.errors import BusyError, DatabaseAwayError, EngineError, StorageFullError
from engine.storage_faults import as_refusal
from webapp.cli.words import refusal_text
from webapp.schema import BrokenReferenceError, UnknownRevisionError

_NO_RIGHT = "42501"
"""What PostgreSQL calls a right that was not granted."""
_OF_STORAGE = {
    DatabaseAwayError: "không mở được cơ sở dữ liệu, hãy xem THIDUA_DATABASE_URL và máy chủ (cannot open the database)",
    StorageFullError: "không ghi được vào cơ sở dữ liệu, hãy xem chỗ trống và quyền ghi (cannot write to the database)",
    BusyError: "cơ sở dữ liệu đang bận, hãy thử lại sau (the database is busy, try again)",
}


def sentence_of(fault: Exception) -> str | None:
    """Return what a command says of a fault; None when it is a bug, or nothing that needs a word (a closed pipe)."""
    if isinstance(fault, EngineError):
        return refusal_text(fault)
    if isinstance(fault, DBAPIError):
        return _of_database(fault)
    if isinstance(fault, OSError):
        return _of_machine(fault)
    if isinstance(fault, UnknownRevisionError):
        return (
            f"cơ sở dữ liệu do bản mới hơn của chương trình lập nên, hãy dùng bản đó (the database is of a later "
            f"version of the program, use that): {fault}"
        )
    if isinstance(fault, BrokenReferenceError):
        return f"không nâng cấp được, chưa có gì thay đổi (cannot upgrade, nothing was changed): {fault}"
    return None


def _of_database(fault: DBAPIError) -> str | None:
    refusal = as_refusal(fault)
    if refusal is not None:
        said = _OF_STORAGE.get(type(refusal), str(refusal))
    elif getattr(fault.orig, "sqlstate", None) == _NO_RIGHT:
        said = "tài khoản cơ sở dữ liệu thiếu quyền (the database account lacks a right)"
    else:
        return None
    return f"{said}: {_first_line(str(fault.orig))}"


def _of_machine(fault: OSError) -> str | None:
    if fault.errno is None or fault.errno == errno.EPIPE:
        return None
    place = f" {fault.filename}" if fault.filename else ""
    return f"không đọc hoặc ghi được{place} (cannot read or write): {fault.strerror}"


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")

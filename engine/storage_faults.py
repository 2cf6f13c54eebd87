"""What a database says when it cannot work at all, told from what a program did wrong."""

import sqlite3

from sqlalchemy.exc import DBAPIError

from engine.errors import BusyError, DatabaseAwayError, EngineError, StorageFullError

_NO_ROOM = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
_AWAY = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_EXTENDED_CODES = 0xFF
"""SQLite's extended codes carry the plain one in their lowest byte."""
_NO_ROOM_STATES = ("53100", "25006")  # disk full; read-only, as after a switch to a standby
_AWAY_STATES = ("08", "53", "57P", "58")  # connection, resources, shutdown, system error
_LOCKED_STATES = ("55P03",)


def as_refusal(error: DBAPIError) -> EngineError | None:
    """Return the refusal for a database that cannot work now; None when the statement itself was at fault."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _of_sqlite(code & _EXTENDED_CODES)
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in _NO_ROOM_STATES:
        return StorageFullError("the database cannot write")
    if state in _LOCKED_STATES:
        return BusyError("the database is locked")
    if state.startswith(_AWAY_STATES) or error.connection_invalidated or _never_answered(error, state):
        return DatabaseAwayError("the database does not answer")
    return None


def _of_sqlite(code: int) -> EngineError | None:
    if code in _NO_ROOM:
        return StorageFullError("the database cannot write")
    if code in _AWAY:
        return DatabaseAwayError("the database cannot be opened")
    if code in _LOCKED:
        return BusyError("the database is locked")
    return None


def _never_answered(error: DBAPIError, state: str) -> bool:
    """Tell whether the server was not reached: psycopg then knows no state."""
    return not state and type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout", "InterfaceError"}

"""Connections to the two databases: how SQLite takes turns, and when a server is asked whether it is still there."""

import math
import select
import sqlite3
import time
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from engine.statements import send

LOCK_PATIENCE = 20.0
"""For how many seconds a door waits for a lock before it says that the case is busy; a web server waits longer."""
TURN_MILLISECONDS = 3
"""How long SQLite waits for its turn before the lock is asked for again. By itself it sleeps longer and longer, up to a
tenth of a second at a time, and of several who vote at once the last would find the lock taken again and again."""
UNASKED_SECONDS = 1.0
"""A connection that rested longer is asked whether its server is still there; under load that would be a journey more
for each transaction. Of a younger one only what the server said of itself meanwhile is looked at: a server that stops
says so and closes. One that vanished without a word within this time makes a refusal (`database_away`)."""

_ONLY_READS = "only_reads"
_QUERIES = ("SELECT", "WITH", "BEGIN", "EXPLAIN", "PRAGMA")


def connect(url: str, patience: float) -> sa.Engine:
    """Return the engine of a database address; a lock is waited for during `patience` seconds.

    SQLite runs in WAL with every writing transaction begun IMMEDIATE: a deferred BEGIN gives
    "database is locked" in spite of any timeout as soon as two readers want to write.

    A database error never carries the values of its statement: it may be logged beside the name of a voter.
    """
    if url.startswith("sqlite"):
        database = sa.create_engine(
            url, hide_parameters=True, connect_args={"timeout": patience, "check_same_thread": False}
        )
        event.listen(database, "connect", _prepare_sqlite)
        event.listen(database, "begin", lambda connection: _begin(connection, patience))
    else:
        database = sa.create_engine(
            url, hide_parameters=True, pool_size=10, max_overflow=10,
            connect_args={"options": f"-c lock_timeout={int(patience * 1000)}"},
        )  # fmt: skip
        _ask_the_rested(database)
    event.listen(database, "before_cursor_execute", _write_nothing)
    return database


def options_of_reading(dialect: sa.Dialect, at_one_instant: bool) -> dict[str, Any]:
    """Return the options of a connection that only reads."""
    if dialect.name == "sqlite":
        return {_ONLY_READS: True}
    level = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if at_one_instant else {
        "isolation_level": "AUTOCOMMIT"  # each statement is one journey: nothing is begun, nothing rolled back
    }  # fmt: skip
    return {_ONLY_READS: True, **level}


def _write_nothing(
    connection: sa.Connection, _cursor: Any, statement: str, _values: Any, _context: Any, _many: bool
) -> None:
    """Stop a statement that would write where only reading was asked for; it would stand without a door."""
    if connection.get_execution_options().get(_ONLY_READS) and not statement.startswith(_QUERIES):
        raise RuntimeError(f"a reading writes nothing: {statement[:60]}")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions on its own
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection, patience: float) -> None:
    if connection.get_execution_options().get(_ONLY_READS):
        send(connection, "BEGIN", ()).close()
        return
    driver, until = cast(sqlite3.Connection, connection.connection.driver_connection), time.monotonic() + patience
    driver.execute(f"PRAGMA busy_timeout={min(TURN_MILLISECONDS, int(patience * 1000))}")
    try:
        while not _have_turn(connection, last=time.monotonic() >= until):
            pass
    finally:
        driver.execute(f"PRAGMA busy_timeout={int(patience * 1000)}")


def _have_turn(connection: sa.Connection, *, last: bool) -> bool:
    """Begin to write; tell whether nobody else was writing."""
    try:
        send(connection, "BEGIN IMMEDIATE", ()).close()
    except OperationalError as error:
        if last or getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _was_spoken_to(connection: Any) -> bool:
    """Tell whether a server sent something to a connection that asked nothing, or closed it; costs no journey."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def _ask_the_rested(database: sa.Engine) -> None:
    """Let connections that lay unused be asked when they are taken up; one whose server has gone is replaced."""
    since = "rests_since"

    def rest(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[since] = time.monotonic()

    def wake(connection: Any, record: ConnectionPoolEntry, _proxied: PoolProxiedConnection) -> None:
        if time.monotonic() - record.info.get(since, math.inf) > UNASKED_SECONDS or _was_spoken_to(connection):
            try:
                database.dialect.do_ping(connection)
            except database.dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error

    event.listen(database, "checkin", rest)
    event.listen(database, "checkout", wake)

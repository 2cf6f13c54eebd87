"""What a process works out once for all the databases and products its tests open.

A test opens a database of its own, and for it SQLAlchemy compiles every statement anew, as a product would that was
started for each request. Here the dialects of one kind are equal, so that what was
compiled for one database serves the next; nothing else of them is shared. Templates of pages are kept likewise.

Passwords are hashed as the product does it, but with little work: in earnest each sign-in is slow on purpose. What the
product asks of a hash is tested with `STRONG`.
"""

import gc
from typing import Any

import jinja2
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from webapp.auth import passwords

_STATEMENTS: Any = sa.util.LRUCache(3000)
_KEPT: list[Any] = []
"""Some caches hold a dialect weakly: what was compiled for it must outlive its database."""


class Alike:
    """A dialect that equals every other of its class."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        _KEPT.append(self)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class Sqlite(Alike, SQLiteDialect_pysqlite):
    """SQLite as it is."""

    supports_statement_cache = True


class Postgresql(Alike, PGDialect_psycopg):
    """PostgreSQL as it is."""

    supports_statement_cache = True


STRONG = passwords._hasher
"""The product's own."""


def pytest_configure() -> None:
    """From here on dialects are alike, every connection takes its statements out of one cache, hashes are cheap."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    registry.register("sqlite", __name__, Sqlite.__name__)
    registry.register("postgresql.psycopg", __name__, Postgresql.__name__)
    sa.event.listen(sa.Engine, "engine_connect", _share_statements)


def _share_statements(connection: sa.Connection) -> None:
    connection.execution_options(compiled_cache=_STATEMENTS)


class Templates(jinja2.BytecodeCache):
    """Compiled templates of pages, kept in memory; one whose text changed is compiled anew."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Take a template that was compiled before."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Keep a template that was just compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = Templates()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave what was loaded for the tests out of the garbage collector's rounds."""
    gc.collect()
    gc.freeze()

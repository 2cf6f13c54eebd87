"""The database's shape: every model known, the revision it stands at, and the way to the newest one."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import sqlalchemy as sa

from engine.db import Base, open_database
from webapp.quick_start import MIGRATIONS, known_revisions, newest_revision
from workflows.rooms import ROOMS

__all__ = [
    "MIGRATIONS", "BrokenReferenceError", "UnknownRevisionError", "alembic_config", "differences", "has_tables",
    "metadata", "migrate", "migrate_back", "migrating", "newest_revision", "opened", "require_known", "revision_of",
]  # fmt: skip

_ONE_AT_A_TIME = 7_466_381  # the number under which PostgreSQL makes a second upgrade wait


class BrokenReferenceError(Exception):
    """A migration left rows that refer to nothing; it was rolled back."""


class UnknownRevisionError(Exception):
    """A database stands at a revision this program does not know: a later one made it. Nothing was changed."""


def metadata() -> sa.MetaData:
    """Return the tables of the engine, the shell and every room."""
    for module in ("engine.models", "webapp.auth.models", *(f"workflows.{room}.models" for room in ROOMS)):
        if find_spec(module.rpartition(".")[0]) is not None and find_spec(module) is not None:
            importlib.import_module(module)
    return Base.metadata


@contextmanager
def opened(url: str) -> Iterator[sa.Engine]:
    """Yield the database's engine and let it go afterwards."""
    engine, _sessions = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


def revision_of(url: str) -> str | None:
    """Return the revision a database stands at, None when it has no tables of ours."""
    with opened(url) as engine, engine.connect().execution_options(read_only=True) as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()


def require_known(revision: str | None) -> None:
    """Look that a database of this revision can be brought to the newest one.

    Raises:
        UnknownRevisionError: no program of this version made it.

    """
    if revision is not None and revision not in known_revisions():
        raise UnknownRevisionError(revision)


def has_tables(url: str) -> bool:
    """Tell whether anything of ours or of others is in the database."""
    with opened(url) as engine:
        return bool(set(sa.inspect(engine).get_table_names()) - {"alembic_version"})


def migrate(url: str) -> None:
    """Bring a database to the newest revision, in one transaction.

    Raises:
        BrokenReferenceError: rows that refer to nothing were left; nothing was changed.

    """
    from alembic import command

    with migrating(url) as connection:
        command.upgrade(alembic_config(connection), "head")


def migrate_back(url: str, revision: str) -> None:
    """Bring a database back to an earlier revision, or to none at all (`base`), in one transaction.

    Raises:
        BrokenReferenceError: rows that refer to nothing were left; nothing was changed.

    """
    from alembic import command

    with migrating(url) as connection:
        command.downgrade(alembic_config(connection), revision)


@contextmanager
def migrating(url: str) -> Iterator[sa.Connection]:
    """Yield a connection in a transaction fit for changes of tables; SQLite rebuilds them, so it looks last."""
    with opened(url) as engine:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            sa.event.listen(engine, "connect", _let_tables_be_rebuilt)
        with engine.begin() as connection:
            if not sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})")
            yield connection
            if sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                raise BrokenReferenceError(f"{len(lost)} rows refer to nothing, the first in {lost[0][0]}")


def alembic_config(connection: sa.Connection) -> Any:
    """Return Alembic's configuration over a connection; there is no file of it."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes["connection"] = connection
    return config


def _let_tables_be_rebuilt(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys=OFF")


def differences(url: str) -> list[Any]:
    """Return how the database's tables differ from the models; empty when the migrations tell all of them."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with opened(url) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        return list(compare_metadata(context, metadata()))

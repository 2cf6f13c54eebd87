"""Databases with the folder of their files, each laid down once per process and copied for every test that asks."""

import json
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

Notes = dict[str, Any]
LayDown = Callable[[str, Path], Notes]
"""Fills an empty database and a folder, closes them, and notes what is needed to open a copy."""


class Templates:
    """What was laid down, by name and kind of database."""

    def __init__(self, new_folder: Callable[[str], Path], server: Callable[[], str]) -> None:
        self._new_folder, self._server = new_folder, server
        self._made: dict[tuple[str, str], tuple[str, Path, str]] = {}

    @contextmanager
    def copied(self, name: str, kind: str, folder: Path, lay_down: LayDown) -> Iterator[tuple[str, Notes]]:
        """Yield the address of a copy and the notes; its files lie in the folder, which does not exist before."""
        if (name, kind) not in self._made:
            self._made[name, kind] = self._lay_down(name, kind, lay_down)
        source, files, notes = self._made[name, kind]
        shutil.copytree(files, folder)
        if kind == "sqlite":
            yield sqlite_in(folder), json.loads(notes)
        else:
            with postgresql_database(self._server(), source) as url:
                yield url, json.loads(notes)

    def _lay_down(self, name: str, kind: str, lay_down: LayDown) -> tuple[str, Path, str]:
        files = self._new_folder(f"{name}-{kind}")
        if kind == "sqlite":
            notes = json.dumps(lay_down(sqlite_in(files), files))
            with sqlite3.connect(files / "thidua.db") as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            return "", files, notes
        database = f"{name}{uuid.uuid4().hex}"
        with commands_to(self._server()) as command:
            command(f'CREATE DATABASE "{database}"')
        return database, files, json.dumps(lay_down(_named(self._server(), database), files))


def sqlite_in(folder: Path) -> str:
    """The address of the SQLite database of a folder."""
    return f"sqlite:///{folder / 'thidua.db'}"


@contextmanager
def postgresql_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """Yield the address of a database of its own on a server, empty or a copy; it goes when it is left."""
    name = f"t{uuid.uuid4().hex}"
    with commands_to(server_url) as command:
        command(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _named(server_url, name)
    with commands_to(server_url) as command:
        command(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def commands_to(server_url: str) -> Iterator[Callable[[str], object]]:
    """Yield what sends commands that belong to no transaction."""
    server = sa.create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with server.connect() as connection:
        yield connection.exec_driver_sql


def _named(server_url: str, database: str) -> str:
    return sa.make_url(server_url).set(database=database).render_as_string(hide_password=False)

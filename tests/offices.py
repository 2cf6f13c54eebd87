"""Fixtures that hand out offices. One is built per process; each test gets a copy of its database and files."""

import json
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.office import Office

Names = dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an office on SQLite: database, files and nicknames."""
    folder = tmp_path_factory.mktemp("office")
    office = Office.open(f"sqlite:///{folder / 'thidua.db'}", folder)
    (folder / "names.json").write_text(json.dumps(office.names))
    office.close()
    with sqlite3.connect(folder / "thidua.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return folder


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The name of an office's database on PostgreSQL, and the folder of its files and nicknames."""
    folder, name = tmp_path_factory.mktemp("office-postgresql"), f"office{uuid.uuid4().hex}"
    server = sa.create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    url = sa.make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)
    office = Office.open(url, folder)
    (folder / "names.json").write_text(json.dumps(office.names))
    office.close()
    server.dispose()
    return name, folder


def copied_office(template: Path, folder: Path) -> Office:
    """Open a copy of the office on SQLite in a folder that does not exist yet."""
    shutil.copytree(template, folder)
    return _reopened(f"sqlite:///{folder / 'thidua.db'}", folder)


@contextmanager
def copied_postgresql_office(server_url: str, template: tuple[str, Path], folder: Path) -> Iterator[Office]:
    """Open a copy of the office on PostgreSQL; its database goes when it is left."""
    source, files = template
    name = f"t{uuid.uuid4().hex}"
    shutil.copytree(files, folder)
    server = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    url = sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    office = _reopened(url, folder)
    yield office
    office.close()
    with server.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    server.dispose()


@pytest.fixture
def new_office(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[], Office]]:
    """Open as many offices on SQLite as a test needs, each alike and untouched."""
    opened: list[Office] = []

    def make() -> Office:
        opened.append(copied_office(sqlite_template, tmp_path / f"office-{len(opened)}"))
        return opened[-1]

    yield make
    for office in opened:
        office.close()


@pytest.fixture
def sqlite_office(new_office: Callable[[], Office]) -> Office:
    """An office on SQLite."""
    return new_office()


@pytest.fixture
def postgresql_office(
    postgresql_template: tuple[str, Path], postgresql_server: str, tmp_path: Path
) -> Iterator[Office]:
    """An office on PostgreSQL."""
    with copied_postgresql_office(postgresql_server, postgresql_template, tmp_path / "office") as office:
        yield office


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def office(request: pytest.FixtureRequest) -> Office:
    """An office on each database, one after the other."""
    found: Office = request.getfixturevalue(f"{request.param}_office")
    return found


def _reopened(url: str, folder: Path) -> Office:
    names: Names = json.loads((folder / "names.json").read_text())
    return Office.reopen(url, folder, names)

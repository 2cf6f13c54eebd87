"""Fixtures that hand out offices and councils. One of each is built per process; each test gets a copy of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.office import Office
from tests.support.sitting import Sitting
from tests.support.templates import Notes, Templates


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """What was laid down to be copied."""
    return Templates(tmp_path_factory.mktemp, lambda: str(request.getfixturevalue("postgresql_server")))


def lay_down_office(url: str, folder: Path) -> Notes:
    """The office on its first morning."""
    office = Office.open(url, folder)
    office.close()
    return office.names


@contextmanager
def copied_office(templates: Templates, kind: str, folder: Path) -> Iterator[Office]:
    """Open a copy of the office on a kind of database, in a folder that does not exist yet."""
    with templates.copied("office", kind, folder, lay_down_office) as (url, names):
        office = Office.reopen(url, folder, names)
        yield office
        office.close()


@pytest.fixture
def new_office(templates: Templates, tmp_path: Path) -> Iterator[Callable[[], Office]]:
    """Open as many offices on SQLite as a test needs, each alike and untouched."""
    opened: list[Office] = []
    with ExitStack() as copies:

        def make() -> Office:
            copy = copied_office(templates, "sqlite", tmp_path / f"office-{len(opened)}")
            opened.append(copies.enter_context(copy))
            return opened[-1]

        yield make


@pytest.fixture
def sqlite_office(new_office: Callable[[], Office]) -> Office:
    """An office on SQLite."""
    return new_office()


@pytest.fixture
def postgresql_office(templates: Templates, tmp_path: Path) -> Iterator[Office]:
    """An office on PostgreSQL."""
    with copied_office(templates, "postgresql", tmp_path / "office") as office:
        yield office


@pytest.fixture
def office(request: pytest.FixtureRequest, database_kind: str) -> Office:
    """An office on each database, one after the other."""
    found: Office = request.getfixturevalue(f"{database_kind}_office")
    return found


def lay_down_council(url: str, folder: Path) -> Notes:
    """A council whose people have arrived."""
    sitting = Sitting.open(url, folder)
    sitting.close()
    return sitting.notes


@pytest.fixture
def new_sitting(templates: Templates, tmp_path: Path) -> Iterator[Callable[..., Sitting]]:
    """Open as many councils as a test needs, each alike and untouched, on the kind of database it names."""
    opened: list[Sitting] = []
    with ExitStack() as copies:

        def make(kind: str = "sqlite", *, seed: int = 12) -> Sitting:
            copy = templates.copied("council", kind, tmp_path / f"council-{len(opened)}", lay_down_council)
            opened.append(Sitting.reopen(*copies.enter_context(copy), seed=seed))
            copies.callback(opened[-1].close)
            return opened[-1]

        yield make

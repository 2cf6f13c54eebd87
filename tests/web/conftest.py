"""A world for the page tests: one that is only read, and a fresh copy for each test that changes something."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Once
from tests.web import template
from tests.web.api import Service, make_template
from tests.web.machine import Machine
from tests.web.shell import Shell


@pytest.fixture(scope="session")
def world_folder(once: Once) -> Path:
    """Where the world lies."""
    return template.kept(once)


@pytest.fixture(scope="session")
def read_only(world_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A world that tests only look at."""
    office, stages = template.reopen(world_folder, tmp_path_factory.mktemp("read-only"), seed=11)
    shell = Shell.over(office, stages)
    yield shell
    shell.close()


@pytest.fixture
def shell(world_folder: Path, tmp_path: Path) -> Iterator[Shell]:
    """A world of the test's own."""
    office, stages = template.reopen(world_folder, tmp_path, seed=12)
    shell = Shell.over(office, stages)
    yield shell
    shell.close()


@pytest.fixture
def service(once: Once, tmp_path: Path) -> Iterator[Service]:
    """The API over an office of the test's own, copied from one that the first test made."""
    with once.make("api-office") as (folder, missing):
        if missing:
            unfinished = folder.with_name("api-office.unfinished")
            make_template(unfinished)
            unfinished.rename(folder)
    made = Service.copy(folder, tmp_path)
    yield made
    made.close()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A shell over an empty installation that is ready for its first deployment."""
    made = Machine(tmp_path / "data")
    made.done("migrate")
    return made

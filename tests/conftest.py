"""Fixtures of every test: real databases, and a last line that says what ran and what did not."""

import contextlib
import fcntl
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from engine.text import storable
from tests.support import postgresql
from tests.support.templates import postgresql_database, sqlite_in

pytest_plugins = ("tests.offices", "tests.support.warm")
settings.register_profile("office", deadline=None)  # how long an example takes on a busy machine proves nothing
settings.load_profile("office")
NO_POSTGRESQL = "no PostgreSQL: install postgresql, or set THIDUA_TEST_POSTGRESQL_URL"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a real PostgreSQL server: given, found on the machine, or started for this run."""
    if given := os.environ.get("THIDUA_TEST_POSTGRESQL_URL"):
        yield given
        return
    folder = postgresql.binaries()
    if folder is None:
        pytest.skip(NO_POSTGRESQL)
    with postgresql.server(folder) as address:
        yield address


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """An empty PostgreSQL database of the test's own."""
    with postgresql_database(postgresql_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database file of the test's own."""
    return sqlite_in(tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str) -> str:
    """An empty database of the test's own, of both kinds."""
    url: str = request.getfixturevalue(f"{database_kind}_url")
    return url


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> "Once":
    """A place to do something once for all worker processes of a run."""
    folder = tmp_path_factory.getbasetemp()
    return Once(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


class Once:
    """Files shared by the worker processes of one run, made under a lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextlib.contextmanager
    def make(self, name: str) -> Iterator[tuple[Path, bool]]:
        """Yield a path and whether it is still to be made."""
        with open(self.folder / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            path = self.folder / name
            yield path, not path.exists()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a group in one worker process."""
    from tests.support.distribution import make_scheduler

    return make_scheduler(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep half a character out of what is written of a test: the processes that share the tests could not tell it."""
    report = yield
    report.sections[:] = [(title, storable(text)) for title, text in report.sections]
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end how many ran and why some did not: nothing is skipped in silence."""
    stats = terminalreporter.stats
    ran = sum(len(stats.get(key, ())) for key in ("passed", "failed", "error"))
    skipped = stats.get("skipped", [])
    reasons: dict[str, int] = {}
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason] = reasons.get(reason, 0) + 1
    terminalreporter.write_line(f"{ran} ran, {len(skipped)} skipped")
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"  skipped {count}: {reason}")

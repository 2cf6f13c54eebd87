"""The product over an office with a case at every stage, served once for all tests that do not need their own."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from engine.commands.interventions import propose_repair
from engine.errors import ForbiddenError
from engine.intervention_views import RepairPlan
from tests.browser.people import OUTPUT, Album, Staff
from tests.browser.serving import Served, serving
from tests.conftest import Once
from tests.office import Case, Office
from tests.paths import stories
from tests.web import template
from tests.web.shell import Shell

HOLDERS = {"personnel_officer": "officer", "office_officer": "office", "council_secretary": "secretary",
           "director": "director", "council_chair": "director", "records_officer": "records"}  # fmt: skip


FAILED = pytest.StashKey[bool]()
"""Whether a test failed, so that fixtures keep what its pages showed."""


@dataclass(frozen=True)
class World:
    """The running product, and the keys of its cases by stage."""

    served: Served
    stages: dict[str, str]

    @property
    def office(self) -> Office:
        return self.served.office


@pytest.fixture(scope="session")
def served_world(once: Once, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Most shared tasks are taken, so that forms are seen; one waits to be taken, a change of rules for approval."""
    office, stages = template.reopen(template.kept(once), tmp_path_factory.mktemp("served-world"), seed=21)
    stories.change_proposed(office)
    stories.version_added(office)
    shell = Shell.over(office, stages)
    repair_proposed(shell.case("schedule"))
    for stage in stages:
        if stage != "check":
            take_all(shell, stage)
    with serving(office, office.clock.now(), worker=False) as served:
        yield World(served, stages)


def repair_proposed(case: Case) -> None:
    """The administrator asks that a case be put right; it waits for a second person."""
    plan = RepairPlan(variables={"proposed_form": "BANG_KHEN_BO_TRUONG"})
    propose_repair(case.office.engine, case.id, case.office.actor("admin"), plan, "Đơn vị ghi nhầm hình thức.")


def take_all(shell: Shell, stage: str) -> None:
    """Whoever holds the role takes the shared tasks of a case, unless he must keep out of it."""
    case = shell.case(stage)
    for task in case.open_tasks():
        who = HOLDERS.get(task.role)
        if task.assignee is None and who:
            with contextlib.suppress(ForbiddenError):
                shell.office.claim(task.id, shell.office.actor(who))


@contextlib.contextmanager
def at_work(browser: Browser, served: Served, test: pytest.Item) -> Iterator[Staff]:
    """The people of a served office for one test; when it failed, what everybody saw last is kept."""
    album = Album(OUTPUT / test.name.removeprefix("test_"))
    shutil.rmtree(album.folder, ignore_errors=True)
    with Staff(browser, served.url, album).at_work() as people:
        yield people
        if test.stash.get(FAILED, False):
            people.keep_last_pages()
            print(served.said())


@pytest.fixture
def world_staff(browser: Browser, served_world: World, request: pytest.FixtureRequest) -> Iterator[Staff]:
    """The people of the world, each with a browser of their own."""
    with at_work(browser, served_world.served, request.node) as people:
        yield people

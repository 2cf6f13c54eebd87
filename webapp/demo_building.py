"""Builds the demonstration's content over an empty database, and brings changed diagrams into force."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import sqlalchemy as sa

from engine.clock import FakeClock, SystemClock
from engine.commands.deployments import deploy
from engine.context import SYSTEM, Actor, DecisionContext
from engine.db import open_database, reading
from engine.deployment import DefinitionCache
from engine.ids import SeededIds
from engine.runtime_environment import Engine
from webapp.auth.service import create_account
from webapp.business_clock import set_business_clock
from webapp.demo.office import Office, Report
from webapp.demo.papers import PrintRoom
from webapp.demo.people import ACCOUNTS, PASSWORD
from webapp.demo.seed import BEGINS_AT, SEED, STANDS_AT, build
from webapp.settings import Settings
from webapp.wiring import FONTS, build_engine, file_storage, registry_of


def fill(settings: Settings, report: Report) -> None:
    """Fill an empty database: everything in it comes through the doors, the accounts and the clock aside."""
    database, sessions = open_database(settings.database_url)
    if database.dialect.name == "sqlite":
        sa.event.listen(database, "connect", _write_without_waiting)
    clock = FakeClock(BEGINS_AT)
    engine = Engine(
        sessions=sessions, registry=registry_of(settings), clock=clock, machine_clock=clock, ids=SeededIds(SEED),
        random=Random(SEED),  # noqa: S311 - repeatable on purpose; it orders ballots that nobody cast
        definitions=DefinitionCache(), nudge=lambda _ids: None,
    )  # fmt: skip
    storage = file_storage(settings)
    office = Office(engine, clock, _directory(engine))
    try:
        report("deployed", 0, 1)
        deploy(engine, settings.bpmn_dir, SYSTEM)
        report("deployed", 1, 1)
        build(office, PrintRoom(storage, FONTS), report)
        _make_accounts(engine, office, report)
        set_business_clock(sessions, SystemClock(), STANDS_AT)
    finally:
        database.dispose()


def _write_without_waiting(connection: Any, _record: Any) -> None:
    """Let the disk take its time: a build that is cut off starts over, and the whole file is synced in the end."""
    connection.execute("PRAGMA synchronous=OFF")


def _directory(engine: Engine) -> Callable[[str], Actor | None]:
    def actor_of(person_id: str) -> Actor | None:
        with reading(engine.sessions) as session:
            return engine.registry.hooks.actor_of(DecisionContext(session, engine.clock.now()), person_id)

    return actor_of


def _make_accounts(engine: Engine, office: Office, report: Report) -> None:
    """Make the accounts; hashing a password is slow on purpose, so several at a time."""
    now = SystemClock().now()

    def make(username: str) -> None:
        person_id = office.people[username]
        create_account(engine.sessions, username=username, person_id=person_id, password=PASSWORD, now=now)

    with ThreadPoolExecutor(4) as pool:
        for done, _ in enumerate(pool.map(make, [account.username for account in ACCOUNTS]), start=1):
            report("accounts", done, len(ACCOUNTS))


def deploy_product(settings: Settings) -> int:
    """Bring the product's diagrams and tables into force where they differ; return how many versions were added.

    Raises:
        DeploymentError: a diagram or table was refused; nothing was deployed.

    """
    engine = build_engine(settings, nudge=lambda _ids: None)
    try:
        return len(deploy(engine, settings.bpmn_dir, SYSTEM))
    finally:
        engine.sessions.kw["bind"].dispose()

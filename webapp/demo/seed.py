"""Builds the demonstration in an empty database: deploys, adds people and lets them work, all through the doors."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

from engine.clock import FakeClock, SystemClock
from engine.commands.deployments import deploy
from engine.context import SYSTEM
from engine.db import SessionFactory, open_database
from engine.deployment import DefinitionCache
from engine.ids import SeededIds
from engine.runtime_environment import Engine
from webapp.auth.service import create_account
from webapp.business_clock import set_business_clock
from webapp.demo.office import Office, Report
from webapp.demo.organisation import build_organisation
from webapp.demo.papers import PrintRoom
from webapp.demo.people import ACCOUNTS, PASSWORD
from webapp.demo.rounds import INTRODUCED, at, play_final_round, play_interim_round
from webapp.demo.stories import load_stories
from webapp.demo.walk import Walk
from webapp.settings import Settings
from webapp.wiring import FONTS, file_storage, registry_of

SEED = 733
"""Of ids and shuffles: the same code builds the same demonstration, but for the salts of passwords."""

STANDS_AT = at(2025, 6, 16)
"""Where the business clock stands when the demonstration is built; from then on it runs."""


def silent(_what: str, _done: int, _all: int) -> None:
    """Report nothing."""


def seed(settings: Settings, report: Report = silent) -> None:
    """Fill an empty database that stands at the newest revision. The business clock is set last: it marks the end.

    Args:
        settings: database and data directory; files are written into the latter.
        report: told what is being done, how many of how many.

    """
    database, sessions = open_database(settings.database_url)
    clock = FakeClock(at(*INTRODUCED))
    engine = Engine(
        sessions=sessions, registry=registry_of(settings), clock=clock, machine_clock=clock, ids=SeededIds(SEED),
        random=Random(SEED),  # noqa: S311 - repeatable on purpose; it orders ballots that nobody cast
        definitions=DefinitionCache(), nudge=lambda _ids: None,
    )  # fmt: skip
    try:
        _build(engine, settings, clock, report)
        set_business_clock(sessions, SystemClock(), STANDS_AT)
    finally:
        database.dispose()


def _build(engine: Engine, settings: Settings, clock: FakeClock, report: Report) -> None:
    report("deployed", 0, 1)
    deploy(engine, settings.bpmn_dir, SYSTEM)
    storage = file_storage(settings)
    office, room = Office(engine, clock, storage), PrintRoom(storage, FONTS)
    build_organisation(office, report)
    _make_accounts(engine.sessions, office, report)
    stories = load_stories()
    interim = [story for story in stories if story.round == "2022-SK"]
    final = [story for story in stories if story.round == "2025-TK"]
    campaign_id = play_interim_round(Walk(office, room), interim, report)
    play_final_round(Walk(office, room), final, campaign_id, report)
    office.stand_at(STANDS_AT)


def _make_accounts(sessions: SessionFactory, office: Office, report: Report) -> None:
    """Make the accounts; hashing passwords is slow on purpose, so several at a time."""
    now = SystemClock().now()

    def make(username: str) -> None:
        create_account(sessions, username=username, person_id=office.people[username], password=PASSWORD, now=now)

    with ThreadPoolExecutor(4) as pool:
        for done, _ in enumerate(pool.map(make, [account.username for account in ACCOUNTS]), start=1):
            report("accounts", done, len(ACCOUNTS))

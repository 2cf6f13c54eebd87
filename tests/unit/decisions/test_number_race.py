"""Numbers stay gapless and unique while many sign in the same moment, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from engine.clock import FakeClock
from engine.context import SYSTEM
from engine.db import Base, open_database, reading
from engine.deployment import DefinitionCache
from engine.ids import RandomIds, system_randomness
from engine.registry import Registry
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter
from tests.builders import NOON
from workflows.decisions import numbers
from workflows.decisions.models import DocumentType

WORKERS, TIMES = 4, 6
RUN = {"organisation_id": "agency", "document_type": DocumentType.DECISION}


class GivenUpError(Exception):
    """The signature fails after the number was taken."""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Doors over an empty database."""
    database, sessions = open_database(database_url)
    Base.metadata.create_all(database)
    clock = FakeClock(NOON)
    yield Engine(
        sessions=sessions, registry=Registry.of([], []), clock=clock, machine_clock=clock, ids=RandomIds(),
        random=system_randomness(), definitions=DefinitionCache(), nudge=lambda _ids: None,
    )  # fmt: skip
    database.dispose()


@pytest.mark.slow
def test_signing_at_once_gives_every_number_once(engine: Engine) -> None:
    start = Barrier(WORKERS)

    def sign(worker: int) -> list[int]:
        start.wait()
        return [number for time in range(TIMES) if (number := _signed(worker, time)) is not None]

    def _signed(worker: int, time: int) -> int | None:
        subject = f"{worker}-{time}"

        def work(transaction: Transaction) -> int:
            ctx = transaction.context([])
            row = numbers.give_number(ctx, subject_id=subject, pattern="{n}/QĐ", on=date(2025, 6, 16), **RUN)
            if time % 3 == 2:
                raise GivenUpError
            return row.number

        try:
            return enter(engine, "sign", SYSTEM, {"subject": subject}, work)
        except GivenUpError:
            return None

    with ThreadPoolExecutor(WORKERS) as pool:
        given = [number for numbers_of_one in pool.map(sign, range(WORKERS)) for number in numbers_of_one]
    expected = WORKERS * (TIMES - TIMES // 3)
    assert sorted(given) == list(range(1, expected + 1))
    with reading(engine.sessions) as session:
        kept = [row.number for row in numbers.numbers_of(session, "agency", DocumentType.DECISION, 2025)]
    assert kept == list(range(1, expected + 1))

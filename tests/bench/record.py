"""Proving the record: how many events a second the check reads, hashes and compares with what they vouch for."""

from typing import Any

from sqlalchemy import DateTime, Text, select, type_coerce
from sqlalchemy.types import TypeEngine

from engine.chain import GENESIS, HASHED_COLUMNS, event_hash
from engine.db import reading, table_of
from engine.history import count_events, verify
from engine.models import HistoryEvent
from tests.bench.ground import Ground
from tests.bench.result import Result, Spread, Target, timed
from tests.bench.voting import BALLOT, ballots_of, voting_cases
from tests.office import Office

CASES = 60
RATE = Target(100_000, at_least=True)
AS_STORED: dict[str, TypeEngine[Any]] = {"data": Text(), "facts": Text(), "at": DateTime(timezone=True)}
"""What was hashed of an event is the text that is stored."""


def record(ground: Ground) -> list[Result]:
    """Check the record of cases a council has voted on, on SQLite."""
    office = ground.sqlite_office()
    for case in voting_cases(office, ground.much(CASES, 4)):
        for ballot in ballots_of(case):
            office.complete(ballot.task_id, ballot.actor, **BALLOT)
    with reading(office.engine.sessions) as session:
        events = count_events(session)
    whole = timed(lambda: _verify(office), 5)
    chains = timed(lambda: _follow(office), 5)
    office.close()
    data = f"{events:,} events"
    return [
        _rate("verify the history: chains of events", events, chains, data, "read in order and hashed anew", RATE),
        _rate("… and all it vouches for: facts, cases, sources", events, whole, data,
              "every fact that an event names read and hashed too, the states of all cases; one processor"),
    ]  # fmt: skip


def _rate(name: str, events: int, took: list[float], data: str, detail: str, target: Target | None = None) -> Result:
    rates = [events / (one / 1000) for one in took]
    return Result(name, Spread.of(rates).median, "events/s", target, Spread.of(rates), data=data, detail=detail)


def _verify(office: Office) -> None:
    with reading(office.engine.sessions, at_one_instant=True) as session:
        if found := list(verify(session)):
            raise AssertionError(f"the record does not hold: {found[0]}")


def _follow(office: Office) -> None:
    """Hash every event over the one before it in its chain, as a door did; look at nothing else."""
    table = table_of(HistoryEvent)
    columns = [type_coerce(table.c[name], AS_STORED[name]) if name in AS_STORED else table.c[name]
               for name in (*HASHED_COLUMNS, "hash")]  # fmt: skip
    query = select(*columns).order_by(table.c.chain, table.c.sequence)
    chain, previous = "", GENESIS
    with reading(office.engine.sessions) as session:
        for *cells, stored in session.execute(query):
            if cells[0] != chain:
                chain, previous = cells[0], GENESIS
            if event_hash(cells, previous) != stored:
                raise AssertionError("an event was altered")
            previous = stored.hex()

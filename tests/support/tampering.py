"""An attacker who can write to the database, and the record he alters."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import history
from engine.chain import GENESIS, HASHED_COLUMNS, SYSTEM_CHAIN, chain_of, event_hash
from engine.commands.tasks import take_over_task
from engine.db import Base, CanonicalJson, UtcDateTime, canonical_json, reading, table_of
from engine.errors import TaskNotOpenError
from engine.history import Finding, Seal
from engine.models import HistoryChain, HistoryEvent, ProcessInstance
from tests.office import Case, Office, utc
from tests.paths import stories

EVENTS, INSTANCES, HEADS = table_of(HistoryEvent), table_of(ProcessInstance), table_of(HistoryChain)


@dataclass
class Record:
    """An office with a case that is over and one that runs, and a seal of both kept elsewhere."""

    office: Office
    over: Case
    runs: Case
    seal: Seal
    attacker: sa.Engine

    @classmethod
    def of(cls, office: Office, folder: Path) -> "Record":
        over = stories.straight_path(office)
        runs = stories.filed(office, nominee="nominee2")
        task = runs.task("check_completeness", "officer")
        runs.claim("check_completeness", "officer")
        take_over_task(office.engine, task.id, office.actor("secretary"), "Đồng chí Én nghỉ ốm.")
        with pytest.raises(TaskNotOpenError):
            office.complete(draft_of(over), office.actor("head"))
        with reading(office.engine.sessions, at_one_instant=True) as session:
            history.seal(session, folder / "seal.json", office.clock.now())
        attacker = sa.create_engine(office.database.url)
        if attacker.dialect.name == "postgresql":
            drop_constraints(attacker)
        else:
            sa.event.listen(attacker, "connect", ignore_constraints)
        return cls(office, over, runs, history.read_seal(folder / "seal.json"), attacker)

    def close(self) -> None:
        self.attacker.dispose()

    @contextmanager
    def attack(self) -> Iterator["Attack"]:
        """Give the attacker a transaction, and take back what he did."""
        with self.attacker.connect() as connection:
            yield Attack(self, connection)
            connection.rollback()


def draft_of(case: Case) -> UUID:
    """The task by which a nomination was filed."""
    kinds = ((event.element_id, event.kind) for event in case.history())
    place = list(kinds).index(("draft_proposal", "task.completed"))
    return UUID(case.history()[place].data["task"])


def ignore_constraints(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("PRAGMA busy_timeout = 30000")


def drop_constraints(engine: sa.Engine) -> None:
    query = sa.text("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('c', 'f') "
                    "AND connamespace = 'public'::regnamespace")  # fmt: skip
    with engine.begin() as connection:
        for table, name in connection.execute(query).all():
            connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


@dataclass
class Attack:
    """One attacker at work."""

    record: Record
    connection: sa.Connection

    def run(self, statement: sa.Executable) -> None:
        """Run a statement that must hit something."""
        assert self.connection.execute(statement).rowcount != 0

    def findings(self, business_key: str | None = None, *, sealed: bool = False) -> list[Finding]:
        """What the check says now."""
        with Session(self.connection) as session:
            return list(history.verify(session, business_key, file_hash=self.record.office.file_hash,
                                       sealed=self.record.seal if sealed else None))  # fmt: skip

    def codes(self, *, sealed: bool = False) -> set[tuple[str, str]]:
        """Code and case (or chain) of what the check says."""
        return {(found.code, found.business_key or found.chain) for found in self.findings(sealed=sealed)}

    # what attackers do

    def events(self, case: Case | None) -> list[dict[str, Any]]:
        """The rows of a chain in order: a case's, or the system's."""
        query = sa.select(EVENTS).where(EVENTS.c.chain == chain(case)).order_by(EVENTS.c.sequence)
        return [dict(row) for row in self.connection.execute(query).mappings()]

    def cut(self, case: Case, *, with_head: bool = False) -> None:
        """Delete the last event of a case; a careful attacker moves the head back too."""
        *_, before, last = self.events(case)
        self.run(sa.delete(EVENTS).where(place_of(last)))
        if with_head:
            self.move_head(case, before)

    def move_head(self, case: Case | None, last: dict[str, Any]) -> None:
        """Write another end of a chain where the database keeps it."""
        if case is None:
            self.run(sa.update(HEADS).values(sequence=last["sequence"], hash=last["hash"].hex()))
        else:
            values = {"history_sequence": last["sequence"], "history_hash": last["hash"].hex()}
            self.run(sa.update(INSTANCES).where(INSTANCES.c.id == case.id).values(values))

    def rewrite(self, case: Case | None, change: Callable[[list[dict[str, Any]]], None]) -> None:
        """Alter events and compute anew all that follows: every hash of the chain and its head."""
        rows = self.events(case)
        change(rows)
        previous = GENESIS
        for row in rows:
            texts = {name: canonical_json(row[name]).decode() for name in ("data", "facts")}
            row["hash"] = event_hash([{**row, **texts}[name] for name in HASHED_COLUMNS], previous)
            previous = row["hash"].hex()
            self.run(sa.update(EVENTS).where(place_of(row)).values(row))
        self.move_head(case, rows[-1])

    def delete_case(self, case: Case) -> None:
        """Leave no row of a case in the runtime's tables."""
        for table in reversed(Base.metadata.sorted_tables):
            if "instance_id" in table.c and table.name != "rule_evaluation":
                self.connection.execute(sa.delete(table).where(table.c.instance_id == case.id))
        self.run(sa.delete(EVENTS).where(EVENTS.c.chain == chain(case)))
        self.run(sa.delete(INSTANCES).where(INSTANCES.c.id == case.id))


def place_of(row: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    """The condition that finds an event."""
    return sa.and_(EVENTS.c.chain == row["chain"], EVENTS.c.sequence == row["sequence"])


def chain(case: Case | None) -> str:
    return SYSTEM_CHAIN if case is None else chain_of(case.id)


def altered(column: sa.Column[Any], value: Any) -> Any:
    """Another value that the column's type takes."""
    if isinstance(column.type, sa.JSON | CanonicalJson):
        return ["altered"]
    if isinstance(column.type, sa.LargeBinary):
        return (value or b"") + b"<!-- altered -->"
    if isinstance(column.type, sa.Enum):
        return next((one for one in column.type.python_type if one != value), value)
    if value is None:
        instant = isinstance(column.type, UtcDateTime)
        return utc(2025, 1, 1) if instant else {str: "x", int: 1, date: date(2025, 1, 1)}[column.type.python_type]
    if isinstance(value, bool):
        return not value
    if isinstance(value, datetime | date):
        return value + timedelta(days=1)
    if isinstance(value, UUID):
        return uuid4()
    return value + 1_000 if isinstance(value, int) else f"{value}x"

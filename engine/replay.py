"""What a changed table would have answered: all past evaluations of it again, by the stored inputs."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import dmn
from engine.context import DecisionContext
from engine.db import reading
from engine.deployment import TableFile
from engine.errors import EngineError
from engine.models import ProcessInstance, RuleEvaluation, TableVersion
from engine.runtime_environment import Engine
from engine.tables import decision_outputs, matched_rows, plain_outputs, reevaluate, revived

Functions = Mapping[str, Callable[..., Any]]
Answer = tuple[dict[str, Any] | None, Exception | None, tuple[dict[str, Any], ...]]
"""Outputs, the fault when there are none, and the rows that matched."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Change:
    """One past evaluation that the changed table answers otherwise.

    Attributes:
        before, after: the outputs; `after` is None where the changed table refuses to answer.
        fault: why it refuses, empty when it answers; `refusal` is the error itself.
        rows_before, rows_after: the rows that matched, as `matched_rows` has them: the reason of the difference.
        within: the day it was looked up by lies in the days the changed version would hold.

    """

    evaluation_id: UUID
    business_key: str
    at: datetime
    looked_up_on: date
    inputs: dict[str, Any]
    before: Any
    after: Any
    fault: str
    rows_before: tuple[dict[str, Any], ...]
    rows_after: tuple[dict[str, Any], ...]
    within: bool
    refusal: EngineError | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """All past evaluations of one table under a changed version.

    Attributes:
        valid_until: the day the next version begins; None when none follows.
        total, within: how many were evaluated again, and how many of them were looked up in the version's days.

    """

    table: str
    valid_from: date
    valid_until: date | None
    sha256: str
    total: int
    within: int
    changes: tuple[Change, ...]

    @property
    def changed_within(self) -> int:
        """How many outcomes change among those of the version's own days."""
        return sum(change.within for change in self.changes)


@dataclass(slots=True)
class _Answers:
    """Evaluates a table; equal inputs are asked once, for most cases differ in few of them."""

    model: dmn.Model
    table: str
    functions: Callable[[datetime], Functions]
    known: dict[str, Answer] = field(default_factory=dict)

    def of(self, row: RuleEvaluation) -> Answer:
        """Return outputs, fault and matched rows."""
        bound = self.functions(row.at)
        key = json.dumps([row.inputs, str(row.at) if bound else ""], sort_keys=True)
        if key not in self.known:
            try:
                found = self.model.evaluate(self.table, revived(self.model, self.table, row.inputs), bound)
                self.known[key] = decision_outputs(found.value), None, tuple(matched_rows(found))
            except (EngineError, ValueError, ArithmeticError) as fault:
                self.known[key] = None, fault, ()
        return self.known[key]


def replay(engine: Engine, file: TableFile, *, since: date | None = None) -> Replay:
    """Ask a changed table all that was ever asked of it.

    Args:
        file: the changed version, deployed or not.
        since: leave out what was looked up by an earlier day.

    Raises:
        DmnFileError: the file cannot be read at all.

    """
    model = dmn.load(file.xml, functions=tuple(engine.registry.functions))
    with reading(engine.sessions, at_one_instant=True) as session:
        until = session.execute(
            select(func.min(TableVersion.valid_from))
            .where(TableVersion.table_key == file.table, TableVersion.valid_from > file.valid_from)
        ).scalar_one()  # fmt: skip
        names = [name for name in engine.registry.functions if name.encode() in file.xml]
        answers = _Answers(model, file.table, partial(_bound, engine, session, names))
        total = within = 0
        changes = []
        for row, business_key in _past(session, file.table, since):
            inside = row.looked_up_on >= file.valid_from and (until is None or row.looked_up_on < until)
            total, within = total + 1, within + inside
            if change := _compare(row, business_key, answers, inside):
                changes.append(change)
    return Replay(file.table, file.valid_from, until, file.sha256, total, within, tuple(changes))


def unfrozen(engine: Engine) -> tuple[int, list[UUID]]:
    """Evaluate everything ever decided again with the version it used; return how much, and what now differs.

    What differs was altered, or depends on more than its inputs; there is nothing else it could be.
    """
    count, wrong, names = 0, [], tuple(engine.registry.functions)
    with reading(engine.sessions, at_one_instant=True) as session:
        for row, _key in _past(session, None, None):
            count += 1
            try:
                again = reevaluate(session, row, engine.definitions.tables, _bound(engine, session, names, row.at))
            except EngineError:
                wrong.append(row.id)
                continue
            if decision_outputs(again.value) != row.outputs or matched_rows(again) != row.matched:
                wrong.append(row.id)
    return count, wrong


def _bound(engine: Engine, session: Session, names: Iterable[str], at: datetime) -> Functions:
    context = DecisionContext(session, at)
    return {name: engine.registry.functions[name](context) for name in names}


def _past(session: Session, table: str | None, since: date | None) -> Iterator[tuple[RuleEvaluation, str]]:
    query: Any = (
        select(RuleEvaluation, ProcessInstance.business_key)
        .outerjoin(ProcessInstance, ProcessInstance.id == RuleEvaluation.instance_id)
        .order_by(RuleEvaluation.at.desc(), RuleEvaluation.id)
    )
    if table is not None:
        query = query.where(RuleEvaluation.table_key == table)
    if since is not None:
        query = query.where(RuleEvaluation.looked_up_on >= since)
    for row, business_key in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield row, business_key or ""


def _compare(row: RuleEvaluation, business_key: str, answers: _Answers, inside: bool) -> Change | None:
    outputs, fault, rows = answers.of(row)
    if outputs == row.outputs:
        return None
    return Change(
        row.id, business_key, row.at, row.looked_up_on, dict(row.inputs), plain_outputs(row.outputs),
        None if outputs is None else plain_outputs(outputs), "" if fault is None else str(fault), tuple(row.matched),
        rows, inside, fault if isinstance(fault, EngineError) else None,
    )  # fmt: skip

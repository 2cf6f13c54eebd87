"""Reads the decision tables in force on a day, outside a step. Nothing here writes; steps use `ctx.decide`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import dmn
from engine.context import DecisionContext, FunctionFactory
from engine.diagram_versions import diagrams_in_force
from engine.dmn import Decision, Model
from engine.errors import NotFoundError
from engine.models import TableVersion
from engine.tables import TableCache, in_force, plain
from workflows.rulebook.models import ChangeKind, ChangeProposal, ChangeReview, ChangeWithdrawal

_TABLES = TableCache()  # parsed tables by hash; a hash never changes its meaning


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row of a table as an officer reads it, with the marks that tell how sure it is."""

    table: str
    valid_from: date
    number: int
    outputs: dict[str, Any]
    rule: str
    source: str
    confidence: str


def decide(session: Session, table: str, inputs: Mapping[str, Any], on: date) -> Decision:
    """Evaluate the table in force on a day.

    Raises:
        NoTableInForceError: none had begun.
        DmnError: no rule matched, or two where one is allowed.

    """
    version = in_force(session, table, on)
    return ask(session, parsed(session, version.sha256), table, inputs, on)


def ask(session: Session, model: Model, table: str, inputs: Mapping[str, Any], on: date) -> Decision:
    """Evaluate a parsed table, which may call the functions diagrams may call.

    Raises:
        DmnError: no rule matched, or two where one is allowed.

    """
    at = DecisionContext(session, datetime.combine(on, time(), UTC))
    return model.evaluate(table, dict(inputs), {name: make(at) for name, make in _functions().items()})


def parsed(session: Session, sha256: str) -> Model:
    """Return the deployed table with that hash, parsed once."""
    return _TABLES.get(session, sha256, _functions().keys())


def load(xml: bytes) -> Model:
    """Return a table that is not deployed, read as the deployed ones are.

    Raises:
        DmnFileError: the file cannot be read.

    """
    return dmn.load(xml, functions=tuple(_functions()))


def _functions() -> Mapping[str, FunctionFactory]:
    from workflows.rulebook.calendar import FUNCTIONS  # which reads the table of holidays through this module

    return FUNCTIONS


def policy(session: Session, parameter: str, on: date) -> Any:
    """Return a policy parameter in force on a day: text, whole number, decimal as text, or yes/no."""
    return plain(decide(session, "policy", {"parameter": parameter}, on).value)


def rows_of(decision: Decision, table: str, valid_from: date) -> list[RuleRow]:
    """Return the rows that matched, with their marks."""
    return [
        RuleRow(
            table, valid_from, rule.number, plain(rule.outputs), rule.annotations.get("rule", ""),
            rule.annotations.get("source", ""), rule.annotations.get("confidence", ""),
        )
        for trace in decision.trace.tables
        for rule in trace.matched
    ]  # fmt: skip


def explain(session: Session, table: str, inputs: Mapping[str, Any], on: date) -> list[RuleRow]:
    """Return the rows that match, for the page `Quy định áp dụng`."""
    return rows_of(decide(session, table, inputs, on), table, in_force(session, table, on).valid_from)


def versions_of(session: Session, table: str) -> list[tuple[date, str]]:
    """Return the versions of a table: the day each begins and its hash. An end is the next start."""
    query = sa.select(TableVersion.valid_from, TableVersion.sha256).where(TableVersion.table_key == table)
    return [(valid_from, sha256) for valid_from, sha256 in session.execute(query.order_by(TableVersion.valid_from))]


def table_keys(session: Session) -> list[str]:
    """Return the keys of all tables that were ever deployed."""
    return list(session.scalars(sa.select(TableVersion.table_key).distinct().order_by(TableVersion.table_key)))


def deadline_keys(session: Session) -> list[str]:
    """Return the kinds of work that the newest version of `deadlines` has a row for, in the order of the table."""
    versions = versions_of(session, "deadlines")
    table = parsed(session, versions[-1][1]).element("deadlines").table if versions else None
    return [] if table is None else [rule.tests[0].text.strip('"') for rule in table.rules]


def newest_xml(session: Session, table: str) -> str:
    """Return the file of a table's latest version as text."""
    query = sa.select(TableVersion.xml).where(TableVersion.table_key == table).order_by(TableVersion.valid_from.desc())
    found = session.scalars(query.limit(1)).first()
    return found.decode() if found else ""


def get_change(session: Session, change_id: str) -> ChangeProposal:
    """Return a proposed change.

    Raises:
        NotFoundError: there is none.

    """
    found = session.get(ChangeProposal, change_id)
    if found is None:
        raise NotFoundError("no such change", change=change_id)
    return found


def diagram_hash(session: Session, process_key: str) -> str:
    """Return the hash of a process's diagram in force, empty when there is none."""
    xml = diagrams_in_force(session).get(process_key)
    return "" if xml is None else hashlib.sha256(xml).hexdigest()


def waiting_processes(session: Session) -> frozenset[str]:
    """Return the keys of the processes of which a proposed diagram waits for an answer."""
    found = list_changes(session)
    return frozenset(
        one.proposal.subject_key for one in found if one.state == "waiting" and one.proposal.kind is ChangeKind.DIAGRAM
    )


def newest_proposal(session: Session, process_key: str) -> bytes | None:
    """Return the diagram that was last proposed for a process, None when none was."""
    query = (
        sa.select(ChangeProposal.content)
        .where(ChangeProposal.kind == ChangeKind.DIAGRAM, ChangeProposal.subject_key == process_key)
        .order_by(ChangeProposal.proposed_at.desc(), ChangeProposal.number.desc())
    )
    return session.scalars(query.limit(1)).first()


def find_change(session: Session, change_key: str) -> ChangeProposal | None:
    """Return the change with the key people call it by."""
    return session.scalars(sa.select(ChangeProposal).where(ChangeProposal.change_key == change_key)).first()


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A proposed change with what became of it; both None while it waits."""

    proposal: ChangeProposal
    review: ChangeReview | None
    withdrawal: ChangeWithdrawal | None

    @property
    def state(self) -> str:
        """`approved`, `rejected`, `withdrawn` or `waiting`."""
        if self.withdrawal is not None:
            return "withdrawn"
        return self.review.outcome.value if self.review is not None else "waiting"


def list_changes(session: Session, kind: ChangeKind | None = None, subject_key: str = "") -> list[ChangeLine]:
    """Return the proposed changes with what became of them, newest first; of one table or process when it is named."""
    query = (
        sa.select(ChangeProposal, ChangeReview, ChangeWithdrawal)
        .outerjoin(ChangeReview, ChangeReview.change_id == ChangeProposal.change_id)
        .outerjoin(ChangeWithdrawal, ChangeWithdrawal.change_id == ChangeProposal.change_id)
        .order_by(ChangeProposal.proposed_at.desc(), ChangeProposal.number.desc())
    )
    if kind is not None:
        query = query.where(ChangeProposal.kind == kind, ChangeProposal.subject_key == subject_key)
    return [ChangeLine(*found) for found in session.execute(query)]


def review_of(session: Session, change_id: str) -> ChangeReview | None:
    """Return the answer to a change, None while it waits."""
    return session.get(ChangeReview, change_id)


def withdrawal_of(session: Session, change_id: str) -> ChangeWithdrawal | None:
    """Return that a change was taken back, None when it was not."""
    return session.get(ChangeWithdrawal, change_id)


def changes_of_year(session: Session, year: int) -> int:
    """Return the highest number given to a change in a year, 0 before the first."""
    return session.scalar(sa.select(sa.func.max(ChangeProposal.number)).where(ChangeProposal.year == year)) or 0

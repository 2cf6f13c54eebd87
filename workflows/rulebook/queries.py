"""Reads the decision tables in force on a day, outside a step. Nothing here writes; steps use `ctx.decide`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.dmn import Decision, Model
from engine.models import TableVersion
from engine.tables import TableCache, in_force, plain

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
    return parsed(session, version.sha256).evaluate(table, dict(inputs))


def parsed(session: Session, sha256: str) -> Model:
    """Return the deployed table with that hash, parsed once."""
    return _TABLES.get(session, sha256)


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

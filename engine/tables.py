"""Decision tables in force on a day, and their evaluation with a stored trace."""

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import dmn, feel
from engine.context import Values
from engine.db import canonical, fact_hash
from engine.ids import Ids
from engine.models import RuleEvaluation, TableVersion


class TableCache:
    """Parsed tables by the hash of their file; shared by all threads of an OS process."""

    def __init__(self) -> None:
        self._models: dict[str, dmn.Model] = {}
        self._lock = threading.Lock()

    def get(self, session: Session, sha256: str, functions: Collection[str] = ()) -> dmn.Model:
        """Return the parsed table with that hash, which must be in the database.

        `functions` are the names of further functions the table may call: the same in the whole OS process.
        """
        model = self._models.get(sha256)
        if model is None:
            xml = session.execute(select(TableVersion.xml).where(TableVersion.sha256 == sha256).limit(1)).scalar_one()
            with self._lock:
                model = self._models.setdefault(sha256, dmn.load(xml, functions=tuple(functions)))
        return model


_VERSIONS = "table_versions"


@dataclass(frozen=True, slots=True)
class InForce:
    """Which version of a table holds on a day."""

    table: str
    valid_from: date
    sha256: str


def forget_versions(session: Session) -> None:
    """Let a session read the days of the tables anew: one was added within its transaction."""
    session.info.pop(_VERSIONS, None)


def in_force(session: Session, table: str, on: date) -> InForce:
    """Return the version of a table in force on a day: the latest that began on or before it.

    A session reads the days and hashes of all tables once: counting working days asks for every day.

    Raises:
        NoTableInForceError: none had begun.

    """
    if _VERSIONS not in session.info:
        query = select(TableVersion.table_key, TableVersion.valid_from, TableVersion.sha256)
        known: dict[str, list[tuple[date, str]]] = {}
        for key, valid_from, sha256 in session.execute(query.order_by(TableVersion.valid_from.desc())):
            known.setdefault(key, []).append((valid_from, sha256))
        session.info[_VERSIONS] = known
    versions: list[tuple[date, str]] = session.info[_VERSIONS].get(table, [])
    for valid_from, sha256 in versions:
        if valid_from <= on:
            return InForce(table, valid_from, sha256)
    raise dmn.NoTableInForceError("no table in force", table=table, on=on.isoformat())


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A decision made: its value as FEEL gave it, the row to store and the row's hash for history."""

    value: Any
    row: dict[str, Any]
    digest: str

    @property
    def fact(self) -> tuple[str, str]:
        """Identity and hash under which history knows the stored row."""
        return f"{RuleEvaluation.__tablename__}:{self.row['id']}", self.digest

    @property
    def rules(self) -> list[str]:
        """Ids of the rules that matched."""
        return [str(rule["rule"]) for rule in self.row["matched"]]


def evaluate(
    session: Session, cache: TableCache, ids: Ids, *, table: str, inputs: Values, on: date, at: datetime,
    functions: Mapping[str, Callable[..., Any]], instance_id: UUID | None = None, element_id: str = "",
) -> Evaluated:  # fmt: skip
    """Evaluate the table in force on a day; the caller stores the row.

    Raises:
        DmnError: no version had begun on that day; no rule matched, or two where one is allowed.

    """
    version = in_force(session, table, on)
    decision = cache.get(session, version.sha256, functions).evaluate(table, inputs, functions)
    row = {
        "id": ids.new(),
        "instance_id": instance_id,
        "element_id": element_id,
        "table_key": table,
        "valid_from": version.valid_from,
        "sha256": version.sha256,
        "looked_up_on": on,
        "at": at,
        "inputs": plain(inputs),
        "outputs": decision_outputs(decision.value),
        "matched": matched_rows(decision),
    }  # fmt: skip
    return Evaluated(decision.value, row, fact_hash(RuleEvaluation(**row)))


def matched_rows(decision: dmn.Decision) -> list[dict[str, Any]]:
    """Return the rows that matched, as they are stored: which of which table, its outputs, its source and mark."""
    return [
        {"rule": rule.id, "row": rule.number, "decision": trace.decision, "outputs": plain(rule.outputs),
         "annotations": plain(rule.annotations)}
        for trace in decision.trace.tables
        for rule in trace.matched
    ]  # fmt: skip


def reevaluate(
    session: Session, evaluation: RuleEvaluation, cache: TableCache,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> dmn.Decision:  # fmt: skip
    """Evaluate a stored decision again: the same inputs under the same file, whatever is in force today.

    Its `decision_outputs` are those stored, years later too: the file is found by its hash and nothing else is asked.

    Raises:
        DmnError: the stored row does not fit the stored file, so one of them was altered.

    """
    model = cache.get(session, evaluation.sha256, functions or {})
    return model.evaluate(evaluation.table_key, revived(model, evaluation.table_key, evaluation.inputs), functions)


def revived(model: dmn.Model, table: str, stored: Mapping[str, Any]) -> Values:
    """Return stored inputs as FEEL values: what JSON holds as text is read again by the types the file declares."""
    types = {data.name: data.item_type for data in model.inputs(table)}
    for part in model.tables.values():
        for clause in part.inputs:
            if types.get(clause.expression.text, clause.item_type).base == "Any":
                types[clause.expression.text] = clause.item_type
    return {name: _revived(value, types.get(name)) for name, value in stored.items()}


def _revived(value: Any, item_type: dmn.ItemType | None) -> Any:
    if item_type is None:
        return value
    if isinstance(value, list):
        return [_revived(item, item_type) for item in value]
    if isinstance(value, Mapping):
        return {name: _revived(item, item_type.components.get(name)) for name, item in value.items()}
    if not isinstance(value, str) or item_type.base in ("string", "Any"):
        return value
    return Decimal(value) if item_type.base == "number" else feel.parse_temporal(value)


def decision_outputs(value: Any) -> dict[str, Any]:
    """Return a decision's value as a JSON object; a single value or a list stands under `value`."""
    found = plain(value)
    return found if isinstance(found, dict) else {"value": found}


def plain_outputs(stored: Mapping[str, Any]) -> Any:
    """Return what a decision gave, of what `decision_outputs` made to store: a value or list stood under `value`."""
    return stored["value"] if stored.keys() == {"value"} else dict(stored)


def plain(value: Any) -> Any:
    """Return a FEEL value as JSON: whole numbers as int, other decimals, dates and durations as text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    found = canonical(value)
    return found if isinstance(found, str) else feel.to_text(value)

"""The record: events of the chains and stored decisions."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, literal, select, tuple_
from sqlalchemy.orm import Session

from engine.chain import chain_of, unpacked_data, unpacked_facts
from engine.db import reading
from engine.models import HistoryEvent, RuleEvaluation, TableVersion
from engine.queries import cursors
from engine.runtime_environment import Engine
from engine.tables import plain_outputs
from engine.views import EvaluationView, EventPage, EventView


def list_history(engine: Engine, instance_id: UUID) -> tuple[EventView, ...]:
    """Return all events of a case's chain in their order."""
    query = select(HistoryEvent).where(HistoryEvent.chain == chain_of(instance_id)).order_by(HistoryEvent.sequence)
    with reading(engine.sessions) as session:
        return tuple(_event(row) for row in session.scalars(query))


def search_events(
    engine: Engine, *, business_key: str | None = None, actor_id: str | None = None, kind: str | None = None,
    chain: str | None = None, since: datetime | None = None, until: datetime | None = None,
    process_key: str | None = None, limit: int = 50, cursor: str | None = None,
) -> EventPage:  # fmt: skip
    """Return one page of events of all chains, newest first.

    Args:
        chain: an instance id, or `system`.
        since: from this instant on; `until`: before this instant.

    Raises:
        InvalidInputError: the cursor is broken.

    """
    wanted = {
        HistoryEvent.business_key: business_key, HistoryEvent.actor_id: actor_id, HistoryEvent.kind: kind,
        HistoryEvent.chain: chain, HistoryEvent.process_key: process_key,
    }  # fmt: skip
    conditions: list[ColumnElement[bool]] = [column == value for column, value in wanted.items() if value is not None]
    if since is not None:
        conditions.append(HistoryEvent.at >= since)
    if until is not None:
        conditions.append(HistoryEvent.at < until)
    order = (HistoryEvent.at, HistoryEvent.chain, HistoryEvent.sequence)
    if cursor:
        place = cursors.decode(cursor, cursors.instant, cursors.text, cursors.whole)
        bound = [literal(part, column.type) for part, column in zip(place, order, strict=True)]
        conditions.append(tuple_(*order) < tuple_(*bound))
    size = cursors.clamp(limit)
    query = select(HistoryEvent).where(*conditions).order_by(*(part.desc() for part in order)).limit(size + 1)
    with reading(engine.sessions) as session:
        views = tuple(_event(row) for row in session.scalars(query))
    if len(views) <= size:
        return EventPage(views, None)
    last = views[size - 1]
    return EventPage(views[:size], cursors.encode(last.at, last.chain, last.sequence))


def _event(row: HistoryEvent) -> EventView:
    return EventView(
        row.chain, row.sequence, row.kind, row.at, row.actor_id, row.actor_name, row.post, row.business_key,
        row.process_key, row.element_id, unpacked_data(row.data), tuple(unpacked_facts(row.facts)), row.hash.hex(),
    )  # fmt: skip


def list_evaluations(engine: Engine, instance_id: UUID) -> tuple[EvaluationView, ...]:
    """Return the decisions made for a case, in the order of time."""
    query = (
        select(RuleEvaluation)
        .where(RuleEvaluation.instance_id == instance_id)
        .order_by(RuleEvaluation.at, RuleEvaluation.element_id, RuleEvaluation.table_key, RuleEvaluation.id)
    )
    with reading(engine.sessions) as session:
        rows = session.scalars(query).all()
        starts = _starts(session, {row.table_key for row in rows})
    return tuple(_evaluation(row, starts[row.table_key]) for row in rows)


def _starts(session: Session, tables: set[str]) -> dict[str, list[date]]:
    """Return the days on which the versions of tables begin."""
    query = select(TableVersion.table_key, TableVersion.valid_from).where(TableVersion.table_key.in_(tables))
    found: dict[str, list[date]] = {table: [] for table in tables}
    for table, valid_from in session.execute(query) if tables else ():
        found[table].append(valid_from)
    return found


def _evaluation(row: RuleEvaluation, starts: list[date]) -> EvaluationView:
    return EvaluationView(
        row.id, row.instance_id, row.element_id, row.table_key, row.valid_from, row.sha256, row.looked_up_on, row.at,
        dict(row.inputs), plain_outputs(row.outputs), tuple(row.matched),
        min((day for day in starts if day > row.valid_from), default=None),
    )  # fmt: skip

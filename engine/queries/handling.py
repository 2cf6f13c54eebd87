"""Lists of operators, page by page: cases that are not over, proposals, incidents, verdicts of a migration."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from engine.case import instance_view
from engine.context import SYSTEM
from engine.db import reading
from engine.intervention_views import Page, RepairView, Verdict
from engine.migration import verdict_of, version_of
from engine.models import InstanceStatus, Job, ProcessInstance, ProcessVersion, RepairRequest, RepairState
from engine.queries import cursors
from engine.queries.operations import failed, incident_view
from engine.repairs import request_view
from engine.runtime_environment import Engine
from engine.text import storable
from engine.transaction import Transaction
from engine.views import IncidentView, InstanceView

Row = TypeVar("Row")
Item = TypeVar("Item")
Readers = tuple[Callable[[Any], Any], ...]


def _after(
    columns: tuple[InstrumentedAttribute[Any], ...], readers: Readers, cursor: str | None, *, down: bool
) -> list[ColumnElement[bool]]:
    """Return the condition that a row comes after the last one of the page before; none on the first page."""
    if not cursor:
        return []
    place = cursors.decode(cursor, *readers)
    bound = tuple_(*(literal(part, column.type) for part, column in zip(place, columns, strict=True)))
    return [tuple_(*columns) < bound if down else tuple_(*columns) > bound]


def _page(rows: list[Row], size: int, view: Callable[[Row], Item], place: Callable[[Row], str]) -> Page[Item]:
    """Return a page of the rows read, of which the one too many says that there is more."""
    shown = rows[:size]
    return Page(tuple(view(row) for row in shown), place(shown[-1]) if len(rows) > size else None)


def search_open_cases(
    engine: Engine, status: str, *, process_key: str | None = None, limit: int = 50, cursor: str | None = None
) -> Page[InstanceView]:
    """Return one page of the cases that are `running`, `suspended` or stand at an `incident`, in the order of ids.

    Raises:
        InvalidInputError: the cursor is broken.
        ValueError: no such status.

    """
    size = cursors.clamp(limit)
    # the status is written out, so that the partial index of that status serves
    wanted = ProcessInstance.status == literal(
        InstanceStatus(status), ProcessInstance.status.type, literal_execute=True
    )
    query = (
        select(ProcessInstance, ProcessVersion.version)
        .join(ProcessVersion, ProcessVersion.id == ProcessInstance.process_version_id)
        .where(wanted, *_after((ProcessInstance.id,), (UUID,), cursor, down=False))
        .order_by(ProcessInstance.id)
        .limit(size + 1)
    )
    if process_key is not None:
        query = query.where(ProcessInstance.process_key == storable(process_key))
    with reading(engine.sessions) as session:
        rows = [(row, version) for row, version in session.execute(query)]
        return _page(rows, size, lambda found: instance_view(*found), lambda found: cursors.encode(str(found[0].id)))


def search_requests(
    engine: Engine, *, instance_id: UUID | None = None, state: str | None = None, limit: int = 50,
    cursor: str | None = None,
) -> Page[RepairView]:  # fmt: skip
    """Return one page of proposals, newest first: of a case, of a state, or all.

    Raises:
        InvalidInputError: the cursor is broken.
        ValueError: no such state.

    """
    size, order = cursors.clamp(limit), (RepairRequest.at, RepairRequest.request_id)
    query = (
        select(RepairRequest)
        .where(RepairRequest.version == 1, *_after(order, (cursors.instant, UUID), cursor, down=True))
        .order_by(*(part.desc() for part in order))
        .limit(size + 1)
    )
    if instance_id is not None:
        query = query.where(RepairRequest.instance_id == instance_id)
    if state is not None:
        query = query.where(_stands(RepairState(state)))
    with reading(engine.sessions) as session:
        rows = list(session.scalars(query))
        ends = select(RepairRequest).where(
            RepairRequest.request_id.in_([row.request_id for row in rows]), RepairRequest.version > 1
        )
        ended = {row.request_id: row for row in session.scalars(ends)} if rows else {}
        return _page(
            rows, size,
            lambda row: request_view([row, ended[row.request_id]] if row.request_id in ended else [row]),
            lambda row: cursors.encode(row.at, str(row.request_id)),
        )  # fmt: skip


def _stands(state: RepairState) -> ColumnElement[bool]:
    """Return the condition that a proposal stands at a state: what ended it is its later version."""
    later = aliased(RepairRequest)
    of_this = exists().where(later.request_id == RepairRequest.request_id, later.version > 1)
    return ~of_this if state == RepairState.PROPOSED else of_this.where(later.state == state)


def search_incidents(
    engine: Engine, *, cause: str | None = None, limit: int = 50, cursor: str | None = None
) -> Page[IncidentView]:
    """Return one page of the jobs that gave up, latest first; of one cause, or of all.

    Raises:
        InvalidInputError: the cursor is broken.

    """
    size, order = cursors.clamp(limit), (Job.finished_at, Job.id)
    query: Select[Any] = (
        select(Job)
        .where(failed(), *_after(order, (cursors.instant, UUID), cursor, down=True))
        .order_by(*(part.desc() for part in order))
        .limit(size + 1)
    )
    if cause is not None:
        query = query.where(Job.cause == storable(cause))
    with reading(engine.sessions) as session:
        rows: list[Job] = list(session.scalars(query))
        return _page(
            rows, size, incident_view, lambda row: cursors.encode(row.finished_at or row.created_at, str(row.id))
        )


def search_verdicts(
    engine: Engine, process_key: str, before: int, after: int, *, chosen: tuple[UUID, ...] = (), limit: int = 50,
    cursor: str | None = None,
) -> Page[Verdict]:  # fmt: skip
    """Say of one page of the running cases of a version, in the order of ids, whether each can move to another.

    Only the cases of the page are looked at. With `chosen`, of these alone.

    Raises:
        NotFoundError: no such version.
        InvalidInputError: the cursor is broken.

    """
    size = cursors.clamp(limit)
    with reading(engine.sessions) as session:
        transaction = Transaction(engine, session, SYSTEM, engine.clock.now(), False)
        to = engine.definitions.get(session, version_of(session, process_key, after))
        query = (
            select(ProcessInstance)
            .where(
                ProcessInstance.process_version_id == version_of(session, process_key, before),
                ProcessInstance.ended_at.is_(None), *_after((ProcessInstance.id,), (UUID,), cursor, down=False),
            )
            .order_by(ProcessInstance.id)
            .limit(size + 1)
        )  # fmt: skip
        if chosen:
            query = query.where(ProcessInstance.id.in_(chosen))
        rows = list(session.scalars(query))
        return _page(rows, size, lambda row: verdict_of(transaction, row, to), lambda row: cursors.encode(str(row.id)))

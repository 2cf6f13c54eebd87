"""Versioned facts: rows that are only ever added, where the highest version of a key is what holds."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from engine.context import StepContext
from engine.db import Fact


class VersionedFact(Fact):
    """Mixin of facts that may be corrected or ended: a new row with the next version, the old one stays.

    Attributes:
        id: the row's own id.
        version: 1 for the first statement, then counting.
        recorded_at: business instant of the door that wrote it.
        recorded_by: person id, or `system`.

    """

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


RowT = TypeVar("RowT", bound=VersionedFact)


class _Dated(Protocol):
    valid_from: Any
    valid_to: Any


def latest(model: type[RowT], key: str) -> sa.Select[RowT]:
    """Return a query of the newest version of each fact; `key` names the column that identifies the fact."""
    return cast("sa.Select[RowT]", _latest(cast(Any, model), key))


@cache
def _latest(model: Any, key: str) -> sa.Select[Any]:
    """Build the query once for each model: a statement is never altered, what is added makes another."""
    newer = aliased(model)
    same = getattr(newer, key) == getattr(model, key)
    return sa.select(model).where(
        ~sa.select(newer.version).where(same, newer.version > model.version).correlate(model).exists()
    )


def in_force(model: Any, on: date) -> sa.ColumnElement[bool]:
    """Return the condition that a dated fact holds on a day; both ends are inclusive."""
    dated = cast("_Dated", model)
    return sa.and_(dated.valid_from <= on, sa.or_(dated.valid_to.is_(None), dated.valid_to >= on))


def newest(session: Session, model: type[RowT], key: str, value: str) -> RowT | None:
    """Return the newest version of one fact, or None."""
    return cast("RowT | None", session.scalars(_newest(cast(Any, model), key), {"sought": value}).first())


@cache
def _newest(model: Any, key: str) -> sa.Select[Any]:
    """Build the query once for each model: of all questions of the rooms it is asked most often."""
    column = getattr(model, key)
    return sa.select(model).where(column == sa.bindparam("sought")).order_by(model.version.desc()).limit(1)


def write(ctx: StepContext, model: type[RowT], *, key: str = "", **columns: Any) -> RowT:
    """Insert a fact, or its next version when `key` names a column whose value is already known.

    Args:
        ctx: the step's context; its door's event will carry the fact's hash.
        model: the fact's table.
        key: the identifying column; a new id is given to it when `columns` has none.
        **columns: the content.

    """
    version = 1
    if key:
        identity = columns.setdefault(key, str(ctx.ids.new()))
        before = newest(ctx.session, model, key, identity)
        version = 1 if before is None else before.version + 1
    return _record(ctx, model, {**columns, "version": version})


def write_new(ctx: StepContext, model: type[RowT], identity: str, /, **columns: Any) -> RowT:
    """Insert the first version of a fact under a new id in the column `identity`; a column may be called `key`."""
    return _record(ctx, model, {identity: str(ctx.ids.new()), **columns, "version": 1})


def amend(ctx: StepContext, row: RowT, **changes: Any) -> RowT:
    """Insert the next version of a fact: the row's content with `changes`."""
    kept = {
        column.key: getattr(row, column.key)
        for column in sa.inspect(type(row)).column_attrs
        if column.key not in {"id", "version", "recorded_at", "recorded_by"}
    }
    return _record(ctx, type(row), {**kept, **changes, "version": row.version + 1})


def _record(ctx: StepContext, model: type[RowT], columns: dict[str, Any]) -> RowT:
    build: Callable[..., RowT] = model
    row = build(id=ctx.ids.new(), recorded_at=ctx.now, recorded_by=ctx.actor.id, **columns)
    ctx.record_fact(row)
    return row

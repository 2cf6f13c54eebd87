"""Queues and task pages. "Mine" and "my groups" are index walks of their own, never one condition with OR."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine import access
from engine.case import services_of
from engine.commands._loading import load_task, require_open
from engine.context import Actor
from engine.db import reading
from engine.errors import NotFoundError
from engine.models import Draft, TaskStatus, UserTask
from engine.projection import task_view
from engine.queries import cursors
from engine.registry import UserStep
from engine.runtime_environment import Engine
from engine.text import fold
from engine.transaction import Transaction
from engine.views import FormView, TaskPage, TaskView

Queue = Literal["mine", "group", "done"]

MOST_COUNTED = 10_000
"""A count stops here: nobody needs the exact length of a longer queue, and each page shows it."""

# written out, not bound: so the partial indexes answer alone, without looking at the rows
_OPEN: ColumnElement[bool] = UserTask.status == literal_column(f"'{TaskStatus.OPEN}'")


def list_tasks(
    engine: Engine, actor: Actor, queue: Queue, *, limit: int = 50, cursor: str | None = None, text: str = ""
) -> TaskPage:
    """Return one page of a queue.

    Args:
        queue: `mine` (what the actor holds) and `group` (what his roles share) oldest first, `done` latest first.
        text: only tasks whose name and business key hold each of its words, without case and accents.

    Raises:
        InvalidInputError: the cursor is broken.

    """
    size = cursors.clamp(limit)
    place = cursors.decode(cursor, cursors.instant, UUID) if cursor else None
    with reading(engine.sessions) as session:
        if queue == "done":
            rows = _done(session, actor, size + 1, place, text)
        elif queue == "mine":
            rows = _walk(session, [UserTask.assignee == actor.id], size + 1, place, text)
        else:
            queues = [UserTask.queue == group for group in sorted(actor.groups)]
            rows = _walk(session, queues, size + 1, place, text)
        views = tuple(task_view(row) for row in rows[:size])
    if len(rows) <= size:
        return TaskPage(views, None)
    last = views[-1]
    shown_at = last.completed_at if queue == "done" and last.completed_at else last.created_at
    return TaskPage(views, cursors.encode(shown_at, str(last.id)))


def _walk(
    session: Session, queues: list[ColumnElement[bool]], size: int, place: tuple[Any, ...] | None, text: str
) -> list[UserTask]:
    """Merge the first rows of each queue, each found by a walk of its index."""
    if not queues:
        return []
    order = (UserTask.created_at, UserTask.id)
    walks = []
    for mine in queues:
        query = select(UserTask.id).where(mine, _OPEN, *_containing(text)).order_by(*order).limit(size)
        if place is not None:
            query = query.where(tuple_(*order) > _place(*place))
        walks.append(select(query.subquery().c.id))
    found = select(UserTask).where(UserTask.id.in_(union_all(*walks))).order_by(*order).limit(size)
    return list(session.scalars(found))


def _done(session: Session, actor: Actor, size: int, place: tuple[Any, ...] | None, text: str) -> list[UserTask]:
    order = (UserTask.completed_at, UserTask.id)
    query = select(UserTask).where(UserTask.completed_by == actor.id, *_containing(text))
    if place is not None:
        query = query.where(tuple_(*order) < _place(*place))
    return list(session.scalars(query.order_by(*(column.desc() for column in order)).limit(size)))


def _place(at: datetime, task_id: UUID) -> Any:
    return tuple_(literal(at, UserTask.created_at.type), literal(task_id, UserTask.id.type))


def _containing(text: str) -> list[ColumnElement[bool]]:
    return [UserTask.search.contains(word, autoescape=True) for word in fold(text).split()[:8]]


def count_tasks(engine: Engine, actor: Actor) -> dict[str, int]:
    """Return how many open tasks the actor holds (`mine`) and his roles share (`group`), each up to 10,000."""
    with reading(engine.sessions) as session:
        mine = _count(session, UserTask.assignee, [actor.id])
        return {"mine": mine, "group": _count(session, UserTask.queue, sorted(actor.groups))}


def _count(session: Session, column: InstrumentedAttribute[str | None], values: list[str]) -> int:
    if not values:
        return 0
    counted: Select[Any] = select(literal(1)).where(column.in_(values), _OPEN).limit(MOST_COUNTED)
    return session.execute(select(func.count()).select_from(counted.subquery())).scalar_one()


def get_task(engine: Engine, task_id: UUID) -> TaskView:
    """Return a task, open or closed.

    Raises:
        NotFoundError: no such task.

    """
    with reading(engine.sessions) as session:
        row = session.get(UserTask, task_id)
        if row is None:
            raise NotFoundError("no such task", task=str(task_id))
        return task_view(row)


def open_tasks_of_instance(engine: Engine, instance_id: UUID) -> tuple[TaskView, ...]:
    """Return the open tasks of a case, oldest first."""
    query = (
        select(UserTask)
        .where(UserTask.instance_id == instance_id, _OPEN)
        .order_by(UserTask.created_at, UserTask.id)
    )
    with reading(engine.sessions) as session:
        return tuple(task_view(row) for row in session.scalars(query))


def task_form(engine: Engine, task_id: UUID, actor: Actor) -> FormView:
    """Return the form of an open task as it opens for this actor; nothing is written.

    Raises:
        NotFoundError: no such task.
        TaskNotOpenError: it was completed or cancelled.
        ForbiddenError: not the actor's task, or a guard keeps duties separate.

    """
    with reading(engine.sessions) as session:
        transaction = Transaction(engine, session, actor, engine.clock.now(), False)
        found = load_task(transaction, task_id)
        task = found.view
        require_open(task)
        access.require_may_act(actor, task)
        step = engine.registry.find(UserStep, task.step_key)
        ctx = services_of(transaction, found.instance).context(
            task.process_key, task.element_id, task.variables, task_id=task.id
        )
        access.run_guards(engine.registry, ctx, task)
        schema = step.form.schema(ctx)
        values = dict(step.prefill(ctx)) if step.prefill else {}
        draft = None if step.secret else _draft(session, task_id, actor)
        version = 0
        if draft is not None:
            known = schema.get("properties", draft.values)
            values |= {name: value for name, value in draft.values.items() if name in known}
            version = draft.version
        return FormView(schema, values, version, step.secret, step.key)


def _draft(session: Session, task_id: UUID, actor: Actor) -> Draft | None:
    query = select(Draft).where(Draft.task_id == task_id, Draft.person_id == actor.id)
    return session.scalars(query).one_or_none()

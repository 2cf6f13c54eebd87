"""Queues and task pages. "Mine" and "my groups" are index walks of their own, never one condition with OR."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, ScalarSelect, Select, bindparam, func, literal, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine import access
from engine.case import services_of
from engine.commands._loading import load_task, require_open
from engine.context import Actor
from engine.db import reading, table_of
from engine.errors import NotFoundError
from engine.models import Draft, UserTask
from engine.projection import task_view
from engine.queries import cursors
from engine.queries.places import OPEN, done_in_others_places, in_others_places, is_open_to, may_do, own_roles
from engine.registry import UserStep
from engine.runtime_environment import Engine
from engine.statements import Statement, one_of
from engine.text import fold
from engine.transaction import Transaction
from engine.views import FormView, TaskPage, TaskView

Queue = Literal["mine", "group", "out", "done"]
Order = Literal["created", "due", "priority"]

MOST_COUNTED = 10_000
"""A count stops here: nobody needs the exact length of a longer queue, and each page shows it."""


def list_tasks(
    engine: Engine, actor: Actor, queue: Queue, *, limit: int = 50, cursor: str | None = None, text: str = "",
    order: Order = "created", priority: int | None = None, late: bool = False, awake_on: date | None = None,
) -> TaskPage:  # fmt: skip
    """Return one page of a queue.

    Args:
        queue: `mine` (what the actor holds, and the personal tasks of those in whose place he does them), `group` (what
            his roles share), `out` (what he handed to others) and `done` (latest first).
        text: only tasks whose name and business key hold each of its words, without case and accents.
        order: of open tasks: `created` oldest first, `due` what is due first, `priority` the most urgent first.
        priority: only tasks of this priority.
        late: only tasks of which the unit's head was told.
        awake_on: without the tasks that their holder put off beyond this day.

    Raises:
        InvalidInputError: the cursor is broken, or of another order.

    """
    size, key = cursors.clamp(limit), _DONE if queue == "done" else _ORDERS[order]
    place = key.decode(cursor) if cursor else None
    wanted = [*_containing(text), *_filters(priority, late)]
    with reading(engine.sessions) as session:
        if queue == "done":
            rows = _done(session, actor, size + 1, place, wanted)
        else:
            walks = _walks(queue, actor, awake_on)
            if queue == "mine":
                walks += _instead(engine, session, actor)
            rows = _walk(session, walks, wanted, key=key, size=size + 1, place=place)
        views = tuple(task_view(row) for row in rows[:size])
        following = key.encode(rows[size - 1]) if len(rows) > size else None
    return TaskPage(views, following)


@dataclass(frozen=True, slots=True)
class _Key:
    """What a queue is sorted by: columns of an index, and how a cursor says them."""

    columns: tuple[InstrumentedAttribute[Any], ...]
    readers: tuple[Callable[[Any], Any], ...]

    def decode(self, cursor: str) -> tuple[Any, ...]:
        return cursors.decode(cursor, *self.readers)

    def encode(self, row: UserTask) -> str:
        *before, task_id = (getattr(row, column.key) for column in self.columns)
        return cursors.encode(*before, str(task_id))

    def after(self, place: tuple[Any, ...]) -> Any:
        return tuple_(*(literal(part, column.type) for part, column in zip(place, self.columns, strict=True)))


_ORDERS: Mapping[str, _Key] = {
    "created": _Key((UserTask.created_at, UserTask.id), (cursors.instant, UUID)),
    "due": _Key((UserTask.due_order, UserTask.id), (cursors.instant, UUID)),
    "priority": _Key((UserTask.priority, UserTask.created_at, UserTask.id), (cursors.whole, cursors.instant, UUID)),
}
_DONE = _Key((UserTask.completed_at, UserTask.id), (cursors.instant, UUID))


def _filters(priority: int | None, late: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [] if priority is None else [UserTask.priority == priority]
    return [*found, UserTask.escalated_at.is_not(None)] if late else found


def _walks(queue: Queue, actor: Actor, awake_on: date | None) -> list[ColumnElement[bool]]:
    """Return the conditions of a queue, each of which an index answers."""
    if queue == "group":
        return [UserTask.queue == group for group in sorted(actor.groups)]
    if queue == "out":
        return [UserTask.owner == actor.id]
    held = (UserTask.assignee == actor.id) & may_do(actor)
    if awake_on is None:
        return [held]
    return [held & UserTask.follow_up_on.is_(None), held & (UserTask.follow_up_on <= awake_on)]


def _instead(engine: Engine, session: Session, actor: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions of what the actor does in others' places, without what is kept from him."""
    walks = in_others_places(actor)
    kept = [one.task.id for one in done_in_others_places(engine, session, actor)[1]] if walks else []
    return [walk & UserTask.id.not_in(kept) for walk in walks] if kept else walks


def _walk(
    session: Session, walks: list[ColumnElement[bool]], wanted: list[ColumnElement[bool]], *, key: _Key, size: int,
    place: tuple[Any, ...] | None,
) -> list[UserTask]:  # fmt: skip
    """Merge the first rows of each walk, each found by its index; plain rows, since nobody changes them."""
    if not walks:
        return []
    found = []
    for walk in walks:
        query = select(UserTask.id).where(walk, OPEN, *wanted).order_by(*key.columns).limit(size)
        if place is not None:
            query = query.where(tuple_(*key.columns) > key.after(place))
        found.append(select(query.subquery().c.id))
    merged = select(table_of(UserTask)).where(UserTask.id.in_(union_all(*found))).order_by(*key.columns).limit(size)
    return [cast(UserTask, row) for row in session.connection().execute(merged)]


def _done(
    session: Session, actor: Actor, size: int, place: tuple[Any, ...] | None, wanted: list[ColumnElement[bool]]
) -> list[UserTask]:
    query = select(UserTask).where(UserTask.completed_by == actor.id, *wanted)
    if place is not None:
        query = query.where(tuple_(*_DONE.columns) < _DONE.after(place))
    return list(session.scalars(query.order_by(*(column.desc() for column in _DONE.columns)).limit(size)))


def _containing(text: str) -> list[ColumnElement[bool]]:
    return [UserTask.search.contains(word, autoescape=True) for word in fold(text).split()[:8]]


def _counted(walk: ColumnElement[bool]) -> ScalarSelect[int]:
    counted: Select[Any] = select(literal(1)).where(walk, OPEN).limit(bindparam("most", type_=Integer))
    return select(func.count()).select_from(counted.subquery()).scalar_subquery()


_HELD = UserTask.assignee == bindparam("person")
_COUNTS = Statement(
    select(
        _counted(_HELD & is_open_to(one_of(UserTask.role, "roles"))),
        _counted(one_of(UserTask.queue, "groups")),
    )
)
"""Each page asks it."""


def count_tasks(engine: Engine, actor: Actor) -> dict[str, int]:
    """Return how many open tasks stand in the queues `mine` and `group`, each of their walks up to 10,000.

    What somebody may not do is not his work and is not counted: what is kept from who acts in another's place, and
    what was his alone in a role that has ended.
    """
    asked = {"person": actor.id, "roles": own_roles(actor), "groups": sorted(actor.groups), "most": MOST_COUNTED}
    with reading(engine.sessions) as session:
        ((mine, group),) = _COUNTS.all(session, asked)
        mine += len(done_in_others_places(engine, session, actor)[0])
        return {"mine": mine, "group": group}


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
    query = select(UserTask).where(UserTask.instance_id == instance_id, OPEN).order_by(UserTask.created_at, UserTask.id)
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
        transaction.actor = access.acting(actor, task)
        step = engine.registry.find(UserStep, task.step_key)
        ctx = services_of(transaction, found.instance).context(
            task.process_key, task.element_id, task.variables, task_id=task.id
        )
        deployed = engine.definitions.get(session, found.instance.process_version_id)
        access.judge(engine.registry, ctx, task, deployed.properties(task.process_key, task.element_id))
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

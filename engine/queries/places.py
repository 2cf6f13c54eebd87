"""Personal tasks of others that somebody does in their place, and those of them that the domain keeps from him."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.orm import Session

from engine.context import Actor, DecisionContext
from engine.db import reading
from engine.errors import ForbiddenError
from engine.models import TaskStatus, UserTask
from engine.projection import task_view
from engine.runtime_environment import Engine
from engine.views import TaskView

# written out, not bound: so the partial indexes answer alone, without looking at the rows
OPEN: ColumnElement[bool] = UserTask.status == literal_column(f"'{TaskStatus.OPEN}'")

MOST_READ = 1_000
"""So many personal tasks of one person for whom somebody stands in are looked at; a council votes on fewer."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An open task of another's that is shown to who acts in his place as nothing to be done, and why."""

    task: TaskView
    refusal: ForbiddenError


def may_do(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a task somebody holds is not closed to him: what is his alone needs the role."""
    return is_open_to(UserTask.role.in_(own_roles(actor)))


def is_open_to(holds_the_role: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the same condition for whatever says that a task's role is one of the holder's own."""
    return UserTask.personal.is_(False) | holds_the_role


def own_roles(actor: Actor) -> list[str]:
    """Return the roles the actor holds himself, in whatever unit."""
    return sorted({group.partition("@")[0] for group in actor.groups - actor.deputies.keys()})


def in_others_places(actor: Actor) -> list[ColumnElement[bool]]:
    """Return a condition for each person in whose place the actor does what is that person's alone; few have any."""
    found: list[ColumnElement[bool]] = []
    for group, givers in sorted({**actor.deputies, **actor.also_for}.items()):
        role, _, scope = group.partition("@")
        found += [
            (UserTask.assignee == giver)
            & UserTask.personal.is_(True)
            & (UserTask.role == role)
            & (UserTask.scope == scope)
            for giver in givers
        ]
    return found


def done_in_others_places(engine: Engine, session: Session, actor: Actor) -> tuple[list[TaskView], list[Kept]]:
    """Return the open personal tasks of others that are the actor's to do, and those kept from him.

    Who acts in nobody's place costs no statement.
    """
    found = {row.id: task_view(row) for walk in in_others_places(actor) for row in session.scalars(
        select(UserTask).where(walk, OPEN).order_by(UserTask.created_at, UserTask.id).limit(MOST_READ))}  # fmt: skip
    if not found:
        return [], []
    why: Mapping[UUID, ForbiddenError] = engine.registry.hooks.kept_from(
        DecisionContext(session, engine.clock.now()), actor, list(found.values())
    )
    mine = [task for task in found.values() if task.id not in why]
    return mine, [Kept(task, why[task.id]) for task in found.values() if task.id in why]


def kept_tasks(engine: Engine, actor: Actor) -> tuple[Kept, ...]:
    """Return the open personal tasks of others that the actor may not do though he acts in their place, and why."""
    if not in_others_places(actor):
        return ()
    with reading(engine.sessions) as session:
        return tuple(done_in_others_places(engine, session, actor)[1])

"""What a diagram keeps apart: four eyes, the same person again, roles that may not do a step.

Declared as properties of a user task; judged from the completed tasks of the case, called processes included, which are
read by one statement, and only where a step declares something. A name is an element of the same process, an element
of another one (`process.element`), or a variable that holds a person's id.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

from engine.context import Actor, DecisionContext, StepContext
from engine.errors import ForbiddenError, RoleExcludedError, SamePersonError, SeparationOfDutiesError
from engine.models import TaskStatus, UserTask
from engine.registry import Registry
from engine.statements import Statement, one_of
from engine.views import TaskView

NOT_SAME, SAME, NOT_ROLE = "not_same_person_as", "same_person_as", "excluded_roles"
PROPERTIES = (NOT_SAME, SAME, NOT_ROLE)
"""Extension properties that constrain who does a step."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """What one step declares: names of elements and variables, and keys of roles."""

    others: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """Who did a step last, in whose place, and everybody who ever did it."""

    last: frozenset[str]
    by: str
    ever: frozenset[str] = field(default_factory=frozenset)


Deeds = Mapping[str, Done]
"""The steps done in one case, by `process.element`."""


def names_in(text: str) -> tuple[str, ...]:
    """Return the names of a comma-separated list."""
    return tuple(name for part in text.split(",") if (name := part.strip()))


@lru_cache(maxsize=1024)
def _constraint(others: str, same: str, roles: str) -> Constraint:
    return Constraint(names_in(others), names_in(same), names_in(roles))


def declared(properties: Mapping[str, str]) -> Constraint | None:
    """Return what an element's properties declare, None for the many that declare nothing."""
    if not properties.keys() & PROPERTIES:
        return None
    return _constraint(*(properties.get(name, "") for name in PROPERTIES))


def require(registry: Registry, ctx: StepContext, task: TaskView, properties: Mapping[str, str]) -> None:
    """Refuse the actor of the context, and whom he stands in for, where the diagram keeps them away from the task.

    Raises:
        RoleExcludedError, SeparationOfDutiesError, SamePersonError: what it declares.

    """
    found = declared(properties)
    if found is None:
        return
    deeds = deeds_of(ctx.session, [task.instance_id])[task.instance_id] if found.others or found.same else {}
    bound = DecisionContext(ctx.session, ctx.now)
    refusal = refused(ctx.actor, task, found, deeds, registry=registry, ctx=bound)
    if refusal is not None:
        raise refusal


_DEEDS = Statement(
    select(
        UserTask.instance_id, UserTask.process_key, UserTask.element_id, UserTask.completed_by, UserTask.completed_for
    )
    .where(one_of(UserTask.instance_id, "cases"), UserTask.status == literal_column(f"'{TaskStatus.COMPLETED}'"))
    .order_by(UserTask.completed_at, UserTask.id)
)


def deeds_of(session: Session, instance_ids: Iterable[UUID]) -> dict[UUID, Deeds]:
    """Return who did which step of some cases, read with one statement."""
    wanted = list(instance_ids)
    found: dict[UUID, dict[str, Done]] = {instance_id: {} for instance_id in wanted}
    for instance_id, process_key, element_id, by, for_whom in _DEEDS.all(session, {"cases": wanted}):
        of_case, place = found[instance_id], f"{process_key}.{element_id}"
        persons = frozenset({by, for_whom} - {None})
        before = of_case[place].ever if place in of_case else frozenset()
        of_case[place] = Done(persons, str(by), before | persons)
    return dict(found)


def refused(
    actor: Actor, task: TaskView, found: Constraint, deeds: Deeds, *, registry: Registry, ctx: DecisionContext
) -> ForbiddenError | None:
    """Return why an actor may not do a task, None when the diagram lets him."""
    here = f"{task.process_key}.{task.element_id}"
    for role in found.roles:
        if actor.holds(role):
            return RoleExcludedError("this role does not do this step", role=role, task_place=here, person=actor.id)
    for name in found.others:
        place, persons = _who(name, task, deeds)
        both = sorted(actor.persons & persons)
        if both:
            person = actor.id if actor.id in both else both[0]
            return SeparationOfDutiesError("duties are kept apart", place=place, task_place=here, person=person)
    for name in found.same:
        done = deeds.get(place_of(name, task.process_key))
        if done is not None and not actor.persons & done.last and _still_may(registry, ctx, done.by, task):
            place = place_of(name, task.process_key)
            return SamePersonError("the same person goes on", place=place, task_place=here, by=done.by)
    return None


def place_of(name: str, process_key: str) -> str:
    """Return `process.element` of a name as a step of a process writes it."""
    return name if "." in name else f"{process_key}.{name}"


def _who(name: str, task: TaskView, deeds: Deeds) -> tuple[str, frozenset[str]]:
    """Return the place a name means and the persons it keeps away."""
    value: Any = task.variables.get(name)
    place = place_of(name, task.process_key)
    if place not in deeds and isinstance(value, str):
        return name, frozenset({value})
    return place, deeds[place].ever if place in deeds else frozenset()


def _still_may(registry: Registry, ctx: DecisionContext, person_id: str, task: TaskView) -> bool:
    """Tell whether somebody could still do the task: nobody waits for a person who has left the role."""
    before = registry.hooks.actor_of(ctx, person_id)
    return before is not None and before.holds(task.role, task.scope or None)

"""Who may do what to a task: roles of the day, in whose place one acts, guards, and what the diagram keeps apart."""

from collections.abc import Iterable, Mapping

from engine import constraints
from engine.context import Actor, DecisionContext, StepContext
from engine.errors import (
    ForbiddenError,
    NotTheHeadError,
    NotYourTaskError,
    PersonalTaskError,
    ReasonRequiredError,
    TaskAlreadyClaimedError,
)
from engine.projection import queue_of
from engine.registry import Registry
from engine.text import clean
from engine.views import TaskView

MAXIMUM_REASON = 2000


def in_queue(actor: Actor, task: TaskView) -> bool:
    """Tell whether the task lies in one of the actor's roles' queues."""
    return actor.holds(task.role, task.scope or None)


def require_may_act(actor: Actor, task: TaskView) -> None:
    """Refuse whoever is neither the assignee nor, when nobody holds the task, in its queue.

    An assignee whose role has ended may not act either, unless the task was delegated to him. A personal task is its
    assignee's, who holds the role himself, and that of his deputy where the domain lets the role be deputised.

    Raises:
        TaskAlreadyClaimedError: a colleague of the same role holds it.
        NotYourTaskError: anything else.

    """
    if task.personal:
        if in_queue(actor, task) and _is_personally(actor, task):
            return
    elif task.assignee == actor.id:
        if in_queue(actor, task) or task.owner is not None:
            return
    elif in_queue(actor, task):
        if task.assignee is None:
            return
        raise TaskAlreadyClaimedError("somebody else holds the task", task=str(task.id))
    raise NotYourTaskError("not your task", role=task.role)


def _is_personally(actor: Actor, task: TaskView) -> bool:
    """Tell whether a personal task is the actor's own, or that of a person in whose place he acts."""
    scope = task.scope or None
    if task.assignee == actor.id:
        return not actor.givers(task.role, scope)
    return task.assignee in actor.places(task.role, scope)


def stands_in(actor: Actor, task: TaskView) -> bool:
    """Tell whether a personal task belongs to somebody in whose place the actor may do it."""
    return task.personal and task.assignee != actor.id and _is_personally(actor, task)


def acting(actor: Actor, task: TaskView) -> Actor:
    """Return the actor as he acts on a task: in his own right, as a deputy, or for the owner who handed it to him."""
    if task.personal:
        return actor.standing_in_for(str(task.assignee)) if stands_in(actor, task) else actor
    givers = actor.givers(task.role, task.scope or None)
    if task.assignee == actor.id and task.owner is not None:
        return actor.standing_in_for(task.owner)
    return actor.standing_in_for(givers[0]) if givers else actor


def acting_in(actor: Actor, roles: Iterable[str], person_id: str = "") -> Actor:
    """Return the actor as he acts in one of some roles: his own where he holds one, else in somebody's place.

    Raises:
        ForbiddenError: he names a person in whose place he holds none of them.

    """
    roles = list(roles)
    if person_id not in {"", actor.id}:
        if not any(person_id in actor.places(role) for role in roles):
            raise ForbiddenError("not in this person's place", person=person_id)
        return actor.standing_in_for(person_id)
    held = [role for role in sorted(roles) if actor.holds(role)]
    if not held or any(not actor.givers(role) for role in held):
        return actor
    return actor.standing_in_for(actor.givers(held[0])[0])


def require_holder(actor: Actor, task: TaskView) -> None:
    """Refuse whoever does not hold the task himself.

    Raises:
        NotYourTaskError: the actor is not the assignee.

    """
    if task.assignee != actor.id:
        raise NotYourTaskError("not your task", role=task.role)


def require_in_queue(actor: Actor, task: TaskView) -> None:
    """Refuse whoever has not the role of the task's lane.

    Raises:
        NotYourTaskError: the role, or its scope, is another.

    """
    if not in_queue(actor, task):
        raise NotYourTaskError("not your task", role=task.role)


def require_transferable(task: TaskView) -> None:
    """Refuse to move a task that belongs to one person alone.

    Raises:
        PersonalTaskError: it does, as a ballot.

    """
    if task.personal:
        raise PersonalTaskError("a personal task stays with its person", task=str(task.id))


def require_any_role(actor: Actor, roles: Iterable[str]) -> None:
    """Refuse an actor who holds none of the roles.

    Raises:
        ForbiddenError: none of them.

    """
    if not any(actor.holds(role) for role in roles):
        raise ForbiddenError("the role is missing")


def require_operator(registry: Registry, actor: Actor) -> None:
    """Refuse whoever may not start, cancel or retry by hand.

    Raises:
        ForbiddenError: neither an operator's role nor the system.

    """
    require_any_role(actor, registry.hooks.operators | {"system"})


def require_head(registry: Registry, ctx: DecisionContext, actor: Actor, task: TaskView) -> None:
    """Refuse whoever does not head the unit to which the task's lane belongs.

    Raises:
        NotTheHeadError: another person does, or nobody.

    """
    if actor.id not in registry.hooks.heads_of(ctx, queue_of(task.role, task.scope)):
        raise NotTheHeadError("only the head of the unit assigns", role=task.role)


def run_guards(registry: Registry, ctx: StepContext, task: TaskView) -> None:
    """Let every guard judge whether the actor of the context may have a hand in the task.

    Raises:
        ForbiddenError: one refuses.

    """
    for guard in registry.guards:
        guard(ctx, task)


def judge(registry: Registry, ctx: StepContext, task: TaskView, properties: Mapping[str, str]) -> None:
    """Refuse the actor of the context where a guard or a constraint of the diagram keeps duties apart.

    Raises:
        ForbiddenError: one does; `properties` are those of the task's element.

    """
    run_guards(registry, ctx, task)
    constraints.require(registry, ctx, task, properties)


def clean_reason(reason: str) -> str:
    """Return a reason in NFC without outer blanks and control characters.

    Raises:
        ReasonRequiredError: nothing is left, or it is too long.

    """
    text = clean(reason)
    if not 0 < len(text) <= MAXIMUM_REASON:
        raise ReasonRequiredError("a reason is needed", fields={"reason": ["reason_required"]}, maximum=MAXIMUM_REASON)
    return text

"""Who may do what to a task. Roles of the day come with the actor; separation of duties comes from guards."""

from collections.abc import Iterable

from engine.context import Actor, StepContext
from engine.errors import (
    ForbiddenError,
    NotYourTaskError,
    PersonalTaskError,
    ReasonRequiredError,
    TaskAlreadyClaimedError,
)
from engine.registry import Registry
from engine.text import clean
from engine.views import TaskView

MAXIMUM_REASON = 2000


def in_queue(actor: Actor, task: TaskView) -> bool:
    """Tell whether the task lies in one of the actor's roles' queues."""
    return actor.holds(task.role, task.scope or None)


def require_may_act(actor: Actor, task: TaskView) -> None:
    """Refuse whoever is neither the assignee nor, when nobody holds the task, in its queue.

    An assignee whose role has ended may not act either, unless the task was delegated to him.

    Raises:
        TaskAlreadyClaimedError: a colleague of the same role holds it.
        NotYourTaskError: anything else.

    """
    if task.assignee == actor.id:
        if in_queue(actor, task) or task.owner is not None:
            return
    elif in_queue(actor, task):
        if task.assignee is None:
            return
        if not task.personal:
            raise TaskAlreadyClaimedError("somebody else holds the task", task=str(task.id))
    raise NotYourTaskError("not your task", role=task.role)


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


def run_guards(registry: Registry, ctx: StepContext, task: TaskView) -> None:
    """Let every guard judge whether the actor of the context may act on the task."""
    for guard in registry.guards:
        guard(ctx, task)


def clean_reason(reason: str) -> str:
    """Return a reason in NFC without outer blanks and control characters.

    Raises:
        ReasonRequiredError: nothing is left, or it is too long.

    """
    text = clean(reason)
    if not 0 < len(text) <= MAXIMUM_REASON:
        raise ReasonRequiredError("a reason is needed", fields={"reason": ["reason_required"]}, maximum=MAXIMUM_REASON)
    return text

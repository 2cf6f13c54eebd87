"""Doors by which work is given out: a head assigns, a helper gives back, an owner takes back, priority, follow-up."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from engine import access, idempotency
from engine.case import Case
from engine.chain import EventKind
from engine.commands._loading import close_late, load_task, remember, replay, require_open, set_task
from engine.commands.tasks import Assignment, judge, reassign
from engine.context import Actor
from engine.errors import InvalidInputError, NotEligibleError, NotHandedOnError, NotYourTaskError, UnknownPersonError
from engine.idempotency import Request
from engine.projection import PRIORITIES
from engine.runtime_environment import Engine
from engine.text import storable
from engine.transaction import Transaction, enter
from engine.views import CommandResult, TaskView


def assign_task(
    engine: Engine, task_id: UUID, actor: Actor, to: str, reason: str, *, idempotency_key: str | None = None
) -> CommandResult:
    """Give a task to one of those who walk its queue, as the head of their unit. Who held it gets a notice too.

    Guards judge both, so that nobody chooses who handles a case he must keep away from; the diagram's constraints
    judge the receiver.

    Raises:
        ForbiddenError: duties must stay separate.
        NotTheHeadError: the actor does not head the unit to which the lane belongs.
        PersonalTaskError: it belongs to one person alone.
        UnknownPersonError: nobody of that id works here today.
        NotEligibleError: the receiver does not walk the queue today.
        ReasonRequiredError: no reason.

    """

    def decide(transaction: Transaction, case: Case, task: TaskView) -> Assignment | None:
        hooks = engine.registry.hooks
        access.require_head(engine.registry, transaction.decision_context(), actor, task)
        access.require_transferable(task)
        access.run_guards(engine.registry, case.context(task.process_key, task.element_id, task.variables), task)
        text = access.clean_reason(reason)
        receiver = hooks.actor_of(transaction.decision_context(), storable(to))
        if receiver is None:
            raise UnknownPersonError("nobody of that id", fields={"to": ["unknown_person"]})
        if not access.in_queue(receiver, task):
            raise NotEligibleError("not in the queue", fields={"to": ["not_eligible"]}, role=task.role)
        if task.assignee == receiver.id:
            return None
        judge(case, task, receiver)
        fact = transaction.state_reason("assign_task", f"task:{task.id}", text)
        transaction.add_notice(receiver.id, "task.assigned", task.business_key, str(task.id))
        if task.assignee is not None:
            transaction.add_notice(task.assignee, "task.assigned_away", task.business_key, str(task.id))
        return Assignment(receiver.id, None, previous=task.assignee, facts=(fact,))

    return reassign(engine, "assign_task", EventKind.TASK_ASSIGNED, task_id, actor, idempotency_key=idempotency_key,
                    decide=decide, values={"to": to, "reason": reason}, by_head=True)  # fmt: skip


def resolve_task(
    engine: Engine, task_id: UUID, actor: Actor, note: str, *, idempotency_key: str | None = None
) -> CommandResult:
    """Give a task back to its owner with word of what was done; the owner completes it.

    Raises:
        NotYourTaskError: the actor does not hold it.
        NotHandedOnError: it was not handed to him by an owner.
        ReasonRequiredError: not a word of what was done.

    """

    def decide(transaction: Transaction, _case: Case, task: TaskView) -> Assignment:
        access.require_holder(actor, task)
        if task.owner is None:
            raise NotHandedOnError("the task has no other owner", task=str(task.id))
        fact = transaction.state_reason("resolve_task", f"task:{task.id}", access.clean_reason(note))
        transaction.add_notice(task.owner, "task.resolved", task.business_key, str(task.id))
        return Assignment(task.owner, None, previous=actor.id, facts=(fact,))

    return reassign(engine, "resolve_task", EventKind.TASK_RESOLVED, task_id, actor, idempotency_key=idempotency_key,
                    decide=decide, values={"note": note})  # fmt: skip


def recall_task(engine: Engine, task_id: UUID, actor: Actor, *, idempotency_key: str | None = None) -> CommandResult:
    """Take a task back from the person to whom one handed it; he gets a notice.

    Raises:
        NotYourTaskError: somebody else handed it on.
        NotHandedOnError: it is not handed on.

    """

    def decide(transaction: Transaction, case: Case, task: TaskView) -> Assignment:
        if task.owner is None:
            raise NotHandedOnError("the task is with its owner", task=str(task.id))
        if task.owner != actor.id:
            raise NotYourTaskError("only its owner takes it back", role=task.role)
        judge(case, task)
        if task.assignee is not None:
            transaction.add_notice(task.assignee, "task.recalled", task.business_key, str(task.id))
        return Assignment(actor.id, None, previous=task.assignee)

    return reassign(engine, "recall_task", EventKind.TASK_RECALLED, task_id, actor, idempotency_key=idempotency_key,
                    decide=decide)  # fmt: skip


def set_priority(
    engine: Engine, task_id: UUID, actor: Actor, priority: int, *, idempotency_key: str | None = None
) -> CommandResult:
    """Say how urgent a task is (1, 2 or 3), as the head of the unit to which its lane belongs.

    Raises:
        NotTheHeadError: the actor is not that head.
        InvalidInputError: another number.

    """

    def change(transaction: Transaction, task: TaskView) -> dict[str, Any]:
        access.require_head(engine.registry, transaction.decision_context(), actor, task)
        if priority not in PRIORITIES:
            raise InvalidInputError("no such priority", fields={"priority": ["unknown_choice"]})
        return {"priority": priority}

    request = Request("set_priority", str(task_id), idempotency_key, {"priority": priority})
    return _mark(engine, EventKind.TASK_PRIORITISED, request, actor, change)


def set_follow_up(
    engine: Engine, task_id: UUID, actor: Actor, on: date | None, *, idempotency_key: str | None = None
) -> CommandResult:
    """Put one's own task off to a day on which to look at it again; None shows it at once. The due date stays.

    Raises:
        NotYourTaskError: the actor does not hold it.
        InvalidInputError: a day that is over.

    """

    def change(transaction: Transaction, task: TaskView) -> dict[str, Any]:
        access.require_holder(actor, task)
        if on is not None and on < transaction.decision_context().today:
            raise InvalidInputError("a day that is over", fields={"follow_up_on": ["date_in_past"]})
        return {"follow_up_on": on}

    request = Request("set_follow_up", str(task_id), idempotency_key, {"on": on.isoformat() if on else None})
    return _mark(engine, EventKind.TASK_FOLLOWED_UP, request, actor, change)


Change = Callable[[Transaction, TaskView], dict[str, Any]]


def _mark(engine: Engine, kind: EventKind, request: Request, actor: Actor, change: Change) -> CommandResult:
    """Change a mark on an open task: the common course of priority and follow-up."""
    task_id = UUID(request.target)

    def work(transaction: Transaction) -> CommandResult:
        found = load_task(transaction, task_id, request.key)
        if (answer := idempotency.first_answer(found.first, request)) is not None:
            return replay(transaction, answer)
        task = found.view
        require_open(task)
        case = Case.open(transaction, found.instance)
        case.hold()
        close_late(case, found)
        changed = change(transaction, task)
        event = case.event(kind, task.process_key, task.element_id, task=task.id, step=task.step_key, **changed)
        set_task(transaction, task.id, **changed)
        result = case.finish(event)
        remember(transaction, request, result)
        return result

    return enter(engine, request.door, actor, {"task": task_id}, work)

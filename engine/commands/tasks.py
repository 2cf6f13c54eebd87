"""Doors of user tasks: claim, release, delegate, take over, complete, save a draft."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine import access, idempotency
from engine.case import Case
from engine.chain import EventKind
from engine.commands._loading import close_late, close_row, load_task, remember, replay, require_open, set_task
from engine.commands.drafts import save_draft
from engine.commands.timers import fire_instance
from engine.context import Actor, StepContext
from engine.errors import NotInBulkError, TaskAlreadyClaimedError, TaskNotOpenError, UnknownPersonError
from engine.idempotency import Request
from engine.projection import queue_of
from engine.registry import UserStep
from engine.runtime_environment import Engine
from engine.services import checked_outputs
from engine.text import storable
from engine.transaction import Transaction, enter
from engine.views import CommandResult, TaskView

__all__ = ["claim_task", "complete_task", "delegate_task", "release_task", "save_draft", "take_over_task"]


def complete_task(
    engine: Engine, task_id: UUID, actor: Actor, values: dict[str, Any], *, idempotency_key: str | None = None,
    in_bulk: bool = False,
) -> CommandResult:  # fmt: skip
    """Complete an open task and run the case to its next wait state.

    Whoever completes a task of a shared queue claims it by that; who does it as a deputy or for its owner does it in
    both names. With `in_bulk` it is one of many in a list, which not every step, nor every answer, allows.

    Raises:
        NotFoundError: no such task.
        TaskNotOpenError: it was completed or cancelled, or its deadline has just passed.
        ForbiddenError: not the actor's task, or a guard keeps duties separate.
        InvalidInputError: the values do not fit the form of the step.
        NotInBulkError: it is given one by one.

    """

    def work(transaction: Transaction) -> CommandResult:
        found = load_task(transaction, task_id, idempotency_key)
        task = found.view
        step = engine.registry.find(UserStep, task.step_key)
        request = Request("complete_task", str(task_id), idempotency_key, None if step.secret else values)
        if (answer := idempotency.first_answer(found.first, request)) is not None:
            return replay(transaction, answer)
        require_open(task)
        access.require_may_act(actor, task)
        transaction.actor = access.acting(actor, task)
        case = Case.open(transaction, found.instance)
        ctx = case.context(task.process_key, task.element_id, task.variables, task.id)
        access.judge(engine.registry, ctx, task, case.deployed.properties(task.process_key, task.element_id))
        case.hold()
        close_late(case, found)
        clean = step.form.load(ctx, values)
        if in_bulk:
            _require_bulk(step, ctx, clean)
        event = case.event(EventKind.TASK_COMPLETED, task.process_key, task.element_id, task=task.id)
        outputs = checked_outputs(step.key, step.outputs, step.apply(ctx, clean))
        case.services.conclude(event, ctx, step.key, outputs)
        case.run.complete(found.token, outputs)
        close_row(transaction, found, step, transaction.actor)
        result = case.finish(event, completed=(found.token, task.id))
        remember(transaction, request, result)
        return result

    try:
        return enter(engine, "complete_task", actor, {"task": task_id}, work)
    except TaskNotOpenError as refusal:
        _fire_overdue(engine, refusal)
        raise


def _require_bulk(step: UserStep, ctx: StepContext, clean: dict[str, Any]) -> None:
    if not step.bulk:
        raise NotInBulkError("this step is done one by one", step=step.key)
    if step.bulk_guard is not None:
        step.bulk_guard(ctx, clean)


def _fire_overdue(engine: Engine, refusal: TaskNotOpenError) -> None:
    """Do for good what the refused door saw: the timer that closed the task."""
    if refusal.details.get("status") == "overdue":
        fire_instance(engine, UUID(refusal.details["instance"]))


def reassign(
    engine: Engine, door: str, kind: EventKind, task_id: UUID, actor: Actor, *, idempotency_key: str | None = None,
    decide: Callable[[Transaction, Case, TaskView], "Assignment | None"], values: dict[str, Any] | None = None,
    by_head: bool = False,
) -> CommandResult:  # fmt: skip
    """Change who holds a task: the common course of claim, release, delegate and take over.

    Args:
        decide: returns who holds it from now on, None when nothing changes.
        by_head: the actor acts as head of a unit, not in the lane's role or in its holder's place.

    """

    def work(transaction: Transaction) -> CommandResult:
        found = load_task(transaction, task_id, idempotency_key)
        request = Request(door, str(task_id), idempotency_key, values)
        if (answer := idempotency.first_answer(found.first, request)) is not None:
            return replay(transaction, answer)
        require_open(found.view)
        if not by_head:
            transaction.actor = access.acting(actor, found.view)
        case = Case.open(transaction, found.instance)
        case.hold()
        close_late(case, found)
        assignment = decide(transaction, case, found.view)
        if assignment is None:
            result = case.finish() if case.events else CommandResult(case.view())
            remember(transaction, request, result)
            return result
        task = found.view
        event = case.event(kind, task.process_key, task.element_id, task=task.id, step=task.step_key,
                           **assignment.codes())  # fmt: skip
        event.facts.extend(assignment.facts)
        queue = None if assignment.assignee else queue_of(task.role, task.scope)
        set_task(transaction, task.id, assignee=assignment.assignee, owner=assignment.owner, queue=queue,
                 follow_up_on=None)  # fmt: skip
        result = case.finish(event)
        remember(transaction, request, result)
        return result

    try:
        return enter(engine, door, actor, {"task": task_id}, work)
    except TaskNotOpenError as refusal:
        _fire_overdue(engine, refusal)
        raise


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who holds a task from now on, and to whom it returns on release."""

    assignee: str | None
    owner: str | None
    previous: str | None = None
    facts: tuple[tuple[str, str], ...] = ()

    def codes(self) -> dict[str, Any]:
        """Return the ids an event tells; a reason is only a hash among its facts."""
        found = {"assignee": self.assignee, "owner": self.owner, "previous": self.previous}
        return {name: value for name, value in found.items() if value is not None}


def claim_task(engine: Engine, task_id: UUID, actor: Actor, *, idempotency_key: str | None = None) -> CommandResult:
    """Take a task out of a shared queue; claiming one's own task again changes nothing.

    Raises:
        NotFoundError, TaskNotOpenError, ForbiddenError: as for `complete_task`.
        TaskAlreadyClaimedError: somebody else was first.

    """

    def decide(_transaction: Transaction, case: Case, task: TaskView) -> Assignment | None:
        if task.assignee == actor.id:
            return None
        access.require_in_queue(actor, task)
        access.require_transferable(task)
        if task.assignee is not None:
            raise TaskAlreadyClaimedError("somebody else holds the task", task=str(task.id))
        judge(case, task)
        return Assignment(actor.id, None)

    return reassign(engine, "claim_task", EventKind.TASK_CLAIMED, task_id, actor, idempotency_key=idempotency_key,
                     decide=decide)  # fmt: skip


def release_task(engine: Engine, task_id: UUID, actor: Actor, *, idempotency_key: str | None = None) -> CommandResult:
    """Give a task back: to the person who delegated it, else to the shared queue.

    Raises:
        NotYourTaskError: the actor does not hold it.
        PersonalTaskError: it belongs to one person alone.

    """

    def decide(_transaction: Transaction, _case: Case, task: TaskView) -> Assignment:
        access.require_holder(actor, task)
        access.require_transferable(task)
        return Assignment(task.owner, None, previous=actor.id)

    return reassign(engine, "release_task", EventKind.TASK_RELEASED, task_id, actor, idempotency_key=idempotency_key,
                     decide=decide)  # fmt: skip


def delegate_task(
    engine: Engine, task_id: UUID, actor: Actor, to: str, reason: str, *, idempotency_key: str | None = None
) -> CommandResult:
    """Let another person do a task; it returns to its owner on release.

    The receiver is judged as he will act, in the owner's place: who must keep away from a task gives it to nobody.

    Raises:
        NotYourTaskError: the actor neither holds it nor, when nobody does, has it in his queue.
        PersonalTaskError: it belongs to one person alone.
        UnknownPersonError: nobody of that id works here today.
        ReasonRequiredError: no reason.

    """

    def decide(transaction: Transaction, case: Case, task: TaskView) -> Assignment:
        access.require_may_act(actor, task)
        access.require_transferable(task)
        text = access.clean_reason(reason)
        receiver = engine.registry.hooks.actor_of(transaction.decision_context(), storable(to))
        if receiver is None or to == actor.id:
            raise UnknownPersonError("nobody of that id", fields={"to": ["unknown_person"]})
        judge(case, task, receiver, owner=task.owner or actor.id)
        fact = transaction.state_reason("delegate_task", f"task:{task.id}", text)
        transaction.add_notice(to, "task.delegated", task.business_key, str(task.id))
        return Assignment(to, task.owner or actor.id, previous=actor.id, facts=(fact,))

    return reassign(engine, "delegate_task", EventKind.TASK_DELEGATED, task_id, actor,
                     idempotency_key=idempotency_key, decide=decide, values={"to": to, "reason": reason})  # fmt: skip


def take_over_task(
    engine: Engine, task_id: UUID, actor: Actor, reason: str, *, idempotency_key: str | None = None
) -> CommandResult:
    """Take a task from the colleague who holds it; he gets a notice.

    Raises:
        NotYourTaskError: the actor has not the role of its lane.
        PersonalTaskError: it belongs to one person alone.
        ReasonRequiredError: no reason.

    """

    def decide(transaction: Transaction, case: Case, task: TaskView) -> Assignment | None:
        if task.assignee == actor.id:
            return None
        access.require_in_queue(actor, task)
        access.require_transferable(task)
        text = access.clean_reason(reason)
        judge(case, task)
        fact = transaction.state_reason("take_over_task", f"task:{task.id}", text)
        if task.assignee is not None:
            transaction.add_notice(task.assignee, "task.taken_over", task.business_key, str(task.id))
        return Assignment(actor.id, None, previous=task.assignee, facts=(fact,))

    return reassign(engine, "take_over_task", EventKind.TASK_TAKEN_OVER, task_id, actor,
                     idempotency_key=idempotency_key, decide=decide, values={"reason": reason})  # fmt: skip


def judge(case: Case, task: TaskView, receiver: Actor | None = None, *, owner: str = "") -> None:
    """Let guards and the diagram's constraints judge who shall hold a task: the door's actor, or whom he gives it to.

    With an `owner` the receiver is to act in his place.

    Raises:
        ForbiddenError: duties must stay separate.

    """
    giver = case.services.actor
    if receiver is not None:
        case.act_as(receiver.standing_in_for(owner) if owner else access.acting(receiver, task))
    ctx = case.context(task.process_key, task.element_id, task.variables, task.id)
    registry = case.transaction.engine.registry
    access.judge(registry, ctx, task, case.deployed.properties(task.process_key, task.element_id))
    case.act_as(giver)

"""Door of facts that move a case without a task, and delivery of messages between cases."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine import access, idempotency
from engine.case import Case, case_by_key
from engine.chain import EventKind
from engine.commands._loading import remember, replay
from engine.context import SYSTEM, Actor, Values
from engine.errors import InstanceEndedError, NotFoundError, NotWaitingError
from engine.idempotency import Request
from engine.registry import MessageStep
from engine.runtime_environment import Engine
from engine.services import check_variable, checked_outputs
from engine.spiff.runtime import WaitingMessage
from engine.transaction import Transaction, enter
from engine.views import CommandResult, TaskView


def correlate(
    engine: Engine, step_key: str, business_key: str, actor: Actor, values: dict[str, Any], *,
    idempotency_key: str | None = None,
) -> CommandResult:  # fmt: skip
    """Write a fact and, when its step says so, hand its message to the case that waits for it.

    Raises:
        NotFoundError: no such step, or no case with that key.
        ForbiddenError: the actor holds none of the step's roles, or its guard refuses.
        InvalidInputError: the values do not fit the step's form.
        NotWaitingError: the fact would move the case, but the case does not wait for it now.

    """

    def work(transaction: Transaction) -> CommandResult:
        step = engine.registry.find(MessageStep, step_key)
        request = Request("correlate", f"{step_key}:{business_key}", idempotency_key, values)
        if (answer := idempotency.find(transaction, request)) is not None:
            return replay(transaction, answer)
        access.require_any_role(actor, step.roles)
        transaction.actor = access.acting_in(actor, step.roles)
        case = _open_case(transaction, step.message, business_key)
        result = apply_message(case, step, values)
        remember(transaction, request, result)
        return result

    return enter(engine, "correlate", actor, {"step": step_key, "business_key": business_key}, work)


def _open_case(transaction: Transaction, message: str, business_key: str) -> Case:
    instance_id = find_case(transaction, business_key)
    if instance_id is None:
        raise NotFoundError("no such case", business_key=business_key)
    try:
        return Case.load(transaction, instance_id)
    except InstanceEndedError as error:
        raise NotWaitingError("the case is over", message=message, business_key=business_key) from error


def find_case(transaction: Transaction, business_key: str) -> UUID | None:
    """Return the id of the case with that key; of several the one that still runs, else the latest."""
    found: UUID | None = transaction.session.execute(case_by_key(business_key)).scalar_one_or_none()
    return found


def apply_message(case: Case, step: MessageStep, values: Values) -> CommandResult:
    """Apply a message step to a loaded case and finish it.

    Raises:
        NotWaitingError: the step moves the case, which does not wait for its message.

    """
    case.hold()
    case.fire_due_timers()
    waiting = next((found for found in case.run.subscriptions() if found.message == step.message), None)
    process_key = waiting.process_key if waiting else case.row.process_key
    element_id = waiting.element_id if waiting else ""
    ctx = case.context(process_key, element_id, case.row.variables)
    clean = step.form.load(ctx, values)
    if step.guard is not None:
        step.guard(ctx, case_as_task(case, step, process_key, element_id))
    event = case.event(EventKind.MESSAGE_CORRELATED, process_key, element_id, message=step.message)
    found = step.apply(ctx, clean)
    outputs = checked_outputs(step.key, step.outputs, found)
    event.data["moved"] = found is not None
    case.services.conclude(event, ctx, step.key, outputs)
    if found is not None and not (waiting and case.run.correlate(step.message, outputs)):
        key = case.row.business_key
        raise NotWaitingError("the case does not wait for this", message=step.message, business_key=key)
    return case.finish(event)


def case_as_task(case: Case, step: MessageStep, process_key: str, element_id: str) -> TaskView:
    """Return what guards read of a case where no task exists: its id, key and variables, and no role."""
    row = case.row
    return TaskView(
        row.id, row.id, process_key, row.process_key, row.business_key, element_id, step.key, "", "", "", None, None,
        "open", case.transaction.now, variables=dict(row.variables),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message between cases; `note` says why nothing happened."""

    delivered: bool
    note: str = ""


def deliver(transaction: Transaction, message: str, business_key: str, values: Values) -> Delivery:
    """Hand a message from one case to another, in the system's name.

    The registry's message step of that name with role `system` writes what the message means; without one the
    values go to the waiting event as they are. A case that does not wait for it is left alone.
    """
    instance_id = find_case(transaction, business_key)
    if instance_id is None:
        return Delivery(False, "no_such_case")
    try:
        case = Case.load(transaction, instance_id)
    except InstanceEndedError:
        return Delivery(False, "instance_ended")
    case.act_as(SYSTEM)
    case.hold()
    case.fire_due_timers()
    waiting = next((found for found in case.run.subscriptions() if found.message == message), None)
    if waiting is None:
        if case.events:
            case.finish()
        return Delivery(False, "not_waiting")
    step = internal_step(transaction.engine, message)
    if step is not None:
        apply_message(case, step, values)
    else:
        _hand_over(case, waiting, values)
    return Delivery(True)


def internal_step(engine: Engine, message: str) -> MessageStep | None:
    """Return the message step by which cases of this system speak to each other, if there is one."""
    for step in engine.registry.steps.values():
        if isinstance(step, MessageStep) and step.message == message and "system" in step.roles:
            return step
    return None


def _hand_over(case: Case, waiting: WaitingMessage, values: Values) -> None:
    for name, value in values.items():
        check_variable(waiting.message, name, value)
    event = case.event(EventKind.MESSAGE_CORRELATED, waiting.process_key, waiting.element_id, message=waiting.message,
                       moved=True, variables=dict(values))  # fmt: skip
    case.run.correlate(waiting.message, dict(values))
    case.finish(event)

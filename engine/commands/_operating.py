"""What an operator does to one case for a stated reason: the common course of suspend, resume and cancel."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from engine import access, idempotency
from engine.case import Case
from engine.chain import EventDraft, EventKind
from engine.commands._loading import remember, replay
from engine.context import Actor
from engine.idempotency import Request
from engine.models import TaskStatus, UserTask
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter
from engine.views import CommandResult


def operate(
    engine: Engine, door: str, kind: EventKind, instance_id: UUID, *, actor: Actor, reason: str,
    act: Callable[[Case, EventDraft], CommandResult], idempotency_key: str | None, also_suspended: bool = False,
) -> CommandResult:  # fmt: skip
    """Do something to a case as its operator; the reason is kept as a fact, and holders of tasks get a notice.

    Args:
        act: does it to the held case, writes it, and returns the answer; `kind` is the kind of its event.

    Raises:
        ForbiddenError: the actor is no operator.
        NotFoundError, InstanceEndedError, InstanceSuspendedError: no such case, or none this may be done to.
        ReasonRequiredError: no reason.

    """

    def work(transaction: Transaction) -> CommandResult:
        request = Request(door, str(instance_id), idempotency_key, {"reason": reason})
        if (answer := idempotency.find(transaction, request)) is not None:
            return replay(transaction, answer)
        access.require_operator(engine.registry, actor)
        text = access.clean_reason(reason)
        case = Case.load(transaction, instance_id, also_suspended=also_suspended)
        case.hold()
        event = case.event(kind)
        event.facts.append(transaction.state_reason(door, f"instance:{instance_id}", text))
        tell_holders(case, kind)
        result = act(case, event)
        remember(transaction, request, result)
        return result

    return enter(engine, door, actor, {"instance": instance_id}, work)


def tell_holders(case: Case, kind: str) -> None:
    """Leave a notice for each person who holds an open task of the case, and is not the one who acts."""
    query = (
        select(UserTask.assignee)
        .where(UserTask.instance_id == case.row.id, UserTask.status == TaskStatus.OPEN, UserTask.assignee.is_not(None))
        .distinct()
    )
    transaction = case.transaction
    for person_id in sorted(person for person in transaction.session.scalars(query) if person):
        if person_id != transaction.actor.id:
            transaction.add_notice(person_id, kind, case.row.business_key, str(case.row.id))

"""Doors of suspension: let a case rest, and let it go on.

While a case is suspended nothing moves in it: tasks, messages, timers and jobs are refused or put off. Its clocks run
on all the same: a deadline keeps its instant, and what fell due meanwhile fires, in the order of the instants, when
the case is resumed.
"""

from contextlib import suppress
from uuid import UUID

from sqlalchemy import or_, select, update

from engine import access, idempotency
from engine.case import Case
from engine.chain import EventKind
from engine.commands._loading import remember, replay
from engine.commands.timers import fire_instance
from engine.context import Actor
from engine.db import table_of
from engine.errors import NotSuspendedError, TimersBrokenError
from engine.idempotency import Request
from engine.models import InstanceStatus, Job, JobStatus, ProcessInstance, TaskStatus, UserTask
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter
from engine.views import CommandResult


def suspend_instance(
    engine: Engine, instance_id: UUID, actor: Actor, reason: str, *, idempotency_key: str | None = None
) -> CommandResult:
    """Let a case rest: its tasks stay where they are and nobody can do them; those who hold them get a notice.

    Raises:
        ForbiddenError: the actor is no operator.
        NotFoundError: no such case.
        InstanceEndedError: the case is over.
        InstanceSuspendedError: it rests already.
        ReasonRequiredError: no reason.

    """

    def work(transaction: Transaction) -> CommandResult:
        request = Request("suspend_instance", str(instance_id), idempotency_key, {"reason": reason})
        if (answer := idempotency.find(transaction, request)) is not None:
            return replay(transaction, answer)
        access.require_operator(engine.registry, actor)
        text = access.clean_reason(reason)
        case = Case.load(transaction, instance_id)
        case.hold()
        event = case.event(EventKind.INSTANCE_SUSPENDED)
        event.facts.append(transaction.state_reason("suspend_instance", f"instance:{instance_id}", text))
        tell_holders(case, EventKind.INSTANCE_SUSPENDED)
        _set_status(case, InstanceStatus.SUSPENDED)
        mark_tasks(transaction, instance_id, suspended=True)
        _put_off_jobs(transaction, instance_id)
        case.write_history()
        result = CommandResult(case.view())
        remember(transaction, request, result)
        return result

    return enter(engine, "suspend_instance", actor, {"instance": instance_id}, work)


def resume_instance(
    engine: Engine, instance_id: UUID, actor: Actor, reason: str, *, idempotency_key: str | None = None
) -> CommandResult:
    """Let a suspended case go on; then, in a transaction of its own, what fell due meanwhile fires in its order.

    Raises:
        ForbiddenError: the actor is no operator.
        NotFoundError: no such case.
        InstanceEndedError: the case is over.
        NotSuspendedError: it does not rest.
        ReasonRequiredError: no reason.

    """
    released: list[UUID] = []

    def work(transaction: Transaction) -> CommandResult:
        released.clear()
        request = Request("resume_instance", str(instance_id), idempotency_key, {"reason": reason})
        if (answer := idempotency.find(transaction, request)) is not None:
            return replay(transaction, answer)
        access.require_operator(engine.registry, actor)
        text = access.clean_reason(reason)
        case = Case.load(transaction, instance_id, also_suspended=True)
        if case.row.status != InstanceStatus.SUSPENDED:
            raise NotSuspendedError("the case is not suspended", instance=str(instance_id))
        case.hold()
        event = case.event(EventKind.INSTANCE_RESUMED)
        event.facts.append(transaction.state_reason("resume_instance", f"instance:{instance_id}", text))
        tell_holders(case, EventKind.INSTANCE_RESUMED)
        _set_status(case, InstanceStatus.INCIDENT if _has_failed_jobs(case) else InstanceStatus.RUNNING)
        mark_tasks(transaction, instance_id, suspended=False)
        released.extend(_release_jobs(case))
        case.write_history()
        result = CommandResult(case.view())
        remember(transaction, request, result)
        return result

    result = enter(engine, "resume_instance", actor, {"instance": instance_id}, work)
    if released:
        engine.nudge(released)
    with suppress(TimersBrokenError):  # its incident was opened with the refusal; the case is resumed all the same
        fire_instance(engine, instance_id)
    return result


def _set_status(case: Case, status: InstanceStatus) -> None:
    """Write the status; the row is the one `write_history` writes after."""
    case.row.status = status
    table = table_of(ProcessInstance)
    case.transaction.session.connection().execute(
        update(table).where(table.c.id == case.row.id).values(status=status)
    )


def mark_tasks(transaction: Transaction, instance_id: UUID, *, suspended: bool) -> None:
    """Show the open tasks of a case as resting, or as to be done again."""
    table = table_of(UserTask)
    transaction.session.connection().execute(
        update(table)
        .where(table.c.instance_id == instance_id, table.c.status == TaskStatus.OPEN)
        .values(suspended=suspended)
    )


def _put_off_jobs(transaction: Transaction, instance_id: UUID) -> None:
    table = table_of(Job)
    transaction.session.connection().execute(
        update(table)
        .where(table.c.instance_id == instance_id, table.c.status == JobStatus.PENDING)
        .values(status=JobStatus.HELD, leased_until=None)
    )


def _has_failed_jobs(case: Case) -> bool:
    query = select(Job.id).where(Job.instance_id == case.row.id, Job.status == JobStatus.FAILED).limit(1)
    return case.transaction.session.execute(query).first() is not None


def _release_jobs(case: Case) -> list[UUID]:
    """Let the jobs that were put off run now, also messages to the case."""
    table = table_of(Job)
    mine = table.c.instance_id == case.row.id
    if case.row.business_key:
        mine = or_(mine, (table.c.kind == "message") & (table.c.business_key == case.row.business_key))
    statement = (
        update(table)
        .where(mine, table.c.status == JobStatus.HELD)
        .values(status=JobStatus.PENDING, due_at=case.transaction.engine.machine_clock.now())
        .returning(table.c.id)
    )
    return list(case.transaction.session.connection().execute(statement).scalars())


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

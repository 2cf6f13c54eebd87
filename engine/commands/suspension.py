"""Doors of suspension: let a case rest, and let it go on.

While a case is suspended nothing moves in it: tasks, messages, timers and jobs are refused or put off. Its clocks run
on all the same: a deadline keeps its instant, and what fell due meanwhile fires, in the order of the instants, when
the case is resumed.
"""

from contextlib import suppress
from uuid import UUID

from sqlalchemy import or_, select, update

from engine.case import Case
from engine.chain import EventDraft, EventKind
from engine.commands._operating import operate
from engine.commands.timers import fire_instance
from engine.context import Actor
from engine.db import table_of
from engine.errors import NotSuspendedError, TimersBrokenError
from engine.models import InstanceStatus, Job, JobStatus, ProcessInstance, TaskStatus, UserTask
from engine.runtime_environment import Engine
from engine.transaction import Transaction
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

    def suspend(case: Case, _event: EventDraft) -> CommandResult:
        _set_status(case, InstanceStatus.SUSPENDED)
        mark_tasks(case.transaction, instance_id, suspended=True)
        _put_off_jobs(case.transaction, instance_id)
        case.write_history()
        return CommandResult(case.view())

    return operate(engine, "suspend_instance", EventKind.INSTANCE_SUSPENDED, instance_id, actor=actor, reason=reason,
                   act=suspend, idempotency_key=idempotency_key)  # fmt: skip


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

    def resume(case: Case, _event: EventDraft) -> CommandResult:
        if case.row.status != InstanceStatus.SUSPENDED:
            raise NotSuspendedError("the case is not suspended", instance=str(instance_id))
        _set_status(case, InstanceStatus.INCIDENT if _has_failed_jobs(case) else InstanceStatus.RUNNING)
        mark_tasks(case.transaction, instance_id, suspended=False)
        released[:] = release_jobs(case)
        case.write_history()
        return CommandResult(case.view())

    result = operate(engine, "resume_instance", EventKind.INSTANCE_RESUMED, instance_id, actor=actor, reason=reason,
                     act=resume, idempotency_key=idempotency_key, also_suspended=True)  # fmt: skip
    if released:
        engine.nudge(released)
    with suppress(TimersBrokenError):  # its incident was opened with the refusal; the case is resumed all the same
        fire_instance(engine, instance_id)
    return result


def _set_status(case: Case, status: InstanceStatus) -> None:
    """Write the status; the row is the one `write_history` writes after."""
    case.row.status = status
    table = table_of(ProcessInstance)
    case.transaction.session.connection().execute(update(table).where(table.c.id == case.row.id).values(status=status))


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


def release_jobs(case: Case) -> list[UUID]:
    """Let the jobs that were put off run now, also messages to the case, which may be over by now."""
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

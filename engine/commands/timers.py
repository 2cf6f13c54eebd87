"""Door of due timers and reminders. Rows are the truth: whoever looks finds what is due, by the business clock."""

import logging
from uuid import UUID

from sqlalchemy import Select, delete, func, literal, select, update

from engine.case import Case
from engine.chain import EventKind
from engine.commands.pulses import beat
from engine.context import SYSTEM, DecisionContext
from engine.db import reading, table_of
from engine.errors import InstanceEndedError
from engine.models import (
    DueTimer,
    InstanceStatus,
    Job,
    JobStatus,
    MessageSubscription,
    ProcessInstance,
    TaskStatus,
    UserTask,
)
from engine.projection import REMINDER, TIMER
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter

LOG = logging.getLogger("engine.timers")
TIMERS_JOB = "timers"
"""Kind and key of the job that is left when the timers of a case could not be fired."""


def run_due_timers(engine: Engine, limit: int = 200) -> int:
    """Fire due timers and reminders of up to `limit` cases, one transaction each; return how many cases moved.

    A case whose timer cannot be fired becomes an incident and is passed over until somebody retries it. Other
    incidents of a case, as a paper that cannot be printed, do not stop its clock.
    """
    moved = 0
    for instance_id in _due_instances(engine, limit):
        try:
            fire_instance(engine, instance_id)
            moved += 1
        except Exception as error:  # a bug in one case must not stop the clock of all others
            LOG.exception("timers of instance %s failed", instance_id)
            _raise_incident(engine, instance_id, error)
    beat(engine, "timers", moved)
    return moved


def _due_instances(engine: Engine, limit: int) -> list[UUID]:
    query = (
        select(DueTimer.instance_id)
        .join(ProcessInstance, ProcessInstance.id == DueTimer.instance_id)
        .where(DueTimer.due_at <= engine.clock.now(), ProcessInstance.ended_at.is_(None))
        .where(
            DueTimer.instance_id.not_in(_with_timers_job(JobStatus.PENDING)),
            DueTimer.instance_id.not_in(_with_timers_job(JobStatus.FAILED)),
        )
        .group_by(DueTimer.instance_id)
        .order_by(func.min(DueTimer.due_at), DueTimer.instance_id)
        .limit(limit)
    )
    with reading(engine.sessions) as session:
        return list(session.scalars(query))


def _with_timers_job(status: JobStatus) -> Select[UUID | None]:
    """Return the cases whose timers are left to a job; the status is written out, so that its partial index serves."""
    known = literal(status, Job.status.type, literal_execute=True)
    return select(Job.instance_id).where(Job.status == known, Job.kind == TIMERS_JOB, Job.instance_id.is_not(None))


def fire_instance(engine: Engine, instance_id: UUID) -> None:
    """Fire what is due in one case: timers of its diagram, then reminders of its open tasks."""

    def work(transaction: Transaction) -> None:
        fire(transaction, instance_id)

    enter(engine, "run_due_timers", SYSTEM, {"instance": instance_id}, work)


def fire(transaction: Transaction, instance_id: UUID) -> None:
    """Fire what is due in one case, inside a door."""
    try:
        case = Case.load(transaction, instance_id)
    except InstanceEndedError:
        return
    case.act_as(SYSTEM)
    case.hold()
    case.fire_due_timers()
    tokens = {task.token for task in case.run.user_tasks()} | {found.token for found in case.run.subscriptions()}
    _drop_lost(case)
    for row in _due_reminders(case):
        if row.token in tokens:
            _remind(case, row)
    if case.events:
        case.finish()


def _due_reminders(case: Case) -> list[DueTimer]:
    query = select(DueTimer).where(
        DueTimer.instance_id == case.row.id, DueTimer.kind == REMINDER, DueTimer.due_at <= case.transaction.now
    )
    rows = list(case.transaction.session.scalars(query))
    for row in rows:
        case.transaction.session.expunge(row)
    return rows


def _drop_lost(case: Case) -> None:
    """Delete due rows whose timer the run no longer knows, so that none is found due for ever."""
    known = set(case.before.timers)
    rows = case.transaction.session.execute(
        select(DueTimer.id, DueTimer.token).where(DueTimer.instance_id == case.row.id, DueTimer.kind == TIMER)
    ).all()
    lost = [row.id for row in rows if row.token not in known]
    if lost:
        LOG.warning("instance %s: %s due rows without a timer", case.row.id, len(lost))
        case.transaction.session.execute(
            delete(DueTimer).where(DueTimer.id.in_(lost)).execution_options(synchronize_session=False)
        )


def _remind(case: Case, row: DueTimer) -> None:
    """Send one reminder and arm the next."""
    transaction = case.transaction
    hooks = transaction.engine.registry.hooks
    bound = DecisionContext(transaction.session, transaction.now)
    task = transaction.session.scalars(
        select(UserTask).where(
            UserTask.instance_id == case.row.id, UserTask.token == row.token, UserTask.status == TaskStatus.OPEN
        )
    ).one_or_none()
    if task is not None:
        process_key, since, about = task.process_key, task.created_at, str(task.id)
        people = [task.assignee] if task.assignee else list(hooks.people_of(bound, task.queue or task.role))
    else:
        waiting = transaction.session.scalars(
            select(MessageSubscription).where(
                MessageSubscription.instance_id == case.row.id, MessageSubscription.token == row.token
            )
        ).one()
        process_key, since, about = waiting.process_key, waiting.created_at, str(case.row.id)
        element = case.deployed.definition.elements[process_key, row.element_id]
        people = list(hooks.people_of(bound, element.lane_role)) if element.lane_role else []
    key = case.deployed.properties(process_key, row.element_id)["reminder"]
    case.event(EventKind.REMINDER_SENT, process_key, row.element_id, reminder=key, count=row.count + 1, people=people)
    for person_id in people:
        transaction.add_notice(person_id, "reminder", case.row.business_key, about)
    _rearm(case, row, hooks.reminders(bound, key, since, row.count + 1))


def _rearm(case: Case, row: DueTimer, due_at: object) -> None:
    connection = case.transaction.session.connection()
    if due_at is None:
        connection.execute(delete(table_of(DueTimer)).where(table_of(DueTimer).c.id == row.id))
    else:
        values = {"due_at": due_at, "count": row.count + 1}
        connection.execute(update(table_of(DueTimer)).where(table_of(DueTimer).c.id == row.id).values(values))


def _raise_incident(engine: Engine, instance_id: UUID, error: Exception) -> None:
    def work(transaction: Transaction) -> None:
        row = transaction.session.get_one(ProcessInstance, instance_id)
        key = row.business_key
        job = transaction.add_job(TIMERS_JOB, TIMERS_JOB, {}, actor=SYSTEM, business_key=key, instance_id=row.id)
        job.update(status=JobStatus.FAILED, attempts=1, error=type(error).__name__, finished_at=transaction.now)
        mark_incident(transaction, instance_id)
        transaction.system_event(EventKind.JOB_FAILED, business_key=row.business_key, job=job["id"], key=TIMERS_JOB,
                                 instance=instance_id, error=type(error).__name__)  # fmt: skip

    enter(engine, "run_due_timers", SYSTEM, {"instance": instance_id}, work)


def mark_incident(transaction: Transaction, instance_id: UUID) -> None:
    """Show that a running case needs help."""
    transaction.session.connection().execute(
        update(table_of(ProcessInstance))
        .where(table_of(ProcessInstance).c.id == instance_id, table_of(ProcessInstance).c.ended_at.is_(None))
        .values(status=InstanceStatus.INCIDENT)
    )


def clear_incident(transaction: Transaction, instance_id: UUID, but: UUID) -> None:
    """Show a case as running again when no job of it but this one has failed."""
    others = select(Job.id).where(Job.instance_id == instance_id, Job.status == JobStatus.FAILED, Job.id != but)
    transaction.session.connection().execute(
        update(table_of(ProcessInstance))
        .where(table_of(ProcessInstance).c.id == instance_id, table_of(ProcessInstance).c.ended_at.is_(None),
               ~others.exists())
        .values(status=InstanceStatus.RUNNING)
    )  # fmt: skip

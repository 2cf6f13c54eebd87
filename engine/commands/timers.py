"""Door of due timers and reminders. Rows are the truth: whoever looks finds what is due, by the business clock."""

import logging
from uuid import UUID

from sqlalchemy import Integer, Select, bindparam, delete, literal, select, update

from engine.case import Case
from engine.chain import EventKind
from engine.commands.escalations import escalate
from engine.commands.pulses import beat
from engine.context import SYSTEM, DecisionContext
from engine.db import reading, table_of
from engine.errors import InstanceEndedError, InstanceSuspendedError, TimersBrokenError, UnavailableError
from engine.failures import failure_of
from engine.incidents import TIMERS, open_incident
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
from engine.projection import ESCALATION, REMINDER, TIMER
from engine.runtime_environment import Engine
from engine.spiff.runtime import WaitingMessage, WaitingTask
from engine.transaction import Transaction, enter

LOG = logging.getLogger("engine.timers")
_ANNOUNCED = ((REMINDER, "reminder"), (ESCALATION, "escalate"))
"""Kinds of due rows beside timers, and the property of an element for which they are written."""


def run_due_timers(engine: Engine, limit: int = 200) -> int:
    """Fire due timers and reminders of up to `limit` cases, one transaction each; return how many cases moved.

    A case whose timer cannot be fired becomes an incident and is passed over until somebody retries it. Other
    incidents of a case, as a paper that cannot be printed, do not stop its clock. A case somebody else is writing
    now is left for the next look.

    Raises:
        UnavailableError: the database is away or cannot write; no case is blamed for that.

    """
    moved = 0
    for instance_id in _due_instances(engine, limit):
        try:
            moved += _fire_if_free(engine, instance_id)
        except UnavailableError:
            raise
        except TimersBrokenError:
            LOG.info("the incident of instance %s was opened with the refusal", instance_id)
        except Exception as error:  # a bug in one case must not stop the clock of all others
            LOG.exception("timers of instance %s failed", instance_id)
            _raise_incident(engine, instance_id, error)
    beat(engine, "timers", moved)
    return moved


def _due_instances(engine: Engine, limit: int) -> list[UUID]:
    with reading(engine.sessions) as session:
        found = session.scalars(DUE_INSTANCES, {"now": engine.clock.now(), "most": limit})
        return list(dict.fromkeys(found))


def _query_of_due() -> Select[UUID]:
    suspended = literal(InstanceStatus.SUSPENDED, ProcessInstance.status.type, literal_execute=True)
    at_rest = select(ProcessInstance.id).where(
        ProcessInstance.id == DueTimer.instance_id, ProcessInstance.status == suspended
    )
    left_to_a_job = select(Job.id).where(
        Job.instance_id == DueTimer.instance_id, Job.kind == TIMERS,
        Job.status.in_((JobStatus.PENDING, JobStatus.FAILED)),
    )  # fmt: skip
    return (
        select(DueTimer.instance_id)
        .where(DueTimer.due_at <= bindparam("now"), ~left_to_a_job.exists(), ~at_rest.exists())
        .order_by(DueTimer.due_at, DueTimer.instance_id)
        .limit(bindparam("most", type_=Integer))
    )


DUE_INSTANCES = _query_of_due()
"""Cases with something due `now`, longest due first, `most` at most: a walk of one index that ends at the limit.

A case is named once for each of its timers. One whose timers are left to a job, or that is suspended, is passed over.
Built once, since an idle office asks it every few seconds.
"""


def _fire_if_free(engine: Engine, instance_id: UUID) -> bool:
    """Fire what is due in a case unless another transaction holds it; tell whether it did."""
    free = select(ProcessInstance.id).where(ProcessInstance.id == instance_id).with_for_update(skip_locked=True)

    def work(transaction: Transaction) -> bool:
        if transaction.session.execute(free).first() is None:
            return False
        fire(transaction, instance_id)
        return True

    return enter(engine, "run_due_timers", SYSTEM, {"instance": instance_id}, work)


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
        _forget(transaction, instance_id)
        return
    except InstanceSuspendedError:
        return  # it fires when the case is resumed
    case.act_as(SYSTEM)
    case.hold()
    case.fire_due_timers()
    tokens = {task.token for task in case.run.user_tasks()} | {found.token for found in case.run.subscriptions()}
    _drop_lost(case)
    for row in _due_reminders(case):
        if row.token in tokens and row.kind == REMINDER:
            _remind(case, row)
        elif row.token in tokens:
            escalate(case, row)
    if case.events:
        case.finish()


def _forget(transaction: Transaction, instance_id: UUID) -> None:
    """Delete what a case that is over still waits for, so that it is not found due for ever."""
    transaction.session.execute(
        delete(DueTimer).where(DueTimer.instance_id == instance_id).execution_options(synchronize_session=False)
    )


def _due_reminders(case: Case) -> list[DueTimer]:
    query = select(DueTimer).where(
        DueTimer.instance_id == case.row.id, DueTimer.kind.in_((REMINDER, ESCALATION)),
        DueTimer.due_at <= case.transaction.now,
    )  # fmt: skip
    rows = list(case.transaction.session.scalars(query))
    for row in rows:
        case.transaction.session.expunge(row)
    return rows


def _drop_lost(case: Case) -> None:
    """Delete due rows the run no longer knows, or of which the diagram says nothing any more, as after a migration.

    Else they would be found due for ever, before those of others.
    """
    known = {(token, TIMER) for token in case.before.timers}
    waiting: tuple[WaitingTask | WaitingMessage, ...] = (*case.before.tasks.values(), *case.before.messages.values())
    for item in waiting:
        said = case.deployed.properties(item.process_key, item.element_id).keys()
        known |= {(item.token, kind) for kind, name in _ANNOUNCED if name in said}
    rows = case.transaction.session.execute(
        select(DueTimer.id, DueTimer.token, DueTimer.kind).where(DueTimer.instance_id == case.row.id)
    ).all()
    lost = [row.id for row in rows if (row.token, row.kind) not in known]
    if lost:
        LOG.warning("instance %s: %s due rows that mean nothing", case.row.id, len(lost))
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
        open_incident(transaction, TIMERS, instance_id, failure_of(error, quiet=True))

    enter(engine, "run_due_timers", SYSTEM, {"instance": instance_id}, work)

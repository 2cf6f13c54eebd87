"""Door of cases that wait for nothing: no task, no timer, no message, no job, and not over. They need a person."""

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, literal, select

from engine.case import Case
from engine.chain import EventKind
from engine.commands.pulses import beat
from engine.context import SYSTEM
from engine.db import reading
from engine.errors import InstanceEndedError
from engine.failures import Failure
from engine.incidents import STUCK, open_incident
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
from engine.projection import TIMER, Snapshot
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter

LOG = logging.getLogger("engine.stuck")


class StuckCaseError(Exception):
    """The case waits for nothing, in its rows and in its own state: only a repair can move it."""


def find_stuck_cases(engine: Engine, limit: int = 200) -> int:
    """Open an incident for each running case that waits for nothing; return how many were found.

    One statement looks at one instant, and a door writes all it does at one instant: what it finds is no door at work.
    """
    with reading(engine.sessions) as session:
        found = list(session.scalars(stuck_cases(limit)))
    opened = sum(_open(engine, instance_id) for instance_id in found)
    beat(engine, STUCK, opened)
    return opened


def stuck_cases(limit: int) -> Select[UUID]:
    """Return the query for running cases that wait for nothing."""
    return select(ProcessInstance.id).where(waits_for_nothing()).order_by(ProcessInstance.id).limit(limit)


def waits_for_nothing() -> ColumnElement[bool]:
    """Return the condition, by which indexes of the case's id answer each part; a case at rest is left alone."""
    running = literal(InstanceStatus.RUNNING, ProcessInstance.status.type, literal_execute=True)
    tasks = select(UserTask.id).where(UserTask.instance_id == ProcessInstance.id, UserTask.status == TaskStatus.OPEN)
    timers = select(DueTimer.id).where(DueTimer.instance_id == ProcessInstance.id, DueTimer.kind == TIMER)
    messages = select(MessageSubscription.id).where(MessageSubscription.instance_id == ProcessInstance.id)
    jobs = select(Job.id).where(
        Job.instance_id == ProcessInstance.id, Job.status.in_((JobStatus.PENDING, JobStatus.FAILED))
    )
    idle = ~tasks.exists() & ~timers.exists() & ~messages.exists() & ~jobs.exists()
    return (ProcessInstance.status == running) & idle


def _open(engine: Engine, instance_id: UUID) -> bool:
    def work(transaction: Transaction) -> bool:
        still = select(ProcessInstance.id).where(ProcessInstance.id == instance_id, waits_for_nothing())
        if transaction.session.execute(still.with_for_update()).first() is None:
            return False
        LOG.error("case %s waits for nothing and is not over", instance_id)
        return open_incident(transaction, STUCK, instance_id, Failure(StuckCaseError.__name__, StuckCaseError.__name__))

    return enter(engine, "find_stuck_cases", SYSTEM, {"instance": instance_id}, work)


def revive(transaction: Transaction, instance_id: UUID) -> None:
    """Write anew the rows a case's state says it waits for, inside a door; what is due fires first.

    Raises:
        StuckCaseError: the state itself waits for nothing.

    """
    try:
        case = Case.load(transaction, instance_id)
    except InstanceEndedError:
        return
    case.act_as(SYSTEM)
    case.hold()
    case.fire_due_timers()
    known, now = _rows(transaction, instance_id), Snapshot.of(case.run)
    if not case.run.ended and not (now.tasks or now.timers or now.messages or now.jobs):
        raise StuckCaseError("the state of the case waits for nothing: it needs a repair")
    lost = [token for part in _parts(now) for token in part if token not in known]
    if lost:
        transaction.session.execute(  # what reminded of a lost row is armed anew with it
            delete(DueTimer)
            .where(DueTimer.instance_id == instance_id, DueTimer.token.in_(lost))
            .execution_options(synchronize_session=False)
        )
        case.before = Snapshot(*({token: part[token] for token in part if token in known} for part in _parts(now)))
        case.event(EventKind.INSTANCE_REVIVED, rows=len(lost))
    if case.events:
        case.finish()


def _parts(now: Snapshot) -> tuple[Mapping[str, Any], ...]:
    return now.tasks, now.timers, now.messages, now.jobs


def _rows(transaction: Transaction, instance_id: UUID) -> set[str]:
    """Return the tokens of a case that people, clocks and workers can see."""
    queries = (
        select(UserTask.token).where(UserTask.instance_id == instance_id, UserTask.status == TaskStatus.OPEN),
        select(DueTimer.token).where(DueTimer.instance_id == instance_id, DueTimer.kind == TIMER),
        select(MessageSubscription.token).where(MessageSubscription.instance_id == instance_id),
        select(Job.token).where(
            Job.instance_id == instance_id, Job.status.in_((JobStatus.PENDING, JobStatus.FAILED)), Job.token != ""
        ),
    )
    return {token for query in queries for token in transaction.session.scalars(query)}

"""Doors of jobs: what happens after a commit, outside the database, perhaps twice."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, or_, select, update
from sqlalchemy.exc import DBAPIError

from engine.case import Case
from engine.chain import EventKind
from engine.commands.messages import deliver, find_case
from engine.commands.pulses import beat
from engine.commands.stuck import revive
from engine.commands.timers import fire
from engine.context import SYSTEM, Actor, Values
from engine.db import reading, table_of
from engine.errors import (
    InstanceEndedError,
    InstanceSuspendedError,
    NotFoundError,
    TimersBrokenError,
    UnavailableError,
)
from engine.failures import Place, failure_of
from engine.incidents import STUCK, TIMERS, codes_of, is_known, mark_incident
from engine.models import InstanceStatus, Job, JobStatus, ProcessInstance
from engine.registry import JobStep
from engine.runtime_environment import Engine
from engine.services import checked_outputs
from engine.spiff.runtime import WaitingJob
from engine.storage_faults import as_refusal
from engine.transaction import Transaction, enter

LOG = logging.getLogger("engine.jobs")
LEASE = timedelta(minutes=5)
MAXIMUM_ATTEMPTS = 6
FIRST_BACK_OFF = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job this worker holds until its lease runs out."""

    id: UUID
    kind: str
    key: str
    instance_id: UUID | None
    token: str
    business_key: str
    payload: Values
    actor: Actor
    attempts: int
    leased_until: datetime
    place: Place


def run_due_jobs(engine: Engine, limit: int = 100, stopping: Callable[[], bool] = lambda: False) -> int:
    """Run up to `limit` jobs that are due and leased by nobody; return how many were tried.

    A job whose turn comes after its lease ran out is left to whoever holds it now; it was not tried, and none of its
    attempts is counted.

    Args:
        limit: how many at most.
        stopping: asked before each job; once it says so, the leases of the others are given back.

    """
    tried = 0
    claimed = _claim(engine, limit, None)
    for number, job in enumerate(claimed):
        if stopping() or engine.machine_clock.now() > job.leased_until:
            _give_back(engine, claimed[number:])
            break
        _run(engine, job)
        tried += 1
    beat(engine, "jobs", tried)
    return tried


def _give_back(engine: Engine, jobs: list[Claimed]) -> None:
    """Let others have jobs this worker has not begun; not those another worker holds by now."""

    def work(transaction: Transaction) -> None:
        for job in jobs:
            _change(transaction, job, leased_until=None, attempts=job.attempts - 1)

    enter(engine, "give_back_jobs", SYSTEM, {}, work)


def _change(transaction: Transaction, job: Claimed, **values: Any) -> bool:
    """Change the row of a job this worker still holds; False when it is closed, or another worker's by now."""
    row = table_of(Job).c
    mine = update(table_of(Job)).where(row.id == job.id, row.status == JobStatus.PENDING, row.attempts == job.attempts)
    return transaction.session.connection().execute(mine.values(values)).rowcount == 1


def run_job(engine: Engine, job_id: UUID) -> None:
    """Run one job now, as the doorbell asks; nothing happens when it is done, or somebody else has it."""
    for job in _claim(engine, 1, job_id):
        _run(engine, job)


def _claim(engine: Engine, limit: int, job_id: UUID | None) -> list[Claimed]:
    """Lease jobs with one statement, so that two workers never hold the same.

    What others are leasing is passed over (PostgreSQL), or waited for (SQLite, whose transactions begin immediate).
    The choice is a common table expression, evaluated once: inside IN it might be, and lock, again for each row.
    """
    now = engine.machine_clock.now()
    free = due_jobs(now) if job_id is None else due_jobs(now).where(Job.id == job_id)
    chosen = free.limit(limit).with_for_update(skip_locked=True).cte("chosen")

    def work(transaction: Transaction) -> list[Claimed]:
        statement = (
            update(table_of(Job))
            .where(table_of(Job).c.id.in_(select(chosen.c.id)))
            .values(leased_until=now + LEASE, attempts=table_of(Job).c.attempts + 1)
            .returning(*table_of(Job).c)
        )
        found = transaction.session.connection().execute(statement)
        rows = sorted(found, key=lambda row: (row.due_at, row.created_at, row.id))
        return [
            Claimed(row.id, row.kind, row.key, row.instance_id, row.token, row.business_key, dict(row.payload),
                    Actor(row.actor_id, post=row.actor_post), row.attempts, row.leased_until,
                    Place(row.process_key, row.element_id, row.key))
            for row in rows
        ]  # fmt: skip

    return enter(engine, "claim_jobs", SYSTEM, {}, work)


def due_jobs(now: datetime) -> Select[UUID]:
    """Return the query for jobs that are due and leased by nobody, longest due first: a walk of one partial index."""
    pending = literal(JobStatus.PENDING, Job.status.type, literal_execute=True)
    return (
        select(Job.id)
        .where(Job.status == pending, Job.due_at <= now, or_(Job.leased_until.is_(None), Job.leased_until < now))
        .order_by(Job.due_at, Job.id)
    )


class LeaseLostError(Exception):
    """Worker after worker was lost over a job: none lived to say what was wrong."""


def _run(engine: Engine, job: Claimed) -> None:
    if job.attempts > MAXIMUM_ATTEMPTS:
        LOG.error("job %s (%s %s) outlived its workers", job.id, job.kind, job.key)
        _record_failure(engine, job, LeaseLostError("the worker stopped each time it ran this"))
        return
    try:
        if job.kind == "service":
            _run_service(engine, job)
        elif job.kind == "message":
            _run_message(engine, job)
        elif job.kind == STUCK:
            _run_stuck(engine, job)
        else:
            _run_timers(engine, job)
    except InstanceSuspendedError:
        _hold(engine, job)
    except TimersBrokenError as refusal:
        if job.kind == TIMERS:
            _record_failure(engine, job, refusal)
        else:  # what fell due in the case comes first, and is an incident of its own
            _put_off(engine, job)
    except (UnavailableError, DBAPIError) as error:
        refused = error if isinstance(error, UnavailableError) else as_refusal(error)
        if refused is None:
            LOG.exception("job %s (%s %s) failed", job.id, job.kind, job.key)
            _record_failure(engine, job, error)
            return
        # the database is at fault, not the job, and can be told nothing: the lease runs out by itself
        LOG.warning("job %s (%s %s) is left: %s", job.id, job.kind, job.key, refused.code)
    except Exception as error:  # whatever fails is kept with the job, tried again and then shown to a person
        LOG.exception("job %s (%s %s) failed", job.id, job.kind, job.key)
        _record_failure(engine, job, error)


def _put_off(engine: Engine, job: Claimed) -> None:
    """Let a job wait, and count no attempt against it."""

    def work(transaction: Transaction) -> None:
        due_at = engine.machine_clock.now() + back_off(engine, job.attempts)
        _change(transaction, job, leased_until=None, attempts=job.attempts - 1, due_at=due_at)

    enter(engine, "run_job", SYSTEM, {"job": job.id}, work)


def _run_service(engine: Engine, job: Claimed) -> None:
    step = engine.registry.find(JobStep, job.key)
    params = dict(job.payload["params"])
    with reading(engine.sessions) as session:
        transaction = Transaction(engine, session, SYSTEM, engine.clock.now(), False)
        try:
            case = Case.load(transaction, _instance(job))
        except InstanceEndedError:
            case = None
        waiting = _waiting(case, job) if case else None
        if case is None or waiting is None:
            prepared = None
        elif is_known(transaction, TIMERS, case.row.id):
            raise TimersBrokenError("what fell due fails", instance=str(case.row.id))  # before anything is done twice
        else:
            ctx = case.context(waiting.process_key, waiting.element_id, waiting.variables)
            prepared = step.prepare(ctx, params)
    if prepared is None:
        _close(engine, job, JobStatus.CANCELLED, "the case has left this element")
        return
    result = step.perform(prepared)
    _complete_service(engine, job, step, result)


def _instance(job: Claimed) -> UUID:
    if job.instance_id is None:
        raise NotFoundError("the job names no case", job=str(job.id))
    return job.instance_id


def _waiting(case: Case, job: Claimed) -> WaitingJob | None:
    return next((found for found in case.run.jobs() if found.token == job.token), None)


def _complete_service(engine: Engine, job: Claimed, step: JobStep, result: Mapping[str, Any]) -> None:
    def work(transaction: Transaction) -> None:
        try:
            case = Case.load(transaction, _instance(job))
        except InstanceEndedError:
            _set_status(transaction, job, JobStatus.CANCELLED, "the case is over")
            return
        case.act_as(SYSTEM)
        case.hold()
        case.fire_due_timers()
        waiting = _waiting(case, job)
        if not _set_status(transaction, job, JobStatus.DONE if waiting else JobStatus.CANCELLED) or waiting is None:
            if case.events:
                case.finish()
            return
        event = case.event(EventKind.JOB_DONE, waiting.process_key, waiting.element_id, job=job.id,
                           attempts=job.attempts, asked_by=job.actor.id)  # fmt: skip
        ctx = case.context(waiting.process_key, waiting.element_id, waiting.variables)
        outputs = checked_outputs(step.key, step.outputs, step.apply(ctx, dict(result)))
        case.services.conclude(event, ctx, step.key, outputs)
        case.run.finish_job(job.token, outputs)
        case.finish(event)

    enter(engine, "run_job", SYSTEM, {"job": job.id, "instance": job.instance_id}, work)


def _run_message(engine: Engine, job: Claimed) -> None:
    _require_clock(engine, job)

    def work(transaction: Transaction) -> None:
        if _set_status(transaction, job, JobStatus.DONE):
            delivery = deliver(transaction, job.key, job.business_key, job.payload)
            if delivery.note:
                _set_note(transaction, job, delivery.note)

    enter(engine, "deliver_message", SYSTEM, {"job": job.id, "business_key": job.business_key}, work)


def _require_clock(engine: Engine, job: Claimed) -> None:
    """Let a message wait outside its door while the timers of its case are an incident: refusals are kept for ever.

    Raises:
        TimersBrokenError: they are.

    """
    with reading(engine.sessions) as session:
        transaction = Transaction(engine, session, SYSTEM, engine.clock.now(), False)
        instance_id = find_case(transaction, job.business_key)
        if instance_id is not None and is_known(transaction, TIMERS, instance_id):
            raise TimersBrokenError("what fell due fails", instance=str(instance_id))


def _run_timers(engine: Engine, job: Claimed) -> None:
    def work(transaction: Transaction) -> None:
        if _set_status(transaction, job, JobStatus.DONE):
            fire(transaction, _instance(job))

    enter(engine, "run_due_timers", SYSTEM, {"job": job.id, "instance": job.instance_id}, work)


def _run_stuck(engine: Engine, job: Claimed) -> None:
    def work(transaction: Transaction) -> None:
        if _set_status(transaction, job, JobStatus.DONE):
            revive(transaction, _instance(job))

    enter(engine, "revive_case", SYSTEM, {"job": job.id, "instance": job.instance_id}, work)


def _hold(engine: Engine, job: Claimed) -> None:
    """Put a job off until its case is resumed; what it did outside the database may then be done again.

    Where somebody resumed it in between, nobody else would let the job go on: it is due again at once.
    """

    def work(transaction: Transaction) -> None:
        status = JobStatus.HELD if _case_rests(transaction, job) else JobStatus.PENDING
        _change(transaction, job, status=status, leased_until=None, attempts=job.attempts - 1)

    enter(engine, "hold_job", SYSTEM, {"job": job.id}, work)


def _case_rests(transaction: Transaction, job: Claimed) -> bool:
    """Tell whether a job's case is suspended, with its row locked: whoever resumes it comes before or after."""
    instance_id = job.instance_id or find_case(transaction, job.business_key)
    query = select(ProcessInstance.status).where(ProcessInstance.id == instance_id).with_for_update()
    return transaction.session.execute(query).scalar_one_or_none() == InstanceStatus.SUSPENDED


def _close(engine: Engine, job: Claimed, status: JobStatus, note: str) -> None:
    def work(transaction: Transaction) -> None:
        _set_status(transaction, job, status, note)

    enter(engine, "run_job", SYSTEM, {"job": job.id}, work)


def _set_status(transaction: Transaction, job: Claimed, status: JobStatus, note: str = "") -> bool:
    """Close a pending job; False when somebody else has closed it meanwhile."""
    statement = (
        update(table_of(Job))
        .where(table_of(Job).c.id == job.id, table_of(Job).c.status == JobStatus.PENDING)
        .values(status=status, note=note, error="", leased_until=None, finished_at=transaction.now)
    )
    return transaction.session.connection().execute(statement).rowcount == 1


def _set_note(transaction: Transaction, job: Claimed, note: str) -> None:
    transaction.session.connection().execute(
        update(table_of(Job)).where(table_of(Job).c.id == job.id).values(note=note)
    )


def back_off(engine: Engine, attempts: int) -> timedelta:
    """Return how long to wait after a failed attempt: doubled each time, with up to half as much again by chance."""
    wait = FIRST_BACK_OFF * (1 << (attempts - 1))
    return wait * (1 + engine.random.getrandbits(10) / 2048)


def _record_failure(engine: Engine, job: Claimed, error: Exception) -> None:
    """Let the job wait for its next attempt, or make it an incident; not when another worker holds it by now."""
    given_up = job.attempts >= MAXIMUM_ATTEMPTS or job.kind == STUCK
    failure = failure_of(error)
    if not failure.place.element_id:
        failure = replace(failure, place=job.place)

    def work(transaction: Transaction) -> None:
        values: dict[str, Any] = {"leased_until": None, **failure.columns(job.kind, job.key)}
        if given_up:
            values |= {"status": JobStatus.FAILED, "finished_at": transaction.now}
        else:
            values["due_at"] = engine.machine_clock.now() + back_off(engine, job.attempts)
        if _change(transaction, job, **values) and given_up:
            if job.instance_id:
                mark_incident(transaction, job.instance_id)
            transaction.system_event(
                EventKind.JOB_FAILED, business_key=job.business_key, job=job.id, key=job.key, attempts=job.attempts,
                error=failure.error_class, **codes_of(failure.place),
                **({"instance": job.instance_id} if job.instance_id else {}),
            )  # fmt: skip

    enter(engine, "run_job", SYSTEM, {"job": job.id}, work)

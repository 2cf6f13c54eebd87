"""Doors of incidents: what gave up starts over, one at a time or all that broke for one cause, for a stated reason."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from engine import access, idempotency
from engine.chain import EventKind
from engine.context import Actor
from engine.db import table_of
from engine.errors import NoIncidentError, NotFoundError
from engine.idempotency import Request
from engine.incidents import clear_incidents
from engine.models import Job, JobStatus
from engine.runtime_environment import Engine
from engine.text import storable
from engine.transaction import Transaction, enter

LARGEST_BATCH = 500
"""How many jobs one transaction lets start over; more take several, each with its own events and the same reason."""


def retry_incident(
    engine: Engine, job_id: UUID, actor: Actor, reason: str, *, idempotency_key: str | None = None
) -> None:
    """Let a job that gave up start over; the case it belongs to runs again.

    Raises:
        ForbiddenError: the actor is no operator.
        NotFoundError: no such job.
        NoIncidentError: it has not given up.
        ReasonRequiredError: no reason.

    """

    def work(transaction: Transaction) -> list[UUID]:
        request = Request("retry_incident", str(job_id), idempotency_key, {"reason": reason})
        return _answered(transaction, request, lambda: retry(transaction))

    def retry(transaction: Transaction) -> list[UUID]:
        text = _permitted(engine, actor, reason)
        if transaction.session.execute(select(Job.id).where(Job.id == job_id)).first() is None:
            raise NotFoundError("no such job", job=str(job_id))
        done = _start_over(transaction, table_of(Job).c.id == job_id, f"job:{job_id}", text)
        if not done:
            raise NoIncidentError("the job has not given up", job=str(job_id))
        return done

    engine.nudge(enter(engine, "retry_incident", actor, {"job": job_id}, work))


def retry_incidents(
    engine: Engine, cause: str, actor: Actor, reason: str, *, idempotency_key: str | None = None
) -> int:
    """Let all jobs that gave up for one cause start over; return how many. Each batch has a key of its own.

    Raises:
        ForbiddenError: the actor is no operator.
        NoIncidentError: nothing has given up for that cause.
        ReasonRequiredError: no reason.

    """
    name, retried = storable(cause), 0

    def work(transaction: Transaction) -> list[UUID]:
        key = idempotency_key and (f"{idempotency_key}:{retried}" if retried else idempotency_key)
        request = Request("retry_incidents", name, key, {"reason": reason})
        return _answered(transaction, request, lambda: retry(transaction))

    def retry(transaction: Transaction) -> list[UUID]:
        text = _permitted(engine, actor, reason)
        done = _start_over(transaction, table_of(Job).c.cause == name, f"cause:{name}"[:200], text)
        if not done and not retried:
            raise NoIncidentError("nothing has given up for this cause")
        return done

    while batch := enter(engine, "retry_incidents", actor, {}, work):
        retried += len(batch)
        engine.nudge(batch)
        if len(batch) < LARGEST_BATCH:
            break
    return retried


def _answered(transaction: Transaction, request: Request, work: Callable[[], list[UUID]]) -> list[UUID]:
    """Return the jobs that start over; of a repeated request those of the first time."""
    answer = idempotency.once(transaction, request, lambda: {"jobs": work()})
    return [UUID(job) for job in answer["jobs"]]


def _permitted(engine: Engine, actor: Actor, reason: str) -> str:
    access.require_operator(engine.registry, actor)
    return access.clean_reason(reason)


def _start_over(transaction: Transaction, which: ColumnElement[bool], about: str, reason: str) -> list[UUID]:
    """Put failed jobs back in their queue, each with an event that carries the hash of the one stated reason."""
    rows = _failed(transaction, which)
    if not rows:
        return []
    jobs = {row.id for row in rows}
    transaction.session.connection().execute(
        update(table_of(Job))
        .where(table_of(Job).c.id.in_(jobs))
        .values(status=JobStatus.PENDING, attempts=0, due_at=transaction.engine.machine_clock.now(),
                leased_until=None, finished_at=None)
    )  # fmt: skip
    clear_incidents(transaction, {row.instance_id for row in rows if row.instance_id}, jobs)
    fact = transaction.state_reason("retry_incident", about, reason)
    for row in rows:
        event = transaction.system_event(
            EventKind.JOB_RETRIED, business_key=row.business_key, job=row.id, key=row.key, cause=row.cause
        )
        event.facts.append(fact)
    return [row.id for row in rows]


def _failed(transaction: Transaction, which: ColumnElement[bool]) -> Sequence[Any]:
    """Return the failed jobs meant, locked in one order; what another retry holds is waited for and then gone."""
    columns = table_of(Job).c
    query = (
        select(columns.id, columns.instance_id, columns.business_key, columns.key, columns.cause)
        .where(which, columns.status == JobStatus.FAILED)
        .order_by(columns.id)
        .limit(LARGEST_BATCH)
        .with_for_update()
    )
    return transaction.session.connection().execute(query).all()

"""Incidents inside a transaction: what gave up is a failed job, and its case shows that it needs help.

The doors are in `commands/incidents.py`; this is below them, since a refused door opens an incident as well.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select, update

from engine.chain import EventKind
from engine.context import SYSTEM
from engine.db import table_of
from engine.errors import TimersBrokenError
from engine.failures import Failure, Place, failure_of
from engine.models import InstanceStatus, Job, JobStatus, ProcessInstance

if TYPE_CHECKING:
    from engine.transaction import Transaction

TIMERS = "timers"
"""Kind and key of the job that is left when the timers of a case could not be fired."""
STUCK = "stuck"
"""Kind and key of the job that is left when a case waits for nothing and is not over."""
_OPEN = (JobStatus.PENDING, JobStatus.FAILED)


def open_incident(transaction: "Transaction", kind: str, instance_id: UUID, failure: Failure) -> bool:
    """Keep what broke in a running case as a job that gave up; False when such a job is known already.

    The case's row is written first: who comes second waits there and then sees the first one's job.
    """
    case = transaction.session.execute(
        select(ProcessInstance.business_key, ProcessInstance.process_key).where(ProcessInstance.id == instance_id)
    ).one_or_none()
    if case is None or not mark_incident(transaction, instance_id) or is_known(transaction, kind, instance_id):
        return False
    if not failure.place.process_key:
        failure = replace(failure, place=Place(case.process_key))
    job = transaction.add_job(
        kind, kind, {}, actor=SYSTEM, business_key=case.business_key, instance_id=instance_id,
        process_key=case.process_key,
    )  # fmt: skip
    job.update(status=JobStatus.FAILED, attempts=1, finished_at=transaction.now, **failure.columns(kind, kind))
    event = transaction.system_event(
        EventKind.JOB_FAILED, business_key=case.business_key, job=job["id"], key=kind, instance=instance_id,
        error=failure.error_class, **codes_of(failure.place),
    )  # fmt: skip
    event.actor = SYSTEM  # also when a person's request found it
    return True


def codes_of(place: Place) -> dict[str, Any]:
    """Return what an event says of a place."""
    return {"process": place.process_key, "element": place.element_id} if place.element_id else {}


def is_known(transaction: "Transaction", kind: str, instance_id: UUID) -> bool:
    """Tell whether a job of that kind is open for the case: it gave up, or starts over."""
    query = select(Job.id).where(Job.instance_id == instance_id, Job.kind == kind, Job.status.in_(_OPEN)).limit(1)
    return transaction.session.execute(query).first() is not None


def open_after_refusal(transaction: "Transaction", error: Exception) -> None:
    """Keep the broken timers of a case that made a door refuse."""
    if isinstance(error, TimersBrokenError):
        open_incident(transaction, TIMERS, UUID(error.details["instance"]), failure_of(error, quiet=True))


def mark_incident(transaction: "Transaction", instance_id: UUID) -> bool:
    """Show that a running case needs help; False when it is over or at rest."""
    table = table_of(ProcessInstance)
    changed = transaction.session.connection().execute(
        update(table)
        .where(table.c.id == instance_id, table.c.status.in_((InstanceStatus.RUNNING, InstanceStatus.INCIDENT)))
        .values(status=InstanceStatus.INCIDENT)
    )
    return changed.rowcount == 1


def clear_incidents(transaction: "Transaction", instance_ids: set[UUID], but: set[UUID]) -> int:
    """Show cases as running again when no job of theirs but these has failed, and return how many were incidents.

    Rows are locked in the order of their ids.
    """
    table = table_of(ProcessInstance)
    connection = transaction.session.connection()
    chosen = select(table.c.id).where(table.c.id.in_(instance_ids)).order_by(table.c.id).with_for_update()
    connection.execute(chosen)
    others = select(Job.id).where(Job.instance_id == table.c.id, Job.status == JobStatus.FAILED, Job.id.not_in(but))
    changed = connection.execute(
        update(table)
        .where(table.c.id.in_(instance_ids), table.c.status == InstanceStatus.INCIDENT, ~others.exists())
        .values(status=InstanceStatus.RUNNING)
    )
    return changed.rowcount

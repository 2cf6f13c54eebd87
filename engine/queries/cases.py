"""Cases: their row, how far they got, what they wait for, the diagrams they run on."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.case import case_by_key, instance_view, read_run, services_of
from engine.context import SYSTEM
from engine.db import reading
from engine.deployment import Deployed, newest_version
from engine.errors import NotFoundError
from engine.models import DiagramFile, InstanceStatus, MessageSubscription, ProcessInstance, ProcessVersion
from engine.runtime_environment import Engine
from engine.spiff.runtime import Run
from engine.transaction import Transaction
from engine.views import ElementState, InstanceView, WaitingView


def get_instance(engine: Engine, instance_id: UUID) -> InstanceView:
    """Return a case.

    Raises:
        NotFoundError: no such case.

    """
    with reading(engine.sessions) as session:
        found = _read(session, ProcessInstance.id == instance_id)
    if found is None:
        raise NotFoundError("no such instance", instance=str(instance_id))
    return found


def find_instance(engine: Engine, business_key: str) -> InstanceView | None:
    """Return the case with that key, None without one; of several the one that still runs, else the latest."""
    with reading(engine.sessions) as session:
        return _read(session, ProcessInstance.id == case_by_key(business_key).scalar_subquery())


def _read(session: Session, which: ColumnElement[bool]) -> InstanceView | None:
    query = (
        select(ProcessInstance, ProcessVersion.version)
        .join(ProcessVersion, ProcessVersion.id == ProcessInstance.process_version_id)
        .where(which)
    )
    found = session.execute(query).one_or_none()
    return None if found is None else instance_view(found.ProcessInstance, found.version)


def element_states(engine: Engine, instance_id: UUID) -> tuple[ElementState, ...]:
    """Return how far a case got at each element of each of its diagrams.

    In a case that was cancelled, what was open then counts as cancelled.

    Raises:
        NotFoundError: no such case.

    """
    with reading(engine.sessions) as session:
        row, _deployed, run = _load(engine, session, instance_id)
        states = tuple(run.element_states())
        if row.status != InstanceStatus.CANCELLED:
            return states
    return tuple(
        replace(state, state="cancelled") if state.state in ("active", "waiting") else state for state in states
    )


def due_timers(engine: Engine, instance_id: UUID) -> tuple[WaitingView, ...]:
    """Return the timer events a case waits for, soonest first; none once it is over.

    Raises:
        NotFoundError: no such case.

    """
    with reading(engine.sessions) as session:
        row, deployed, run = _load(engine, session, instance_id)
        if row.ended_at is not None:
            return ()
        return tuple(
            WaitingView(
                timer.process_key, timer.element_id, deployed.name(timer.process_key, timer.element_id), timer.due_at
            )
            for timer in run.timers()
        )


def _load(engine: Engine, session: Session, instance_id: UUID) -> tuple[ProcessInstance, Deployed, Run]:
    row = session.get(ProcessInstance, instance_id)
    if row is None:
        raise NotFoundError("no such instance", instance=str(instance_id))
    deployed = engine.definitions.get(session, row.process_version_id)
    transaction = Transaction(engine, session, SYSTEM, engine.clock.now(), False)
    return row, deployed, read_run(row, deployed, services_of(transaction, row))


def waiting_messages(engine: Engine, instance_id: UUID) -> tuple[WaitingView, ...]:
    """Return the messages a case waits for, longest waiting first; `name` is the message's."""
    query = (
        select(MessageSubscription)
        .where(MessageSubscription.instance_id == instance_id)
        .order_by(MessageSubscription.created_at, MessageSubscription.process_key, MessageSubscription.element_id)
    )
    with reading(engine.sessions) as session:
        return tuple(WaitingView(row.process_key, row.element_id, row.name) for row in session.scalars(query))


def diagram_xml(engine: Engine, instance_id: UUID | None, process_key: str) -> bytes:
    """Return a diagram as it was deployed: that of the case's version, or the newest without a case.

    Raises:
        NotFoundError: no such case, or its version has no such process.

    """
    with reading(engine.sessions) as session:
        if instance_id is None:
            version = session.get_one(ProcessVersion, newest_version(session, process_key))
        else:
            row = session.get(ProcessInstance, instance_id)
            if row is None:
                raise NotFoundError("no such instance", instance=str(instance_id))
            version = session.get_one(ProcessVersion, row.process_version_id)
        sha256 = version.files.get(process_key)
        if sha256 is None:
            raise NotFoundError("no such process in this version", process=process_key)
        return session.get_one(DiagramFile, sha256).xml

"""What keeps the system going: deployments, incidents, duties, notices."""

from datetime import date

from sqlalchemy import ColumnElement, func, select

from engine.db import reading
from engine.errors import NotFoundError
from engine.models import (
    DueTimer,
    Job,
    JobStatus,
    Notice,
    ProcessInstance,
    ProcessVersion,
    TableVersion,
    TaskStatus,
    UserTask,
    WorkerPulse,
)
from engine.queries import cursors
from engine.runtime_environment import Engine
from engine.views import DeploymentView, IncidentView, NoticeView, PulseView, StandingView


def list_deployments(engine: Engine) -> tuple[DeploymentView, ...]:
    """Return the versions of processes, newest first, then those of tables, latest day first."""
    processes = select(
        ProcessVersion.process_key, ProcessVersion.version, ProcessVersion.sha256, ProcessVersion.deployed_at,
        ProcessVersion.deployed_by,
    ).order_by(ProcessVersion.process_key, ProcessVersion.version.desc())  # fmt: skip
    tables = select(
        TableVersion.table_key, TableVersion.valid_from, TableVersion.sha256, TableVersion.deployed_at,
        TableVersion.deployed_by,
    ).order_by(TableVersion.table_key, TableVersion.valid_from.desc())  # fmt: skip
    with reading(engine.sessions) as session:
        found = [
            DeploymentView("process", row.process_key, row.version, None, row.sha256, row.deployed_at, row.deployed_by)
            for row in session.execute(processes)
        ]
        found += [
            DeploymentView("table", row.table_key, 0, row.valid_from, row.sha256, row.deployed_at, row.deployed_by)
            for row in session.execute(tables)
        ]
    return tuple(found)


def table_xml(engine: Engine, key: str, valid_from: date) -> bytes:
    """Return the file of a decision table's version.

    Raises:
        NotFoundError: no version of that table begins on that day.

    """
    query = select(TableVersion.xml).where(TableVersion.table_key == key, TableVersion.valid_from == valid_from)
    with reading(engine.sessions) as session:
        found = session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no such table version", table=key, on=valid_from.isoformat())
    return found


def list_incidents(engine: Engine) -> tuple[IncidentView, ...]:
    """Return the jobs that gave up, latest first."""
    query = select(Job).where(Job.status == JobStatus.FAILED).order_by(Job.finished_at.desc(), Job.id)
    with reading(engine.sessions) as session:
        return tuple(
            IncidentView(
                row.id, row.kind, row.key, row.business_key, row.attempts, row.error, row.finished_at or row.created_at
            )
            for row in session.scalars(query)
        )


def worker_pulses(engine: Engine) -> tuple[PulseView, ...]:
    """Return when each background duty last ran."""
    with reading(engine.sessions) as session:
        rows = session.scalars(select(WorkerPulse).order_by(WorkerPulse.duty))
        return tuple(PulseView(row.duty, row.at, row.count) for row in rows)


def notices_of(engine: Engine, person_id: str, limit: int = 50) -> tuple[NoticeView, ...]:
    """Return a person's notices, latest first."""
    query = (
        select(Notice)
        .where(Notice.person_id == person_id)
        .order_by(Notice.at.desc(), Notice.id)
        .limit(cursors.clamp(limit))
    )
    with reading(engine.sessions) as session:
        return tuple(
            NoticeView(row.id, row.kind, row.business_key, row.about, row.at, row.read_at is not None)
            for row in session.scalars(query)
        )


def count_unread(engine: Engine, person_id: str) -> int:
    """Return how many notices a person has not read."""
    query = select(func.count()).select_from(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    with reading(engine.sessions) as session:
        return session.execute(query).scalar_one()


def standing(engine: Engine) -> StandingView:
    """Return how much is open, in one statement."""
    counts = (
        _counted(UserTask.status == TaskStatus.OPEN), _counted(ProcessInstance.ended_at.is_(None)),
        _counted(Job.status == JobStatus.PENDING), _counted(Job.status == JobStatus.FAILED),
        _counted(DueTimer.due_at <= engine.clock.now()),
    )  # fmt: skip
    with reading(engine.sessions) as session:
        return StandingView(*session.execute(select(*counts)).one())


def _counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).where(condition).scalar_subquery()

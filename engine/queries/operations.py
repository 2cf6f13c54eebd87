"""What keeps the system going: deployments, incidents, duties, notices."""

from datetime import date

from sqlalchemy import ColumnElement, bindparam, func, literal, select
from sqlalchemy.orm import Session

from engine.db import reading
from engine.errors import NotFoundError
from engine.models import (
    DueTimer,
    InstanceStatus,
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
from engine.statements import Statement
from engine.text import storable
from engine.views import DeploymentView, IncidentGroupView, IncidentView, NoticeView, PulseView, StandingView


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


def list_incidents(engine: Engine, cause: str | None = None, limit: int | None = None) -> tuple[IncidentView, ...]:
    """Return the jobs that gave up, latest first; of one cause, or of all."""
    with reading(engine.sessions) as session:
        return _incidents(session, cause, limit)


def _incidents(session: Session, cause: str | None, limit: int | None) -> tuple[IncidentView, ...]:
    query = select(Job).where(failed()).order_by(Job.finished_at.desc(), Job.id).limit(limit)
    if cause is not None:
        query = query.where(Job.cause == storable(cause))
    return tuple(incident_view(row) for row in session.scalars(query))


def incident_view(row: Job) -> IncidentView:
    """Return a job that gave up as a value."""
    return IncidentView(
        row.id, row.kind, row.key, row.business_key, row.attempts, row.error, row.finished_at or row.created_at,
        row.cause, row.process_key, row.element_id, row.error_class, row.instance_id,
    )  # fmt: skip


def failed() -> ColumnElement[bool]:
    """Return the condition with the status written out, so that the partial index of failed jobs serves."""
    return Job.status == literal(JobStatus.FAILED, Job.status.type, literal_execute=True)


def list_incident_groups(engine: Engine, cases: int = 20) -> tuple[IncidentGroupView, ...]:
    """Return what gave up, grouped by cause, largest first, each with at most `cases` of its incidents."""
    parts = (Job.cause, Job.kind, Job.key, Job.process_key, Job.element_id, Job.error_class)
    count = func.count()
    query = (
        select(*parts, count.label("jobs"), func.min(Job.finished_at).label("first_at"),
               func.max(Job.finished_at).label("last_at"))
        .where(failed())
        .group_by(*parts)
        .order_by(count.desc(), Job.cause)
    )  # fmt: skip
    with reading(engine.sessions) as session:
        return tuple(
            IncidentGroupView(
                row.cause, row.kind, row.key, row.process_key, row.element_id, row.error_class, row.jobs,
                row.first_at, row.last_at, _incidents(session, row.cause, cases),
            )
            for row in session.execute(query).all()
        )  # fmt: skip


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


_UNREAD = Statement(
    select(func.count()).select_from(Notice).where(Notice.person_id == bindparam("person"), Notice.read_at.is_(None))
)
"""Each page asks it."""


def count_unread(engine: Engine, person_id: str) -> int:
    """Return how many notices a person has not read."""
    with reading(engine.sessions) as session:
        return int(_UNREAD.all(session, {"person": person_id})[0][0])


def standing(engine: Engine) -> StandingView:
    """Return how much is open, in one statement; timers of a suspended case are not late, they rest."""
    resting = select(ProcessInstance.id).where(ProcessInstance.status == InstanceStatus.SUSPENDED)
    counts = (
        _counted(UserTask.status == TaskStatus.OPEN), _counted(ProcessInstance.ended_at.is_(None)),
        _counted(Job.status == JobStatus.PENDING), _counted(failed()),
        _counted((DueTimer.due_at <= engine.clock.now()) & DueTimer.instance_id.not_in(resting)),
    )  # fmt: skip
    with reading(engine.sessions) as session:
        return StandingView(*session.execute(select(*counts)).one())


def _counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).where(condition).scalar_subquery()

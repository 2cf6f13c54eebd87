"""Versions of processes: which there are, how many cases run on each, what changed from one to the next."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from engine.comparison import Comparison, compare
from engine.db import reading
from engine.deployment import read_files
from engine.diagram_names import Name, names_of
from engine.errors import NotFoundError
from engine.intervention_views import VersionView
from engine.models import ProcessInstance, ProcessVersion
from engine.runtime_environment import Engine


def list_versions(engine: Engine, process_key: str) -> tuple[VersionView, ...]:
    """Return the versions of a process, newest first.

    Raises:
        NotFoundError: the process was never deployed.

    """
    with reading(engine.sessions) as session:
        rows = session.execute(_counted(ProcessVersion.process_key == process_key)).all()
        if not rows:
            raise NotFoundError("no such process", process=process_key)
        return tuple(_view(*row) for row in rows)


def find_version(engine: Engine, version_id: UUID) -> VersionView:
    """Return a version by its id.

    Raises:
        NotFoundError: no such version.

    """
    with reading(engine.sessions) as session:
        row = session.execute(_counted(ProcessVersion.id == version_id)).one_or_none()
        if row is None:
            raise NotFoundError("no such process version", version=str(version_id))
        return _view(*row)


def count_running(engine: Engine) -> Mapping[tuple[str, int], int]:
    """Return how many cases run on each version of each process, by process key and version."""
    with reading(engine.sessions) as session:
        rows = session.execute(_counted()).all()
        return {(version.process_key, version.version): running for version, running, _cases in rows}


def _counted(*which: ColumnElement[bool]) -> Select[ProcessVersion, int, int]:
    """Return the query for versions with their cases that run and all they ever had."""
    running = func.count(ProcessInstance.id).filter(ProcessInstance.ended_at.is_(None))
    return (
        select(ProcessVersion, running.label("running"), func.count(ProcessInstance.id).label("cases"))
        .outerjoin(ProcessInstance, ProcessInstance.process_version_id == ProcessVersion.id)
        .where(*which)
        .group_by(ProcessVersion.id)
        .order_by(ProcessVersion.process_key, ProcessVersion.version.desc())
    )


def _view(version: ProcessVersion, running: int, cases: int) -> VersionView:
    return VersionView(
        version.id, version.process_key, version.version, version.sha256, version.deployed_at, version.deployed_by,
        tuple(version.files), running, cases,
    )  # fmt: skip


def version_files(engine: Engine, process_key: str, version: int) -> Mapping[str, bytes]:
    """Return the diagrams of a version by process key, that of the process itself first.

    Raises:
        NotFoundError: no such version.
        UnreadableCaseError: one of its files is missing.

    """
    with reading(engine.sessions) as session:
        return _files(session, process_key, version)


def _files(session: Session, process_key: str, version: int) -> dict[str, bytes]:
    query = select(ProcessVersion).where(ProcessVersion.process_key == process_key, ProcessVersion.version == version)
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFoundError("no such process version", process=process_key, version=version)
    files = read_files(session, row.files)
    return {process_key: files[process_key], **files}


def compare_versions(engine: Engine, process_key: str, before: int, after: int) -> Comparison:
    """Compare two versions of a process over all files they use; 0 stands for having none.

    Raises:
        NotFoundError: no such version.
        UnreadableCaseError: a file is missing.

    """
    with reading(engine.sessions) as session:
        old = _files(session, process_key, before) if before else {}
        return compare(old, _files(session, process_key, after))


def names_of_process(engine: Engine, process_key: str, *, newest_only: bool = False) -> Mapping[str, Name]:
    """Return what the diagrams of a process call it and its elements, by id; of what was renamed the newest name.

    What an older version alone has stands there as well, since its cases and their history go on to be read; but
    not with `newest_only`, which costs the same however often a process was changed. Empty for no such process.
    """
    query = (
        select(ProcessVersion.files)
        .where(ProcessVersion.process_key == process_key)
        .order_by(ProcessVersion.version.desc())
        .limit(1 if newest_only else None)
    )
    with reading(engine.sessions) as session:
        hashes = dict.fromkeys(files[process_key] for files in session.scalars(query))
        diagrams = read_files(session, {sha256: sha256 for sha256 in hashes})
    found: dict[str, Name] = {}
    for sha256 in hashes:
        found = {**names_of(diagrams[sha256]), **found}
    return found

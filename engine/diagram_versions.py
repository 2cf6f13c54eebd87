"""Versions of processes on their way into force: linted, hashed, stored. For the deploy door and for approvals.

A process version is a diagram together with all it calls; when one of them changes, so does the version. A diagram
that came into force by an approved case is not taken back by deploying the folder it was changed from again, and a
process that began so stays beside those of the folder.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.orm import Session

from engine import lint
from engine.comparison import compare
from engine.db import fact_hash, table_of
from engine.deployment import Sources, bundle_hash, read_diagram, read_files
from engine.errors import DeploymentError
from engine.ids import Ids
from engine.models import DiagramFile, ProcessVersion, TableVersion
from engine.registry import Registry
from engine.views import DeploymentView


@dataclass(frozen=True, slots=True)
class NewVersions:
    """The versions that were stored, and the facts history knows them by."""

    views: list[DeploymentView] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)


def diagrams_in_force(session: Session) -> dict[str, bytes]:
    """Return the diagram of every process that new cases run on, by process key."""
    files = {key: row.files[key] for key, row in _newest(session).items()}
    return read_files(session, files)


def diagram_of_hash(session: Session, sha256: str) -> bytes | None:
    """Return a diagram that was once in force, None when none has that hash."""
    return session.scalar(select(DiagramFile.xml).where(DiagramFile.sha256 == sha256))


def process_key_of(xml: bytes) -> str:
    """Return the key of the one process of a file.

    Raises:
        DeploymentError: it is no diagram, or holds no or several processes.

    """
    return read_diagram("", xml)[0]


def with_change(session: Session, xml: bytes) -> dict[str, bytes]:
    """Return what would be in force together if a diagram came into force now.

    Raises:
        DeploymentError: the file is no diagram.

    """
    return {**diagrams_in_force(session), process_key_of(xml): xml}


def is_unchanged(session: Session, xml: bytes) -> bool:
    """Tell whether a diagram says and draws what the one in force does, however the file is written.

    Raises:
        DeploymentError: the file is no diagram.

    """
    key = process_key_of(xml)
    before = diagrams_in_force(session).get(key)
    return before is not None and compare({key: before}, {key: xml}).same


def refusals_of(
    session: Session, diagrams: Mapping[str, bytes], registry: Registry, *, more_tables: frozenset[str] = frozenset()
) -> list[dict[str, str]]:
    """Return the findings that forbid diagrams to be in force together, as a refusal lists them.

    Args:
        session: where the tables in force are.
        diagrams: all that are in force together, by process key.
        registry: what they may name.
        more_tables: keys of tables that come into force with them.

    """
    tables = set(session.scalars(select(TableVersion.table_key))) | more_tables
    return [
        {"process_key": found.process_key, "element_id": found.element_id, "rule": found.rule, "message": found.message}
        for found in lint.check(diagrams, registry, tables=tables)
    ]


def refuse(findings: list[dict[str, str]]) -> None:
    """Refuse a deployment that has findings.

    Raises:
        DeploymentError: there are findings; `details["findings"]` lists them.

    """
    if findings:
        first = findings[0]
        raise DeploymentError(
            f"{first['process_key']} {first['element_id']}: {first['message']} ({len(findings)} findings)",
            findings=findings,
        )


def keep_approved(session: Session, sources: Sources) -> Sources:
    """Return a folder's sources with what approved changes brought since.

    That is each diagram that one has taken the place of, and each process that the folder does not know.
    """
    files = {key: row.files[key] for key, row in _newest(session).items()}
    query = select(DiagramFile.sha256, DiagramFile.approved_by)
    known = {row.sha256: row.approved_by for row in session.execute(query)}
    kept = {}
    for key, sha256 in files.items():
        given = hashlib.sha256(sources.diagrams[key]).hexdigest() if key in sources.diagrams else None
        if given != sha256 and (given is None or given in known) and known.get(sha256):
            kept[key] = sha256
    diagrams = {**sources.diagrams, **read_files(session, kept)}
    return replace(Sources.of(diagrams), tables=sources.tables)


def add_process_versions(
    session: Session, sources: Sources, *, ids: Ids, now: datetime, actor_id: str, approved_by: str = ""
) -> NewVersions:
    """Store the versions that are new; what is in force already adds nothing. The caller writes facts into an event.

    Args:
        session: the transaction to write in.
        sources: all diagrams that are in force together afterwards.
        ids: where ids of versions come from.
        now: the business instant.
        actor_id: who brings them into force.
        approved_by: business key of the case that approved the change; empty for the deploy door.

    """
    new = NewVersions()
    _store_files(session, sources.diagrams, approved_by, new)
    known = _newest(session)
    rows: list[dict[str, Any]] = []
    for key in sources.diagrams:
        files = sources.bundle(key)
        sha256 = bundle_hash(files)
        if key in known and known[key].sha256 == sha256:
            continue
        version = known[key].version + 1 if key in known else 1
        row = {"id": ids.new(), "process_key": key, "version": version, "sha256": sha256, "files": files,
               "deployed_at": now, "deployed_by": actor_id}  # fmt: skip
        rows.append(row)
        new.facts.append((f"process_version:{row['id']}", fact_hash(ProcessVersion(**row))))
        new.views.append(DeploymentView("process", key, version, None, sha256, now, actor_id))
    if rows:
        session.connection().execute(insert(table_of(ProcessVersion)), rows)
    return new


def _store_files(session: Session, diagrams: Mapping[str, bytes], approved_by: str, new: NewVersions) -> None:
    known = set(session.scalars(select(DiagramFile.sha256)))
    rows = []
    for key, xml in diagrams.items():
        sha256 = hashlib.sha256(xml).hexdigest()
        if sha256 not in known:
            row = {"sha256": sha256, "process_key": key, "xml": xml, "approved_by": approved_by}
            rows.append(row)
            new.facts.append((f"diagram_file:{sha256}", fact_hash(DiagramFile(**row))))
    if rows:
        session.connection().execute(insert(table_of(DiagramFile)), rows)


def _newest(session: Session) -> dict[str, Row[Any]]:
    newest = (
        select(ProcessVersion.process_key, func.max(ProcessVersion.version).label("version"))
        .group_by(ProcessVersion.process_key)
        .subquery()
    )
    query = select(
        ProcessVersion.process_key, ProcessVersion.version, ProcessVersion.sha256, ProcessVersion.files
    ).join(
        newest,
        (ProcessVersion.process_key == newest.c.process_key) & (ProcessVersion.version == newest.c.version),
    )  # fmt: skip
    return {row.process_key: row for row in session.execute(query.order_by(ProcessVersion.process_key))}

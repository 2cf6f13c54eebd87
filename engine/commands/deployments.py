"""Door of deployment: diagrams and tables become versions in force; nothing that was in force changes."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from engine import lint
from engine.chain import EventKind
from engine.context import Actor
from engine.db import fact_hash
from engine.deployment import Sources, TableFile, bundle_hash, read_folder
from engine.errors import DeploymentError
from engine.models import DiagramFile, ProcessVersion, TableVersion
from engine.runtime_environment import Engine
from engine.table_versions import add_table_versions, refusals_of
from engine.transaction import Transaction, enter, insert_rows
from engine.views import DeploymentView


def deploy(engine: Engine, folder: Path, actor: Actor) -> list[DeploymentView]:
    """Deploy a folder: `*.bpmn` and `tables/<table>/<date>.dmn`. What is unchanged adds nothing.

    A process version is a diagram together with all it calls; when one of them changes, so does the version.

    Returns:
        The versions added.

    Raises:
        DeploymentError: `details["findings"]` lists element, rule and reason; nothing was deployed.

    """

    def work(transaction: Transaction) -> list[DeploymentView]:
        sources = read_folder(folder)
        _check(transaction, sources)
        added: list[Any] = []
        tables = _new_tables(transaction, sources.tables, added)
        _store_diagrams(transaction, sources, added)
        processes = _new_processes(transaction, sources, added)
        if added:
            event = transaction.system_event(
                EventKind.DEPLOYMENT_ADDED,
                processes={view.key: view.version for view in processes},
                tables=[f"{view.key}/{view.valid_from}" for view in tables],
            )
            event.facts.extend(added)
        return [*processes, *tables]

    return enter(engine, "deploy", actor, {}, work)


def _check(transaction: Transaction, sources: Sources) -> None:
    engine = transaction.engine
    tables = set(transaction.session.scalars(select(TableVersion.table_key)))
    tables |= {table.table for table in sources.tables}
    findings = [
        {"process_key": found.process_key, "element_id": found.element_id, "rule": found.rule, "message": found.message}
        for found in lint.check(sources.diagrams, engine.registry, tables=tables)
    ]
    findings += refusals_of(sources.tables, engine.registry.functions.keys())
    if findings:
        first = findings[0]
        raise DeploymentError(
            f"{first['process_key']} {first['element_id']}: {first['message']} ({len(findings)} findings)",
            findings=findings,
        )


def _new_tables(
    transaction: Transaction, files: Sequence[TableFile], added: list[tuple[str, str]]
) -> list[DeploymentView]:
    actor_id = transaction.actor.id
    new = add_table_versions(
        transaction.session, files, ids=transaction.engine.ids, now=transaction.now, actor_id=actor_id
    )
    added.extend(version.fact for version in new)
    return [
        DeploymentView("table", one.file.table, 0, one.file.valid_from, one.file.sha256, transaction.now, actor_id)
        for one in new
    ]


def _store_diagrams(transaction: Transaction, sources: Sources, added: list[tuple[str, str]]) -> None:
    known = set(transaction.session.scalars(select(DiagramFile.sha256)))
    rows = []
    for key, xml in sources.diagrams.items():
        sha256 = hashlib.sha256(xml).hexdigest()
        if sha256 not in known:
            row = {"sha256": sha256, "process_key": key, "xml": xml}
            rows.append(row)
            added.append((f"diagram_file:{sha256}", fact_hash(DiagramFile(**row))))
    insert_rows(transaction.session, DiagramFile, rows)


def _new_processes(
    transaction: Transaction, sources: Sources, added: list[tuple[str, str]]
) -> list[DeploymentView]:
    newest = (
        select(ProcessVersion.process_key, func.max(ProcessVersion.version).label("version"))
        .group_by(ProcessVersion.process_key)
        .subquery()
    )
    query = select(ProcessVersion.process_key, ProcessVersion.version, ProcessVersion.sha256).join(
        newest,
        (ProcessVersion.process_key == newest.c.process_key) & (ProcessVersion.version == newest.c.version),
    )
    known = {row.process_key: row for row in transaction.session.execute(query)}
    rows, views = [], []
    for key in sources.diagrams:
        files = sources.bundle(key)
        sha256 = bundle_hash(files)
        if key in known and known[key].sha256 == sha256:
            continue
        version = known[key].version + 1 if key in known else 1
        row = {
            "id": transaction.engine.ids.new(), "process_key": key, "version": version, "sha256": sha256,
            "files": files, "deployed_at": transaction.now, "deployed_by": transaction.actor.id,
        }  # fmt: skip
        rows.append(row)
        added.append((f"process_version:{row['id']}", fact_hash(ProcessVersion(**row))))
        views.append(DeploymentView("process", key, version, None, sha256, transaction.now, transaction.actor.id))
    insert_rows(transaction.session, ProcessVersion, rows)
    return views

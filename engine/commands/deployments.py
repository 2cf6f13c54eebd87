"""Door of deployment: diagrams and tables become versions in force; nothing that was in force changes."""

from collections.abc import Sequence
from pathlib import Path

from engine import diagram_versions
from engine.chain import EventKind
from engine.context import Actor
from engine.deployment import Sources, TableFile, read_folder
from engine.diagram_versions import keep_approved, refuse
from engine.runtime_environment import Engine
from engine.table_versions import add_table_versions, refusals_of
from engine.transaction import Transaction, enter
from engine.views import DeploymentView


def deploy(engine: Engine, folder: Path, actor: Actor) -> list[DeploymentView]:
    """Deploy a folder: `*.bpmn` and `tables/<table>/<date>.dmn`. What is unchanged adds nothing.

    A process version is a diagram together with all it calls; when one of them changes, so does the version. A diagram
    that an approved change has taken the place of stays as it was approved.

    Returns:
        The versions added.

    Raises:
        DeploymentError: `details["findings"]` lists element, rule and reason; nothing was deployed.

    """

    def work(transaction: Transaction) -> list[DeploymentView]:
        sources = keep_approved(transaction.session, read_folder(folder))
        _check(transaction, sources)
        added: list[tuple[str, str]] = []
        tables = _new_tables(transaction, sources.tables, added)
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
    registry = transaction.engine.registry
    more = frozenset(table.table for table in sources.tables)
    refuse([
        *diagram_versions.refusals_of(transaction.session, sources.diagrams, registry, more_tables=more),
        *refusals_of(sources.tables, registry.functions.keys()),
    ])  # fmt: skip


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


def _new_processes(transaction: Transaction, sources: Sources, added: list[tuple[str, str]]) -> list[DeploymentView]:
    new = diagram_versions.add_process_versions(
        transaction.session, sources, ids=transaction.engine.ids, now=transaction.now, actor_id=transaction.actor.id
    )
    added.extend(new.facts)
    return new.views

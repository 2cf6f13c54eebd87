"""Cases on their way from one version of their process to another: verdicts, and the move of one case inside a door."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.case import Case, lock_instance, read_run, services_of
from engine.chain import EventKind
from engine.db import table_of
from engine.deployment import Deployed
from engine.errors import NotFoundError, ScopeMissingError, UnreadableCaseError
from engine.intervention_views import Verdict
from engine.models import ProcessInstance, ProcessVersion, UserTask
from engine.projection import queue_of, scope_of
from engine.spiff.migrating import Obstacle, migrate, obstacles
from engine.spiff.runtime import Run, WaitingTask
from engine.text import fold, storable
from engine.transaction import Transaction
from engine.views import CommandResult

LARGEST_NUMBER = 2**31 - 1
"""What a column of whole numbers holds; no version has a greater one."""


def version_of(session: Session, process_key: str, version: int) -> UUID:
    """Return the id of a version by its number.

    Raises:
        NotFoundError: no such version.

    """
    query = select(ProcessVersion.id).where(
        ProcessVersion.process_key == storable(process_key), ProcessVersion.version == version
    )
    found = session.execute(query).scalar_one_or_none() if 0 < version <= LARGEST_NUMBER else None
    if found is None:
        raise NotFoundError("no such process version", process=process_key, version=version)
    return found


def running_on(session: Session, version_id: UUID, chosen: Sequence[UUID] = ()) -> list[ProcessInstance]:
    """Return the cases of a version that are not over, in the order of their ids; only the `chosen`, when there are."""
    query = select(ProcessInstance).where(
        ProcessInstance.process_version_id == version_id, ProcessInstance.ended_at.is_(None)
    )
    if chosen:
        query = query.where(ProcessInstance.id.in_(chosen))
    return list(session.scalars(query.order_by(ProcessInstance.id)))


def held_on(transaction: Transaction, row: ProcessInstance, version_id: UUID) -> ProcessInstance | None:
    """Return a case as it is now, locked until the end of the door; None when it is over, or on another version.

    Of many cases the last is judged long after they were found, and people work on: a verdict on what it was then
    would let it move to where it may not go.
    """
    lock_instance(transaction, row.id)
    transaction.session.refresh(row)
    return row if row.ended_at is None and row.process_version_id == version_id else None


def verdict_of(transaction: Transaction, row: ProcessInstance, to: Deployed) -> Verdict:
    """Say whether a case can move to another version; nothing is written."""
    deployed = transaction.engine.definitions.get(transaction.session, row.process_version_id)
    found = (row.id, row.business_key, row.revision, str(row.status))
    try:
        run = read_run(row, deployed, services_of(transaction, row))
    except UnreadableCaseError:
        return Verdict(*found, reason="unreadable")
    against = obstacles(run, to.definition) or _without_scope(transaction, run, to)
    if not against:
        return Verdict(*found)
    first = against[0]
    return Verdict(*found, reason=first.code, process_key=first.process_key, element_id=first.element_id)


def _without_scope(transaction: Transaction, run: Run, to: Deployed) -> tuple[Obstacle, ...]:
    """Return the open tasks that would lie in a lane held per unit, of which the case names none."""
    found = []
    for task in run.user_tasks():
        try:
            scope_of(transaction.engine.registry, to.definition.elements[task.process_key, task.element_id], task)
        except ScopeMissingError:
            found.append(Obstacle("scope_missing", task.process_key, task.element_id))
    return tuple(found)


def move_case(transaction: Transaction, instance_id: UUID, to: Deployed, **told: Any) -> CommandResult:
    """Move one case to another version and finish it; `told` is what its event says besides.

    Its tasks keep their ids, holders, drafts and due dates, its timers their instants, its messages are waited for
    as before. What the new diagram calls otherwise (the name of a step, its lane) is written to the open tasks.
    """
    case = Case.load(transaction, instance_id, also_suspended=True)
    case.hold()
    event = case.event(
        EventKind.INSTANCE_MIGRATED, before=case.deployed.version, after=to.version, sha256=to.sha256, **told
    )
    case.run = migrate(case.run, to.definition, case.services)
    case.deployed = to
    case.row.process_version_id = to.id
    kept = [task for task in case.run.user_tasks() if task.token in case.before.tasks]
    result = case.finish(event)
    describe_tasks(case, kept)
    return result


def describe_tasks(case: Case, tasks: Sequence[WaitingTask]) -> None:
    """Write anew what the diagram and the variables say of tasks that stay open: name, lane, queue, variables."""
    table = table_of(UserTask)
    for task in tasks:
        element = case.deployed.definition.elements[task.process_key, task.element_id]
        role_key, scope = element.lane_role or "", scope_of(case.transaction.engine.registry, element, task)
        name = case.deployed.name(task.process_key, task.element_id)
        mine = (table.c.instance_id == case.row.id) & (table.c.token == task.token)
        values = {
            "name": name, "search": fold(f"{name} {case.row.business_key}"), "role": role_key, "scope": scope,
            "variables": dict(task.variables),
        }  # fmt: skip
        connection = case.transaction.session.connection()
        connection.execute(update(table).where(mine).values(values))
        connection.execute(
            update(table).where(mine, table.c.queue.is_not(None)).values(queue=queue_of(role_key, scope))
        )

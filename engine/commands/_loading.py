"""What doors of tasks share: reading a task with its case, refusing what is closed or late, telling an answer again."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, select, update

from engine import idempotency
from engine.case import Case, instance_view, lock_instance
from engine.context import Actor
from engine.db import columns_of, table_of, value_of
from engine.errors import NotFoundError, TaskNotOpenError
from engine.idempotency import Request
from engine.models import IdempotencyRecord, ProcessInstance, TaskStatus, UserTask
from engine.projection import drop_drafts, task_view
from engine.registry import UserStep
from engine.statements import Statement
from engine.transaction import Transaction
from engine.views import CommandResult, TaskView


@dataclass(frozen=True, slots=True)
class LoadedTask:
    """A task with its case, and what the request was answered before."""

    view: TaskView
    token: str
    instance: ProcessInstance
    first: IdempotencyRecord | None


_TASK_COLUMNS, _CASE_COLUMNS = len(table_of(UserTask).c), len(table_of(ProcessInstance).c)
_TASK = Statement(
    select(*columns_of(UserTask, ProcessInstance, IdempotencyRecord))
    .join_from(UserTask, ProcessInstance, ProcessInstance.id == UserTask.instance_id)
    .outerjoin(
        IdempotencyRecord,
        and_(IdempotencyRecord.actor_id == bindparam("actor_id"), IdempotencyRecord.key == bindparam("request_key")),
    )
    .where(UserTask.id == bindparam("task_id"))
)


def load_task(transaction: Transaction, task_id: UUID, key: str | None = None) -> LoadedTask:
    """Read a task and all a door needs beside it in one statement.

    Raises:
        NotFoundError: no such task.

    """
    if transaction.locked:
        lock_case_of(transaction, task_id)
    asked = {"task_id": task_id, "actor_id": transaction.actor.id, "request_key": key}
    cells = _TASK.first(transaction.session, asked)
    if cells is None:
        raise NotFoundError("no such task", task=str(task_id))
    task = value_of(UserTask, cells[:_TASK_COLUMNS])
    instance = value_of(ProcessInstance, cells[_TASK_COLUMNS : _TASK_COLUMNS + _CASE_COLUMNS])
    answered = cells[_TASK_COLUMNS + _CASE_COLUMNS :]
    first = value_of(IdempotencyRecord, answered) if answered[0] is not None else None
    return LoadedTask(task_view(task), task.token, instance, first)


def lock_case_of(transaction: Transaction, task_id: UUID) -> None:
    """Wait for the case of a task, where rows can be locked."""
    lock_instance(transaction, select(UserTask.instance_id).where(UserTask.id == task_id).scalar_subquery())


def require_open(task: TaskView) -> None:
    """Refuse a task that was completed or cancelled.

    Raises:
        TaskNotOpenError: it was.

    """
    if task.status != TaskStatus.OPEN:
        raise TaskNotOpenError("the task is no longer open", task=str(task.id), status=task.status)


def close_late(case: Case, found: LoadedTask) -> None:
    """Let timers that are due act first.

    Raises:
        TaskNotOpenError: one of them closed the task; `details["status"]` is then `overdue`.

    """
    if case.fire_due_timers() and found.token not in {task.token for task in case.run.user_tasks()}:
        task_id, instance = str(found.view.id), str(case.row.id)
        raise TaskNotOpenError("the deadline has passed", task=task_id, status="overdue", instance=instance)


def set_task(transaction: Transaction, task_id: UUID, **changed: Any) -> None:
    """Change columns of a task's row."""
    _setting(tuple(changed)).run(transaction.session, {"task_id": task_id, **changed})


@cache
def _setting(names: tuple[str, ...]) -> Statement:
    task = table_of(UserTask)
    return Statement(update(task).where(task.c.id == bindparam("task_id")), names)


def close_row(transaction: Transaction, found: LoadedTask, step: UserStep, actor: Actor) -> None:
    """Close the row of a task that an actor has completed, with what was typed on the way."""
    set_task(
        transaction, found.view.id, status=TaskStatus.COMPLETED, queue=None, assignee=actor.id,
        completed_at=transaction.now, completed_by=actor.id, completed_for=actor.on_behalf_of or None,
    )  # fmt: skip
    if not step.secret:  # of a secret step there never is one
        drop_drafts(transaction.session, [found.view.id])


def remember(transaction: Transaction, request: Request, result: CommandResult) -> None:
    """Keep the ids of a door's answer."""
    opened = [view.id for view in result.opened]
    idempotency.remember(transaction, request, idempotency.answer_of(result.instance.id, opened, list(result.closed)))


def replay(transaction: Transaction, answer: dict[str, Any]) -> CommandResult:
    """Tell a first answer again; the case is shown as it is now."""
    row = transaction.session.get_one(ProcessInstance, UUID(answer["instance"]))
    deployed = transaction.engine.definitions.get(transaction.session, row.process_version_id)
    ids = [UUID(text) for text in answer["opened"]]
    query = select(UserTask).where(UserTask.id.in_(ids)).order_by(UserTask.created_at, UserTask.id)
    opened = tuple(task_view(task) for task in transaction.session.scalars(query)) if ids else ()
    return CommandResult(instance_view(row, deployed.version), opened, tuple(UUID(text) for text in answer["closed"]))

"""The rows by which people, clocks and messages find a case, kept equal to what its run waits for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from engine.chain import EventKind
from engine.clock import VIETNAM
from engine.context import DecisionContext
from engine.db import table_of
from engine.deployment import Deployed
from engine.errors import ScopeMissingError
from engine.feel import FeelEvaluationError
from engine.ids import Ids
from engine.models import (
    NEVER,
    NORMAL_PRIORITY,
    Draft,
    DueTimer,
    Job,
    JobStatus,
    MessageSubscription,
    TaskStatus,
    UserTask,
)
from engine.registry import Registry
from engine.spiff.runtime import Element, Run, WaitingJob, WaitingMessage, WaitingTask, WaitingTimer
from engine.text import fold
from engine.transaction import insert_rows
from engine.views import TaskView

TIMER, REMINDER, ESCALATION = "timer", "reminder", "escalation"
PRIORITIES = (1, 2, 3)
"""Urgent, usual, may wait."""
UNDONE = (JobStatus.PENDING, JobStatus.HELD, JobStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a run waits for, by token."""

    tasks: Mapping[str, WaitingTask] = field(default_factory=dict)
    timers: Mapping[str, WaitingTimer] = field(default_factory=dict)
    messages: Mapping[str, WaitingMessage] = field(default_factory=dict)
    jobs: Mapping[str, WaitingJob] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run) -> "Snapshot":
        """Return what the run waits for now."""
        return cls(
            {task.token: task for task in run.user_tasks()},
            {timer.token: timer for timer in run.timers()},
            {message.token: message for message in run.subscriptions()},
            {job.token: job for job in run.jobs()},
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """Where rows are written: the case, the instant and what is needed to describe a task."""

    session: Session
    registry: Registry
    ids: Ids
    now: datetime
    instance_id: UUID
    business_key: str
    deployed: Deployed
    evaluate: Callable[[str, Mapping[str, Any]], Any]


@dataclass(slots=True)
class Changes:
    """What the projection wrote, for the history and the answer.

    Attributes:
        left: how many jobs were left behind undone, also such as had given up.

    """

    opened: list[TaskView] = field(default_factory=list)
    cancelled: list[tuple[UUID, WaitingTask]] = field(default_factory=list)
    jobs: list[WaitingJob] = field(default_factory=list)
    left: int = 0


def project(frame: Frame, before: Snapshot, after: Snapshot, completed: str | None) -> Changes:
    """Write the difference between two snapshots; `completed` is the token whose task row is already closed."""
    changes = Changes()
    gone = [before.tasks[token] for token in before.tasks.keys() - after.tasks.keys()]
    changes.cancelled = _cancel(frame, [task for task in gone if task.token != completed])
    reminders: list[dict[str, Any]] = []
    rows = []
    for token in _new(before.tasks, after.tasks):
        row, reminder = _task_row(frame, after.tasks[token])
        rows.append(row)
        reminders += reminder
        changes.opened.append(task_view(UserTask(**row)))
    insert_rows(frame.session, UserTask, rows)
    reminders += _subscriptions(frame, before, after)
    _timers(frame, before, after, gone, reminders)
    changes.left = _drop_jobs(frame, [token for token in before.jobs if token not in after.jobs])
    changes.jobs = [after.jobs[token] for token in _new(before.jobs, after.jobs)]
    return changes


def _new(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
    return [token for token in after if token not in before]


def _cancel(frame: Frame, tasks: list[WaitingTask]) -> list[tuple[UUID, WaitingTask]]:
    if not tasks:
        return []
    by_token = {task.token: task for task in tasks}
    statement = (
        update(UserTask)
        .where(UserTask.instance_id == frame.instance_id, UserTask.token.in_(by_token))
        .values(status=TaskStatus.CANCELLED, queue=None, completed_at=frame.now)
        .returning(UserTask.id, UserTask.token)
        .execution_options(synchronize_session=False)
    )
    found = [(row.id, by_token[row.token]) for row in frame.session.execute(statement)]
    drop_drafts(frame.session, [task_id for task_id, _task in found])
    return found


def drop_drafts(session: Session, task_ids: list[UUID]) -> None:
    """Delete the drafts of closed tasks."""
    session.execute(delete(Draft).where(Draft.task_id.in_(task_ids)).execution_options(synchronize_session=False))


def _task_row(frame: Frame, task: WaitingTask) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    element = frame.deployed.definition.elements[task.process_key, task.element_id]
    properties = element.properties
    role_key, scope = element.lane_role or "", scope_of(frame.registry, element, task)
    personal = task.loop_assignee is not None
    assignee = task.loop_assignee or _assignee(properties, task.variables)
    name = frame.deployed.name(task.process_key, task.element_id)
    remind_at, escalate_at = _first_reminder(frame, properties), _escalation(frame, properties)
    due_at = _due(frame, properties, task.variables) or escalate_at or remind_at
    row = {
        "id": frame.ids.new(), "instance_id": frame.instance_id, "token": task.token,
        "process_key": task.process_key, "root_process_key": frame.deployed.process_key,
        "business_key": frame.business_key, "element_id": task.element_id, "step_key": properties["step"],
        "name": name, "role": role_key, "scope": scope,
        "queue": None if assignee else queue_of(role_key, scope), "assignee": assignee, "owner": None,
        "status": TaskStatus.OPEN, "personal": personal, "search": fold(f"{name} {frame.business_key}"),
        "variables": dict(task.variables), "created_at": frame.now,
        "due_at": due_at, "due_order": due_at or NEVER, "priority": _priority(frame, properties, task.variables),
        "follow_up_on": None, "escalated_at": None, "completed_at": None, "completed_by": None, "completed_for": None,
    }  # fmt: skip
    told = [(REMINDER, remind_at), (ESCALATION, escalate_at)]
    return row, [_timer_row(frame, task.token, task.element_id, kind, at) for kind, at in told if at is not None]


def scope_of(registry: Registry, element: Element, task: WaitingTask) -> str:
    """Return for which unit (or other scope) the role of a task's lane is held; empty where it is held for all.

    Raises:
        ScopeMissingError: the case does not name it, so the task would lie in a queue nobody walks.

    """
    role = registry.roles.get(element.lane_role or "")
    if role is None or role.scope_variable is None:
        return ""
    found = task.variables.get(role.scope_variable)
    if found is None:
        place = f"{element.process_key}.{element.element_id}"
        raise ScopeMissingError("nobody knows whose task this is", task_place=place, variable=role.scope_variable)
    return str(found)


def queue_of(role: str, scope: str) -> str:
    """Return the name of a shared queue."""
    return f"{role}@{scope}" if scope else role


def _assignee(properties: Mapping[str, str], variables: Mapping[str, Any]) -> str | None:
    name = properties.get("assignee")
    value = variables.get(name) if name else None
    return str(value) if value else None


def _due(frame: Frame, properties: Mapping[str, str], variables: Mapping[str, Any]) -> datetime | None:
    expression = properties.get("due")
    value = frame.evaluate(expression, variables) if expression else None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.max)
    if value is None:
        return None
    try:
        return (value if value.tzinfo else value.replace(tzinfo=VIETNAM)).astimezone(UTC)
    except (AttributeError, TypeError, OverflowError) as error:
        message = f"due needs a date, a date-time or null, of the years a calendar has: {expression}"
        raise FeelEvaluationError(message, expression=expression) from error


def _priority(frame: Frame, properties: Mapping[str, str], variables: Mapping[str, Any]) -> int:
    """Return the priority the diagram computes; the usual one where it says none or something else than 1, 2, 3."""
    expression = properties.get("priority")
    value = frame.evaluate(expression, variables) if expression else None
    return int(value) if value in PRIORITIES else NORMAL_PRIORITY


def _escalation(frame: Frame, properties: Mapping[str, str]) -> datetime | None:
    key = properties.get("escalate")
    if not key:
        return None
    return frame.registry.hooks.deadlines(DecisionContext(frame.session, frame.now), key, frame.now)


def _first_reminder(frame: Frame, properties: Mapping[str, str]) -> datetime | None:
    key = properties.get("reminder")
    if not key:
        return None
    return frame.registry.hooks.reminders(DecisionContext(frame.session, frame.now), key, frame.now, 0)


def _timer_row(frame: Frame, token: str, element_id: str, kind: str, due_at: datetime) -> dict[str, Any]:
    return {
        "id": frame.ids.new(), "instance_id": frame.instance_id, "token": token, "element_id": element_id,
        "kind": kind, "due_at": due_at, "count": 0,
    }  # fmt: skip


def _subscriptions(frame: Frame, before: Snapshot, after: Snapshot) -> list[dict[str, Any]]:
    gone = [token for token in before.messages if token not in after.messages]
    if gone:
        frame.session.execute(
            delete(MessageSubscription)
            .where(MessageSubscription.instance_id == frame.instance_id, MessageSubscription.token.in_(gone))
            .execution_options(synchronize_session=False)
        )
    rows, reminders = [], []
    for token in _new(before.messages, after.messages):
        message = after.messages[token]
        rows.append({
            "id": frame.ids.new(), "instance_id": frame.instance_id, "token": token,
            "element_id": message.element_id, "process_key": message.process_key, "name": message.message,
            "business_key": frame.business_key, "created_at": frame.now,
        })  # fmt: skip
        remind_at = _first_reminder(frame, frame.deployed.properties(message.process_key, message.element_id))
        if remind_at is not None:
            reminders.append(_timer_row(frame, token, message.element_id, REMINDER, remind_at))
    insert_rows(frame.session, MessageSubscription, rows)
    return reminders


def _timers(
    frame: Frame, before: Snapshot, after: Snapshot, gone: list[WaitingTask], reminders: list[dict[str, Any]]
) -> None:
    left = [before.messages[token] for token in before.messages if token not in after.messages]
    waited: tuple[WaitingTask | WaitingMessage, ...] = (*gone, *left)
    reminded = [
        item.token
        for item in waited
        if frame.deployed.properties(item.process_key, item.element_id).keys() & {"reminder", "escalate"}
    ]
    moved = {
        token for token, timer in before.timers.items()
        if token in after.timers and after.timers[token].due_at != timer.due_at
    }  # fmt: skip
    stale = [token for token in before.timers if token not in after.timers or token in moved]
    if stale or reminded:
        frame.session.execute(
            delete(DueTimer)
            .where(DueTimer.instance_id == frame.instance_id, DueTimer.token.in_([*stale, *reminded]))
            .execution_options(synchronize_session=False)
        )
    fresh = [after.timers[token] for token in after.timers if token not in before.timers or token in moved]
    rows = [_timer_row(frame, timer.token, timer.element_id, TIMER, timer.due_at) for timer in fresh]
    insert_rows(frame.session, DueTimer, rows + reminders)


def _drop_jobs(frame: Frame, tokens: list[str]) -> int:
    """Cancel jobs whose element the case has left, and return how many; the one that just finished is not pending."""
    if not tokens:
        return 0
    statement = (
        update(table_of(Job))
        .where(Job.instance_id == frame.instance_id, Job.token.in_(tokens), Job.status.in_(UNDONE))
        .values(status=JobStatus.CANCELLED, finished_at=frame.now)
    )
    return frame.session.connection().execute(statement).rowcount


def drop_all_jobs(session: Session, instance_id: UUID, now: datetime) -> None:
    """Cancel what is left to be done for a case that is over, also what had given up."""
    session.execute(
        update(Job)
        .where(Job.instance_id == instance_id, Job.status.in_(UNDONE))
        .values(status=JobStatus.CANCELLED, finished_at=now)
        .execution_options(synchronize_session=False)
    )


def task_view(row: UserTask) -> TaskView:
    """Return a task row as a value."""
    return TaskView(
        row.id, row.instance_id, row.process_key, row.root_process_key, row.business_key, row.element_id,
        row.step_key, row.name, row.role, row.scope, row.assignee, row.owner, str(row.status), row.created_at,
        row.due_at, row.completed_at, row.completed_by, bool(row.personal), dict(row.variables), row.priority,
        row.follow_up_on, row.escalated_at, row.completed_for, bool(row.suspended),
    )  # fmt: skip


def task_created(view: TaskView) -> tuple[str, str, str, dict[str, Any]]:
    """Return kind, process, element and data of the event that says a task was opened."""
    data: dict[str, Any] = {"task": view.id, "step": view.step_key, "role": view.role}
    if view.assignee:
        data["assignee"] = view.assignee
    return EventKind.TASK_CREATED, view.process_key, view.element_id, data

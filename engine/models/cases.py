"""Where a case stands, and what people have to do in it."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base


class InstanceStatus(StrEnum):
    """Where an instance is in its life; the path itself is in its state.

    Of a suspended one nothing moves until it is resumed: no task, no timer, no message, no job.
    """

    RUNNING = "running"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    INCIDENT = "incident"


class TaskStatus(StrEnum):
    """The life of a user task."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ProcessInstance(Base):
    """One run of one process version. `state` is opaque outside `engine.spiff`.

    Room is left in its pages (PostgreSQL), so that the next state of a case lies beside the last one and no index is
    written. `revision` guards against two writers; `history_*` is the head of the instance's hash chain.
    """

    __tablename__ = "process_instance"
    __table_args__ = (
        Index(None, "business_key"),
        Index(
            "uq_process_instance_key",
            "process_key",
            "business_key",
            unique=True,
            sqlite_where=text("business_key <> ''"),
            postgresql_where=text("business_key <> ''"),
        ),
        Index(
            "ix_process_instance_running",
            "id",
            sqlite_where=text("status = 'running'"),
            postgresql_where=text("status = 'running'"),
        ),
        Index(
            "ix_process_instance_suspended",
            "id",
            sqlite_where=text("status = 'suspended'"),
            postgresql_where=text("status = 'suspended'"),
        ),
        CheckConstraint(
            "(status = 'running' OR status = 'incident' OR status = 'suspended') = (ended_at IS NULL)",
            name="ended_when_over",
        ),
        {"postgresql_with": {"fillfactor": 80}},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    process_version_id: Mapped[UUID] = mapped_column(ForeignKey("process_version.id"))
    process_key: Mapped[str]
    business_key: Mapped[str]
    status: Mapped[InstanceStatus] = mapped_column(default=InstanceStatus.RUNNING)
    state: Mapped[bytes] = mapped_column(LargeBinary)
    variables: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_event: Mapped[str | None]
    history_sequence: Mapped[int] = mapped_column(default=0)
    history_hash: Mapped[str]


NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Where a task without a due date stands in a queue sorted by it."""
NORMAL_PRIORITY = 2
"""Between 1, urgent, and 3, may wait."""


class UserTask(Base):
    """A step that waits for a person. Its id is public; `token` is the task's id in the engine's state.

    `queue` is what a shared queue is walked by: the role, or `role@scope`, and NULL once somebody holds it.
    A `personal` task (one ballot of many) belongs to its assignee alone: it is never released, delegated or taken over.
    `search` is the name and the business key without case and accents.
    `suspended` while its case is: it stands in the queue, and nobody can do it.
    `owner` handed the task to its assignee and gets it back. `completed_for` is the person in whose place a deputy or
    helper did it. `due_order` is `due_at`, or `NEVER`, so that a queue can be walked by it. `follow_up_on` is the day
    on which its holder wants to see it again; `escalated_at` when the unit's head was told that it is late.
    """

    __tablename__ = "user_task"
    __table_args__ = (
        UniqueConstraint("instance_id", "token"),
        CheckConstraint("(status = 'completed') = (completed_by IS NOT NULL)", name="completed_by_someone"),
        CheckConstraint("priority BETWEEN 1 AND 3", name="priority_known"),
        Index(
            "ix_user_task_mine",
            "assignee",
            "created_at",
            "id",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_user_task_group",
            "queue",
            "created_at",
            "id",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_user_task_due",
            "queue",
            "due_order",
            "id",
            sqlite_where=text("status = 'open' AND queue IS NOT NULL"),
            postgresql_where=text("status = 'open' AND queue IS NOT NULL"),
        ),
        Index(
            "ix_user_task_priority",
            "queue",
            "priority",
            "created_at",
            "id",
            sqlite_where=text("status = 'open' AND queue IS NOT NULL"),
            postgresql_where=text("status = 'open' AND queue IS NOT NULL"),
        ),
        Index(
            "ix_user_task_out",
            "owner",
            "created_at",
            "id",
            sqlite_where=text("status = 'open' AND owner IS NOT NULL"),
            postgresql_where=text("status = 'open' AND owner IS NOT NULL"),
        ),
        Index("ix_user_task_done", "completed_by", "completed_at", "id"),
        Index("ix_user_task_instance", "instance_id", "status"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    token: Mapped[str]
    process_key: Mapped[str]
    root_process_key: Mapped[str]
    business_key: Mapped[str]
    element_id: Mapped[str]
    step_key: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    scope: Mapped[str] = mapped_column(default="")
    queue: Mapped[str | None]
    assignee: Mapped[str | None]
    owner: Mapped[str | None]
    status: Mapped[TaskStatus] = mapped_column(default=TaskStatus.OPEN)
    personal: Mapped[bool] = mapped_column(default=False)
    suspended: Mapped[bool] = mapped_column(default=False)
    search: Mapped[str] = mapped_column(default="")
    variables: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    due_order: Mapped[datetime] = mapped_column(default=NEVER)
    priority: Mapped[int] = mapped_column(default=NORMAL_PRIORITY)
    follow_up_on: Mapped[date | None]
    escalated_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    completed_by: Mapped[str | None]
    completed_for: Mapped[str | None]


class Draft(Base):
    """What one person has typed into one task so far. Never of a secret step; gone when the task closes."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("task_id", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("user_task.id"))
    person_id: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    values: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]

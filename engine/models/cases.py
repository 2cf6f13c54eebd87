"""Where a case stands, and what people have to do in it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base


class InstanceStatus(StrEnum):
    """Where an instance is in its life; the path itself is in its state."""

    RUNNING = "running"
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

    `revision` guards against two writers; `history_*` is the head of the instance's hash chain.
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
        CheckConstraint("(status = 'running' OR status = 'incident') = (ended_at IS NULL)", name="ended_when_over"),
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


class UserTask(Base):
    """A step that waits for a person. Its id is public; `token` is the task's id in the engine's state.

    `queue` is what a shared queue is walked by: the role, or `role@scope`, and NULL once somebody holds it.
    A `personal` task (one ballot of many) belongs to its assignee alone: it is never released, delegated or taken over.
    `search` is the name and the business key without case and accents.
    """

    __tablename__ = "user_task"
    __table_args__ = (
        UniqueConstraint("instance_id", "token"),
        CheckConstraint("(status = 'completed') = (completed_by IS NOT NULL)", name="completed_by_someone"),
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
    search: Mapped[str] = mapped_column(default="")
    variables: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    completed_by: Mapped[str | None]


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

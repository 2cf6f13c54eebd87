"""What clocks, messages and workers look for."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base


class JobStatus(StrEnum):
    """The life of a job; `failed` is an incident a person retries, `held` waits until its case is resumed."""

    PENDING = "pending"
    HELD = "held"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DueTimer(Base):
    """A timer event of a diagram (`timer`), a reminder of a task or its escalation, due at an instant."""

    __tablename__ = "due_timer"
    __table_args__ = (UniqueConstraint("instance_id", "token", "kind"), Index(None, "due_at", "instance_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    token: Mapped[str]
    element_id: Mapped[str]
    kind: Mapped[str]
    due_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=0)


class MessageSubscription(Base):
    """A catching message event that waits in a case."""

    __tablename__ = "message_subscription"
    __table_args__ = (UniqueConstraint("instance_id", "token"), Index(None, "name", "business_key"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    token: Mapped[str]
    element_id: Mapped[str]
    process_key: Mapped[str]
    name: Mapped[str]
    business_key: Mapped[str]
    created_at: Mapped[datetime]


class Job(Base):
    """Work to be done after a commit (`kind`). Rows are the truth.

    `service` is an element in job mode, `message` a message to another case, `timers` the due timers of a case that
    could not be fired, `stuck` a case that waits for nothing. `cause` is one name for what failed, where and how, so
    that what broke for one reason is shown and retried together. `due_at` and `leased_until` are by the machine's
    clock (a lost worker's lease runs out and the sweep rings again); `created_at` and `finished_at`, which people
    read, by the business clock.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "instance_id"),
        Index(
            "ix_job_due",
            "due_at",
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "ix_job_failed",
            "finished_at",
            sqlite_where=text("status = 'failed'"),
            postgresql_where=text("status = 'failed'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    instance_id: Mapped[UUID | None]
    token: Mapped[str] = mapped_column(default="")
    business_key: Mapped[str] = mapped_column(default="")
    process_key: Mapped[str] = mapped_column(default="")
    element_id: Mapped[str] = mapped_column(default="")
    payload: Mapped[dict[str, Any]]
    actor_id: Mapped[str]
    actor_post: Mapped[str] = mapped_column(default="")
    status: Mapped[JobStatus] = mapped_column(default=JobStatus.PENDING)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    error_class: Mapped[str] = mapped_column(default="")
    cause: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    finished_at: Mapped[datetime | None]

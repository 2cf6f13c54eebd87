"""Tables of the runtime. Facts of the domain live elsewhere; here is where a case stands and what was done."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, Fact


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


class JobStatus(StrEnum):
    """The life of a job; `failed` is an incident a person retries."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DiagramFile(Base):
    """The bytes of one diagram, kept once for all versions that use it."""

    __tablename__ = "diagram_file"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    process_key: Mapped[str]
    xml: Mapped[bytes] = mapped_column(LargeBinary)


class ProcessVersion(Base):
    """One deployed version of a process with the files of every process it calls.

    `files` maps process key to the sha256 of its diagram; `sha256` is the hash of that map.
    """

    __tablename__ = "process_version"
    __table_args__ = (UniqueConstraint("process_key", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    process_key: Mapped[str]
    version: Mapped[int]
    sha256: Mapped[str]
    files: Mapped[dict[str, Any]]
    deployed_at: Mapped[datetime]
    deployed_by: Mapped[str]


class TableVersion(Base):
    """One decision table in force from a day; the next version's day is its end."""

    __tablename__ = "table_version"
    __table_args__ = (UniqueConstraint("table_key", "valid_from"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    table_key: Mapped[str]
    valid_from: Mapped[date]
    sha256: Mapped[str]
    xml: Mapped[bytes] = mapped_column(LargeBinary)
    deployed_at: Mapped[datetime]
    deployed_by: Mapped[str]


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


class DueTimer(Base):
    """A timer event of a diagram (`timer`) or a reminder of a task (`reminder`), due at an instant."""

    __tablename__ = "due_timer"
    __table_args__ = (UniqueConstraint("instance_id", "token", "kind"), Index(None, "due_at"))

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
    could not be fired. `due_at` and `leased_until` are by the machine's clock (a lost worker's lease runs out and the
    sweep rings again); `created_at` and `finished_at`, which people read, by the business clock.
    """

    __tablename__ = "job"
    __table_args__ = (
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
    payload: Mapped[dict[str, Any]]
    actor_id: Mapped[str]
    actor_post: Mapped[str] = mapped_column(default="")
    status: Mapped[JobStatus] = mapped_column(default=JobStatus.PENDING)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    finished_at: Mapped[datetime | None]


class HistoryChain(Base):
    """The head of a chain that belongs to no instance (`system`)."""

    __tablename__ = "history_chain"

    chain: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str]


class HistoryEvent(Base):
    """Append-only. Each row carries the hash of the row before it in its chain."""

    __tablename__ = "history_event"
    __table_args__ = (
        UniqueConstraint("chain", "sequence"),
        Index(None, "at"),
        Index(None, "actor_id", "at"),
        Index(None, "business_key", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    chain: Mapped[str]
    sequence: Mapped[int]
    kind: Mapped[str]
    at: Mapped[datetime]
    actor_id: Mapped[str]
    actor_name: Mapped[str]
    post: Mapped[str]
    business_key: Mapped[str] = mapped_column(default="")
    process_key: Mapped[str] = mapped_column(default="")
    element_id: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]]
    facts: Mapped[list[dict[str, Any]]]
    previous_hash: Mapped[str]
    hash: Mapped[str]


class StatedReason(Fact, Base):
    """Why a person overrode the usual course (took over, delegated, cancelled, retried, read a sensitive text).

    `about` names the thing by kind and id, e.g. `task:…`. The history carries only this row's hash.
    """

    __tablename__ = "stated_reason"
    __table_args__ = (Index(None, "about"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    door: Mapped[str]
    about: Mapped[str]
    person_id: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]


class RuleEvaluation(Base):
    """A decision as it was made: the table's version and hash, the inputs, the matched rules, the outputs."""

    __tablename__ = "rule_evaluation"
    __table_args__ = (Index(None, "instance_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID | None]
    element_id: Mapped[str]
    table_key: Mapped[str]
    valid_from: Mapped[date]
    sha256: Mapped[str]
    looked_up_on: Mapped[date]
    at: Mapped[datetime]
    inputs: Mapped[dict[str, Any]]
    outputs: Mapped[dict[str, Any]]
    matched: Mapped[list[dict[str, Any]]]


class IdempotencyRecord(Base):
    """The first answer to a request, given again when the same key comes back. Holds no form value."""

    __tablename__ = "idempotency_record"
    __table_args__ = (UniqueConstraint("actor_id", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    actor_id: Mapped[str]
    key: Mapped[str]
    door: Mapped[str]
    request_hash: Mapped[str]
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]


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


class Notice(Base):
    """An in-app notice for one person. Not a fact: it may be marked read."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "person_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str]
    kind: Mapped[str]
    business_key: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class WorkerPulse(Base):
    """When each background duty last ran, by the machine's clock; the administration page shows its age."""

    __tablename__ = "worker_pulse"

    duty: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=0)


class BusinessClockSetting(Base):
    """How far the business clock stands from the machine's (demonstration only), in seconds."""

    __tablename__ = "business_clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    offset_seconds: Mapped[float]
    set_at: Mapped[datetime]

"""What was done: events, reasons, decisions, answers to requests."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, Fact


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

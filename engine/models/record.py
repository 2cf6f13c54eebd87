"""What was done: events, reasons, decisions, answers to requests."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, CanonicalJson, Fact


class HistoryChain(Base):
    """The head of a chain that belongs to no instance (`system`)."""

    __tablename__ = "history_chain"

    chain: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str]


class HistoryEvent(Base):
    """Append-only. The hash of each row is taken over the hash of the row before it in its chain.

    `data` and `facts` are the text that was hashed (`chain.packed` and `chain.unpacked` know their shape). `state_hash`
    stands in the last event of a door that wrote a case: the digest of the case as it was left (`chain.state_digest`).
    """

    __tablename__ = "history_event"
    __table_args__ = (
        Index(None, "at"),
        Index(None, "actor_id", "at"),
        Index(None, "business_key", "at"),
        {"sqlite_with_rowid": False},
    )

    chain: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    at: Mapped[datetime]
    actor_id: Mapped[str]
    actor_name: Mapped[str]
    post: Mapped[str]
    business_key: Mapped[str] = mapped_column(default="")
    process_key: Mapped[str] = mapped_column(default="")
    element_id: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]] = mapped_column(CanonicalJson)
    facts: Mapped[list[list[str]]] = mapped_column(CanonicalJson)
    state_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


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

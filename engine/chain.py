"""The pen that writes history: events, their hashes and the heads of the chains they extend."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine.context import Actor
from engine.db import canonical
from engine.ids import Ids
from engine.models import HistoryChain

GENESIS = "0" * 64
SYSTEM_CHAIN = "system"


class EventKind(StrEnum):
    """What a door writes. A name is `subject.verb_in_the_past`; `record_event` adds the shell's own kinds."""

    INSTANCE_STARTED = "instance.started"
    INSTANCE_ENDED = "instance.ended"
    INSTANCE_CANCELLED = "instance.cancelled"
    INSTANCE_SUSPENDED = "instance.suspended"
    INSTANCE_RESUMED = "instance.resumed"
    INSTANCE_MIGRATED = "instance.migrated"
    INSTANCE_REPAIRED = "instance.repaired"
    REPAIR_PROPOSED = "repair.proposed"
    REPAIR_REJECTED = "repair.rejected"
    REPAIR_VOIDED = "repair.voided"
    MIGRATION_PROPOSED = "migration.proposed"
    MIGRATION_REJECTED = "migration.rejected"
    MIGRATION_DONE = "migration.done"
    INSTANCE_REVIVED = "instance.revived"
    TASK_CREATED = "task.created"
    TASK_CLAIMED = "task.claimed"
    TASK_RELEASED = "task.released"
    TASK_DELEGATED = "task.delegated"
    TASK_TAKEN_OVER = "task.taken_over"
    TASK_ASSIGNED = "task.assigned"
    TASK_RESOLVED = "task.resolved"
    TASK_RECALLED = "task.recalled"
    TASK_PRIORITISED = "task.prioritised"
    TASK_FOLLOWED_UP = "task.followed_up"
    TASK_ESCALATED = "task.escalated"
    TASK_COMPLETED = "task.completed"
    TASK_CANCELLED = "task.cancelled"
    MESSAGE_CORRELATED = "message.correlated"
    TIMER_FIRED = "timer.fired"
    REMINDER_SENT = "reminder.sent"
    JOB_DONE = "job.done"
    JOB_FAILED = "job.failed"
    JOB_RETRIED = "job.retried"
    DECISION_EVALUATED = "decision.evaluated"
    SERVICE_DONE = "service.done"
    DEPLOYMENT_ADDED = "deployment.added"
    ACTION_PERFORMED = "action.performed"
    REFUSAL_RECORDED = "refusal.recorded"
    CLOCK_ADVANCED = "clock.advanced"


@dataclass(slots=True)
class EventDraft:
    """An event before it gets its place in a chain; a door fills it in while it works."""

    kind: str
    actor: Actor
    process_key: str = ""
    element_id: str = ""
    business_key: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    facts: list[tuple[str, str]] = field(default_factory=list)


HASHED_COLUMNS = (
    "id", "chain", "sequence", "kind", "at", "actor_id", "actor_name", "post", "business_key", "process_key",
    "element_id", "data", "facts", "previous_hash",
)  # fmt: skip


def event_hash(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 over every column of an event but the hash itself, in a fixed order."""
    body = json.dumps([canonical(row[name]) for name in HASHED_COLUMNS], sort_keys=True, ensure_ascii=False,
                      separators=(",", ":"))  # fmt: skip
    return hashlib.sha256(body.encode()).hexdigest()


@dataclass(slots=True)
class Head:
    """The end of a chain: how many events it has and the hash of the last."""

    sequence: int = 0
    hash: str = GENESIS


def link(chain: str, head: Head, drafts: Iterable[EventDraft], at: datetime, ids: Ids) -> list[dict[str, Any]]:
    """Give drafts their place after `head` (which moves on) and return the rows to insert."""
    rows = []
    for draft in drafts:
        row: dict[str, Any] = {
            "id": ids.new(),
            "chain": chain,
            "sequence": head.sequence + 1,
            "kind": str(draft.kind),
            "at": at,
            "actor_id": draft.actor.id,
            "actor_name": draft.actor.name,
            "post": draft.actor.post,
            "business_key": draft.business_key,
            "process_key": draft.process_key,
            "element_id": draft.element_id,
            "data": canonical(_told(draft)),
            "facts": [{"fact": name, "hash": digest} for name, digest in draft.facts],
            "previous_hash": head.hash,
        }
        row["hash"] = event_hash(row)
        head.sequence, head.hash = row["sequence"], row["hash"]
        rows.append(row)
    return rows


def _told(draft: EventDraft) -> dict[str, Any]:
    """Return the codes of an event, with the person in whose place its actor acted."""
    giver = draft.actor.on_behalf_of
    return {**draft.data, "on_behalf_of": giver} if giver else draft.data


def link_system(session: Session, drafts: Sequence[EventDraft], at: datetime, ids: Ids) -> list[dict[str, Any]]:
    """Extend the `system` chain and return the rows to insert.

    The head row is locked until commit, so a door calls this as the last thing it does.
    """
    head = _locked_system_head(session)
    rows = link(SYSTEM_CHAIN, head, drafts, at, ids)
    session.execute(
        update(HistoryChain)
        .where(HistoryChain.chain == SYSTEM_CHAIN)
        .values(sequence=head.sequence, hash=head.hash)
        .execution_options(synchronize_session=False)
    )
    return rows


def _locked_system_head(session: Session) -> Head:
    query = select(HistoryChain.sequence, HistoryChain.hash).where(HistoryChain.chain == SYSTEM_CHAIN)
    found = session.execute(query.with_for_update()).one_or_none()
    if found is None:
        # the first event ever: a rival who inserts the same row makes this door retry
        session.execute(insert(HistoryChain).values(chain=SYSTEM_CHAIN, sequence=0, hash=GENESIS))
        return Head()
    return Head(found.sequence, found.hash)


def chain_of(instance_id: UUID) -> str:
    """Return the name of an instance's chain."""
    return str(instance_id)

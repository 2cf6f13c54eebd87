"""The pen that writes history: events, their hashes and the heads of the chains they extend."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine.context import Actor
from engine.db import canonical, canonical_json
from engine.models import HistoryChain

GENESIS = "0" * 64
SYSTEM_CHAIN = "system"
FILE = "file:"
"""Before the hash of a file in the name by which events know it."""


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
    state_hash: bytes | None = None


HASHED_COLUMNS = (
    "chain", "sequence", "kind", "at", "actor_id", "actor_name", "post", "business_key", "process_key", "element_id",
    "data", "facts", "state_hash",
)  # fmt: skip


def event_hash(cells: Sequence[Any], previous: str) -> bytes:
    """Return the SHA-256 by which an event is known.

    Args:
        cells: the `HASHED_COLUMNS` in their order, `data` and `facts` as the text that is stored, `at` in UTC where it
            has no zone.
        previous: the hash of the event before it in its chain, `GENESIS` for the first.

    """
    chain, sequence, kind, at, *words, state_hash = cells
    told = state_hash.hex() if state_hash is not None else ""
    instant = (at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical_json([previous, chain, sequence, kind, instant, *words, told])).digest()


def state_digest(version: str, revision: int, end_event: str | None, variables: Any, state: bytes) -> bytes:
    """Return the digest by which the history vouches for a case as its last door left it."""
    return hashlib.sha256(canonical_json([version, revision, end_event, variables]) + state).digest()


def packed(data: Mapping[str, Any], facts: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Return data and facts of an event as the text that is hashed and stored.

    Flows stand together by process (`nomination fl_a fl_b`), and of a file, whose name is its hash, only the name.
    """
    plain = canonical(dict(data))
    if flows := plain.get("flows"):
        runs = groupby(flows, key=lambda flow: flow.partition("/")[0])
        plain["flows"] = [" ".join([process, *(one.partition("/")[2] for one in taken)]) for process, taken in runs]
    pairs = [[name] if name == f"{FILE}{digest}" else [name, digest] for name, digest in facts]
    return canonical_json(plain).decode(), canonical_json(pairs).decode()


def unpacked_data(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of an event as the door told it."""
    data = dict(stored)
    if "flows" in data:
        runs = (run.split(" ") for run in data["flows"])
        data["flows"] = [f"{process}/{flow}" for process, *flows in runs for flow in flows]
    return data


def unpacked_facts(stored: Iterable[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Yield name and hash of the facts of an event."""
    for fact in stored:
        yield fact[0], fact[-1].removeprefix(FILE)


@dataclass(slots=True)
class Head:
    """The end of a chain: how many events it has and the hash of the last."""

    sequence: int = 0
    hash: str = GENESIS


def link(chain: str, head: Head, drafts: Iterable[EventDraft], at: datetime) -> list[dict[str, Any]]:
    """Give drafts their place after `head` (which moves on) and return the rows to insert."""
    rows = []
    for draft in drafts:
        data, facts = packed(_told(draft), draft.facts)
        row: dict[str, Any] = {
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
            "data": data,
            "facts": facts,
            "state_hash": draft.state_hash,
        }
        row["hash"] = event_hash(tuple(row.values()), head.hash)
        head.sequence, head.hash = row["sequence"], row["hash"].hex()
        rows.append(row)
    return rows


def _told(draft: EventDraft) -> dict[str, Any]:
    """Return the codes of an event, with the person in whose place its actor acted."""
    giver = draft.actor.on_behalf_of
    return {**draft.data, "on_behalf_of": giver} if giver else draft.data


def link_system(session: Session, drafts: Sequence[EventDraft], at: datetime) -> list[dict[str, Any]]:
    """Extend the `system` chain and return the rows to insert.

    The head row is locked until commit, so a door calls this as the last thing it does.
    """
    head = _locked_system_head(session)
    rows = link(SYSTEM_CHAIN, head, drafts, at)
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

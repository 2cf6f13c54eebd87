"""The first answer to a request is given again. What is kept holds ids and a hash, no value of a form."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from engine.context import Actor
from engine.db import canonical
from engine.errors import RequestMismatchError
from engine.models import IdempotencyRecord
from engine.transaction import Transaction, insert_rows


@dataclass(frozen=True, slots=True)
class Request:
    """A request that may come twice.

    Attributes:
        values: what was sent; None for a secret step, whose hash must tell nothing.

    """

    door: str
    target: str
    key: str | None
    values: dict[str, Any] | None = None

    @property
    def hash(self) -> str:
        """Hash over the door, the target, the key and (unless secret) the values."""
        body = json.dumps(canonical([self.door, self.target, self.key, self.values]), sort_keys=True, default=str)
        return hashlib.sha256(body.encode()).hexdigest()


def first_answer(record: IdempotencyRecord | None, request: Request) -> dict[str, Any] | None:
    """Return what the same request was answered, None when it is new.

    Raises:
        RequestMismatchError: the key was used for something else.

    """
    if record is None:
        return None
    if record.request_hash != request.hash:
        raise RequestMismatchError("the key was used for another request", door=record.door)
    return record.answer


def find(transaction: Transaction, request: Request) -> dict[str, Any] | None:
    """Look up the first answer to a request; costs one statement, none without a key.

    Where requests run side by side, the second of a pair waits here for the first: else it would find what the first
    had written and be refused as a duplicate of itself.
    """
    if request.key is None:
        return None
    if transaction.session.get_bind().dialect.name == "postgresql":
        place = hashlib.sha256(f"{transaction.actor.id}:{request.key}".encode()).digest()[:8]
        number = int.from_bytes(place, signed=True)
        transaction.session.execute(select(func.pg_advisory_xact_lock(number)))
    query = select(IdempotencyRecord).where(*same_key(transaction.actor, request.key))
    return first_answer(transaction.session.scalars(query).one_or_none(), request)


def same_key(actor: Actor, key: str | None) -> tuple[Any, ...]:
    """Return the conditions that find an actor's record of a key."""
    return (IdempotencyRecord.actor_id == actor.id, IdempotencyRecord.key == key)


def remember(transaction: Transaction, request: Request, answer: dict[str, Any]) -> None:
    """Keep the answer to a request that bears a key."""
    if request.key is None:
        return
    row = {
        "id": transaction.engine.ids.new(),
        "actor_id": transaction.actor.id,
        "key": request.key,
        "door": request.door,
        "request_hash": request.hash,
        "answer": canonical(answer),
        "at": transaction.now,
    }
    insert_rows(transaction.session, IdempotencyRecord, [row])


def once(transaction: Transaction, request: Request, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a request is answered: the first answer when it came before, else that of `work`, which is kept.

    Raises:
        RequestMismatchError: the key was used for something else.

    """
    if (answer := find(transaction, request)) is not None:
        return answer
    fresh: dict[str, Any] = canonical(work())
    remember(transaction, request, fresh)
    return fresh


def answer_of(instance_id: UUID, opened: list[UUID], closed: list[UUID]) -> dict[str, Any]:
    """Return the ids by which a door's answer can be told again."""
    return {"instance": instance_id, "opened": opened, "closed": closed}

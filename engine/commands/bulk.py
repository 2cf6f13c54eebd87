"""Doors for many tasks at once: each task is a door of its own, with its own answer; one refusal stops no other."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from engine.commands.tasks import claim_task, complete_task
from engine.context import Actor
from engine.errors import EngineError, InvalidInputError
from engine.runtime_environment import Engine
from engine.views import BulkItem, CommandResult

MOST_ITEMS = 200


def claim_tasks(
    engine: Engine, task_ids: Sequence[UUID], actor: Actor, *, idempotency_key: str | None = None
) -> tuple[BulkItem, ...]:
    """Take many shared tasks and return what became of each, in the given order.

    Raises:
        InvalidInputError: none, one twice, or more than 200.

    """

    def claim(task_id: UUID, key: str | None) -> CommandResult:
        return claim_task(engine, task_id, actor, idempotency_key=key)

    return _each(task_ids, idempotency_key, claim)


def complete_tasks(
    engine: Engine, answers: Sequence[tuple[UUID, dict[str, Any]]], actor: Actor, *, idempotency_key: str | None = None
) -> tuple[BulkItem, ...]:
    """Complete many tasks with their values and return what became of each, in the given order.

    Only steps with `bulk` are done so, and of those only answers their `bulk_guard` lets pass.

    Raises:
        InvalidInputError: none, one twice, or more than 200.

    """
    values = dict(answers)

    def complete(task_id: UUID, key: str | None) -> CommandResult:
        return complete_task(engine, task_id, actor, values[task_id], idempotency_key=key, in_bulk=True)

    return _each([task_id for task_id, _values in answers], idempotency_key, complete)


def _each(
    task_ids: Sequence[UUID], key: str | None, door: Callable[[UUID, str | None], CommandResult]
) -> tuple[BulkItem, ...]:
    if not 0 < len(task_ids) <= MOST_ITEMS or len(set(task_ids)) != len(task_ids):
        raise InvalidInputError("between 1 and 200 different tasks", fields={"tasks": ["bulk_items"]})
    done = []
    for task_id in task_ids:
        try:
            done.append(BulkItem(task_id, door(task_id, item_key(key, task_id))))
        except EngineError as refusal:
            done.append(BulkItem(task_id, None, refusal))
    return tuple(done)


def item_key(key: str | None, task_id: UUID) -> str | None:
    """Return the idempotency key of one item, so that a repeated list gives each item its first answer."""
    return None if key is None else hashlib.sha256(f"{key}:{task_id}".encode()).hexdigest()

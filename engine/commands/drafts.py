"""Door of drafts: what a person has typed so far, so that nothing typed is lost."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from engine import access, idempotency
from engine.case import services_of
from engine.commands._loading import load_task, lock_case_of, require_open
from engine.context import Actor
from engine.db import table_of
from engine.errors import ForbiddenError, InvalidInputError, StaleDraftError
from engine.idempotency import Request
from engine.models import Draft
from engine.registry import UserStep
from engine.runtime_environment import Engine
from engine.text import storable
from engine.transaction import Transaction, enter

MAXIMUM_DRAFT_BYTES = 100_000


def save_draft(
    engine: Engine, task_id: UUID, actor: Actor, values: dict[str, Any], version: int, *,
    idempotency_key: str | None = None,
) -> int:  # fmt: skip
    """Keep unfinished values of one's own task and return the draft's new version; the first is 1.

    Args:
        version: the version that was read, 0 when there was none.

    Raises:
        NotYourTaskError: the actor does not hold the task.
        ForbiddenError: the step is secret; of a ballot no draft is kept.
        StaleDraftError: it was saved elsewhere meanwhile; `details["version"]` is the stored one.
        InvalidInputError: keys the form does not have, more than 100,000 bytes, or what no database keeps as JSON.

    """

    def work(transaction: Transaction) -> int:
        lock_case_of(transaction, task_id)  # whoever closes the task meanwhile takes the draft away
        found = load_task(transaction, task_id, idempotency_key)
        task = found.view
        request = Request("save_draft", str(task_id), idempotency_key, {"values": values, "version": version})
        if (answer := idempotency.first_answer(found.first, request)) is not None:
            return int(answer["version"])
        require_open(task)
        access.require_holder(actor, task)
        transaction.actor = access.acting(actor, task)
        step = engine.registry.find(UserStep, task.step_key)
        if step.secret:
            raise ForbiddenError("no draft of a secret step is kept", step=step.key)
        ctx = services_of(transaction, found.instance).context(
            task.process_key, task.element_id, task.variables, task_id=task.id
        )
        deployed = engine.definitions.get(transaction.session, found.instance.process_version_id)
        access.judge(engine.registry, ctx, task, deployed.properties(task.process_key, task.element_id))
        _require_known(values, step.form.schema(ctx))
        saved = _store(transaction, task_id, actor, as_kept(values), version)
        idempotency.remember(transaction, request, {"version": saved})
        return saved

    return enter(engine, "save_draft", actor, {"task": task_id}, work)


def as_kept(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as a draft keeps them: with a mark in place of half a character, which no page can show again.

    Raises:
        InvalidInputError: more than 100,000 bytes, or what no database keeps as JSON.

    """
    try:
        text = storable(json.dumps(values, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:  # no number, nothing JSON has a word for, too deep
        raise InvalidInputError("no database keeps this", fields={"_draft": ["invalid"]}) from error
    if len(text.encode()) > MAXIMUM_DRAFT_BYTES:
        fields = {"_draft": ["draft_too_long"]}
        raise InvalidInputError("the draft is too long", fields=fields, maximum=MAXIMUM_DRAFT_BYTES)
    kept: dict[str, Any] = json.loads(text)
    return kept


def _require_known(values: dict[str, Any], schema: dict[str, Any]) -> None:
    unknown = sorted(values.keys() - schema.get("properties", values).keys())
    if unknown:
        raise InvalidInputError("unknown keys", fields={name[:80]: ["unknown_field"] for name in unknown[:20]})


def _store(transaction: Transaction, task_id: UUID, actor: Actor, values: dict[str, Any], version: int) -> int:
    mine = (Draft.task_id == task_id, Draft.person_id == actor.id)
    stored = transaction.session.execute(select(Draft.version).where(*mine)).scalar_one_or_none() or 0
    if stored != version:
        raise StaleDraftError("the draft was saved elsewhere", version=stored)
    content = {"values": values, "version": version + 1, "saved_at": transaction.now}
    if stored:
        changed = update(table_of(Draft)).where(*mine, table_of(Draft).c.version == version).values(content)
        if transaction.session.connection().execute(changed).rowcount != 1:
            raise StaleDraftError("the draft was saved elsewhere", version=stored)
    else:
        fresh = {"id": transaction.engine.ids.new(), "task_id": task_id, "person_id": actor.id, **content}
        transaction.session.connection().execute(insert(table_of(Draft)), [fresh])
    return version + 1

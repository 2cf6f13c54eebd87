"""Door of changes that belong to no case: organisation, rounds, sittings, files."""

from typing import Any

from engine import idempotency
from engine.chain import EventKind
from engine.commands._settling import settle_tasks
from engine.commands._steps import perform
from engine.context import Actor
from engine.idempotency import Request
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter
from engine.views import ActionResult


def perform_action(
    engine: Engine, step_key: str, actor: Actor, values: dict[str, Any], *, idempotency_key: str | None = None
) -> ActionResult:
    """Apply an action step and write it on the `system` chain; the answer holds ids of what it made.

    Personal tasks of the actor at which the action leaves nothing to be done (`UserStep.settled_by`) are completed with
    it, in the history of their case.

    Raises:
        NotFoundError: no such step.
        ForbiddenError: the actor holds none of its roles, or its guard refuses.
        InvalidInputError: the values do not fit its form.
        ConflictError: the case of such a task is suspended, or cannot be moved now.

    """

    def work(transaction: Transaction) -> ActionResult:
        request = Request("perform_action", step_key, idempotency_key, values)
        if (answer := idempotency.find(transaction, request)) is not None:
            return ActionResult(dict(answer["values"]))
        done = perform(transaction, step_key, values)
        ctx = done.context
        transaction.collect(ctx)
        settled = settle_tasks(transaction, step_key, actor, ctx.business_key)
        event = transaction.system_event(EventKind.ACTION_PERFORMED, business_key=ctx.business_key)
        event.data.update({"step": step_key, **({"settled": settled} if settled else {}), **ctx.data})
        event.facts.extend(ctx.facts)
        transaction.system_events.extend(done.decisions)
        idempotency.remember(transaction, request, {"values": done.answer})
        return ActionResult(done.answer)

    return enter(engine, "perform_action", actor, {"step": step_key}, work)

"""Doors of cases: start one, cancel one."""

from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from engine import access, idempotency
from engine.case import Case
from engine.chain import EventDraft, EventKind
from engine.commands._loading import remember, replay
from engine.commands._operating import operate
from engine.commands._steps import perform
from engine.commands.suspension import release_jobs
from engine.context import Actor
from engine.deployment import newest_version
from engine.errors import BusinessKeyTakenError
from engine.idempotency import Request
from engine.models import ProcessInstance
from engine.runtime_environment import Engine
from engine.services import check_variable
from engine.transaction import Transaction, enter
from engine.views import CommandResult


def start_instance(
    engine: Engine, process_key: str, business_key: str, actor: Actor, variables: dict[str, Any], *,
    step: str | None = None, values: dict[str, Any] | None = None, idempotency_key: str | None = None,
) -> CommandResult:  # fmt: skip
    """Start a case on the newest version of a process and run it to its first wait state.

    Args:
        step: key of an `ActionStep` that writes the facts the case begins with, in the same transaction. What it
            returns joins the case's variables; under `business_key` it may give the case its key.
        values: what the step's form asks.

    Raises:
        ForbiddenError: the actor holds none of the step's roles (without a step: is no operator).
        InvalidInputError: the values do not fit the step's form.
        NotFoundError: no such process.
        BusinessKeyTakenError: a case of this process has the key already.

    """

    def work(transaction: Transaction) -> CommandResult:
        sent = {"variables": variables, "values": values}
        request = Request("start_instance", f"{process_key}:{business_key}:{step}", idempotency_key, sent)
        if (answer := idempotency.find(transaction, request)) is not None:
            return replay(transaction, answer)
        first, key, begun = dict(variables), business_key, None
        if step is None:
            access.require_operator(engine.registry, actor)
        else:
            begun = perform(transaction, step, values or {}, business_key, process_key)
            answered = dict(begun.answer)
            key = str(answered.pop("business_key", key))
            first.update(answered)
        for name, value in first.items():
            check_variable(step or "start_instance", name, value)
        _require_free(transaction, process_key, key)
        deployed = engine.definitions.get(transaction.session, newest_version(transaction.session, process_key))
        case = Case.start(transaction, deployed, key, first)
        if begun is not None:
            case.services.conclude(case.events[0], begun.context, begun.key, first)
            case.events[1:1] = list(begun.decisions)
        result = case.finish()
        remember(transaction, request, result)
        return result

    return enter(engine, "start_instance", actor, {"process": process_key, "step": step}, work)


def _require_free(transaction: Transaction, process_key: str, business_key: str) -> None:
    taken = exists().where(ProcessInstance.process_key == process_key, ProcessInstance.business_key == business_key)
    if business_key and transaction.session.execute(select(taken)).scalar_one():
        raise BusinessKeyTakenError("a case has this key", business_key=business_key)


def cancel_instance(
    engine: Engine, instance_id: UUID, actor: Actor, reason: str, *, idempotency_key: str | None = None
) -> CommandResult:
    """End a case without a result; its tasks, timers, messages and jobs go with it. Holders of tasks get a notice.

    Raises:
        ForbiddenError: the actor is no operator.
        InstanceEndedError: the case is over.
        ReasonRequiredError: no reason.

    """

    def cancel(case: Case, event: EventDraft) -> CommandResult:
        result = case.abandon(event)
        release_jobs(case)  # a message that waited for a suspended case finds it over
        return result

    return operate(engine, "cancel_instance", EventKind.INSTANCE_CANCELLED, instance_id, actor=actor, reason=reason,
                   act=cancel, idempotency_key=idempotency_key, also_suspended=True)  # fmt: skip

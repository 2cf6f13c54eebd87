"""Forms of steps that belong to no task: actions and messages. Their schemas are read as the API reads them."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from engine import queries
from engine.context import StepContext, Values
from engine.db import reading
from engine.errors import ForbiddenError
from engine.registry import ActionStep, MessageStep, UserStep
from webapp import current


def may_perform(step: ActionStep | MessageStep) -> bool:
    """Tell whether one of the step's roles is held today."""
    return any(current.actor().holds(role) for role in step.roles)


def action(key: str) -> ActionStep:
    """Return an action step that this person may perform.

    Raises:
        NotFoundError: no such step.
        ForbiddenError: none of its roles is held today.

    """
    step = current.engine().registry.find(ActionStep, key)
    if not may_perform(step):
        raise ForbiddenError
    return step


def message(key: str) -> MessageStep:
    """Return a message step that this person may send.

    Raises:
        NotFoundError: no such step.
        ForbiddenError: none of its roles is held today.

    """
    step = current.engine().registry.find(MessageStep, key)
    if not may_perform(step):
        raise ForbiddenError
    return step


def actions_of(room: str, *, without: frozenset[str] = frozenset()) -> list[str]:
    """Return the keys of a room's actions that this person may perform, in the registry's order."""
    steps = current.engine().registry.steps
    return [
        key
        for (kind, key), step in steps.items()
        if kind is ActionStep
        and isinstance(step, ActionStep)
        and key.split(".", 1)[0] == room
        and key not in without
        and may_perform(step)
    ]


def messages_for_me(names: Collection[str] | None = None) -> list[MessageStep]:
    """Return the message steps that this person may send; only those of waiting messages when names are given."""
    found = (step for (kind, _), step in current.engine().registry.steps.items() if kind is MessageStep)
    return [
        step
        for step in found
        if isinstance(step, MessageStep) and may_perform(step) and (names is None or step.message in names)
    ]


def _undecided(table: str, inputs: Values, on: date) -> Any:
    raise RuntimeError(f"a form asked the table {table!r}")


def schema_of(step: ActionStep | MessageStep | UserStep, business_key: str = "") -> Mapping[str, Any]:
    """Return the step's JSON Schema for this person now, about a case when one is named."""
    engine = current.engine()
    case = queries.find_instance(engine, business_key) if business_key else None
    with reading(engine.sessions) as reader:
        ctx = StepContext(
            session=reader,
            now=engine.clock.now(),
            ids=engine.ids,
            random=engine.random,
            actor=current.actor(),
            decide=_undecided,
            instance_id=case.id if case else None,
            business_key=business_key,
            process_key=case.process_key if case else "",
            variables=case.variables if case else {},
        )
        return step.form.schema(ctx)

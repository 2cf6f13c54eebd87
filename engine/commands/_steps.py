"""How a door applies an action step: authorise, read the form, guard, write, and gather what it left behind."""

from dataclasses import dataclass, field

from engine import access, text
from engine.chain import EventDraft
from engine.context import StepContext, Values
from engine.errors import NotFoundError
from engine.registry import ActionStep
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Performed:
    """What an action step did.

    Attributes:
        answer: what it returned.
        decisions: events of the tables it decided by.

    """

    key: str
    answer: Values
    context: StepContext
    decisions: list[EventDraft] = field(default_factory=list)


def perform(
    transaction: Transaction, key: str, values: Values, business_key: str = "", process_key: str = ""
) -> Performed:
    """Apply an action step; one that begins a case only together with that case (`process_key`).

    Raises:
        NotFoundError: no such step, or none that is done here.
        ForbiddenError: the actor holds none of its roles, or its guard refuses.
        InvalidInputError: the values do not fit its form.

    """
    step = transaction.engine.registry.find(ActionStep, key)
    if step.starts and step.starts != process_key:
        raise NotFoundError("this step begins a case and is not done alone", step=key, process=step.starts)
    access.require_any_role(transaction.actor, step.roles)
    named = text.clean(str(values.get(step.in_place_of) or "")) if step.in_place_of else ""
    transaction.actor = access.acting_in(transaction.actor, step.roles, named)
    decisions: list[EventDraft] = []
    ctx = transaction.context(decisions, business_key=business_key)
    clean = step.form.load(ctx, values)
    if step.guard is not None:
        step.guard(ctx, clean)
    return Performed(key, dict(step.apply(ctx, clean)), ctx, decisions)

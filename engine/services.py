"""What the tokens of a run may call: service steps, decisions and FEEL, inside one door's transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import feel
from engine.chain import EventDraft, EventKind
from engine.context import Actor, StepContext, Values
from engine.errors import NotFoundError
from engine.failures import Place, happening_at
from engine.registry import DecisionStep, JobStep, ServiceStep
from engine.spiff.rows import stored_size
from engine.spiff.runtime import JOB, Definition, Element
from engine.transaction import Transaction

MAXIMUM_VARIABLE_BYTES = 2048
"""As a state holds it: room for the ids of 120 people; what a person wrote does not belong in a variable at all."""


def checked_outputs(key: str, outputs: Iterable[str], found: Mapping[str, Any] | None) -> Values:
    """Return what a step set, after asserting that it kept to its word; anything else is a bug of the step."""
    variables = dict(found or {})
    extra = variables.keys() - set(outputs)
    if extra:
        raise RuntimeError(f"step {key!r} set {sorted(extra)}, which are not among its outputs")
    for name, value in variables.items():
        check_variable(key, name, value)
    return variables


def check_variable(key: str, name: str, value: Any) -> None:
    """Assert that a variable is str, int, bool, None or a list of them, and small."""
    items = value if isinstance(value, list) else [value]
    if not all(item is None or isinstance(item, str | int | bool) for item in items):
        kind = type(value).__name__
        raise TypeError(f"step {key!r} set {name} to {kind}; variables are str, int, bool, None and lists")
    if stored_size(value) > MAXIMUM_VARIABLE_BYTES:
        raise ValueError(f"step {key!r} set {name} to more than {MAXIMUM_VARIABLE_BYTES} bytes")


@dataclass(slots=True)
class Services:
    """Answers a run's questions and notes each answer as an event of the case."""

    transaction: Transaction
    events: list[EventDraft]
    actor: Actor
    place: Mapping[str, Any]
    definition: Definition | None = None
    _functions: dict[str, Any] | None = field(default=None)
    _compiled: Mapping[str, feel.Expression] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the door's business instant."""
        return self.transaction.now

    def context(self, process_key: str, element_id: str, variables: Mapping[str, Any], **more: Any) -> StepContext:
        """Return a context at an element of the case."""
        return self.transaction.context(
            self.events, **self.place, process_key=process_key, element_id=element_id, variables=variables,
            actor=self.actor, **more,
        )  # fmt: skip

    def call_service(self, element: Element, key: str, params: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        """Run a service step now and return its variables, or `JOB` for a step that runs after the commit."""
        steps = self.transaction.engine.registry.steps
        if (JobStep, key) in steps:
            return JOB
        step = steps.get((ServiceStep, key))
        if not isinstance(step, ServiceStep):
            raise NotFoundError("no such step", step=key, kind="ServiceStep")
        event = self._event(EventKind.SERVICE_DONE, element)
        ctx = self.context(element.process_key, element.element_id, variables)
        with happening_at(Place(element.process_key, element.element_id, key)):
            outputs = checked_outputs(key, step.outputs, step.run(ctx, dict(params)))
        self.conclude(event, ctx, key, outputs)
        return outputs

    def decide(self, element: Element, table: str, variables: Mapping[str, Any]) -> Values:
        """Feed a decision table and return the variables its step makes of the answer."""
        step = self.transaction.engine.registry.find(DecisionStep, table)
        ctx = self.context(element.process_key, element.element_id, variables)
        with happening_at(Place(element.process_key, element.element_id, table)):
            value = ctx.decide(table, step.inputs(ctx), step.looked_up_on(ctx))
            event = self.events[-1]
            outputs = checked_outputs(table, step.outputs, step.apply(ctx, value))
        self.conclude(event, ctx, table, outputs)
        return outputs

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """Return the value of a FEEL expression, as FEEL gives it."""
        if self._functions is None:
            self._functions = self.transaction.functions()
            if self.definition is not None:
                self._compiled = self.definition.compiled(frozenset(self._functions))
        compiled = self._compiled.get(expression) or feel.compile_expression(
            expression, names=[name for name in variables if " " in name], functions=list(self._functions)
        )
        return compiled.evaluate(variables, self._functions)

    def conclude(self, event: EventDraft, ctx: StepContext, key: str, outputs: Mapping[str, Any]) -> None:
        """Put what a step did into its event and hand its messages and notices to the door."""
        event.data.update({"step": key, **({"variables": dict(outputs)} if outputs else {}), **ctx.data})
        event.facts.extend(ctx.facts)
        self.transaction.collect(ctx)

    def _event(self, kind: str, element: Element) -> EventDraft:
        draft = EventDraft(kind, self.actor, element.process_key, element.element_id, str(self.place["business_key"]))
        self.events.append(draft)
        return draft

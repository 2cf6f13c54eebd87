"""Walks a diagram on example data: no database, no step, nothing written.

What a step, a decision or a message would set is chosen by whoever tries the diagram; gateways, timers, called
processes and joins work as they will. A walk is repeated from its start with one more act at each turn, so nothing of
it is kept between two requests.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import feel
from engine.errors import ConflictError, EngineError, InvalidInputError
from engine.registry import DecisionStep, JobStep, MessageStep, Registry, ServiceStep, UserStep
from engine.services import check_variable
from engine.spiff import parser
from engine.spiff.runtime import JOB, Element, Run
from engine.views import ElementState

MOST_ACTS = 300
TASK, SERVICE, DECISION, MESSAGE, TIMER = "task", "service", "decision", "message", "timer"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that is let happen: a task done, a service or decision answered, a message come, a timer fired."""

    kind: str
    process_key: str
    element_id: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What may happen next; `outputs` are the variables it may set, `due_at` is a timer's instant."""

    kind: str
    process_key: str
    element_id: str
    name: str
    key: str
    role: str = ""
    outputs: tuple[str, ...] = ()
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """How far a walk got. `fault` is why it went no further."""

    waiting: tuple[Waiting, ...]
    flows: tuple[tuple[str, str], ...]
    states: tuple[ElementState, ...]
    variables: Mapping[str, Any]
    end_event: str | None = None
    fault: EngineError | None = None


class NotOnTheWalkError(ConflictError):
    """The walk does not wait for what was to happen."""

    code = "not_on_the_walk"


@dataclass(slots=True)
class _Stub:
    """Answers a run without steps: what sets variables waits to be answered, what sets none passes."""

    registry: Registry
    instant: datetime
    functions: Mapping[str, Callable[..., Any]]

    def now(self) -> datetime:
        return self.instant

    def call_service(self, _element: Element, key: str, _params: Mapping[str, Any], _variables: Any) -> Any:
        return JOB if _outputs(self.registry, (ServiceStep, JobStep), key) else {}

    def decide(self, _element: Element, _table: str, _variables: Mapping[str, Any]) -> Any:
        return JOB

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        compiled = feel.compile_expression(expression, functions=list(self.functions))
        return compiled.evaluate(dict(variables), dict(self.functions))


def walk(
    diagrams: Mapping[str, bytes], process_key: str, registry: Registry, *, variables: Mapping[str, Any],
    acts: Sequence[Act], now: datetime, functions: Mapping[str, Callable[..., Any]],
) -> Trial:  # fmt: skip
    """Walk a process from its start through some acts.

    Args:
        diagrams: all diagrams the walk may meet, by process key; they have no lint findings.
        process_key: the process to start.
        registry: what steps may set.
        variables: the example data it starts with.
        acts: what happens, in order.
        now: the instant it starts at; a timer that fires moves it on.
        functions: what expressions may call.

    Raises:
        DeploymentError: a diagram that cannot be read.
        InvalidInputError: too many acts, or values that are no variables.

    """
    if len(acts) > MOST_ACTS:
        raise InvalidInputError("too many acts", most=MOST_ACTS)
    for values in (variables, *(act.values for act in acts)):
        _check_values(values)
    definition = parser.parse({process_key: diagrams[process_key], **diagrams})
    stub = _Stub(registry, now, functions)
    try:
        run = Run.start(definition, process_key, variables, stub)
    except EngineError as fault:
        return Trial((), (), (), dict(variables), fault=fault)
    met: EngineError | None = None
    for act in acts:
        try:
            _do(run, stub, act)
        except EngineError as fault:
            met = fault
            break
    waiting = () if met else tuple(_waiting(run, definition, registry))
    return Trial(waiting, tuple(run.take_flows()), tuple(run.element_states()), run.variables(), run.end_event, met)


def _check_values(values: Mapping[str, Any]) -> None:
    try:
        for name, value in values.items():
            check_variable("trial", str(name), value)
    except (TypeError, ValueError) as fault:
        raise InvalidInputError(str(fault)) from fault


def _do(run: Run, stub: _Stub, act: Act) -> None:
    """Let one act happen.

    Raises:
        NotOnTheWalkError: the walk does not wait for it.

    """
    wanted = (_waits_as(act.kind), act.process_key, act.element_id)
    found = next((token for *place, token, _item in _items(run) if tuple(place) == wanted), None)
    if found is None:
        raise NotOnTheWalkError("the walk does not wait for this", element=act.element_id)
    if act.kind == TASK:
        run.complete(found, act.values)
    elif act.kind == TIMER:
        stub.instant = max(stub.instant, next(timer.due_at for timer in run.timers() if timer.token == found))
        run.fire_due(stub.instant)
    elif act.kind == MESSAGE:
        run.correlate(next(one.message for one in run.subscriptions() if one.token == found), act.values)
    else:
        run.finish_job(found, act.values)


def _waits_as(kind: str) -> str:
    return SERVICE if kind == DECISION else kind


def _items(run: Run) -> list[tuple[str, str, str, str, Any]]:
    """Return all a run waits for: kind, process, element, token and the item itself."""
    found: list[tuple[str, Any]] = [(TASK, item) for item in run.user_tasks()]
    found += [(SERVICE, item) for item in run.jobs()]
    found += [(MESSAGE, item) for item in run.subscriptions()]
    found += [(TIMER, item) for item in run.timers()]
    return [(kind, item.process_key, item.element_id, item.token, item) for kind, item in found]


def _waiting(run: Run, definition: parser.Definition, registry: Registry) -> list[Waiting]:
    found = []
    for kind, process_key, element_id, _token, item in _items(run):
        element = definition.elements[process_key, element_id]
        place = (process_key, element_id, element.name)
        step, role = element.step_key or "", element.lane_role or ""
        if kind == TASK:
            found.append(Waiting(TASK, *place, step, role, _outputs(registry, (UserStep,), step)))
        elif kind == TIMER:
            found.append(Waiting(TIMER, *place, "", due_at=item.due_at))
        elif kind == MESSAGE:
            found.append(Waiting(MESSAGE, *place, item.message, "", _message_outputs(registry, item.message)))
        elif element.table:
            found.append(Waiting(DECISION, *place, element.table, "", _outputs(registry, (DecisionStep,), item.key)))
        else:
            outputs = _outputs(registry, (ServiceStep, JobStep), step)
            found.append(Waiting(SERVICE, *place, step, role, outputs))
    return found


def _outputs(registry: Registry, kinds: tuple[type[Any], ...], key: str) -> tuple[str, ...]:
    found = (registry.steps.get((kind, key)) for kind in kinds)
    return tuple(name for step in found if step is not None for name in getattr(step, "outputs", ()))


def _message_outputs(registry: Registry, message: str) -> tuple[str, ...]:
    found = (step for step in registry.steps.values() if isinstance(step, MessageStep) and step.message == message)
    return tuple(dict.fromkeys(name for step in found for name in step.outputs))

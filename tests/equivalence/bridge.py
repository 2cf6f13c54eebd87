"""Lets our tasks, runs, joins, events and codec run the diagrams of SpiffWorkflow's own tests, Python and all.

The product never does this: its lint refuses every script. Only the expressions come from the stock library here
(`PythonScriptEngine`); everything that moves tokens or stores them is ours.
"""

import pickle
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from engine.spiff import codec
from engine.spiff.activities import (
    EngineCallActivity,
    EngineExclusiveGateway,
    EngineParallelTask,
    EngineUserTask,
)
from engine.spiff.diagram_index import BPMN, DiagramIndex
from engine.spiff.events import (
    EngineBoundaryEvent,
    EngineCatchEvent,
    EngineEventGateway,
    EngineReceiveTask,
    FeelTimer,
)
from engine.spiff.joins import EngineParallelGateway, EngineProcessSpec
from engine.spiff.parser import Definition
from engine.spiff.values import Element
from engine.spiff.workflow import EngineWorkflow

OURS = {
    defaults.UserTask: EngineUserTask,
    defaults.ExclusiveGateway: EngineExclusiveGateway,
    defaults.ParallelGateway: EngineParallelGateway,
    defaults.CallActivity: EngineCallActivity,
    defaults.BoundaryEvent: EngineBoundaryEvent,
    defaults.IntermediateCatchEvent: EngineCatchEvent,
    defaults.ReceiveTask: EngineReceiveTask,
    defaults.EventBasedGateway: EngineEventGateway,
}
"""Classes of the library and what stands in their place here; any other class runs as it is, on our tasks."""

LOOP, TIMER, END, ORDER = "our loop", "our timer", "our end", "order of the file"
PARTS = frozenset({*(ours.__name__ for ours in OURS.values()), LOOP, TIMER, END, ORDER})
"""Names of what may be left to the library, to show that a difference comes from there and nowhere else."""


def engine_parser(stock: type[Any], without: frozenset[str] = frozenset()) -> type[Any]:
    """Return a parser of the library with our classes in place of its own.

    Args:
        without: names of `PARTS` that stay the library's.

    """
    known = {**stock.PARSER_CLASSES, **stock.OVERRIDE_PARSER_CLASSES}
    chosen = {theirs: ours for theirs, ours in OURS.items() if ours.__name__ not in without}
    overrides = {
        tag: (_reading(parser_class, spec_class, without), chosen.get(spec_class, spec_class))
        for tag, (parser_class, spec_class) in known.items()
    }
    members: dict[str, Any] = {"OVERRIDE_PARSER_CLASSES": overrides}
    if END not in without:
        members["PROCESS_PARSER_CLASS"] = type("_Process", (_OurEnd, stock.PROCESS_PARSER_CLASS), {})
    return type(f"Bridged{stock.__name__}", (stock,), members)


class _OurEnd:
    def create_spec(self) -> Any:
        made = super().create_spec()  # type: ignore[misc]  # mixin before a process parser
        return EngineProcessSpec(name=made.name, description=made.description, filename=made.file)


class _OurTimer:
    def parse_timer_event(self, event: Any) -> Any:
        """Read a date or a duration as our timer; cycles, which lint refuses, stay the library's."""
        if event.find(f"{BPMN}timeCycle") is not None:
            return super().parse_timer_event(event)  # type: ignore[misc]  # mixin before an event parser
        text = event.findtext(f"{BPMN}timeDate") or event.findtext(f"{BPMN}timeDuration")
        return FeelTimer(self.node.get("name", self.node.get("id")), text)  # type: ignore[attr-defined]


class _OurLoop:
    def _add_multiinstance_task(self, loop: Any) -> None:
        """Take our loop for the kind of loop our lint lets through."""
        kinds = {child.tag for child in loop}
        wanted = {f"{BPMN}loopDataInputRef", f"{BPMN}inputDataItem"}
        node = self.node  # type: ignore[attr-defined]
        if kinds <= wanted and node.tag == full_tag("userTask") and loop.get("isSequential") != "true":
            self.PARALLEL_MI_CLASS = EngineParallelTask
        super()._add_multiinstance_task(loop)  # type: ignore[misc]


def _reading(parser_class: type[Any], spec_class: type[Any], without: frozenset[str]) -> type[Any]:
    mixins: list[type[Any]] = []
    members: dict[str, Any] = {}
    if hasattr(parser_class, "parse_timer_event") and TIMER not in without:
        mixins.append(_OurTimer)
    if LOOP not in without:
        mixins.append(_OurLoop)
    if spec_class is defaults.EventBasedGateway and EngineEventGateway.__name__ not in without:
        members["create_task"] = lambda self: self.spec_class(self.spec, self.bpmn_id, **self.bpmn_attributes)
    return type(parser_class.__name__, (*mixins, parser_class), members)


class PythonServices:
    """What our runs ask, answered by Python as the library would; time is the driver's."""

    def __init__(self, clock: Any, scripts: PythonScriptEngine) -> None:
        self.clock = clock
        self.scripts = scripts

    def now(self) -> datetime:
        """Return the driver's instant."""
        found: datetime = self.clock.now()
        return found

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> datetime | None:
        """Return the instant of a timer: only our timers ask here, conditions go the library's way."""
        value = self.scripts.environment.evaluate(expression, dict(variables))
        parsed = TimerEventDefinition.parse_time_or_duration(value)
        if isinstance(parsed, datetime):
            return parsed
        more: timedelta = TimerEventDefinition.get_timedelta_from_start(parsed, self.now())
        return self.now() + more

    def call_service(self, element: Element, key: str, params: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        """Never asked: service tasks stay the library's here."""
        raise NotImplementedError(key)

    def decide(self, element: Element, table: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Never asked: business rule tasks stay the library's here."""
        raise NotImplementedError(table)


def definition_of(root: str, specs: Mapping[str, Any]) -> Definition:
    """Return a definition over specs of the bridged parser, as our codec wants it."""
    names = {key: tuple(sorted(spec.task_specs)) for key, spec in specs.items()}
    return Definition(root, dict(specs), {}, {key: DiagramIndex(key, {}, {}, {}) for key in specs}, names)


class Vault:
    """Holds values that variables of the product never have, while their run lies in bytes.

    Our codec keeps words, numbers, yes, no, nothing and lists of them. Whatever else a Python diagram makes is
    pickled here and stands in the state as a word; what cannot be pickled is kept as it is.
    """

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def reload(self, workflow: EngineWorkflow, definition: Definition) -> EngineWorkflow:
        """Return the run after it was stored and read back."""
        scripts = workflow.script_engine
        places: list[dict[str, Any]] = []
        for flow in workflow.flows():
            places += [flow.data, *(found for task in flow.tasks.values() for found in (task.data, task.internal_data))]
        for place in places:
            place.update({name: self._put(value) for name, value in place.items()})
        again = codec.load(codec.dump(workflow, definition), definition, workflow.services)
        for flow in again.flows():
            flow.data = self._all(flow.data)
            for task in flow.tasks.values():
                task.data, task.internal_data = self._all(task.data), self._all(task.internal_data)
        again.script_engine = scripts
        self.kept.clear()
        return again

    def _put(self, value: Any) -> Any:
        if value is None or isinstance(value, str | bool | float):
            return value
        if isinstance(value, int) and abs(value) < 2**62:
            return value
        try:
            self.kept.append(pickle.dumps(value))
        except Exception:
            self.kept.append((value,))
        return f"\0kept {len(self.kept) - 1}"

    def _all(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._get(value) for name, value in data.items()}

    def _get(self, value: Any) -> Any:
        if not (isinstance(value, str) and value.startswith("\0kept ")):
            return value
        kept = self.kept[int(value.removeprefix("\0kept "))]
        return pickle.loads(kept) if isinstance(kept, bytes) else kept[0]


def start(definition: Definition, services: PythonServices, data: Mapping[str, Any]) -> EngineWorkflow:
    """Return a run of our own, at its start."""
    workflow = EngineWorkflow(definition.specs[definition.root_key], definition.specs, services)
    workflow.script_engine = services.scripts
    workflow.task_tree.data.update(data)
    return workflow

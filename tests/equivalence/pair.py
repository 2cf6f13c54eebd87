"""One diagram of the library, driven twice at once: by the stock classes and by ours."""

import random
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.camunda.specs.event_definitions import MessageEventDefinition as CamundaMessage
from SpiffWorkflow.util.task import TaskState

from engine.spiff.diagram_index import BPMN, index_diagram, read_xml
from engine.spiff.parser import Definition, settle
from engine.spiff.workflow import EngineWorkflow
from tests.equivalence import bridge, inputs, library, trees
from tests.equivalence.scripts import Clock, OwnScripts, Scripts, stock_clock

ROUNDS = 40
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
CALLS = 40
JUMPS = (timedelta(seconds=2), timedelta(minutes=1), timedelta(hours=3), timedelta(days=1), timedelta(days=40))


class Fault(Exception):
    """What a side said when it refused to go on, in a form that can be compared."""


@dataclass
class Sides:
    """Both runs; `step` lets each do the same and compares."""

    stock: BpmnWorkflow
    ours: EngineWorkflow
    definition: Definition
    seed: str
    vault: bridge.Vault = field(default_factory=bridge.Vault)

    def __post_init__(self) -> None:
        """Let neither side start more called processes than a diagram that comes to rest."""
        for workflow in (self.stock, self.ours):
            _limit(workflow)

    def each(self, act: Callable[[Any, bool], None]) -> str:
        """Let both act; return how they differ, empty when they agree.

        Raises:
            Fault: both refuse in the same way; there is no way on.

        """
        said = []
        for workflow, is_ours in ((self.stock, False), (self.ours, True)):
            random.seed(self.seed)  # scripts may throw dice
            try:
                act(workflow, is_ours)
                said.append("")
            except Exception as fault:
                said.append(f"{type(fault).__name__}: {fault}")
        if said[0] != said[1]:
            return f"stock says {said[0] or 'nothing'} | ours says {said[1] or 'nothing'}"
        if said[0]:
            raise Fault(said[0])
        return trees.picture(self.stock).against(trees.picture(self.ours)) or self._told()

    def _told(self) -> str:
        told = [
            [type(event.event_definition).__name__ + str(event.event_definition.name) for event in side.get_events()]
            for side in (self.stock, self.ours)
        ]
        return "" if told[0] == told[1] else f"events for outside: stock {told[0]} | ours {told[1]}"

    def reload(self) -> None:
        """Store our run and read it back."""
        self.ours = self.vault.reload(self.ours, self.definition)
        _limit(self.ours)

    def settle(self, workflow: Any, is_ours: bool) -> None:
        """Run to quiescence, due timers included."""
        (settle_ours if is_ours else settle_stock)(workflow)


def _limit(workflow: Any) -> None:
    create = type(workflow).create_subprocess

    def limited(my_task: Any, spec_name: str) -> Any:
        if len(workflow.subprocesses) >= CALLS:
            raise RecursionError("this diagram never rests")
        return create(workflow, my_task, spec_name)

    workflow.create_subprocess = limited


def settle_stock(workflow: Any) -> None:
    """Run the library's way until nothing moves: its own loop leaves what a timer made ready."""
    before = None
    for _round in range(ROUNDS):
        workflow.refresh_timers()
        workflow.do_engine_steps()
        now = _states(workflow)
        if now == before and not workflow.get_tasks(state=TaskState.READY, manual=False):
            return
        before = now
    raise RecursionError("no rest")


def settle_ours(workflow: EngineWorkflow) -> None:
    """Run our way, timer by timer, until nothing moves."""
    before = None
    for _round in range(ROUNDS):
        workflow.advance()
        for task in [*workflow.event_manager.tasks.values()]:
            definition = getattr(task.task_spec, "event_definition", None)
            if isinstance(definition, TimerEventDefinition | MultipleEventDefinition) and task.id in _alive(workflow):
                task.task_spec._update(task)
                workflow.advance()
        now = _states(workflow)
        if now == before:
            return
        before = now
    raise RecursionError("no rest")


def _alive(workflow: EngineWorkflow) -> set[Any]:
    return {task.id for flow in workflow.flows() for task in flow.waiting.values()}


def _states(workflow: Any) -> list[tuple[Any, int]]:
    return [(task.task_spec.name, task._state) for _depth, task in trees.walk(workflow)]


@dataclass
class Drive:
    """One diagram, one root, one seed: what was done and how the sides differed.

    Attributes:
        difference: the first one, empty when the sides agreed to the end.
        visited: names of task specs that got as far as waiting or beyond, out of those `known`.
        history: what was done, step by step.

    """

    difference: str = ""
    refusal: str = ""
    steps: int = 0
    reloads: int = 0
    visited: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    history: list[str] = field(default_factory=list)


def drive(
    sample: library.Sample, root: str, seed: int, *, without: frozenset[str] = frozenset(), steps: int = 12
) -> Drive:
    """Drive a diagram through both sides with the same random inputs, our run stored and read back at random steps."""
    found, rng, clock = Drive(), random.Random(f"{sample.name} {root} {seed}"), Clock()
    words = inputs.vocabulary(sample.name, sample.text)
    with stock_clock(clock):
        try:
            sides = _begin(
                sample, root, clock, without, words.start(rng, share=rng.choice([0.0, 0.9, 1.0]) if seed else 1.0)
            )
            found.known = {name for spec in sides.definition.specs.values() for name in spec.task_specs}
            found.difference = sides.each(sides.settle)
            while not found.difference and found.steps < steps:
                _look(sides, found)
                if rng.random() < 0.5:
                    sides.reload()
                    found.reloads += 1
                act = _choose(sides, clock, words, rng, found)
                if act is None:
                    break
                found.steps += 1
                found.difference = sides.each(act) or sides.each(sides.settle)
        except Fault as fault:
            found.refusal = str(fault)
    return found


def _begin(sample: library.Sample, root: str, clock: Clock, without: frozenset[str], data: Mapping[str, Any]) -> Sides:
    """Return both runs at their start.

    Raises:
        Fault: neither can read the diagram, in the same words.

    """
    read: list[tuple[str, dict[str, Any]]] = []
    said = []
    for reader in (sample.reader, bridge.engine_parser(sample.reader, without)):
        try:
            read.append(library.read(sample, reader, root))
            said.append("")
        except Exception as fault:
            said.append(f"{type(fault).__name__}: {_ADDRESS.sub('', str(fault))}")
    if said[0] or said[1]:
        if said[0] != said[1]:
            raise AssertionError(f"read by one side only: {said}")
        raise Fault(said[0])
    (key, stock_specs), (_key, our_specs) = read
    for path in sample.files:
        for process in (spec for spec in our_specs.values() if path.suffix == ".bpmn"):
            _settle(process, path, without)
    stock = BpmnWorkflow(stock_specs[key], stock_specs, PythonScriptEngine(Scripts(clock)))
    stock.task_tree.data.update(deepcopy(data))
    definition = bridge.definition_of(key, our_specs)
    services = bridge.PythonServices(clock, PythonScriptEngine(OwnScripts(clock)))
    return Sides(stock, bridge.start(definition, services, deepcopy(data)), definition, f"{sample.name} {root}")


def _settle(spec: Any, path: Path, without: frozenset[str]) -> None:
    """Order conditions by the file and connect loops, as our parser does after reading."""
    root = read_xml(path.read_bytes())
    if bridge.ORDER not in without and any(node.get("id") == spec.name for node in root.iter(f"{BPMN}process")):
        settle(spec, index_diagram(spec.name, root))


def _look(sides: Sides, found: Drive) -> None:
    found.visited |= {
        task.task_spec.name for _depth, task in trees.walk(sides.stock) if task._state >= TaskState.WAITING
    }


def _choose(
    sides: Sides, clock: Clock, words: inputs.Vocabulary, rng: random.Random, found: Drive
) -> Callable[[Any, bool], None] | None:
    """Return the next thing to do to both sides, None when nothing is left to be done."""
    tasks = [task for _depth, task in trees.walk(sides.stock)]
    people = [place for place, task in enumerate(tasks) if task._state == TaskState.READY and task.task_spec.manual]
    caught = [
        (place, part)
        for place, task in enumerate(tasks)
        if task.id in sides.stock.event_manager.tasks
        for part in range(len(_definitions(task)))
        if not isinstance(_definitions(task)[part], TimerEventDefinition | NoneEventDefinition)
    ]
    waits = any(task._state == TaskState.WAITING for task in tasks)
    options: list[int | tuple[int, int] | None] = [*people, *people, *caught, *([None] if waits else [])]
    if not options:
        return None
    option = rng.choice(options)
    if option is None:
        clock.at += rng.choice(JUMPS)
        found.history.append(f"wait until {clock.at}")
        return lambda _workflow, _is_ours: None
    form = words.form(rng, share=rng.choice([0.3, 1.0]))
    if isinstance(option, tuple):
        found.history.append(f"event for {tasks[option[0]].task_spec.name} with {form}")
        return lambda workflow, _is_ours: _send(workflow, option, form)
    found.history.append(f"complete {tasks[option].task_spec.name} with {form}")
    return lambda workflow, _is_ours: _complete(workflow, option, form)


def _definitions(task: Any) -> list[Any]:
    definition = task.task_spec.event_definition
    return definition.event_definitions if isinstance(definition, MultipleEventDefinition) else [definition]


def _send(workflow: Any, option: tuple[int, int], form: dict[str, Any]) -> None:
    task = [task for _depth, task in trees.walk(workflow)][option[0]]
    definition = _definitions(task)[option[1]]
    camunda = isinstance(definition, CamundaMessage)
    payload = {"payload": deepcopy(form), "result_var": definition.result_var} if camunda else deepcopy(form)
    workflow.send_event(BpmnEvent(definition, payload=payload))


def _complete(workflow: Any, place: int, form: dict[str, Any]) -> None:
    task = [task for _depth, task in trees.walk(workflow)][place]
    task.data.update(deepcopy(form))
    task.run()

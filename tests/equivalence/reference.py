"""A plain reference: the stock library, asked in the words of our `Run`.

Its parsers, tasks, joins, loops, events and data are the library's own. What stands in for Python and for what the
library has no word for is an adapter: expressions are evaluated by FEEL, service and business rule tasks ask the same
services as ours. Two hazards would end most cases, and are mended here by the smallest change that lets them go on:
`MENDED` names them.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.defaults import EventBasedGateway, ParallelMultiInstanceTask, UserTask
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimeDateEventDefinition
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.clock import VIETNAM
from engine.spiff.diagram_index import DiagramIndex, index_diagram, read_xml
from engine.spiff.values import JOB, Element, Services

NEVER = "9999-01-01T00:00:00+00:00"
_CHILD, _SPLIT, _ITEM = " [child]", ".BoundaryEventSplit", "assignee"


class _Asks(BpmnSpecMixin):  # type: ignore[misc]  # SpiffWorkflow is untyped
    """A service or business rule task that asks the services ours would ask."""

    element: Element

    def _run_hook(self, my_task: Any) -> bool | None:
        services = my_task.workflow.top_workflow.services
        if self.element.table:
            outputs = services.decide(self.element, self.element.table, dict(my_task.data))
        else:
            outputs = services.call_service(self.element, self.element.step_key, {}, dict(my_task.data))
        if outputs is JOB:
            return None
        my_task.data.update(outputs)
        return True


class _Loop(ParallelMultiInstanceTask):  # type: ignore[misc]
    """The library's loop, with its item taken away before and after a round."""

    def _update_hook(self, my_task: Any) -> Any:
        my_task.parent.data.pop(_ITEM, None)
        return super()._update_hook(my_task)

    def merge_child(self, workflow: Any, child: Any) -> None:
        """Merge as the library does."""
        super().merge_child(workflow, child)
        child.parent.data.pop(_ITEM, None)


class _UserParser(TaskParser):  # type: ignore[misc]
    PARALLEL_MI_CLASS = _Loop


class _AskingParser(TaskParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        made = self.spec_class(self.spec, self.bpmn_id, **self.bpmn_attributes)
        made.element = self.process_parser.parser.indexes[self.spec.name].elements[self.bpmn_id]
        return made


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - the library's own attribute
        full_tag("userTask"): (_UserParser, UserTask),
        full_tag("serviceTask"): (_AskingParser, _Asks),
        full_tag("businessRuleTask"): (_AskingParser, _Asks),
    }


class _Expressions(PythonScriptEngine):  # type: ignore[misc]
    """FEEL where the library expects Python: a yes or no for conditions, an ISO text for timers."""

    def __init__(self, evaluate: Callable[[str, Mapping[str, Any]], Any]) -> None:
        super().__init__()
        self._evaluate = evaluate

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        """Return a condition's truth or a timer's instant."""
        value = self._evaluate(expression, dict(task.data))
        if not hasattr(task.task_spec, "event_definition"):
            if not isinstance(value, bool):
                raise TypeError(f"no yes or no: {expression}")
            return value
        if value is None:
            return NEVER
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        return (value if value.tzinfo else value.replace(tzinfo=VIETNAM)).astimezone(UTC).isoformat()


@dataclass(frozen=True)
class Bundle:
    """Diagrams as the library reads them."""

    root: str
    specs: Mapping[str, Any]
    indexes: Mapping[str, DiagramIndex]


def read(files: Mapping[str, bytes]) -> Bundle:
    """Return the specs of a bundle; conditions in the order of the file, as the library would with a tidy picture."""
    parser = _Parser()
    parser.indexes = {key: index_diagram(key, read_xml(xml)) for key, xml in files.items()}
    for key, xml in files.items():
        parser.add_bpmn_xml(etree.fromstring(xml), key)
    specs = {key: parser.get_spec(key) for key in files}
    for key, spec in specs.items():
        for gateway in (task for task in spec.task_specs.values() if hasattr(task, "cond_task_specs")):
            order = parser.indexes[key].order
            gateway.cond_task_specs.sort(key=lambda pair: order.get((gateway.name, pair[1].removesuffix(_SPLIT)), 0))
    return Bundle(next(iter(files)), specs, parser.indexes)


class Reference:
    """One case run by the library, never pruned, never stored."""

    def __init__(self, bundle: Bundle, variables: Mapping[str, Any], services: Services) -> None:
        self.bundle = bundle
        self.workflow = BpmnWorkflow(bundle.specs[bundle.root], dict(bundle.specs), _Expressions(services.evaluate))
        self.workflow.services = services
        self.workflow.task_tree.data.update(deepcopy(dict(variables)))
        self._advance()

    def _advance(self) -> None:
        while self.workflow.get_tasks(state=TaskState.READY, manual=False):
            self.workflow.do_engine_steps()

    def _tasks(self) -> list[Any]:
        flows = [self.workflow, *self.workflow.subprocesses.values()]
        return [task for flow in flows for task in flow.tasks.values()]

    # moving

    def complete(self, place: int, variables: Mapping[str, Any]) -> None:
        """Complete a user task by its place among those that are open."""
        task = self._open()[place]
        task.data.update(deepcopy(dict(variables)))
        task.run()
        self._advance()

    def finish_job(self, place: int, variables: Mapping[str, Any]) -> None:
        """Give a job its result."""
        task = self._started()[place]
        task.data.update(deepcopy(dict(variables)))
        task.complete()
        self._advance()

    def correlate(self, message: str, variables: Mapping[str, Any]) -> bool:
        """Hand a message to the token that waits for it longest."""
        for task in self.workflow.event_manager.tasks.values():
            for definition in _definitions(task):
                if isinstance(definition, MessageEventDefinition) and definition.name == message:
                    task.task_spec.catch(task, BpmnEvent(definition, payload=deepcopy(dict(variables))))
                    task.task_spec._update(task)
                    self._advance()
                    return True
        return False

    def fire_due(self) -> None:
        """Fire what is due."""
        self.workflow.refresh_timers()
        self._advance()

    # asking

    def _open(self) -> list[Any]:
        return sorted(
            (task for task in self._tasks() if task.state == TaskState.READY and task.task_spec.manual), key=_who
        )

    def _started(self) -> list[Any]:
        return sorted(
            (task for task in self._tasks() if task.state == TaskState.STARTED and isinstance(task.task_spec, _Asks)),
            key=_who,
        )

    def user_tasks(self) -> list[tuple[Any, ...]]:
        """Return the open user tasks as process, element, person and variables."""
        return [(*_who(task), {name: value for name, value in task.data.items() if name != _ITEM or not _child(task)})
                for task in self._open()]  # fmt: skip

    def jobs(self) -> list[tuple[str, str]]:
        """Return the jobs as process and element."""
        return [_who(task)[:2] for task in self._started()]

    def timers(self) -> list[tuple[str, str, datetime]]:
        """Return the timers that will fire as process, element and instant."""
        found = []
        for task in self.workflow.event_manager.tasks.values():
            for place, definition in enumerate(_definitions(task)):
                if isinstance(definition, TimeDateEventDefinition):
                    value = task.internal_data["event_value"]
                    if value != NEVER:
                        found.append((*_event(task, place), datetime.fromisoformat(value)))
        return sorted(found)

    def subscriptions(self) -> list[tuple[str, str, str]]:
        """Return the messages that are waited for as process, element and name."""
        return sorted(
            (*_event(task, place), definition.name)
            for task in self.workflow.event_manager.tasks.values()
            for place, definition in enumerate(_definitions(task))
            if isinstance(definition, MessageEventDefinition)
        )

    def flows(self) -> list[tuple[str, str]]:
        """Return every sequence flow taken so far, as often as it was taken."""
        found = []
        for task in self._tasks():
            index = self.bundle.indexes[task.workflow.spec.name]
            name = task.task_spec.name
            waits = isinstance(getattr(task.parent, "task_spec", None), EventBasedGateway)
            if name not in index.elements or task.state < (TaskState.READY if waits else TaskState.WAITING):
                continue
            source = task.parent
            while source is not None and source.task_spec.name not in index.elements:
                source = source.parent
            flow = index.flows.get((source.task_spec.name, name)) if source is not None else None
            if flow is not None and index.elements[name].kind != "boundaryEvent":
                found.append((task.workflow.spec.name, flow))
        return sorted(found)

    def elements(self) -> dict[tuple[str, str], tuple[str, int]]:
        """Return how far each element got, and how often a token came to it.

        Where the library lets an event gateway wait, ours is done with it, and its events wait.
        """
        found: dict[tuple[str, str], list[int]] = {}
        for task in self._tasks():
            key, name, state = task.workflow.spec.name, task.task_spec.name, task.state
            if name not in self.bundle.indexes[key].elements or state < TaskState.WAITING:
                continue
            if isinstance(task.task_spec, EventBasedGateway):
                came = {child.task_spec.name for child in task.children if child.state >= TaskState.READY}
                others = TaskState.WAITING if state == TaskState.WAITING else TaskState.CANCELLED
                for event in {spec.name for spec in task.task_spec.outputs} - came:
                    found.setdefault((key, event), []).append(others)
                state = TaskState.COMPLETED
            found.setdefault((key, name), []).append(state)
        return {place: (_summary(states), len(states)) for place, states in found.items()}

    @property
    def ended(self) -> bool:
        """Tell whether the case is over."""
        return bool(self.workflow.completed)

    @property
    def ends(self) -> set[str]:
        """The end events the root process took."""
        elements = self.bundle.indexes[self.bundle.root].elements
        return {
            task.task_spec.name
            for task in self.workflow.tasks.values()
            if task.state == TaskState.COMPLETED and task.task_spec.name in elements
            and elements[task.task_spec.name].kind == "endEvent"
        }  # fmt: skip

    def variables(self) -> dict[str, Any]:
        """Return the variables of the root, overlaid by those of the called processes that run."""
        found: dict[str, Any] = {}
        for flow in sorted([self.workflow, *self.workflow.subprocesses.values()], key=lambda flow: flow.depth):
            if flow.last_task is not None and (flow is self.workflow or not flow.completed):
                found.update(flow.last_task.data)
        found.pop(_ITEM, None)
        return found


def _summary(states: list[int]) -> str:
    for state, name in ((TaskState.READY | TaskState.STARTED, "active"), (TaskState.WAITING, "waiting"),
                        (TaskState.COMPLETED, "done")):  # fmt: skip
        if any(found & state for found in states):
            return name
    return "cancelled"


def _definitions(task: Any) -> list[Any]:
    definition = task.task_spec.event_definition
    return list(getattr(definition, "event_definitions", [definition]))


def _event(task: Any, place: int) -> tuple[str, str]:
    """Return process and element of an event; those behind an event gateway wait inside it."""
    spec = task.task_spec.outputs[place] if isinstance(task.task_spec, EventBasedGateway) else task.task_spec
    return task.workflow.spec.name, spec.name


def _child(task: Any) -> bool:
    return bool(task.task_spec.name.endswith(_CHILD))


def _who(task: Any) -> tuple[str, str, str]:
    person = str(task.data.get(_ITEM)) if _child(task) else ""
    return task.workflow.spec.name, task.task_spec.name.removesuffix(_CHILD), person

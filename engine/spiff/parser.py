"""From BPMN files to a definition: parsed once, immutable, shared by all instances and threads."""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import EventBasedGatewayParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.spiff.parser.event_parsers import (
    SpiffBoundaryEventParser,
    SpiffIntermediateCatchEventParser,
    SpiffReceiveTaskParser,
)
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.task_spec import CallActivityParser, SpiffTaskParser

from engine import feel
from engine.errors import DeploymentError
from engine.spiff.activities import (
    EngineCallActivity,
    EngineDecisionTask,
    EngineExclusiveGateway,
    EngineParallelTask,
    EngineServiceTask,
    EngineUserTask,
)
from engine.spiff.diagram_index import BPMN, SPIFF, DiagramIndex, index_diagram, read_xml
from engine.spiff.events import (
    EngineBoundaryEvent,
    EngineCatchEvent,
    EngineEventGateway,
    EngineReceiveTask,
    FeelTimer,
    VariablesMessage,
)
from engine.spiff.joins import EngineParallelGateway, EngineProcessSpec
from engine.spiff.values import Element

SPLIT_SUFFIX = ".BoundaryEventSplit"
CHILD_SUFFIX = " [child]"
"""What the library adds to the names of its own tasks: around an activity with boundary events, and one of several."""
FEEL_PROPERTIES = ("due", "priority")
"""Properties of a user task that hold an expression."""


class _OurEvents:
    """Replaces the stock definitions of timers and messages in an event parser."""

    node: Any

    def parse_timer_event(self, event: Any) -> FeelTimer:
        """Read `timeDate`, a FEEL expression; lint has refused the other forms by name."""
        expression = event.findtext(f"{BPMN}timeDate") or "null"
        return FeelTimer(self.node.get("name") or self.node.get("id"), expression.strip())

    def parse_message_event(self, message_event: Any) -> VariablesMessage:
        """Read the message by the name it bears."""
        reference = message_event.get("messageRef")
        found = [
            node for node in self.node.getroottree().getroot().iter(f"{BPMN}message") if node.get("id") == reference
        ]
        return VariablesMessage(found[0].get("name") if found else reference)


class _BoundaryParser(_OurEvents, SpiffBoundaryEventParser):  # type: ignore[misc]
    pass


class _CatchParser(_OurEvents, SpiffIntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _ReceiveParser(_OurEvents, SpiffReceiveTaskParser):  # type: ignore[misc]
    pass


class _EventGatewayParser(EventBasedGatewayParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        return self.spec_class(self.spec, self.bpmn_id, **self.bpmn_attributes)


class _UserParser(SpiffTaskParser):  # type: ignore[misc]
    PARALLEL_MI_CLASS = EngineParallelTask

    def create_task(self) -> Any:
        return self.spec_class(self.spec, self.bpmn_id, **self.bpmn_attributes)

    def _copy_task_attrs(self, original: Any, loop_characteristics: Any = None) -> None:
        """Our tasks hold no scripts, so none move to the loop around them."""
        TaskParser._copy_task_attrs(self, original, loop_characteristics)


class _ServiceParser(SpiffTaskParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        element = self.process_parser.parser.index.elements[self.bpmn_id]
        operator = self.node.find(f"{BPMN}extensionElements/{SPIFF}serviceTaskOperator")
        nodes = operator.iter(f"{SPIFF}parameter") if operator is not None else ()
        parameters = {node.get("id"): node.get("value") for node in nodes if node.get("value")}
        return self.spec_class(self.spec, self.bpmn_id, element=element, parameters=parameters, **self.bpmn_attributes)


class _DecisionParser(SpiffTaskParser):  # type: ignore[misc]
    @staticmethod
    def get_decision_ref(_node: Any) -> None:
        """Tell the library of no table: tables are ours, by date."""

    def create_task(self) -> Any:
        element = self.process_parser.parser.index.elements[self.bpmn_id]
        return self.spec_class(self.spec, self.bpmn_id, element=element, **self.bpmn_attributes)


class _ProcessParser(ProcessParser):  # type: ignore[misc]
    def create_spec(self) -> EngineProcessSpec:
        return EngineProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)


class EngineParser(SpiffBpmnParser):  # type: ignore[misc]
    """SpiffWorkflow's parser with our own tasks and events in place of the stock ones."""

    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - the library's own attribute
        **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES,
        full_tag("userTask"): (_UserParser, EngineUserTask),
        full_tag("serviceTask"): (_ServiceParser, EngineServiceTask),
        full_tag("businessRuleTask"): (_DecisionParser, EngineDecisionTask),
        full_tag("callActivity"): (CallActivityParser, EngineCallActivity),
        full_tag("exclusiveGateway"): (ConditionalGatewayParser, EngineExclusiveGateway),
        full_tag("parallelGateway"): (GatewayParser, EngineParallelGateway),
        full_tag("eventBasedGateway"): (_EventGatewayParser, EngineEventGateway),
        full_tag("boundaryEvent"): (_BoundaryParser, EngineBoundaryEvent),
        full_tag("intermediateCatchEvent"): (_CatchParser, EngineCatchEvent),
        full_tag("receiveTask"): (_ReceiveParser, EngineReceiveTask),
    }

    PROCESS_PARSER_CLASS = _ProcessParser

    def __init__(self, index: DiagramIndex) -> None:
        super().__init__()
        self.index = index


@dataclass(frozen=True)
class Definition:
    """A process version, parsed.

    Attributes:
        elements: (process key, element id) to the element.
        indexes: process key to what the XML says of flows.
        names: process key to the sorted names of its task specs; states hold places in this list, and `fingerprint`
            to tell whether it is still the one they were written with.

    """

    root_key: str
    specs: Mapping[str, Any]
    elements: Mapping[tuple[str, str], Element]
    indexes: Mapping[str, DiagramIndex]
    names: Mapping[str, tuple[str, ...]]
    _compiled: dict[frozenset[str], Mapping[str, feel.Expression]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def compiled(self, functions: frozenset[str]) -> Mapping[str, feel.Expression]:
        """Return every expression of the diagrams by its text, compiled once for the names of functions they may call.

        What does not compile is left out: lint has refused it, or another registry knew more functions.
        """
        found = self._compiled.get(functions)
        if found is None:
            found = self._compiled[functions] = dict(_compile(sorted(self.expressions), functions))
        return found

    @cached_property
    def expressions(self) -> frozenset[str]:
        """Conditions, timers, parameters of services, and what properties of tasks say in FEEL."""
        specs = [spec for process in self.specs.values() for spec in process.task_specs.values()]
        texts = {element.properties.get(name) for element in self.elements.values() for name in FEEL_PROPERTIES}
        for spec in specs:
            if isinstance(spec, EngineServiceTask):
                texts.update(spec.parameters.values())
            elif isinstance(spec, EngineExclusiveGateway):
                texts.update(condition.args[0] for condition, _target in spec.cond_task_specs if condition is not None)
            elif isinstance(definition := getattr(spec, "event_definition", None), FeelTimer):
                texts.add(definition.expression)
        return frozenset(text for text in texts if text)

    @cached_property
    def fingerprint(self) -> int:
        """Return a number for the names: another library may call the tasks it adds otherwise."""
        return zlib.crc32(repr(sorted(self.names.items())).encode())

    @cached_property
    def places(self) -> Mapping[str, Mapping[str, int]]:
        """Process key to the place of each name."""
        return {key: {name: place for place, name in enumerate(names)} for key, names in self.names.items()}

    @cached_property
    def ordered(self) -> Mapping[str, tuple[Any, ...]]:
        """Process key to its task specs in the order of their names."""
        return {key: tuple(self.specs[key].task_specs[name] for name in names) for key, names in self.names.items()}

    @property
    def messages(self) -> frozenset[str]:
        """Names of the messages any of the diagrams catches."""
        return frozenset(element.message for element in self.elements.values() if element.message)


def _compile(texts: list[str], functions: frozenset[str]) -> Iterator[tuple[str, feel.Expression]]:
    for text in texts:
        with suppress(feel.FeelSyntaxError, feel.FeelEvaluationError):
            yield text, feel.compile_expression(text, functions=functions)


def parse(files: Mapping[str, bytes]) -> Definition:
    """Return the definition of a bundle of diagrams.

    Args:
        files: process key to bytes; the first is the root process.

    Raises:
        DeploymentError: a diagram SpiffWorkflow cannot read; lint finds most of these with better words.

    """
    specs: dict[str, Any] = {}
    indexes: dict[str, DiagramIndex] = {}
    for key, xml in files.items():
        root = read_xml(xml)
        indexes[key] = index_diagram(key, root)
        parser = EngineParser(indexes[key])
        try:
            parser.add_bpmn_xml(root, filename=key)
            specs[key] = parser.get_spec(key)
        except ValidationException as fault:
            finding = {
                "process_key": key,
                "element_id": str(getattr(fault, "tag", "")),
                "rule": "parse",
                "message": str(fault),
            }
            raise DeploymentError(f"{key}: {fault}", findings=[finding]) from fault
        settle(specs[key], indexes[key])
    elements = {(key, item.element_id): item for key, index in indexes.items() for item in index.elements.values()}
    names = {key: tuple(sorted(spec.task_specs)) for key, spec in specs.items()}
    return Definition(next(iter(files)), specs, elements, indexes, names)


def settle(spec: Any, index: DiagramIndex) -> None:
    """Do once what the library would do lazily on shared specs, and order conditions by the file."""
    for task_spec in spec.task_specs.values():
        child = getattr(task_spec, "task_spec", None)
        if isinstance(child, str) and child in spec.task_specs and hasattr(task_spec, "merge_child"):
            event = spec.task_specs[child].completed_event
            if not event.is_connected(task_spec.merge_child):
                event.connect(task_spec.merge_child)
        if isinstance(task_spec, EngineExclusiveGateway):
            ends = [(task_spec.name, name.removesuffix(SPLIT_SUFFIX)) for _, name in task_spec.cond_task_specs]
            places = [index.order.get(end, 0) for end in ends]
            task_spec.cond_task_specs = [
                pair
                for _, pair in sorted(zip(places, task_spec.cond_task_specs, strict=True), key=lambda item: item[0])
            ]

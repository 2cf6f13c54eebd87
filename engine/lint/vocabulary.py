"""Which elements of BPMN a diagram may hold. What the runtime cannot run is refused by name and place."""

from collections.abc import Iterator, Sequence
from typing import Any

from engine.diagram_names import ENGLISH_NAME
from engine.lint.document import BPMN, SPIFF, Finding, local_name, place_of
from engine.spiff.diagram_index import FLOW_NODES

RUN = frozenset({
    "startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "userTask", "serviceTask",
    "businessRuleTask", "receiveTask", "callActivity", "exclusiveGateway", "parallelGateway", "eventBasedGateway",
})  # fmt: skip
"""Flow nodes the runtime runs."""

_AROUND = frozenset({
    "definitions", "collaboration", "participant", "messageFlow", "message", "process", "property", "laneSet",
    "childLaneSet", "lane", "flowNodeRef", "documentation", "extensionElements", "sequenceFlow",
    "conditionExpression", "incoming", "outgoing", "timerEventDefinition", "timeDate", "messageEventDefinition",
    "multiInstanceLoopCharacteristics", "loopDataInputRef", "inputDataItem", "textAnnotation", "text",
    "association", "group", "category", "categoryValue",
})  # fmt: skip

_STEP = "use a user task with a step"
_OUT_OF_CASE = "a service step sends messages to other cases"
REFUSED = {
    "scriptTask": "a diagram runs no code; use a service task with a step",
    "script": "a diagram runs no code; use a service task with a step",
    "manualTask": f"a manual task has no form; {_STEP}",
    "task": f"a task without a kind means nothing to the engine; {_STEP}, a service task or a decision",
    "sendTask": _OUT_OF_CASE,
    "intermediateThrowEvent": _OUT_OF_CASE,
    "subProcess": "draw it as a process of its own and call it by a call activity",
    "transaction": "transactions are not run",
    "adHocSubProcess": "ad-hoc sub-processes are not run",
    "inclusiveGateway": "use exclusive and parallel gateways",
    "complexGateway": "use exclusive and parallel gateways",
    "timeCycle": "only timeDate is run: reminders are the property `reminder` of a task",
    "timeDuration": "only timeDate is run: a FEEL expression may add a duration to a date-time",
    "signalEventDefinition": "signals are not run; use a message",
    "errorEventDefinition": "errors are not run; let a step set a variable and a gateway read it",
    "escalationEventDefinition": "escalations are not run; use a reminder or a timer",
    "conditionalEventDefinition": "conditional events are not run; use a message",
    "compensateEventDefinition": "compensation is not run",
    "cancelEventDefinition": "transactions are not run",
    "linkEventDefinition": "link events are not run; draw the flow",
    "terminateEventDefinition": "terminate events are not run; end every path by itself",
    "standardLoopCharacteristics": "draw the loop with an exclusive gateway",
    "loopCardinality": "name the collection: a declared property in loopDataInputRef",
    "completionCondition": "all instances are waited for; end early by a boundary event",
    "loopDataOutputRef": "instances write facts, not a collection",
    "outputDataItem": "instances write facts, not a collection",
    "ioSpecification": "variables need no input and output sets; 3.2.0 cannot read them with several instances",
    "dataInputAssociation": "variables need no associations",
    "dataOutputAssociation": "variables need no associations",
    "dataObject": "the case's content lies in tables; variables are declared by property",
    "dataObjectReference": "the case's content lies in tables; variables are declared by property",
    "dataStore": "the case's content lies in tables",
    "dataStoreReference": "the case's content lies in tables",
    "correlationKey": "cases are found by their business key",
    "correlationProperty": "cases are found by their business key",
    "correlationSubscription": "cases are found by their business key",
}
"""Elements of BPMN that are not run, with what to do instead."""

_EVENTS = {
    "startEvent": frozenset[str](),
    "endEvent": frozenset[str](),
    "boundaryEvent": frozenset({"timerEventDefinition", "messageEventDefinition"}),
    "intermediateCatchEvent": frozenset({"timerEventDefinition", "messageEventDefinition"}),
}
_ATTRIBUTES = {
    ("isForCompensation", "true"): "compensation is not run",
    ("instantiate", "true"): "a case is started by its door, not by a message",
    ("parallelMultiple", "true"): "an event waits for one thing",
    ("eventGatewayType", "Parallel"): "the first event wins",
    ("triggeredByEvent", "true"): "event sub-processes are not run",
    ("isSequential", "true"): "several instances run at the same time",
}
_EXTENSIONS = frozenset({
    "properties", "property", "serviceTaskOperator", "parameters", "parameter", "calledDecisionId",
})  # fmt: skip
PROPERTIES = {
    ENGLISH_NAME: RUN | {"process", "sequenceFlow"},
    "step": frozenset({"userTask"}),
    "assignee": frozenset({"userTask"}),
    "due": frozenset({"userTask"}),
    "reminder": frozenset({"userTask", "receiveTask", "intermediateCatchEvent"}),
    "escalate": frozenset({"userTask"}),
    "priority": frozenset({"userTask"}),
    "not_same_person_as": frozenset({"userTask"}),
    "same_person_as": frozenset({"userTask"}),
    "excluded_roles": frozenset({"userTask"}),
}
"""Extension properties and the elements that may bear them."""


def check_vocabulary(key: str, nodes: Sequence[Any]) -> Iterator[Finding]:
    """Yield a finding for each element, extension or attribute the engine cannot run."""
    for node in nodes:
        name = local_name(node)
        place = place_of(node) or key
        if node.tag.startswith(BPMN):
            yield from (Finding(key, place, *found) for found in _check_element(node, name))
        elif node.tag.startswith(SPIFF):
            if name not in _EXTENSIONS:
                yield Finding(key, place, "extension", f"the extension {name} is not read; scripts are never run")
            elif name == "property":
                yield from (Finding(key, place, *found) for found in _check_property(node))
        elif not _within_extension(node.getparent()):
            yield Finding(key, place, "unknown_element", f"{node.tag} is not known")
        elif local_name(node.getparent()) == "extensionElements":
            yield Finding(key, place, "extension", f"the extension {node.tag} is not read")


def _check_element(node: Any, name: str) -> Iterator[tuple[str, str]]:
    if name in REFUSED:
        yield "not_run", f"{name} is not run: {REFUSED[name]}"
    elif name not in RUN and name not in _AROUND:
        yield "unknown_element", f"{name} is not known to the engine"
    for attribute, value in node.attrib.items():
        if (attribute, value) in _ATTRIBUTES:
            yield "not_run", f"{attribute}={value!r} is not run: {_ATTRIBUTES[attribute, value]}"
    if name in FLOW_NODES | {"sequenceFlow", "lane", "message", "property"} and not node.get("id"):
        yield "no_id", f"a {name} needs an id"
    language = node.get("language") or node.get("expressionLanguage") or ""
    if language and "feel" not in language.casefold():
        yield "language", f"expressions are FEEL, not {language!r}"
    if name in _EVENTS:
        yield from _check_event(node, name)


def _check_event(node: Any, name: str) -> Iterator[tuple[str, str]]:
    definitions = [local_name(child) for child in node if local_name(child).endswith("EventDefinition")]
    allowed = _EVENTS[name]
    if len(definitions) > 1:
        yield "not_run", "an event waits for one thing, not for several"
    if node.find(f"{BPMN}eventDefinitionRef") is not None:
        yield "not_run", "an event holds its definition itself"
    if allowed and not definitions:
        yield "no_definition", f"a {name} needs a timer or a message"
    for definition in definitions:
        if definition not in allowed and definition not in REFUSED:
            yield "not_run", f"a {name} may not hold a {definition}"


def _check_property(node: Any) -> Iterator[tuple[str, str]]:
    name, value = node.get("name"), (node.get("value") or "").strip()
    kind = _owner_of(node)
    if name not in PROPERTIES:
        yield "property", f"the property {name!r} is not read; known are {', '.join(PROPERTIES)}"
    elif kind not in PROPERTIES[name]:
        yield "property", f"the property {name!r} means nothing at a {kind}"
    elif not value:
        yield "property", f"the property {name!r} is empty"


def _owner_of(node: Any) -> str:
    """Return the tag of the element an extension belongs to."""
    while node is not None and local_name(node) != "extensionElements":
        node = node.getparent()
    return local_name(node.getparent()) if node is not None and node.getparent() is not None else "process"


def _within_extension(node: Any) -> bool:
    while node is not None:
        if local_name(node) == "extensionElements":
            return True
        node = node.getparent()
    return False

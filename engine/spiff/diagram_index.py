"""Reads from the XML what SpiffWorkflow does not keep: elements with their lane roles, and the sequence flows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.spiff.values import Element

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
LANE_PREFIX = "lane_"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
FLOW_NODES = {
    "userTask", "manualTask", "serviceTask", "businessRuleTask", "receiveTask", "sendTask", "scriptTask", "task",
    "callActivity", "subProcess", "transaction", "adHocSubProcess", "startEvent", "endEvent", "boundaryEvent",
    "intermediateCatchEvent", "intermediateThrowEvent", "exclusiveGateway", "inclusiveGateway", "parallelGateway",
    "eventBasedGateway", "complexGateway",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DiagramIndex:
    """One diagram by its XML.

    Attributes:
        flows: (source, target) to the id of the sequence flow; `order` is its place in the file.

    """

    process_key: str
    elements: Mapping[str, Element]
    flows: Mapping[tuple[str, str], str]
    order: Mapping[tuple[str, str], int]


def read_xml(xml: bytes) -> Any:
    """Return the root of a diagram, with no entity resolved and nothing fetched."""
    return etree.fromstring(xml, _PARSER)


def index_diagram(process_key: str, root: Any) -> DiagramIndex:
    """Return the index of the one process of a diagram."""
    process = next(node for node in root.iter(f"{BPMN}process") if node.get("id") == process_key)
    messages = {node.get("id"): node.get("name") for node in root.iter(f"{BPMN}message")}
    lanes = {
        reference.text.strip(): lane.get("id").removeprefix(LANE_PREFIX)
        for lane in process.iter(f"{BPMN}lane")
        for reference in lane.iter(f"{BPMN}flowNodeRef")
        if (lane.get("id") or "").startswith(LANE_PREFIX)
    }
    elements = {}
    for node in process.iter():
        kind = etree.QName(node).localname if isinstance(node.tag, str) else ""
        if kind in FLOW_NODES:
            elements[node.get("id")] = _element(process_key, node, kind, lanes, messages)
    flows: dict[tuple[str, str], str] = {}
    order: dict[tuple[str, str], int] = {}
    for place, flow in enumerate(process.iter(f"{BPMN}sequenceFlow")):
        ends = (flow.get("sourceRef"), flow.get("targetRef"))
        flows.setdefault(ends, flow.get("id"))
        order.setdefault(ends, place)
    return DiagramIndex(process_key, elements, flows, order)


def _element(process_key: str, node: Any, kind: str, lanes: Mapping[str, str], messages: Mapping[str, str]) -> Element:
    properties = {
        item.get("name"): item.get("value") for item in node.iterfind(f"{BPMN}extensionElements//{SPIFF}property")
    }
    operator = node.find(f"{BPMN}extensionElements/{SPIFF}serviceTaskOperator")
    decision = node.find(f"{BPMN}extensionElements/{SPIFF}calledDecisionId")
    definition = node.find(f"{BPMN}messageEventDefinition")
    reference = node.get("messageRef") or (definition.get("messageRef") if definition is not None else None)
    return Element(
        process_key, node.get("id"), kind, " ".join((node.get("name") or "").split()), lanes.get(node.get("id")),
        properties,
        attached_to=node.get("attachedToRef"),
        step_key=operator.get("id") if operator is not None else properties.get("step"),
        table=(decision.text or "").strip() if decision is not None else None,
        message=messages.get(reference) if reference else None,
        called=node.get("calledElement"),
        interrupting=node.get("cancelActivity") != "false",
    )  # fmt: skip

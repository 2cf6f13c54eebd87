"""The shape of a process: ids, flows, gateways, events, lanes; every element on a way from the start to an end."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.lint.document import BPMN, SPIFF, Document, Finding, Flow, local_name, place_of
from engine.spiff.diagram_index import FLOW_NODES, LANE_PREFIX

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = {"Start", "End", "Root", "StartEventSplit", "StartEventJoin"}
_HOSTS = {"userTask", "serviceTask", "callActivity", "receiveTask"}
_BRANCHING = {"exclusiveGateway", "parallelGateway", "eventBasedGateway"}
_CATCHING = {"intermediateCatchEvent", "receiveTask"}


def check_ids(key: str, nodes: Sequence[Any]) -> Iterator[Finding]:
    """Yield ids that are missing their form, used twice, or taken for another element by the library.

    3.2.0 looks elements up among everything that bears an id, extensions too, and the last one wins; it names
    its own tasks `Start`, `End` and with a dot.
    """
    elements = Counter(str(node.get("id")) for node in nodes if node.get("id") and node.tag.startswith(BPMN))
    for name, count in elements.items():
        if count > 1:
            yield Finding(key, name, "id_twice", f"{count} elements bear this id")
    for node in nodes:
        name = node.get("id")
        if name is None:
            continue
        if node.tag.startswith(BPMN) and local_name(node) in FLOW_NODES | {"sequenceFlow", "process"}:
            if not _ID.fullmatch(name):
                yield Finding(key, name, "id_form", "an id is made of letters, digits and _, and begins with a letter")
            elif name in _RESERVED:
                yield Finding(key, name, "id_reserved", "the engine uses this id for a task of its own")
        elif node.tag.startswith(SPIFF) and name in elements:
            kind = local_name(node)
            yield Finding(key, place_of(node), "id_twice", f"the {kind} bears the id of an element: {name}")


def check_references(key: str, nodes: Sequence[Any]) -> Iterator[Finding]:
    """Yield references to elements that do not exist: flows, hosts of boundary events, messages, lanes."""
    by_id = {node.get("id"): local_name(node) for node in nodes if node.tag.startswith(BPMN)}
    for node in nodes:
        kind = local_name(node)
        place = place_of(node) or key
        if kind == "sequenceFlow":
            for end in ("sourceRef", "targetRef"):
                if by_id.get(node.get(end)) not in FLOW_NODES:
                    yield Finding(key, place, "reference", f"{end} names no element: {node.get(end)!r}")
        elif kind == "boundaryEvent" and by_id.get(node.get("attachedToRef")) not in _HOSTS:
            yield Finding(key, place, "reference", "a boundary event sits on a task that waits, or on a call activity")
        elif kind in ("messageEventDefinition", "receiveTask") and by_id.get(node.get("messageRef")) != "message":
            yield Finding(key, place, "reference", f"messageRef names no message: {node.get('messageRef')!r}")
        elif kind == "message" and not (node.get("name") or "").strip():
            yield Finding(key, place, "reference", "a message is known by its name")
        elif kind == "flowNodeRef" and by_id.get((node.text or "").strip()) not in FLOW_NODES:
            yield Finding(key, place, "reference", f"the lane holds no element called {(node.text or '').strip()!r}")


def check_structure(diagram: Document) -> Iterator[Finding]:
    """Yield what is wrong with the course of a process."""
    yield from _check_process(diagram)
    yield from _check_ends(diagram)
    yield from _check_flows(diagram)
    for element in diagram.index.elements.values():
        node = diagram.node(element.element_id)
        if element.kind == "exclusiveGateway":
            yield from _check_exclusive(diagram, element.element_id, node.get("default"))
        elif element.kind == "eventBasedGateway":
            yield from _check_event_gateway(diagram, element.element_id)
        elif node.get("default"):
            yield diagram.finding(element.element_id, "default_flow", "only exclusive gateways have a default flow")
    yield from _check_reach(diagram)
    yield from _check_lanes(diagram)


def _check_process(diagram: Document) -> Iterator[Finding]:
    if diagram.process.get("isExecutable") != "true":
        yield diagram.finding(diagram.process_key, "not_executable", "the process must say isExecutable")
    kinds = Counter(element.kind for element in diagram.index.elements.values())
    if kinds["startEvent"] != 1:
        message = f"a process has one start event, not {kinds['startEvent']}"
        yield diagram.finding(diagram.process_key, "one_start", message)
    if not kinds["endEvent"]:
        yield diagram.finding(diagram.process_key, "no_end", "a process needs an end event")
    for element in diagram.index.elements.values():
        if not element.name:
            yield diagram.finding(element.element_id, "no_name", f"a {element.kind} needs a name")
    ends = Counter(element.name for element in diagram.index.elements.values() if element.kind == "endEvent")
    for element in diagram.index.elements.values():
        if element.kind == "endEvent" and element.name and ends[element.name] > 1:
            yield diagram.finding(element.element_id, "end_name", f"two ends are called {element.name!r}")


def _check_ends(diagram: Document) -> Iterator[Finding]:
    """Check how many flows lead to and from each element."""
    for element in diagram.index.elements.values():
        name, kind = element.element_id, element.kind
        coming, going = len(diagram.incoming.get(name, ())), len(diagram.outgoing.get(name, ()))
        if kind in ("startEvent", "boundaryEvent") and coming:
            yield diagram.finding(name, "flow_into", f"no flow leads into a {kind}")
        if kind == "endEvent" and going:
            yield diagram.finding(name, "flow_out", "no flow leads out of an end event")
        if kind != "endEvent" and not going:
            yield diagram.finding(name, "no_way_on", "a path ends here without an end event")
        if going > 1 and kind not in _BRANCHING:
            yield diagram.finding(name, "implicit_split", "paths part at a gateway, not at another element")
        if coming > 1 and going > 1 and kind in _BRANCHING:
            yield diagram.finding(name, "join_and_split", "a gateway joins or parts, not both")


def _check_flows(diagram: Document) -> Iterator[Finding]:
    pairs = Counter((flow.source, flow.target) for flow in diagram.flows)
    for flow in diagram.flows:
        if pairs[flow.source, flow.target] > 1:
            message = "two flows join the same elements; history could not tell which was taken"
            yield diagram.finding(flow.id, "flow_twice", message)
        source = diagram.index.elements.get(flow.source)
        if flow.condition is not None and source is not None and source.kind != "exclusiveGateway":
            yield diagram.finding(flow.id, "condition", "only flows out of an exclusive gateway have conditions")


def _check_exclusive(diagram: Document, gateway: str, default: str | None) -> Iterator[Finding]:
    """Every case must find exactly one way; conditions are tried in the order of the file, not of the picture."""
    going = diagram.outgoing.get(gateway, ())
    if default is not None and default not in {flow.id for flow in going}:
        yield diagram.finding(gateway, "default_flow", f"the default flow {default!r} does not lead out of it")
    if len(going) > 1 and default is None:
        yield diagram.finding(gateway, "no_default", "the gateway needs a default flow for what no condition covers")
    conditions = Counter(flow.condition for flow in going if flow.condition)
    for flow in going:
        if flow.id == default and flow.condition is not None:
            yield diagram.finding(flow.id, "default_flow", "the default flow has no condition")
        if flow.id != default and len(going) > 1 and not flow.condition:
            yield diagram.finding(flow.id, "no_condition", "every flow but the default one needs a condition")
        if flow.condition and conditions[flow.condition] > 1:
            message = "two flows have the same condition; the second is never taken"
            yield diagram.finding(flow.id, "same_condition", message)


def _check_event_gateway(diagram: Document, gateway: str) -> Iterator[Finding]:
    going = diagram.outgoing.get(gateway, ())
    if len(going) < 2:
        yield diagram.finding(gateway, "event_gateway", "an event gateway chooses between two events at least")
    hosts = {element.attached_to for element in diagram.index.elements.values()}
    for flow in going:
        target = diagram.index.elements[flow.target]
        if target.kind not in _CATCHING or flow.target in hosts:
            message = "after an event gateway come catching events and receive tasks without boundary events"
            yield diagram.finding(flow.target, "event_gateway", message)
        elif len(diagram.incoming[flow.target]) > 1:
            yield diagram.finding(flow.target, "event_gateway", "only the gateway leads to an event it waits for")


def _check_reach(diagram: Document) -> Iterator[Finding]:
    elements = diagram.index.elements
    hosted: dict[str, list[str]] = {}
    for element in elements.values():
        if element.attached_to:
            hosted.setdefault(element.attached_to, []).append(element.element_id)
    onward = {
        name: [*(flow.target for flow in diagram.outgoing.get(name, ())), *hosted.get(name, ())] for name in elements
    }
    starts = [name for name, element in elements.items() if element.kind == "startEvent"]
    reached = _closure(starts, onward)
    back: dict[str, list[str]] = {name: [] for name in elements}
    for name, targets in onward.items():
        for target in targets:
            back[target].append(name)
    ending = _closure([name for name, element in elements.items() if element.kind == "endEvent"], back)
    for name in elements:
        if starts and name not in reached:
            yield diagram.finding(name, "unreachable", "no path from the start leads here")
        elif ending and name not in ending:
            yield diagram.finding(name, "endless", "no path leads from here to an end")


def _closure(names: list[str], onward: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(onward.get(name, ()))
    return found


def _check_lanes(diagram: Document) -> Iterator[Finding]:
    lanes: dict[str, list[str]] = {}
    for lane in diagram.process.iter(f"{BPMN}lane"):
        name = lane.get("id")
        if not name.startswith(LANE_PREFIX):
            yield diagram.finding(name, "lane_id", f"a lane's id is {LANE_PREFIX}<role key>")
        if not (lane.get("name") or "").strip():
            yield diagram.finding(name, "no_name", "a lane needs a name")
        for reference in lane.findall(f"{BPMN}flowNodeRef"):
            lanes.setdefault((reference.text or "").strip(), []).append(name)
    for element in diagram.index.elements.values():
        if len(lanes.get(element.element_id, ())) > 1:
            yield diagram.finding(element.element_id, "lane_twice", "the element lies in two lanes")
        if element.kind == "userTask" and not element.lane_role:
            yield diagram.finding(element.element_id, "no_lane", "a user task lies in a lane, which gives it its role")


def conditional(flows: Sequence[Flow]) -> bool:
    """Tell whether each of the flows is taken on a condition only."""
    return bool(flows) and all(flow.condition for flow in flows)

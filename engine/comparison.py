"""What changed between two versions of a process: elements added, removed, altered, or only drawn elsewhere.

A version is the bytes of every diagram it uses, by process key. Two elements are the same when process and id are.
What an element says is read from the XML as facts by name, so that a difference can be told in words:

| fact | of |
| --- | --- |
| `kind` `name` `lane` `documentation` | every element; the lane is its id, the role with `lane_` before it |
| `step` `table` `called` `parameter.<name>` | activities: what they run, and what they hand to it |
| `assignee` `due` `reminder` | extension properties of tasks |
| `loop` | an activity with one instance for each item of a collection |
| `timer` `message` `attached_to` `interrupting` | events |
| `source` `target` `condition` | sequence flows |
| `default` `order` | gateways: the flow taken when no condition holds, the order in which conditions are tried |
| `attribute.<name>` | whatever else an element bears |
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine import diagram_reading
from engine.errors import DeploymentError
from engine.lint.document import BPMN, SPIFF, NotReadableError, local_name, read
from engine.spiff.diagram_index import FLOW_NODES
from engine.views import ElementState

ADDED, REMOVED, ALTERED, MOVED = "added", "removed", "altered", "moved"
CHANGES = (ADDED, REMOVED, ALTERED, MOVED)
_TOLD = FLOW_NODES | {"sequenceFlow", "lane", "message", "property", "textAnnotation", "process", "participant"}
_ATTRIBUTES = {
    "name": "name", "attachedToRef": "attached_to", "cancelActivity": "interrupting", "calledElement": "called",
    "sourceRef": "source", "targetRef": "target", "default": "default",
}  # fmt: skip
_IDENTITY = frozenset({"id", "messageRef"})
_TEXTS = {"documentation": "documentation", "text": "name", "conditionExpression": "condition"}
_TIMERS = frozenset({"timeDate", "timeDuration", "timeCycle"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that differs; an empty text where there was or is none."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ElementChange:
    """What became of one element.

    Attributes:
        kind: BPMN tag, e.g. `userTask`, `sequenceFlow`, `lane`; `process` for the diagram as a whole.
        name: as it is called now, or was called when it is gone; a flow without a name is called by its ends.
        change: `added`, `removed`, `altered`, or `moved` when only its place on the picture is another.
        differences: of an altered element; empty otherwise.

    """

    process_key: str
    element_id: str
    kind: str
    name: str
    change: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes between two versions, process by process in the order of the file, what is gone last.

    Attributes:
        processes: keys of all processes of either version; `added` and `removed` those of one alone.

    """

    processes: tuple[str, ...]
    added: frozenset[str]
    removed: frozenset[str]
    changes: tuple[ElementChange, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs, not even on the picture."""
        return not self.changes

    @property
    def layout_only(self) -> bool:
        """Whether cases would run the same on both."""
        return all(change.change == MOVED for change in self.changes)

    def of(self, process_key: str) -> tuple[ElementChange, ...]:
        """Return the changes in one process."""
        return tuple(change for change in self.changes if change.process_key == process_key)

    def count(self, change: str) -> int:
        """Return how many elements were added, removed, altered or moved."""
        return sum(found.change == change for found in self.changes)

    def marks(self, process_key: str, *, newer: bool) -> tuple[ElementState, ...]:
        """Return marks for `diagram.render` of the newer or the older picture of a process.

        What was added is on the newer one alone, what was removed on the older one alone.
        """
        hidden = REMOVED if newer else ADDED
        return tuple(
            ElementState(process_key, change.element_id, change.change)
            for change in self.of(process_key)
            if change.change != hidden
        )


@dataclass(frozen=True, slots=True)
class _Said:
    """What a diagram says of one element: its facts, and where it is drawn."""

    facts: Mapping[str, str]
    place: object = None


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Comparison:
    """Compare two versions, each the files of a process and of all it calls by process key.

    Raises:
        DeploymentError: a file is no diagram.

    """
    keys = tuple(dict.fromkeys([*after, *before]))
    changes: list[ElementChange] = []
    for key in keys:
        changes += _changes(key, before.get(key), after.get(key))
    return Comparison(keys, frozenset(after) - frozenset(before), frozenset(before) - frozenset(after), tuple(changes))


def _changes(key: str, before: bytes | None, after: bytes | None) -> Iterable[ElementChange]:
    if before == after:
        return
    old, new = _said(key, before), _said(key, after)
    for element_id, said in new.items():
        kind, name = said.facts["kind"], _name(said, new)
        if element_id not in old:
            yield ElementChange(key, element_id, kind, name, ADDED)
            continue
        differences = _differences(old[element_id].facts, said.facts)
        if differences:
            yield ElementChange(key, element_id, kind, name, ALTERED, differences)
        elif old[element_id].place != said.place:
            yield ElementChange(key, element_id, kind, name, MOVED)
    for element_id, said in old.items():
        if element_id not in new:
            yield ElementChange(key, element_id, said.facts["kind"], _name(said, old), REMOVED)


def _name(said: _Said, others: Mapping[str, _Said]) -> str:
    """Return what an element is called; a flow without a name by the elements it joins."""
    facts = said.facts
    if "name" in facts or "source" not in facts:
        return facts.get("name", "")
    ends = (facts["source"], facts.get("target", ""))
    return " → ".join(others[end].facts.get("name", end) if end in others else end for end in ends)


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Difference, ...]:
    found = []
    for what in dict.fromkeys([*after, *before]):
        old, new = before.get(what, ""), after.get(what, "")
        if what == "order":
            old, new = _common(old, new), _common(new, old)
        if old != new:
            found.append(Difference(what, old, new))
    return tuple(found)


def _common(flows: str, others: str) -> str:
    """Leave out of an order what the other version has not: it is told as added or removed."""
    known = set(others.split())
    return " ".join(flow for flow in flows.split() if flow in known)


def _said(key: str, xml: bytes | None) -> dict[str, _Said]:
    if xml is None:
        return {}
    try:
        _key, _root, process, nodes = read(xml, key)
    except NotReadableError as fault:
        raise DeploymentError(str(fault), findings=[]) from fault
    lanes, orders, places = _lanes(process), _orders(process), _places(xml)
    messages = {str(node.get("id")): str(node.get("name") or "") for node in nodes if local_name(node) == "message"}
    found = {}
    for node in nodes:
        element_id = str(node.get("id") or "")
        if not element_id or not str(node.tag).startswith(BPMN) or local_name(node) not in _TOLD:
            continue
        more = {"lane": lanes.get(element_id, ""), "order": orders.get(element_id, "")}
        facts = {**_facts(node, messages), **{what: value for what, value in more.items() if value}}
        found[element_id] = _Said(facts, places.get(element_id))
    return found


def _lanes(process: Any) -> dict[str, str]:
    return {
        (reference.text or "").strip(): str(lane.get("id") or "")
        for lane in process.iter(f"{BPMN}lane")
        for reference in lane.iterfind(f"{BPMN}flowNodeRef")
    }


def _orders(process: Any) -> dict[str, str]:
    """Return the flows out of each exclusive gateway in the order of the file, in which they are tried."""
    gateways: dict[str, list[str]] = {str(node.get("id")): [] for node in process.iter(f"{BPMN}exclusiveGateway")}
    for flow in process.iter(f"{BPMN}sequenceFlow"):
        if flow.get("sourceRef") in gateways:
            gateways[flow.get("sourceRef")].append(str(flow.get("id")))
    return {gateway: " ".join(flows) for gateway, flows in gateways.items() if len(flows) > 1}


def _places(xml: bytes) -> dict[str, object]:
    try:
        drawing = diagram_reading.read(xml)
    except DeploymentError:  # a file without a picture, as an example of a test
        return {}
    places: dict[str, object] = {shape.id: (shape.box, shape.label) for shape in drawing.shapes}
    return places | {edge.id: (edge.points, edge.label) for edge in drawing.edges}


def _facts(node: Any, messages: Mapping[str, str]) -> dict[str, str]:
    found = {"kind": local_name(node)}
    for attribute, value in node.attrib.items():
        if attribute not in _IDENTITY and value.strip():
            found[_ATTRIBUTES.get(attribute, f"attribute.{attribute}")] = " ".join(value.split())
    for child in node.iterfind(f"{BPMN}extensionElements") if local_name(node) in ("process", "lane") else node:
        found.update(_of_child(child, messages))
    if node.get("messageRef"):
        found["message"] = messages.get(node.get("messageRef"), node.get("messageRef"))
    return found


def _of_child(child: Any, messages: Mapping[str, str]) -> dict[str, str]:
    """Return the facts that stand in a child of an element."""
    name = local_name(child)
    if name in _TEXTS:
        return {_TEXTS[name]: (child.text or "").strip()}
    if name == "extensionElements":
        return _extension(child)
    if name == "timerEventDefinition":
        return {"timer": "".join(part.text or "" for part in child if local_name(part) in _TIMERS).strip()}
    if name == "messageEventDefinition":
        return {"message": messages.get(child.get("messageRef"), str(child.get("messageRef") or ""))}
    if name == "multiInstanceLoopCharacteristics":
        item = child.find(f"{BPMN}inputDataItem")
        collection = (child.findtext(f"{BPMN}loopDataInputRef") or "").strip()
        return {"loop": f"{collection} / {item.get('id')}" if item is not None else collection}
    return {}


def _extension(node: Any) -> dict[str, str]:
    found = {str(item.get("name")): str(item.get("value") or "") for item in node.iter(f"{SPIFF}property")}
    for operator in node.iter(f"{SPIFF}serviceTaskOperator"):
        found["step"] = str(operator.get("id") or "")
    for decision in node.iter(f"{SPIFF}calledDecisionId"):
        found["table"] = (decision.text or "").strip()
    for parameter in node.iter(f"{SPIFF}parameter"):
        found[f"parameter.{parameter.get('id')}"] = str(parameter.get("value") or "")
    return found

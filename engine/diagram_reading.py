"""A BPMN file as boxes and lines: what its diagram interchange says, joined with what the elements mean.

Follows BPMN 2.0.2, chapter 12 (diagram interchange).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from engine.errors import DeploymentError

_PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "remove_comments": True,
}  # fmt: skip
_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_DI = "{http://www.omg.org/spec/DD/20100524/DI}"
_DEFINITION_END = "EventDefinition"
LANE_PREFIX = "lane_"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in diagram units (pixels at 100 %)."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of the lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """The centre."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Shape:
    """A drawn element.

    Attributes:
        kind: BPMN element name, e.g. `userTask`.
        lane: id of the innermost lane that holds it, empty when there is none.
        event: `timer`, `message`, … of an event's definition, empty for a plain one.
        loop: `parallel`, `sequential` (multi-instance), `standard` or empty.
        interrupting: False for a boundary or start event that leaves its host running.
        label: where the name stands when it is outside the shape.

    """

    id: str
    kind: str
    name: str
    box: Box
    lane: str = ""
    event: str = ""
    loop: str = ""
    interrupting: bool = True
    horizontal: bool = True
    expanded: bool = False
    label: Box | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """A drawn connection: `points` run from source to target; `default` and `conditional` carry BPMN's marks."""

    id: str
    kind: str
    name: str
    source: str
    target: str
    points: tuple[tuple[float, float], ...]
    default: bool = False
    conditional: bool = False
    label: Box | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything a diagram draws, outer shapes before inner ones."""

    process_keys: frozenset[str]
    name: str
    shapes: tuple[Shape, ...]
    edges: tuple[Edge, ...]
    lanes: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=64)
def read(xml: bytes) -> Drawing:
    """Read the first diagram of a BPMN file; the files of a body are few, and pages draw them again and again.

    Raises:
        DeploymentError: the file is not XML, declares a document type, or has no diagram interchange.

    """
    root = parse_xml(xml)
    by_id = {node.get("id"): node for node in root.iter() if isinstance(node.tag, str) and node.get("id")}
    plane = root.find(f"{_BPMNDI}BPMNDiagram/{_BPMNDI}BPMNPlane")
    if plane is None:
        raise DeploymentError("the file has no diagram interchange", findings=[])
    lane_of = _lanes_of_nodes(root)
    shapes = [
        _shape(by_id[di.get("bpmnElement")], di, lane_of)
        for di in plane.iter(f"{_BPMNDI}BPMNShape")
        if di.get("bpmnElement") in by_id and di.find(f"{_DC}Bounds") is not None
    ]
    edges = [
        _edge(by_id[di.get("bpmnElement")], di, by_id)
        for di in plane.iter(f"{_BPMNDI}BPMNEdge")
        if di.get("bpmnElement") in by_id
    ]
    processes = root.findall(f"{_BPMN}process")
    return Drawing(
        frozenset(process.get("id", "") for process in processes),
        next((process.get("name") for process in processes if process.get("name")), ""),
        tuple(sorted(shapes, key=_depth)),
        tuple(edge for edge in edges if len(edge.points) > 1),
        {lane.get("id", ""): lane.get("name", "") for lane in root.iter(f"{_BPMN}lane")},
    )


def parse_xml(xml: bytes) -> Any:
    """Return the root of an XML file without resolving entities, loading a document type or using the network.

    Raises:
        DeploymentError: the bytes are no XML, or declare a document type.

    """
    try:
        root = etree.fromstring(xml, etree.XMLParser(**_PARSER_OPTIONS))
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise DeploymentError("the diagram is not well-formed XML", findings=[]) from fault
    if root.getroottree().docinfo.doctype:
        raise DeploymentError("a diagram may not declare a document type", findings=[])
    return root


def _depth(shape: Shape) -> int:
    order = {"participant": 0, "lane": 1, "group": 2, "subProcess": 3, "transaction": 3, "boundaryEvent": 5}
    return order.get(shape.kind, 4)


def _local(node: Any) -> str:
    return str(etree.QName(node).localname)


def _children(node: Any) -> Iterator[Any]:
    return (child for child in node if isinstance(child.tag, str))


def _lanes_of_nodes(root: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for lane in root.iter(f"{_BPMN}lane"):  # outer lanes come first, so an inner lane wins
        for reference in lane.findall(f"{_BPMN}flowNodeRef"):
            found[(reference.text or "").strip()] = lane.get("id", "")
    return found


def _bounds(di: Any) -> Box | None:
    bounds = di.find(f"{_DC}Bounds") if di is not None else None
    if bounds is None:
        return None
    return Box(*(float(bounds.get(key, "0")) for key in ("x", "y", "width", "height")))


def _shape(node: Any, di: Any, lane_of: dict[str, str]) -> Shape:
    element_id, kind = node.get("id"), _local(node)
    definitions = [_local(child) for child in _children(node) if _local(child).endswith(_DEFINITION_END)]
    event = "multiple" if len(definitions) > 1 else "".join(definitions).removesuffix(_DEFINITION_END)
    host_lane = lane_of.get(node.get("attachedToRef", ""), "")
    return Shape(
        element_id,
        kind,
        node.get("name", ""),
        _bounds(di) or Box(0, 0, 0, 0),
        lane=lane_of.get(element_id, host_lane),
        event=event,
        loop=_loop(node),
        interrupting=node.get("cancelActivity", node.get("isInterrupting", "true")) != "false",
        horizontal=di.get("isHorizontal", "true") != "false",
        expanded=di.get("isExpanded") == "true",
        label=_bounds(di.find(f"{_BPMNDI}BPMNLabel")),
    )


def _loop(node: Any) -> str:
    for child in _children(node):
        if _local(child) == "multiInstanceLoopCharacteristics":
            return "sequential" if child.get("isSequential") == "true" else "parallel"
        if _local(child) == "standardLoopCharacteristics":
            return "standard"
    return ""


def _edge(node: Any, di: Any, by_id: dict[str, Any]) -> Edge:
    source = by_id.get(node.get("sourceRef", ""))
    condition = node.find(f"{_BPMN}conditionExpression") is not None
    from_gateway = source is not None and _local(source).endswith("Gateway")
    return Edge(
        node.get("id"),
        _local(node),
        node.get("name", ""),
        node.get("sourceRef", ""),
        node.get("targetRef", ""),
        tuple((float(point.get("x", "0")), float(point.get("y", "0"))) for point in di.findall(f"{_DI}waypoint")),
        default=source is not None and source.get("default") == node.get("id"),
        conditional=condition and not from_gateway,
        label=_bounds(di.find(f"{_BPMNDI}BPMNLabel")),
    )

"""A diagram as the lint reads it, and what it says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.spiff.diagram_index import BPMN, FLOW_NODES, SPIFF, DiagramIndex, index_diagram, read_xml

__all__ = ["BPMN", "SPIFF", "Document", "Finding", "Flow", "NotReadableError", "local_name", "place_of", "read"]

_PLACES = FLOW_NODES | {"sequenceFlow", "lane", "message", "property", "participant", "process"}
_DIAGRAM = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram"


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a diagram is refused.

    Attributes:
        element_id: the element it is about, empty for the file as a whole.
        rule: stable name of the rule that is broken.
        message: what is wrong and what to do instead.

    """

    process_key: str
    element_id: str
    rule: str
    message: str


class NotReadableError(Exception):
    """The bytes are no diagram at all; nothing further can be asked of them."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is None without one."""

    id: str
    source: str
    target: str
    condition: str | None


@dataclass(frozen=True)
class Document:
    """One diagram file with one process.

    Attributes:
        nodes: every element of the model (the interchange left out) in the order of the file.
        index: what the runtime will know of it.
        incoming, outgoing: flows by the element they end at or start from.

    """

    process_key: str
    root: Any
    process: Any
    nodes: tuple[Any, ...]
    index: DiagramIndex
    flows: tuple[Flow, ...]
    incoming: Mapping[str, tuple[Flow, ...]] = field(default_factory=dict)
    outgoing: Mapping[str, tuple[Flow, ...]] = field(default_factory=dict)

    def finding(self, element_id: str, rule: str, message: str) -> Finding:
        """Return a finding about an element of this diagram."""
        return Finding(self.process_key, element_id, rule, message)

    def node(self, element_id: str) -> Any:
        """Return the XML of a flow node."""
        return next(node for node in self.nodes if node.get("id") == element_id and local_name(node) in FLOW_NODES)

    @property
    def properties(self) -> frozenset[str]:
        """Names of the variables the process declares."""
        return frozenset(node.get("name") or "" for node in self.process.iterfind(f"{BPMN}property"))


def local_name(node: Any) -> str:
    """Return the tag of an element without its namespace; empty for comments and instructions."""
    return str(etree.QName(node).localname) if isinstance(node.tag, str) else ""


def place_of(node: Any) -> str:
    """Return the id of an element people see, or of the nearest one around it."""
    while node is not None:
        if node.get("id") and str(node.tag).startswith(BPMN) and local_name(node) in _PLACES:
            return str(node.get("id"))
        node = node.getparent()
    return ""


def read(xml: bytes, process_key: str | None = None) -> tuple[str, Any, Any, tuple[Any, ...]]:
    """Return key, root, process and model elements of a diagram file.

    Raises:
        NotReadableError: no XML, a document type, no or several processes, or another process than asked for.

    """
    try:
        root = read_xml(xml)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise NotReadableError(f"the file is not well-formed XML: {fault}") from fault
    if root.getroottree().docinfo.doctype:
        raise NotReadableError("a diagram may not declare a document type")
    if root.tag != f"{BPMN}definitions":
        raise NotReadableError("the file holds no BPMN definitions")
    processes = root.findall(f"{BPMN}process")
    keys = [str(process.get("id") or "") for process in processes]
    if len(keys) != 1 or not keys[0]:
        raise NotReadableError(f"a file holds one process with an id, this one holds {keys}")
    if process_key not in (None, keys[0]):
        raise NotReadableError(f"the process is called {keys[0]!r}, not {process_key!r}")
    nodes = tuple(_model(root))
    return keys[0], root, processes[0], nodes


def _model(root: Any) -> list[Any]:
    found, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node.tag, str) and node.tag != _DIAGRAM:
            found.append(node)
            waiting.extend(reversed(node))
    return found


def document(key: str, root: Any, process: Any, nodes: tuple[Any, ...]) -> Document:
    """Return the document of a file whose elements have ids and references."""
    flows = tuple(
        Flow(node.get("id"), node.get("sourceRef"), node.get("targetRef"), _condition(node))
        for node in process.iter(f"{BPMN}sequenceFlow")
    )
    incoming: dict[str, list[Flow]] = {}
    outgoing: dict[str, list[Flow]] = {}
    for flow in flows:
        incoming.setdefault(flow.target, []).append(flow)
        outgoing.setdefault(flow.source, []).append(flow)
    return Document(
        key, root, process, nodes, index_diagram(key, root), flows,
        {name: tuple(found) for name, found in incoming.items()},
        {name: tuple(found) for name, found in outgoing.items()},
    )  # fmt: skip


def _condition(flow: Any) -> str | None:
    node = flow.find(f"{BPMN}conditionExpression")
    return None if node is None else (node.text or "").strip()

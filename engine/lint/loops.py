"""Tasks done by several people at once: one instance for each item of a declared collection."""

from collections.abc import Iterator

from engine.lint.document import BPMN, Document, Finding
from engine.lint.structure import conditional
from engine.spiff.runtime import LOOP_ITEM


def check_loops(diagram: Document) -> Iterator[Finding]:
    """Yield what is wrong with multi-instance tasks.

    The collection is a `bpmn:property` of the process, the item is called `assignee`: the person of the instance.
    An empty collection passes straight through, so a condition must guard the way in.
    """
    for loop in diagram.process.iter(f"{BPMN}multiInstanceLoopCharacteristics"):
        node = loop.getparent()
        name = str(node.get("id"))
        if node.tag != f"{BPMN}userTask":
            yield diagram.finding(name, "loop", "only user tasks have several instances")
            continue
        collection = (loop.findtext(f"{BPMN}loopDataInputRef") or "").strip()
        if not collection:
            yield diagram.finding(name, "loop", "loopDataInputRef names the collection")
        elif collection not in diagram.properties:
            yield diagram.finding(name, "loop", f"the process declares no property {collection!r}")
        item = loop.find(f"{BPMN}inputDataItem")
        if item is None or item.get("id") != LOOP_ITEM:
            yield diagram.finding(name, "loop", f"the item is called {LOOP_ITEM}: who does this instance")
        if not conditional(diagram.incoming.get(name, ())):
            message = "an empty collection passes straight through; let a condition lead here only when it has items"
            yield diagram.finding(name, "empty_loop", message)


def check_properties(diagram: Document) -> Iterator[Finding]:
    """Yield declared properties whose id is not their name: references go by id, variables by name."""
    for node in diagram.process.iterfind(f"{BPMN}property"):
        if node.get("id") != node.get("name"):
            yield diagram.finding(str(node.get("id")), "property_name", "a declared property's id is its name")
        elif node.get("name") == LOOP_ITEM:
            yield diagram.finding(LOOP_ITEM, "property_name", f"{LOOP_ITEM} is the item of a loop, not a variable")

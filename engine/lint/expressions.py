"""FEEL in diagrams: conditions, timers, due dates, parameters. It must compile, and every name must be known."""

from collections.abc import Collection, Iterator

from engine import feel
from engine.feel.errors import FeelEvaluationError, FeelSyntaxError
from engine.lint.document import BPMN, SPIFF, Document, Finding, place_of


def expressions(diagram: Document) -> Iterator[tuple[str, str]]:
    """Yield each expression of a diagram with the id of its element."""
    for flow in diagram.flows:
        if flow.condition is not None:
            yield flow.id, flow.condition
    for node in diagram.process.iter(f"{BPMN}timeDate"):
        yield place_of(node), (node.text or "").strip()
    for element in diagram.index.elements.values():
        for name in ("due", "priority"):
            if name in element.properties:
                yield element.element_id, element.properties[name]
    for node in diagram.process.iter(f"{SPIFF}parameter"):
        yield place_of(node), (node.get("value") or "").strip()


def check_expressions(
    diagram: Document, functions: Collection[str] = (), known: Collection[str] | None = None
) -> Iterator[Finding]:
    """Yield expressions that are no FEEL or read a variable nobody sets.

    Args:
        functions: names of the functions the domain adds.
        known: variables that are declared or set by a step; None to leave names alone.

    """
    for element_id, text in expressions(diagram):
        place = diagram.process_key if element_id == "" else element_id
        if not text:
            yield diagram.finding(place, "expression", "the expression is empty")
            continue
        try:
            compiled = feel.compile_expression(text, functions=functions)
        except (FeelSyntaxError, FeelEvaluationError) as fault:
            yield diagram.finding(place, "expression", f"not FEEL: {fault} in {text[:80]!r}")
            continue
        unknown = sorted(compiled.names - set(known)) if known is not None else []
        if unknown:
            yield diagram.finding(place, "unknown_name", f"no step sets and no property declares {', '.join(unknown)}")

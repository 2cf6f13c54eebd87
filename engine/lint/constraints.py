"""What diagrams say of who does a step: the names must exist, and somebody must be able to do it."""

from collections.abc import Collection, Iterator, Mapping

from engine.constraints import NOT_ROLE, NOT_SAME, SAME, declared, place_of
from engine.lint.document import BPMN, Document, Finding
from engine.registry import Registry
from engine.spiff.runtime import Element


def check_constraints(
    diagram: Document, family: Mapping[str, Document], registry: Registry, known: Collection[str]
) -> Iterator[Finding]:
    """Yield constraints that name nothing, contradict each other, or that nobody can ever fulfil.

    Args:
        family: the diagram with those that call it or are called by it, whose steps it may name.
        known: variables that are declared or set by a step.

    """
    for element in diagram.index.elements.values():
        for message in _unknown(diagram, element, family, registry, known):
            yield diagram.finding(element.element_id, "constraint", message)
        for message in _contradictions(diagram, element, family):
            yield diagram.finding(element.element_id, "constraint", message)


def _unknown(
    diagram: Document, element: Element, family: Mapping[str, Document], registry: Registry, known: Collection[str]
) -> Iterator[str]:
    found = declared(element.properties)
    if found is None:
        return
    for name in found.others:
        if _step(name, diagram, family) is None and name not in known:
            yield f"{NOT_SAME}: {name!r} is no user task, as `element` or `process.element`, and no known variable"
        elif _step(name, diagram, family) is not None and name in known:
            yield f"{NOT_SAME}: {name!r} is a user task and a variable; rename one of them"
    for name in found.same:
        if _step(name, diagram, family) is None:
            yield f"{SAME}: {name!r} is no user task, as `element` or `process.element`"
        elif _by_many(name, diagram, family):
            yield f"{SAME}: {name!r} is done by several people, so nobody is the same person"
    for role in found.roles:
        if role not in registry.roles:
            yield f"{NOT_ROLE}: there is no role {role!r}"


def _contradictions(diagram: Document, element: Element, family: Mapping[str, Document]) -> Iterator[str]:
    found = declared(element.properties)
    if found is None:
        return
    here = f"{diagram.process_key}.{element.element_id}"
    others = {place_of(name, diagram.process_key) for name in found.others}
    same = {place_of(name, diagram.process_key) for name in found.same}
    for place in sorted(others & same):
        yield f"{place} shall be done by the same person and by another one"
    if element.lane_role in found.roles:
        yield f"{NOT_ROLE}: the lane belongs to {element.lane_role}, so nobody could do this step"
    for place in sorted(same - {here}):
        step = _step(place, diagram, family)
        before = declared(step.properties) if step is not None else None
        if before is None or step is None:
            continue
        excluded = {place_of(name, place.partition(".")[0]) for name in before.others}
        for other in sorted((same - {place}) & excluded):
            yield f"{SAME}: {place} and {other} are never done by one person"
        if element.lane_role in before.roles and step.lane_role != element.lane_role:
            yield f"{SAME}: who does {place} may not hold {element.lane_role}, so nobody could do this step"


def _step(name: str, diagram: Document, family: Mapping[str, Document]) -> Element | None:
    """Return the user task of a name, None when there is none."""
    process_key, _, element_id = place_of(name, diagram.process_key).partition(".")
    of_process = family.get(process_key)
    element = of_process.index.elements.get(element_id) if of_process else None
    return element if element is not None and element.kind == "userTask" else None


def _by_many(name: str, diagram: Document, family: Mapping[str, Document]) -> bool:
    process_key, _, element_id = place_of(name, diagram.process_key).partition(".")
    loops = family[process_key].process.iter(f"{BPMN}multiInstanceLoopCharacteristics")
    return any(loop.getparent().get("id") == element_id for loop in loops)

"""Checks diagrams before they are deployed: what this lets through, the runtime can run.

Every hazard of SpiffWorkflow 3.2.0 that a diagram can trigger is refused here by name and place, or is shown to be
handled by `tests/unit/engine/test_hazards.py`. Nothing here touches a database.
"""

from collections.abc import Collection, Mapping

from engine.lint.constraints import check_constraints
from engine.lint.document import Document, Finding, NotReadableError, document, read
from engine.lint.expressions import check_expressions
from engine.lint.loops import check_loops, check_properties
from engine.lint.references import check_calls, check_labels, check_names, family, known_variables
from engine.lint.structure import check_ids, check_references, check_structure
from engine.lint.vocabulary import check_vocabulary
from engine.registry import Registry

__all__ = ["Finding", "check"]


def check(
    diagrams: bytes | Mapping[str, bytes], registry: Registry | None = None, *, tables: Collection[str] | None = None
) -> list[Finding]:
    """Return why diagrams cannot be deployed; nothing when they can.

    Args:
        diagrams: process key to file for all that are deployed together; or one file alone, whose structure and
            FEEL are checked then.
        registry: steps, roles, functions and labels the diagrams may name; without it names are not looked up.
        tables: keys of the decision tables in force; without them tables are not looked up.

    """
    if isinstance(diagrams, bytes):
        found = _read(diagrams, None)
        return list(_check_alone(found, registry)) if isinstance(found, Document) else found
    findings: list[Finding] = []
    readable: dict[str, Document] = {}
    for key, xml in diagrams.items():
        found = _read(xml, key)
        if isinstance(found, Document):
            readable[key] = found
            findings += _check_alone(found, registry)
        else:
            findings += found
    findings += check_calls(readable, diagrams.keys())
    if registry is not None:
        findings += _check_together(readable, registry, tables)
    return findings


def _read(xml: bytes, process_key: str | None) -> Document | list[Finding]:
    """Return the document, or why not even its elements can be told apart."""
    try:
        key, root, process, nodes = read(xml, process_key)
    except NotReadableError as fault:
        return [Finding(process_key or "", "", "not_readable", str(fault))]
    basic = [*check_vocabulary(key, nodes), *check_ids(key, nodes), *check_references(key, nodes)]
    return basic or document(key, root, process, nodes)


def _check_alone(diagram: Document, registry: Registry | None) -> list[Finding]:
    findings = [*check_structure(diagram), *check_loops(diagram), *check_properties(diagram)]
    if registry is None:
        findings += check_expressions(diagram)
    return findings


def _check_together(
    diagrams: Mapping[str, Document], registry: Registry, tables: Collection[str] | None
) -> list[Finding]:
    findings: list[Finding] = []
    called = {
        element.called for diagram in diagrams.values() for element in diagram.index.elements.values() if element.called
    }
    for key, diagram in diagrams.items():
        kin = family(key, diagrams)
        known = known_variables(kin, diagrams, registry)
        findings += check_expressions(diagram, tuple(registry.functions), known)
        findings += check_names(diagram, registry, known, tables)
        findings += check_constraints(diagram, {one: diagrams[one] for one in kin}, registry, known)
        findings += check_labels(diagram, registry, is_called=key in called)
    return findings

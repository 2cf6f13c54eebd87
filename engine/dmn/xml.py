"""Reads the XML of a DMN file as data from outside: no entities, no document type, no network."""

from typing import Any

from lxml import etree

from engine.dmn.errors import DmnFileError

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
_MAX_BYTES = 5_000_000
_NOT_EXPRESSIONS = {
    "description", "extensionElements", "question", "allowedAnswers", "variable", "informationRequirement",
    "knowledgeRequirement", "authorityRequirement", "parameter", "formalParameter", "typeRef", "column", "binding",
    "supportedObjective", "impactedPerformanceIndicator", "decisionMaker", "decisionOwner", "usingProcess",
    "usingTask", "",
}  # fmt: skip


def read(xml: bytes) -> Any:
    """Return the `definitions` element of a DMN file.

    Raises:
        DmnFileError: larger than 5 MB, a document type, not XML or not DMN.

    """
    if len(xml) > _MAX_BYTES:
        raise DmnFileError("the file is too large", problem="file_too_large", limit=_MAX_BYTES // 1_000_000)
    if not xml.strip():
        raise DmnFileError("the file is empty", problem="file_empty")
    try:
        root = etree.fromstring(xml, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as fault:
        line = getattr(fault, "lineno", None)
        known = {"problem": "not_xml", "line": line} if line else {"problem": "not_xml_at_all"}
        raise DmnFileError(f"the file is no XML: {fault}", **known) from None
    if root.getroottree().docinfo.doctype:
        raise DmnFileError("the file declares a document type, which is refused", problem="document_type")
    if local(root) != "definitions":
        raise DmnFileError(
            "the file is no DMN: its first element is not 'definitions'", problem="not_dmn", found=local(root)
        )
    return root


def local(node: Any) -> str:
    """Return an element's name without namespace; empty for comments."""
    return str(etree.QName(node).localname) if isinstance(node.tag, str) else ""


def children(node: Any, name: str) -> list[Any]:
    """Return the child elements of that name."""
    return [child for child in node if local(child) == name]


def child(node: Any, name: str) -> Any | None:
    """Return the first child element of that name."""
    return next(iter(children(node, name)), None)


def text_of(node: Any | None) -> str:
    """Return the text of the `text` child, without blanks around it."""
    found = child(node, "text") if node is not None else None
    return (found.text or "").strip() if found is not None else ""


def description(node: Any) -> str:
    """Return the text of the `description` child."""
    found = child(node, "description")
    return (found.text or "").strip() if found is not None else ""


def expression_node(node: Any) -> Any | None:
    """Return the first child that is an expression, boxed or literal."""
    return next((part for part in node if local(part) not in _NOT_EXPRESSIONS), None)


def type_reference(node: Any | None) -> str:
    """Return the type an element refers to: an attribute (DMN 1.2 and later) or a child element (1.1)."""
    if node is None:
        return "Any"
    written = node.get("typeRef")
    if written is None and (found := child(node, "typeRef")) is not None:
        written = found.text
    return (written or "Any").strip()

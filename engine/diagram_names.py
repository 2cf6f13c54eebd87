"""What a diagram calls its process and its elements: `name` as it is drawn, `name_en` beside it in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from engine.diagram_reading import parse_xml
from engine.spiff.diagram_index import BPMN, SPIFF

ENGLISH_NAME = "name_en"
"""The extension property that bears the English name."""
_OWN_PROPERTIES = f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property"


@dataclass(frozen=True, slots=True)
class Name:
    """What one element is called: as drawn, and in English (empty where the diagram does not say)."""

    drawn: str
    english: str = ""


def english_name(node: Any) -> str:
    """Return the English name an element's XML bears itself, empty when it bears none."""
    own = (one.get("value") for one in node.iterfind(_OWN_PROPERTIES) if one.get("name") == ENGLISH_NAME)
    return _one_line(next(own, None))


@lru_cache(maxsize=128)
def names_of(xml: bytes) -> Mapping[str, Name]:
    """Return the names of a diagram by element id; the process stands under its key, its pool is called as it is.

    Raises:
        DeploymentError: the bytes are no XML, or declare a document type.

    """
    found: dict[str, Name] = {}
    root = parse_xml(xml)
    for node in root.iter(f"{BPMN}*"):
        element_id, drawn = node.get("id"), _one_line(node.get("name"))
        if element_id and drawn:
            found[element_id] = Name(drawn, english_name(node))
    for pool in root.iter(f"{BPMN}participant"):
        process, own = found.get(pool.get("processRef", "")), found.get(pool.get("id", ""))
        if process is not None and own is not None and own.drawn == process.drawn:
            found[pool.get("id")] = process
    return MappingProxyType(found)


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())

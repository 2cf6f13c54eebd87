"""Reads the compatibility cases of the DMN standard (its "TCK") and runs them against the engine."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from engine import dmn
from engine.errors import EngineError
from engine.feel.values import (
    equal,
    from_python,
    kind,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
    to_text,
)

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_CLOCK = {"today": lambda: date(2026, 1, 15), "now": lambda: datetime(2026, 1, 15, 8, tzinfo=UTC)}
_TOLERANCE = Decimal("1e-8")  # the cases give results rounded to some ten digits


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expected result of one case: `fault` is empty when the engine gave it."""

    folder: str
    case: str
    decision: str
    fault: str


def run_folder(folder: Path) -> Iterator[Outcome]:
    """Run every case of a folder; one outcome a case, with the first thing that differs."""
    for path in sorted(folder.glob("*.xml")):
        root = etree.parse(path).getroot()
        model_name = _text(root, "modelName")
        for case in _children(root, "testCase"):
            yield _run_case(folder, path.stem, model_name, case)


def _run_case(folder: Path, file: str, model_name: str, case: Any) -> Outcome:
    name = f"{file}/{case.get('id')}"
    inputs = {node.get("name"): _value(node) for node in _children(case, "inputNode")}
    for result in _children(case, "resultNode"):
        decision = case.get("invocableName") or result.get("name")
        expected = _value(next(iter(_children(result, "expected"))))
        try:
            actual: Any = _model(folder, model_name).evaluate(decision, inputs, _CLOCK).value
        except EngineError as fault:
            actual = None
            if expected is not None:
                return Outcome(folder.name, name, decision, f"{type(fault).__name__}: {fault}")
        except Exception as fault:  # a crash is a failed case, not a failed run
            return Outcome(folder.name, name, decision, f"CRASH {type(fault).__name__}: {fault}")
        if not _same(expected, actual):
            return Outcome(folder.name, name, decision, f"expected {_show(expected)}, got {_show(actual)}")
    return Outcome(folder.name, name, "", "")


@cache
def _model(folder: Path, file: str) -> dmn.Model:
    xml = (folder / file).read_bytes()
    wanted = set(re.findall(rb'<(?:\w+:)?import\s[^>]*namespace="([^"]*)"', xml))
    others = [
        path for path in sorted(folder.glob("*.dmn"))
        if path.name != file and set(re.findall(rb'\snamespace="([^"]*)"', path.read_bytes()[:3000])) & wanted
    ]  # fmt: skip
    return dmn.load(xml, *[_model(folder, path.name) for path in others], functions=tuple(_CLOCK), strict=False)


def _children(node: Any, name: str) -> list[Any]:
    return [child for child in node if isinstance(child.tag, str) and etree.QName(child).localname == name]


def _text(node: Any, name: str) -> str:
    return next((child.text or "" for child in _children(node, name)), "").strip()


def _value(node: Any) -> Any:
    """Return the FEEL value that a node of a case holds: a value, a list, or components by name."""
    if lists := _children(node, "list"):
        return [_value(item) for item in _children(lists[0], "item")] if lists[0].get(_NIL) != "true" else None
    if components := _children(node, "component"):
        return {component.get("name"): _value(component) for component in components}
    values = _children(node, "value")
    if not values or values[0].get(_NIL) == "true":
        return None
    return _typed((values[0].get(_TYPE) or "xsd:string").split(":")[-1], values[0].text or "")


def _typed(name: str, text: str) -> Any:
    readers: dict[str, Any] = {
        "boolean": lambda t: t.strip() == "true", "decimal": Decimal, "double": Decimal, "integer": Decimal,
        "date": parse_date, "dateTime": parse_date_time, "time": parse_time, "duration": parse_duration,
    }  # fmt: skip
    reader = readers.get(name)
    return text if reader is None else reader(text)


def _same(expected: Any, actual: Any) -> bool:
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(_same(expected[key], actual[key]) for key in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(_same(a, b) for a, b in zip(expected, actual, strict=True))
    if kind(expected) != kind(actual):
        return False
    if isinstance(expected, Decimal):
        return abs(expected - actual) <= _TOLERANCE * max(Decimal(1), abs(expected))
    if equal(expected, from_python(actual)) is not True:
        return False
    return not hasattr(expected, "tzinfo") or to_text(expected) == to_text(actual)


def _show(value: Any) -> str:
    return f"{to_text(value)!s:.120} ({kind(value)})"

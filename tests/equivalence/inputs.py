"""What is typed into the library's diagrams: names and constants found in their own expressions, at random."""

import ast
import builtins
import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

_EXPRESSIONS = re.compile(
    r"<(?:\w+:)?(?:conditionExpression|script|condition|loopCondition|completionCondition|loopCardinality|"
    r"preScript|postScript|timeDuration|timeDate|timeCycle|messagePayload|payloadExpression|text|messagePath|formalExpression|"
    r"loopDataInputRef|loopDataOutputRef|dataInput|dataOutput|formField|parameter)\b([^>]*)>([^<]*)",
    re.DOTALL,
)
_ATTRIBUTES = re.compile(r'\b(?:id|name|value|expression)="([^"]*)"')
_SPARE: tuple[Any, ...] = (2, 3, 5, 8, True, False, "x", "yes", None)
"""No 0 and 1 beside no and yes: the library's merge takes them for the same, which `test_elements.py` shows."""
_LISTS: tuple[Any, ...] = ([1, 2, 3], ["a", "b"], [], [4])


PROVIDED = frozenset({"datetime", "timedelta", "time", "custom_function", "scripts"})
"""Names scripts find without anybody typing them."""
_TOLD = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


@dataclass
class Vocabulary:
    """Names a diagram reads, each with constants it is compared to, and how else it is used."""

    constants: dict[str, list[Any]] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)
    fields: dict[str, set[str]] = field(default_factory=dict)
    told: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    later: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def value(self, name: str, rng: random.Random) -> Any:
        """Return a value for a name, most often one that decides something."""
        if name in self.told:
            return deepcopy(rng.choice(self.told[name]))
        if name in self.fields:
            return {key: self.value(f"{name}.{key}", rng) for key in sorted(self.fields[name])}
        if name in self.lists:
            return list(rng.choice(_LISTS))
        found = self.constants.get(name, [])
        return rng.choice(found) if found and rng.random() < 0.8 else rng.choice(_SPARE)

    def start(self, rng: random.Random, *, share: float) -> dict[str, Any]:
        """Return values to begin with, without those that are there only later."""
        found = self.form(rng, share=share)
        return {name: value for name, value in found.items() if name not in self.later}

    def form(self, rng: random.Random, *, share: float) -> dict[str, Any]:
        """Return values for the names of the diagram, or a share of them."""
        known = self.constants.keys() | self.lists | self.fields.keys() | self.told.keys()
        left_out = PROVIDED | {name for name, values in self.told.items() if not values}
        return {
            name: self.value(name, rng)
            for name in sorted(known - left_out)
            if "." not in name and (rng.random() < share or (share and name in self.told))
        }


def vocabulary(name: str, text: str) -> Vocabulary:
    """Return the names of the expressions in a diagram, with what `words.toml` tells of it."""
    told = _TOLD.get(name, {})
    later = told.get("later", {})
    found = Vocabulary(told={**told.get("set", {}), **later}, later=later)
    for attributes, content in _EXPRESSIONS.findall(text):
        for expression in [content, *(_ATTRIBUTES.findall(attributes))]:
            _read(unescape(expression).strip(), found)
    return found


def _read(expression: str, found: Vocabulary) -> None:
    try:
        tree = ast.parse(expression)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not hasattr(builtins, node.id):
            found.constants.setdefault(node.id, [])
        if isinstance(node, ast.Compare):
            _compared(node, found)
        if isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Name):
            found.lists.add(node.iter.id)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len":
            found.lists.update(argument.id for argument in node.args if isinstance(argument, ast.Name))
        _field(node, found)


def _compared(node: ast.Compare, found: Vocabulary) -> None:
    sides = [node.left, *node.comparators]
    constants = [side.value for side in sides if isinstance(side, ast.Constant)]
    near = [item for value in constants for item in _near(value)]
    for side in sides:
        if isinstance(side, ast.Name):
            found.constants.setdefault(side.id, []).extend(near)
        elif isinstance(side, ast.Subscript) and isinstance(side.value, ast.Name):
            key = getattr(side.slice, "value", None)
            if isinstance(key, str):
                found.constants.setdefault(f"{side.value.id}.{key}", []).extend(near)


def _near(value: Any) -> list[Any]:
    if isinstance(value, int) and not isinstance(value, bool):
        return [value - 1, value, value + 1]
    return [value]


def _field(node: ast.AST, found: Vocabulary) -> None:
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        key = getattr(node.slice, "value", None)
        if isinstance(key, str):
            found.fields.setdefault(node.value.id, set()).add(key)

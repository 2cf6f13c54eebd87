"""Two versions of diagrams beside each other: drawn with what was added, altered or moved, and told in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from engine import diagram
from engine.comparison import Comparison, Difference, ElementChange, compare
from engine.diagram_reading import LANE_PREFIX
from webapp.diagram_words import words_of_drawing
from webapp.filters import label
from webapp.i18n import has, language, t
from webapp.ui.cases import translated
from webapp.ui.words import variable_name
from workflows.labels import find_label

QUIET = frozenset({"process", "participant"})
_LABELS = {
    "step": "steps", "table": "tables", "called": "processes", "reminder": "enums.key", "escalate": "enums.key",
}  # fmt: skip
"""Facts whose values are keys with words of their own."""
_ELEMENTS = frozenset({"source", "target", "attached_to", "default"})


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change in words: what it is about, and fact by fact what it was and is."""

    change: str
    name: str
    kind: str
    facts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ProcessPart:
    """What changed in one process: drawn now, drawn before, and in words."""

    key: str
    name: str
    change: str
    newer: Markup
    older: Markup
    lines: tuple[ChangeLine, ...]
    moved: int


def parts_of(old: Mapping[str, bytes], new: Mapping[str, bytes], compared: Comparison) -> tuple[ProcessPart, ...]:
    """Return the changed processes of two versions, drawn and told."""
    return tuple(
        _part(process, old.get(process), new.get(process), compared)
        for process in compared.processes
        if compared.of(process)
    )


def comparison_html(key: str, before: bytes | None, after: bytes) -> tuple[str, dict[str, str]]:
    """Return how a diagram differs from another one, as a part of a page and as marks by element.

    `before` is None for a new process.

    Raises:
        DeploymentError: a file is no diagram.

    """
    old, new = {key: before} if before else {}, {key: after}
    compared = compare(old, new)
    with words_of_drawing(key, after):
        html = render_template("modeller/comparison.html", compared=compared, parts=parts_of(old, new, compared))
    return html, {one.element_id: one.state for one in compared.marks(key, newer=True)}


def _part(key: str, old: bytes | None, new: bytes | None, compared: Comparison) -> ProcessPart:
    name = find_label(f"processes.{key}") or key
    change = "added" if key in compared.added else "removed" if key in compared.removed else ""
    changes = [one for one in compared.of(key) if one.kind not in QUIET]
    lines = tuple(_line(one) for one in changes if one.change != "moved")
    gone = any(one.change == "removed" for one in changes)
    return ProcessPart(
        key,
        name,
        change,
        _drawn(new, key, name, compared, newer=True) if new else Markup(),
        _drawn(old, key, name, compared, newer=False) if old and gone else Markup(),
        lines,
        sum(one.change == "moved" for one in changes),
    )


def _drawn(xml: bytes, key: str, name: str, compared: Comparison, *, newer: bool) -> Markup:
    marks = compared.marks(key, newer=newer)
    svg = diagram.render(translated(xml, key), marks, title=name)
    return Markup(svg)  # noqa: S704 - drawn by us; texts are escaped there


def _line(change: ElementChange) -> ChangeLine:
    element = find_label(f"elements.{change.process_key}.{change.element_id}", language())
    name = element if element and language() != "vi" else change.name or change.element_id
    kind = t(f"versions.kind_{change.kind}") if has(f"versions.kind_{change.kind}") else change.kind
    facts = tuple(_fact(change.process_key, one) for one in change.differences)
    return ChangeLine(change.change, name, kind, facts)


def _fact(process_key: str, one: Difference) -> tuple[str, str, str]:
    """Return a fact's name and its values before and after, in words where there are some."""
    what = one.what.split(".", maxsplit=1)
    name = t(f"versions.fact_{what[0]}") if has(f"versions.fact_{what[0]}") else one.what
    if len(what) > 1 and what[0] in ("parameter", "attribute"):
        name = f"{name} {what[1]}"
    return name, _value(process_key, one.what, one.before), _value(process_key, one.what, one.after)


def _value(process_key: str, what: str, value: str) -> str:
    if not value:
        return ""
    if what in _LABELS:
        return find_label(f"{_LABELS[what]}.{value}") or value
    if what == "lane":
        return label("roles", value.removeprefix(LANE_PREFIX))
    if what == "assignee":
        return variable_name(value)
    if what in _ELEMENTS:
        return find_label(f"elements.{process_key}.{value}") or value
    if what == "kind" and has(f"versions.kind_{value}"):
        return t(f"versions.kind_{value}")
    return value

"""Two versions of a diagram beside each other: drawn with what was added, altered or moved, and told in words."""

from flask import render_template

from engine import diagram
from engine.comparison import Comparison, compare
from engine.diagram_reading import LANE_PREFIX
from webapp.i18n import t
from webapp.ui.words import variable_name
from workflows.labels import find_label

_WORDS_OF = {
    "step": "steps", "table": "tables", "called": "processes", "reminder": "enums.key", "escalate": "enums.key",
}  # fmt: skip
"""Facts whose values are keys with words of their own."""


def comparison_of(key: str, before: bytes | None, after: bytes) -> Comparison:
    """Return how a diagram differs from another one; `before` is None for a new process.

    Raises:
        DeploymentError: a file is no diagram.

    """
    return compare({key: before} if before else {}, {key: after})


def comparison_html(found: Comparison, key: str, before: bytes | None, after: bytes) -> str:
    """Return the drawn and told differences as a part of a page."""
    new = diagram.render(after, found.marks(key, newer=True), title=t("modeller.compare.new"))
    old = diagram.render(before, found.marks(key, newer=False), title=t("modeller.compare.old")) if before else ""
    return render_template("modeller/comparison.html", found=found, new=new, old=old, words=fact_words)


def fact_words(what: str, value: str) -> str:
    """Return the value of a fact as people read it: words for keys of steps, tables, roles and deadlines."""
    if what == "lane":
        return find_label(f"roles.{value.removeprefix(LANE_PREFIX)}") or value
    if what == "assignee" and value:
        return variable_name(value)
    return find_label(f"{_WORDS_OF[what]}.{value}") or value if what in _WORDS_OF else value

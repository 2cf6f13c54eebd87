"""Two versions of a diagram beside each other: drawn with what was added, altered or moved, and told in words."""

from flask import render_template

from engine import diagram
from engine.comparison import compare
from webapp.i18n import t


def comparison_html(key: str, before: bytes | None, after: bytes) -> str:
    """Return how a diagram differs from another one, as a part of a page; `before` is None for a new process.

    Raises:
        DeploymentError: a file is no diagram.

    """
    found = compare({key: before} if before else {}, {key: after})
    new = diagram.render(after, found.marks(key, newer=True), title=t("modeller.compare.new"))
    old = diagram.render(before, found.marks(key, newer=False), title=t("modeller.compare.old")) if before else ""
    return render_template("modeller/comparison.html", found=found, new=new, old=old)

"""Pages and styles know each other: no class of ours is left that nothing bears, none of a family is borne unknown."""

import re

from tests.web.test_words import TEMPLATES, WEBAPP

SOURCES = WEBAPP / "assets" / "src"
STYLES = "".join(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL) for path in sorted(SOURCES.glob("*.css")))
SELECTORS = re.sub(r"@import[^;]*;|\{[^{}]*\}", " ", STYLES)
KNOWN = set(re.findall(r"\.([a-z][\w-]*)", SELECTORS))
PAGES = "".join(path.read_text(encoding="utf-8") for path in (*TEMPLATES, *sorted(SOURCES.rglob("*.js"))))
CLASSES = re.compile(r"""(?:class=|class: |className: )(?:"((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"|'([^'$]*)')""")
FAMILIES = ("note-", "state-", "btn-", "field-", "form-")
OF_THE_DRAWING_LIBRARY = "djs-"
PUT_TOGETHER = ("state-", "strip-", "change-")


def borne() -> set[str]:
    """Classes that stand in templates and scripts as they are."""
    said = (first or second for first, second in CLASSES.findall(PAGES))
    return {one for text in said for one in re.sub(r"\{[{%].*?[%}]\}\S*", " ", text).split()}


def test_no_class_is_left_that_nothing_bears() -> None:
    words = set(re.findall(r"[\w-]+", PAGES))
    left = {one for one in KNOWN - words if not one.startswith((OF_THE_DRAWING_LIBRARY, *PUT_TOGETHER))}
    assert sorted(left) == []


def test_every_class_of_a_family_has_its_style() -> None:
    used = {one for one in borne() if one.startswith(FAMILIES) and not one.endswith("-")}
    assert {"note-warning", "state-ok", "btn-primary"} <= used, "the search finds them"
    assert sorted(used - KNOWN) == []

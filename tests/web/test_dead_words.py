"""No text of the interface is left that nothing asks for: by its key, or by a key put together where a page is made."""

import ast
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from tests.web.test_words import MODULES, TEMPLATES
from webapp.i18n import catalogue

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for room in ("engine", "workflows", "webapp", "bpmn")
    for path in sorted((ROOT / room).rglob("*.*"))
    if path.suffix in {".py", ".html", ".js", ".bpmn", ".dmn"} and not {"node_modules", "dist"} & {*path.parts}
]
PUT_TOGETHER = re.compile(
    r"""["']([a-z]\w*\.[\w.]*)["']\s*~\s*(?:[\w.]+|\([^()]*(?:\([^()]*\)[^()]*)*\))(?:\s*~\s*["'](\w+)["'])?"""
)
GIVEN_WHOLE = ("modeller.panel.", "modeller.tools.")
"""Texts the modeller page is given as a tree: its scripts take them by kinds of elements that the drawing names."""


def said_in(path: Path) -> set[str]:
    """Dotted words and words of a file; of a program only those in quotes, and the names of arguments."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        nodes = list(ast.walk(ast.parse(text)))
        said = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        text = "\n".join([*said, *(node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg)])
    return {*re.findall(r"\w+(?:\.\w+)*", text), *re.findall(r"\w+", text)}


def put_together() -> Iterator[tuple[str, str]]:
    """Beginning and end of each key that is put together."""
    for path in TEMPLATES:
        yield from PUT_TOGETHER.findall(path.read_text(encoding="utf-8"))
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                first, last = str(node.values[0].value), node.values[-1]
                ends = isinstance(last, ast.Constant) and len(node.values) > 1
                if re.fullmatch(r"[a-z]\w*\.[\w.]*", first):
                    yield first, str(last.value) if isinstance(last, ast.Constant) and ends else ""


def test_every_text_is_asked_for() -> None:
    said = {word for path in SOURCES for word in said_in(path)} | {str(status.value) for status in HTTPStatus}
    built = set(put_together())
    assert {("case.state_", ""), ("task.", "_hint"), ("admin.account_", "d")} <= built, "the search finds them"

    def asked_for(key: str) -> bool:
        middles = [
            key[len(start) : len(key) - len(end)]
            for start, end in built
            if key.startswith(start) and key.endswith(end) and len(key) > len(start) + len(end)
        ]
        return (
            key in said
            or any({*re.findall(r"\w+", one)} <= said for one in middles)
            or key.startswith(GIVEN_WHOLE)
            or (key.startswith("modeller.") and key.rpartition(".")[2] in said)
        )

    assert [key for key in catalogue("vi") if not asked_for(key)] == []

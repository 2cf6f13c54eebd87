"""The product's own Python, read once: what the house rules are checked against."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "workflows", "webapp")
LEFT_OUT = ("webapp/assets/", "webapp/migrations/versions/")


@dataclass(frozen=True)
class Module:
    """One file: its dotted name, its text and its tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    def calls(self) -> Iterator[tuple[str, int]]:
        """Dotted name and line of every call: `session.commit`, `datetime.now`, `print`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield dotted(node.func), node.lineno

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def dotted(node: ast.expr) -> str:
    """The dotted name of an expression, as far as it is one."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the three packages, without what Alembic and the asset build wrote."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            relative = path.relative_to(ROOT).as_posix()
            if not relative.startswith(LEFT_OUT):
                text = path.read_text(encoding="utf-8")
                name = relative.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
                found.append(Module(name, path, text, ast.parse(text)))
    return tuple(found)

"""What an expression tells of the variables it asks for: texts they are compared with, and which type they are of."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lark import Tree

from engine.feel.compiler import unquote
from engine.feel.errors import FeelLimitError, FeelSyntaxError
from engine.feel.expression import spaced_names
from engine.feel.parser import parse

TEXT, YES_NO, NUMBER, DAY, INSTANT = "text", "yes_no", "number", "day", "instant"
_LITERALS = {"true": YES_NO, "false": YES_NO, "number": NUMBER, "string": TEXT}
_CALLS = {"date": DAY, "date and time": INSTANT}
_CONDITIONS = frozenset({"start", "and_", "or_", "not_"})


@dataclass(frozen=True, slots=True)
class Hint:
    """What one place of an expression tells of a variable.

    Attributes:
        kind: `text`, `yes_no`, `number`, `day` or `instant`.
        value: the text it is compared with; empty for the other kinds.

    """

    name: str
    kind: str
    value: str = ""


@lru_cache(maxsize=1024)
def hints_of(text: str, functions: tuple[str, ...] = (), *, condition: bool = False) -> tuple[Hint, ...]:
    """Return what an expression tells of its variables, nothing where it is no FEEL.

    Args:
        text: FEEL source.
        functions: names of further functions it may call.
        condition: its answer is yes or no, so that a variable that stands alone in it is too.

    """
    try:
        tree = parse(text, spaced_names(functions))
    except (FeelSyntaxError, FeelLimitError):
        return ()
    found = [hint for part in tree.find_pred(_any) for hint in _of(part, condition=condition)]
    return tuple(dict.fromkeys(found))


def _any(_part: Tree[Any]) -> bool:
    return True


def _of(part: Tree[Any], *, condition: bool) -> Iterator[Hint]:
    operands = [one for one in part.children if isinstance(one, Tree) and one.data != "comparator"]
    if part.data == "compare":
        yield from _compared(operands)
    elif part.data in {"in_", "between"} and operands and (name := _name(operands[0])):
        for other in operands[1:]:
            for literal in other.find_pred(_any):
                yield from _typed(name, literal)
    elif part.data == "call" and len(operands) == 2:
        kind, given = _CALLS.get(_name(operands[0])), operands[1].children
        if kind and len(given) == 1 and (name := _name(given[0])):
            yield Hint(name, kind)
    elif condition and part.data in _CONDITIONS:
        yield from (Hint(name, YES_NO) for one in operands if (name := _name(one)))


def _compared(operands: list[Tree[Any]]) -> Iterator[Hint]:
    for one, other in (operands, operands[::-1]):
        if name := _name(one):
            yield from _typed(name, other)


def _typed(name: str, literal: Tree[Any]) -> Iterator[Hint]:
    kind = _LITERALS.get(literal.data)
    if literal.data == "call":
        kind = _CALLS.get(_name(literal.children[0]))
    if kind:
        yield Hint(name, kind, unquote(str(literal.children[0])) if kind == TEXT else "")


def _name(part: Any) -> str:
    return str(part.children[0]) if isinstance(part, Tree) and part.data == "name" else ""

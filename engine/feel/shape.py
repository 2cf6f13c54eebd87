"""What the tests of a cell are made of: the constants they compare with, for a checker that looks for gaps."""

from typing import Any

from lark import Token, Tree

from engine.feel.compiler import Compiler
from engine.feel.scope import Scope
from engine.feel.values import Function, Range

_CONSTANTS = {"number", "string", "true", "false", "at_literal", "negate", "call"}
_SIMPLE = {
    "positive_tests", "negated_tests", "any_value", "test_list", "unary_compare", "comparator", "group", "null",
    "closed_closed", "closed_open", "open_closed", "open_open", "half_line", "list", "not_",
} | _CONSTANTS  # fmt: skip


def read_shape(tree: Tree[Any], compiler: Compiler) -> tuple[tuple[Any, ...], bool]:
    """Return the constants of a tree, and whether constants, ranges and comparisons are all it holds."""
    constants: list[Any] = []
    simple = True
    waiting: list[Any] = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Token) or part is None:
            continue
        simple = simple and part.data in _SIMPLE
        if part.data in _CONSTANTS:
            reader = Compiler(compiler.functions)
            node = reader.node(part)
            if not reader.free and not any(True for _ in part.find_data("question")):
                value = node(Scope({}))
                if value is not None and not isinstance(value, Function | Range):
                    constants.append(value)
                continue
            simple = False
        waiting.extend(part.children)
    return tuple(constants), simple

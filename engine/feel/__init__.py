"""FEEL, the expression language of DMN 1.5 (chapter 10): text to closures, bounded, with no way into Python."""

from collections.abc import Mapping
from typing import Any

from engine.feel.errors import FeelEvaluationError, FeelLimitError, FeelSyntaxError
from engine.feel.expression import Expression, UnaryTests, as_function, compile_expression, compile_unary_tests
from engine.feel.scope import bounded, new_budget
from engine.feel.values import Function, Range, YearMonthDuration, equal, from_python, parse_temporal, to_text

__all__ = [
    "Expression", "FeelEvaluationError", "FeelLimitError", "FeelSyntaxError", "Function", "Range", "UnaryTests",
    "YearMonthDuration", "as_function", "bounded",
    "compile_expression", "compile_unary_tests", "equal", "evaluate", "from_python", "new_budget",
    "parse_temporal", "to_text", "unary_tests",
]  # fmt: skip

_NAMES_DEPTH = 4


def evaluate(expression: str, context: Mapping[str, Any]) -> Any:
    """Return the value of an expression; names of the context may hold spaces."""
    return compile_expression(expression, names=_names(context)).evaluate(context)


def unary_tests(tests: str, value: Any, context: Mapping[str, Any]) -> bool:
    """Tell whether a value passes the tests of a table cell."""
    return compile_unary_tests(tests, names=_names(context)).accept(value, context)


def _names(values: Any, depth: int = 0) -> set[str]:
    """Return the names in a context and in the contexts within it that an identifier could not match."""
    if isinstance(values, Mapping) and depth < _NAMES_DEPTH:
        inner = (name for value in values.values() for name in _names(value, depth + 1))
        return {str(name) for name in values if not str(name).isidentifier()}.union(inner)
    if isinstance(values, list | tuple) and values and depth < _NAMES_DEPTH:
        return _names(values[0], depth + 1)
    return set()

"""FEEL, the expression language of DMN 1.5 (chapter 10): text to closures, bounded, with no way into Python."""

from collections.abc import Mapping
from typing import Any

from engine.feel.errors import FeelEvaluationError, FeelLimitError, FeelSyntaxError
from engine.feel.expression import Expression, UnaryTests, as_function, compile_expression, compile_unary_tests
from engine.feel.scope import bounded, new_budget
from engine.feel.values import Function, Range, YearMonthDuration, equal, from_python, to_text

__all__ = [
    "Expression", "FeelEvaluationError", "FeelLimitError", "FeelSyntaxError", "Function", "Range", "UnaryTests",
    "YearMonthDuration", "as_function", "bounded",
    "compile_expression", "compile_unary_tests", "equal", "evaluate", "from_python", "new_budget",
    "to_text", "unary_tests",
]  # fmt: skip


def evaluate(expression: str, context: Mapping[str, Any]) -> Any:
    """Return the value of an expression; names of the context may hold spaces."""
    return compile_expression(expression, names=[name for name in context if " " in name]).evaluate(context)


def unary_tests(tests: str, value: Any, context: Mapping[str, Any]) -> bool:
    """Tell whether a value passes the tests of a table cell."""
    return compile_unary_tests(tests, names=[name for name in context if " " in name]).accept(value, context)

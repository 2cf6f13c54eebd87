"""Compiled expressions and the cache that keeps them: an expression is parsed once per process."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.feel.builtins import SCALAR
from engine.feel.collections import COLLECTIONS
from engine.feel.compiler import Compiler
from engine.feel.errors import FeelEvaluationError, FeelLimitError, FeelSyntaxError
from engine.feel.operators import any_test
from engine.feel.parser import parse
from engine.feel.ranges import RANGES
from engine.feel.scope import Node, Scope, checked_size, new_budget, truth
from engine.feel.shape import read_shape
from engine.feel.values import Function, Range, from_python

BUILT_IN: dict[str, Function] = {**SCALAR, **COLLECTIONS, **RANGES}
_COMPONENT_NAMES = ("time offset", "start included", "end included")
_TYPE_NAMES = ("date and time", "days and time duration", "years and months duration")
_ALWAYS = frozenset(name for name in (*BUILT_IN, *_COMPONENT_NAMES, *_TYPE_NAMES) if " " in name)


@dataclass(frozen=True, slots=True)
class Expression:
    """A FEEL expression ready to run.

    Attributes:
        text: the source.
        names: the names it takes from the context (built-ins and loop variables excluded).

    """

    text: str
    names: frozenset[str]
    _reads: frozenset[str]
    _run: Node

    def evaluate(self, context: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]] | None = None) -> Any:
        """Return the value under a context of Python values.

        Args:
            context: variables by name; int and float become decimals.
            functions: further functions by name, called with positional FEEL values.

        Raises:
            FeelLimitError: the evaluation's budget is spent.

        """
        variables = {}
        for name in self._reads:
            if name in context:
                value = context[name]
                variables[name] = value if value.__class__ is str else from_python(value)
            elif functions and name in functions:
                variables[name] = as_function(functions[name])
        try:
            return checked_size(self._run(Scope(variables)))
        except RecursionError:
            raise FeelLimitError("the expression is nested too deep") from None

    def run(self, values: Mapping[str, Any], functions: Mapping[str, Function], budget: list[int]) -> Any:
        """Return the value under FEEL values, paid from a budget shared with other expressions."""
        variables = {}
        for name in self._reads:
            if name in values:
                variables[name] = values[name]
            elif name in functions:
                variables[name] = functions[name]
        return _bounded_run(self._run, Scope(variables, budget))

    def evaluate_boolean(
        self, context: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]] | None = None
    ) -> bool:
        """Return the truth of a condition.

        Raises:
            FeelEvaluationError: the expression gives null or no boolean; a gateway must not guess.

        """
        value = self.evaluate(context, functions)
        if not isinstance(value, bool):
            missing = sorted(self.names - set(context))
            raise FeelEvaluationError(
                f"the condition gives no yes or no: {self.text}", expression=self.text, missing=missing
            )
        return value


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """The tests of one table cell.

    Attributes:
        text: the source.
        names: the names they take from the context.
        constants: the values they compare with.
        simple: constants, ranges and comparisons are all they hold.

    """

    text: str
    names: frozenset[str]
    _reads: frozenset[str]
    _run: Callable[[Scope, Any], bool | None]
    constants: tuple[Any, ...] = ()
    simple: bool = True

    def accept(
        self,
        value: Any,
        context: Mapping[str, Any],
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> bool:
        """Tell whether the value passes; what cannot be told does not pass."""
        values = {name: from_python(context[name]) for name in self._reads if name in context}
        known = {name: as_function(functions[name]) for name in self._reads if name in functions} if functions else {}
        return self.run(from_python(value), values, known, new_budget())

    def run(self, value: Any, values: Mapping[str, Any], functions: Mapping[str, Function], budget: list[int]) -> bool:
        """Tell whether a FEEL value passes, paid from a budget shared with other expressions."""
        variables: dict[str, Any] = {"?": value}
        for name in self._reads:
            if name in values:
                variables[name] = values[name]
            elif name in functions:
                variables[name] = functions[name]
        return _bounded_run(lambda scope: self._run(scope, value), Scope(variables, budget)) is True


def _bounded_run(run: Node, scope: Scope) -> Any:
    try:
        return checked_size(run(scope))
    except RecursionError:
        raise FeelLimitError("the expression is nested too deep") from None


def as_function(function: Callable[..., Any] | Function) -> Function:
    """Return a FEEL function for a Python callable; its result becomes a FEEL value."""
    if isinstance(function, Function):
        return function
    return Function((), lambda *values: from_python(function(*values)), variadic=True)


def compile_expression(text: str, *, names: Collection[str] = (), functions: Collection[str] = ()) -> Expression:
    """Return a compiled expression, from the cache when it was met before.

    Args:
        text: FEEL source.
        names: variables whose names hold spaces or signs.
        functions: names of further functions given at evaluation.

    Raises:
        FeelSyntaxError: position and what was expected.

    """
    return _compile(text, frozenset(names), frozenset(functions))


def spaced_names(names: Collection[str] = ()) -> frozenset[str]:
    """Return the names of several words that a text may hold: the language's own, and those given."""
    return _ALWAYS | {name for name in names if not name.isidentifier()}


def range_of(text: Any) -> Range | None:
    """`range(from)`: the range a text describes; its ends are literals."""
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        tree = parse(_open_end(text.strip()), _ALWAYS)
    except FeelSyntaxError:
        return None
    compiler = Compiler(BUILT_IN)
    if tree.children[0].data not in _INTERVALS or any(tree.find_pred(lambda part: part.data not in _LITERAL)):
        return None
    value = compiler.node(tree)(Scope({}))
    return value if isinstance(value, Range) and not compiler.free else None


def _open_end(text: str) -> str:
    """Return the text with `null` where an end is left out, as in `[1..)`."""
    low, dots, high = text.partition("..")
    if not dots:
        return text
    low = low + "null" if low.strip() in ("[", "(", "]") else low
    return low + ".." + ("null" + high if high.strip() in ("]", ")", "[") else high)


_INTERVALS = {"closed_closed", "closed_open", "open_closed", "open_open"}
_LITERAL = _INTERVALS | {
    "start",
    "number",
    "string",
    "null",
    "at_literal",
    "negate",
    "call",
    "name",
    "positional",
    "true",
    "false",
}
BUILT_IN["range"] = Function(("from",), range_of)


@lru_cache(maxsize=8192)
def _compile(text: str, names: frozenset[str], functions: frozenset[str]) -> Expression:
    compiler = Compiler(BUILT_IN)
    try:
        run = compiler.node(parse(text, _ALWAYS | names | functions))
    except RecursionError:
        raise FeelLimitError("the expression is nested too deep") from None
    return Expression(text, frozenset(compiler.free) - functions, frozenset(compiler.free | compiler.shadowing), run)


def compile_unary_tests(text: str, *, names: Collection[str] = (), functions: Collection[str] = ()) -> UnaryTests:
    """Return the compiled tests of a table cell (DMN 1.5, 7.3.12).

    Raises:
        FeelSyntaxError: position and what was expected.

    """
    return _compile_tests(text, frozenset(names), frozenset(functions))


@lru_cache(maxsize=8192)
def _compile_tests(text: str, names: frozenset[str], functions: frozenset[str]) -> UnaryTests:
    compiler = Compiler(BUILT_IN)
    tree = parse(text, _ALWAYS | names | functions, start="tests")
    if tree.data == "any_value":
        return UnaryTests(text, frozenset(), frozenset(), lambda _scope, _value: True)
    try:
        tests = [compiler.test(item) for item in next(part for part in tree.children if hasattr(part, "data")).children]
    except RecursionError:
        raise FeelLimitError("the tests are nested too deep") from None
    negated = tree.data == "negated_tests"

    either = any_test(tests)

    def run(scope: Scope, value: Any) -> bool | None:
        answer = truth(either(scope, value))
        return answer if not negated or answer is None else not answer

    reads = frozenset(compiler.free | compiler.shadowing)
    constants, simple = read_shape(tree, compiler)
    return UnaryTests(text, frozenset(compiler.free) - functions, reads, run, constants, simple)

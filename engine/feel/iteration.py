"""`for`, `some`, `every` and filters: all that repeats, each repetition paid from the budget (DMN 1.5, 10.3.2.14)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lark import Token

from engine.feel.errors import FeelLimitError
from engine.feel.scope import MAX_ITEMS, Node, Scope, bounded, truth
from engine.feel.values import Range

if TYPE_CHECKING:
    from engine.feel.compiler import Compiler


def compile_for(compiler: "Compiler", parts: list[Any]) -> Node:
    """Return the closure of `for … return …`; `partial` holds the results so far."""
    names: list[str] = []
    sources: list[tuple[str, Node, Node | None]] = []
    for iteration in parts[0].children:
        children = [child for child in iteration.children if getattr(child, "type", "") != "IN"]
        bounds = [compiler.binding(list(names), child) for child in children[1:]]
        sources.append((str(children[0]), bounds[0], bounds[1] if len(bounds) > 1 else None))
        names.append(str(children[0]))
    body = compiler.binding([*names, "partial"], parts[1])
    uses_partial = any(part == "partial" for part in parts[1].scan_values(lambda part: isinstance(part, Token)))

    def run(scope: Scope) -> Any:
        partial: list[Any] = []
        inner = scope.child({})
        try:
            for _ in _nested(inner, sources):
                inner.step()
                if uses_partial:  # a copy: a list must never come to hold itself
                    inner.step(len(partial))
                    inner.variables["partial"] = list(partial)
                partial.append(body(inner))
        except NotIterableError:
            return None
        return bounded(partial)

    return run


class NotIterableError(Exception):
    """A loop was given something it cannot walk: the whole loop is null."""


def _nested(scope: Scope, sources: list[tuple[str, Node, Node | None]]) -> Iterator[None]:
    if not sources:
        yield
        return
    (name, low, high), rest = sources[0], sources[1:]
    for item in walk(low(scope), high(scope) if high else None, ranged=high is not None):
        scope.step()
        scope.variables[name] = item
        yield from _nested(scope, rest)


def walk(low: Any, high: Any = None, *, ranged: bool = False) -> Iterable[Any]:
    """Return the items of a list, a closed range, or from `low` to `high`; a single value is a list of one.

    Raises:
        NotIterableError: the loop is null.
        FeelLimitError: the range is too long.

    """
    if not ranged:
        if isinstance(low, Range):
            if not (low.low_closed and low.high_closed):
                raise NotIterableError
            return walk(low.low, low.high, ranged=True)
        if low is None:
            raise NotIterableError
        return low if isinstance(low, list) else [low]
    if isinstance(low, Decimal) and isinstance(high, Decimal) and low == int(low) and high == int(high):
        first, last = int(low), int(high)
        if abs(last - first) > MAX_ITEMS:
            raise FeelLimitError("the range is too long", limit=MAX_ITEMS)
        step = 1 if last >= first else -1
        return (Decimal(number) for number in range(first, last + step, step))
    if type(low) is date and type(high) is date and not isinstance(low, datetime):
        days = (high - low).days
        if abs(days) > MAX_ITEMS:
            raise FeelLimitError("the range is too long", limit=MAX_ITEMS)
        step = 1 if days >= 0 else -1
        return (low + timedelta(days=number) for number in range(0, days + step, step))
    raise NotIterableError


def _compile_quantified(compiler: "Compiler", parts: list[Any], *, wanted: bool) -> Node:
    names: list[str] = []
    sources: list[tuple[str, Node, Node | None]] = []
    for binding in parts[0].children:
        children = [child for child in binding.children if getattr(child, "type", "") != "IN"]
        sources.append((str(children[0]), compiler.binding(list(names), children[1]), None))
        names.append(str(children[0]))
    body = compiler.binding(names, parts[1])

    def run(scope: Scope) -> Any:
        inner, unknown = scope.child({}), False
        try:
            for _ in _nested(inner, sources):
                inner.step()
                answer = truth(body(inner))
                if answer is wanted:
                    return wanted
                unknown = unknown or answer is None
        except NotIterableError:
            return None
        return None if unknown else not wanted

    return run


def compile_some(compiler: "Compiler", parts: list[Any]) -> Node:
    """Return the closure of `some … satisfies …`: true when one is, else null if any is unknown."""
    return _compile_quantified(compiler, parts, wanted=True)


def compile_every(compiler: "Compiler", parts: list[Any]) -> Node:
    """Return the closure of `every … satisfies …`: false when one is false, else null if any is unknown."""
    return _compile_quantified(compiler, parts, wanted=False)


def compile_filter(compiler: "Compiler", parts: list[Any]) -> Node:
    """Return the closure of `list[condition]` or `list[position]`; positions count from 1, negative from the end."""
    source = compiler.node(parts[0])
    free_before = set(compiler.free)
    condition = compiler.binding(["item"], parts[1])
    inside = compiler.free - free_before
    compiler.free = free_before | inside

    def run(scope: Scope) -> Any:
        value = source(scope)
        if value is None:
            return None if _is_position(scope, condition) else []
        items = value if isinstance(value, list) else [value]
        found: list[Any] = []
        for index, item in enumerate(items):
            scope.step()
            more = dict(item) if isinstance(item, dict) else {}
            more.setdefault("item", item)
            answer = condition(scope.child(more))
            if index == 0 and isinstance(answer, Decimal):
                return _pick(items, answer)
            if answer is True:
                found.append(item)
        return found if items or not _is_position(scope, condition) else None

    return run


def _is_position(scope: Scope, condition: Node) -> bool:
    return isinstance(condition(scope.child({"item": None})), Decimal)


def _pick(items: list[Any], position: Decimal) -> Any:
    index = int(position)
    if index == 0 or index != position or abs(index) > len(items):
        return None
    return items[index - 1 if index > 0 else index]

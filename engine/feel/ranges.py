"""The built-in functions of FEEL on ranges and points (DMN 1.5, 10.3.4.9): Allen's relations."""

from collections.abc import Callable
from typing import Any

from engine.feel.builtins import need
from engine.feel.values import Function, Range, compare, equal


def _as_range(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(value, value)


def _before(first: Any, second: Any) -> bool | None:
    a, b = _as_range(first), _as_range(second)
    return compare("<", a.high, b.low) or (
        compare("=", a.high, b.low)
        and not (a.high_closed and b.low_closed)
        and (isinstance(first, Range) or isinstance(second, Range))
    )


def _after(first: Any, second: Any) -> bool | None:
    return _before(second, first)


def _meets(first: Any, second: Any) -> bool | None:
    a, b = need(first, Range), need(second, Range)
    return bool(a.high_closed and b.low_closed) and compare("=", a.high, b.low)


def _overlaps(first: Any, second: Any) -> bool | None:
    a, b = need(first, Range), need(second, Range)
    return not (_before(a, b) or _before(b, a))


def _overlaps_before(first: Any, second: Any) -> bool | None:
    a, b = need(first, Range), need(second, Range)
    starts = compare("<", a.low, b.low) or (compare("=", a.low, b.low) and a.low_closed and not b.low_closed)
    ends = compare("<", a.high, b.high) or (compare("=", a.high, b.high) and (not a.high_closed or b.high_closed))
    return bool(starts and ends and not _before(a, b))


def _overlaps_after(first: Any, second: Any) -> bool | None:
    a, b = need(first, Range), need(second, Range)
    starts = compare(">", a.low, b.low) or (compare("=", a.low, b.low) and (not a.low_closed or b.low_closed))
    ends = compare(">", a.high, b.high) or (compare("=", a.high, b.high) and a.high_closed and not b.high_closed)
    return bool(starts and ends and not _before(b, a))


def _finishes(first: Any, second: Any) -> bool | None:
    b = need(second, Range)
    if not isinstance(first, Range):
        return b.high_closed and compare("=", first, b.high)
    low = compare(">", first.low, b.low) or (compare("=", first.low, b.low) and (not first.low_closed or b.low_closed))
    return first.high_closed == b.high_closed and compare("=", first.high, b.high) and bool(low)


def _starts(first: Any, second: Any) -> bool | None:
    b = need(second, Range)
    if not isinstance(first, Range):
        return b.low_closed and compare("=", first, b.low)
    high = compare("<", first.high, b.high) or (
        compare("=", first.high, b.high) and (not first.high_closed or b.high_closed)
    )
    return first.low_closed == b.low_closed and compare("=", first.low, b.low) and bool(high)


def _includes(first: Any, second: Any) -> bool | None:
    a: Range = need(first, Range)
    if not isinstance(second, Range):
        return a.contains(second)
    low = compare("<", a.low, second.low) or (
        compare("=", a.low, second.low) and (a.low_closed or not second.low_closed)
    )
    high = compare(">", a.high, second.high) or (
        compare("=", a.high, second.high) and (a.high_closed or not second.high_closed)
    )
    return bool(low and high)


def _coincides(first: Any, second: Any) -> bool | None:
    return equal(first, second)


def _flip(test: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda first, second: test(second, first)


_PAIR, _POINT = ("range1", "range2"), ("point", "range")
_EITHER = (("point1", "point2"), ("point", "range"), ("range", "point"))
RANGES: dict[str, Function] = {
    "before": Function(_PAIR, _before, forms=_EITHER),
    "after": Function(_PAIR, _after, forms=_EITHER),
    "meets": Function(_PAIR, _meets),
    "met by": Function(_PAIR, _flip(_meets)),
    "overlaps": Function(_PAIR, _overlaps),
    "overlaps before": Function(_PAIR, _overlaps_before),
    "overlaps after": Function(_PAIR, _overlaps_after),
    "finishes": Function(_POINT, _finishes, forms=(_PAIR,)),
    "finished by": Function(("range", "point"), _flip(_finishes), forms=(_PAIR,)),
    "includes": Function(("range", "point"), _includes, forms=(_PAIR,)),
    "during": Function(_POINT, _flip(_includes), forms=(_PAIR,)),
    "starts": Function(_POINT, _starts, forms=(_PAIR,)),
    "started by": Function(("range", "point"), _flip(_starts), forms=(_PAIR,)),
    "coincides": Function(_PAIR, _coincides, forms=_EITHER),
}

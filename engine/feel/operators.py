"""Arithmetic, tests and calls on FEEL values. Whatever the standard calls undefined is null (DMN 1.5, 10.3.2.11)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, DecimalException
from typing import Any

from engine.feel.errors import FeelLimitError
from engine.feel.scope import MAX_TEXT, Node, Scope, bounded, spend, spend_for
from engine.feel.values import (
    COMPARISONS,
    NUMBERS,
    Function,
    Range,
    YearMonthDuration,
    compare,
    equal,
    kind,
    on_timeline,
)

_LARGEST_EXPONENT = Decimal(100_000)


def add(left: Any, right: Any) -> Any:
    """Add numbers, join texts, move dates by durations, add durations."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _arithmetic(NUMBERS.add, left, right)
    if isinstance(left, str) and isinstance(right, str):
        if len(left) + len(right) > MAX_TEXT:
            raise FeelLimitError("the text grew too long", limit=MAX_TEXT)
        return left + right
    if isinstance(right, date | time) and isinstance(left, timedelta | YearMonthDuration):
        left, right = right, left
    return _move(left, right, 1)


def subtract(left: Any, right: Any) -> Any:
    """Subtract numbers, durations, or one date from another."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _arithmetic(NUMBERS.subtract, left, right)
    if isinstance(left, date) and isinstance(right, date):
        return _between(left, right)
    if isinstance(left, time) and isinstance(right, time):
        return _between(datetime.combine(date(2000, 1, 1), left), datetime.combine(date(2000, 1, 1), right))
    return _move(left, right, -1)


def _between(left: date, right: date) -> timedelta | None:
    first, second = _instant(left), _instant(right)
    if (first.tzinfo is None) != (second.tzinfo is None):
        return None
    try:
        return on_timeline(first) - on_timeline(second)
    except OverflowError:
        return None


def _instant(value: date) -> datetime:
    """Return a date as its midnight in UTC, as the standard reads a date beside a date-time."""
    return value if isinstance(value, datetime) else datetime.combine(value, time(tzinfo=UTC))


def _midnight(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def _move(value: Any, by: Any, sign: int) -> Any:
    try:
        if isinstance(value, timedelta) and isinstance(by, timedelta):
            return value + sign * by
        if isinstance(value, YearMonthDuration) and isinstance(by, YearMonthDuration):
            return YearMonthDuration(value.months + sign * by.months)
        if isinstance(value, datetime) and isinstance(by, timedelta):
            return (on_timeline(value) + sign * by).astimezone(value.tzinfo) if value.tzinfo else value + sign * by
        if isinstance(value, date) and isinstance(by, timedelta):
            return (_midnight(value) + sign * by).date()
        if isinstance(value, date) and isinstance(by, YearMonthDuration):
            return add_months(value, sign * by.months)
        if isinstance(value, time) and isinstance(by, timedelta):
            moved = datetime.combine(date(2000, 1, 2), value.replace(tzinfo=None)) + sign * (by % timedelta(days=1))
            return moved.time().replace(tzinfo=value.tzinfo)
    except OverflowError:
        return None
    return None


def add_months(value: Any, months: int) -> Any:
    """Move a date or date-time by months; a day the month has not becomes its last."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month]
    return value.replace(year=year, month=month + 1, day=min(value.day, longest))


def multiply(left: Any, right: Any) -> Any:
    """Multiply numbers, or a duration by a number."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _arithmetic(NUMBERS.multiply, left, right)
    if isinstance(left, Decimal):
        left, right = right, left
    if isinstance(right, Decimal):
        try:
            if isinstance(left, timedelta):
                return timedelta(microseconds=int(_microseconds(left) * right))
            if isinstance(left, YearMonthDuration):
                return YearMonthDuration(int(left.months * right))
        except OverflowError:
            return None
    return None


def divide(left: Any, right: Any) -> Any:
    """Divide numbers, a duration by a number, or one duration by another; by zero is null."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _arithmetic(NUMBERS.divide, left, right)
    if isinstance(right, Decimal) and right:
        if isinstance(left, timedelta):
            return timedelta(microseconds=int(_microseconds(left) / right))
        if isinstance(left, YearMonthDuration):
            return YearMonthDuration(int(left.months / right))
    if isinstance(left, timedelta) and isinstance(right, timedelta) and right:
        return NUMBERS.divide(_microseconds(left), _microseconds(right))
    if isinstance(left, YearMonthDuration) and isinstance(right, YearMonthDuration) and right.months:
        return NUMBERS.divide(Decimal(left.months), Decimal(right.months))
    return None


def _microseconds(value: timedelta) -> Decimal:
    return Decimal(value // timedelta(microseconds=1))


def power(left: Any, right: Any) -> Any:
    """Raise a number; exponents beyond reason are refused."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        if abs(right) > _LARGEST_EXPONENT:
            raise FeelLimitError("the exponent is too large", limit=int(_LARGEST_EXPONENT))
        return _arithmetic(NUMBERS.power, left, right)
    return None


def _arithmetic(operation: Any, left: Decimal, right: Decimal) -> Decimal | None:
    try:
        result: Decimal = operation(left, right)
    except DecimalException:
        return None
    return result if result.is_finite() else None


def negate(value: Any) -> Any:
    """Return the opposite of a number or duration."""
    if isinstance(value, Decimal):
        return NUMBERS.minus(value)
    if isinstance(value, timedelta):
        return -value
    return YearMonthDuration(-value.months) if isinstance(value, YearMonthDuration) else None


def interval(low: Any, high: Any, low_closed: bool, high_closed: bool) -> Range | None:
    """Return a range, or null when its ends cannot be compared; a null end has no limit."""
    if low is not None and high is not None and kind(low) != kind(high):
        return None
    if low is None and high is None:
        return None
    if low is not None and high is not None and compare("<=", low, high) is False:
        return None
    return Range(low, high, low_closed, high_closed, low is None, high is None)


def half_line(sign: str, limit: Any) -> Range | None:
    """Return the range of `(< 5)` and its like."""
    if sign in ("<", "<="):
        return Range(None, limit, False, sign == "<=", low_unbounded=True)
    if sign in (">", ">="):
        return Range(limit, None, sign == ">=", False, high_unbounded=True)
    return Range(limit, limit) if sign == "=" else None


def any_of(answers: Sequence[Any]) -> bool | None:
    """Return the three-valued `or` of several answers."""
    if True in [answer for answer in answers if isinstance(answer, bool)]:
        return True
    return None if any(answer is None for answer in answers) else False


Test = Callable[[Any, Any], Any]  # takes a scope and the value tested


def any_test(tests: Sequence[Test]) -> Test:
    """Return the three-valued `or` of several tests; it stops at the first that holds."""
    if len(tests) == 1:
        return tests[0]

    def run(scope: Any, value: Any) -> bool | None:
        unknown = False
        for test in tests:
            answer = test(scope, value)
            if answer is True:
                return True
            unknown = unknown or answer is None
        return None if unknown else False

    return run


def compare_values(left: Node, sign: str, right: Node) -> Node:
    """Return the comparison of two expressions."""
    if sign not in ("=", "!="):
        return lambda scope: compare(sign, left(scope), right(scope))
    wanted = sign == "="

    def equality(scope: Scope) -> Any:
        a, b = left(scope), right(scope)
        if a.__class__ is b.__class__ and a.__class__ in (str, Decimal, bool):
            return (a == b) is wanted
        spend_for(scope.budget, a)
        return compare(sign, a, b)

    return equality


def compare_with_literal(left: Node, sign: str, literal: str | Decimal) -> Node:
    """Return the comparison with a text or a number, as most conditions of gateways are: one call instead of four."""
    same, order = literal.__class__, COMPARISONS[sign]

    def comparison(scope: Scope) -> Any:
        value = left(scope)
        if value.__class__ is same:
            return order(value, literal)
        spend_for(scope.budget, value)
        return compare(sign, value, literal)

    return comparison


def negated_test(test: Test) -> Test:
    """Return the three-valued `not` of a test."""

    def run(scope: Any, value: Any) -> bool | None:
        answer = test(scope, value)
        return not answer if isinstance(answer, bool) else None

    return run


def constant_test(wanted: Any) -> Test:
    """Return the test against a literal text or number."""
    same = type(wanted)

    def run(_scope: Any, value: Any) -> bool | None:
        if value.__class__ is same:
            return bool(value == wanted)
        return matches(value, wanted, asked=False)

    return run


def matches(value: Any, test: Any, *, asked: bool) -> bool | None:
    """Apply one unary test: a range, a list, a plain value, or a boolean that asked about `?`."""
    if asked and (isinstance(test, bool) or test is None):
        return test
    if isinstance(test, Range):
        if isinstance(value, Range):
            return equal(value, test)
        return test.contains(value)
    if isinstance(test, list) and not isinstance(value, list):
        return any_of([matches(value, item, asked=False) for item in test]) if test else False
    if isinstance(test, list):
        return equal(value, test) is True or any(equal(value, item) is True for item in test)
    answer = equal(value, test)
    return False if answer is None and value is None else answer


def component(source: Any, name: str) -> Any:
    """Return `source.name`: an entry, a part of a date or duration, or the entries of a list's items."""
    if isinstance(source, dict):
        return source.get(name)
    if isinstance(source, list):
        return bounded([component(item, name) for item in source])
    reader = _COMPONENTS.get((kind(source), name))
    return None if reader is None else reader(source)


def _whole(number: int) -> Decimal:
    return Decimal(number)


def _offset(value: Any) -> timedelta | None:
    if isinstance(value, time) and value.tzinfo is not None and value.utcoffset() is None:
        return value.tzinfo.utcoffset(datetime.combine(date(2000, 1, 2), value.replace(tzinfo=None)))
    return value.utcoffset()  # type: ignore[no-any-return]  # date-time or time


def _zone_name(value: Any) -> str | None:
    return getattr(value.tzinfo, "key", None) if value.tzinfo else None


_CALENDAR = {
    "year": lambda v: _whole(v.year), "month": lambda v: _whole(v.month), "day": lambda v: _whole(v.day),
    "weekday": lambda v: _whole(v.isoweekday()),
}  # fmt: skip
_CLOCK = {
    "hour": lambda v: _whole(v.hour), "minute": lambda v: _whole(v.minute), "second": lambda v: _whole(v.second),
    "time offset": _offset, "timezone": _zone_name,
}  # fmt: skip
_SPAN = {
    "days": lambda v: _whole(int(abs(v) / timedelta(days=1)) * (1 if v >= timedelta() else -1)),
    "hours": lambda v: _whole(abs(v).seconds // 3600 * (1 if v >= timedelta() else -1)),
    "minutes": lambda v: _whole(abs(v).seconds % 3600 // 60 * (1 if v >= timedelta() else -1)),
    "seconds": lambda v: _whole(abs(v).seconds % 60 * (1 if v >= timedelta() else -1)),
}  # fmt: skip
_MONTHS = {
    "years": lambda v: _whole(int(v.months / 12)),
    "months": lambda v: _whole(abs(v.months) % 12 * (-1 if v.months < 0 else 1)),
}  # fmt: skip
_LIMITS = {
    "start": lambda v: v.low, "end": lambda v: v.high,
    "start included": lambda v: v.low_closed, "end included": lambda v: v.high_closed,
}  # fmt: skip
_COMPONENTS: dict[tuple[str, str], Any] = {
    (type_name, name): reader
    for type_name, tables in (
        ("date", (_CALENDAR,)), ("date and time", (_CALENDAR, _CLOCK)), ("time", (_CLOCK,)), ("range", (_LIMITS,)),
        ("days and time duration", (_SPAN,)), ("years and months duration", (_MONTHS,)),
    )
    for table in tables
    for name, reader in table.items()
}  # fmt: skip


def call(budget: list[int], target: Any, values: Sequence[Any]) -> Any:
    """Call a function with values by position; a wrong count or kind gives null."""
    spend(budget)
    for value in values:
        spend_for(budget, value)
    if not isinstance(target, Function):
        return None
    if not target.variadic and len(values) > target.most:
        return None
    if target.variadic and target.parameters and not values:
        return None
    return _safely(target, *values)


def call_named(budget: list[int], target: Any, values: Mapping[str, Any]) -> Any:
    """Call a function with values by name; an unknown name gives null."""
    spend(budget)
    for value in values.values():
        spend_for(budget, value)
    if not isinstance(target, Function):
        return None
    for form in (target.parameters, *target.forms):
        if set(values) <= set(form):
            last = max((place for place, name in enumerate(form) if name in values), default=-1)
            return _safely(target, *[values.get(name) for name in form[: last + 1]])
    return None


def _safely(target: Function, *values: Any) -> Any:
    try:
        return bounded(target.call(*values))
    except (TypeError, ValueError, OverflowError, DecimalException, AttributeError, IndexError):
        return None  # a built-in given what it does not take is null by the standard

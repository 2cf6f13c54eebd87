"""The built-in functions of FEEL that work on scalars (DMN 1.5, 10.3.4.1 to 10.3.4.3, 10.3.4.5 to 10.3.4.6)."""

import re
from datetime import date, datetime, time, timedelta, timezone
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any

from engine.feel import values
from engine.feel.errors import FeelLimitError
from engine.feel.patterns import compile_pattern
from engine.feel.scope import MAX_TEXT
from engine.feel.values import NUMBERS, Function, YearMonthDuration, kind

_MAX_EXPANDED = 20_000_000


def need(value: Any, *types: type[Any]) -> Any:
    """Return the value if it is of one of the types; a built-in given something else is null.

    A list of one stands for its item, and a single value for a list of one (DMN 1.5, 10.3.2.9.4).
    """
    if isinstance(value, list) and len(value) == 1 and list not in types:
        value = value[0]
    elif types == (list,) and value is not None and not isinstance(value, list):
        return [value]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise TypeError("wrong kind of argument")
    return value


def _index(value: Any) -> int:
    number = need(value, Decimal)
    if number != int(number):
        raise ValueError("a position is a whole number")
    return int(number)


# conversion


def to_number(text: Any, grouping: Any = None, point: Any = None) -> Decimal:
    """`number(from, grouping separator, decimal separator)`."""
    written = need(text, str)
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (grouping and grouping == point):
        raise ValueError("separators")
    if grouping:
        written = written.replace(grouping, "")
    if point:
        written = written.replace(point, ".")
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", written):
        raise ValueError("no number")
    return NUMBERS.create_decimal(written)


def to_date(first: Any, month: Any = None, day: Any = None) -> date | None:
    """`date(text)`, `date(date and time)` or `date(year, month, day)`."""
    if isinstance(first, datetime):
        return first.date()
    if isinstance(first, date):
        return first
    if isinstance(first, str):
        return values.parse_date(first)
    return date(_index(first), _index(month), _index(day))


def to_time(first: Any, minute: Any = None, second: Any = None, offset: Any = None) -> time | None:
    """`time(text)`, `time(date and time)` or `time(hour, minute, second, offset)`."""
    if isinstance(first, datetime):
        return first.timetz()
    if isinstance(first, date):
        return time(tzinfo=timezone.utc)  # noqa: UP017 - a date's time is midnight UTC
    if isinstance(first, time):
        return first
    if isinstance(first, str):
        return values.parse_time(first)
    seconds = need(second, Decimal)
    zone = timezone(need(offset, timedelta)) if offset is not None else None
    micro = int((seconds % 1) * 1_000_000)
    return time(_index(first), _index(minute), int(seconds), micro, zone)


_ABSENT = object()


def to_date_time(first: Any, second: Any = _ABSENT) -> datetime | None:
    """`date and time(text)` or `date and time(date, time)`."""
    if second is not _ABSENT:
        need(first, date)
        day = first.date() if isinstance(first, datetime) else first
        return datetime.combine(day, need(second, time))
    if isinstance(first, datetime):
        return first
    if isinstance(first, date):
        return datetime.combine(first, time())
    return values.parse_date_time(need(first, str))


def years_and_months(start: Any, end: Any) -> YearMonthDuration:
    """`years and months duration(from, to)`."""
    first, last = need(start, date), need(end, date)
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    if months < 0 and last.day > first.day:
        months += 1
    return YearMonthDuration(months)


# text


def substring(text: Any, start: Any, length: Any = None) -> str | None:
    """`substring(string, start position, length)`; positions count from 1, negative from the end."""
    body, position = need(text, str), int(need(start, Decimal))
    if position == 0 or (length is not None and int(need(length, Decimal)) < 1):
        return None
    begin = position - 1 if position > 0 else len(body) + position
    if begin < 0 or begin >= len(body):
        return None
    return body[begin:] if length is None else body[begin : begin + int(length)]  # type: ignore[no-any-return]


def substring_before(text: Any, match: Any) -> str:
    """`substring before(string, match)`."""
    before, found, _ = need(text, str).partition(need(match, str)) if match != "" else ("", "", "")
    return before if found else ""


def substring_after(text: Any, match: Any) -> str:
    """`substring after(string, match)`."""
    body, wanted = need(text, str), need(match, str)
    return str(body if wanted == "" else body.partition(wanted)[2])


def _flags(flags: Any) -> str:
    return "" if flags is None else str(need(flags, str))


def matches(text: Any, pattern: Any, flags: Any = None) -> bool:
    """`matches(input, pattern, flags)`."""
    body = need(text, str)
    return compile_pattern(need(pattern, str), _flags(flags), len(body)).search(body) is not None


def replace(text: Any, pattern: Any, replacement: Any, flags: Any = None) -> str:
    """`replace(input, pattern, replacement, flags)`; groups are `$1`."""
    body, written = need(text, str), need(replacement, str)
    target, references = re.subn(r"\$(\d)", r"\\g<\1>", written.replace("\\", "\\\\"))
    if references * len(body) > _MAX_EXPANDED:
        raise FeelLimitError("the text grew too long", limit=MAX_TEXT)
    found = compile_pattern(need(pattern, str), _flags(flags), len(body))
    if found.match("") is not None:
        raise ValueError("the pattern matches nothing at all")
    parts: list[str] = []
    size = last = 0
    try:
        for match in found.finditer(body):
            parts += [body[last : match.start()], match.expand(target)]
            size, last = size + len(parts[-1]) + len(parts[-2]), match.end()
            if size > MAX_TEXT:
                raise FeelLimitError("the text grew too long", limit=MAX_TEXT)
    except re.error:
        raise ValueError("no such group") from None
    return "".join([*parts, body[last:]])


def split(text: Any, delimiter: Any) -> list[str]:
    """`split(string, delimiter)`."""
    body = need(text, str)
    return [part or "" for part in compile_pattern(need(delimiter, str), "", len(body)).split(body)]


def string_join(items: Any, delimiter: Any = None, *_more: Any) -> str:
    """`string join(list, delimiter)`; nulls are left out."""
    parts = [need(part, str) for part in need(items, list) if part is not None]
    between = need(delimiter, str) if delimiter is not None else ""
    if sum(map(len, parts)) + len(between) * len(parts) > MAX_TEXT:
        raise FeelLimitError("the text grew too long", limit=MAX_TEXT)
    return str(between.join(parts))


# numbers


def _rounded(mode: str) -> Any:
    def run(number: Any, scale: Any = Decimal(0)) -> Decimal:
        digits = int(need(scale, Decimal))
        if not -6111 <= digits <= 6176:
            raise ValueError("scale")
        value = need(number, Decimal)
        if -value.as_tuple().exponent <= digits:
            return Decimal(value)
        return Decimal(value).quantize(Decimal(1).scaleb(-digits), mode, NUMBERS)

    return run


def modulo(dividend: Any, divisor: Any) -> Decimal:
    """`modulo(dividend, divisor)`: the sign follows the divisor."""
    top, bottom = need(dividend, Decimal), need(divisor, Decimal)
    quotient = NUMBERS.divide(top, bottom).to_integral_value(ROUND_FLOOR)
    return NUMBERS.subtract(top, NUMBERS.multiply(bottom, quotient))


def absolute(value: Any) -> Any:
    """`abs(n)` of a number or a duration."""
    if isinstance(value, YearMonthDuration):
        return YearMonthDuration(abs(value.months))
    return abs(need(value, Decimal, timedelta))


def square_root(number: Any) -> Decimal | None:
    """`sqrt(number)`; null below zero."""
    return NUMBERS.sqrt(need(number, Decimal)) if number >= 0 else None


def logarithm(number: Any) -> Decimal | None:
    """`log(number)`, natural; null at or below zero."""
    return NUMBERS.ln(need(number, Decimal)) if number > 0 else None


def odd(number: Any) -> bool:
    """`odd(number)`."""
    return _index(number) % 2 == 1


def even(number: Any) -> bool:
    """`even(number)`."""
    return _index(number) % 2 == 0


# calendar

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


def day_of_year(value: Any) -> Decimal:
    """`day of year(date)`."""
    return Decimal(need(value, date).timetuple().tm_yday)


def day_of_week(value: Any) -> str:
    """`day of week(date)` in English, as the standard has it."""
    return _DAYS[need(value, date).weekday()]


def month_of_year(value: Any) -> str:
    """`month of year(date)` in English, as the standard has it."""
    return _MONTHS[need(value, date).month - 1]


def week_of_year(value: Any) -> Decimal:
    """`week of year(date)` by ISO 8601."""
    return Decimal(need(value, date).isocalendar()[1])


def equivalent(first: Any, second: Any) -> bool:
    """`is(value1, value2)`: the same kind and the same value, zones included."""
    if kind(first) != kind(second):
        return False
    if isinstance(first, time | datetime):
        same = first.replace(tzinfo=None) == second.replace(tzinfo=None)
        return bool(same) and first.utcoffset() == second.utcoffset()
    return values.equal(first, second) is True


def _text_length(text: Any) -> Decimal:
    return Decimal(len(need(text, str)))


def _negation(value: Any) -> bool:
    return need(value, bool) is False


SCALAR: dict[str, Function] = {
    "number": Function(("from", "grouping separator", "decimal separator"), to_number),
    "string": Function(("from",), values.to_text),
    "date": Function(("from",), to_date, forms=(("year", "month", "day"),)),
    "time": Function(("from",), to_time, forms=(("hour", "minute", "second", "offset"),)),
    "date and time": Function(("from",), to_date_time, forms=(("date", "time"),)),
    "duration": Function(("from",), lambda text: values.parse_duration(need(text, str))),
    "years and months duration": Function(("from", "to"), years_and_months),
    "not": Function(("negand",), _negation),
    "substring": Function(("string", "start position", "length"), substring),
    "string length": Function(("string",), _text_length),
    "upper case": Function(("string",), lambda text: need(text, str).upper()),
    "lower case": Function(("string",), lambda text: need(text, str).lower()),
    "substring before": Function(("string", "match"), substring_before),
    "substring after": Function(("string", "match"), substring_after),
    "contains": Function(("string", "match"), lambda text, part: need(part, str) in need(text, str)),
    "starts with": Function(("string", "match"), lambda text, part: need(text, str).startswith(need(part, str))),
    "ends with": Function(("string", "match"), lambda text, part: need(text, str).endswith(need(part, str))),
    "matches": Function(("input", "pattern", "flags"), matches),
    "replace": Function(("input", "pattern", "replacement", "flags"), replace),
    "split": Function(("string", "delimiter"), split),
    "string join": Function(("list", "delimiter"), string_join),
    "decimal": Function(("n", "scale"), _rounded(ROUND_HALF_EVEN)),
    "floor": Function(("n", "scale"), _rounded(ROUND_FLOOR)),
    "ceiling": Function(("n", "scale"), _rounded(ROUND_CEILING)),
    "round up": Function(("n", "scale"), _rounded(ROUND_UP)),
    "round down": Function(("n", "scale"), _rounded(ROUND_DOWN)),
    "round half up": Function(("n", "scale"), _rounded(ROUND_HALF_UP)),
    "round half down": Function(("n", "scale"), _rounded(ROUND_HALF_DOWN)),
    "modulo": Function(("dividend", "divisor"), modulo),
    "abs": Function(("n",), absolute),
    "sqrt": Function(("number",), square_root),
    "log": Function(("number",), logarithm),
    "exp": Function(("number",), lambda number: NUMBERS.exp(need(number, Decimal))),
    "odd": Function(("number",), odd),
    "even": Function(("number",), even),
    "day of year": Function(("date",), day_of_year),
    "day of week": Function(("date",), day_of_week),
    "month of year": Function(("date",), month_of_year),
    "week of year": Function(("date",), week_of_year),
    "is": Function(("value1", "value2"), equivalent),
}

"""The values of FEEL in Python, how they compare, and how text becomes one (DMN 1.5, 10.3.2)."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NUMBERS = Context(  # decimal128
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow]
)


@dataclass(frozen=True, slots=True, order=True)
class YearMonthDuration:
    """A years and months duration, counted in months."""

    months: int

    def __str__(self) -> str:
        """Write it as ISO 8601 does, e.g. `P1Y2M`."""
        years, months = divmod(abs(self.months), 12)
        sign = "-" if self.months < 0 else ""
        return sign + "P" + (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end that is None with `unbounded` open has no limit on that side."""

    low: Any
    high: Any
    low_closed: bool = True
    high_closed: bool = True
    low_unbounded: bool = False
    high_unbounded: bool = False

    def contains(self, value: Any) -> bool | None:
        """Tell whether the value lies inside; None when it cannot be compared."""
        above = True if self.low_unbounded else compare(">=" if self.low_closed else ">", value, self.low)
        below = True if self.high_unbounded else compare("<=" if self.high_closed else "<", value, self.high)
        if above is False or below is False:
            return False
        return None if above is None or below is None else True


@dataclass(frozen=True, slots=True)
class Function:
    """A FEEL function: a Python callable with the names of its parameters.

    Attributes:
        variadic: takes any number of values.
        forms: further lists of parameter names by which it may be called.

    """

    parameters: tuple[str, ...]
    call: Callable[..., Any]
    variadic: bool = False
    forms: tuple[tuple[str, ...], ...] = ()

    @property
    def most(self) -> int:
        """The most values it takes."""
        return max(len(form) for form in (self.parameters, *self.forms))


Scalar = Decimal | str | bool | date | time | datetime | timedelta | YearMonthDuration | None


_SAME_IN_BOTH = frozenset({str, bool, type(None)})


def from_python(value: Any) -> Any:
    """Return a FEEL value for a Python one: int and float become decimals (null if not finite), tuples become lists.

    Raises:
        TypeError: a type FEEL does not know.

    """
    if value.__class__ in _SAME_IN_BOTH:
        return value
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value)) if isfinite(value) else None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, Mapping):
        return {str(key): from_python(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [from_python(item) for item in value]
    if isinstance(value, str | date | time | timedelta | YearMonthDuration | Range | Function):
        return value
    raise TypeError(f"FEEL has no value for {type(value).__name__}")


def kind(value: Any) -> str:
    """Return the FEEL type name of a value."""
    for types, name in _KINDS:
        if isinstance(value, types):
            return name
    return "null" if value is None else "any"


_KINDS: tuple[tuple[Any, str], ...] = (
    (bool, "boolean"), ((Decimal, int), "number"), (str, "string"), (datetime, "date and time"), (date, "date"),
    (time, "time"), (timedelta, "days and time duration"), (YearMonthDuration, "years and months duration"),
    (list, "list"), (dict, "context"), (Range, "range"), (Function, "function"),
)  # fmt: skip


def equal(left: Any, right: Any) -> bool | None:
    """Return FEEL equality: values of different kinds give null, null equals only null."""
    if left is None or right is None:
        return left is None and right is None
    if kind(left) != kind(right):
        return None
    if isinstance(left, list):
        if len(left) != len(right):
            return False
        answers = [equal(a, b) for a, b in zip(left, right, strict=True)]
        return False if False in answers else None if None in answers else True
    if isinstance(left, dict):
        if left.keys() != right.keys():
            return False
        return all(equal(left[key], right[key]) for key in left)
    if isinstance(left, datetime | time):
        return _instants(left, right, lambda a, b: bool(a == b))
    return bool(left == right)


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
"""Python's comparisons by FEEL's signs: for two values of one kind that have an order."""
_ORDERED = {
    "number",
    "string",
    "date",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
}


def compare(sign: str, left: Any, right: Any) -> bool | None:
    """Return `left sign right`; null where the kinds differ or have no order."""
    if sign == "=":
        return equal(left, right)
    if sign == "!=":
        answer = equal(left, right)
        return None if answer is None else not answer
    if (name := kind(left)) != kind(right) or name not in _ORDERED:
        return None
    if isinstance(left, datetime | time):
        return _instants(left, right, COMPARISONS[sign])
    return COMPARISONS[sign](left, right)


def _instants(left: Any, right: Any, test: Callable[[Any, Any], bool]) -> bool | None:
    """Compare times and date-times; one without a zone is read as UTC beside one that has it."""
    if isinstance(left, time):
        left, right = _on_a_day(left), _on_a_day(right)
    if (left.tzinfo is None) != (right.tzinfo is None):
        left = left.replace(tzinfo=left.tzinfo or UTC)
        right = right.replace(tzinfo=right.tzinfo or UTC)
    return test(on_timeline(left), on_timeline(right))


def on_timeline(moment: datetime) -> datetime:
    """Return a moment of a named zone in UTC: within one zone Python would compare only the clocks' faces."""
    return moment.astimezone(UTC) if isinstance(moment.tzinfo, ZoneInfo) else moment


def _on_a_day(value: time) -> datetime:
    return datetime.combine(date(2000, 1, 2), value)


_DATE = re.compile(r"(-?)(\d{4,9})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|z|[+-]\d\d:\d\d(?::\d\d)?|@[\w/+-]+)?", re.ASCII)
_DURATION = re.compile(
    r"(-?)P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?(?:(\d{1,12})D)?"
    r"(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12}(?:\.\d{0,30})?)S)?)?",
    re.ASCII,
)


def parse_date(text: str) -> date | None:
    """Read `2025-06-16`; None when it is no such day (years 1 to 9999)."""
    match = _DATE.fullmatch(text)
    if match is None or match[1] or (len(match[2]) > 4 and match[2][0] == "0"):
        return None
    try:
        return date(int(match[2]), int(match[3]), int(match[4]))
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """Read `08:00:00`, with `Z`, `+07:00` or `@Asia/Ho_Chi_Minh` after it."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    micro = int((match[4] or ".0")[1:7].ljust(6, "0"))
    try:
        return time(int(match[1]), int(match[2]), int(match[3]), micro, _zone(match[5]))
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in "Zz":
        return UTC
    if text[0] == "@":
        return ZoneInfo(text[1:])
    parts = [int(part) for part in text[1:].split(":")]
    if parts[0] > 14:
        raise ValueError("no such offset")
    offset = timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2] if len(parts) > 2 else 0)
    return timezone(-offset if text[0] == "-" else offset)


def parse_date_time(text: str) -> datetime | None:
    """Read `2025-06-16T08:00:00+07:00`; a date alone is its midnight."""
    day_text, separator, time_text = text.partition("T")
    day = parse_date(day_text)
    if separator and day is not None and time_text.startswith("24:00:00"):
        midnight = parse_time("00" + time_text[2:])
        try:
            return None if midnight is None else datetime.combine(day + timedelta(days=1), midnight)
        except OverflowError:
            return None
    moment = parse_time(time_text) if separator else time()
    return None if day is None or moment is None else datetime.combine(day, moment)


def parse_duration(text: str) -> timedelta | YearMonthDuration | None:
    """Read an ISO 8601 duration: `P3D`, `PT36H` or `P1Y6M`; months and days do not mix."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()[1:]) or text.endswith("T"):
        return None
    sign = -1 if match[1] else 1
    years, months, days, hours, minutes, seconds = match.groups()[1:]
    if years or months:
        if days or hours or minutes or seconds:
            return None
        return YearMonthDuration(sign * (int(years or 0) * 12 + int(months or 0)))
    try:
        micro = int(Decimal(seconds or 0) * 1_000_000)
        return sign * timedelta(
            days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0), microseconds=micro
        )
    except OverflowError:
        return None


def parse_temporal(text: str) -> Any:
    """Read any of the forms an `@"…"` literal may have; None when it is none of them."""
    return next((value for read in _READERS if (value := read(text)) is not None), None)


_READERS: tuple[Callable[[str], Any], ...] = (
    parse_duration, parse_date, lambda text: parse_date_time(text) if "T" in text else None, parse_time,
)  # fmt: skip


def to_text(value: Any) -> str | None:
    """Return the text of a value as the built-in `string()` does."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal | int):
        return number_text(Decimal(value))
    if isinstance(value, datetime):
        return datetime.combine(value.date(), time()).isoformat()[:11] + time_text(value.timetz())
    if isinstance(value, time):
        return time_text(value)
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, list):
        return "[" + ", ".join(_nested(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_nested(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Range):
        left, right = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
        return f"{left}{to_text(value.low) or ''}..{to_text(value.high) or ''}{right}"
    if isinstance(value, Function):
        return f"function({', '.join(value.parameters)})"
    return str(value)


def _nested(item: Any) -> str:
    return '"' + item + '"' if isinstance(item, str) else to_text(item) or "null"


def number_text(value: Decimal) -> str:
    """Return a number without exponent and without needless zeros."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def time_text(value: time) -> str:
    """Return a time of day with its zone as it was given."""
    text = value.replace(tzinfo=None).isoformat()
    if "." in text:
        text = text.rstrip("0")
    if value.tzinfo is None:
        return text
    if isinstance(value.tzinfo, ZoneInfo):
        return f"{text}@{value.tzinfo.key}"
    offset = value.utcoffset() or timedelta()
    if not offset:
        return text + "Z"
    return text + time(tzinfo=timezone(offset)).isoformat()[8:]


def duration_text(value: timedelta) -> str:
    """Return a days and time duration as ISO 8601."""
    sign, value = ("-", -value) if value < timedelta() else ("", value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    second = f"{seconds}.{value.microseconds:06d}".rstrip("0").rstrip(".") if value.microseconds else str(seconds)
    clock = (
        (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{second}S" if second != "0" else "")
    )
    body = (f"{value.days}D" if value.days else "") + (f"T{clock}" if clock else "")
    return f"{sign}P{body or 'T0S'}"

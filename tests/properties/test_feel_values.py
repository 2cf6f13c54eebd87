"""FEEL beside Python's own arithmetic and calendar, and a parser that never falls over."""

from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.feel import compile_expression, compile_unary_tests, evaluate
from engine.feel.builtins import SCALAR
from engine.feel.collections import COLLECTIONS

REFERENCE = Context(prec=34, rounding=ROUND_HALF_EVEN)
NUMBER = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6)
DAY = st.dates(date(1, 1, 2), date(9999, 12, 30))
ZONE = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(NUMBER, NUMBER)
def test_arithmetic_is_that_of_decimal(a, b):
    context = {"a": a, "b": b}
    assert evaluate("a + b", context) == REFERENCE.add(a, b)
    assert evaluate("a - b", context) == REFERENCE.subtract(a, b)
    assert evaluate("a * b", context) == REFERENCE.multiply(a, b)
    assert evaluate("a / b", context) == (REFERENCE.divide(a, b) if b else None)
    assert evaluate("-a", context) == -a


@given(NUMBER, NUMBER)
def test_comparison_is_that_of_decimal(a, b):
    context = {"a": a, "b": b}
    found = [evaluate(f"a {sign} b", context) for sign in ("<", "<=", "=", ">=", ">", "!=")]
    assert found == [a < b, a <= b, a == b, a >= b, a > b, a != b]


@given(NUMBER, st.integers(-5, 10))
def test_rounding_is_that_of_decimal(a, scale):
    try:
        expected = a.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_EVEN, REFERENCE)
    except InvalidOperation:
        expected = None
    assert evaluate("decimal(a, scale)", {"a": a, "scale": scale}) == expected


@given(NUMBER)
def test_a_number_written_is_read_back(a):
    assert evaluate("number(string(a))", {"a": a}) == a
    assert evaluate(format(abs(a), "f"), {}) == abs(a)


@given(DAY, st.integers(-400, 400))
def test_days_are_those_of_the_calendar(day, days):
    context = {"day": day, "by": timedelta(days=days)}
    try:
        expected = day + timedelta(days=days)
    except OverflowError:
        expected = None
    assert evaluate("day + by", context) == expected
    assert evaluate("day = date(string(day))", context) is True
    assert evaluate("[day.year, day.month, day.day, day.weekday]", context) == [
        day.year, day.month, day.day, day.isoweekday()
    ]  # fmt: skip


@given(st.datetimes(timezones=ZONE), st.datetimes(timezones=ZONE))
def test_moments_are_those_of_the_standard_library(a, b):
    context = {"a": a, "b": b}
    assert evaluate("a < b", context) is (a < b)
    assert evaluate("a - b", context) == a - b
    assert evaluate("date and time(string(a)) = a", context) is True


WHOLE = st.integers(-50, 50)


@given(WHOLE, WHOLE, WHOLE, st.sampled_from("[("), st.sampled_from(")]"))
def test_a_range_is_two_comparisons(x, low, high, opening, closing):
    above = low < x if opening == "(" else low <= x
    below = x < high if closing == ")" else x <= high
    assert bool(evaluate(f"x in {opening}low..high{closing}", {"x": x, "low": low, "high": high})) == (above and below)


@given(st.lists(st.integers(-99, 99), max_size=8))
def test_lists_are_those_of_python(items):
    context = {"items": items}
    assert evaluate("sort(items)", context) == sorted(items)
    assert evaluate("reverse(items)", context) == items[::-1]
    assert evaluate("sum(items)", context) == (sum(items) if items else None)
    assert evaluate("items[item > 0]", context) == [item for item in items if item > 0]
    assert evaluate("for x in items return x * 2", context) == [item * 2 for item in items]


WORDS = [
    "1", ".5", "1e9", '"a"', "a", "b c", "null", "true", "if", "then", "else", "for", "in", "return", "some", "every",
    "satisfies", "function", "instance of", "between", "and", "or", "not", "(", ")", "[", "]", "{", "}", ",", ":", ".",
    "..", "+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "?", "@",
    '@"P1D"', "list", "context", "->", "//", "/*", "date", "sum", "x", "partial", "item", " ", "\n",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
@example("[]]")
@example("]1..2[ in ]")
def test_words_in_any_order_give_a_value_or_a_refusal(text):
    for compile_text in (compile_expression, compile_unary_tests):
        try:
            compiled = compile_text(text, names=["b c"])
        except EngineError:
            continue
        try:
            if compile_text is compile_expression:
                compiled.evaluate({"a": 1, "b c": [1, {"x": 2}], "x": None})
            else:
                compiled.accept(5, {"a": 1, "x": "t"})
        except EngineError:
            pass


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_any_text_gives_a_value_or_a_refusal(text):
    with suppress(EngineError):
        evaluate(text, {"a": 1})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | NUMBER | st.text(max_size=4) | DAY | st.times()
    | st.datetimes(timezones=st.none() | ZONE) | st.timedeltas(max_value=timedelta(days=999)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "key"]), inner, max_size=2),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(sorted({**SCALAR, **COLLECTIONS})), st.lists(VALUES, max_size=4))
def test_a_built_in_given_anything_gives_a_value_or_a_refusal(name, values):
    context = {f"v{place}": value for place, value in enumerate(values)}
    try:
        evaluate(f"{name}({', '.join(context)})", context)
        for other in context:
            evaluate(f"v0 + {other} - v0 * {other}", context)
            evaluate(f"v0 = {other} or v0 < {other} or v0 in {other} or {other}[v0] = v0.a", context)
    except EngineError:
        pass


@given(st.datetimes())
def test_a_moment_has_its_parts(moment):
    found = evaluate("[m.year, m.month, m.day, m.hour, m.minute, m.second]", {"m": moment})
    assert found == [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second]
    assert isinstance(evaluate("date(m)", {"m": moment}), date)
    assert not isinstance(evaluate("date(m)", {"m": moment}), datetime)

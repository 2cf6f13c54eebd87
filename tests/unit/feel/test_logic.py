"""Three-valued logic by truth table, comparison, ranges and tests of cells."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from engine.feel import FeelEvaluationError, compile_expression, compile_unary_tests, evaluate, unary_tests

T, F, N = True, False, None
VALUES = (T, F, N)
AND = {(T, T): T, (T, F): F, (T, N): N, (F, T): F, (F, F): F, (F, N): F, (N, T): N, (N, F): F, (N, N): N}
OR = {(T, T): T, (T, F): T, (T, N): T, (F, T): T, (F, F): F, (F, N): N, (N, T): T, (N, F): N, (N, N): N}


@pytest.mark.parametrize("pair", AND)
def test_and_or(pair):
    context = dict(zip(("a", "b"), pair, strict=True))
    assert evaluate("a and b", context) is AND[pair]
    assert evaluate("a or b", context) is OR[pair]


@pytest.mark.parametrize(("value", "expected"), [(T, F), (F, T), (N, N), (5, N), ("x", N)])
def test_not(value, expected):
    assert evaluate("not(a)", {"a": value}) is expected


@pytest.mark.parametrize("other", [1, "text", [1], {"a": 1}])
def test_what_is_no_boolean_counts_as_unknown(other):
    assert evaluate("a and true", {"a": other}) is None
    assert evaluate("a and false", {"a": other}) is False
    assert evaluate("a or true", {"a": other}) is True


@pytest.mark.parametrize("values", [(x, y, z) for x in VALUES for y in VALUES for z in VALUES])
def test_some_is_or_and_every_is_and(values):
    listed = {"items": list(values)}
    chain = dict(zip("abc", values, strict=True))
    assert evaluate("some x in items satisfies x", listed) is evaluate("a or b or c", chain)
    assert evaluate("every x in items satisfies x", listed) is evaluate("a and b and c", chain)
    assert evaluate("any(items)", listed) is evaluate("a or b or c", chain)
    assert evaluate("all(items)", listed) is evaluate("a and b and c", chain)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 = 1.0", T), ('1 = "1"', N), ("null = null", T), ("1 = null", F), ("null != null", F), ('"a" < "b"', T),
        ("1 < null", N), ('"a" < 1', N), ("true < false", N), ("[1, 2] = [1, 2]", T), ("[1] = [2]", F),
        ("{a: 1, b: 2} = {b: 2, a: 1}", T), ("5 between 1 and 5", T), ("5 between 6 and 9", F),
        ("5 in [1..5]", T), ("5 in [1..5)", F), ("5 in ]5..9]", F), ("5 in (< 6)", T), ("5 in (1, 5, 9)", T),
        ("5 in (> 9, < 2)", F), ('"b" in ["a".."c"]', T), ("null in [1..2]", N), ("3 in [5..1]", F),
        ("5 in [[1..2], [4..6]]", T), ('@"2025-07-01" in [@"2025-01-01"..@"2025-12-31"]', T),
        ("1 instance of number", T), ('"a" instance of number', F), ("[1,2] instance of list<number>", T),
        ("{a: 1} instance of context<a: number>", T), ("null instance of Any", F),
        ("if 1 > 2 then 3 else 4", Decimal(4)), ("if null then 3 else 4", Decimal(4)),
    ],
)  # fmt: skip
def test_comparison(text, expected):
    assert evaluate(text, {}) == expected
    assert (evaluate(text, {}) is None) == (expected is None)


@pytest.mark.parametrize(
    ("tests", "value", "expected"),
    [
        ("-", None, T), ("5", 5, T), ("5, 6", 6, T), ("< 5", 5, F), ("[1..3], > 8", 9, T), ("not(5, 6)", 7, T),
        ("not(< 5)", 3, F), ('"a", "b"', "b", T), ("null", None, T), ("null", 5, F), ("5", None, F), ("< 5", None, F),
        ("? > 2 and ? < 4", 3, T), ("? = null", None, T), ('contains(?, "x")', "axb", T), ("limit", 7, T),
        ("> limit", 8, T), ("? in (1, 2)", 2, T), ("true", True, T), ("true", False, F), ("false", False, T),
        ("true", "text", F), ("limit > 5", "text", T), ("limit > 9", "text", F), ('"5"', 5, F), ("-5", -5, T),
        ("not(null)", 5, T), ("not(null)", None, F), ("(1..5)", 3, T), ('date("2025-01-01")', date(2025, 1, 1), T),
    ],
)  # fmt: skip
def test_tests_of_a_cell(tests, value, expected):
    assert unary_tests(tests, value, {"limit": 7}) is expected


def test_a_condition_must_say_yes_or_no():
    condition = compile_expression("amount > 5")
    assert condition.evaluate_boolean({"amount": 6}) is True
    for context in ({}, {"amount": None}, {"amount": "six"}):
        with pytest.raises(FeelEvaluationError, match="amount > 5"):
            condition.evaluate_boolean(context)
    with pytest.raises(FeelEvaluationError):
        compile_expression("1 + 1").evaluate_boolean({})


def test_names_an_expression_takes_from_outside():
    assert compile_expression("a + b.c + sum(list)").names == {"a", "b", "list"}
    assert compile_expression("for x in xs return x + y").names == {"xs", "y"}
    assert compile_expression("{a: 1, b: a}.b").names == frozenset()
    assert compile_expression("function(x) x + z").names == {"z"}
    assert compile_expression("some x in xs satisfies x > low").names == {"xs", "low"}
    assert compile_expression("add days(d, 1)", functions=["add days"]).names == {"d"}
    assert compile_unary_tests("> low, ? < high").names == {"low", "high"}


def test_moments_with_and_without_zone():
    written = ("2025-07-01T08:00:00+07:00", "2025-07-01T01:00:00+00:00")
    context = dict(zip("ab", map(datetime.fromisoformat, written), strict=True))
    assert evaluate("a = b", context) is True
    assert evaluate("is(a, b)", context) is False

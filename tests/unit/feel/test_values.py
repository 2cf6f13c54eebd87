"""Numbers, texts, dates, durations, lists, contexts, functions and names."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from engine.feel import FeelSyntaxError, YearMonthDuration, compile_expression, evaluate


def duration(days: int = 0, hours: int = 0) -> timedelta:
    return timedelta(days=days, hours=hours)


CASES = [
    # numbers
    ("0.1 + 0.2", Decimal("0.3")), ("1 / 3", Decimal("0." + "3" * 34)), ("1 / 0", None), ("2 ** 10", Decimal(1024)),
    ("-2 ** 2", Decimal(4)), ("10 - 4 - 3", Decimal(3)), ("2 + 3 * 4", Decimal(14)), ("(2 + 3) * 4", Decimal(20)),
    ('1 + "a"', None), ("1 + null", None), (".5 + 1", Decimal("1.5")), ("decimal(2.5, 0)", Decimal(2)),
    ("round half up(2.5, 0)", Decimal(3)), ("floor(-1.5)", Decimal(-2)), ("modulo(-12, 5)", Decimal(3)),
    ("sqrt(16)", Decimal(4)), ("abs(-3)", Decimal(3)), ('number("1.234,5", ".", ",")', Decimal("1234.5")),
    # texts
    ('"Nguyễn " + "Văn A"', "Nguyễn Văn A"), ('upper case("đồng")', "ĐỒNG"), ('string length("🐎ab")', Decimal(3)),
    ('substring("foobar", 3)', "obar"), ('substring("foobar", -2, 1)', "a"),
    ('replace("abcd", "(ab)|(a)", "[1=$1]")', "[1=ab]cd"),
    ('split("a;b;;c", ";")', ["a", "b", "", "c"]), ('string join(["a","b",null,"c"], "-")', "a-b-c"),
    ('matches("GK-2025", "^[A-Z]{2}-\\\\d{4}$")', True), (r'"a\"b"', 'a"b'), (r'"\u0041"', "A"),
    ("string(1.50)", "1.5"),
    ('contains("abc", 5)', None),
    # dates and durations
    ('date("2025-06-16")', date(2025, 6, 16)), ("date(2025, 6, 16)", date(2025, 6, 16)), ('date("2025-02-30")', None),
    ('@"2025-01-31" + @"P1M"', date(2025, 2, 28)), ('@"2024-02-29" + @"P1Y"', date(2025, 2, 28)),
    ('@"2025-03-01" - @"2025-02-28"', duration(1)), ('@"2025-01-01" + @"P10D"', date(2025, 1, 11)),
    ('date and time("2025-06-16T08:00:00@Asia/Ho_Chi_Minh").time offset', duration(hours=7)),
    ('date and time(date("2025-06-16"), time("08:00:00Z"))', datetime(2025, 6, 16, 8, tzinfo=UTC)),
    ('time("08:30:00").minute', Decimal(30)), ('@"08:00:00" + @"PT20H"', time(4, 0)),
    ('duration("P1DT2H")', duration(1, 2)), ('duration("P1Y2M")', YearMonthDuration(14)), ('duration("P1M2D")', None),
    ('@"P1Y" * 2', YearMonthDuration(24)), ('@"P2D" / @"P1D"', Decimal(2)), ('-@"P1D"', duration(-1)),
    ('years and months duration(@"2011-12-22", @"2013-08-24")', YearMonthDuration(20)),
    ('@"2025-06-16".year', Decimal(2025)), ('@"2025-06-16".weekday', Decimal(1)),
    ('day of week(@"2025-06-16")', "Monday"),
    ('string(@"P1DT2H")', "P1DT2H"), ('string(@"2025-06-16T08:00:00+07:00")', "2025-06-16T08:00:00+07:00"),
    # lists
    ("[1,2,3][2]", Decimal(2)), ("[1,2,3][-1]", Decimal(3)), ("[1,2,3][9]", None),
    ("[1,2,3][item > 1]", [Decimal(2), Decimal(3)]),
    ("[{a: 1}, {a: 2}].a", [Decimal(1), Decimal(2)]), ("[{a: 1, b: 5}, {a: 2, b: 6}][a = 2].b", [Decimal(6)]),
    ("count([])", Decimal(0)), ("[]", []), ("sum([1,2,3])", Decimal(6)), ("max(1, 3, 2)", Decimal(3)),
    ("min([])", None),
    ("mean([1,2])", Decimal("1.5")), ("sort([3,1,2], function(a, b) a > b)", [Decimal(3), Decimal(2), Decimal(1)]),
    ("distinct values([1, 1.0, 2])", [Decimal(1), Decimal(2)]), ("flatten([[1],[[2]]])", [Decimal(1), Decimal(2)]),
    ("list contains([1, null], null)", True), ("union([1], [1, 2])", [Decimal(1), Decimal(2)]),
    ("for i in 1..3 return i * i", [Decimal(1), Decimal(4), Decimal(9)]),
    ("for i in 3..1 return i", [Decimal(3), Decimal(2), Decimal(1)]),
    ("for a in [1,2], b in [a, 10] return a + b", [Decimal(2), Decimal(11), Decimal(4), Decimal(12)]),
    ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", [Decimal(n) for n in (1, 1, 2, 6, 24)]),
    ("for d in @\"2025-01-30\"..@\"2025-02-01\" return d.day", [Decimal(30), Decimal(31), Decimal(1)]),
    # contexts and functions
    ("{a: 1, b: a + 1}", {"a": Decimal(1), "b": Decimal(2)}), ('{"a b": 1}.a b', Decimal(1)), ("{a: 1}.z", None),
    ('get value({a: 1}, "a")', Decimal(1)), ('context put({a: 1}, "b", 2)', {"a": Decimal(1), "b": Decimal(2)}),
    ("{f: function(x) x + 1, y: f(2)}.y", Decimal(3)), ("(function(x: number) x)(1)", Decimal(1)),
    ('(function(x: number) x)("a")', None), ('substring(string: "abc", start position: 2)', "bc"),
    ("substring(nonsense: 1)", None), ("unknown(1)", None), ("date(year: 2025, month: 6, day: 16)", date(2025, 6, 16)),
    ("1 // a comment\n + 1", Decimal(2)), ("1 /* a\ncomment */ + 1", Decimal(2)),
    # ranges
    ("before([1..3], 4)", True), ("includes([1..9], [2..3])", True), ("[1..3].end", Decimal(3)),
    ("overlaps([1..5], [4..9])", True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_values(text, expected):
    found = evaluate(text, {})
    assert found == expected
    assert type(found) is type(expected)


def test_python_values_become_feel_values_and_back():
    context = {"i": 3, "f": 0.1, "t": (1, 2), "s": "x", "d": date(2025, 1, 1), "m": {"a": [1]}}
    assert evaluate("[i, f, t, s, d, m.a]", context) == [
        Decimal(3), Decimal("0.1"), [Decimal(1), Decimal(2)], "x", date(2025, 1, 1), [Decimal(1)]
    ]  # fmt: skip
    with pytest.raises(TypeError):
        evaluate("x", {"x": object()})


def test_names_with_spaces_signs_and_letters_of_any_language():
    context = {"số phiếu": 5, "phiếu": 1, "a-b": 2, "tên đơn vị": "X", "Applicant's age": 30, "đ": 4}
    assert evaluate("số phiếu + 1", context) == 6
    assert evaluate("a-b + đ", context) == 6
    assert evaluate("p.full name", {"p": {"full name": "Lan"}}) == "Lan"
    assert evaluate("Applicant's age >= 18", context) is True
    assert evaluate('tên  đơn vị = "X"', context) is True
    assert evaluate("for một người in [1,2] return một người + 1", {}) == [2, 3]


def test_functions_of_the_caller_may_have_several_words():
    text = "add working days(filed, 3) > filed"
    expression = compile_expression(text, functions=["add working days"])
    functions = {"add working days": lambda day, count: day + timedelta(days=int(count))}
    assert expression.evaluate({"filed": date(2025, 6, 2)}, functions) is True
    assert expression.names == {"filed"}


def test_evaluation_changes_nothing_it_was_given():
    context = {"list": [1, 2], "c": {"a": 1}}
    evaluate('[append(list, 3), context put(c, "b", 2), remove(list, 1)]', context)
    assert context == {"list": [1, 2], "c": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("1 +", 3, "an expression"), ("(1", 2, ")"), ("if a then b", 11, "else"), ('"open', 0, 'closing "'),
        ("a # b", 2, "an expression"),
        ("[1, 2", 5, "]"), ("", 0, "an expression"), ("1 2", 2, "an operator"), ("for x on y return x", 6, "in"),
        ("/* open", 0, "closing */"),
    ],
)  # fmt: skip
def test_a_syntax_error_names_the_position_and_what_was_expected(text, position, expected):
    with pytest.raises(FeelSyntaxError) as refusal:
        compile_expression(text)
    assert refusal.value.details["position"] == position
    assert expected in refusal.value.details["expected"]
    assert f"character {position + 1}" in str(refusal.value)


def test_moments_of_a_zone_with_summer_time_are_counted_on_the_timeline():
    text = '@"2025-03-30T03:30:00@Europe/Paris" - @"2025-03-30T01:30:00@Europe/Paris"'
    assert evaluate(text, {}) == duration(hours=1)
    assert evaluate('string(@"2025-03-30T01:30:00@Europe/Paris" + @"PT1H")', {}) == "2025-03-30T03:30:00@Europe/Paris"


def test_what_is_no_finite_number_is_null():
    values = {"a": float("nan"), "b": float("inf"), "c": Decimal("NaN")}
    assert evaluate("[a, b, c, a = b]", values) == [None, None, None, True]

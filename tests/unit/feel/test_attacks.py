"""What a hostile diagram or table could try: reach Python, or keep the server busy. Each is refused within a moment."""

import time
from contextlib import suppress
from datetime import date

import pytest

from engine.feel import FeelEvaluationError, FeelLimitError, FeelSyntaxError, evaluate

PYTHON = [
    '__import__("os").system("id")', '"".__class__', '"".__class__.__mro__[1].__subclasses__()', "[].append",
    "{}.__init__.__globals__", 'open("/etc/passwd")', 'eval("1")', "exec", "lambda: 1", "f.__globals__", "(1).real",
    'globals()', 'getattr(x, "__class__")', '"{0.__class__}".format(x)', "d.__class__", "d.tzinfo", "n.as_tuple()",
    "sum.call", "sum.parameters", "[1..2].contains", '@"P1D".total_seconds', "x.y.__dict__", "date.today()",
]  # fmt: skip


@pytest.mark.parametrize("text", PYTHON)
def test_no_python_can_be_reached(text):
    context = {"x": {"y": 1}, "d": date(2025, 1, 1), "n": 5, "f": "text"}
    try:
        found = evaluate(text, context)
    except FeelSyntaxError:
        return
    assert found is None or found == []


BIG = "for i in 1..50000 return i"
BOMBS = [
    "for a in 1..99999 return for b in 1..99999 return a",
    "for a in 1..999999999 return a",
    "for a in 1..1000, b in 1..1000, c in 1..1000 return 1",
    "every a in 1..99999 satisfies every b in 1..99999 satisfies true",
    "{f: function(x) f(x), r: f(1)}.r",
    "{f: function(g, x) g(g, x), r: f(f, 1)}.r",
    "{f: function(g, n) if n = 0 then 0 else g(g, n - 1) + g(g, n - 1), r: f(f, 50)}.r",
    "9 ** 9 ** 9 ** 9", "2 ** 999999", "1e999999 + 1",
    '{a: "xxxxxxxxxx", b: ' + "+".join(["a"] * 500) + ", c: " + "+".join(["b"] * 500) + "}",
    "{a0: [1,1], " + ", ".join(f"a{n}: [a{n - 1}, a{n - 1}]" for n in range(1, 60)) + "}",
    "{a0: [1,1], " + ", ".join(f"a{n}: [a{n - 1}, a{n - 1}]" for n in range(1, 60)) + ", z: string(a59)}.z",
    "{a0: [1,1], b0: [1,1], "
    + ", ".join(f"a{n}: [a{n - 1}, a{n - 1}], b{n}: [b{n - 1}, b{n - 1}]" for n in range(1, 60))
    + ", z: a59 = b59}.z",
    "{a: for i in 1..1000 return 1, b: for i in 1..1000 return a, c: for i in 1..1000 return b, z: flatten(c)}.z",
    "{l: " + BIG + ", z: for i in 1..50000 return list contains(l, -1)}.z",
    "{l: " + BIG + ", z: for i in 1..50000 return l = l}.z",
    "{l: " + BIG + ", z: for i in 1..50000 return l[item > 5]}.z",
    "{l: for i in 1..5000 return [i], z: distinct values(l)}.z",
    "{l: " + BIG + ", z: sort(l, function(a, b) sort(l, function(c, d) c < d) = null)}.z",
    "for i in 1..100000 return partial",
    '{s: for i in 1..50000 return "' + "x" * 60 + '", z: string join(s, "yyyyyyyyyyyyyyyyyyyyyyyy")}.z',
    '{s: string join(for i in 1..90000 return "aaaaaaaaaa", ""), z: replace(s, "", s)}.z',
    '{s: string join(for i in 1..90000 return "aaaaaaaaaa", ""), z: replace(s, "(.*)", "' + "$1" * 25 + '")}.z',
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "^(a+)+$")',
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "^(a|aa)+$")',
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "^(a|a)*$")',
    '{s: string join(for i in 1..9000 return "a", ""), z: matches(s, "a*a*a*a*a*b")}.z',
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "(a*)(\\\\1)*c")',
    "(" * 5000 + "1" + ")" * 5000, "[" * 5000, "-" * 9000 + "1", "1" + "+1" * 9000, "not(" * 3000 + "true" + ")" * 3000,
    "a" + ".b" * 9000, "a" + "[1]" * 6000, "if true then " * 1500 + "1", "{a:" * 3000, "x" * 30_000, "/*" * 9000,
    "a" + " " * 19_000 + "b", '"' + "\\" * 9000, "function(a) " * 1500 + "1", "1 in (" * 3000,
    "@" + '"P' + "9" * 9000 + 'Y"', "9" * 19_000, 'duration("P' + "9" * 5000 + 'D")', 'number("' + "9" * 9000 + '")',
    'date("99999999999999999999-01-01")', '@"2025-01-01" + @"P999999999999Y"', '@"P1D" * 1e300', '@"P1Y" * 1e6000',
    "sort([" + ",".join(["3,1,2"] * 2000) + "])", 'substring("abc", 1e6000, -1e6000)',
    "[1][1e6000]", "decimal(1, 1e6000)",
    "log(1e6000)", "exp(1e6000)", "sqrt(1e-6000)", "modulo(1e6000, 1e-6000)", "string(1e6000)",
    "for i in 1..1e6000 return 1",
]  # fmt: skip


@pytest.mark.parametrize("text", BOMBS, ids=[text[:40] for text in BOMBS])
def test_bombs_are_bounded(text):
    begun = time.process_time()
    with suppress(FeelLimitError, FeelSyntaxError, FeelEvaluationError):
        evaluate(text, {"a": {"b": 1}})
    assert time.process_time() - begun < 4

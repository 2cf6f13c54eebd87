"""The checker finds what is wrong with a table and shows inputs; on small tables it agrees with brute force."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import dmn
from tests.unit.dmn.tables import table

WORD = [("word", "string")]


def findings(xml: bytes, rule: str) -> list[dmn.Finding]:
    return [finding for finding in dmn.load(xml, strict=False).findings() if finding.rule == rule]


def test_an_overlap_under_unique_is_an_error_with_an_example_that_shows_it():
    xml = table([("n", "number"), ("kind", "string")], WORD, [["[1..5]", "-", '"a"'], ["[5..9]", '"X"', '"b"']],
                defaults={"word": '"c"'})  # fmt: skip
    (found,) = findings(xml, "overlap")
    assert found.severity == "error"
    assert found.example == {"n": Decimal(5), "kind": "X"}
    with pytest.raises(dmn.RulesConflictError):
        dmn.load(xml).evaluate("d", found.example)


def test_a_gap_is_a_warning_with_an_example_that_shows_it():
    xml = table([("n", "number")], WORD, [["< 5", '"a"'], ["> 5", '"b"']])
    (found,) = findings(xml, "gap")
    assert (found.severity, found.example) == ("warning", {"n": Decimal(5)})
    with pytest.raises(dmn.NoRuleMatchedError):
        dmn.load(xml).evaluate("d", found.example)


def test_allowed_values_leave_no_gap_outside_them():
    rows = [['"A"', '"a"'], ['"B"', '"b"']]
    assert findings(table([("k", "string")], WORD, rows), "gap")
    assert not findings(table([("k", "string")], WORD, rows, allowed={"k": '"A","B"'}), "gap")


def test_dates_meet_without_gap_and_overlap():
    rows = [['< @"2025-07-01"', '"old"'], ['>= date("2025-07-01")', '"new"']]
    xml = table([("on", "date")], WORD, rows)
    assert dmn.load(xml).findings() == []
    shifted = table([("on", "date")], WORD, [rows[0], ['>= @"2025-06-30"', '"new"']])
    assert [str(f.example["on"]) for f in findings(shifted, "overlap")] == ["2025-06-30"]


def test_a_rule_that_none_can_reach_is_told():
    xml = table([("n", "number")], WORD, [["-", '"a"'], ["> 3", '"b"']], policy="FIRST")
    assert [f.row for f in findings(xml, "unreachable")] == [2]


def test_values_of_another_type_are_told_with_their_cell():
    xml = table([("n", "number")], WORD, [['"five"', '"a"'], ["-", "7"]])
    assert [(f.row, f.column) for f in findings(xml, "type")] == [(1, "n"), (2, "word")]


def test_names_the_decision_does_not_require_are_told():
    xml = table([("n", "number")], WORD, [["> limit", '"a"'], ["-", "other"]], policy="FIRST")
    assert [(f.row, f.message.split()[-1]) for f in findings(xml, "unknown_name")] == [(1, "'limit'"), (2, "'other'")]


CELL = st.one_of(
    st.just("-"),
    st.integers(0, 4).map(str),
    st.builds(lambda sign, n: f"{sign} {n}", st.sampled_from(["<", "<=", ">", ">="]), st.integers(0, 4)),
    st.builds(lambda a, b, o, c: f"{o}{min(a, b)}..{max(a, b)}{c}", st.integers(0, 4), st.integers(0, 4),
              st.sampled_from("[("), st.sampled_from(")]")),
    st.builds(lambda a, b: f"not({a}, {b})", st.integers(0, 4), st.integers(0, 4)),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=4))
def test_the_checker_agrees_with_brute_force(cells):
    rows = [[first, second, f'"{number}"'] for number, (first, second) in enumerate(cells)]
    xml = table([("a", "number"), ("b", "number")], WORD, rows)
    steps = [Decimal(n) / 2 for n in range(-2, 11)]
    tests = [rule.tests for rule in dmn.load(xml).rules("d")]
    hits = [
        sum(left.accept(a, {}) and right.accept(b, {}) for left, right in tests) for a, b in product(steps, repeat=2)
    ]
    assert bool(findings(xml, "overlap")) == any(count > 1 for count in hits)
    assert bool(findings(xml, "gap")) == any(count == 0 for count in hits)

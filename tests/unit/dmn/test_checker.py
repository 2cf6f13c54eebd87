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


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5), st.sampled_from(["UNIQUE", "FIRST"]))
def test_rules_without_an_input_are_those_brute_force_never_reaches(cells, policy):
    rows = [[first, second, f'"{number}"'] for number, (first, second) in enumerate(cells)]
    xml = table([("a", "number"), ("b", "number")], WORD, rows, policy=policy)
    steps = [Decimal(n) / 2 for n in range(-2, 11)]
    tests = [rule.tests for rule in dmn.load(xml).rules("d")]
    reached = set()
    for a, b in product(steps, repeat=2):
        hits = [number for number, (left, right) in enumerate(tests, 1) if left.accept(a, {}) and right.accept(b, {})]
        reached |= set(hits[:1] if policy == "FIRST" else hits)
    found = findings(xml, "unreachable")
    assert {finding.row for finding in found} == set(range(1, len(rows) + 1)) - reached
    assert all(finding.example for finding in found)
    for finding in found:
        if finding.other_row is not None:
            row, first = tests[finding.row - 1], tests[finding.other_row - 1]
            values = [finding.example["a"], finding.example["b"]]
            assert all(test.accept(value, {}) for test, value in zip(row, values, strict=True))
            assert all(test.accept(value, {}) for test, value in zip(first, values, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELL, st.sampled_from(["-", '"x"', '"y"', 'not("x")'])), min_size=1, max_size=4))
def test_every_example_shows_what_is_said_of_it(cells):
    rows = [[first, second, f'"{number}"'] for number, (first, second) in enumerate(cells)]
    xml = table([("a", "number"), ("kind", "string")], WORD, rows)
    model = dmn.load(xml)
    for overlap in findings(xml, "overlap"):
        with pytest.raises(dmn.RulesConflictError) as refused:
            model.evaluate("d", overlap.example)
        assert {overlap.row, overlap.other_row} <= set(refused.value.details["rows"])
    for gap in findings(xml, "gap"):
        with pytest.raises(dmn.NoRuleMatchedError):
            model.evaluate("d", gap.example)


def test_a_rule_hidden_behind_another_shows_an_input_of_both():
    xml = table([("n", "number")], WORD, [["> 0", '"a"'], ["> 3", '"b"']], policy="FIRST", defaults={"word": '"c"'})
    (found,) = findings(xml, "unreachable")
    assert (found.row, found.other_row) == (2, 1)
    assert found.example["n"] > 3


def test_a_cell_that_nothing_passes_is_named_by_its_column():
    xml = table([("k", "string"), ("n", "number")], WORD, [['"A"', "> 3", '"a"'], ['"B"', "(3..3)", '"b"']],
                allowed={"k": '"A","B"'}, defaults={"word": '"c"'})  # fmt: skip
    (found,) = findings(xml, "unreachable")
    assert (found.row, found.column, list(found.example)) == (2, "n", ["n"])


# bad input: each error names table, row and column, and what to do


@pytest.mark.parametrize(
    ("inputs", "kind", "said"),
    [
        ({}, dmn.DecisionInputError, ["'n' is missing"]),
        ({"n": "five", "k": "A"}, dmn.DecisionInputError, ["input n", "number"]),
        ({"n": 1, "k": "C"}, dmn.DecisionInputError, ["table d", "column k", '"A","B"']),
        ({"n": 9, "k": "A"}, dmn.NoRuleMatchedError, ["table d", "n = 9", "k = A", "add a row or a default output"]),
        ({"n": 3, "k": "A"}, dmn.RulesConflictError, ["table d", "rows 1, 2", "Unique"]),
        ({"n": 7, "k": "B"}, dmn.DmnFileError, ["table d", "row 3", "column word", "number"]),
    ],
)
def test_bad_input_is_refused_by_table_row_and_column(inputs, kind, said):
    xml = table([("n", "number"), ("k", "string")], [("word", "number")],
                [["[1..3]", "-", "1"], ["[3..5]", "-", "2"], ["7", "-", 'if true then "x" else 1']],
                allowed={"k": '"A","B"'})  # fmt: skip
    with pytest.raises(kind) as refused:
        dmn.load(xml).evaluate("d", inputs)
    for words in said:
        assert words in str(refused.value)

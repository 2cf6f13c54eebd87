"""Decision tables: each hit policy, the trace with its sources, and a refusal that names row and column."""

from decimal import Decimal

import pytest

from engine import dmn
from tests.unit.dmn.tables import table

AGES = [("age", "number")]
WORD = [("word", "string")]


def decide(xml: bytes, **inputs: object) -> object:
    return dmn.load(xml).evaluate("d", inputs).value


def test_a_unique_table_answers_with_the_row_that_fits_and_its_source():
    xml = table(
        AGES, WORD, [["< 18", '"child"', "R1", "Điều 9"], [">= 18", '"adult"', "R2", "Điều 10"]],
        notes=["rule", "source"],
    )  # fmt: skip
    decision = dmn.load(xml).evaluate("d", {"age": 30})

    assert decision.value == "adult"
    (trace,) = decision.trace.tables
    assert (trace.hit_policy, trace.inputs) == ("U", {"age": Decimal(30)})
    (rule,) = trace.matched
    assert (rule.number, rule.id) == (2, "r2")
    assert rule.annotations == {"rule": "R2", "source": "Điều 10"}
    assert len(decision.trace.sha256) == 64


def test_several_outputs_are_a_context():
    xml = table(AGES, [("word", "string"), ("fee", "number")], [["-", '"any"', "2 * age"]])
    assert decide(xml, age=4) == {"word": "any", "fee": Decimal(8)}


def test_two_rows_that_fit_under_unique_are_refused_by_number():
    xml = table(AGES, WORD, [["> 10", '"a"'], ["> 20", '"b"']])
    with pytest.raises(dmn.RulesConflictError, match="rows 1, 2") as refusal:
        decide(xml, age=30)
    assert refusal.value.details["rows"] == [1, 2]


def test_no_row_that_fits_is_refused_with_the_inputs_and_never_empty():
    xml = table(AGES, WORD, [["> 10", '"a"']])
    with pytest.raises(dmn.NoRuleMatchedError, match="no rule fits age = 5"):
        decide(xml, age=5)


def test_a_default_output_answers_where_no_row_fits():
    xml = table(AGES, WORD, [["> 10", '"a"']], defaults={"word": '"none"'})
    assert decide(xml, age=5) == "none"


def test_any_accepts_rows_that_agree_and_refuses_rows_that_differ():
    xml = table(AGES, WORD, [["> 10", '"a"'], ["> 20", '"a"'], ["> 30", '"b"']], policy="ANY")
    assert decide(xml, age=25) == "a"
    with pytest.raises(dmn.RulesConflictError, match="differ"):
        decide(xml, age=40)


def test_first_stops_at_the_first_row():
    assert decide(table(AGES, WORD, [["> 10", '"a"'], ["-", '"b"']], policy="FIRST"), age=40) == "a"


ORDERED = {"output_values": {"word": '"high","low"'}}
ROWS = [["> 10", '"low"'], ["> 20", '"high"'], ["> 30", '"low"']]


def test_priority_and_output_order_follow_the_listed_values():
    assert decide(table(AGES, WORD, ROWS, policy="PRIORITY", **ORDERED), age=40) == "high"
    assert decide(table(AGES, WORD, ROWS, policy="OUTPUT ORDER", **ORDERED), age=40) == ["high", "low", "low"]


def test_rule_order_and_collect_return_every_output():
    assert decide(table(AGES, WORD, ROWS, policy="RULE ORDER"), age=40) == ["low", "high", "low"]
    assert decide(table(AGES, WORD, ROWS, policy="COLLECT"), age=25) == ["low", "high"]
    assert decide(table(AGES, WORD, ROWS, policy="COLLECT"), age=1) == []


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 60), ("MIN", 10), ("MAX", 30), ("COUNT", 3)])
def test_collect_aggregates(aggregation, expected):
    rows = [["-", "10"], ["-", "20"], ["-", "30"], ["> 100", "7"]]
    xml = table(AGES, [("fee", "number")], rows, policy="COLLECT", aggregation=aggregation)
    assert decide(xml, age=1) == Decimal(expected)


def test_a_sum_of_nothing_is_refused():
    xml = table(AGES, [("fee", "number")], [["> 100", "7"]], policy="COLLECT", aggregation="SUM")
    with pytest.raises(dmn.NoRuleMatchedError):
        decide(xml, age=1)


def test_a_missing_input_is_named():
    with pytest.raises(dmn.DecisionInputError, match="'age' is missing"):
        decide(table(AGES, WORD, [["-", '"a"']]))


def test_an_input_of_another_type_is_named():
    with pytest.raises(dmn.DecisionInputError, match="age: thirty is no number"):
        decide(table(AGES, WORD, [["-", '"a"']]), age="thirty")


def test_a_value_outside_the_allowed_ones_is_refused():
    xml = table([("kind", "string")], WORD, [["-", '"a"']], allowed={"kind": '"PERSON","UNIT"'})
    assert decide(xml, kind="UNIT") == "a"
    with pytest.raises(dmn.DecisionInputError, match="DOG is not one of"):
        decide(xml, kind="DOG")


def test_an_output_of_another_type_or_outside_its_values_is_refused_with_its_row():
    with pytest.raises(dmn.DmnFileError, match="row 1, column word: 5 is no string"):
        decide(table(AGES, WORD, [["-", "5"]]), age=1)
    with pytest.raises(dmn.DmnFileError, match="row 1, column word: other is not one of"):
        decide(table(AGES, WORD, [["-", '"other"']], **ORDERED), age=1)


def test_cells_may_ask_about_the_value_and_other_inputs():
    rows = [["? > limit and ? < 2 * limit", "-", '"between"'], ["not(? > limit and ? < 2 * limit)", "-", '"outside"']]
    xml = table([("n", "number"), ("limit", "number")], WORD, rows)
    assert decide(xml, n=15, limit=10) == "between"
    assert decide(xml, n=25, limit=10) == "outside"


def test_further_functions_are_given_by_the_caller():
    xml = table([("day", "date")], [("until", "date")], [["-", "add working days(day, 2)"]])
    model = dmn.load(xml, functions=("add working days",))
    from datetime import date, timedelta

    functions = {"add working days": lambda day, count: day + timedelta(days=int(count))}
    assert model.evaluate("d", {"day": date(2025, 6, 2)}, functions).value == date(2025, 6, 4)


def test_pages_can_show_the_table():
    xml = table([("kind", "string")], WORD, [["-", '"a"', "R1"]], allowed={"kind": '"A","B"'}, notes=["rule"])
    model = dmn.load(xml)
    shown = model.table("d")
    assert model.decisions == ("d",)
    assert model.looked_up_by == "filed_on"
    assert [(data.name, data.type_name) for data in model.inputs("d")] == [("kind", "string")]
    assert [(column.label, column.allowed_text) for column in shown.inputs] == [("kind", '"A","B"')]
    assert [(rule.tests[0].text, rule.outputs[0].text, rule.annotations) for rule in model.rules("d")] == [
        ("-", '"a"', {"rule": "R1"})
    ]

"""Models of several decisions: requirements, knowledge, boxed expressions, services, types, imports, dated versions."""

from datetime import date
from decimal import Decimal

import pytest

from engine import dmn
from engine.errors import NotFoundError
from tests.unit.dmn.tables import model, table


def need(kind: str, target: str) -> str:
    group = "knowledge" if kind == "Knowledge" else "information"
    return f'<{group}Requirement><required{kind} href="#{target}"/></{group}Requirement>'


def literal(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


def decision(name: str, logic: str, *needs: str, type_name: str = "Any") -> str:
    variable = f'<variable name="{name}" typeRef="{type_name}"/>'
    return f'<decision id="{name}" name="{name}">{variable}{"".join(needs)}{logic}</decision>'


INPUT = '<inputData id="n" name="n"><variable name="n" typeRef="number"/></inputData>'


def value(body: str, name: str, **inputs: object) -> object:
    return dmn.load(model(body)).evaluate(name, inputs).value


def test_required_decisions_are_evaluated_first_and_once():
    body = INPUT + decision("twice", literal("2 * n"), need("Input", "n"))
    body += decision("both", literal("twice + twice"), need("Decision", "twice"))
    assert value(body, "both", n=3) == Decimal(12)
    assert [data.name for data in dmn.load(model(body)).inputs("both")] == ["n"]


def test_decisions_that_require_each_other_are_refused():
    body = decision("a", literal("b"), need("Decision", "b")) + decision("b", literal("a"), need("Decision", "a"))
    with pytest.raises(dmn.DmnFileError, match="a → b → a"):
        value(body, "a")


def test_a_knowledge_model_is_called_by_position_by_name_and_by_invocation():
    knowledge = (
        '<businessKnowledgeModel id="k" name="k"><encapsulatedLogic><formalParameter name="x" typeRef="number"/>'
        f"{literal('x * x')}</encapsulatedLogic></businessKnowledgeModel>"
    )
    invocation = f'<invocation>{literal("k")}<binding><parameter name="x"/>{literal("5")}</binding></invocation>'
    for logic, expected in ((literal("k(3)"), 9), (literal("k(x: 4)"), 16), (invocation, 25)):
        assert value(knowledge + decision("d", logic, need("Knowledge", "k")), "d") == Decimal(expected)
    assert value(knowledge + decision("d", literal('k("text")'), need("Knowledge", "k")), "d") is None


def test_boxed_expressions():
    context = (
        f'<context><contextEntry><variable name="a"/>{literal("2")}</contextEntry>'
        f'<contextEntry><variable name="b"/>{literal("a + 1")}</contextEntry></context>'
    )
    assert value(decision("d", context), "d") == {"a": Decimal(2), "b": Decimal(3)}
    relation = f'<relation><column name="x"/><row>{literal("1")}</row><row>{literal("2")}</row></relation>'
    assert value(decision("d", relation), "d") == [{"x": Decimal(1)}, {"x": Decimal(2)}]
    parts = f"<if>{literal('true')}</if><then>{literal('1')}</then><else>{literal('2')}</else>"
    conditional = f"<conditional>{parts}</conditional>"
    assert value(decision("d", conditional), "d") == Decimal(1)
    kept = f"<filter><in>{literal('[1,2,3]')}</in><match>{literal('item > 1')}</match></filter>"
    assert value(decision("d", kept), "d") == [Decimal(2), Decimal(3)]
    loop = f'<for iteratorVariable="i"><in>{literal("1..3")}</in><return>{literal("i + count(partial)")}</return></for>'
    assert value(decision("d", loop.replace("1..3", "[1..3]")), "d") == [Decimal(1), Decimal(3), Decimal(5)]


def test_a_service_answers_with_its_outputs_and_takes_input_decisions_as_given():
    body = INPUT + decision("twice", literal("2 * n"), need("Input", "n"))
    body += decision("more", literal("twice + 1"), need("Decision", "twice"))
    parts = '<outputDecision href="#more"/><inputDecision href="#twice"/>'
    body += f'<decisionService id="s" name="s">{parts}</decisionService>'
    assert value(body, "s", twice=10) == Decimal(11)


def test_item_definitions_check_inputs():
    body = (
        '<itemDefinition name="tPerson"><itemComponent name="age"><typeRef>number</typeRef></itemComponent>'
        '</itemDefinition><inputData id="p" name="p"><variable name="p" typeRef="tPerson"/></inputData>'
    ) + decision("d", literal("p.age"), need("Input", "p"))
    assert value(body, "d", p={"age": 3}) == Decimal(3)
    for wrong in ({"age": "three"}, {}, 5):
        with pytest.raises(dmn.DecisionInputError, match="input p"):
            value(body, "d", p=wrong)


def test_a_decision_of_another_type_than_it_says_is_refused():
    with pytest.raises(dmn.DmnFileError, match="decision d: text is no number"):
        value(decision("d", literal('"text"'), type_name="number"), "d")


def test_an_imported_model_is_reached_by_its_name():
    other = dmn.load(model(
        '<businessKnowledgeModel id="k" name="k"><encapsulatedLogic><formalParameter name="x"/>'
        f"{literal('x + 1')}</encapsulatedLogic></businessKnowledgeModel>"
    ))  # fmt: skip
    needed = '<knowledgeRequirement><requiredKnowledge href="urn:test#k"/></knowledgeRequirement>'
    body = model(decision("d", literal("lib.k(1)"), needed)).replace(b'urn:test"', b'urn:other"', 1)
    body = body.replace(b"<decision ", b'<import name="lib" namespace="urn:test"/><decision ', 1)
    assert dmn.load(body, other).evaluate("d", {}).value == Decimal(2)
    with pytest.raises(dmn.DmnFileError, match="was not given"):
        dmn.load(body)


def test_the_table_in_force_on_a_day():
    old, new = (dmn.load(table([], [("n", "number")], [[figure]])) for figure in ("1", "2"))
    versions = dmn.TableVersions("prize", [(date(2025, 7, 1), new), (date(2024, 1, 1), old)])
    assert versions.in_force(date(2025, 6, 30)).model is old
    found = versions.in_force(date(2025, 7, 1))
    assert (found.model, found.valid_from, found.sha256) == (new, date(2025, 7, 1), new.sha256)
    assert versions.in_force(date(2025, 6, 30)).valid_until == date(2025, 7, 1)
    with pytest.raises(dmn.NoTableInForceError, match="prize"):
        versions.in_force(date(2023, 12, 31))


def test_an_unknown_decision_is_not_found():
    with pytest.raises(NotFoundError, match="no decision 'x'"):
        value(decision("d", literal("1")), "x")


def test_a_decision_sees_only_what_it_requires():
    body = INPUT + '<inputData id="m" name="m"><variable name="m" typeRef="number"/></inputData>'
    body += decision("d", literal("if m = null then 0 else n + m"), need("Input", "n"))
    assert value(body, "d", n=1, m=2) == Decimal(0)
    findings = dmn.load(model(body)).findings()
    assert [(found.rule, found.message) for found in findings] == [("unknown_name", "decision d: unknown name 'm'")]


def test_instance_of_knows_the_types_of_the_file():
    body = (
        '<itemDefinition name="tKind"><typeRef>string</typeRef><allowedValues><text>"A","B"</text></allowedValues>'
        "</itemDefinition>"
    ) + decision("d", literal('["A" instance of tKind, "C" instance of tKind, null instance of tKind]'))
    assert value(body, "d") == [True, False, False]

"""Every table loads, checks clean, says by which date it is looked up, and speaks both languages."""

import ast
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from lxml import etree

from engine.deployment import TableFile
from engine.dmn import DecisionTable, Model, NoTableInForceError, TableVersions, check, load
from engine.feel import evaluate
from tests.unit.rulebook.files import BPMN, decide, files, keys, model, versions
from workflows.documents.models import DocumentKind
from workflows.labels import LANGUAGES, catalogue, missing
from workflows.nominations.models import AwardForm, Ground, NomineeKind
from workflows.roles import load_roles

TABLES = {
    "authority", "deadlines", "eligibility", "holidays", "legal_bases", "policy", "prize", "required_documents",
    "signature", "visibility", "vote_outcome",
}  # fmt: skip
LOOKED_UP_BY = {
    "required_documents": "filed_on", "eligibility": "filed_on", "vote_outcome": "opened_on", "prize": "decided_on",
    "deadlines": "opened_on", "legal_bases": "filed_on", "authority": "decided_on", "policy": "on",
    "signature": "decided_on",
     "holidays": "on", "visibility": "on",
}  # fmt: skip
CODES = {"parameter": "policy", "role": "roles"}
FREE_TEXT = {
    "article", "first_line", "minister_title", "name", "number_pattern", "post_begins_with", "second_line",
    "signer_title", "title",
}  # fmt: skip
each_file = pytest.mark.parametrize("file", files(), ids=lambda file: f"{file.table}/{file.valid_from}")


def test_every_table_is_named_here() -> None:
    assert set(keys()) == TABLES


@each_file
def test_a_table_checks_clean(file: TableFile) -> None:
    assert check(file.xml) == []
    found = load(file.xml)
    assert (found.name, found.element(file.table).id) == (file.table, file.table)
    assert found.looked_up_by == LOOKED_UP_BY[file.table]
    assert "Tra theo" in found.element(file.table).description
    assert "Căn cứ" in found.element(file.table).description


@each_file
def test_every_row_names_its_rule_and_source_and_its_mark(file: TableFile) -> None:
    for table in load(file.xml).tables.values():
        assert table.annotation_names == ("rule", "source", "confidence")
        assert len({rule.id for rule in table.rules}) == len(table.rules)
        for rule in table.rules:
            assert rule.annotations["rule"]
            assert len(rule.annotations["source"]) > 10
            assert rule.annotations["confidence"] in {"T", "Q", "S", "B", "D"}
            if rule.annotations["confidence"] in {"S", "B"}:
                assert re.search(r"xác nhận|đối chiếu|phỏng định", rule.annotations["source"]), rule.id


@each_file
def test_modellers_that_read_dmn_1_3_open_it(file: TableFile) -> None:
    root = etree.fromstring(file.xml)
    assert etree.QName(root).namespace == "https://www.omg.org/spec/DMN/20191111/MODEL/"
    ids = [node.get("id") for node in root.iter() if isinstance(node.tag, str) and node.get("id")]
    assert len(ids) == len(set(ids))
    drawn = {node.get("dmnElementRef") for node in root.iter() if node.get("dmnElementRef")}
    wanted = ("decision", "inputData", "informationRequirement")
    assert drawn == {node.get("id") for node in root.iter() if etree.QName(node).localname in wanted}


@pytest.mark.parametrize("key", sorted(TABLES))
def test_the_dates_of_a_table_leave_no_gap(key: str) -> None:
    days = versions(key)
    assert days[0] == date(2019, 1, 1)
    dated = TableVersions(key, [(day, model(key, day)) for day in days])
    with pytest.raises(NoTableInForceError):
        dated.in_force(days[0] - timedelta(days=1))
    for before, after in zip(days, [*days[1:], None], strict=True):
        found = dated.in_force(before)
        assert (found.valid_from, found.valid_until) == (before, after)
        if after is not None:
            assert dated.in_force(after - timedelta(days=1)).valid_from == before


@pytest.mark.parametrize("key", sorted(TABLES))
def test_all_versions_of_a_table_ask_and_answer_the_same(key: str) -> None:
    shapes = {_shape(model(key, day), key) for day in versions(key)}
    assert len(shapes) == 1


def _shape(found: Model, key: str) -> tuple[Any, ...]:
    inputs = frozenset((data.name, data.type_name) for data in found.inputs(key))
    return inputs, tuple((name, tuple(clause.name for clause in table.outputs)) for name, table in found.tables.items())


def test_everything_in_the_tables_has_words_in_both_languages() -> None:
    wanted: set[str] = {f"looked_up_by.{name}" for name in LOOKED_UP_BY.values()}
    for file in files():
        found = load(file.xml)
        wanted |= {f"tables.{name}" for name in found.decisions}
        wanted |= {f"inputs.{data.name}" for data in found.inputs(file.table)}
        for table in found.tables.values():
            wanted |= set(_label_keys(table))
    wanted |= {f"confidence.{mark}" for mark in "TQSBD"}
    assert missing(wanted) == []


def _label_keys(table: DecisionTable) -> Iterator[str]:
    for clause in table.inputs:
        plain_name = clause.expression.text.isidentifier()
        yield f"inputs.{clause.expression.text if plain_name else clause.id}"
        if clause.type_name == "string" and clause.allowed_text:
            for value in evaluate(f"[{clause.allowed_text}]", {}):
                section = CODES.get(clause.expression.text, f"enums.{clause.expression.text}")
                yield from [f"{section}.{value}"] if value else []
    for column, clause in enumerate(table.outputs):
        yield f"outputs.{clause.name}"
        values = [rule.outputs[column].text for rule in table.rules]
        for text in values if clause.name not in FREE_TEXT else []:
            for code in re.findall(r'"([^"]+)"', text):
                yield from (f"enums.{clause.name}.{one}" for one in code.split(",") if not one.isdigit())


def test_every_eligibility_code_has_its_sentence_with_an_article() -> None:
    codes = {value for row in _all_rows("eligibility") for value in re.findall(r'"(\w+)"', row[1])}
    assert missing(f"enums.eligibility_code.{code}" for code in codes) == []
    for language in LANGUAGES:
        known = {key.rpartition(".")[2] for key in catalogue(language) if key.startswith("enums.eligibility_code.")}
        assert known == codes


def _all_rows(key: str) -> Iterator[list[str]]:
    for day in versions(key):
        for rule in model(key, day).rules(key):
            yield [output.text for output in rule.outputs]


def test_the_codes_of_the_tables_are_those_of_the_facts() -> None:
    grounds = {"", *(ground.value for ground in Ground)}
    for file in files():
        for table in load(file.xml).tables.values():
            allowed = {
                clause.expression.text: set(evaluate(f"[{clause.allowed_text}]", {}))
                for clause in table.inputs
                if clause.allowed_text and clause.type_name == "string"
            }
            assert allowed.get("form", set(AwardForm)) == set(AwardForm)
            assert allowed.get("nominee_kind", set(NomineeKind)) == set(NomineeKind)
            assert allowed.get("ground", grounds) == grounds
    items = {row[0].strip('"') for row in _all_rows("required_documents")}
    assert items <= set(DocumentKind)


# what code and diagrams look up


def _constants(tree: ast.AST, function: str, position: int) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or len(node.args) <= position:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        argument = node.args[position]
        if name == function and isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def _parameters(tree: ast.Module) -> Iterator[str]:
    """What `{"parameter": …}` asks for: a text, or a constant of the module."""
    named = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict) and [getattr(key, "value", "") for key in node.keys] == ["parameter"]:
            value = node.values[0]
            yield from [str(value.value)] if isinstance(value, ast.Constant) else []
            yield from [str(named[value.id])] if isinstance(value, ast.Name) and value.id in named else []


@cache
def _modules() -> tuple[ast.Module, ...]:
    paths = sorted(path for folder in ("workflows", "webapp") for path in (BPMN.parent / folder).rglob("*.py"))
    ours = (path for path in paths if not {"node_modules", "demo"} & set(path.parts))
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in ours)


def _looked_up(function: str, position: int = 1) -> set[str]:
    return {found for module in _modules() for found in _constants(module, function, position)}


def test_every_parameter_that_code_asks_for_exists_on_every_day() -> None:
    for parameter in _asked_parameters():
        for day in versions("policy"):
            assert decide("policy", day.isoformat(), {"parameter": parameter}) is not None, parameter


def test_no_parameter_is_without_effect() -> None:
    known = {rule.tests[0].text.strip('"') for rule in model("policy", versions("policy")[-1]).rules("policy")}
    assert known == _asked_parameters()


def _asked_parameters() -> set[str]:
    return _looked_up("policy") | {found for module in _modules() for found in _parameters(module)}


def test_every_deadline_that_diagrams_and_code_ask_for_exists_on_every_day() -> None:
    diagrams = "".join(path.read_text(encoding="utf-8") for path in BPMN.glob("*.bpmn"))
    asked = set(re.findall(r'name="reminder" value="(\w+)"', diagrams))
    assert {"completeness_check", "honour", "minister_answer"} <= asked
    for key in asked | _looked_up("deadline") | _looked_up("due_at"):
        for day in versions("deadlines"):
            assert decide("deadlines", day.isoformat(), {"key": key})["days"] > 0, key


def test_every_table_that_code_decides_by_exists() -> None:
    assert _looked_up("decide") | _looked_up("decide", 0) | _looked_up("explain") <= TABLES


def test_roles_of_the_visibility_table_exist() -> None:
    known = {role.key for role in load_roles()}
    for rule in model("visibility", date(2019, 1, 1)).rules("visibility"):
        assert set(re.findall(r'"(\w+)"', rule.tests[1].text)) <= known


def test_the_folder_holds_nothing_but_tables() -> None:
    found = [path for path in (BPMN / "tables").rglob("*") if path.is_file()]
    assert {path.suffix for path in found} == {".dmn"}
    assert len(found) == len(files())

"""Files from outside that are wrong or hostile: refused by place, never run, never fetched."""

import time

import pytest

from engine import dmn
from engine.errors import InvalidInputError
from engine.feel import FeelLimitError
from tests.unit.dmn.tables import model, table

ENTITY = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><definitions><decision name="&x;"/></definitions>'
LAUGHS = b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><definitions name="&b;"/>'


@pytest.mark.parametrize("source", [b"", b"text", b"<a/>", b"<definitions>", ENTITY, LAUGHS, b"\xff\xfe<", b"\x00"])
def test_what_is_no_sound_dmn_is_refused(source):
    with pytest.raises(dmn.DmnFileError):
        dmn.load(source)
    assert [finding.rule for finding in dmn.check(source)] == ["file"]


def test_a_document_type_after_a_long_comment_is_seen_too():
    source = b"<!--" + b" " * 10_000 + b"-->" + LAUGHS
    with pytest.raises(dmn.DmnFileError, match="document type"):
        dmn.load(source)


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([["> 1", '"a"'], ["> >", '"b"']], "row 2, column n"),
        ([["-", '"a']], "row 1, column word"),
        ([["-"]], "row 1"),
    ],
)
def test_a_faulty_cell_is_named_by_row_and_column(rows, place):
    xml = table([("n", "number")], [("word", "string")], rows)
    with pytest.raises(dmn.DmnFileError, match=place):
        dmn.load(xml)
    assert any(place in finding.message for finding in dmn.load(xml, strict=False).findings())


def test_one_reading_lists_every_fault():
    xml = table([("n", "number")], [("word", "string")], [["((", '"a"'], ["))", '"b"'], ["-", "1 +"]])
    found = dmn.load(xml, strict=False).findings()
    assert [(f.rule, f.row, f.column) for f in found] == [
        ("syntax", 1, "n"), ("syntax", 2, "n"), ("syntax", 3, "word")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "logic",
    [
        "",
        "<literalExpression expressionLanguage='python'><text>1</text></literalExpression>",
        "<functionDefinition kind='Java'><context/></functionDefinition>",
        "<somethingElse/>",
    ],
)
def test_logic_this_engine_cannot_run_is_refused(logic):
    with pytest.raises(dmn.DmnFileError, match="d:"):
        dmn.load(model(f'<decision name="d" id="d">{logic}</decision>'))


def test_a_reference_to_nothing_and_a_type_within_itself_are_refused():
    need = '<informationRequirement><requiredInput href="#gone"/></informationRequirement>'
    body = f'<decision name="d" id="d">{need}<literalExpression><text>1</text></literalExpression></decision>'
    with pytest.raises(dmn.DmnFileError, match="#gone"):
        dmn.load(model(body))
    with pytest.raises(dmn.DmnFileError, match="contains itself"):
        dmn.load(model('<itemDefinition name="t"><typeRef>t</typeRef></itemDefinition>' + body.replace(need, "")))


def test_a_model_cannot_run_without_end():
    loops = "for a in 1..9999 return for b in 1..9999 return a"
    source = model(f'<decision name="d" id="d"><literalExpression><text>{loops}</text></literalExpression></decision>')
    with pytest.raises(FeelLimitError):
        dmn.load(source).evaluate("d", {})
    again = "".join(
        f'<contextEntry><variable name="v{n}"/><literalExpression><text>[v{n - 1}, v{n - 1}]</text></literalExpression>'
        "</contextEntry>" for n in range(60)
    )  # fmt: skip
    with pytest.raises(FeelLimitError):
        dmn.load(model(f'<decision name="d" id="d"><context>{again}</context></decision>')).evaluate("d", {})


def test_a_deep_file_is_refused():
    inner = "<literalExpression><text>1</text></literalExpression>"
    for depth in (240, 5_000):
        body = f'<decision name="d" id="d">{"<list>" * depth}{inner}{"</list>" * depth}</decision>'
        with pytest.raises(InvalidInputError):
            dmn.load(model(body)).evaluate("d", {})


def test_a_wide_table_is_checked_or_said_to_be_unchecked_in_time():
    names = [f"n{place}" for place in range(12)]
    rows = [[f"[{(row * 7 + place) % 50}..{(row * 11 + place) % 50 + 30}]" for place in range(12)] for row in range(60)]
    xml = table([(name, "number") for name in names], [("word", "string")], [[*row, '"a"'] for row in rows])
    begun = time.process_time()
    rules = {finding.rule for finding in dmn.check(xml)}
    assert rules & {"unchecked", "overlap"}
    assert time.process_time() - begun < 5

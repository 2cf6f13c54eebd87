"""Whatever is thrown at the parsers of FEEL and DMN, they answer with a value or a refusal in time; never otherwise."""

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import dmn, feel
from engine.dmn import DmnError
from engine.feel import FeelEvaluationError, FeelLimitError, FeelSyntaxError

TABLES = sorted((Path(__file__).resolve().parents[2] / "bpmn" / "tables").glob("*/*.dmn"))
REFUSALS = (FeelSyntaxError, FeelEvaluationError, FeelLimitError)
PIECES = [
    "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between", "and", "or", "not",
    "function",
    "(", ")", "[", "]", "{", "}", ",", ":", "..", ".", "?", "-", "+", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=",
    "@", '"a"', '"2025-01-01"', "1", "0.5", "1e9", "x", "người", "null", "true", "date", "instance of", "list<",
    '"\\u0', '"', "//", "/*", "*/", " ", "\n", "\u00a0", "💡", "partial", "item", "count", "string length",
]  # fmt: skip

soup = st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)
anything = st.one_of(soup, st.text(max_size=60))


@settings(max_examples=400, deadline=None)
@given(anything)
@example("(" * 500)
@example("[" * 200 + "]" * 200)
@example("for i in 1..999999999 return i")
@example("9" * 400)
def test_any_text_is_a_value_or_a_refusal(text: str) -> None:
    try:
        feel.evaluate(text, {"x": 1, "người": "A"})
    except REFUSALS:
        return


@settings(max_examples=300, deadline=None)
@given(anything, st.one_of(st.none(), st.integers(), st.text(max_size=5), st.booleans()))
def test_any_cell_passes_fails_or_is_refused(text: str, value: object) -> None:
    try:
        assert feel.unary_tests(text, value, {"x": 1}) in (True, False)
    except REFUSALS:
        return


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(TABLES), st.data())
def test_a_damaged_file_is_refused_by_name(path: Path, data: st.DataObject) -> None:
    """Bytes cut out, doubled or changed anywhere in a real table: loaded, or refused as a file."""
    whole = path.read_bytes()
    start = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(start, min(len(whole), start + 200)))
    patch = data.draw(st.one_of(st.just(b""), st.binary(max_size=12), st.just(whole[start:end] * 2)))
    try:
        dmn.load(whole[:start] + patch + whole[end:], functions=("add working days",))
    except (DmnError, *REFUSALS):
        return

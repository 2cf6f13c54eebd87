"""What is typed becomes what the step's schema asks for, and stands there again as people write it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from webapp.forms import fields_of, read_form, unplaced
from webapp.typed import iso_day, local_day, normalise


def schema(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": []}


DAY = schema(on={"type": "string", "format": "date", "x-widget": "date"})
INSTANT = schema(at={"type": "string", "format": "date-time", "x-widget": "instant"})
COUNT = schema(count={"type": "integer", "x-widget": "number"})
ROWS = schema(items={"type": "array", "x-fixed": "item", "minItems": 2, "maxItems": 2, "items": schema(
    item={"type": "string", "enum": ["A", "B"], "x-labels": {"A": "Mục A", "B": "Mục B"}},
    reason={"type": "string", "maxLength": 1000})})  # fmt: skip


@given(st.dates())
def test_a_day_is_written_and_read_the_same(day: date) -> None:
    assert iso_day(local_day(day.isoformat())) == day.isoformat()


@pytest.mark.parametrize("typed", ["16/06/2025", "16-6-2025", "16.06.2025", "16062025", "2025-06-16"])
def test_a_day_may_be_typed_in_many_ways(typed: str) -> None:
    assert read_form(DAY, MultiDict({"on": typed})) == {"on": "2025-06-16"}


@pytest.mark.parametrize("typed", ["31/02/2025", "hôm qua", "16/06", "99/99/9999"])
def test_what_is_no_day_stays_for_the_step_to_refuse(typed: str) -> None:
    read = read_form(DAY, MultiDict({"on": typed}))
    assert read == {"on": typed}
    assert fields_of(DAY, read)[0].value == typed


@pytest.mark.parametrize("typed", ["08:30 16/06/2025", "16/06/2025 8:30", "2025-06-16T08:30"])
def test_an_instant_is_office_time(typed: str) -> None:
    read = read_form(INSTANT, MultiDict({"at": typed}))
    assert read == {"at": "2025-06-16T08:30:00+07:00"}
    assert fields_of(INSTANT, read)[0].value == "08:30 16/06/2025"


@pytest.mark.parametrize(
    ("typed", "number"), [("1.490.000", 1_490_000), ("12", 12), ("-3", -3), ("12,5", "12,5"), ("x", "x")]
)
def test_a_number_may_carry_its_marks(typed: str, number: object) -> None:
    assert read_form(COUNT, MultiDict({"count": typed})) == {"count": number}


def test_rows_keep_their_order_and_name_what_the_case_gives() -> None:
    typed = MultiDict({"items-1-item": "B", "items-0-item": "A", "items-0-reason": "mờ", "items-1-reason": ""})
    read = read_form(ROWS, typed)
    assert read == {"items": [{"item": "A", "reason": "mờ"}, {"item": "B"}]}
    rows = fields_of(ROWS, read, {"items.0.reason": ["quá ngắn"]})[0].rows
    assert [[field.widget for field in row] for row in rows] == [["fixed", "textarea"], ["fixed", "textarea"]]
    assert rows[0][1].errors == ("quá ngắn",)
    assert rows[1][1].errors == ()


def test_unknown_names_are_handed_on_and_their_sentences_are_not_lost() -> None:
    read = read_form(DAY, MultiDict({"on": "16/06/2025", "la": "gì", "_key": "1", "csrf_token": "2"}))
    assert read == {"on": "2025-06-16", "la": "gì"}
    fields = fields_of(DAY, read)
    assert unplaced(fields, {"la": ["không có mục này"], "on": ["sai"], "_file": ["tệp"]}) == "la: không có mục này"


@given(st.text())
def test_typed_text_is_normal(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert "\r" not in once
    assert "\x00" not in once

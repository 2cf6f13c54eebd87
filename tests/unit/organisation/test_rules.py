"""Names and periods."""

from datetime import date, timedelta
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.organisation.rules import Period, name_columns

DAY = date(2025, 1, 1)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """A period of up to ten days in order, or an open one."""
    first = draw(st.integers(0, 12))
    length = draw(st.one_of(st.none(), st.integers(0, 9)))
    return Period(DAY + timedelta(first), None if length is None else DAY + timedelta(first + length))


def days(period: Period) -> set[date]:
    return {day for day in (DAY + timedelta(offset) for offset in range(40)) if period.contains(day)}


@given(periods(), periods())
def test_periods_are_judged_as_sets_of_their_days_are(one: Period, other: Period) -> None:
    assert one.overlaps(other) == bool(days(one) & days(other))
    assert one.overlaps(other) == other.overlaps(one)
    assert one.within(other) == (days(one) <= days(other))
    assert one.within(one)


def test_a_period_that_ends_before_it_begins_is_out_of_order() -> None:
    assert Period(DAY, DAY).in_order
    assert Period(DAY).in_order
    assert not Period(DAY, DAY - timedelta(1)).in_order


@pytest.mark.parametrize(("family", "middle", "given_name", "whole", "searched"), [
    ("Nguyễn", "Thị Thu", "Hà", "Nguyễn Thị Thu Hà", "nguyen thi thu ha"),
    (" Đặng ", "", "  Ước ", "Đặng Ước", "dang uoc"),
    (normalize("NFD", "Hoàng"), normalize("NFD", "Văn"), normalize("NFD", "Tưởng"), "Hoàng Văn Tưởng",
     "hoang van tuong"),
])  # fmt: skip
def test_names_are_kept_in_one_form(family: str, middle: str, given_name: str, whole: str, searched: str) -> None:
    kept = name_columns(family, middle, given_name)

    assert kept["full_name"] == whole == normalize("NFC", whole)
    assert kept["search_key"] == searched


def test_rolls_are_sorted_by_given_name_first() -> None:
    names = [("Vũ", "Văn", "An"), ("Bùi", "Thị", "Ánh"), ("Đỗ", "Văn", "Bảo"), ("Lê", "Thị", "Ân")]

    sort_keys = [name_columns(*name)["sort_key"] for name in names]

    assert sorted(names, key=lambda name: name_columns(*name)["sort_key"]) == [names[0], names[1], names[3], names[2]]
    assert len(set(sort_keys)) == len(names)

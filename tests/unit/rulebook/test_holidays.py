"""The holiday table of each year agrees with itself and with what the law fixes."""

import re
from datetime import date, timedelta

import pytest

from tests.unit.rulebook.files import decide, model, versions

LUNAR_NEW_YEAR = {
    2019: "02-05", 2020: "01-25", 2021: "02-12", 2022: "02-01", 2023: "01-22", 2024: "02-10", 2025: "01-29",
    2026: "02-17",
}  # fmt: skip
HUNG_KINGS = {
    2019: "04-14", 2020: "04-02", 2021: "04-21", 2022: "04-10", 2023: "04-29", 2024: "04-18", 2025: "04-07",
    2026: "04-26",
}  # fmt: skip
YEARS = sorted(LUNAR_NEW_YEAR)


def kinds(day: date) -> set[str]:
    return {row["kind"] for row in decide("holidays", day.isoformat(), {"day": day})}


def free(day: date) -> bool:
    found = kinds(day)
    return "work" not in found and (day.weekday() > 4 or "off" in found)


def test_there_is_a_table_for_each_year_and_a_last_one_for_later() -> None:
    assert versions("holidays") == [date(year, 1, 1) for year in [*YEARS, 2027]]


@pytest.mark.parametrize("year", YEARS)
def test_days_of_a_table_lie_in_its_year(year: int) -> None:
    for rule in model("holidays", date(year, 1, 1)).rules("holidays"):
        assert {int(found) for found in re.findall(r'date\("(\d{4})-', rule.tests[0].text)} == {year}


@pytest.mark.parametrize("year", YEARS)
def test_what_the_law_fixes_is_free(year: int) -> None:
    for fixed in ("01-01", "04-30", "05-01", "09-02", LUNAR_NEW_YEAR[year], HUNG_KINGS[year]):
        assert free(date.fromisoformat(f"{year}-{fixed}")), fixed
    tet = date.fromisoformat(f"{year}-{LUNAR_NEW_YEAR[year]}")
    first = next(tet - timedelta(days=back) for back in range(9) if not free(tet - timedelta(days=back + 1)))
    last = next(tet + timedelta(days=on) for on in range(9) if not free(tet + timedelta(days=on + 1)))
    assert (last - first).days + 1 >= 7


@pytest.mark.parametrize("year", YEARS)
def test_a_swapped_day_off_is_worked_on_a_saturday(year: int) -> None:
    rows = model("holidays", date(year, 1, 1)).rules("holidays")
    swapped = [row for row in rows if "hoán đổi" in row.outputs[1].text]
    worked = [row for row in rows if row.outputs[0].text == '"work"']
    assert len(worked) == len(swapped) + (year == 2019)  # 5/1/2019 made up for 31/12/2018
    for row in worked:
        (found,) = re.findall(r'date\("([\d-]+)"\)', row.tests[0].text)
        assert date.fromisoformat(found).weekday() == 5
    read = {"Q"} if year == 2025 else {"B"}
    assert {row.annotations["confidence"] for row in [*swapped, *worked]} <= read


@pytest.mark.parametrize("year", YEARS)
def test_public_days_of_a_year_are_those_of_the_labour_code(year: int) -> None:
    """Working days lost to public days: 10 days to 2020, 11 from 2021 (two at 2/9); a Sunday is made good."""
    lost = 0
    day = date(year, 1, 1)
    while day.year == year:
        found = kinds(day)
        lost += (day.weekday() < 5 and "off" in found) - ("work" in found)
        day += timedelta(days=1)
    if year == 2019:
        lost += 1  # the made-up Saturday belongs to the year before
    assert lost == (10 if year < 2021 else 11)


def test_later_years_have_only_the_fixed_days() -> None:
    assert kinds(date(2031, 4, 30)) == {"off"}
    assert kinds(date(2031, 1, 23)) == set()

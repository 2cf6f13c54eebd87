"""Units, people, posts and who holds them, through the doors."""

from datetime import date, timedelta
from typing import Any

import pytest

from engine.chain import EventKind
from engine.context import SYSTEM, Actor
from engine.db import reading
from engine.errors import ForbiddenError, InvalidInputError
from tests.office import Office
from workflows.organisation import queries

SINCE = "2020-01-01"


def unit(office: Office, key: str = "agency", **values: Any) -> str:
    values = {"name": "Cục Thi hành án dân sự", "kind": "AGENCY", "valid_from": SINCE, **values}
    return str(office.act(SYSTEM, "organisation.add_unit", key=key, **values)["unit_id"])


def post(office: Office, unit_id: str, title: str = "Chi cục trưởng", **values: Any) -> str:
    values = {"valid_from": SINCE, "leading": True, **values}
    return str(office.act(SYSTEM, "organisation.add_post", unit_id=unit_id, title=title, **values)["post_id"])


def person(office: Office, given_name: str = "Hoa", **values: Any) -> str:
    values = {"family_name": "Nông", "middle_name": "Thị", "gender": "FEMALE", "person_type": "CIVIL_SERVANT", **values}
    return str(office.act(SYSTEM, "organisation.add_person", given_name=given_name, **values)["person_id"])


def hold(office: Office, person_id: str, post_id: str, **values: Any) -> str:
    values = {"valid_from": SINCE, **values}
    done = office.act(SYSTEM, "organisation.hold_post", person_id=person_id, post_id=post_id, **values)
    return str(done["holding_id"])


def problems(refusal: pytest.ExceptionInfo[InvalidInputError]) -> dict[str, str]:
    found: dict[str, list[str]] = refusal.value.details["problems"]
    return {name: texts[0].removeprefix("@").split("|")[0] for name, texts in found.items()}


def test_a_unit_its_head_and_their_titles_are_read_back_by_date(office: Office) -> None:
    agency = unit(office)
    chief = post(office, agency, "Cục trưởng", valid_to="2025-06-30")
    after = post(office, agency, "Trưởng Thi hành án dân sự tỉnh", valid_from="2025-07-01")
    hoa = person(office)
    hold(office, hoa, chief, valid_to="2025-06-30")
    hold(office, hoa, after, valid_from="2025-07-01")

    with reading(office.engine.sessions) as session:
        assert queries.heads_on(session, date(2025, 6, 30)) == {agency: hoa}
        titles = [queries.person_on(session, hoa, day) for day in (date(2025, 6, 30), date(2025, 7, 1))]
    assert [view.post for view in titles if view] == ["Cục trưởng", "Trưởng Thi hành án dân sự tỉnh"]


def test_two_holders_of_a_leading_post_never_share_a_day(office: Office) -> None:
    chief = post(office, unit(office))
    first, second = person(office), person(office, "Lan")
    holding = hold(office, first, chief)

    with pytest.raises(InvalidInputError) as refusal:
        hold(office, second, chief, valid_from="2025-01-01")
    assert problems(refusal) == {"valid_from": "org_post_taken"}

    office.act(SYSTEM, "organisation.end_holding", holding_id=holding, valid_to="2024-12-31")
    hold(office, second, chief, valid_from="2025-01-01")
    with reading(office.engine.sessions) as session:
        heads = [list(queries.heads_on(session, day).values()) for day in (date(2024, 12, 31), date(2025, 1, 1))]
    assert heads == [[first], [second]]


def test_a_post_that_does_not_lead_has_many_holders_but_each_only_once(office: Office) -> None:
    desk = post(office, unit(office), "Chuyên viên", leading=False)
    hoa, lan = person(office), person(office, "Lan")
    hold(office, hoa, desk)
    hold(office, lan, desk)

    with pytest.raises(InvalidInputError) as refusal:
        hold(office, hoa, desk, valid_from="2025-01-01")
    assert problems(refusal) == {"person_id": "org_already_held"}


def test_a_unit_has_one_leading_post_on_any_day(office: Office) -> None:
    agency = unit(office)
    post(office, agency, valid_to="2025-06-30")

    with pytest.raises(InvalidInputError) as refusal:
        post(office, agency, "Trưởng phòng", valid_from="2025-06-30")
    assert problems(refusal) == {"leading": "org_second_head"}
    assert post(office, agency, "Trưởng", valid_from="2025-07-01")


@pytest.mark.parametrize(("step", "values", "expected"), [
    ("add_unit", {"key": "agency"}, {"key": "org_key_taken"}),
    ("add_unit", {"key": "agency", "valid_from": "2019-01-01", "valid_to": "2020-01-01"}, {"key": "org_key_taken"}),
    ("add_unit", {"key": "room", "valid_to": "2019-12-31"}, {"valid_to": "org_end_before_start"}),
    ("add_unit", {"key": "room", "valid_from": "2019-06-01", "parent": True}, {"parent_id": "org_outside_parent"}),
    ("add_unit", {"key": "Phòng 1"}, {"key": "org_key_form"}),
    ("add_post", {"valid_from": "2019-06-01"}, {"valid_from": "org_outside_unit"}),
])  # fmt: skip
def test_records_that_do_not_fit_are_refused_beside_their_field(
    office: Office, step: str, values: dict[str, Any], expected: dict[str, str]
) -> None:
    agency = unit(office)
    if values.pop("parent", False):
        values["parent_id"] = agency
    common = {"valid_from": SINCE}
    needed = {"name": "Phòng", "kind": "ROOM"} if step == "add_unit" else {"unit_id": agency, "title": "Chuyên viên"}

    with pytest.raises(InvalidInputError) as refusal:
        office.act(SYSTEM, f"organisation.{step}", **{**common, **needed, **values})
    assert problems(refusal) == expected


def test_the_key_of_an_ended_unit_is_free_again(office: Office) -> None:
    old = unit(office)
    office.act(SYSTEM, "organisation.end_unit", unit_id=old, valid_to="2025-06-30")

    new = unit(office, valid_from="2025-07-01", name="Thi hành án dân sự tỉnh")

    with reading(office.engine.sessions) as session:
        found = [queries.unit_by_key(session, "agency", day) for day in (date(2025, 6, 30), date(2025, 7, 1))]
    assert [view.id for view in found if view] == [old, new]


def test_ending_a_unit_ends_its_parts_and_leaves_roles(office: Office) -> None:
    agency = unit(office)
    room = unit(office, "room", kind="ROOM", parent_id=agency, name="Phòng Tổ chức cán bộ")
    team = unit(office, "team", kind="TEAM", parent_id=room, name="Tổ")
    hoa = person(office)
    hold(office, hoa, post(office, team, "Tổ trưởng"))
    office.act(SYSTEM, "organisation.grant_role", person_id=hoa, role="unit_head", unit_id=team, valid_from=SINCE)

    office.act(SYSTEM, "organisation.end_unit", unit_id=agency, valid_to="2025-06-30")

    last, next_day = date(2025, 6, 30), date(2025, 7, 1)
    with reading(office.engine.sessions) as session:
        assert {view.id for view in queries.units_on(session, last)} == {agency, room, team}
        assert queries.units_on(session, next_day) == []
        assert queries.heads_on(session, last) == {team: hoa}
        assert queries.heads_on(session, next_day) == {}
        assert queries.people_of_role(session, "unit_head", next_day, unit_id=team) == [hoa]


def test_an_end_is_neither_before_the_start_nor_moved_on(office: Office) -> None:
    agency = unit(office)
    with pytest.raises(InvalidInputError) as early:
        office.act(SYSTEM, "organisation.end_unit", unit_id=agency, valid_to="2019-12-31")
    office.act(SYSTEM, "organisation.end_unit", unit_id=agency, valid_to="2025-12-31")
    with pytest.raises(InvalidInputError) as late:
        office.act(SYSTEM, "organisation.end_unit", unit_id=agency, valid_to="2026-12-31")

    assert problems(early) == {"valid_to": "org_end_before_start"}
    assert problems(late) == {"valid_to": "org_already_ended"}


def test_a_correction_keeps_what_was_stated_before(office: Office) -> None:
    hoa = person(office)
    office.act(SYSTEM, "organisation.correct_person", person_id=hoa, family_name="Nông", middle_name="Thị",
               given_name="Hòa", gender="FEMALE", person_type="EMPLOYEE", birth_year=1985)  # fmt: skip

    with reading(office.engine.sessions) as session:
        row = queries.find_person(session, hoa)
        assert row is not None
        now = (row.full_name, row.version, row.birth_year)
        found = [view.full_name for view in queries.list_people(session, office.today, text="hoa")]
    assert now == ("Nông Thị Hòa", 2, 1985)
    assert found == ["Nông Thị Hòa"]


def test_a_birth_year_ahead_is_refused(office: Office) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        person(office, birth_year=office.today.year + 1)
    assert problems(refusal) == {"birth_year": "org_birth_in_future"}


def test_only_administrators_change_the_organisation(office: Office) -> None:
    officer = Actor("officer", frozenset({"staff", "personnel_officer", "director"}))
    values = {"key": "agency", "name": "Cục", "kind": "AGENCY", "valid_from": SINCE}

    with pytest.raises(ForbiddenError):
        office.act(officer, "organisation.add_unit", **values)
    assert office.act(Actor("admin", frozenset({"administrator"})), "organisation.add_unit", **values)["unit_id"]


def test_every_change_is_an_event_with_the_hash_of_its_fact(office: Office) -> None:
    from engine import queries as engine_queries

    unit_id = unit(office)

    page = engine_queries.search_events(office.engine, kind=EventKind.ACTION_PERFORMED, limit=5)
    event = page.items[0]
    assert event.data["step"] == "organisation.add_unit"
    assert event.data["unit"] == unit_id
    assert [identity.split(":")[0] for identity, _hash in event.facts] == ["unit"]


def test_posts_begin_tomorrow_as_well(office: Office) -> None:
    agency, hoa = unit(office), person(office)
    tomorrow = office.today + timedelta(1)
    hold(office, hoa, post(office, agency, valid_from=tomorrow.isoformat()), valid_from=tomorrow.isoformat())

    with reading(office.engine.sessions) as session:
        assert queries.heads_on(session, office.today) == {}
        assert queries.heads_on(session, tomorrow) == {agency: hoa}

"""Roles, deputies and family, through the doors."""

from datetime import date

import pytest

from engine.context import SYSTEM, Actor
from engine.db import reading
from engine.errors import ForbiddenError, InvalidInputError
from tests.office import Office
from tests.unit.organisation.test_units_and_posts import SINCE, hold, person, post, problems, unit
from workflows.errors import NotYourRoleError
from workflows.organisation import queries

FIRST, LAST = "2025-05-05", "2025-05-09"


@pytest.fixture
def pair(office: Office) -> tuple[str, str]:
    """A director and a deputy director with posts."""
    agency = unit(office)
    chief, deputy = person(office), person(office, "Lan")
    hold(office, chief, post(office, agency, "Cục trưởng"))
    hold(office, deputy, post(office, agency, "Phó Cục trưởng", leading=False))
    office.act(SYSTEM, "organisation.grant_role", person_id=chief, role="director", valid_from=SINCE)
    return chief, deputy


def test_a_scoped_role_is_held_for_its_unit_only(office: Office) -> None:
    agency, other, hoa = unit(office), unit(office, "other"), person(office)
    office.act(SYSTEM, "organisation.grant_role", person_id=hoa, role="unit_head", unit_id=agency, valid_from=SINCE)

    with reading(office.engine.sessions) as session:
        groups = queries.roles_on(session, hoa, office.today).groups
        assert queries.people_of_role(session, "unit_head", office.today, unit_id=other) == []
    assert groups == {"unit_head", f"unit_head@{agency}"}


@pytest.mark.parametrize(("role", "scope", "expected"), [
    ("unit_head", "", {"unit_id": "org_unit_needed"}),
    ("director", "agency", {"unit_id": "org_unit_not_wanted"}),
    ("unit_head", "later", {"unit_id": "org_unit_not_there"}),
    ("staff", "", {"role": "unknown_choice"}),
    ("emperor", "", {"role": "unknown_choice"}),
])  # fmt: skip
def test_grants_that_do_not_fit_are_refused(office: Office, role: str, scope: str, expected: dict[str, str]) -> None:
    units = {"": "", "agency": unit(office), "later": unit(office, "later", valid_from="2026-01-01")}

    with pytest.raises(InvalidInputError) as refusal:
        office.act(SYSTEM, "organisation.grant_role", person_id=person(office), role=role, valid_from=SINCE,
                   unit_id=units[scope])  # fmt: skip
    assert problems(refusal) == expected


def test_a_role_ends_on_its_last_day_and_is_granted_again_after(office: Office) -> None:
    hoa = person(office)
    grant = office.act(SYSTEM, "organisation.grant_role", person_id=hoa, role="auditor", valid_from=SINCE)["grant_id"]
    with pytest.raises(InvalidInputError) as refusal:
        office.act(SYSTEM, "organisation.grant_role", person_id=hoa, role="auditor", valid_from=FIRST)
    assert problems(refusal) == {"role": "org_already_granted"}

    office.act(SYSTEM, "organisation.end_role", grant_id=grant, valid_to="2025-05-31")
    office.act(SYSTEM, "organisation.grant_role", person_id=hoa, role="auditor", valid_from="2025-08-01")

    days = [date(2025, 5, 31), date(2025, 6, 1), date(2025, 8, 1)]
    with reading(office.engine.sessions) as session:
        held = ["auditor" in queries.roles_on(session, hoa, day).groups for day in days]
    assert held == [True, False, True]


def test_the_holder_hands_the_role_on_for_some_days(office: Office, pair: tuple[str, str]) -> None:
    chief, deputy = pair
    with reading(office.engine.sessions) as session:
        actor = queries.actor_for(session, chief, office.today)
    assert actor is not None
    office.act(actor, "organisation.delegate_role", role="director", to_person_id=deputy, valid_from=FIRST,
               valid_to=LAST, reason="Đi công tác")  # fmt: skip

    with reading(office.engine.sessions) as session:
        inside, after = (queries.roles_on(session, deputy, day) for day in (date(2025, 5, 9), date(2025, 5, 10)))
        people = queries.people_of_role(session, "director", date(2025, 5, 9))
    assert ("director" in inside.groups, inside.deputy_for) == (True, {"director"})
    assert "director" not in after.groups
    assert set(people) == {chief, deputy}


def test_a_delegation_dies_with_the_role_it_came_from(office: Office, pair: tuple[str, str]) -> None:
    chief, deputy = pair
    office.act(SYSTEM, "organisation.delegate_role", role="director", from_person_id=chief, to_person_id=deputy,
               valid_from=FIRST, valid_to=LAST, reason="Nghỉ")  # fmt: skip
    with reading(office.engine.sessions) as session:
        grant = queries.roles_on(session, deputy, date(2025, 5, 7)).groups
    assert "director" in grant

    from engine import queries as engine_queries

    granted = next(event.data["grant"] for event in engine_queries.search_events(office.engine, limit=50).items
                   if event.data.get("step") == "organisation.grant_role")  # fmt: skip
    office.act(SYSTEM, "organisation.end_role", grant_id=granted, valid_to="2025-05-06")
    with reading(office.engine.sessions) as session:
        assert "director" not in queries.roles_on(session, deputy, date(2025, 5, 7)).groups


def test_nobody_hands_on_what_is_not_his(office: Office, pair: tuple[str, str]) -> None:
    chief, deputy = pair
    other_director = Actor("somebody", frozenset({"staff", "director"}))
    values = {"role": "director", "from_person_id": chief, "to_person_id": deputy, "valid_from": FIRST,
              "valid_to": LAST, "reason": "Nghỉ"}  # fmt: skip
    with pytest.raises(NotYourRoleError):
        office.act(other_director, "organisation.delegate_role", **values)
    with pytest.raises(ForbiddenError):
        office.act(Actor(deputy, frozenset({"staff"})), "organisation.delegate_role", **values)

    delegation = office.act(SYSTEM, "organisation.delegate_role", **values)["delegation_id"]
    with pytest.raises((NotYourRoleError, InvalidInputError)):
        office.act(other_director, "organisation.end_delegation", delegation_id=delegation, valid_to=FIRST)
    office.act(Actor(chief, frozenset({"staff", "director"})), "organisation.end_delegation",
               delegation_id=delegation, valid_to=FIRST)  # fmt: skip
    with reading(office.engine.sessions) as session:
        assert "director" not in queries.roles_on(session, deputy, date(2025, 5, 6)).groups


@pytest.mark.parametrize(("change", "expected"), [
    ({"role": "auditor"}, {"role": "unknown_choice"}),
    ({"to_person_id": "chief"}, {"to_person_id": "org_same_person"}),
    ({"to_person_id": "newcomer"}, {"to_person_id": "org_no_post"}),
    ({"from_person_id": "deputy", "to_person_id": "chief"}, {"from_person_id": "org_not_holder"}),
    ({"valid_to": "2025-05-04"}, {"valid_to": "org_end_before_start"}),
    ({"reason": "  "}, {"reason": "required"}),
])  # fmt: skip
def test_delegations_that_do_not_fit_are_refused(
    office: Office, pair: tuple[str, str], change: dict[str, str], expected: dict[str, str]
) -> None:
    known = {"chief": pair[0], "deputy": pair[1], "newcomer": person(office, "Mai")}
    values = {"role": "director", "from_person_id": "chief", "to_person_id": "deputy", "valid_from": FIRST,
              "valid_to": LAST, "reason": "Nghỉ", **change}  # fmt: skip

    values = {name: known.get(text, text) for name, text in values.items()}

    with pytest.raises(InvalidInputError) as refusal:
        office.act(SYSTEM, "organisation.delegate_role", **values)
    assert problems(refusal) == expected


def test_family_is_known_both_ways_until_taken_back(office: Office) -> None:
    hoa, lan = person(office), person(office, "Lan")
    made = office.act(SYSTEM, "organisation.declare_relation", person_id=hoa, relative_id=lan, kind="SIBLING")
    with reading(office.engine.sessions) as session:
        assert queries.relatives_of(session, hoa) == {lan}
        assert queries.relatives_of(session, lan) == {hoa}
    with pytest.raises(InvalidInputError) as twice:
        office.act(SYSTEM, "organisation.declare_relation", person_id=lan, relative_id=hoa, kind="SPOUSE")
    with pytest.raises(InvalidInputError) as same:
        office.act(SYSTEM, "organisation.declare_relation", person_id=hoa, relative_id=hoa, kind="SPOUSE")

    office.act(SYSTEM, "organisation.withdraw_relation", relation_id=made["relation_id"])

    assert problems(twice) == {"relative_id": "org_relation_known"}
    assert problems(same) == {"relative_id": "org_same_person"}
    with reading(office.engine.sessions) as session:
        assert queries.relatives_of(session, hoa) == frozenset()

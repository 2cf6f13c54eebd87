"""What the head decides: reasons, authority, one form for one achievement."""

from collections.abc import Callable
from datetime import date

import pytest

from engine.errors import InvalidInputError
from tests.unit.decisions.house import House
from workflows.decisions import queries, service
from workflows.errors import FormNotExclusiveError, IssuerMayNotGrantError


def test_the_vote_may_be_followed_without_a_reason(house: House) -> None:
    row = house.filed()
    house.decided(row)
    with house.acting("director") as ctx:
        found = queries.director_decision_of(ctx.session, row.nomination_id)
    assert found is not None
    assert (found.decision.value, found.departs, found.line_id) == ("GRANT_GIAY_KHEN", False, "line")


def test_a_departure_needs_its_reason(house: House) -> None:
    row = house.filed()
    with pytest.raises(InvalidInputError) as refusal:
        house.decided(row, outcome="failed")
    assert refusal.value.details["problems"] == {"reason": ["@departure_needs_reason"]}
    house.decided(row, outcome="failed", reason="Thành tích đặc biệt, có xác nhận của cấp trên.")
    with house.acting("director") as ctx:
        found = queries.director_decision_of(ctx.session, row.nomination_id)
    assert found is not None
    assert found.departs


@pytest.mark.parametrize("decision", ["RETURN_TO_COUNCIL", "REJECT"])
@pytest.mark.parametrize("outcome", ["passed", "failed"])
def test_a_return_and_a_refusal_always_need_a_reason(small_house: House, decision: str, outcome: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        small_house.decided(small_house.filed(), decision, outcome=outcome)
    assert refusal.value.details["problems"] == {"reason": ["@decision_needs_reason"]}


def test_after_a_return_both_decisions_are_kept(small_house: House) -> None:
    row = small_house.filed()
    small_house.decided(row, "RETURN_TO_COUNCIL", reason="Làm rõ thành tích.")
    small_house.decided(row)
    with small_house.acting("director") as ctx:
        kept = [found.decision.value for found in queries.director_decisions_of(ctx.session, row.nomination_id)]
    assert kept == ["RETURN_TO_COUNCIL", "GRANT_GIAY_KHEN"]


def test_a_body_without_legal_personality_grants_nothing(open_house: Callable[..., House]) -> None:
    house = open_house(legal_personality=False)
    row = house.filed()
    with pytest.raises(IssuerMayNotGrantError):
        house.decided(row)
    house.decided(row, "REFER_TO_MINISTER", reason="Đề nghị Bộ trưởng xét.")


def test_one_achievement_goes_one_way_in_a_round(small_house: House) -> None:
    first, second = small_house.filed(), small_house.filed(ground="A", proposed_form="BANG_KHEN_BO_TRUONG")
    small_house.decided(first)
    with pytest.raises(FormNotExclusiveError) as refusal:
        small_house.decided(second, "REFER_TO_MINISTER")
    assert refusal.value.details["other"] == first.business_key


def test_another_achievement_may_go_the_other_way(small_house: House) -> None:
    first = small_house.filed()
    other = small_house.filed(
        ground="A", proposed_form="BANG_KHEN_BO_TRUONG", achievement="Sáng kiến rút ngắn thời gian trả lời công dân"
    )
    small_house.decided(first)
    small_house.decided(other, "REFER_TO_MINISTER")


def test_falling_back_writes_the_grant_in_place_of_the_declined_form(small_house: House) -> None:
    row = small_house.filed()
    with small_house.acting("director", **small_house.case_of(row)) as ctx:
        service.fall_back(ctx, nomination_id=row.nomination_id)
        found = queries.fallback_of(ctx.session, row.nomination_id)
    assert found is not None
    assert (found.form.value, found.decided_on) == ("GIAY_KHEN", date(2025, 6, 16))

"""One decision for several nominations: who may be in it, in what order, and who is told."""

from typing import Any

import pytest

from tests.builders import a_relation
from tests.unit.decisions.house import House
from workflows.decisions import queries, signing
from workflows.errors import AlreadySignedError, NotWaitingForSignatureError
from workflows.nominations.models import Nomination


def sign(house: House, row: Nomination, *others: Nomination, who: str = "director", capacity: str = "HEAD") -> Any:
    """Sign and return the context after it."""
    with house.acting(who, **house.case_of(row)) as ctx:
        signing.sign(
            ctx, nomination_id=row.nomination_id, together=[other.business_key for other in others], capacity=capacity
        )
    return ctx


def offered(house: House, row: Nomination, who: str = "director") -> set[str]:
    with house.acting(who, **house.case_of(row)) as ctx:
        return {view.id for view in signing.signable_with(ctx, row.nomination_id)}


def test_one_number_for_all_and_every_other_case_is_told(house: House) -> None:
    hoa, quan, unit = house.filed(), house.filed("quan"), house.filed("bacson", internal_unity=True)
    house.waits(hoa, quan, unit)
    ctx = sign(house, hoa, quan, unit)
    told = {message.business_key: message for message in ctx.messages}
    assert set(told) == {quan.business_key, unit.business_key}
    with house.acting("director") as reader:
        decision = queries.decision_of_nomination(reader.session, hoa.nomination_id)
        lines = queries.lines_of_decision(reader.session, decision.decision_id)
        assert queries.waiting_for_signature(reader.session) == []
    assert {message.values["decision_id"] for message in told.values()} == {decision.decision_id}
    assert [line.nominee for line in lines] == [
        "Chi cục Thi hành án dân sự huyện Bắc Sơn", "Nông Thị Hoa", "Mã Văn Quân"
    ]  # fmt: skip
    assert [line.position for line in lines] == [1, 2, 3]


def test_a_key_named_twice_is_one_line(small_house: House) -> None:
    hoa, quan = small_house.filed(), small_house.filed("quan")
    small_house.waits(hoa, quan)
    ctx = sign(small_house, hoa, quan, quan)
    assert len(ctx.messages) == 1


def test_what_was_signed_with_another_is_not_signed_again(small_house: House) -> None:
    hoa, quan = small_house.filed(), small_house.filed("quan")
    small_house.waits(hoa, quan)
    sign(small_house, hoa, quan)
    with pytest.raises(AlreadySignedError):
        sign(small_house, quan)


def test_the_signer_keeps_away_from_family_in_a_common_decision_too(small_house: House) -> None:
    hoa, quan = small_house.filed(), small_house.filed("quan")
    small_house.waits(hoa, quan)
    assert offered(small_house, hoa) == {quan.nomination_id}
    with small_house.facts.acting() as ctx:
        a_relation(ctx, small_house.people["director"], small_house.people["quan"])
    assert offered(small_house, hoa) == set()
    with pytest.raises(NotWaitingForSignatureError):
        sign(small_house, hoa, quan)


def test_a_deputy_adds_only_what_the_head_must_keep_away_from(small_house: House) -> None:
    hoa, quan = small_house.filed(), small_house.filed("quan")
    small_house.waits(hoa, quan)
    assert offered(small_house, quan, "deputy") == set()
    with small_house.facts.acting() as ctx:
        a_relation(ctx, small_house.people["director"], small_house.people["hoa"])
    assert offered(small_house, quan, "deputy") == {hoa.nomination_id}
    assert offered(small_house, quan) == set()

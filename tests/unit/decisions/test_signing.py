"""Signing: numbers, capacity, what is frozen; prizes by the day of the decision."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.unit.decisions.house import House
from workflows.decisions import numbers, queries, signing
from workflows.decisions.authority import signing_capacities
from workflows.decisions.models import DocumentType
from workflows.documents.models import SigningCapacity
from workflows.errors import AlreadySignedError, NotWaitingForSignatureError, UnknownDecisionError


def test_numbers_run_per_year_without_gaps(house: House) -> None:
    first, second = house.signed(house.filed()), house.signed(house.filed("quan"))
    assert [first.official_number, second.official_number] == ["01/QĐ-CTHADS", "02/QĐ-CTHADS"]
    assert second.decision_key == "02-QĐ-CTHADS-2025"
    with house.acting("director") as ctx:
        run = numbers.numbers_of(ctx.session, "agency", DocumentType.DECISION, 2025)
        assert [found.number for found in run] == [1, 2]
        assert numbers.next_in_run(ctx.session, "agency", DocumentType.DECISION, 2026) == 1
        assert numbers.next_in_run(ctx.session, "agency", DocumentType.SUBMISSION_LETTER, 2025) == 1


def test_a_signature_rolled_back_leaves_no_gap(house: House) -> None:
    row = house.filed()

    def sign_and_fail() -> None:
        with house.acting("director", **house.case_of(row)) as ctx:
            signing.sign(ctx, nomination_id=row.nomination_id, together=[], capacity="HEAD")
            raise KeyError

    with pytest.raises(KeyError):
        sign_and_fail()
    assert house.signed(row).official_number == "01/QĐ-CTHADS"


def test_nobody_signs_a_nomination_twice(small_house: House) -> None:
    row = small_house.filed()
    small_house.signed(row)
    with pytest.raises(AlreadySignedError) as refusal:
        small_house.signed(row)
    assert refusal.value.details["number"] == "01/QĐ-CTHADS"


def test_what_does_not_wait_is_not_signed_together(small_house: House) -> None:
    row, other = small_house.filed(), small_house.filed("quan")
    with pytest.raises(NotWaitingForSignatureError), small_house.acting("director", **small_house.case_of(row)) as ctx:
        signing.sign(ctx, nomination_id=row.nomination_id, together=[other.business_key], capacity="HEAD")


def test_a_deputy_signs_for_the_head_by_the_delegation(small_house: House) -> None:
    decision = small_house.signed(small_house.filed(), who="deputy", capacity="FOR_HEAD")
    assert decision.capacity is SigningCapacity.FOR_HEAD
    assert decision.papers["signer_lines"] == ["KT. CỤC TRƯỞNG", "PHÓ CỤC TRƯỞNG"]
    assert decision.papers["signer_name"] == "Lương Thị Cúc"
    with small_house.acting("deputy") as ctx:
        assert SigningCapacity.HEAD not in signing_capacities(ctx.session, ctx.actor, ctx.today)
    with small_house.acting("director") as ctx:
        assert signing_capacities(ctx.session, ctx.actor, ctx.today) == (SigningCapacity.HEAD,)


def test_a_line_says_what_the_law_asks_for(small_house: House) -> None:
    decision = small_house.signed(small_house.filed())
    with small_house.acting("director") as ctx:
        (line,) = queries.lines_of_decision(ctx.session, decision.decision_id)
        view = queries.view_decision(ctx.session, decision.decision_key)
    assert (line.nominee, line.post, line.gender) == ("Nông Thị Hoa", "Chấp hành viên", "FEMALE")
    assert line.unit == "Chi cục Thi hành án dân sự huyện Bắc Sơn"
    assert (line.achieved_from, line.achieved_to, line.prize_vnd) == (date(2019, 1, 1), date(2025, 6, 16), 700_000)
    assert (view.count, view.total_vnd, view.signer_name) == (1, 700_000, "Hoàng Văn Bách")


def test_bases_are_those_of_the_regime_of_filing(small_house: House) -> None:
    row = small_house.filed()
    small_house.on(date(2025, 8, 28))
    told = " ".join(basis["title"] for basis in small_house.signed(row).papers["bases"])
    assert "98/2023/NĐ-CP" in told
    assert "152/2025" not in told


@pytest.mark.parametrize(
    ("day", "nominee", "amount"),
    [
        (date(2022, 10, 1), "hoa", 450_000),
        (date(2022, 10, 1), "bacson", 890_000),
        (date(2024, 7, 1), "hoa", 700_000),
        (date(2025, 8, 28), "hoa", 700_000),
        (date(2025, 8, 28), "bacson", 1_400_000),
    ],
)
def test_the_prize_is_that_of_the_day_of_the_decision(
    open_house: Callable[..., House], day: date, nominee: str, amount: int
) -> None:
    house = open_house(on=day)
    decision = house.signed(house.filed(nominee))
    with house.acting("director") as ctx:
        (line,) = queries.lines_of_decision(ctx.session, decision.decision_id)
    assert line.prize_vnd == amount


def test_a_decision_is_found_by_id_key_and_number_and_by_its_nominee(small_house: House) -> None:
    row = small_house.filed()
    decision = small_house.signed(row)
    with small_house.acting("director") as ctx:
        for key in (decision.decision_id, decision.decision_key, decision.official_number):
            assert queries.get_decision(ctx.session, key).decision_id == decision.decision_id
        with pytest.raises(UnknownDecisionError):
            queries.get_decision(ctx.session, "99/QĐ-CTHADS")
        named = queries.list_decisions(ctx.session, text="nong thi hoa")
        assert [view.key for view in named] == [decision.decision_key]
        assert queries.list_decisions(ctx.session, text="không ai") == []
        assert queries.list_decisions(ctx.session, year=2024) == []
        assert [view.key for view in queries.decisions_of_nomination(ctx.session, row.nomination_id)] == [
            decision.decision_key
        ]


def test_the_preview_tells_the_next_number(small_house: House) -> None:
    row = small_house.filed()
    with small_house.acting("deputy") as ctx:
        shown = signing.preview(ctx.session, [row.business_key], ctx.actor, "FOR_HEAD", ctx.today)
    assert (shown.official_number, shown.signed_on) == ("01/QĐ-CTHADS", date(2025, 6, 16))
    assert shown.signer_lines == ("KT. CỤC TRƯỞNG", "PHÓ CỤC TRƯỞNG")
    assert [view.id for view in shown.nominations] == [row.nomination_id]

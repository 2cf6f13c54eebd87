"""Opening a nomination: who, whom, in which round, under which number."""

from datetime import date, timedelta
from typing import Any

import pytest

from engine.errors import InvalidInputError
from tests import builders as build
from tests.builders import Facts
from tests.unit.nominations.unit import Bacson
from workflows.errors import (
    DuplicateNominationError,
    NomineeMayNotActError,
    NotYourUnitError,
    RoundClosedError,
    RoundWithoutGuidanceError,
)
from workflows.nominations import queries, records, service
from workflows.nominations.models import AwardForm, NomineeKind
from workflows.nominations.steps import STEPS

OPEN = next(step for step in STEPS if step.key == "nominations.open")


def test_numbers_run_without_a_gap_per_round(bacson: Bacson) -> None:
    with bacson.facts.acting() as ctx:
        build.a_round(ctx, "2022-SK")
    keys = [bacson.opened().business_key, bacson.opened(bacson.colleague).business_key]
    keys.append(bacson.opened(round_key="2022-SK").business_key)
    assert keys == ["ĐN-2025-TK-001", "ĐN-2025-TK-002", "ĐN-2022-SK-001"]


def test_the_first_variables_are_ids_and_codes(bacson: Bacson) -> None:
    with bacson.acting() as ctx:
        values = OPEN.form.load(ctx, {"round": "2025-TK", "unit": "bacson", "nominee_kind": "INDIVIDUAL",
                                      "nominee_id": bacson.nominee})  # fmt: skip
        OPEN.guard(ctx, values)
        found = OPEN.apply(ctx, values)
    row = queries.find_nomination(ctx.session, found["nomination_id"])
    assert row is not None
    assert found == {
        "business_key": "ĐN-2025-TK-001", "nomination_id": row.nomination_id, "unit_id": "bacson",
        "proposer_id": bacson.head, "nominee_kind": "INDIVIDUAL", "checker_id": None, "round_key": "2025-TK",
        "proposed_form": "GIAY_KHEN", "outcome": None, "council_outcome": None, "director_decision": None,
        "minister_answer": None, "fallback": None,
    }  # fmt: skip


def test_only_the_head_of_the_unit_opens(bacson: Bacson) -> None:
    with bacson.acting() as ctx, pytest.raises(NotYourUnitError):
        OPEN.guard(ctx, {"unit": "vanlang"})


def test_the_example_of_the_form_can_be_opened(bacson: Bacson) -> None:
    with bacson.acting() as ctx:
        schema = OPEN.form.schema(ctx)
        found = OPEN.apply(ctx, OPEN.form.load(ctx, schema["example"]))
    assert found["unit_id"] == "bacson"
    assert set(schema["properties"]["nominee_id"]["enum"]) == {bacson.nominee, bacson.colleague, "bacson", "team"}
    assert schema["properties"]["round"]["x-labels"] == {"2025-TK": "Đợt 2025-TK"}


@pytest.mark.parametrize(("kind", "nominee"), [
    (NomineeKind.INDIVIDUAL, "stranger"), (NomineeKind.COLLECTIVE, "vanlang"), (NomineeKind.COLLECTIVE, "agency"),
])  # fmt: skip
def test_a_nominee_of_another_unit_is_refused(bacson: Bacson, kind: NomineeKind, nominee: str) -> None:
    nominee_id = getattr(bacson, nominee, nominee)
    assert refused_field(bacson, nominee_id=nominee_id, nominee_kind=kind) == {
        "nominee_id": ["Người hoặc tập thể này không thuộc đơn vị đề nghị."]
    }


def test_somebody_unknown_is_refused(bacson: Bacson) -> None:
    assert list(refused_field(bacson, nominee_id="nobody")) == ["nominee_id"]
    assert list(refused_field(bacson, nominee_id="nowhere", nominee_kind=NomineeKind.COLLECTIVE)) == ["nominee_id"]


def test_an_unknown_round_is_refused(bacson: Bacson) -> None:
    assert refused_field(bacson, round_key="1999") == {"round": ["Không có đợt xét này."]}


def refused_field(bacson: Bacson, **changes: Any) -> dict[str, list[str]]:
    with bacson.acting() as ctx, pytest.raises(InvalidInputError) as refusal:
        opened(ctx, bacson, **changes)
    found: dict[str, list[str]] = refusal.value.details["fields"]
    return found


def opened(ctx: Any, bacson: Bacson, **changes: Any) -> Any:
    values = {"round_key": "2025-TK", "unit_id": "bacson", "nominee_kind": NomineeKind.INDIVIDUAL,
              "nominee_id": bacson.nominee, "proposed_form": AwardForm.GIAY_KHEN}  # fmt: skip
    return service.open_nomination(ctx, **(values | changes))


def test_nobody_proposes_himself(bacson: Bacson) -> None:
    with bacson.acting() as ctx, pytest.raises(NomineeMayNotActError):
        opened(ctx, bacson, nominee_id=bacson.head)


@pytest.mark.parametrize("days", [-60, 46])
def test_a_round_not_open_takes_nothing(bacson: Bacson, days: int) -> None:
    bacson.facts.now += timedelta(days=days)
    with bacson.acting() as ctx, pytest.raises(RoundClosedError) as refusal:
        opened(ctx, bacson)
    assert refusal.value.details["deadline"] == "31/07/2025"


def test_a_round_without_guidance_takes_nothing(sqlite_url: str) -> None:
    bacson = Bacson.with_round(Facts(sqlite_url), guidance=False)
    with bacson.acting() as ctx, pytest.raises(RoundWithoutGuidanceError):
        opened(ctx, bacson)


def test_the_same_nominee_round_and_form_come_once(bacson: Bacson) -> None:
    first = bacson.opened()
    with bacson.acting() as ctx, pytest.raises(DuplicateNominationError) as refusal:
        opened(ctx, bacson)
    assert refusal.value.details == {"other": first.business_key}
    with bacson.acting() as ctx:
        assert opened(ctx, bacson, proposed_form=AwardForm.BANG_KHEN_BO_TRUONG).number == 2
        service.withdraw(ctx, first, "Lập nhầm")
        assert opened(ctx, bacson).number == 3


def test_a_letter_carries_several_nominations(bacson: Bacson) -> None:
    one = bacson.opened(letter_number="7/TTr")
    two = bacson.opened(bacson.colleague, letter_number="7/TTr")
    three = bacson.opened("team", kind=NomineeKind.COLLECTIVE)
    with bacson.acting() as ctx:
        letters = [queries.content_of(ctx.session, row.nomination_id).submission_id for row in (one, two, three)]
        assert letters[0] == letters[1]
        assert letters[2] is None
        view = queries.view_of(ctx.session, two.business_key, date(2025, 6, 16))
    assert (view.letter_number, view.nominee, view.unit) == ("7/TTr", "Mã Văn Quân", "Chi cục bacson")


def test_a_declared_interest_keeps_away_until_taken_back(bacson: Bacson) -> None:
    row = bacson.opened()
    with bacson.acting(bacson.officer) as ctx:
        records.declare_interest(ctx, row, "Là em họ")
        assert queries.recused_people(ctx.session, row.nomination_id, ctx.today)[bacson.officer] == "declared"
        records.withdraw_interest(ctx, row, "Khai nhầm")
        assert bacson.officer not in queries.recused_people(ctx.session, row.nomination_id, ctx.today)

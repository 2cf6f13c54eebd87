"""What Phòng TCCB does: the check, the conditions, blocks and warnings, the appraisal, telling the unsuccessful."""

from datetime import date
from typing import Any

import pytest

from engine.errors import InvalidInputError
from tests import builders as build
from tests.builders import Facts
from tests.unit.nominations.test_filing import place
from tests.unit.nominations.unit import Bacson
from workflows.errors import (
    FlagClosedError,
    InterestAlreadyDeclaredError,
    NoInterestDeclaredError,
    NomineeMayNotActError,
    NotYourNominationError,
    UnknownFlagError,
)
from workflows.nominations import eligibility, intake, queries, records, service
from workflows.nominations.models import AwardForm, FlagKind, Nomination, NomineeKind, NoteKind
from workflows.nominations.steps import STEPS, USER_STEPS

_, CHECK, _, BLOCK, WARNINGS, APPRAISE = USER_STEPS
ASSESS = next(step for step in STEPS if step.key == "eligibility")
WITHDRAW = next(step for step in STEPS if step.key == "nominations.withdraw")


def test_the_form_of_a_check_has_one_row_per_item(bacson: Bacson) -> None:
    row = bacson.filed()
    with bacson.acting(bacson.officer, **place(row)) as ctx:
        schema = CHECK.form.schema(ctx)
        rows = CHECK.prefill(ctx)["items"]
    items = schema["properties"]["items"]
    assert items["minItems"] == items["maxItems"] == len(rows)
    assert [row["item"] for row in rows][:3] == ["PROPOSED_FORM", "ACHIEVEMENT", "SUBMISSION_LETTER"]
    assert {row["item"]: row["status"] for row in rows}["SUBMISSION_LETTER"] == "PAPER"
    assert schema["properties"]["outcome"]["x-hints"]["accepted"] == "Chuyển xét điều kiện, rồi thẩm định."


@pytest.mark.parametrize(("outcome", "reason", "variables"), [
    ("accepted", "", {"completeness": "accepted"}),
    ("rejected", "Không thuộc đối tượng của đợt",
     {"completeness": "rejected", "intake_outcome": "out_of_scope", "outcome": "out_of_scope"}),
])  # fmt: skip
def test_a_check_sets_where_the_dossier_goes(
    bacson: Bacson, outcome: str, reason: str, variables: dict[str, str]
) -> None:
    row = bacson.filed()
    with bacson.acting(bacson.officer, **place(row)) as ctx:
        values = CHECK.form.load(ctx, CHECK.form.schema(ctx)["example"] | {"outcome": outcome, "reason": reason})
        assert CHECK.apply(ctx, values) == variables | {"checker_id": bacson.officer}


def test_a_return_names_what_to_mend_and_tells_the_proposer(bacson: Bacson) -> None:
    row = bacson.filed()
    with bacson.acting(bacson.officer, **place(row)) as ctx:
        values = CHECK.form.load(ctx, CHECK.form.schema(ctx)["example"] | {"outcome": "returned"})
        with pytest.raises(InvalidInputError) as refusal:
            CHECK.apply(ctx, values)
        assert list(refusal.value.details["fields"]) == ["outcome"]
        values["items"][1] |= {"status": "FLAWED", "reason": "Nêu số liệu"}
        assert CHECK.apply(ctx, values)["completeness"] == "returned"
        assert queries.flagged_items(ctx.session, row.nomination_id) == {"ACHIEVEMENT": "Nêu số liệu"}
        assert ctx.notices == [(bacson.head, "nomination.returned", row.business_key, row.nomination_id)]
        assert ctx.data["flagged"] == ["ACHIEVEMENT"]


def test_an_item_that_does_not_exist_is_refused(bacson: Bacson) -> None:
    row = bacson.filed()
    with bacson.acting(bacson.officer, **place(row)) as ctx:
        values = CHECK.form.load(ctx, CHECK.form.schema(ctx)["example"])
        values["items"][0]["item"] = "GUIDANCE"
        with pytest.raises(InvalidInputError) as refusal:
            CHECK.apply(ctx, values)
    assert set(refusal.value.details["fields"]) == {"items.0.item", "items"}


def asked(bacson: Bacson, row: Nomination) -> dict[str, Any]:
    with bacson.acting(bacson.officer) as ctx:
        return eligibility.table_inputs(ctx.session, row, ctx.today)


def test_a_plain_case_asks_a_plain_question(bacson: Bacson) -> None:
    assert asked(bacson, bacson.filed()) == {
        "blocking_flags": 0, "discipline_after_from": False, "duplicate": False, "same_round_other_form": False,
        "form": "GIAY_KHEN", "nominee_kind": "INDIVIDUAL", "ground": "", "launched_by_ministry": True,
        "internal_unity": False, "head_unit_result_known": True, "outside_period": False, "over_quota": False,
    }  # fmt: skip


def test_flags_count_as_they_stand_today(bacson: Bacson) -> None:
    row = bacson.filed()
    with bacson.facts.acting() as ctx:
        build.a_flag(ctx, bacson.nominee)
        build.a_flag(ctx, bacson.nominee, FlagKind.DENUNCIATION, closed_on=date(2025, 6, 16))
        build.a_flag(ctx, bacson.nominee, FlagKind.DISCIPLINED, raised_on=date(2018, 1, 1), closed_on=date(2019, 1, 1))
        build.a_flag(ctx, bacson.stranger)
    found = asked(bacson, row)
    assert (found["blocking_flags"], found["discipline_after_from"]) == (1, False)
    with bacson.facts.acting() as ctx:
        build.a_flag(ctx, bacson.nominee, FlagKind.DISCIPLINED, raised_on=date(2019, 1, 1), closed_on=date(2020, 1, 1))
    assert asked(bacson, row)["discipline_after_from"] is True


def test_the_same_time_in_another_round_of_the_campaign_is_a_duplicate(bacson: Bacson) -> None:
    with bacson.facts.acting() as ctx:
        build.a_round(ctx, "2022-SK", campaign_id="c-2025-TK")
        build.a_round(ctx, "other")
    bacson.filed(round_key="2022-SK", values={"achieved_to": date(2022, 6, 30)})
    bacson.filed(round_key="other")
    late = bacson.filed(values={"achieved_from": date(2022, 7, 1)})
    assert asked(bacson, late)["duplicate"] is False
    whole = bacson.filed(bacson.colleague)
    assert asked(bacson, whole)["duplicate"] is False
    bacson.filed(bacson.colleague, round_key="2022-SK", values={"achieved_from": date(2021, 1, 1)})
    assert asked(bacson, whole)["duplicate"] is True


def test_two_forms_in_one_round_are_seen_and_no_duplicate(bacson: Bacson) -> None:
    bacson.filed(form=AwardForm.BANG_KHEN_BO_TRUONG, values={"proposed_form": "BANG_KHEN_BO_TRUONG", "ground": "A"})
    found = asked(bacson, bacson.filed())
    assert (found["same_round_other_form"], found["duplicate"]) == (True, False)


def test_a_head_is_weighed_with_the_unit(bacson: Bacson) -> None:
    with bacson.facts.acting() as ctx:
        chief = build.a_person(ctx, "Hoàng Văn Bách", unit_id="agency", leading=True, roles=("unit_head@agency",))
    with bacson.acting(chief) as ctx:
        row = build.a_filed_nomination(ctx, nominee_id=bacson.head, unit_id="agency")
    assert asked(bacson, row)["head_unit_result_known"] is False
    bacson.opened("bacson", kind=NomineeKind.COLLECTIVE)
    assert asked(bacson, row)["head_unit_result_known"] is True


def test_what_lies_beyond_the_quota_is_seen(sqlite_url: str) -> None:
    bacson = Bacson.with_round(Facts(sqlite_url), quotas={"GIAY_KHEN": 1})
    first, second = bacson.filed(), bacson.filed(bacson.colleague)
    assert [asked(bacson, row)["over_quota"] for row in (first, second)] == [False, True]


def test_the_table_clears_warns_and_blocks(bacson: Bacson) -> None:
    row = bacson.filed()
    assert assessed(bacson, row) == "clear"
    with bacson.facts.acting() as ctx:
        build.a_flag(ctx, bacson.nominee, FlagKind.DISCIPLINED, raised_on=date(2019, 1, 1), closed_on=date(2020, 1, 1))
    assert assessed(bacson, row) == "warned"
    with bacson.facts.acting() as ctx:
        build.a_flag(ctx, bacson.nominee)
    assert assessed(bacson, row) == "blocked"
    with bacson.facts.acting() as ctx:
        found = queries.latest_assessment(ctx.session, row.nomination_id)
    assert found is not None
    assert {finding["code"] for finding in found.findings} == {"open_flags", "discipline_in_period"}
    assert all(finding["article"] for finding in found.findings)
    assert found.looked_up_on == date(2025, 6, 16)


def assessed(bacson: Bacson, row: Nomination) -> str:
    with bacson.facts.acting(**place(row)) as ctx:
        value = ctx.decide("eligibility", ASSESS.inputs(ctx), ASSESS.looked_up_on(ctx))
        found: str = ASSESS.apply(ctx, value)["eligibility"]
    return found


def test_a_block_is_lifted_or_ends_the_case(bacson: Bacson) -> None:
    row = bacson.filed()
    with bacson.acting(bacson.officer, **place(row)) as ctx:
        assert BLOCK.apply(ctx, {"resolution": "recheck", "reason": "Đã kết luận"}) == {"block_resolution": "recheck"}
        assert BLOCK.apply(ctx, {"resolution": "conclude", "reason": "Có vi phạm"}) == {
            "block_resolution": "conclude", "intake_outcome": "ineligible", "outcome": "ineligible",
        }  # fmt: skip
        note = queries.intake_note(ctx.session, row.nomination_id, NoteKind.BLOCK_RESOLUTION)
    assert note is not None
    assert (note.version, note.text) == (2, "Có vi phạm")


def test_every_warning_is_ticked(bacson: Bacson) -> None:
    row = bacson.filed()
    with bacson.facts.acting() as ctx:
        build.a_flag(ctx, bacson.nominee, FlagKind.DISCIPLINED, raised_on=date(2019, 1, 1), closed_on=date(2020, 1, 1))
    assessed(bacson, row)
    with bacson.acting(bacson.officer, **place(row)) as ctx:
        schema = WARNINGS.form.schema(ctx)
        assert schema["properties"]["codes"]["items"]["enum"] == ["discipline_in_period"]
        with pytest.raises(InvalidInputError) as refusal:
            WARNINGS.apply(ctx, {"codes": [], "text": "Đã đối chiếu hồ sơ"})
        assert refusal.value.details["fields"] == {"codes": ["Còn 1 cảnh báo chưa đánh dấu."]}
        assert WARNINGS.apply(ctx, WARNINGS.form.load(ctx, schema["example"])) == {}


def test_the_appraisal_accepts(bacson: Bacson) -> None:
    row = bacson.filed()
    with bacson.acting(bacson.officer, **place(row)) as ctx:
        values = APPRAISE.form.load(ctx, APPRAISE.form.schema(ctx)["example"])
        assert APPRAISE.apply(ctx, values) == {"intake_outcome": "accepted"}
        note = queries.intake_note(ctx.session, row.nomination_id, NoteKind.APPRAISAL)
    assert note is not None
    assert note.outcome == "support"


def test_the_unsuccessful_and_their_proposers_are_told_why(bacson: Bacson) -> None:
    row = bacson.filed()
    with bacson.facts.acting(**place(row)) as ctx:
        notice = intake.notify_unsuccessful(ctx, row, "ineligible")
        assert notice.told == [bacson.head, bacson.nominee]
        assert {kind for _, kind, _, _ in ctx.notices} == {"nomination.unsuccessful.ineligible"}
    team = bacson.opened("bacson", kind=NomineeKind.COLLECTIVE)
    with bacson.facts.acting(**place(team)) as ctx:
        assert intake.notify_unsuccessful(ctx, team, "rejected").told == [bacson.head]


def test_only_the_proposer_withdraws(bacson: Bacson) -> None:
    row = bacson.filed()
    with bacson.acting(bacson.officer, **place(row)) as ctx, pytest.raises(NotYourNominationError):
        WITHDRAW.guard(ctx, a_view(row))
    variables = {"nomination_id": row.nomination_id, "checker_id": bacson.officer}
    with bacson.acting(business_key=row.business_key, variables=variables) as ctx:
        WITHDRAW.guard(ctx, a_view(row))
        assert WITHDRAW.apply(ctx, {"reason": "Xin rút"}) == {"council_outcome": "withdrawn", "outcome": "withdrawn"}
        assert [notice[:2] for notice in ctx.notices] == [(bacson.officer, "nomination.withdrawn")]
        assert queries.living_nominations_of(ctx.session, bacson.nominee) == []


def a_view(row: Nomination) -> Any:
    class View:
        business_key = row.business_key

    return View()


def test_an_interest_is_declared_once_and_taken_back_once(bacson: Bacson) -> None:
    row = bacson.opened()
    with bacson.acting(bacson.stranger) as ctx:
        with pytest.raises(NoInterestDeclaredError):
            records.withdraw_interest(ctx, row, "Khai nhầm")
        records.declare_interest(ctx, row, "Là em họ")
        with pytest.raises(InterestAlreadyDeclaredError):
            records.declare_interest(ctx, row, "Là em họ")


def test_a_flag_is_raised_and_closed_with_its_days(bacson: Bacson) -> None:
    with bacson.acting(bacson.officer) as ctx:
        flag = raised(ctx, bacson.nominee)
        for closed_on, key in ((date(2025, 5, 1), "period_reversed"), (date(2025, 7, 1), "in_future")):
            with pytest.raises(InvalidInputError) as refusal:
                records.close_flag(ctx, flag.flag_id, closed_on=closed_on, document="", text="Xong")
            assert refusal.value.details["problems"] == {"closed_on": [f"@{key}"]}
        closed = records.close_flag(ctx, flag.flag_id, closed_on=date(2025, 6, 16), document="", text="Xong")
        assert (closed.version, closed.document) == (2, "12/TB")
        with pytest.raises(FlagClosedError):
            records.close_flag(ctx, flag.flag_id, closed_on=date(2025, 6, 16), document="", text="Xong")
        with pytest.raises(UnknownFlagError):
            records.close_flag(ctx, "none", closed_on=date(2025, 6, 16), document="", text="Xong")
        with pytest.raises(InvalidInputError):
            raised(ctx, "nobody")
        with pytest.raises(InvalidInputError):
            raised(ctx, bacson.nominee, raised_on=date(2025, 6, 17))


def test_nobody_closes_a_record_about_himself(bacson: Bacson) -> None:
    with bacson.acting(bacson.officer) as ctx:
        flag = raised(ctx, bacson.officer)
        with pytest.raises(NomineeMayNotActError):
            records.close_flag(ctx, flag.flag_id, closed_on=date(2025, 6, 16), document="", text="Xong")


def raised(ctx: Any, nominee_id: str, raised_on: date = date(2025, 6, 2)) -> Any:
    return records.raise_flag(
        ctx, nominee_kind=NomineeKind.INDIVIDUAL, nominee_id=nominee_id, kind=FlagKind.COMPLAINT,
        raised_on=raised_on, closed_on=None, document="12/TB", text="Đơn",
    )  # fmt: skip


def test_every_form_describes_itself_without_a_case(facts: Facts) -> None:
    with facts.acting() as ctx:
        for step in STEPS:
            form = getattr(step, "form", None)
            if form is not None:
                schema = form.schema(ctx)
                assert schema["title"] != f"steps.{step.key}"
                assert all(part["title"] != name for name, part in schema["properties"].items())


def test_opening_counts_for_nothing_until_the_letter_is_known(bacson: Bacson) -> None:
    row = bacson.opened()
    with bacson.acting() as ctx:
        content = queries.content_of(ctx.session, row.nomination_id)
        assert service.values_of(ctx, row, content)["letter_number"] == ""

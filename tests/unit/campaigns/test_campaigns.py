"""Campaigns, letters and rounds, through the doors."""

from datetime import date
from typing import Any

import pytest

from engine.context import Actor
from engine.db import reading
from engine.errors import ForbiddenError, InvalidInputError
from tests.unit.campaigns.campaign import CHAIR, DIRECTOR, OFFICER, ROUND, STAFF, CampaignOffice, a_campaign
from tests.unit.organisation.test_units_and_posts import problems
from workflows.campaigns import queries
from workflows.campaigns.models import RoundKind
from workflows.campaigns.rules import continue_decision_needed, quota_map
from workflows.documents.queries import documents_of
from workflows.errors import ContinueDecisionMissingError, RoundClosedError, RoundWithoutGuidanceError


def test_a_campaign_is_read_back_with_all_that_belongs_to_it(office: CampaignOffice) -> None:
    act, campaign_id = office.office.act, office.campaign_id
    act(OFFICER, "campaigns.add_legal_basis", campaign_id=campaign_id, position=2, number="1574/QĐ-BTP",
        issued_on="2019-07-11", issuer="Bộ trưởng Bộ Tư pháp", title="Kế hoạch")  # fmt: skip
    act(OFFICER, "campaigns.add_legal_basis", campaign_id=campaign_id, position=1, number="733/QĐ-TTg",
        issued_on="2019-06-14", issuer="Thủ tướng Chính phủ", title="Phát động", verified=True)  # fmt: skip
    act(OFFICER, "campaigns.add_milestone", campaign_id=campaign_id, key="final_review", year=2025, title="Tổng kết")
    act(OFFICER, "campaigns.add_milestone", campaign_id=campaign_id, key="launch", year=2019, title="Phát động",
        planned_on="2019-08-22", mark="T", source="Kế hoạch, mục II.1")  # fmt: skip
    act(OFFICER, "campaigns.add_criteria_group", campaign_id=campaign_id, position=1, title="Kỷ cương")
    letter = office.letter()

    with reading(office.office.engine.sessions) as session:
        view = queries.campaign_view(session, "van-hoa-cong-so")
        assert view is not None
        assert [basis.number for basis in view.legal_bases] == ["733/QĐ-TTg", "1574/QĐ-BTP"]
        assert [basis.verified for basis in view.legal_bases] == [True, False]
        assert [stone.key for stone in view.milestones] == ["launch", "final_review"]
        assert [group.title for group in view.criteria_groups] == ["Kỷ cương"]
        assert [found.guidance_id for found in view.guidance] == [letter]
        assert [file.name for file in documents_of(session, letter)] == ["215-HD-CTHADS.pdf"]


@pytest.mark.parametrize(("change", "expected"), [
    ({}, {"key": "camp_key_taken"}),
    ({"key": "b", "launched_on": "2018-01-01"}, {"launched_on": "camp_outside_time"}),
    ({"key": "b", "valid_to": "2018-01-01"}, {"valid_to": "camp_end_before_start"}),
    ({"key": "b", "goal": " "}, {"goal": "required"}),
    ({"key": "B b"}, {"key": "camp_key_form"}),
])  # fmt: skip
def test_a_campaign_that_does_not_fit_is_refused(
    office: CampaignOffice, change: dict[str, str], expected: dict[str, str]
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        a_campaign(office.office, **change)
    assert problems(refusal) == expected


@pytest.mark.parametrize(("values", "expected"), [
    ({"key": "late", "year": 2026}, {"year": "camp_outside_time"}),
    ({"key": "odd", "year": 2022, "planned_on": "2023-01-01"}, {"planned_on": "camp_other_year"}),
    ({"key": "launch", "year": 2020}, {"key": "camp_key_taken"}),
])  # fmt: skip
def test_a_milestone_lies_in_its_year_and_campaign(
    office: CampaignOffice, values: dict[str, Any], expected: dict[str, str]
) -> None:
    launch = {"campaign_id": office.campaign_id, "title": "Phát động"}
    office.office.act(OFFICER, "campaigns.add_milestone", key="launch", year=2019, **launch)

    with pytest.raises(InvalidInputError) as refusal:
        office.office.act(OFFICER, "campaigns.add_milestone", **launch, **values)
    assert problems(refusal) == expected


def test_no_round_opens_without_its_letter(office: CampaignOffice) -> None:
    later = office.letter(number="216/HD-CTHADS", issued_on="2025-05-05")
    other = CampaignOffice(office.office, a_campaign(office.office, key="phong-trao-khac"), office.unit_id).letter()

    for values in ({}, {"guidance_id": other}, {"guidance_id": later, "opened_on": "2025-05-04"}):
        with pytest.raises(RoundWithoutGuidanceError):
            office.round(**values)
    assert office.round(guidance_id=later)


@pytest.mark.parametrize(("change", "expected"), [
    ({"issued_on": "2025-05-06"}, {"issued_on": "camp_in_future"}),
    ({"issued_on": "2018-05-06"}, {"issued_on": "camp_outside_time"}),
    ({"file_sha256": "0" * 64}, {"file_sha256": "file_missing"}),
    ({"file_sha256": "../../etc/passwd"}, {"file_sha256": "file_missing"}),
])  # fmt: skip
def test_a_letter_that_does_not_fit_is_refused(
    office: CampaignOffice, change: dict[str, str], expected: dict[str, str]
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        office.letter(**change)
    assert problems(refusal) == expected


@pytest.mark.parametrize(("change", "expected"), [
    ({"key": "tổng kết"}, {"key": "camp_round_key_form"}),
    ({"filing_deadline": "2025-05-04"}, {"filing_deadline": "camp_deadline_before_opening"}),
    ({"period_to": "2019-01-01"}, {"period_to": "camp_end_before_start"}),
    ({"period_from": "2018-01-01"}, {"period_from": "camp_outside_time"}),
    ({"opened_on": "2026-01-05", "filing_deadline": "2026-02-01"}, {"opened_on": "camp_outside_time"}),
    ({"quotas": [{"form": "GIAY_KHEN", "most": 1}, {"form": "GIAY_KHEN", "most": 2}]}, {"quotas": "camp_quota_twice"}),
    ({"quotas": [{"form": "HUAN_CHUONG", "most": 1}]}, {"quotas.0.form": "unknown_choice"}),
    ({"kind": "YEARLY"}, {"kind": "unknown_choice"}),
])  # fmt: skip
def test_a_round_that_does_not_fit_is_refused(
    office: CampaignOffice, change: dict[str, Any], expected: dict[str, str]
) -> None:
    letter = office.letter()

    with pytest.raises(InvalidInputError) as refusal:
        office.round(guidance_id=letter, **change)
    assert problems(refusal) == expected


def test_after_the_interim_review_a_round_needs_the_decision_to_go_on(office: CampaignOffice) -> None:
    letter = office.letter()
    with pytest.raises(ContinueDecisionMissingError):
        office.round(guidance_id=letter, kind="FINAL")
    with pytest.raises(InvalidInputError) as early:
        office.office.act(DIRECTOR, "campaigns.continue_campaign", campaign_id=office.campaign_id, decision="12/TB")
    office.round(guidance_id=letter, key="2025-SK")
    with pytest.raises(ContinueDecisionMissingError):
        office.round(guidance_id=letter, kind="FINAL")

    office.office.act(DIRECTOR, "campaigns.continue_campaign", campaign_id=office.campaign_id, decision="12/TB")
    with pytest.raises(InvalidInputError) as twice:
        office.office.act(DIRECTOR, "campaigns.continue_campaign", campaign_id=office.campaign_id, decision="13/TB")

    assert office.round(guidance_id=letter, kind="FINAL")
    assert problems(early) == {"campaign_id": "camp_no_interim_round"}
    assert problems(twice) == {"decision": "camp_already_continued"}


def test_quotas_are_kept_by_form(office: CampaignOffice) -> None:
    office.round(guidance_id=office.letter(), quotas=[{"form": "GIAY_KHEN", "most": 3}])

    with reading(office.office.engine.sessions) as session:
        found = queries.find_round(session, "2025-TK")
        assert found is not None
        assert found.quotas == {"GIAY_KHEN": 3}


def test_late_filing_is_the_chairs_exception_for_one_unit(office: CampaignOffice) -> None:
    office.round(guidance_id=office.letter())
    late = {"round_key": "2025-TK", "unit_id": office.unit_id, "reason": "Mưa lũ"}
    with pytest.raises(ForbiddenError):
        office.office.act(OFFICER, "campaigns.allow_late_filing", until="2025-06-10", **late)
    with pytest.raises(InvalidInputError) as in_time:
        office.office.act(CHAIR, "campaigns.allow_late_filing", until="2025-05-30", **late)

    office.office.act(CHAIR, "campaigns.allow_late_filing", until="2025-06-10", **late)

    assert problems(in_time) == {"until": "camp_not_late"}
    with reading(office.office.engine.sessions) as session:
        found = queries.find_round(session, "2025-TK")
        assert found is not None
        days = [date(2025, 5, 4), date(2025, 5, 5), date(2025, 5, 30), date(2025, 6, 10), date(2025, 6, 11)]
        is_open = [queries.is_open(session, found, office.unit_id, day) for day in days]
        assert is_open == [False, True, True, True, False]
        assert not queries.is_open(session, found, "another", date(2025, 6, 10))


def test_a_closed_round_knows_no_exception(office: CampaignOffice) -> None:
    office.round(guidance_id=office.letter())
    with pytest.raises(InvalidInputError) as early:
        office.office.act(OFFICER, "campaigns.close_round", round_key="2025-TK", closed_on="2025-05-04")
    office.office.act(OFFICER, "campaigns.close_round", round_key="2025-TK", closed_on="2025-06-05")

    late = {"round_key": "2025-TK", "unit_id": office.unit_id, "reason": "Mưa lũ"}
    with pytest.raises(RoundClosedError):
        office.office.act(CHAIR, "campaigns.allow_late_filing", until="2025-06-10", **late)
    with pytest.raises(RoundClosedError):
        office.office.act(OFFICER, "campaigns.close_round", round_key="2025-TK", closed_on="2025-06-06")
    assert problems(early) == {"closed_on": "camp_end_before_start"}


@pytest.mark.parametrize(("actor", "step"), [
    (STAFF, "campaigns.create_campaign"), (STAFF, "campaigns.publish_guidance"), (STAFF, "campaigns.open_round"),
    (CHAIR, "campaigns.close_round"), (OFFICER, "campaigns.continue_campaign"),
    (OFFICER, "campaigns.allow_late_filing"),
    (DIRECTOR, "campaigns.add_milestone"),
])  # fmt: skip
def test_each_act_has_its_roles(office: CampaignOffice, actor: Actor, step: str) -> None:
    with pytest.raises(ForbiddenError):
        office.office.act(actor, step)


def test_the_decision_to_go_on_follows_from_the_rounds_before() -> None:
    assert continue_decision_needed(RoundKind.FINAL, [])
    assert continue_decision_needed(RoundKind.INTERIM, [RoundKind.INTERIM])
    assert not continue_decision_needed(RoundKind.INTERIM, [])


def test_a_quota_map_names_each_form_once() -> None:
    assert quota_map([{"form": "A", "most": 1}, {"form": "B", "most": "2"}]) == {"A": 1, "B": 2}
    with pytest.raises(ValueError, match="A"):
        quota_map([{"form": "A", "most": 1}, {"form": "A", "most": 1}])


def test_round_days_are_dates(office: CampaignOffice) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        office.round(**{**ROUND, "opened_on": "05/05/2025"})
    assert problems(refusal) == {"opened_on": "invalid_date"}

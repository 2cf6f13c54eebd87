"""Rules of deciding and numbering, without a database."""

from datetime import date

import pytest

from workflows.decisions import rules
from workflows.decisions.models import DirectorChoice
from workflows.decisions.rules import Standing
from workflows.documents.models import SigningCapacity
from workflows.nominations.models import AwardForm

GRANT, REFER = DirectorChoice.GRANT_GIAY_KHEN, DirectorChoice.REFER_TO_MINISTER
RETURN, REJECT = DirectorChoice.RETURN_TO_COUNCIL, DirectorChoice.REJECT
GIAY_KHEN, BANG_KHEN = AwardForm.GIAY_KHEN, AwardForm.BANG_KHEN_BO_TRUONG


@pytest.mark.parametrize(
    ("choice", "proposed", "outcome", "departs"),
    [
        (GRANT, GIAY_KHEN, "passed", False),
        (REFER, BANG_KHEN, "passed", False),
        (REJECT, GIAY_KHEN, "failed", False),
        (REJECT, BANG_KHEN, "no_quorum", False),
        (GRANT, GIAY_KHEN, "failed", True),
        (GRANT, GIAY_KHEN, "no_quorum", True),
        (GRANT, GIAY_KHEN, "", True),
        (GRANT, BANG_KHEN, "passed", True),
        (REFER, GIAY_KHEN, "passed", True),
        (REFER, BANG_KHEN, "failed", True),
        (REJECT, GIAY_KHEN, "passed", True),
        (RETURN, GIAY_KHEN, "passed", False),
        (RETURN, GIAY_KHEN, "failed", False),
    ],
)
def test_a_decision_departs_when_it_is_not_what_the_council_advised(
    choice: DirectorChoice, proposed: AwardForm, outcome: str, departs: bool
) -> None:
    assert rules.departs_from_vote(choice, proposed, outcome) is departs


@pytest.mark.parametrize("policy", [True, False])
@pytest.mark.parametrize("departs", [True, False])
def test_returns_and_refusals_always_need_a_reason_departures_by_policy(departs: bool, policy: bool) -> None:
    for choice in (RETURN, REJECT):
        assert rules.needs_reason(choice, departs=departs, policy=policy)
    for choice in (GRANT, REFER):
        assert rules.needs_reason(choice, departs=departs, policy=policy) is (departs and policy)


def test_numbers_count_from_one_and_are_written_with_two_digits() -> None:
    assert rules.next_number([]) == 1
    assert rules.next_number([1, 2, 9]) == 10
    assert rules.number_text("{n}/QĐ-CTHADS", 7) == "07/QĐ-CTHADS"
    assert rules.number_text("{n}/QĐ-CTHADS", 123) == "123/QĐ-CTHADS"
    assert rules.decision_key("07/QĐ-CTHADS", 2025) == "07-QĐ-CTHADS-2025"


def test_a_pattern_from_a_table_is_no_format_string() -> None:
    with pytest.raises(ValueError, match="has no"):
        rules.number_text("QĐ-CTHADS", 1)
    assert rules.number_text("{n}/{0.__class__}", 1) == "01/{0.__class__}"


@pytest.mark.parametrize(
    ("standing", "wanted"),
    [
        (Standing(post="Cục trưởng"), ("HEAD",)),
        (Standing(post="Quyền Cục trưởng", acting=True), ("ACTING_HEAD",)),
        (Standing(post="Phó Cục trưởng", deputy_head=True), ("FOR_HEAD",)),
        (Standing("giver", post="Phó Cục trưởng", deputy_head=True), ("FOR_HEAD", "ACTING_HEAD")),
        (Standing("giver", post="Trưởng phòng", leads_unit=True), ("BY_AUTHORISATION",)),
        (Standing("giver", post="Chuyên viên"), ()),
    ],
)
def test_in_what_capacity_somebody_signs_follows_from_the_record(
    standing: Standing, wanted: tuple[SigningCapacity, ...]
) -> None:
    assert rules.capacities(standing) == wanted


def test_the_full_title_says_shared_words_once() -> None:
    agency = "Thi hành án dân sự tỉnh Lạng Sơn"
    assert rules.issuer_title("Trưởng Thi hành án dân sự tỉnh", agency) == f"Trưởng {agency}"
    assert rules.issuer_title("Cục trưởng", f"Cục {agency}") == f"Cục trưởng Cục {agency}"


def test_days_lie_between_the_decision_and_today() -> None:
    first, last = date(2025, 6, 16), date(2025, 6, 20)
    named = [("a", date(2025, 6, 15)), ("b", first), ("c", last), ("d", date(2025, 6, 21))]
    assert rules.date_faults(named, first=first, last=last) == {"a": "date_before", "d": "date_in_future"}

"""Rules of a nomination on plain values."""

from datetime import date

import pytest

from tests.builders import a_proposal
from workflows.nominations.models import ItemStatus, NomineeKind
from workflows.nominations.rules import (
    DossierItem,
    Mended,
    Period,
    business_key_of,
    check_problems,
    editable_fields,
    missing_items,
    proposal_problems,
    supplement_problems,
    worst_level,
)

ROUND = Period(date(2019, 1, 1), date(2025, 6, 30))
TODAY = date(2025, 6, 16)


def problems(kind: NomineeKind = NomineeKind.INDIVIDUAL, **changes: object) -> list[tuple[str, str]]:
    found = proposal_problems(a_proposal(**changes), kind=kind, allowed=ROUND, today=TODAY)
    return [(name, key) for name, key, _ in found]


def test_a_good_proposal_has_no_problem() -> None:
    assert problems() == []
    assert problems(proposed_form="BANG_KHEN_BO_TRUONG", ground="DD") == []
    assert problems(NomineeKind.COLLECTIVE, internal_unity=True) == []


@pytest.mark.parametrize(("kind", "changes", "problem"), [
    ("INDIVIDUAL", {"proposed_form": "BANG_KHEN_BO_TRUONG"}, ("ground", "ground_required")),
    ("INDIVIDUAL", {"ground": "A"}, ("ground", "ground_only_for_bang_khen")),
    ("COLLECTIVE", {"proposed_form": "BANG_KHEN_BO_TRUONG", "ground": "DD"}, ("ground", "ground_not_for_collective")),
    ("INDIVIDUAL", {"internal_unity": True}, ("internal_unity", "only_for_collective")),
    ("INDIVIDUAL", {"achieved_from": date(2025, 6, 1)}, ("achieved_to", "period_reversed")),
    ("INDIVIDUAL", {"achieved_from": date(2018, 12, 31)}, ("achieved_from", "outside_period")),
    ("INDIVIDUAL", {"achieved_to": date(2025, 7, 1)}, ("achieved_to", "outside_period")),
    ("INDIVIDUAL", {"achieved_to": date(2025, 6, 17)}, ("achieved_to", "in_future")),
    ("INDIVIDUAL", {"letter_on": date(2025, 6, 17)}, ("letter_on", "in_future")),
])  # fmt: skip
def test_each_problem_names_its_field(kind: str, changes: dict[str, object], problem: tuple[str, str]) -> None:
    assert problems(NomineeKind(kind), **changes) == [problem]


def test_keys_count_with_three_digits() -> None:
    assert business_key_of("2025-TK", 7) == "ĐN-2025-TK-007"
    assert business_key_of("2025-TK", 1234) == "ĐN-2025-TK-1234"


def test_flagged_items_open_their_fields_only() -> None:
    assert editable_fields(["SUBMISSION_LETTER"]) == {"letter_number", "letter_on"}
    assert editable_fields(["UNIT_MINUTES"]) == frozenset()
    assert "achieved_to" in editable_fields(["ACHIEVEMENT"])


def test_an_item_is_there_by_file_on_paper_or_typed() -> None:
    items = [
        DossierItem("ACHIEVEMENT", required=True, typed=True),
        DossierItem("SUBMISSION_LETTER", required=True, documents=1),
        DossierItem("ACHIEVEMENT_REPORT", required=True, paper=True),
        DossierItem("UNIT_MINUTES", required=True),
        DossierItem("EVIDENCE", required=False),
    ]
    assert missing_items(items) == ["UNIT_MINUTES"]
    assert [item.status for item in items[1:4]] == [ItemStatus.PRESENT, ItemStatus.PAPER, ItemStatus.MISSING]


DOSSIER = [
    DossierItem("ACHIEVEMENT", required=True, typed=True),
    DossierItem("UNIT_MINUTES", required=True, documents=1),
    DossierItem("ACHIEVEMENT_REPORT", required=True),
    DossierItem("EVIDENCE", required=False),
]
IN_ORDER = {"ACHIEVEMENT": "PRESENT", "UNIT_MINUTES": "PRESENT", "ACHIEVEMENT_REPORT": "PAPER", "EVIDENCE": "MISSING"}


def checked(
    outcome: str, reason: str = "", reasons: dict[str, str] | None = None, **found: str
) -> list[tuple[str, str]]:
    rows = [
        {"item": item, "status": status, "reason": (reasons or {}).get(item, "")}
        for item, status in (IN_ORDER | found).items()
        if status
    ]
    return [(name, key) for name, key, _ in check_problems(DOSSIER, rows, outcome, reason)]


def test_a_check_fits_its_outcome() -> None:
    assert checked("accepted") == []
    assert checked("returned", reasons={"UNIT_MINUTES": "Thiếu chữ ký"}, UNIT_MINUTES="FLAWED") == []
    assert checked("returned", reasons={"EVIDENCE": "Bổ sung ảnh"}) == []
    assert checked("rejected", reason="Không thuộc cơ quan") == []


@pytest.mark.parametrize(("outcome", "found", "problem"), [
    ("accepted", {"UNIT_MINUTES": "FLAWED"}, ("outcome", "not_complete")),
    ("accepted", {"ACHIEVEMENT_REPORT": "MISSING"}, ("outcome", "not_complete")),
    ("returned", {}, ("outcome", "nothing_to_return")),
    ("returned", {"ACHIEVEMENT_REPORT": "MISSING"}, ("items.2.reason", "say_what_to_mend")),
    ("returned", {"UNIT_MINUTES": "FLAWED"}, ("items.1.reason", "say_what_to_mend")),
    ("rejected", {}, ("reason", "required")),
    ("accepted", {"ACHIEVEMENT_REPORT": "PRESENT"}, ("items.2.status", "nothing_filed")),
    ("accepted", {"ACHIEVEMENT": "PAPER"}, ("items.0.status", "typed_item")),
    ("accepted", {"EVIDENCE": ""}, ("items", "item_not_checked")),
])  # fmt: skip
def test_a_check_that_does_not_fit_is_refused(outcome: str, found: dict[str, str], problem: tuple[str, str]) -> None:
    assert checked(outcome, **found) == [problem]


def test_an_item_is_judged_once() -> None:
    rows = [{"item": item, "status": status, "reason": ""} for item, status in IN_ORDER.items()]
    found = check_problems(DOSSIER, [*rows, rows[0]], "accepted", "")
    assert [(name, key) for name, key, _ in found] == [("items.4.item", "item_twice")]


def test_only_what_was_returned_may_be_mended_and_all_of_it_must_be() -> None:
    flagged = {"ACHIEVEMENT": "Nêu số liệu", "UNIT_MINUTES": "Thiếu chữ ký"}

    def mended(changed: tuple[str, ...] = (), filed: tuple[str, ...] = (), paper: tuple[str, ...] = (), note: str = ""):
        found = supplement_problems(flagged, Mended(changed, filed, paper), note)
        return [(name, key) for name, key, _ in found]

    assert mended(("summary",), ("UNIT_MINUTES",)) == []
    assert mended((), (), ("UNIT_MINUTES",), "Đúng như đã nêu") == []
    assert mended() == [("note", "mend_or_explain"), ("paper", "still_missing")]
    assert mended(("summary", "letter_on"), ("UNIT_MINUTES",)) == [("letter_on", "not_editable")]
    assert mended(("summary",), (), ("UNIT_MINUTES", "EVIDENCE")) == [("paper", "kind_not_flagged")]


def test_the_worst_finding_decides() -> None:
    warned, blocked = {"level": "warned"}, {"level": "blocked"}
    assert worst_level([]) == "clear"
    assert worst_level([warned, warned]) == "warned"
    assert worst_level([warned, blocked]) == "blocked"

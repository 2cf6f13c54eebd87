"""What the tables answer: the vectors of the rules, and votes against an independent count in exact fractions."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

import pytest

from engine.dmn import DecisionInputError, load
from engine.tables import plain
from tests.unit.rulebook.files import decide, files, model, versions

# prize


@pytest.mark.parametrize(
    ("form", "kind", "on", "amount"),
    [
        ("GIAY_KHEN", "INDIVIDUAL", "2022-10-01", 450_000),
        ("GIAY_KHEN", "COLLECTIVE", "2022-10-01", 890_000),
        ("BANG_KHEN_BO_TRUONG", "INDIVIDUAL", "2022-10-01", 1_490_000),
        ("BANG_KHEN_BO_TRUONG", "COLLECTIVE", "2022-10-01", 2_980_000),
        ("GIAY_KHEN", "INDIVIDUAL", "2025-08-28", 700_000),
        ("GIAY_KHEN", "COLLECTIVE", "2025-08-28", 1_400_000),
        ("BANG_KHEN_BO_TRUONG", "INDIVIDUAL", "2025-08-28", 3_510_000),
        ("BANG_KHEN_BO_TRUONG", "COLLECTIVE", "2025-08-28", 7_020_000),
        ("GIAY_KHEN", "INDIVIDUAL", "2025-06-20", 700_000),
        ("GIAY_KHEN", "INDIVIDUAL", "2019-06-30", 420_000),
        ("GIAY_KHEN", "INDIVIDUAL", "2023-12-31", 540_000),
        ("BANG_KHEN_BO_TRUONG", "INDIVIDUAL", "2023-12-31", 1_800_000),
        ("BANG_KHEN_BO_TRUONG", "INDIVIDUAL", "2024-01-01", 2_700_000),
    ],
)
def test_prize_money(form: str, kind: str, on: str, amount: int) -> None:
    assert decide("prize", on, {"form": form, "nominee_kind": kind})["amount_vnd"] == amount


@pytest.mark.parametrize(
    ("rule", "rounded_up"),
    [
        ("H01", 450_000), ("H02", 900_000), ("H07", 1_490_000), ("H05", 710_000), ("H06", 1_410_000),
        ("H11", 3_510_000), ("H12", 7_020_000),
    ],
)  # fmt: skip
def test_rounding_up_is_one_changed_cell(rule: str, rounded_up: int) -> None:
    """An officer who reads the decree as "round up" changes NEAREST to UP and nothing else."""
    day = date(2019, 7, 1) if rule in {"H01", "H02", "H07"} else date(2025, 7, 1)
    (file,) = (file for file in files() if (file.table, file.valid_from) == ("prize", day))
    nearest, up = (f'<text>"{mode}"</text></outputEntry>'.encode() for mode in ("NEAREST", "UP"))
    changed = load(file.xml.replace(nearest, up))
    (row,) = (row for row in changed.rules("prize_rule") if row.id == rule)
    form, kind = (test.text.strip('"') for test in row.tests)
    assert plain(changed.evaluate("prize", {"form": form, "nominee_kind": kind}).value)["amount_vnd"] == rounded_up


def test_a_collective_gets_more_than_an_individual() -> None:
    for day in versions("prize"):
        for form in ("GIAY_KHEN", "BANG_KHEN_BO_TRUONG"):
            one = decide("prize", day.isoformat(), {"form": form, "nominee_kind": "INDIVIDUAL"})
            many = decide("prize", day.isoformat(), {"form": form, "nominee_kind": "COLLECTIVE"})
            assert many["amount_vnd"] > one["amount_vnd"]


def test_the_row_that_set_the_prize_is_in_the_trace() -> None:
    inputs = {"form": "GIAY_KHEN", "nominee_kind": "COLLECTIVE"}
    (table,) = model("prize", date(2025, 7, 1)).evaluate("prize", inputs).trace.tables
    (rule,) = table.matched
    assert (rule.id, rule.annotations["confidence"]) == ("H06", "B")
    assert "152/2025" in rule.annotations["source"]


# votes


def _counts() -> Iterator[tuple[int, int, int, int]]:
    for members in range(3, 12):
        for recused in range(members + 1):
            for cast in range(members - recused + 1):
                for agree in range(cast + 1):
                    yield members, recused, cast, agree


@pytest.mark.parametrize("form", ["GIAY_KHEN", "BANG_KHEN_BO_TRUONG"])
def test_every_vote_against_exact_fractions(form: str) -> None:
    table = model("vote_outcome", date(2019, 1, 1))
    checked = 0
    for members, recused, cast, agree in _counts():
        voters = members - recused
        inputs = {"form": form, "members": members, "recused": recused, "cast": cast, "agree": agree}
        found = plain(table.evaluate("vote_outcome", inputs).value)
        quorate = cast >= 1 and Fraction(cast, members) >= Fraction(2, 3)
        share = Fraction(agree, voters) if voters else Fraction(0)
        enough = share > Fraction(1, 2) if form == "GIAY_KHEN" else agree > 0 and share >= Fraction(4, 5)
        expected = "no_quorum" if not quorate else "passed" if enough else "failed"
        assert found["outcome"] == expected, inputs
        assert (found["base"], found["quorum"]) == (voters, ceil(Fraction(2 * members, 3)))
        fewest = [n for n in range(1, voters + 1) if _passes(form, n, voters)]
        assert found["needed"] == (fewest[0] if fewest else 1), inputs
        checked += 1
    assert checked == 1350


def _passes(form: str, agree: int, voters: int) -> bool:
    share = Fraction(agree, voters)
    return share > Fraction(1, 2) if form == "GIAY_KHEN" else share >= Fraction(4, 5)


def test_a_tie_fails() -> None:
    counts = {"form": "GIAY_KHEN", "members": 9, "recused": 1, "cast": 8}
    assert decide("vote_outcome", "2025-06-16", counts | {"agree": 4})["outcome"] == "failed"
    assert decide("vote_outcome", "2025-06-16", counts | {"agree": 5})["outcome"] == "passed"


@pytest.mark.parametrize("change", [{"agree": 9}, {"cast": 9}, {"recused": 2}, {"agree": -1}, {"recused": -1}])
def test_counts_that_do_not_fit_are_refused(change: dict[str, int]) -> None:
    counts = {"form": "GIAY_KHEN", "members": 9, "recused": 1, "cast": 8, "agree": 8}
    with pytest.raises(DecisionInputError, match="Các số đếm khớp nhau"):
        decide("vote_outcome", "2025-06-16", counts | change)


def test_the_thresholds_used_are_in_the_trace() -> None:
    counts = {"form": "BANG_KHEN_BO_TRUONG", "members": 9, "recused": 1, "cast": 8, "agree": 7}
    traced = model("vote_outcome", date(2019, 1, 1)).evaluate("vote_outcome", counts).trace.tables
    rows = {table.decision: table.matched[0] for table in traced}
    assert plain(rows["vote_pass_rule"].outputs) == {
        "comparison": ">=", "numerator": 4, "denominator": 5, "counted": "NOT_RECUSED"
    }  # fmt: skip
    assert rows["vote_quorum_rule"].annotations["confidence"] == "S"
    assert rows["vote_outcome"].id == "F13_passed"


# dossier


def _items(form: str, kind: str, ground: str, on: str = "2025-06-16") -> dict[str, bool]:
    rows = decide("required_documents", on, {"form": form, "nominee_kind": kind, "ground": ground})
    assert len({row["item"] for row in rows}) == len(rows)
    return {row["item"]: row["required"] for row in rows}


def test_the_three_papers_are_always_required() -> None:
    for day in versions("required_documents"):
        for kind in ("INDIVIDUAL", "COLLECTIVE"):
            found = _items("GIAY_KHEN", kind, "", day.isoformat())
            assert {item for item, required in found.items() if required} == {
                "SUBMISSION_LETTER", "ACHIEVEMENT_REPORT", "UNIT_MINUTES"
            }  # fmt: skip
            assert found["EVIDENCE"] is False


def test_a_certificate_when_the_ground_needs_it() -> None:
    assert _items("BANG_KHEN_BO_TRUONG", "INDIVIDUAL", "D")["CERTIFICATE"] is True
    assert _items("BANG_KHEN_BO_TRUONG", "INDIVIDUAL", "B")["CERTIFICATE"] is False
    assert "CERTIFICATE" not in _items("BANG_KHEN_BO_TRUONG", "INDIVIDUAL", "A")
    assert "CERTIFICATE" not in _items("BANG_KHEN_BO_TRUONG", "COLLECTIVE", "D")
    assert _items("BANG_KHEN_BO_TRUONG", "COLLECTIVE", "A")["CONFIRMATION"] is False


# eligibility

CLEAR: dict[str, Any] = {
    "blocking_flags": 0, "discipline_after_from": False, "duplicate": False, "same_round_other_form": False,
    "form": "BANG_KHEN_BO_TRUONG", "nominee_kind": "COLLECTIVE", "ground": "A", "launched_by_ministry": True,
    "internal_unity": True, "head_unit_result_known": True, "outside_period": False, "over_quota": False,
}  # fmt: skip


@pytest.mark.parametrize("on", ["2022-08-01", "2024-05-01", "2025-07-01"])
def test_nothing_found_is_clear(on: str) -> None:
    assert decide("eligibility", on, CLEAR) == []
    assert decide("eligibility", on, CLEAR | {"form": "GIAY_KHEN", "ground": "", "launched_by_ministry": False}) == []


@pytest.mark.parametrize(
    ("change", "code", "level", "from_2024_only"),
    [
        ({"blocking_flags": 2}, "open_flags", "blocked", False),
        ({"duplicate": True}, "duplicate_award", "blocked", False),
        ({"same_round_other_form": True}, "two_forms_one_round", "blocked", False),
        ({"ground": ""}, "ground_missing", "blocked", True),
        ({"launched_by_ministry": False}, "ground_not_launched_by_ministry", "blocked", True),
        ({"ground": "DD"}, "ground_not_for_collective", "blocked", True),
        ({"internal_unity": False}, "no_internal_unity", "blocked", True),
        ({"discipline_after_from": True}, "discipline_in_period", "warned", True),
        ({"nominee_kind": "INDIVIDUAL", "head_unit_result_known": False}, "head_result_unknown", "warned", False),
        ({"outside_period": True}, "outside_period", "warned", False),
        ({"over_quota": True}, "over_quota", "warned", False),
    ],
)
def test_each_finding_alone(change: dict[str, Any], code: str, level: str, from_2024_only: bool) -> None:
    for on in ("2022-08-01", "2024-05-01", "2025-07-01"):
        found = decide("eligibility", on, CLEAR | change)
        if from_2024_only and on < "2024-01-01":
            assert found == []
            continue
        (row,) = found
        assert (row["code"], row["level"]) == (code, level)
        assert row["article"]


def test_the_article_follows_the_day_of_filing() -> None:
    flagged = CLEAR | {"blocking_flags": 1}
    assert "98/2023" in decide("eligibility", "2025-06-30", flagged)[0]["article"]
    assert "152/2025" in decide("eligibility", "2025-07-01", flagged)[0]["article"]


def test_findings_add_up() -> None:
    found = decide("eligibility", "2025-06-16", CLEAR | {"duplicate": True, "over_quota": True, "blocking_flags": 1})
    assert [row["code"] for row in found] == ["duplicate_award", "open_flags", "over_quota"]


# authority, parameters


def test_the_title_of_the_signer_changes_with_the_reorganisation() -> None:
    before, after = (decide("authority", on, {"form": "GIAY_KHEN"}) for on in ("2025-06-30", "2025-07-01"))
    assert (before["signer_title"], before["number_pattern"]) == ("Cục trưởng", "{n}/QĐ-CTHADS")
    assert after["signer_title"] == "Trưởng Thi hành án dân sự tỉnh"
    assert before["issuer"] == after["issuer"] == "HEAD_OF_AGENCY"
    assert decide("authority", "2025-07-01", {"form": "BANG_KHEN_BO_TRUONG"})["issuer"] == "MINISTER"


def test_an_unknown_parameter_or_deadline_is_named() -> None:
    with pytest.raises(DecisionInputError, match="no_such_parameter is not one of"):
        decide("policy", "2025-06-16", {"parameter": "no_such_parameter"})
    with pytest.raises(DecisionInputError, match="tea_break is not one of"):
        decide("deadlines", "2025-06-16", {"key": "tea_break"})


def test_the_way_to_the_minister_follows_the_day() -> None:
    def first_two(on: str) -> list[str]:
        return str(decide("policy", on, {"parameter": "minister_hops"})).split(",")[:2]

    assert first_two("2022-09-01") == ["GENERAL_DEPARTMENT", "MOJ_AWARD_DEPARTMENT"]
    assert first_two("2024-09-01") == ["GENERAL_DEPARTMENT", "MOJ_PERSONNEL_DEPARTMENT"]
    assert first_two("2025-07-01") == ["CJE_ADMINISTRATION", "MOJ_PERSONNEL_DEPARTMENT"]


def test_what_only_the_first_regime_says_is_only_believed_later() -> None:
    def mark(day: date) -> str:
        found = model("deadlines", day).evaluate("deadlines", {"key": "minister_answer"})
        return found.trace.tables[0].matched[0].annotations["confidence"]

    assert [mark(day) for day in versions("deadlines")] == ["Q", "B"]

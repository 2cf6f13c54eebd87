"""What holds for a nomination, judged on plain values: no table is read here, no clock asked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflows.nominations.models import AwardForm, FlagKind, Ground, ItemStatus, NomineeKind

CONTENT_ITEMS: Mapping[str, tuple[str, ...]] = {
    "PROPOSED_FORM": ("proposed_form", "ground"),
    "ACHIEVEMENT": ("achievement", "achieved_from", "achieved_to", "summary", "internal_unity"),
    "SUBMISSION_LETTER": ("letter_number", "letter_on"),
}
"""Items of a check that stand in the proposal itself, with the fields each lets the unit mend."""

TYPED_ITEMS = ("PROPOSED_FORM", "ACHIEVEMENT")
"""Items of every check that are no document."""

BLOCKING_FLAGS = frozenset(FlagKind) - {FlagKind.DISCIPLINED}
"""What bars an award while it is open (law on emulation, decree 98/2023 art. 4; RULES C04)."""

Found = tuple[str, str, dict[str, Any]]
"""A problem: the field, the key of its sentence and the sentence's values."""


def business_key_of(round_key: str, number: int) -> str:
    """Return the key people call a nomination by, e.g. `ĐN-2025-TK-001`."""
    return f"ĐN-{round_key}-{number:03d}"


def editable_fields(flagged: Iterable[str]) -> frozenset[str]:
    """Return the fields a unit may mend when these items were returned (RULES D07)."""
    return frozenset(name for item in flagged for name in CONTENT_ITEMS.get(item, ()))


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days, both ends included."""

    start: date
    end: date

    def overlaps(self, other: "Period") -> bool:
        """Tell whether the two have a day in common."""
        return self.start <= other.end and other.start <= self.end

    def contains(self, other: "Period") -> bool:
        """Tell whether every day of the other lies in this one."""
        return self.start <= other.start and other.end <= self.end


def proposal_problems(values: Mapping[str, Any], *, kind: NomineeKind, allowed: Period, today: date) -> list[Found]:
    """Return what is wrong with a proposal as typed.

    Args:
        values: the fields of `NominationContent` with `letter_number` and `letter_on`.
        kind: who is nominated.
        allowed: the round's period of achievements.
        today: the business day; nothing was achieved or signed after it.

    Source:
        Law 06/2022 art. 74(1) and (3); RULES C10-C12.

    """
    found = _ground_problems(str(values["proposed_form"]), str(values.get("ground") or ""), kind)
    found += _period_problems(values["achieved_from"], values["achieved_to"], allowed, today)
    if values["letter_on"] > today:
        found.append(("letter_on", "in_future", {}))
    if values.get("internal_unity") and kind is NomineeKind.INDIVIDUAL:
        found.append(("internal_unity", "only_for_collective", {}))
    return found


def _ground_problems(form: str, ground: str, kind: NomineeKind) -> list[Found]:
    if form == AwardForm.BANG_KHEN_BO_TRUONG and not ground:
        return [("ground", "ground_required", {})]
    if form == AwardForm.GIAY_KHEN and ground:
        return [("ground", "ground_only_for_bang_khen", {})]
    if ground == Ground.DD and kind is NomineeKind.COLLECTIVE:
        return [("ground", "ground_not_for_collective", {})]
    return []


def _period_problems(start: date, end: date, allowed: Period, today: date) -> list[Found]:
    if start > end:
        return [("achieved_to", "period_reversed", {})]
    bounds = {"start": f"{allowed.start:%d/%m/%Y}", "end": f"{allowed.end:%d/%m/%Y}"}
    found: list[Found] = [
        (name, "outside_period", bounds)
        for name, day in (("achieved_from", start), ("achieved_to", end))
        if not allowed.start <= day <= allowed.end
    ]
    if end > today and not found:
        found.append(("achieved_to", "in_future", {}))
    return found


@dataclass(frozen=True, slots=True)
class DossierItem:
    """One item of a dossier.

    Attributes:
        item: a `DocumentKind` or one of `TYPED_ITEMS`.
        required: without it the dossier is not complete.
        documents: how many files of this kind are filed.
        paper: the unit declared to hand it in on paper.
        typed: it stands in the proposal itself and is no document.
        flagged: why the last check returned it, empty when it did not.

    """

    item: str
    required: bool
    documents: int = 0
    paper: bool = False
    typed: bool = False
    flagged: str = ""

    @property
    def there(self) -> bool:
        """Tell whether the item is handed in, in one way or the other."""
        return self.typed or self.paper or self.documents > 0

    @property
    def status(self) -> ItemStatus:
        """Return how a checker finds it before he has read it."""
        if self.typed or self.documents:
            return ItemStatus.PRESENT
        return ItemStatus.PAPER if self.paper else ItemStatus.MISSING


def missing_items(items: Iterable[DossierItem]) -> list[str]:
    """Return the required items that are not handed in, in their order."""
    return [item.item for item in items if item.required and not item.there]


def check_problems(
    expected: Sequence[DossierItem], rows: Sequence[Mapping[str, Any]], outcome: str, reason: str
) -> list[Found]:
    """Return what is wrong with a completeness check.

    Every item is judged once; what is flagged has a reason; an accepted dossier lacks nothing that is required; a
    returned one has something to mend; a rejected one says why (RULES D07).
    """
    by_item = {item.item: item for item in expected}
    found: list[Found] = []
    seen: set[str] = set()
    for index, row in enumerate(rows):
        if row["item"] in seen:
            found.append((f"items.{index}.item", "item_twice", {}))
        seen.add(row["item"])
        if row["item"] in by_item:
            found += _row_problems(index, row, by_item[row["item"]], outcome)
        else:
            found.append((f"items.{index}.item", "unknown_choice", {}))
    found += [("items", "item_not_checked", {"item": item}) for item in by_item if item not in seen]
    if not found:
        found += _outcome_problems(by_item, rows, outcome, reason)
    return found


def _row_problems(index: int, row: Mapping[str, Any], item: DossierItem, outcome: str) -> list[Found]:
    status, at = row["status"], f"items.{index}"
    if status == ItemStatus.PRESENT and not item.typed and not item.documents:
        return [(f"{at}.status", "nothing_filed", {})]
    if item.typed and status in {ItemStatus.PAPER, ItemStatus.MISSING}:
        return [(f"{at}.status", "typed_item", {})]
    needs_reason = status == ItemStatus.FLAWED or (status == ItemStatus.MISSING and item.required)
    if outcome == "returned" and needs_reason and not row.get("reason"):
        return [(f"{at}.reason", "say_what_to_mend", {})]
    return []


def _outcome_problems(
    expected: Mapping[str, DossierItem], rows: Sequence[Mapping[str, Any]], outcome: str, reason: str
) -> list[Found]:
    flawed = [row for row in rows if row["status"] == ItemStatus.FLAWED]
    lacking = [row for row in rows if row["status"] == ItemStatus.MISSING and expected[row["item"]].required]
    if outcome == "accepted" and (flawed or lacking):
        return [("outcome", "not_complete", {"count": len(flawed) + len(lacking)})]
    asked = any(row["status"] == ItemStatus.MISSING and row.get("reason") for row in rows)
    if outcome == "returned" and not (flawed or lacking or asked):
        return [("outcome", "nothing_to_return", {})]
    if outcome == "rejected" and not reason:
        return [("reason", "required", {})]
    return []


@dataclass(frozen=True, slots=True)
class Mended:
    """What a unit did about a returned dossier.

    Attributes:
        changed: names of fields that differ from the content that was checked.
        filed: kinds of documents filed since the check.
        paper: kinds declared on paper now.

    """

    changed: Collection[str]
    filed: Collection[str]
    paper: Collection[str]


def supplement_problems(flagged: Collection[str], mended: Mended, note: str) -> list[Found]:
    """Return what is still open, and what was touched that nobody asked for (RULES D07)."""
    editable = editable_fields(flagged)
    found: list[Found] = [(name, "not_editable", {}) for name in mended.changed if name not in editable]
    found += [("paper", "kind_not_flagged", {"kind": kind}) for kind in mended.paper if kind not in flagged]
    for item in flagged:
        touched = not editable_fields([item]).isdisjoint(mended.changed)
        if item in TYPED_ITEMS:
            if not (touched or note):
                found.append(("note", "mend_or_explain", {"item": item}))
        elif not (touched or item in mended.filed or item in mended.paper):
            found.append(("paper", "still_missing", {"item": item}))
    return found


def worst_level(findings: Iterable[Mapping[str, Any]]) -> str:
    """Return `blocked`, `warned` or, without any finding, `clear`."""
    levels = {str(finding["level"]) for finding in findings}
    return next((level for level in ("blocked", "warned") if level in levels), "clear")

"""The forms of a nomination: what is asked, with an example that fits the case."""

from collections.abc import Collection
from datetime import date
from typing import Any

from marshmallow import fields, validate

from engine.context import StepContext, Values
from workflows.campaigns import queries as campaigns
from workflows.forms import LONG_TEXT, Choice, StepForm, Text
from workflows.labels import label
from workflows.nominations import choices, dossier, queries
from workflows.nominations.models import AwardForm, FlagKind, Ground, ItemStatus, NomineeKind
from workflows.nominations.rules import editable_fields

NUMBER = 60
"""Longest official number of a letter or document."""


def said(key: str) -> dict[str, Any]:
    """Return the metadata of a field whose example is a label, in the language of the request."""
    return {"example": lambda _ctx: label(f"examples.{key}")}


class OpenForm(StepForm):
    """Whom a unit proposes, in which round."""

    round = Choice(choices=choices.rounds, judged_later=True, required=True)
    unit = Choice(choices=choices.units, judged_later=True, required=True)
    nominee_kind = Choice(NomineeKind, enum="nominee_kind", required=True)
    nominee_id = Choice(choices=choices.nominees, judged_later=True, required=True)
    proposed_form = Choice(AwardForm, enum="award_form", load_default=AwardForm.GIAY_KHEN.value)
    letter_number = Text(longest=NUMBER, load_default="", metadata=said("letter_number"))
    letter_on = fields.Date(load_default=None)


class ProposalForm(StepForm):
    """What the unit states about the nominee."""

    proposed_form = Choice(AwardForm, enum="award_form", required=True)
    ground = Choice(Ground, enum="ground", load_default="")
    achievement = Text(required=True, longest=500, multiline=True)
    achieved_from = fields.Date(required=True)
    achieved_to = fields.Date(required=True)
    summary = Text(required=True, shortest=50, longest=LONG_TEXT, multiline=True)
    internal_unity = fields.Boolean(load_default=False)
    letter_number = Text(required=True, longest=NUMBER)
    letter_on = fields.Date(required=True)
    paper = fields.List(
        Choice(dossier.PAPER_KINDS, enum="document_kind"), load_default=list, validate=validate.Length(max=10)
    )
    note = Text(longest=LONG_TEXT, multiline=True, load_default="")


class SupplementForm(StepForm):
    """The same fields; only those of flagged items may change."""

    proposed_form = Choice(AwardForm, enum="award_form")
    ground = Choice(Ground, enum="ground")
    achievement = Text(longest=500, shortest=1, multiline=True)
    achieved_from = fields.Date()
    achieved_to = fields.Date()
    summary = Text(shortest=50, longest=LONG_TEXT, multiline=True)
    internal_unity = fields.Boolean()
    letter_number = Text(longest=NUMBER, shortest=1)
    letter_on = fields.Date()
    paper = fields.List(
        Choice(dossier.PAPER_KINDS, enum="document_kind", choices=choices.returned_papers, judged_later=True),
        load_default=list, validate=validate.Length(max=10),
    )  # fmt: skip
    note = Text(longest=LONG_TEXT, multiline=True, load_default="")


class CheckedItem(StepForm):
    """How one item of the dossier was found."""

    item = Choice(choices=choices.checked_items, judged_later=True, required=True)
    status = Choice(ItemStatus, enum="item_status", required=True)
    reason = Text(longest=1_000, load_default="")


class CheckForm(StepForm):
    """One row per item, and what becomes of the dossier."""

    items = fields.List(fields.Nested(CheckedItem), required=True, validate=validate.Length(min=1, max=30))
    outcome = Choice(("accepted", "returned", "rejected"), enum="completeness", hinted=True, required=True)
    reason = Text(longest=LONG_TEXT, multiline=True, load_default="")


class BlockForm(StepForm):
    """How a block is resolved."""

    resolution = Choice(("recheck", "conclude"), enum="block_resolution", hinted=True, required=True)
    reason = Text(required=True, longest=LONG_TEXT, multiline=True,
                  metadata=said("block_reason"))  # fmt: skip


class WarningsForm(StepForm):
    """Every warning ticked, and how it was weighed."""

    codes = fields.List(Choice(choices=choices.warnings), required=True)
    text = Text(required=True, shortest=10, longest=LONG_TEXT, multiline=True, metadata=said("warnings_text"))


class AppraisalForm(StepForm):
    """The report of Phòng TCCB to the council."""

    recommendation = Choice(("support", "reserved"), enum="recommendation", hinted=True, required=True)
    report = Text(required=True, shortest=20, longest=LONG_TEXT, multiline=True,
                  metadata=said("appraisal"))  # fmt: skip


class WithdrawalForm(StepForm):
    """Why the proposer takes the nomination back."""

    reason = Text(required=True, shortest=5, longest=2_000, multiline=True,
                  metadata=said("withdrawal"))  # fmt: skip


class InterestForm(StepForm):
    """In which nomination, and why."""

    nomination = Text(required=True, longest=60, metadata=said("business_key"))
    reason = Text(required=True, shortest=5, longest=2_000, multiline=True,
                  metadata=said("interest"))  # fmt: skip


class FlagForm(StepForm):
    """What is under verification about whom."""

    nominee_kind = Choice(NomineeKind, enum="nominee_kind", required=True)
    nominee_id = Choice(choices=choices.everyone, judged_later=True, required=True)
    kind = Choice(FlagKind, enum="flag_kind", required=True)
    raised_on = fields.Date(required=True)
    closed_on = fields.Date(load_default=None)
    document = Text(longest=NUMBER, load_default="")
    text = Text(required=True, longest=LONG_TEXT, multiline=True)


class CloseFlagForm(StepForm):
    """How and when it ended."""

    flag_id = Choice(choices=choices.flags, judged_later=True, required=True)
    closed_on = fields.Date(required=True)
    document = Text(longest=NUMBER, load_default="")
    text = Text(required=True, longest=LONG_TEXT, multiline=True)


def proposal_fields(ctx: StepContext) -> Collection[str] | None:
    """Hide what concerns only collectives from the proposal of an individual."""
    nomination = choices.case_of(ctx)
    if nomination is None or nomination.nominee_kind is NomineeKind.COLLECTIVE:
        return None
    return [name for name in ProposalForm().fields if name != "internal_unity"]


def supplement_fields(ctx: StepContext) -> Collection[str] | None:
    """Show only what the last check returned, with the note, and what of it may come on paper."""
    nomination = choices.case_of(ctx)
    if nomination is None:
        return None
    wanted = set(editable_fields(queries.flagged_items(ctx.session, nomination.nomination_id))) | {"note"}
    wanted |= {"paper"} if choices.returned_papers(ctx) else set()
    return wanted if nomination.nominee_kind is NomineeKind.COLLECTIVE else wanted - {"internal_unity"}


def open_example(ctx: StepContext) -> Values:
    """Return an example with what the actor may choose today."""
    rounds, units = choices.rounds(ctx), choices.units(ctx)
    people = [value for value, _ in choices.nominees(ctx)]
    return {
        "round": rounds[0][0] if rounds else "2025-TK",
        "unit": units[0][0] if units else "unit",
        "nominee_kind": NomineeKind.INDIVIDUAL.value,
        "nominee_id": people[0] if people else "person",
        "proposed_form": AwardForm.GIAY_KHEN.value,
    }


def proposal_example(ctx: StepContext) -> Values:
    """Return an example that this round accepts, with every document declared on paper."""
    nomination = choices.case_of(ctx)
    found = campaigns.find_round(ctx.session, nomination.round_key) if nomination else None
    start, end = (found.period_from, found.period_to) if found else (date(2019, 1, 1), ctx.today)
    return {
        "proposed_form": AwardForm.GIAY_KHEN.value,
        "achievement": label("examples.achievement"),
        "achieved_from": start.isoformat(),
        "achieved_to": min(end, ctx.today).isoformat(),
        "summary": label("examples.summary"),
        "letter_number": label("examples.letter_number"),
        "letter_on": ctx.today.isoformat(),
        "paper": [kind.value for kind in dossier.PAPER_KINDS],
    }


def supplement_example(ctx: StepContext) -> Values:
    """Return an example that declares every flagged document on paper and explains the rest."""
    return {"paper": [kind for kind, _title in choices.returned_papers(ctx)], "note": label("examples.supplement_note")}


def check_example(ctx: StepContext) -> Values:
    """Return an example that finds every item in order."""
    found = choices.items(ctx)
    rows = [
        {"item": item.item, "status": (item.status if item.there else ItemStatus.PAPER).value, "reason": ""}
        for item in found
    ]
    return {"items": rows, "outcome": "accepted", "reason": ""}


def check_prefill(ctx: StepContext) -> Values:
    """Open with one row per item, as it stands in the dossier; what was flagged before keeps its reason."""
    rows = [
        {"item": item.item, "status": item.status.value, "reason": "" if item.flagged == "" else item.flagged}
        for item in choices.items(ctx)
    ]
    return {"items": rows}


def warnings_example(ctx: StepContext) -> Values:
    """Return an example that ticks every warning."""
    return {"codes": choices.warned(ctx), "text": label("examples.warnings_text")}


def flag_example(ctx: StepContext) -> Values:
    """Return an example about the first person of the list."""
    people = choices.everyone(ctx)
    return {
        "nominee_kind": NomineeKind.INDIVIDUAL.value,
        "nominee_id": people[0][0] if people else "person",
        "kind": FlagKind.COMPLAINT.value,
        "raised_on": ctx.today.isoformat(),
        "document": label("examples.flag_document"),
        "text": label("examples.flag_raised"),
    }


def close_flag_example(ctx: StepContext) -> Values:
    """Return an example about the first open record."""
    rows = choices.flags(ctx)
    return {
        "flag_id": rows[0][0] if rows else "flag",
        "closed_on": ctx.today.isoformat(),
        "text": label("examples.flag_closed"),
    }

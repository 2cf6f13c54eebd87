"""What Phòng TCCB states about a dossier: the check, the way out of a block, warnings weighed, the report."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from engine.context import StepContext
from workflows.documents import queries as documents
from workflows.facts import write
from workflows.nominations import dossier, queries
from workflows.nominations.models import (
    CompletenessCheck,
    EligibilityAssessment,
    IntakeNote,
    ItemStatus,
    Nomination,
    NominationContent,
    NomineeKind,
    NoteKind,
    UnsuccessfulNotice,
)
from workflows.nominations.rules import check_problems, worst_level
from workflows.nominations.service import refuse_found
from workflows.organisation import queries as organisation


def filing_day(content: NominationContent) -> date:
    """Return the day that chooses the legal regime of a filed dossier (RULES A01)."""
    if content.filed_on is None:
        raise RuntimeError("the dossier was never filed")
    return content.filed_on


def check_completeness(
    ctx: StepContext, nomination: Nomination, *, items: Sequence[Mapping[str, Any]], outcome: str, reason: str
) -> CompletenessCheck:
    """Judge every item of the dossier (RULES D01, D07) and tell the proposer when it goes back.

    Raises:
        InvalidInputError: an item is left out or judged twice, a reason is missing, the outcome does not fit.

    """
    content = queries.content_of(ctx.session, nomination.nomination_id)
    inputs = dossier.table_inputs(nomination, content.proposed_form, content.ground)
    required = dossier.read_required(ctx.decide(dossier.TABLE, inputs, filing_day(content)))
    filed = documents.documents_of(ctx.session, nomination.nomination_id)
    expected = dossier.items_of(required, filed, content.paper_kinds)
    refuse_found(check_problems(expected, items, outcome, reason))
    judged = [{"item": row["item"], "status": row["status"], "reason": row.get("reason", "")} for row in items]
    if outcome == "returned":
        ctx.notify(nomination.proposer_id, "nomination.returned", about=nomination.nomination_id)
    ctx.note(outcome=outcome, flagged=[row["item"] for row in judged if _flagged(row)])
    return write(
        ctx, CompletenessCheck, key="nomination_id", nomination_id=nomination.nomination_id,
        content_version=content.version, outcome=outcome, reason=reason, items=judged,
        documents=[str(document.id) for document in filed],
    )  # fmt: skip


def _flagged(row: Mapping[str, Any]) -> bool:
    return row["status"] in {ItemStatus.MISSING, ItemStatus.FLAWED} and bool(row["reason"])


def assess_eligibility(
    ctx: StepContext, nomination: Nomination, findings: Sequence[Mapping[str, Any]], on: date
) -> EligibilityAssessment:
    """Keep what the table `eligibility` found and how grave the worst of it is."""
    kept = [{name: str(row[name]) for name in ("level", "code", "article")} for row in findings]
    return write(
        ctx, EligibilityAssessment, key="nomination_id", nomination_id=nomination.nomination_id,
        outcome=worst_level(kept), looked_up_on=on, findings=kept,
    )  # fmt: skip


def warned_codes(ctx: StepContext, nomination: Nomination) -> list[str]:
    """Return the codes of the warnings of the last assessment."""
    found = queries.latest_assessment(ctx.session, nomination.nomination_id)
    return [row["code"] for row in found.findings if row["level"] == "warned"] if found else []


def acknowledge_warnings(ctx: StepContext, nomination: Nomination, *, codes: Sequence[str], text: str) -> IntakeNote:
    """State how the warnings were weighed; each must be ticked.

    Raises:
        InvalidInputError: a warning was not ticked.

    """
    left = [code for code in warned_codes(ctx, nomination) if code not in codes]
    refuse_found([("codes", "warnings_left", {"count": len(left)})] if left else [])
    return state(ctx, nomination, NoteKind.WARNINGS_ACKNOWLEDGED, "acknowledged", text)


def state(ctx: StepContext, nomination: Nomination, kind: NoteKind, outcome: str, text: str) -> IntakeNote:
    """Write a statement of Phòng TCCB; of each kind the newest holds."""
    return write(
        ctx, IntakeNote, key="note_id", note_id=f"{nomination.nomination_id}:{kind.value}",
        nomination_id=nomination.nomination_id, kind=kind, outcome=outcome, text=text,
    )  # fmt: skip


def notify_unsuccessful(ctx: StepContext, nomination: Nomination, outcome: str) -> UnsuccessfulNotice:
    """Tell the proposer and the nominee (of a collective: its head) that there is no award, and why (RULES G08)."""
    told = [nomination.proposer_id]
    if nomination.nominee_kind is NomineeKind.INDIVIDUAL:
        told.append(nomination.nominee_id)
    else:
        head = organisation.heads_on(ctx.session, ctx.today, [nomination.nominee_id]).get(nomination.nominee_id)
        told += [head] if head else []
    told = list(dict.fromkeys(told))
    for person_id in told:
        ctx.notify(person_id, f"nomination.unsuccessful.{outcome}", about=nomination.nomination_id)
    return write(
        ctx, UnsuccessfulNotice, key="nomination_id", nomination_id=nomination.nomination_id, outcome=outcome,
        told=told,
    )  # fmt: skip

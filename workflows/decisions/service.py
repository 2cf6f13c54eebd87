"""Deciding, paying, registering and honouring. Signing has its own module."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.context import StepContext
from engine.tables import plain
from workflows.decisions import queries
from workflows.decisions.authority import MINISTER, authority_for, granting_agency
from workflows.decisions.models import (
    DecisionRegistration,
    DirectorChoice,
    DirectorDecision,
    FallbackGrant,
    GrantedAward,
    LinePrize,
)
from workflows.decisions.rules import GRANTS, date_faults, departs_from_vote, needs_reason
from workflows.documents import queries as documents
from workflows.documents.models import DocumentKind, DossierDocument
from workflows.documents.service import file_document
from workflows.documents.storage import FileStorage
from workflows.errors import FormNotExclusiveError, IssuerMayNotGrantError
from workflows.facts import amend, newest, write
from workflows.forms import Problems, refuse
from workflows.nominations import queries as nominations
from workflows.nominations.models import AwardForm
from workflows.rulebook import queries as rulebook

REJECTED = "rejected"


def decide(ctx: StepContext, *, nomination_id: str, decision: str, reason: str) -> DirectorDecision:
    """Write what the head decided about a nomination the council has reviewed.

    Raises:
        InvalidInputError: a return, a refusal or a departure from the vote without a reason (RULES F15).
        IssuerMayNotGrantError: the form is not this head's to grant, or not the Minister's to be asked for (A05, A06).
        FormNotExclusiveError: the same achievement goes the other way in this round (C03).

    """
    choice = DirectorChoice(decision)
    content = nominations.content_of(ctx.session, nomination_id)
    outcome = str(ctx.variables.get("vote_outcome") or "")
    departs = departs_from_vote(choice, content.proposed_form, outcome)
    policy = bool(rulebook.policy(ctx.session, "require_reason_on_departure", ctx.today))
    if not reason and needs_reason(choice, departs=departs, policy=policy):
        raise refuse("reason", "departure_needs_reason" if departs and choice in GRANTS else "decision_needs_reason")
    form = GRANTS.get(choice)
    if form is not None:
        _check_authority(ctx, form)
        _check_exclusive(ctx.session, nomination_id, form)
    ctx.note(decision=choice.value, departs=departs, council_outcome=outcome)
    return write(
        ctx, DirectorDecision, key="nomination_id", nomination_id=nomination_id, decision=choice, reason=reason,
        departs=departs, council_outcome=outcome, line_id=str(ctx.variables.get("line_id") or ""), decided_on=ctx.today,
    )  # fmt: skip


def needs_own_reason(ctx: StepContext, *, nomination_id: str, decision: str) -> bool:
    """Tell whether a decision must be argued for this one nomination: it departs from the vote, or grants nothing."""
    choice = DirectorChoice(decision)
    content = nominations.content_of(ctx.session, nomination_id)
    departs = departs_from_vote(choice, content.proposed_form, str(ctx.variables.get("vote_outcome") or ""))
    return needs_reason(choice, departs=departs, policy=True)


def _check_authority(ctx: StepContext, form: AwardForm) -> None:
    found = authority_for(ctx.decide, form, ctx.today)
    if form is AwardForm.GIAY_KHEN:
        granting_agency(ctx.session, found, ctx.today)
    elif found.issuer != MINISTER:
        raise IssuerMayNotGrantError("this form is not asked of the Minister", issuer=found.issuer)


def _check_exclusive(session: Session, nomination_id: str, form: AwardForm) -> None:
    for other in queries.same_achievement(session, nomination_id):
        before = queries.director_decision_of(session, other.nomination_id)
        taken = GRANTS.get(before.decision) if before is not None else None
        if taken is not None and taken is not form:
            raise FormNotExclusiveError("the other form was chosen", other=other.business_key, form=taken.value)


def fall_back(ctx: StepContext, *, nomination_id: str) -> FallbackGrant:
    """Write that a Giấy khen is granted in place of the declined Bằng khen, as the policy in force says (C03)."""
    _check_authority(ctx, AwardForm.GIAY_KHEN)
    return write(
        ctx, FallbackGrant, key="nomination_id", nomination_id=nomination_id, form=AwardForm.GIAY_KHEN,
        decided_on=ctx.today,
    )  # fmt: skip


def record_prize(ctx: StepContext, *, nomination_id: str, found: dict[str, Any]) -> LinePrize:
    """Write the money of a line as the table `prize` gave it for the day of the decision (RULES H20 to H22)."""
    decision = queries.decision_of_nomination(ctx.session, nomination_id)
    row = plain(found)
    return write(
        ctx, LinePrize, key="nomination_id", nomination_id=nomination_id, decision_id=decision.decision_id,
        multiple=str(row["multiple"]), base_salary_vnd=int(row["base_salary_vnd"]), rounding=str(row["rounding"]),
        amount_vnd=int(row["amount_vnd"]), looked_up_on=decision.signed_on,
    )  # fmt: skip


def register(
    ctx: StepContext, *, nomination_id: str, book: str, entry_number: str, registered_on: date, copies: int,
    signed_scan: str,
) -> DecisionRegistration:  # fmt: skip
    """Enter a decision in the book of outgoing papers with its signed scan; from now on its awards are in force.

    The other cases of the decision are told to go on.

    Raises:
        InvalidInputError: a day before the signature or after today; no signed scan of this decision under that id.

    """
    decision = queries.decision_of_nomination(ctx.session, nomination_id)
    problems = Problems()
    for field, key in date_faults([("registered_on", registered_on)], first=decision.signed_on, last=ctx.today).items():
        problems.add(field, key, day=decision.signed_on.strftime("%d/%m/%Y"))
    if signed_scan not in {scan.document_id for scan in queries.scans_of(ctx.session, decision.decision_id)}:
        problems.add("signed_scan", "scan_missing")
    problems.refuse_any()
    row = write(
        ctx, DecisionRegistration, key="decision_id", decision_id=decision.decision_id, book=book,
        entry_number=entry_number, registered_on=registered_on, copies=copies, scan_document_id=signed_scan,
    )  # fmt: skip
    scan = documents.find_document(ctx.session, signed_scan)
    if scan is not None:
        ctx.record_file(scan.sha256)
    ctx.note(decision=decision.decision_id, official_number=decision.official_number)
    _grant_all(ctx, decision.decision_id)
    return row


def file_signed_scan(
    ctx: StepContext, storage: FileStorage, *, decision: str, sha256: str, name: str
) -> DossierDocument:
    """File the scan of a signed and sealed decision; from now on its paper is no draft any more.

    Raises:
        UnknownDecisionError: there is no such decision.
        InvalidInputError: nothing is stored under that hash, or it is no file that may be kept.

    """
    found = queries.get_decision(ctx.session, decision)
    return file_document(
        ctx, storage, subject_id=found.decision_id, kind=DocumentKind.SIGNED_SCAN.value, sha256=sha256, name=name
    )


def _grant_all(ctx: StepContext, decision_id: str) -> None:
    decision = queries.get_decision(ctx.session, decision_id)
    for line in queries.lines_of_decision(ctx.session, decision_id):
        write(
            ctx, GrantedAward, key="nomination_id", nomination_id=line.nomination_id, nominee_kind=line.nominee_kind,
            nominee_id=line.nominee_id, form=decision.form, decision_id=decision_id,
            official_number=decision.official_number, decided_on=decision.signed_on, honoured_on=None, place="",
            conferred_by="", note="",
        )  # fmt: skip
        _tell(ctx, "award.granted", line.nomination_id)
        if line.business_key != ctx.business_key:
            ctx.send_message("decision_registered", line.business_key, {"decision_id": decision_id})


def _tell(ctx: StepContext, kind: str, nomination_id: str) -> None:
    """Tell the proposer and the nominee, or who heads the collective, that the award is in force (RULES G08)."""
    row = nominations.get_nomination(ctx.session, nomination_id)
    parties = nominations.parties(ctx.session, nomination_id, ctx.today)
    told = {row.proposer_id, *(parties.nominee_people if parties else ())}
    if parties is not None and parties.collective_head_id is not None:
        told.add(parties.collective_head_id)
    for person_id in sorted(told):
        ctx.notify(person_id, kind, business_key=row.business_key, about=nomination_id)


def grant_by_minister(ctx: StepContext, *, nomination_id: str, official_number: str, decided_on: date) -> GrantedAward:
    """Write that the Minister awarded a Bằng khen by a decision of the ministry."""
    nomination = nominations.get_nomination(ctx.session, nomination_id)
    _tell(ctx, "award.minister_granted", nomination_id)
    return write(
        ctx, GrantedAward, key="nomination_id", nomination_id=nomination_id, nominee_kind=nomination.nominee_kind,
        nominee_id=nomination.nominee_id, form=AwardForm.BANG_KHEN_BO_TRUONG, decision_id="",
        official_number=official_number, decided_on=decided_on, honoured_on=None, place="", conferred_by="", note="",
    )  # fmt: skip


def record_honour(
    ctx: StepContext, *, nomination_id: str, honoured_on: date, place: str, conferred_by: str, note: str
) -> GrantedAward:
    """Write when, where and by whom an award was conferred (RULES G09, G10).

    Raises:
        InvalidInputError: a day before the decision or after today.

    """
    award = newest(ctx.session, GrantedAward, "nomination_id", nomination_id)
    if award is None:
        raise refuse("honoured_on", "award_not_in_force")
    problems = Problems()
    for field, key in date_faults([("honoured_on", honoured_on)], first=award.decided_on, last=ctx.today).items():
        problems.add(field, key, day=award.decided_on.strftime("%d/%m/%Y"))
    problems.refuse_any()
    return amend(ctx, award, honoured_on=honoured_on, place=place, conferred_by=conferred_by, note=note)

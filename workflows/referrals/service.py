"""The way of a nomination to the Minister and back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.context import Actor, StepContext
from workflows.decisions import wording
from workflows.decisions.authority import authority_for, granting_agency, signing_capacities
from workflows.decisions.models import DocumentType
from workflows.decisions.numbers import give_number, next_in_run
from workflows.decisions.rules import date_faults, number_text
from workflows.decisions.service import grant_by_minister
from workflows.decisions.signing import Signature, SigningPreview
from workflows.documents import queries as documents
from workflows.documents.models import SigningCapacity
from workflows.documents.signatures import Lookup, looker_up
from workflows.errors import NoAnswerAwaitedError, WrongCapacityError
from workflows.facts import amend, write
from workflows.forms import Problems, refuse
from workflows.nominations import queries as nominations
from workflows.nominations.models import AwardForm
from workflows.nominations.queries import NominationView
from workflows.referrals import queries
from workflows.referrals.models import (
    AnswerKind,
    Dispatch,
    LetterDraft,
    MinisterAnswer,
    ReferralHop,
    Sending,
    SubmissionLetter,
)
from workflows.referrals.rules import answer_faults, stations
from workflows.rulebook import queries as rulebook

DECLINED = "declined"
FORM = AwardForm.BANG_KHEN_BO_TRUONG


def prepare_letter(
    ctx: StepContext, *, nomination_id: str, addressee: str, statement: str, enclosures: Sequence[str]
) -> LetterDraft:
    """Write the draft of the submission letter."""
    return write(
        ctx, LetterDraft, key="nomination_id", nomination_id=nomination_id, addressee=addressee, statement=statement,
        enclosures=list(enclosures),
    )  # fmt: skip


def sign_letter(ctx: StepContext, *, nomination_id: str, capacity: str) -> SubmissionLetter:
    """Sign the submission letter; its number is given here and never again.

    Raises:
        IssuerMayNotGrantError: no body with legal personality exists on this day.
        ForbiddenError: the decree has no form in which this person signs, or not in this capacity.

    """
    manner = SigningCapacity(capacity)
    wording.require_capacity(ctx, manner)
    own = authority_for(ctx.decide, AwardForm.GIAY_KHEN, ctx.today)
    signature = Signature(granting_agency(ctx.session, own, ctx.today), own, manner)
    pattern = authority_for(ctx.decide, FORM, ctx.today).number_pattern
    letter_id = str(ctx.ids.new())
    number = give_number(
        ctx, subject_id=letter_id, organisation_id=signature.agency.id, document_type=DocumentType.SUBMISSION_LETTER,
        pattern=pattern, on=ctx.today,
    )  # fmt: skip
    view = nominations.view_of(ctx.session, nomination_id, ctx.today)
    row = SubmissionLetter(
        letter_id=letter_id, nomination_id=nomination_id, official_number=number.text,
        organisation_id=signature.agency.id, signed_on=ctx.today, signed_at=ctx.now, signer_id=ctx.actor.id,
        capacity=manner, papers=_papers(ctx.session, ctx.decide, ctx.actor, signature, view, on=ctx.today),
    )  # fmt: skip
    ctx.record_fact(row)
    return row


def preview_letter(
    session: Session, nomination_id: str, actor: Actor, capacity: str, on: date
) -> SigningPreview:  # fmt: skip
    """Return what signing the letter would make today, for the page that asks once more.

    Raises:
        WrongCapacityError: the decree has no form in which this person signs so.
        IssuerMayNotGrantError: no body with legal personality exists on this day.

    """
    if capacity not in signing_capacities(session, actor, on):
        raise WrongCapacityError("not in this capacity", capacity=capacity)
    lookup = looker_up(session)
    own = authority_for(lookup, AwardForm.GIAY_KHEN, on)
    signature = Signature(granting_agency(session, own, on), own, SigningCapacity(capacity))
    pattern = authority_for(lookup, FORM, on).number_pattern
    number = next_in_run(session, signature.agency.id, DocumentType.SUBMISSION_LETTER, on.year)
    view = nominations.view_of(session, nomination_id, on)
    said = _papers(session, lookup, actor, signature, view, on=on)
    return SigningPreview(
        number_text(pattern, number), on, signature.agency.name, signature.capacity, (view,), said
    )  # fmt: skip


def _papers(
    session: Session, lookup: Lookup, actor: Actor, signature: Signature, view: NominationView, *, on: date
) -> dict[str, Any]:
    """Return the wording of a letter: frozen by a signature, and shown before it."""
    filed_on = wording.first_filing([view], on)
    return {
        **wording.head_block(session, signature.agency),
        **wording.signature_said(
            session, lookup, actor, signature.capacity, head_title=signature.authority.signer_title, on=on
        ),
        "campaign": wording.campaign_title(session, view.round_key),
        "bases": wording.legal_bases(
            session, lookup, DocumentType.SUBMISSION_LETTER, view.round_key, filed_on=filed_on, on=on
        ),
        "nominee": wording.nominee_named(session, view, on),
    }


def send(ctx: StepContext, *, nomination_id: str, sent_on: date, dispatch: str, note: str) -> Sending:
    """Write that the dossier was sent, and the stations it goes through by the policy of that day (RULES G05).

    Raises:
        InvalidInputError: a day before the signature or after today.

    """
    letter = queries.letter_of(ctx.session, nomination_id)
    if letter is None:
        raise refuse("sent_on", "letter_not_signed")
    problems = Problems()
    for field, key in date_faults([("sent_on", sent_on)], first=letter.signed_on, last=ctx.today).items():
        problems.add(field, key, day=letter.signed_on.strftime("%d/%m/%Y"))
    problems.refuse_any()
    named = stations(str(rulebook.policy(ctx.session, "minister_hops", sent_on)))
    for position, station in enumerate(named, start=1):
        write(
            ctx, ReferralHop, key="hop_id", hop_id=f"{nomination_id}:{position}", nomination_id=nomination_id,
            position=position, station=station, reached_on=None, note="",
        )  # fmt: skip
    return write(
        ctx, Sending, key="nomination_id", nomination_id=nomination_id, sent_on=sent_on, dispatch=Dispatch(dispatch),
        note=note,
    )  # fmt: skip


def record_hop(ctx: StepContext, *, nomination: str, station: str, reached_on: date, note: str) -> ReferralHop:
    """Write that the dossier reached a station of its way.

    Raises:
        UnknownCaseError: there is no such nomination.
        InvalidInputError: it does not go through that station, or the day does not fit.

    """
    row = nominations.get_nomination(ctx.session, nomination)
    sending = queries.sending_of(ctx.session, row.nomination_id)
    hops = {hop.station: hop for hop in queries.hops_of(ctx.session, row.nomination_id)}
    if sending is None or station not in hops:
        raise refuse("station", "not_on_the_way")
    problems = Problems()
    for field, key in date_faults([("reached_on", reached_on)], first=sending.sent_on, last=ctx.today).items():
        problems.add(field, key, day=sending.sent_on.strftime("%d/%m/%Y"))
    problems.refuse_any()
    return amend(ctx, hops[station], reached_on=reached_on, note=note)


def record_answer(
    ctx: StepContext, *, nomination_id: str, answer: str, official_number: str, answered_on: date, document: str,
    reason: str,
) -> MinisterAnswer:  # fmt: skip
    """Write the ministry's answer; an award is in force from now on.

    Raises:
        NoAnswerAwaitedError: the dossier was not sent, or the answer is recorded already.
        InvalidInputError: a day that does not fit, or no such document of the nomination.

    """
    sending = queries.sending_of(ctx.session, nomination_id)
    if sending is None or queries.answer_of(ctx.session, nomination_id) is not None:
        raise NoAnswerAwaitedError("no answer is awaited", nomination=nomination_id)
    problems = Problems()
    faults = answer_faults(answered_on=answered_on, sent_on=sending.sent_on, today=ctx.today)
    for field, key in faults.items():
        problems.add(field, key, day=sending.sent_on.strftime("%d/%m/%Y"))
    if document and document not in {row.document_id for row in documents.documents_of(ctx.session, nomination_id)}:
        problems.add("document", "answer_document_missing")
    problems.refuse_any()
    kind = AnswerKind(answer)
    if kind is AnswerKind.AWARDED:
        grant_by_minister(ctx, nomination_id=nomination_id, official_number=official_number, decided_on=answered_on)
    ctx.note(answer=kind.value, official_number=official_number)
    return write(
        ctx, MinisterAnswer, key="nomination_id", nomination_id=nomination_id, answer=kind,
        official_number=official_number, answered_on=answered_on, document_id=document, reason=reason,
    )  # fmt: skip

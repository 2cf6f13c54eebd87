"""Signing one decision for one or more waiting nominations, with its number and all that it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.context import Actor, StepContext
from workflows.decisions import queries
from workflows.decisions.authority import (
    DIRECTOR,
    Authority,
    authority_for,
    granting_agency,
    signing_capacities,
)
from workflows.decisions.models import AwardDecision, DecisionLine, DocumentType
from workflows.decisions.numbers import give_number, next_in_run
from workflows.decisions.rules import decision_key, number_text
from workflows.decisions.wording import (
    campaign_title,
    first_filing,
    head_block,
    legal_bases,
    nominee_named,
    require_capacity,
    signature_said,
)
from workflows.documents.models import SigningCapacity
from workflows.documents.signatures import Lookup, looker_up
from workflows.errors import AlreadySignedError, NotWaitingForSignatureError, WrongCapacityError
from workflows.forms import refuse
from workflows.nominations import queries as nominations
from workflows.nominations.models import AwardForm, NomineeKind
from workflows.nominations.queries import NominationView
from workflows.organisation import queries as organisation
from workflows.organisation.queries import UnitView
from workflows.separation import case_excludes

FORM = AwardForm.GIAY_KHEN


@dataclass(frozen=True, slots=True)
class Signature:
    """Under whose name, by what right and in what capacity a decision is signed."""

    agency: UnitView
    authority: Authority
    capacity: SigningCapacity


@dataclass(frozen=True, slots=True)
class SigningPreview:
    """What a signature would make now: the number is certain only once given.

    Attributes:
        capacity: in which it would be signed.
        nominations: the one that is signed first, then those chosen with it.
        papers: the wording that would be frozen, made by what freezes it.

    """

    official_number: str
    signed_on: date
    agency: str
    capacity: SigningCapacity
    nominations: tuple[NominationView, ...]
    papers: Mapping[str, Any]

    @property
    def signer_lines(self) -> tuple[str, ...]:
        """The lines over the signature."""
        return tuple(self.papers["signer_lines"])


def signable_with(ctx: StepContext, nomination_id: str) -> list[NominationView]:
    """Return the other waiting nominations of the round that this person may sign in the same decision.

    A nomination from which the signer is excluded is left out, whatever the post (separation is by case). A deputy is
    offered only those from which every head is excluded, for no others need the deputy.
    """
    own = nominations.get_nomination(ctx.session, nomination_id)
    found = queries.waiting_for_signature(ctx.session, own.round_key)
    deputy = organisation.is_deputy(ctx.session, ctx.actor.id, DIRECTOR, ctx.today)
    return [view for view in found if view.id != nomination_id and _may_sign(ctx, view, deputy=deputy)]


def _may_sign(ctx: StepContext, view: NominationView, *, deputy: bool) -> bool:
    case = nominations.parties(ctx.session, view.id, ctx.today)
    if case is None or case_excludes(ctx, case, ctx.actor.id):
        return False
    heads = organisation.principals_of_role(ctx.session, DIRECTOR, ctx.today)
    return not deputy or (bool(heads) and all(case_excludes(ctx, case, head) for head in heads))


def preview(session: Session, business_keys: Sequence[str], actor: Actor, capacity: str, on: date) -> SigningPreview:
    """Return what signing these nominations would make today, for the page that asks once more.

    Raises:
        WrongCapacityError: the decree has no form in which this person signs so.
        UnknownCaseError: a key of no nomination.

    """
    if capacity not in signing_capacities(session, actor, on):
        raise WrongCapacityError("not in this capacity", capacity=capacity)
    lookup = looker_up(session)
    authority = authority_for(lookup, FORM, on)
    signature = Signature(granting_agency(session, authority, on), authority, SigningCapacity(capacity))
    number = next_in_run(session, signature.agency.id, DocumentType.DECISION, on.year)
    views = [nominations.view_of(session, key, on) for key in dict.fromkeys(business_keys)]
    said = _papers(session, lookup, actor, signature, views, on=on)
    return SigningPreview(
        number_text(authority.number_pattern, number), on, signature.agency.name, signature.capacity, tuple(views), said
    )


def sign(ctx: StepContext, *, nomination_id: str, together: Sequence[str], capacity: str) -> AwardDecision:
    """Sign a decision for a nomination and those chosen with it; the number is given here and never again.

    Every other case of the decision is told.

    Raises:
        IssuerMayNotGrantError: the body may not grant on this day.
        AlreadySignedError: the nomination stands in a decision signed a moment ago.
        NotWaitingForSignatureError: one of those chosen does not wait, or is not this person's to sign.
        ForbiddenError: the decree has no form in which this person signs, or not in this capacity.

    """
    own = nominations.get_nomination(ctx.session, nomination_id)
    line = queries.line_of_nomination(ctx.session, nomination_id)
    if line is not None:
        signed = queries.get_decision(ctx.session, line.decision_id)
        raise AlreadySignedError("signed together with others", number=signed.official_number)
    others = {view.business_key: view for view in signable_with(ctx, nomination_id)}
    for key in together:
        if key not in others:
            raise NotWaitingForSignatureError("not waiting for this signature", key=key)
    chosen = [others[key] for key in dict.fromkeys(together)]
    views = [nominations.view_of(ctx.session, nomination_id, ctx.today), *chosen]
    authority = authority_for(ctx.decide, FORM, ctx.today)
    agency = granting_agency(ctx.session, authority, ctx.today)
    signature = Signature(agency, authority, SigningCapacity(capacity))
    require_capacity(ctx, signature.capacity)
    decision = _write_decision(ctx, own.round_key, signature, views)
    for position, view in enumerate(in_order(views), start=1):
        _write_line(ctx, decision.decision_id, position, view)
        if view.id != nomination_id:
            ctx.send_message(queries.SIGNED_TOGETHER, view.business_key, {"decision_id": decision.decision_id})
    ctx.note(decision=decision.decision_id, lines=len(views), capacity=decision.capacity.value)
    return decision


def in_order(views: Sequence[NominationView]) -> list[NominationView]:
    """Return nominations as a list of awards names them: collectives first, then people, each by key."""
    return sorted(views, key=lambda view: (view.nominee_kind != NomineeKind.COLLECTIVE.value, view.business_key))


def _write_decision(
    ctx: StepContext, round_key: str, signature: Signature, views: Sequence[NominationView]
) -> AwardDecision:
    decision_id = str(ctx.ids.new())
    agency = signature.agency
    number = give_number(
        ctx, subject_id=decision_id, organisation_id=agency.id, document_type=DocumentType.DECISION,
        pattern=signature.authority.number_pattern, on=ctx.today,
    )  # fmt: skip
    row = AwardDecision(
        decision_id=decision_id, decision_key=decision_key(number.text, ctx.today.year), official_number=number.text,
        organisation_id=agency.id, round_key=round_key, form=FORM, signed_on=ctx.today, signed_at=ctx.now,
        signer_id=ctx.actor.id, capacity=signature.capacity,
        papers=_papers(ctx.session, ctx.decide, ctx.actor, signature, views, on=ctx.today),
    )  # fmt: skip
    ctx.record_fact(row)
    return row


def _papers(
    session: Session, lookup: Lookup, actor: Actor, signature: Signature, views: Sequence[NominationView], *, on: date
) -> dict[str, Any]:
    """Return the wording of a decision: frozen by a signature, and shown before it."""
    authority, round_key = signature.authority, views[0].round_key
    filed_on = first_filing(views, on)
    return {
        **head_block(session, signature.agency),
        **signature_said(session, lookup, actor, signature.capacity, head_title=authority.signer_title, on=on),
        "head_title": authority.signer_title,
        "payer": authority.payer,
        "campaign": campaign_title(session, round_key),
        "bases": legal_bases(session, lookup, DocumentType.DECISION, round_key, filed_on=filed_on, on=on),
    }


def _write_line(ctx: StepContext, decision_id: str, position: int, view: NominationView) -> None:
    if view.achieved_from is None or view.achieved_to is None:
        raise refuse("together", "period_missing", key=view.business_key)
    named = nominee_named(ctx.session, view, ctx.today)
    ctx.record_fact(DecisionLine(
        line_id=str(ctx.ids.new()), decision_id=decision_id, position=position, nomination_id=view.id,
        business_key=view.business_key, nominee_kind=NomineeKind(view.nominee_kind), nominee_id=view.nominee_id,
        achievement=view.achievement, achieved_from=view.achieved_from, achieved_to=view.achieved_to, **named,
    ))  # fmt: skip

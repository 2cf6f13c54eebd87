"""The words papers share: legal bases by date, the head block, how a signer and a nominee are named."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.context import Actor, StepContext
from engine.errors import ForbiddenError
from engine.tables import plain
from workflows.campaigns import queries as campaigns
from workflows.campaigns.models import LegalBasis
from workflows.decisions.authority import require_form, standing_of
from workflows.decisions.models import DocumentType
from workflows.decisions.rules import Standing, issuer_title
from workflows.documents.models import SigningCapacity
from workflows.documents.signatures import Lookup, signature_form
from workflows.errors import WrongCapacityError
from workflows.nominations.models import NomineeKind
from workflows.nominations.queries import NominationView
from workflows.organisation import queries as organisation
from workflows.organisation.queries import UnitView


def legal_bases(
    session: Session, lookup: Lookup, document_type: DocumentType, round_key: str, *, filed_on: date, on: date
) -> list[dict[str, str]]:
    """Return the legal bases of a paper in the order they are written; the template puts them into words.

    Those of the law have a `title` alone, as the table has it; those of the plan `number`, `day` and `issuer` too.

    Law, decree and circular are those of the regime under which the dossier was filed (RULES A01); of the campaign's
    bases only those issued by the day of the paper are named.

    Args:
        session: reads the campaign.
        lookup: evaluates the table `legal_bases`.
        document_type: what is being written.
        round_key: the round, and by it the campaign.
        filed_on: the first filing among the nominations of the paper.
        on: the day of the paper.

    """
    rows = lookup("legal_bases", {"document_type": document_type.value}, filed_on) or []
    law = [{"title": str(plain(row))} for row in rows]
    found = campaigns.find_round(session, round_key)
    view = campaigns.campaign_view(session, found.campaign_id) if found else None
    bases = view.legal_bases if view else ()
    return law + [described(basis) for basis in bases if basis.issued_on is None or basis.issued_on <= on]


def described(basis: LegalBasis) -> dict[str, str]:
    """Return a basis of the plan as a template takes it."""
    return {
        "number": basis.number, "day": basis.issued_on.isoformat() if basis.issued_on else "", "issuer": basis.issuer,
        "title": basis.title,
    }  # fmt: skip


def head_block(session: Session, agency: UnitView) -> dict[str, str]:
    """Return what stands over every paper of a body: the body above it and its own name."""
    parent = organisation.find_unit(session, agency.parent_id) if agency.parent_id else None
    return {"parent": parent.name if parent else "", "agency": agency.name}


def signer_name(session: Session, actor: Actor) -> str:
    """Return the full name under a signature.

    Raises:
        ForbiddenError: nobody of that id is known; a paper is signed by a person.

    """
    person = organisation.find_person(session, actor.id)
    if person is None:
        raise ForbiddenError("only a person signs", actor=actor.id)
    return person.full_name


def campaign_title(session: Session, round_key: str) -> str:
    """Return the title of the campaign a round belongs to."""
    found = campaigns.find_round(session, round_key)
    campaign = campaigns.find_campaign(session, found.campaign_id) if found else None
    return campaign.title if campaign else ""


def lines_over_signature(
    lookup: Lookup, standing: Standing, capacity: SigningCapacity, head_title: str, on: date
) -> tuple[str, ...]:
    """Return the lines over a person's signature on a day."""
    return signature_form(lookup, capacity, on).lines(head=head_title, post=standing.post)


def signature_of(ctx: StepContext, capacity: SigningCapacity, head_title: str) -> dict[str, Any]:
    """Return what a paper says of who signs it: `signer_lines`, `signer_name`, and in whose place where it is.

    Raises:
        ForbiddenError: the actor is no person, or may not sign in this capacity.

    """
    require_capacity(ctx, capacity)
    return signature_said(ctx.session, ctx.decide, ctx.actor, capacity, head_title=head_title, on=ctx.today)


def require_capacity(ctx: StepContext, capacity: SigningCapacity) -> None:
    """Refuse a signature in a capacity that is not the actor's.

    Raises:
        ForbiddenError: the decree has no form in which this person signs, or not in this capacity.

    """
    if capacity not in require_form(ctx):
        raise WrongCapacityError("not in this capacity", capacity=capacity.value)


def signature_said(
    session: Session, lookup: Lookup, actor: Actor, capacity: SigningCapacity, *, head_title: str, on: date
) -> dict[str, Any]:
    """Return what `signature_of` says, for a preview too: it looks at the record alone, and judges nobody.

    Raises:
        ForbiddenError: the actor is no person.

    """
    standing = standing_of(session, actor, on)
    said: dict[str, Any] = {
        "signer_lines": list(lines_over_signature(lookup, standing, capacity, head_title, on)),
        "signer_name": signer_name(session, actor),
    }
    if standing.in_place_of:
        names = organisation.people_named(session, [standing.in_place_of])
        said["in_place_of"] = {
            "id": standing.in_place_of, "name": names.get(standing.in_place_of, ""), "document": standing.document,
        }  # fmt: skip
    return said


def nominee_named(session: Session, view: NominationView, on: date) -> dict[str, str]:
    """Return how a paper names a nominee on a day: name, gender for the form of address, post and unit."""
    if view.nominee_kind == NomineeKind.COLLECTIVE.value:
        return {"gender": "", "nominee": view.nominee, "post": "", "unit": ""}
    person = organisation.person_on(session, view.nominee_id, on)
    return {
        "gender": person.gender if person else "", "nominee": view.nominee, "post": person.post if person else "",
        "unit": (person.unit if person else "") or view.unit,
    }  # fmt: skip


def first_filing(views: Sequence[NominationView], otherwise: date) -> date:
    """Return the day on which the first of some dossiers was filed; it chooses their legal regime (RULES A01)."""
    return min((view.filed_on for view in views if view.filed_on is not None), default=otherwise)


def spoken_papers(papers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the frozen wording of a paper with the head's full title."""
    return {**papers, "issuer": issuer_title(str(papers.get("head_title", "")), str(papers["agency"]))}

"""Who may grant which form on a day, and how the paper is numbered and signed: rows of the table `authority`."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from engine.context import Actor, StepContext
from engine.tables import plain
from engine.views import TaskView
from workflows.decisions.rules import Standing, capacities
from workflows.documents.models import SigningCapacity
from workflows.documents.signatures import Lookup, looker_up, signature_form
from workflows.errors import IssuerMayNotGrantError, NoSigningFormError, SigningPaperMissingError
from workflows.nominations.models import AwardForm
from workflows.organisation import queries as organisation
from workflows.organisation.models import Unit
from workflows.organisation.queries import UnitView

HEAD_OF_AGENCY = "HEAD_OF_AGENCY"
MINISTER = "MINISTER"
DIRECTOR = "director"

SIGNING_STEPS = frozenset({"decisions.sign_decision", "referrals.sign_letter"})


@dataclass(frozen=True, slots=True)
class Authority:
    """One row of `authority`.

    Attributes:
        issuer: `HEAD_OF_AGENCY` or `MINISTER`.
        signer_title: of the head of the agency, e.g. Cục trưởng.
        payer: who pays the prize (RULES A12).
        number_pattern: `{n}` is the number of the year.

    """

    issuer: str
    needs_legal_personality: bool
    signer_title: str
    payer: str
    number_pattern: str
    minister_title: str


def authority_for(lookup: Lookup, form: AwardForm, on: date) -> Authority:
    """Return who grants a form on a day.

    Raises:
        DmnError: no row for the form.

    """
    row = plain(lookup("authority", {"form": form.value}, on))
    return Authority(
        str(row["issuer"]), bool(row["needs_legal_personality"]), str(row["signer_title"] or ""),
        str(row["payer"] or ""), str(row["number_pattern"] or ""), str(row["minister_title"] or ""),
    )  # fmt: skip


def granting_agency(session: Session, found: Authority, on: date) -> UnitView:
    """Return the body whose head grants on a day.

    Raises:
        IssuerMayNotGrantError: the form is not the head's to grant, or no body with legal personality exists that day.

    """
    agency = organisation.agency_on(session, on)
    if found.issuer != HEAD_OF_AGENCY or agency is None:
        raise IssuerMayNotGrantError("not the head's to grant", issuer=found.issuer)
    if found.needs_legal_personality and not agency.legal_personality:
        raise IssuerMayNotGrantError("the body has no legal personality", unit=agency.name)
    return agency


def standing_of(session: Session, actor: Actor, on: date) -> Standing:
    """Return what the record tells of who would sign on a day: in whose place, by what paper, in which post."""
    agency = organisation.agency_on(session, on)
    giver, document = _head_in_whose_place(session, actor, on)

    def of_agency(unit: Unit) -> bool:
        return agency is not None and unit.unit_id == agency.id

    held = organisation.posts_held(session, actor.id, on)
    held.sort(key=lambda pair: not (of_agency(pair[1]) and pair[0].managing))  # a deputy head who heads a unit besides
    if not held:
        return Standing(in_place_of=giver, document=document)
    post, unit = held[0]
    own = of_agency(unit)
    begins = signature_form(looker_up(session), SigningCapacity.ACTING_HEAD, on).post_begins_with
    return Standing(
        in_place_of=giver, document=document, post=post.title, deputy_head=own and post.managing and not post.leading,
        leads_unit=not own and post.leading, acting=bool(begins) and post.title.startswith(begins),
    )  # fmt: skip


def _head_in_whose_place(session: Session, actor: Actor, on: date) -> tuple[str, str]:
    """Return the head in whose place a person signs and the paper that delegates it; both empty in one's own right."""
    heads = organisation.principals_of_role(session, DIRECTOR, on)
    if actor.id in heads:
        return "", ""
    given = [row for row in organisation.delegations_of_role(session, DIRECTOR, on) if row.to_person_id == actor.id]
    giver = actor.on_behalf_of or next((row.from_person_id for row in given), next(iter(heads), ""))
    documents = [row.document for row in given if row.from_person_id == giver and row.document]
    return giver, documents[0] if documents else ""


def signing_capacities(session: Session, actor: Actor, on: date) -> tuple[SigningCapacity, ...]:
    """Return in what capacities a person may sign on a day; none where the decree has no form for it."""
    return _with_papers(session, standing_of(session, actor, on), on)


def _with_papers(session: Session, standing: Standing, on: date) -> tuple[SigningCapacity, ...]:
    found = capacities(standing)
    if not standing.in_place_of or standing.document:
        return found
    lookup = looker_up(session)
    return tuple(one for one in found if not signature_form(lookup, one, on).needs_document)


def signer_has_a_form(ctx: StepContext, task: TaskView) -> None:
    """Keep from signing whom the decree gives no form for it (a guard).

    Raises:
        NoSigningFormError: the post is neither a deputy head's nor that of the head of a unit.
        SigningPaperMissingError: there is no paper that delegates.

    """
    if task.step_key in SIGNING_STEPS:
        require_form(ctx)


def require_form(ctx: StepContext) -> tuple[SigningCapacity, ...]:
    """Return in what capacities the actor may sign.

    Raises:
        NoSigningFormError, SigningPaperMissingError: as for `signer_has_a_form`.

    """
    standing = standing_of(ctx.session, ctx.actor, ctx.today)
    found = _with_papers(ctx.session, standing, ctx.today)
    if not found and capacities(standing):
        raise SigningPaperMissingError("no paper delegates the signature", person=ctx.actor.id)
    if not found:
        raise NoSigningFormError("the decree has no form for this post", person=ctx.actor.id, post=standing.post)
    return found

"""Hồ sơ đề nghị: the list, and the page of one nomination."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import queries
from engine.commands.records import record_event
from engine.db import reading
from engine.errors import ForbiddenError, InvalidInputError
from webapp import current
from webapp.errors import error_text
from webapp.filters import label
from webapp.i18n import t
from webapp.security import STAFF, allowed
from webapp.typed import normalise
from webapp.ui.case_acts import acts_of, may_comment
from webapp.ui.cases import case_page
from webapp.ui.dossier import SENSITIVE, dossier_of, sight_of
from webapp.ui.notes import Notes, notes_on
from webapp.ui.paging import paged
from webapp.ui.reasons import reasons_of
from webapp.ui.votes import votes_on
from webapp.ui.words import end_words, person, task_words
from webapp.visibility import READERS, may_see_case
from workflows.campaigns import queries as campaigns
from workflows.decisions import queries as decisions
from workflows.errors import UnknownCaseError
from workflows.feedback import queries as feedback
from workflows.nominations import queries as nominations
from workflows.nominations.models import AwardForm, NomineeKind
from workflows.nominations.queries import NominationView
from workflows.organisation import queries as organisation
from workflows.referrals import queries as referrals

bp = Blueprint("nominations", __name__, url_prefix="/nominations")
PAGE = 25


@dataclass(frozen=True, slots=True)
class Row:
    """A nomination in a list, with where it stands in a few words; `over` when its case has ended."""

    nomination: NominationView
    stage: str
    holder: str
    over: bool


@bp.get("")
@allowed(STAFF)
def index() -> ResponseReturnValue:
    """Search the nominations this person may read; the filters stand in the address."""
    chosen = {name: request.args.get(name, "") for name in ("q", "round", "unit", "form", "kind")}
    with reading(current.sessions()) as reader:
        rounds = campaigns.list_rounds(reader)
        units = organisation.units_on(reader, current.business_today())
        found = visible_nominations(
            reader,
            nominations.list_nominations(
                reader,
                text=chosen["q"][:200],
                round_key=chosen["round"],
                unit_id=chosen["unit"],
                form=_known(AwardForm, chosen["form"]),
                nominee_kind=_known(NomineeKind, chosen["kind"]),
            ),
        )
        shown, page, pages = paged(found, PAGE)
        mine = _read_in_full(reader, shown)
        rows = [row_of(view) if view.id in mine else _public_row(view) for view in shown]
        return render_template(
            "nominations/index.html",
            rows=rows,
            total=len(found),
            chosen=chosen,
            rounds=rounds,
            units=units,
            forms=list(AwardForm),
            kinds=list(NomineeKind),
            page=page,
            pages=pages,
            filtered=any(chosen.values()),
            reads_all=current.holds(*READERS),
        )


def _known(enum: type[AwardForm] | type[NomineeKind], value: str) -> str:
    """Return the value when the enum has it; an address typed by hand filters by nothing rather than failing."""
    return value if value in {one.value for one in enum} else ""


def visible_nominations(reader: Session, found: list[NominationView]) -> list[NominationView]:
    """Return those this person may read, and those on which everybody may comment now."""
    mine, public = _read_in_full(reader, found), feedback.open_for_comment(reader, current.business_now())
    return [view for view in found if view.id in mine or view.id in public]


def _read_in_full(reader: Session, found: list[NominationView]) -> set[str]:
    """Return the ids of those this person may read whole."""
    if current.holds(*READERS):
        return {view.id for view in found}
    actor, heads = current.actor(), organisation.heads_on(reader, current.business_today())
    return {
        view.id
        for view in found
        if view.proposer_id == actor.id
        or actor.holds("unit_head", view.unit_id)
        or view.nominee_id == actor.id
        or heads.get(view.nominee_id) == actor.id
    }


def _public_row(view: NominationView) -> Row:
    """Return a nomination laid open for comments as those see it who may read no more of it."""
    return Row(view, t("nominations.public_stage"), "", over=False)


def row_of(view: NominationView) -> Row:
    """Return a nomination with where its case stands."""
    instance = queries.find_instance(current.engine(), view.business_key)
    if instance is None:
        return Row(view, "", "", over=False)
    if instance.ended_at is not None:
        return Row(view, end_words(instance.process_key, instance.end_event, instance.status), "", over=True)
    tasks = queries.open_tasks_of_instance(current.engine(), instance.id)
    if tasks:
        first = tasks[0]
        holder = person(first.assignee) if first.assignee and not first.personal else label("roles", first.role)
        return Row(view, task_words(first.name, first.step_key, first), holder, over=False)
    timers = queries.due_timers(current.engine(), instance.id)
    waits = (*timers, *queries.waiting_messages(current.engine(), instance.id))
    stage = next((label("elements", f"{one.process_key}.{one.element_id}") for one in waits), "")
    return Row(view, stage, "", over=False)


@bp.get("/<string:nomination_id>")
@allowed(STAFF)
def show(nomination_id: str) -> ResponseReturnValue:
    """Show one nomination: in full to its readers, its public part while comments on it are asked for."""
    return _page(nomination_id)


@bp.post("/<string:nomination_id>/read")
@allowed("auditor")
def read_sensitive(nomination_id: str) -> ResponseReturnValue:
    """Open one sensitive class of fields for this one answer, for a stated reason that goes on record."""
    field_class, reason = request.form.get("class", ""), normalise(request.form.get("reason", ""))
    key = _key_of(nomination_id)
    dossier = dossier_of(nomination_id)
    askable = (*dossier.askable, *_askable_notes(notes_on(key, running=False)))
    if field_class not in SENSITIVE or field_class not in askable:
        raise ForbiddenError("nothing of that class may be asked for", field_class=field_class)
    try:
        record_event(
            current.engine(),
            "text.read",
            current.actor(),
            business_key=key,
            reason=reason,
            field_class=field_class,
            nomination=nomination_id,
        )
    except InvalidInputError as error:
        return _page(nomination_id, trouble=error_text(error), asked=field_class, status=422)
    return _page(nomination_id, opened=frozenset({field_class}))


def _askable_notes(notes: Notes) -> tuple[str, ...]:
    """Return the classes of hidden notes that a reasoned request would open."""
    with reading(current.sessions()) as reader:
        sight = sight_of(reader)
    return tuple(name for name in notes.hidden if sight.may_ask(name))


def _key_of(nomination_id: str) -> str:
    """Return the business key of a nomination this person may read.

    Raises:
        UnknownCaseError: there is none.
        ForbiddenError: not for this person.

    """
    with reading(current.sessions()) as reader:
        found = nominations.find_nomination(reader, nomination_id)
        key = found.business_key if found else ""
    if not key:
        raise UnknownCaseError("no such nomination", key=nomination_id)
    if not may_see_case(key):
        raise ForbiddenError
    return key


def _page(
    nomination_id: str, *, opened: frozenset[str] = frozenset(), trouble: str = "", asked: str = "", status: int = 200
) -> ResponseReturnValue:
    with reading(current.sessions()) as reader:
        view = nominations.view_of(reader, nomination_id, current.business_today())
    if not may_see_case(view.business_key):
        return _public_page(view)
    instance = queries.find_instance(current.engine(), view.business_key)
    if instance is None:
        raise UnknownCaseError("the nomination has no case", key=nomination_id)
    case = case_page(instance.id)
    with reading(current.sessions()) as reader:
        awards = decisions.honours(reader, nominee_id=view.nominee_id)
        dossier = dossier_of(view.id, opened=opened)
        notes = notes_on(view.business_key, running=instance.ended_at is None, opened=opened)
        page = render_template(
            "nominations/show.html",
            case=case,
            dossier=dossier,
            acts=acts_of(case),
            notes=notes,
            askable=(*dossier.askable, *_askable_notes(notes)),
            whys={**reasons_of(view.id), **queries.reasons_of_interventions(current.engine(), instance.id)},
            votes=votes_on(view.id),
            decided=decisions.director_decision_of(reader, view.id),
            decisions=decisions.decisions_of_nomination(reader, view.id),
            referral=referrals.referral_of(reader, view.id),
            awards=[award for award in awards if award.nomination_id != view.id],
            trouble=trouble,
            asked=asked,
            opened=opened,
        )
    return page, status


def _public_page(view: NominationView) -> ResponseReturnValue:
    """Show what is laid open for comments; of the rest the page says that it is there."""
    if not may_comment(view.id):
        raise ForbiddenError
    with reading(current.sessions()) as reader:
        window = feedback.window_of(reader, view.id)
    return render_template("nominations/public.html", view=view, window=window)

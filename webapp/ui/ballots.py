"""Voting: a strip of all lines of a sitting, one nominee per screen, the next line follows; or a table at once.

Somebody who votes in a member's place too has a seat for each (`seats`): the address names the member (`?for=`), so
that no ballot is cast for the wrong one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import queries as engine_queries
from engine.commands.actions import perform_action
from engine.commands.tasks import complete_task
from engine.db import reading
from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError
from webapp import current
from webapp.errors import error_text, status_of
from webapp.forms import FieldView, field_errors, fields_of, read_form, unplaced
from webapp.i18n import language, t
from webapp.requests import sent_key
from webapp.security import allowed
from webapp.ui.cases import case_page
from webapp.ui.choices import source
from webapp.ui.council import find_session
from webapp.ui.dossier import dossier_of
from webapp.ui.seats import Bench, Seat, asked_member, bench_of
from webapp.ui.words import person
from workflows.council.models import BallotChoice, BallotMode, Manner
from workflows.council.views import SessionView, VoteView

bp = Blueprint("ballots", __name__, url_prefix="/council/<string:session_key>/vote")
CHANGE = "council.change_ballot"


def _bench(session_key: str) -> tuple[SessionView, Bench]:
    with reading(current.sessions()) as reader:
        sitting = find_session(reader, session_key)
        return sitting, bench_of(reader, sitting)


def _seated(session_key: str, line_id: str = "") -> tuple[SessionView, Bench, Seat]:
    """Return the sitting, the person's seats at it, and the one the address means."""
    sitting, bench = _bench(session_key)
    return sitting, bench, bench.seat(asked_member(), line_id)


def following(votes: Sequence[VoteView], line_id: str = "") -> VoteView | None:
    """Return the next line the member may vote on, round the list from the given one."""
    places = [vote.line_id for vote in votes]
    start = places.index(line_id) + 1 if line_id in places else 0
    return next((vote for vote in (*votes[start:], *votes[:start]) if vote.state == "open"), None)


def _next(bench: Bench, seat: Seat, line_id: str = "") -> tuple[Seat, VoteView] | None:
    """Return the next ballot that waits: at the same seat first, then at the person's others."""
    for one in (seat, *(other for other in bench.seats if other is not seat)):
        found = following(one.votes, line_id if one is seat else "")
        if found is not None and not (one is seat and found.line_id == line_id):
            return one, found
    return None


@bp.get("")
@allowed("council_member")
def start(session_key: str) -> ResponseReturnValue:
    """Go to the first ballot that waits for this person, or back to the sitting when none does."""
    _, bench = _bench(session_key)
    for seat in bench.seats:
        if asked_member() in {"", seat.member_id} and seat.waiting:
            return redirect(_address(session_key, seat, seat.waiting[0]))
    return redirect(url_for("council.session", session_key=session_key))


def _address(session_key: str, seat: Seat, vote: VoteView) -> str:
    values: dict[str, Any] = {"session_key": session_key, "line_id": vote.line_id, **seat.query}
    return url_for("ballots.show", **values)


@bp.get("/<string:line_id>")
@allowed("council_member")
def show(session_key: str, line_id: str) -> ResponseReturnValue:
    """Show one nominee with the ballot, or what was answered."""
    sitting, bench, seat = _seated(session_key, line_id)
    return _page(sitting, bench, seat, seat.line(line_id))


def _page(
    sitting: SessionView, bench: Bench, seat: Seat, vote: VoteView, values: Mapping[str, Any] | None = None, *,
    errors: Mapping[str, Any] | None = None, whole: str = "", status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    fields: list[FieldView] = []
    schema: Mapping[str, Any] = {}
    try:
        form = engine_queries.task_form(current.engine(), vote.task_id, current.actor()) if vote.task_id else None
    except ForbiddenError as error:  # an interest declared on another page keeps the member away
        form, vote = None, replace(vote, state="recused", task_id=None, refusal=error)
    if form is not None:
        schema = form.schema
        fields = fields_of(
            schema, form.values if values is None else values, errors, language=language(), options=source()
        )
    instance = engine_queries.find_instance(current.engine(), vote.business_key)
    case = case_page(instance.id, with_path=False) if instance else None
    page = render_template(
        "council/ballot.html",
        session=sitting,
        bench=bench,
        seat=seat,
        vote=vote,
        schema=schema,
        fields=fields,
        whole=whole or (unplaced(fields, errors or {}) if form is not None else ""),
        troubles=errors or {},
        standing=values or {"choice": vote.choice, "note": vote.note},
        refusal=error_text(vote.refusal) if vote.refusal else "",
        by_name={field.name: field for field in fields},
        key=str(uuid4()),
        case=case,
        dossier=dossier_of(vote.nomination_id),
        choices=list(BallotChoice),
        following=_next(bench, seat, vote.line_id),
        changeable=vote.state == "voted" and vote.mode == BallotMode.OPEN.value,
    )
    return page, status


@bp.post("/<string:line_id>")
@allowed("council_member")
def cast(session_key: str, line_id: str) -> ResponseReturnValue:
    """Put the ballot in; the next line follows."""
    sitting, bench, seat = _seated(session_key, line_id)
    vote = seat.line(line_id)
    if vote.task_id is None:
        whole = error_text(vote.refusal) if vote.refusal else t(f"council.state_{vote.state}")
        return _page(sitting, bench, seat, vote, whole=whole, status=409)
    form = engine_queries.task_form(current.engine(), vote.task_id, current.actor())
    values = read_form(form.schema, request.form)
    if request.form.get("_restore") == "1":
        return _page(sitting, bench, seat, vote, values, whole=t("task.restored"))
    try:
        complete_task(current.engine(), vote.task_id, current.actor(), values, idempotency_key=sent_key())
    except InvalidInputError as error:
        beside = field_errors(error)
        said = "" if beside else error_text(error)
        return _page(sitting, bench, seat, vote, values, errors=beside, whole=said, status=422)
    except (ConflictError, ForbiddenError) as error:
        return _moved_on(session_key, line_id, error)
    return _after(session_key, line_id)


def _moved_on(session_key: str, line_id: str, error: EngineError) -> ResponseReturnValue:
    """Show the line as it is now, with why the ballot was not taken."""
    sitting, bench, seat = _seated(session_key, line_id)
    return _page(sitting, bench, seat, seat.line(line_id), whole=error_text(error), status=status_of(error).value)


def _after(session_key: str, line_id: str) -> ResponseReturnValue:
    """Show the receipt once and go on to the next line that waits."""
    _, bench, seat = _seated(session_key, line_id)
    vote = seat.line(line_id)
    if vote.state == "recused":
        flash(t("council.recused_now", nominee=vote.nominee))
    elif seat.place:
        flash(t("council.voted_instead_now", nominee=vote.nominee, code=vote.code, member=person(seat.member_id)))
    else:
        flash(t("council.voted_now", nominee=vote.nominee, code=vote.code))
    waiting = _next(bench, seat, line_id)
    if waiting is None:
        flash(t("council.all_voted"))
        return redirect(url_for("council.session", session_key=session_key))
    return redirect(_address(session_key, *waiting))


@bp.post("/<string:line_id>/change")
@allowed("council_member")
def change(session_key: str, line_id: str) -> ResponseReturnValue:
    """Change an open ballot while the line is open."""
    sitting, bench, seat = _seated(session_key, line_id)
    vote = seat.line(line_id)
    values = {"line_id": line_id, "choice": request.form.get("choice", ""), "note": request.form.get("note", ""),
              "member_id": seat.member_id}  # fmt: skip
    try:
        perform_action(current.engine(), CHANGE, current.actor(), values)
    except (InvalidInputError, ConflictError, ForbiddenError) as error:
        beside = field_errors(error)
        said = " ".join(str(one) for name, sentences in beside.items() if name != "note" for one in sentences)
        return _page(
            sitting,
            bench,
            seat,
            vote,
            values,
            errors=beside,
            status=status_of(error).value,
            whole=said or ("" if beside else error_text(error)),
        )
    flash(t("council.changed", nominee=vote.nominee))
    return redirect(_address(session_key, seat, vote))


@bp.get("/table")
@allowed("council_member")
def table(session_key: str) -> ResponseReturnValue:
    """Show all lines that wait at one seat in one table."""
    return _table(session_key, {}, {}, 200)


def _table(
    session_key: str, chosen: Mapping[str, str], troubles: Mapping[str, str], status: int
) -> ResponseReturnValue:
    sitting, bench, seat = _seated(session_key)
    page = render_template(
        "council/table.html",
        session=sitting,
        bench=bench,
        seat=seat,
        waiting=seat.waiting,
        chosen=chosen,
        troubles=troubles,
        choices=list(BallotChoice),
        manners=list(Manner),
        manner=request.form.get("manner", Manner.PRESENT.value),
    )
    return page, status


@bp.post("/table")
@allowed("council_member")
def cast_many(session_key: str) -> ResponseReturnValue:
    """Put in every ballot chosen in the table, each through its own door; what is refused stays with its sentence."""
    _, _, seat = _seated(session_key)
    chosen = {vote.line_id: request.form.get(f"choice-{vote.line_id}", "") for vote in seat.waiting}
    troubles, done = {}, 0
    for vote in seat.waiting:
        choice = chosen.get(vote.line_id, "")
        if vote.task_id is None or not choice:
            continue
        trouble = _cast_one(vote.task_id, choice, request.form.get("manner", Manner.PRESENT.value))
        if trouble:
            troubles[vote.line_id] = trouble
        else:
            done += 1
    if done:
        flash(t("council.voted_many", count=done))
    if troubles:
        return _table(session_key, chosen, troubles, 422)
    if not done:
        return _table(session_key, chosen, {"": t("council.nothing_chosen")}, 422)
    return redirect(url_for("council.session", session_key=session_key))


def _cast_one(task_id: UUID, choice: str, manner: str) -> str:
    """Put one ballot in; return why it was not taken, empty when it was."""
    try:
        complete_task(
            current.engine(), task_id, current.actor(), {"interest": "NONE", "choice": choice, "manner": manner}
        )
    except (InvalidInputError, ConflictError, ForbiddenError) as error:
        said = " ".join(str(one) for sentences in field_errors(error).values() for one in sentences)
        return said or error_text(error)
    return ""

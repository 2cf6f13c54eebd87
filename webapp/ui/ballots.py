"""Voting: a strip of all lines of a sitting, one nominee per screen, the next line follows; or a table at once."""

from collections.abc import Mapping
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
from webapp.security import allowed
from webapp.ui.cases import case_page
from webapp.ui.choices import source
from webapp.ui.council import find_session
from webapp.ui.dossier import dossier_of
from workflows.council import queries
from workflows.council.models import BallotChoice, BallotMode, Manner
from workflows.council.views import SessionView, VoteView
from workflows.errors import UnknownLineError

bp = Blueprint("ballots", __name__, url_prefix="/council/<string:session_key>/vote")
CHANGE = "council.change_ballot"


def _votes(session_key: str) -> tuple[SessionView, list[VoteView]]:
    with reading(current.sessions()) as reader:
        return find_session(reader, session_key), queries.votes_of(reader, session_key, current.actor().id)


def _line(votes: list[VoteView], line_id: str) -> VoteView:
    """Return one of the member's lines.

    Raises:
        UnknownLineError: not a line of this sitting, or not one of this member.

    """
    found = next((vote for vote in votes if vote.line_id == line_id), None)
    if found is None:
        raise UnknownLineError("no such line", line=line_id)
    return found


def following(votes: list[VoteView], line_id: str = "") -> VoteView | None:
    """Return the next line the member may vote on, round the list from the given one."""
    places = [vote.line_id for vote in votes]
    start = places.index(line_id) + 1 if line_id in places else 0
    return next((vote for vote in (*votes[start:], *votes[:start]) if vote.state == "open"), None)


def _other(votes: list[VoteView], line_id: str) -> VoteView | None:
    """Return the next line that waits beside the one shown."""
    found = following(votes, line_id)
    return found if found and found.line_id != line_id else None


@bp.get("")
@allowed("council_member")
def start(session_key: str) -> ResponseReturnValue:
    """Go to the first line that waits for this member, or back to the sitting when none does."""
    _, votes = _votes(session_key)
    waiting = following(votes)
    if waiting is None:
        return redirect(url_for("council.session", session_key=session_key))
    return redirect(url_for("ballots.show", session_key=session_key, line_id=waiting.line_id))


@bp.get("/<string:line_id>")
@allowed("council_member")
def show(session_key: str, line_id: str) -> ResponseReturnValue:
    """Show one nominee with the ballot, or what was answered."""
    session, votes = _votes(session_key)
    return _page(session, votes, _line(votes, line_id))


def _page(
    session: SessionView, votes: list[VoteView], vote: VoteView, values: Mapping[str, Any] | None = None, *,
    errors: Mapping[str, Any] | None = None, whole: str = "", status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    fields: list[FieldView] = []
    schema: Mapping[str, Any] = {}
    if vote.task_id is not None:
        form = engine_queries.task_form(current.engine(), vote.task_id, current.actor())
        schema = form.schema
        fields = fields_of(schema, form.values if values is None else values, errors, language=language(),
                           options=source())
    instance = engine_queries.find_instance(current.engine(), vote.business_key)
    case = case_page(instance.id, with_path=False) if instance else None
    page = render_template(
        "council/ballot.html", session=session, votes=votes, vote=vote, schema=schema, fields=fields,
        whole=whole or unplaced(fields, errors or {}),
        by_name={field.name: field for field in fields}, key=str(uuid4()), case=case,
        dossier=dossier_of(vote.nomination_id), choices=list(BallotChoice), next_vote=_other(votes, vote.line_id),
        changeable=vote.state == "voted" and vote.mode == BallotMode.OPEN.value,
    )
    return page, status


@bp.post("/<string:line_id>")
@allowed("council_member")
def cast(session_key: str, line_id: str) -> ResponseReturnValue:
    """Put the ballot in; the next line follows."""
    session, votes = _votes(session_key)
    vote = _line(votes, line_id)
    if vote.task_id is None:
        whole = t(f"council.state_{vote.state}")
        return _page(session, votes, vote, whole=whole, status=409)
    form = engine_queries.task_form(current.engine(), vote.task_id, current.actor())
    values = read_form(form.schema, request.form)
    if request.form.get("_restore") == "1":
        return _page(session, votes, vote, values, whole=t("task.restored"))
    try:
        complete_task(current.engine(), vote.task_id, current.actor(), values,
                      idempotency_key=request.form.get("_key") or None)
    except InvalidInputError as error:
        beside = field_errors(error)
        return _page(session, votes, vote, values, errors=beside, whole="" if beside else error_text(error), status=422)
    except (ConflictError, ForbiddenError) as error:
        return _moved_on(session_key, line_id, error)
    return _after(session_key, line_id)


def _moved_on(session_key: str, line_id: str, error: EngineError) -> ResponseReturnValue:
    """Show the line as it is now, with why the ballot was not taken."""
    session, votes = _votes(session_key)
    return _page(session, votes, _line(votes, line_id), whole=error_text(error), status=status_of(error).value)


def _after(session_key: str, line_id: str) -> ResponseReturnValue:
    """Show the receipt once and go on to the next line that waits."""
    _, votes = _votes(session_key)
    vote = _line(votes, line_id)
    if vote.state == "recused":
        flash(t("council.recused_now", nominee=vote.nominee))
    else:
        flash(t("council.voted_now", nominee=vote.nominee, code=vote.code))
    waiting = following(votes, line_id)
    if waiting is None:
        flash(t("council.all_voted"))
        return redirect(url_for("council.session", session_key=session_key))
    return redirect(url_for("ballots.show", session_key=session_key, line_id=waiting.line_id))


@bp.post("/<string:line_id>/change")
@allowed("council_member")
def change(session_key: str, line_id: str) -> ResponseReturnValue:
    """Change one's open ballot while the line is open."""
    session, votes = _votes(session_key)
    vote = _line(votes, line_id)
    values = {"line_id": line_id, "choice": request.form.get("choice", ""), "note": request.form.get("note", "")}
    try:
        perform_action(current.engine(), CHANGE, current.actor(), values)
    except (InvalidInputError, ConflictError, ForbiddenError) as error:
        said = " ".join(str(one) for sentences in field_errors(error).values() for one in sentences)
        return _page(session, votes, vote, whole=said or error_text(error), status=status_of(error).value)
    flash(t("council.changed", nominee=vote.nominee))
    return redirect(url_for("ballots.show", session_key=session_key, line_id=line_id))


@bp.get("/table")
@allowed("council_member")
def table(session_key: str) -> ResponseReturnValue:
    """Show all lines that wait for this member in one table."""
    return _table(session_key, {}, {}, 200)


def _table(
    session_key: str, chosen: Mapping[str, str], troubles: Mapping[str, str], status: int
) -> ResponseReturnValue:
    session, votes = _votes(session_key)
    waiting = [vote for vote in votes if vote.state == "open"]
    page = render_template("council/table.html", session=session, votes=votes, waiting=waiting, chosen=chosen,
                           troubles=troubles, choices=list(BallotChoice), manners=list(Manner),
                           manner=request.form.get("manner", Manner.PRESENT.value))
    return page, status


@bp.post("/table")
@allowed("council_member")
def cast_many(session_key: str) -> ResponseReturnValue:
    """Put in every ballot chosen in the table, each through its own door; what is refused stays with its sentence."""
    _, votes = _votes(session_key)
    chosen = {vote.line_id: request.form.get(f"choice-{vote.line_id}", "") for vote in votes if vote.state == "open"}
    troubles, done = {}, 0
    for vote in votes:
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
        complete_task(current.engine(), task_id, current.actor(),
                      {"interest": "NONE", "choice": choice, "manner": manner})
    except (InvalidInputError, ConflictError, ForbiddenError) as error:
        said = " ".join(str(one) for sentences in field_errors(error).values() for one in sentences)
        return said or error_text(error)
    return ""

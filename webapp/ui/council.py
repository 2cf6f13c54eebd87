"""Phiên họp Hội đồng: the sittings, one sitting with its people and lines, and the minutes of a line."""

from collections.abc import Sequence

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.db import reading
from engine.errors import ForbiddenError
from webapp import current
from webapp.security import allowed
from webapp.ui.navigation import COUNCIL
from webapp.ui.seats import bench_of, waiting_for
from webapp.ui.step_forms import actions_of
from webapp.ui.words import remember_people
from workflows.council import queries
from workflows.council.models import BallotMode
from workflows.council.signatures import signatures_of
from workflows.council.views import LineView, SessionView
from workflows.decisions import queries as decisions
from workflows.errors import UnknownSessionError
from workflows.nominations import queries as nominations
from workflows.nominations.visibility import may_see

bp = Blueprint("council", __name__, url_prefix="/council")


@bp.get("")
@allowed(*COUNCIL)
def index() -> ResponseReturnValue:
    """List the sittings, newest first, with the standing council of today."""
    on = current.business_today()
    with reading(current.sessions()) as reader:
        sessions = queries.list_sessions(reader)
        council = queries.council_on(reader, on)
        if council is not None:
            remember_people(str(member["person_id"]) for member in council.members)
        return render_template(
            "council/index.html",
            sessions=sessions,
            council=council,
            open_ballots=waiting_for(reader),
            actions=actions_of(
                "council",
                without=frozenset({"council.change_ballot", "council.close_session", "council.record_attendance"}),
            ),
        )


def find_session(reader: Session, session_key: str) -> SessionView:
    """Return a sitting.

    Raises:
        UnknownSessionError: there is none.

    """
    found = queries.find_session(reader, session_key)
    if found is None:
        raise UnknownSessionError("no such session", session=session_key)
    return found


def ranked(lines: Sequence[LineView]) -> list[LineView]:
    """Return open lines first, then the counted ones as the council ranked them: by their share of agreement."""

    def place(line: LineView) -> tuple[bool, float]:
        found = line.result
        return found is not None, -(found.agree / found.base) if found and found.base else 0.0

    return sorted(lines, key=place)


@bp.get("/<string:session_key>")
@allowed(*COUNCIL)
def session(session_key: str) -> ResponseReturnValue:
    """Show a sitting: who is there, which lines are open, what the closed ones brought; never a running count."""
    actor, on = current.actor(), current.business_today()
    with reading(current.sessions()) as reader:
        view = find_session(reader, session_key)
        lines = ranked(queries.lines_of(reader, session_key))
        shows = {
            name: may_see(reader, name, actor, on) == "yes"
            for name in ("open_ballots", "secret_counts", "recusal_reason")
        }
        ballots = {
            line.line_id: queries.ballots_of_line(reader, line.line_id)
            for line in lines
            if line.mode == BallotMode.OPEN.value and shows["open_ballots"]
        }
        minutes = {line.line_id: queries.minutes_of(reader, line.line_id) for line in lines}
        return render_template(
            "council/session.html",
            session=view,
            lines=lines,
            bench=bench_of(reader, view),
            decided={line.nomination_id: decisions.director_decision_of(reader, line.nomination_id) for line in lines},
            ballots=ballots,
            shows=shows,
            minutes=minutes,
            agenda=nominations.views_by_key(reader, view.agenda),
            actions=actions_of(
                "council", without=frozenset({"council.change_ballot", "council.create_session", "council.set_members"})
            ),
        )


@bp.get("/lines/<string:line_id>/minutes")
@allowed(*COUNCIL)
def minutes(line_id: str) -> ResponseReturnValue:
    """Show the minutes of a line, ready for printing."""
    with reading(current.sessions()) as reader:
        line = queries.line_view(reader, line_id)
        found = queries.minutes_of(reader, line_id)
        if found is None:
            raise ForbiddenError("no minutes yet")
        people = [*found.present, *(str(one["person_id"]) for one in found.absent), found.chair_id, found.secretary_id]
        remember_people(people)
        sitting = find_session(reader, line.session_key)
        signatures = signatures_of(reader, found, sitting)
        remember_people(one.person_id for one in signatures)
        return render_template("council/minutes.html", line=line, minutes=found, session=sitting, signatures=signatures)

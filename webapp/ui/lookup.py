"""Tra cứu: one search over people, units, cases and decisions; and the way from a case's key to its page."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.db import reading
from engine.errors import ForbiddenError
from webapp import current
from webapp.security import STAFF, allowed
from webapp.typed import normalise
from webapp.ui.case_acts import may_comment
from webapp.ui.nominations import visible_nominations
from webapp.visibility import may_see_case
from workflows.decisions import queries as decisions
from workflows.errors import UnknownCaseError
from workflows.nominations import queries as nominations
from workflows.organisation import queries as organisation
from workflows.rulebook import queries as rulebook

bp = Blueprint("lookup", __name__)
MOST = 20


@bp.get("/search")
@allowed(STAFF)
def search() -> ResponseReturnValue:
    """Search without regard to accents and case; each kind shows its first twenty."""
    text = normalise(request.args.get("q", ""))[:100]
    if not text:
        return render_template("lookup/search.html", text="", found={}, total=0, most=MOST)
    on = current.business_today()
    with reading(current.sessions()) as reader:
        found: dict[str, Sequence[Any]] = {
            "cases": visible_nominations(reader, nominations.list_nominations(reader, text=text)),
            "people": organisation.list_people(reader, on, text=text),
            "units": organisation.units_on(reader, on, text=text),
            "decisions": decisions.list_decisions(reader, text=text),
        }
    total = sum(len(rows) for rows in found.values())
    return render_template("lookup/search.html", text=text, found=found, total=total, most=MOST)


@bp.get("/cases/<string:business_key>")
@allowed(STAFF)
def case(business_key: str) -> ResponseReturnValue:
    """Go from the key of a case to the page of its nomination, or of the change of rules it is about."""
    with reading(current.sessions()) as reader:
        if rulebook.find_change(reader, business_key) is not None:
            return redirect(url_for("changes.show", key=business_key))
        found = nominations.find_nomination(reader, business_key)
        nomination_id = found.nomination_id if found else ""
    if not nomination_id:
        raise UnknownCaseError("no such case", key=business_key)
    if not may_see_case(business_key) and not may_comment(nomination_id):
        raise ForbiddenError
    return redirect(url_for("nominations.show", nomination_id=nomination_id))

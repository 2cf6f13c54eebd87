"""Quyết định: the register of signed decisions with their papers, and what waits to be signed."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.commands.records import record_event
from engine.db import reading
from engine.errors import ForbiddenError
from webapp import current
from webapp.record import knows_of_flags
from webapp.security import STAFF, allowed
from webapp.ui.files import attachment
from webapp.ui.signing import draft_pdf
from webapp.visibility import may_see_case
from webapp.wiring import FONTS
from workflows.campaigns import queries as campaigns
from workflows.decisions import papers, queries
from workflows.decisions.press import Press
from workflows.decisions.queries import DecisionView
from workflows.documents.rules import PDF, safe_name
from workflows.nominations import queries as nominations

bp = Blueprint("decisions", __name__, url_prefix="/decisions")
SIGNERS = ("director", "personnel_officer", "records_officer", "auditor")
"""Roles that see drafts and what waits; everybody else reads what was issued."""


@bp.get("")
@allowed(STAFF)
def index() -> ResponseReturnValue:
    """List the register, newest first; the filters stand in the address."""
    chosen = {name: request.args.get(name, "") for name in ("q", "year", "round")}
    year = int(chosen["year"]) if chosen["year"].isdecimal() and len(chosen["year"]) == 4 else None
    office = current.holds(*SIGNERS)
    with reading(current.sessions()) as reader:
        found = queries.list_decisions(reader, text=chosen["q"][:200], year=year, round_key=chosen["round"])
        waiting = queries.waiting_for_signature(reader) if office else []
        return render_template(
            "decisions/index.html",
            decisions=[one for one in found if office or one.registered_on],
            waiting=waiting,
            chosen=chosen,
            rounds=campaigns.list_rounds(reader),
            filtered=any(chosen.values()),
            office=office,
            years=sorted({one.signed_on.year for one in queries.list_decisions(reader)}, reverse=True),
        )


@bp.get("/drafts/<string:business_key>.pdf")
@allowed(STAFF)
def draft(business_key: str) -> ResponseReturnValue:
    """Hand out the paper that a signature in a capacity would make for a case now, marked as a draft."""
    content = draft_pdf(business_key, capacity=_capacity(), together=request.args.getlist("with"))
    return _pdf(content, f"Dự thảo {business_key}")


@bp.get("/drafts/<string:business_key>/certificate.pdf")
@allowed(STAFF)
def draft_certificate(business_key: str) -> ResponseReturnValue:
    """Hand out the Giấy khen that a signature would make for a case now, marked as a draft."""
    content = draft_pdf(business_key, capacity=_capacity(), certificate=True)
    return _pdf(content, f"Dự thảo Giấy khen {business_key}")


def _capacity() -> str:
    return request.args.get("capacity", "")


@bp.get("/<string:key>")
@allowed(STAFF)
def show(key: str) -> ResponseReturnValue:
    """Show a decision with its lines and papers."""
    with reading(current.sessions()) as reader:
        view = _readable(reader, key)
        return render_template(
            "decisions/show.html",
            decision=view,
            lines=queries.lines_of_decision(reader, view.id),
            scans=queries.scans_of(reader, view.id),
            may_see=may_see_case,
            reasons=_may_read_reasons(reader),
        )


def _may_read_reasons(reader: Session) -> bool:
    """Tell whether this person may have the annex of reasons: it may tell what was held against a nominee."""
    return current.holds(*SIGNERS) and knows_of_flags(reader)


def _readable(reader: Session, key: str) -> DecisionView:
    """Return a decision this person may read.

    Raises:
        UnknownDecisionError: there is none.
        ForbiddenError: it is not issued yet.

    """
    view = queries.view_decision(reader, key)
    if view.registered_on is None and not current.holds(*SIGNERS):
        raise ForbiddenError("the decision is not issued yet")
    return view


@bp.get("/<string:key>/decision.pdf")
@allowed(STAFF)
def paper(key: str) -> ResponseReturnValue:
    """Hand out the decision as PDF; a draft says that it is one. Who may know of them may ask for the reasons too."""
    reasons = request.args.get("reasons") == "1"
    with reading(current.sessions()) as reader:
        if reasons and not _may_read_reasons(reader):
            raise ForbiddenError("reasons may tell more of a nominee than the decision does")
        view = _readable(reader, key)
        content = papers.decision_pdf(reader, current.composition().files, Press(FONTS), key, include_reasons=reasons)
    paper_name = "decision_with_reasons" if reasons else "decision"
    record_event(current.engine(), "file.opened", current.actor(), decision=view.id, paper=paper_name)
    return _pdf(content, f"Quyết định {view.official_number}{' kèm căn cứ xét' if reasons else ''}")


@bp.get("/certificates/<string:nomination_id>.pdf")
@allowed(STAFF)
def certificate(nomination_id: str) -> ResponseReturnValue:
    """Hand out a certificate as PDF to those who may read its case."""
    here = current.composition()
    with reading(current.sessions()) as reader:
        row = nominations.get_nomination(reader, nomination_id)
        key = row.business_key
        if not may_see_case(key):
            raise ForbiddenError
        content = papers.certificate_pdf(reader, here.files, Press(FONTS), row.nomination_id)
    record_event(current.engine(), "file.opened", current.actor(), business_key=key, paper="certificate")
    return _pdf(content, f"Giấy khen {key}")


def _pdf(content: bytes, title: str) -> Response:
    return attachment(content, PDF, safe_name(title.replace("/", "-"), PDF))

"""The submission letter to the Minister as a paper."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from workflows.decisions import wording
from workflows.decisions.papers import TEMPLATES
from workflows.decisions.press import Press
from workflows.decisions.signing import SigningPreview
from workflows.errors import UnknownDecisionError
from workflows.nominations import queries as nominations
from workflows.nominations.queries import NominationView
from workflows.referrals import queries
from workflows.referrals.models import LetterDraft

LETTER = TEMPLATES / "letter.typ"


def letter_data(session: Session, nomination_id: str) -> dict[str, Any]:
    """Return what a signed submission letter says.

    Raises:
        UnknownDecisionError: it is not signed.

    """
    letter = queries.letter_of(session, nomination_id)
    draft = queries.draft_of(session, nomination_id)
    if letter is None or draft is None:
        raise UnknownDecisionError("no signed letter", nomination=nomination_id)
    view = nominations.view_of(session, nomination_id, letter.signed_on)
    said = _said(letter.papers, draft, view)
    return {**said, "number": letter.official_number, "day": letter.signed_on.isoformat(), "draft": False}


def preview_data(session: Session, preview: SigningPreview) -> dict[str, Any]:
    """Return what the letter would say if it were signed now; always a draft, and without a number.

    Raises:
        UnknownDecisionError: no letter was drawn up.

    """
    (view,) = preview.nominations
    draft = queries.draft_of(session, view.id)
    if draft is None:
        raise UnknownDecisionError("no letter was drawn up", nomination=view.id)
    said = _said(preview.papers, draft, view)
    return {**said, "number": "", "day": preview.signed_on.isoformat(), "draft": True}


def _said(papers: Mapping[str, Any], draft: LetterDraft, view: NominationView) -> dict[str, Any]:
    named = papers["nominee"]
    return {
        **{key: value for key, value in wording.spoken_papers(papers).items() if key != "nominee"},
        "addressee": draft.addressee, "statement": draft.statement, "enclosures": draft.enclosures,
        "kind": view.nominee_kind, "gender": named["gender"], "name": named["nominee"], "post": named["post"],
        "unit": named["unit"], "from": _iso(view.achieved_from),
        "to": _iso(view.achieved_to), "achievement": view.achievement,
        "summary": view.summary,
    }  # fmt: skip


def letter_pdf(session: Session, press: Press, nomination_id: str) -> bytes:
    """Return the signed submission letter as PDF."""
    return press.print(LETTER, letter_data(session, nomination_id))


def preview_pdf(session: Session, press: Press, preview: SigningPreview) -> bytes:
    """Return the letter that a signature would make now, marked as a draft and without a number."""
    return press.print(LETTER, preview_data(session, preview))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""

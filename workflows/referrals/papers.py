"""The submission letter to the Minister as a paper."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from workflows.decisions import wording
from workflows.decisions.papers import TEMPLATES
from workflows.decisions.press import Press
from workflows.errors import UnknownDecisionError
from workflows.nominations import queries as nominations
from workflows.referrals import queries

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
    named = letter.papers["nominee"]
    return {
        **{key: value for key, value in wording.spoken_papers(letter.papers).items() if key != "nominee"},
        "number": letter.official_number, "day": letter.signed_on.isoformat(), "draft": False,
        "addressee": draft.addressee, "statement": draft.statement, "enclosures": draft.enclosures,
        "kind": view.nominee_kind, "gender": named["gender"], "name": named["nominee"], "post": named["post"],
        "unit": named["unit"], "from": _iso(view.achieved_from),
        "to": _iso(view.achieved_to), "achievement": view.achievement,
        "summary": view.summary,
    }  # fmt: skip


def letter_pdf(session: Session, press: Press, nomination_id: str) -> bytes:
    """Return the signed submission letter as PDF."""
    return press.print(LETTER, letter_data(session, nomination_id))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""

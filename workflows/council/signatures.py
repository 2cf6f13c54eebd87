"""How the minutes say who signed them and in whose place: rows of the table `signature`, by the day of a signature."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows.council.models import Minutes
from workflows.council.views import SessionView
from workflows.documents.models import SigningCapacity
from workflows.documents.signatures import looker_up, signature_form
from workflows.labels import label


@dataclass(frozen=True, slots=True)
class MinutesSignature:
    """One signature under the minutes.

    Attributes:
        lines: what stands over it, in capitals.
        person_id: who signed, None while it is awaited.
        in_place_of: whose signature it would be otherwise, empty for one's own.

    """

    lines: tuple[str, ...]
    person_id: str | None
    at: datetime | None
    in_place_of: str = ""


def signatures_of(session: Session, minutes: Minutes, sitting: SessionView) -> tuple[MinutesSignature, ...]:
    """Return the signatures of secretary and chair as a paper bears them; an awaited one as of the secretary's day."""
    secretary, chair = minutes.secretary_confirmed_by, minutes.chair_confirmed_by
    began = minutes.secretary_confirmed_at
    instead, chaired_instead = secretary != minutes.secretary_id, chair not in {None, minutes.chair_id}
    vice = label("council.vice_chair_on_paper", "vi") if chair == sitting.vice_chair_id else ""
    return (
        MinutesSignature(
            _lines(session, SigningCapacity.FOR_SECRETARY if instead else SigningCapacity.SECRETARY, began),
            secretary, began, minutes.secretary_id if instead else "",
        ),
        MinutesSignature(
            _lines(session, SigningCapacity.FOR_CHAIR if chaired_instead else SigningCapacity.CHAIR,
                   minutes.chair_confirmed_at or began, post=vice),
            chair, minutes.chair_confirmed_at, minutes.chair_id if chaired_instead else "",
        ),
    )  # fmt: skip


def _lines(session: Session, capacity: SigningCapacity, at: datetime, *, post: str = "") -> tuple[str, ...]:
    return signature_form(looker_up(session), capacity, local_date(at)).lines(post=post)

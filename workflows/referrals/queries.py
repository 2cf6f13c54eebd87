"""Questions about referrals. Nothing here writes."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.facts import latest, newest
from workflows.referrals.models import LetterDraft, MinisterAnswer, ReferralHop, Sending, SubmissionLetter


@dataclass(frozen=True, slots=True)
class ReferralView:
    """How far a referral has come; what has not happened yet is None."""

    nomination_id: str
    draft: LetterDraft | None
    letter: SubmissionLetter | None
    sending: Sending | None
    hops: tuple[ReferralHop, ...]
    answer: MinisterAnswer | None


def draft_of(session: Session, nomination_id: str) -> LetterDraft | None:
    """Return the newest draft of the submission letter, or None."""
    return newest(session, LetterDraft, "nomination_id", nomination_id)


def letter_of(session: Session, nomination_id: str) -> SubmissionLetter | None:
    """Return the signed submission letter, or None."""
    return session.scalars(sa.select(SubmissionLetter).where(SubmissionLetter.nomination_id == nomination_id)).first()


def sending_of(session: Session, nomination_id: str) -> Sending | None:
    """Return when and how the dossier was sent, or None."""
    return newest(session, Sending, "nomination_id", nomination_id)


def hops_of(session: Session, nomination_id: str) -> list[ReferralHop]:
    """Return the stations of a referral in their order, newest word on each."""
    query = latest(ReferralHop, "hop_id").where(ReferralHop.nomination_id == nomination_id)
    return list(session.scalars(query.order_by(ReferralHop.position)))


def answer_of(session: Session, nomination_id: str) -> MinisterAnswer | None:
    """Return the ministry's answer, or None."""
    return newest(session, MinisterAnswer, "nomination_id", nomination_id)


def referral_of(session: Session, nomination_id: str) -> ReferralView | None:
    """Return the referral of a nomination; None when it was never begun."""
    draft = draft_of(session, nomination_id)
    if draft is None:
        return None
    return ReferralView(
        nomination_id, draft, letter_of(session, nomination_id), sending_of(session, nomination_id),
        tuple(hops_of(session, nomination_id)), answer_of(session, nomination_id),
    )  # fmt: skip

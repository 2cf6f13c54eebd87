"""Facts of a referral to the Minister."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, Fact
from workflows.documents.models import SigningCapacity
from workflows.facts import VersionedFact


class Dispatch(StrEnum):
    """How a dossier leaves the house."""

    ELECTRONIC = "ELECTRONIC"
    POST = "POST"
    IN_PERSON = "IN_PERSON"


class AnswerKind(StrEnum):
    """What the ministry answered."""

    AWARDED = "awarded"
    DECLINED = "declined"


class LetterDraft(VersionedFact, Base):
    """What Phòng TCCB drafts for the submission letter; a later version replaces an earlier."""

    __tablename__ = "letter_draft"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    addressee: Mapped[str]
    statement: Mapped[str]
    enclosures: Mapped[list[str]]


class SubmissionLetter(Fact, Base):
    """A signed submission letter with its frozen wording (decree 30/2020); its number is an `official_number`."""

    __tablename__ = "submission_letter"
    __table_args__ = (UniqueConstraint("nomination_id"),)

    letter_id: Mapped[str] = mapped_column(primary_key=True)
    nomination_id: Mapped[str]
    official_number: Mapped[str]
    organisation_id: Mapped[str]
    signed_on: Mapped[date]
    signed_at: Mapped[datetime]
    signer_id: Mapped[str]
    capacity: Mapped[SigningCapacity]
    papers: Mapped[dict[str, Any]]


class ReferralHop(VersionedFact, Base):
    """One station on the way to the Minister, in the order of the policy in force on the day of sending (RULES G05).

    `reached_on` None means that nobody has told yet whether the dossier is there.
    """

    __tablename__ = "referral_hop"
    __table_args__ = (UniqueConstraint("hop_id", "version"), Index(None, "nomination_id"))

    hop_id: Mapped[str]
    nomination_id: Mapped[str]
    position: Mapped[int]
    station: Mapped[str]
    reached_on: Mapped[date | None]
    note: Mapped[str]


class Sending(VersionedFact, Base):
    """The dossier was sent."""

    __tablename__ = "referral_sending"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    sent_on: Mapped[date]
    dispatch: Mapped[Dispatch]
    note: Mapped[str]


class MinisterAnswer(VersionedFact, Base):
    """The ministry's answer with its number, day and, where filed, its paper (RULES G07)."""

    __tablename__ = "minister_answer"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    answer: Mapped[AnswerKind]
    official_number: Mapped[str]
    answered_on: Mapped[date]
    document_id: Mapped[str]
    reason: Mapped[str]

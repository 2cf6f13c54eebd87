"""Facts of deciding and issuing. A number, once given, stays; what a decision says is frozen when it is signed."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, Fact
from workflows.documents.models import SigningCapacity
from workflows.facts import VersionedFact
from workflows.nominations.models import AwardForm, NomineeKind


class DirectorChoice(StrEnum):
    """What the head may do with a reviewed nomination (RULES G01)."""

    GRANT_GIAY_KHEN = "GRANT_GIAY_KHEN"
    REFER_TO_MINISTER = "REFER_TO_MINISTER"
    RETURN_TO_COUNCIL = "RETURN_TO_COUNCIL"
    REJECT = "REJECT"


class DocumentType(StrEnum):
    """Types of official papers, each with its own run of numbers a year (RULES G03)."""

    DECISION = "DECISION"
    SUBMISSION_LETTER = "SUBMISSION_LETTER"


class PaperKind(StrEnum):
    """What the printing press makes."""

    DECISION = "DECISION"
    CERTIFICATE = "CERTIFICATE"


class DirectorDecision(VersionedFact, Base):
    """What the head decided; after a return to the council a later version says what was decided then.

    `council_outcome` and `line_id` name the vote it followed or departed from (RULES F15).
    """

    __tablename__ = "director_decision"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    decision: Mapped[DirectorChoice]
    reason: Mapped[str]
    departs: Mapped[bool]
    council_outcome: Mapped[str]
    line_id: Mapped[str]
    decided_on: Mapped[date]


class FallbackGrant(VersionedFact, Base):
    """The Minister declined, and the policy in force lets the head grant a Giấy khen instead (RULES C03)."""

    __tablename__ = "fallback_grant"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    form: Mapped[AwardForm]
    decided_on: Mapped[date]


class OfficialNumber(Fact, Base):
    """One number of the run of a body, a type of paper and a year: given once, at signing, without gaps."""

    __tablename__ = "official_number"
    __table_args__ = (UniqueConstraint("organisation_id", "document_type", "year", "number"),)

    subject_id: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str]
    document_type: Mapped[DocumentType]
    year: Mapped[int]
    number: Mapped[int]
    text: Mapped[str]
    given_on: Mapped[date]


class AwardDecision(Fact, Base):
    """A signed decision with what its head block, legal bases and signature block say (decree 30/2020).

    `decision_key` is the name people use in addresses, made from the number, the body and the year. `papers` holds the
    frozen wording: parent, agency, head_title, signer_lines, signer_name, bases, campaign, payer; and `in_place_of`
    (id, name and the paper that delegates) where somebody signed in the head's place.
    """

    __tablename__ = "award_decision"
    __table_args__ = (UniqueConstraint("decision_key"), Index(None, "signed_on"))

    decision_id: Mapped[str] = mapped_column(primary_key=True)
    decision_key: Mapped[str]
    official_number: Mapped[str]
    organisation_id: Mapped[str]
    round_key: Mapped[str]
    form: Mapped[AwardForm]
    signed_on: Mapped[date]
    signed_at: Mapped[datetime]
    signer_id: Mapped[str]
    capacity: Mapped[SigningCapacity]
    papers: Mapped[dict[str, Any]]


class DecisionLine(Fact, Base):
    """One nominee of a decision with what the decision must say of it (RULES G04, C08)."""

    __tablename__ = "decision_line"
    __table_args__ = (UniqueConstraint("nomination_id"), UniqueConstraint("decision_id", "position"))

    line_id: Mapped[str] = mapped_column(primary_key=True)
    decision_id: Mapped[str]
    position: Mapped[int]
    nomination_id: Mapped[str]
    business_key: Mapped[str]
    nominee_kind: Mapped[NomineeKind]
    nominee_id: Mapped[str]
    gender: Mapped[str]
    nominee: Mapped[str]
    post: Mapped[str]
    unit: Mapped[str]
    achievement: Mapped[str]
    achieved_from: Mapped[date]
    achieved_to: Mapped[date]


class LinePrize(VersionedFact, Base):
    """The money of one line, by the table `prize` in force on the day of the decision (RULES H)."""

    __tablename__ = "line_prize"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    decision_id: Mapped[str]
    multiple: Mapped[str]
    base_salary_vnd: Mapped[int]
    rounding: Mapped[str]
    amount_vnd: Mapped[int]
    looked_up_on: Mapped[date]


class DecisionRegistration(VersionedFact, Base):
    """The records office entered the decision in the book of outgoing papers and filed the signed scan."""

    __tablename__ = "decision_registration"
    __table_args__ = (UniqueConstraint("decision_id", "version"),)

    decision_id: Mapped[str]
    book: Mapped[str]
    entry_number: Mapped[str]
    registered_on: Mapped[date]
    copies: Mapped[int]
    scan_document_id: Mapped[str]


class PrintedPaper(VersionedFact, Base):
    """A paper as it was printed: `subject_id` is the decision, or the line of a certificate."""

    __tablename__ = "printed_paper"
    __table_args__ = (UniqueConstraint("paper_key", "version"), Index(None, "subject_id"))

    paper_key: Mapped[str]
    kind: Mapped[PaperKind]
    subject_id: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    template_sha256: Mapped[str]


class GrantedAward(VersionedFact, Base):
    """An award that somebody has. A later version adds when, where and by whom it was conferred (RULES G09, G10).

    `decision_id` is empty for an award of the Minister, whose decision is not ours.
    """

    __tablename__ = "granted_award"
    __table_args__ = (UniqueConstraint("nomination_id", "version"), Index(None, "nominee_id"))

    nomination_id: Mapped[str]
    nominee_kind: Mapped[NomineeKind]
    nominee_id: Mapped[str]
    form: Mapped[AwardForm]
    decision_id: Mapped[str]
    official_number: Mapped[str]
    decided_on: Mapped[date]
    honoured_on: Mapped[date | None]
    place: Mapped[str]
    conferred_by: Mapped[str]
    note: Mapped[str]

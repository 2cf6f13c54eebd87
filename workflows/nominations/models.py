"""Facts of a nomination. Where a case stands is the engine's; here is what people stated about it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, Fact
from workflows.facts import VersionedFact


class NomineeKind(StrEnum):
    """Individuals and collectives (seed plan III)."""

    INDIVIDUAL = "INDIVIDUAL"
    COLLECTIVE = "COLLECTIVE"


class AwardForm(StrEnum):
    """The two forms of the campaign (seed plan III.2)."""

    GIAY_KHEN = "GIAY_KHEN"
    BANG_KHEN_BO_TRUONG = "BANG_KHEN_BO_TRUONG"


class Ground(StrEnum):
    """Grounds of the Minister's Bằng khen: points a, b, c, d, đ of law 06/2022 art. 74."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    DD = "DD"


class ItemStatus(StrEnum):
    """How the checker found one item of the dossier. `PAPER`: the original lies before the checker on paper."""

    PRESENT = "PRESENT"
    PAPER = "PAPER"
    MISSING = "MISSING"
    FLAWED = "FLAWED"


class FlagKind(StrEnum):
    """What bars an award while it is open (RULES C04), and a discipline that has ended (C05)."""

    DISCIPLINE_PENDING = "DISCIPLINE_PENDING"
    INVESTIGATION = "INVESTIGATION"
    INSPECTION = "INSPECTION"
    COMPLAINT = "COMPLAINT"
    DENUNCIATION = "DENUNCIATION"
    PRESS_CORRUPTION = "PRESS_CORRUPTION"
    DISCIPLINED = "DISCIPLINED"


class NoteKind(StrEnum):
    """What Phòng TCCB wrote during intake."""

    BLOCK_RESOLUTION = "BLOCK_RESOLUTION"
    WARNINGS_ACKNOWLEDGED = "WARNINGS_ACKNOWLEDGED"
    APPRAISAL = "APPRAISAL"


class Submission(VersionedFact, Base):
    """One letter of a unit with its list; it carries one or more nominations of the same round."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("submission_id", "version"),)

    submission_id: Mapped[str]
    round_key: Mapped[str]
    unit_id: Mapped[str]
    proposer_id: Mapped[str]
    letter_number: Mapped[str]
    letter_on: Mapped[date | None]


class Nomination(Fact, Base):
    """One nominee, one achievement, one proposed form: the identity of a case. Its content is versioned beside it."""

    __tablename__ = "nomination"
    __table_args__ = (
        UniqueConstraint("business_key"), UniqueConstraint("round_key", "number"),
        Index(None, "nominee_id"), Index(None, "unit_id"),
    )  # fmt: skip

    nomination_id: Mapped[str] = mapped_column(primary_key=True)
    business_key: Mapped[str]
    round_key: Mapped[str]
    number: Mapped[int]
    unit_id: Mapped[str]
    proposer_id: Mapped[str]
    nominee_kind: Mapped[NomineeKind]
    nominee_id: Mapped[str]
    opened_at: Mapped[datetime]


class NominationContent(VersionedFact, Base):
    """What the unit states; `filed_on` is the day of the first filing and chooses the legal regime (RULES A01).

    `submission_id` names the letter it came with, None until the letter has a number. `paper_kinds` are the documents
    the unit declares to hand in on paper.
    """

    __tablename__ = "nomination_content"
    __table_args__ = (
        UniqueConstraint("nomination_id", "version"),
        CheckConstraint("achieved_to IS NULL OR achieved_from <= achieved_to", name="period_in_order"),
    )

    nomination_id: Mapped[str]
    submission_id: Mapped[str | None]
    proposed_form: Mapped[AwardForm]
    ground: Mapped[str]
    achievement: Mapped[str]
    achieved_from: Mapped[date | None]
    achieved_to: Mapped[date | None]
    summary: Mapped[str]
    internal_unity: Mapped[bool]
    filed_on: Mapped[date | None]
    paper_kinds: Mapped[list[str]]
    note: Mapped[str]


class CompletenessCheck(VersionedFact, Base):
    """One check of the dossier, with a status and, where something is wrong, a reason per item (RULES D07).

    `content_version` and `documents` (row ids) are what it looked at: a returned dossier lies with the unit until a
    newer content is filed.
    """

    __tablename__ = "completeness_check"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    content_version: Mapped[int]
    outcome: Mapped[str]
    reason: Mapped[str]
    items: Mapped[list[dict[str, Any]]]
    documents: Mapped[list[str]]


class EligibilityAssessment(VersionedFact, Base):
    """What the table `eligibility` found: level, code and article of each finding."""

    __tablename__ = "eligibility_assessment"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    outcome: Mapped[str]
    looked_up_on: Mapped[date]
    findings: Mapped[list[dict[str, Any]]]


class IntakeNote(VersionedFact, Base):
    """A statement of Phòng TCCB: how a block was resolved, that warnings were weighed, the appraisal."""

    __tablename__ = "intake_note"
    __table_args__ = (UniqueConstraint("note_id", "version"), Index(None, "nomination_id"))

    note_id: Mapped[str]
    nomination_id: Mapped[str]
    kind: Mapped[NoteKind]
    outcome: Mapped[str]
    text: Mapped[str]


class NomineeFlag(VersionedFact, Base):
    """Something under verification about a person or unit. Sensitive: seen by Phòng TCCB and the decider (J06)."""

    __tablename__ = "nominee_flag"
    __table_args__ = (UniqueConstraint("flag_id", "version"), Index(None, "nominee_id"))

    flag_id: Mapped[str]
    nominee_kind: Mapped[NomineeKind]
    nominee_id: Mapped[str]
    kind: Mapped[FlagKind]
    raised_on: Mapped[date]
    closed_on: Mapped[date | None]
    document: Mapped[str]
    text: Mapped[str]


class Recusal(VersionedFact, Base):
    """A person declared an interest in one nomination and keeps away from it in every role (RULES F10)."""

    __tablename__ = "recusal"
    __table_args__ = (UniqueConstraint("recusal_id", "version"), Index(None, "nomination_id"))

    recusal_id: Mapped[str]
    nomination_id: Mapped[str]
    person_id: Mapped[str]
    reason: Mapped[str]
    withdrawn: Mapped[bool]


class Withdrawal(VersionedFact, Base):
    """The proposer took the nomination back before the council sat."""

    __tablename__ = "withdrawal"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    reason: Mapped[str]


class UnsuccessfulNotice(VersionedFact, Base):
    """The proposer and the nominee were told that the nomination ended without an award, and why (RULES G08)."""

    __tablename__ = "unsuccessful_notice"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    outcome: Mapped[str]
    told: Mapped[list[str]]

"""Facts of the feedback window (seed plan IV.1; RULES E01-E04)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from engine.db import Base
from workflows.facts import VersionedFact


class CommentKind(StrEnum):
    """What a comment is; which of them are serious is the policy `serious_types` (RULES E03)."""

    SUPPORT = "SUPPORT"
    REMARK = "REMARK"
    VIOLATION = "VIOLATION"
    FALSE_ACHIEVEMENT = "FALSE_ACHIEVEMENT"


class Finding(StrEnum):
    """What a verification found."""

    CONFIRMED = "confirmed"
    UNFOUNDED = "unfounded"


class FeedbackWindow(VersionedFact, Base):
    """The time in which the staff may comment on one nomination."""

    __tablename__ = "feedback_window"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]


class FeedbackComment(VersionedFact, Base):
    """A comment as it was given. Who gave it is shown by the table `visibility` only (RULES E04).

    `serious` was told by the policy of the day; `anonymous` asks that the name be shown to nobody.
    """

    __tablename__ = "feedback_comment"
    __table_args__ = (UniqueConstraint("comment_id", "version"), Index(None, "nomination_id"))

    comment_id: Mapped[str]
    nomination_id: Mapped[str]
    author_id: Mapped[str]
    kind: Mapped[CommentKind]
    serious: Mapped[bool]
    anonymous: Mapped[bool]
    text: Mapped[str]


class CommentVerification(VersionedFact, Base):
    """What Phòng TCCB found about serious comments, and on what evidence."""

    __tablename__ = "comment_verification"
    __table_args__ = (UniqueConstraint("verification_id", "version"), Index(None, "nomination_id"))

    verification_id: Mapped[str]
    nomination_id: Mapped[str]
    comment_ids: Mapped[list[str]]
    finding: Mapped[Finding]
    text: Mapped[str]
    evidence: Mapped[str]


class FeedbackSummary(VersionedFact, Base):
    """What Văn phòng reports of the window, with counts; it goes with the dossier to the council (RULES E01)."""

    __tablename__ = "feedback_summary"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    text: Mapped[str]
    comments: Mapped[int]
    serious: Mapped[int]
    unfounded: Mapped[int]


class SummaryConfirmation(VersionedFact, Base):
    """Phòng TCCB confirmed the summary."""

    __tablename__ = "summary_confirmation"
    __table_args__ = (UniqueConstraint("nomination_id", "version"),)

    nomination_id: Mapped[str]
    summary_version: Mapped[int]
    note: Mapped[str]

"""Facts of a change of rules: what somebody proposed, and what somebody else made of it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, Fact


class ChangeKind(StrEnum):
    """What a change is about."""

    TABLE = "table"
    DIAGRAM = "diagram"


class ChangeOutcome(StrEnum):
    """What the second person decided."""

    APPROVED = "approved"
    REJECTED = "rejected"


class ChangeProposal(Fact, Base):
    """A new version that somebody wants in force: the file as it was uploaded, and why.

    `change_key` is the business key of its case, `subject_key` names what changes (a table, a process); `number`
    counts those of the year. A table's version is in force from a day; a diagram's from its approval on, and it was
    drawn over the one whose hash is `based_on` (empty for a process that is new).
    """

    __tablename__ = "change_proposal"
    __table_args__ = (
        UniqueConstraint("change_key"),
        UniqueConstraint("year", "number"),
        Index(None, "kind", "subject_key"),
    )

    change_id: Mapped[str] = mapped_column(primary_key=True)
    change_key: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    kind: Mapped[ChangeKind]
    subject_key: Mapped[str]
    valid_from: Mapped[date | None]
    based_on: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str]
    proposed_at: Mapped[datetime]
    proposer_id: Mapped[str]


class ChangeReview(Fact, Base):
    """The second person's answer to a proposal; there is one."""

    __tablename__ = "change_review"

    change_id: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[ChangeOutcome]
    reason: Mapped[str]
    reviewed_at: Mapped[datetime]
    reviewer_id: Mapped[str]


class ChangeWithdrawal(Fact, Base):
    """The proposer took the proposal back before it was decided on."""

    __tablename__ = "change_withdrawal"

    change_id: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    withdrawn_at: Mapped[datetime]
    withdrawn_by: Mapped[str]

"""Facts of the council, and the one table that is not a fact: the secret ballot box."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from workflows.facts import VersionedFact
from workflows.nominations.models import AwardForm


class BallotMode(StrEnum):
    """How a sitting votes, as the council decides; the minutes state it (RULES F04)."""

    OPEN = "OPEN"
    SECRET = "SECRET"  # noqa: S105 - the secret ballot, no password


class BallotChoice(StrEnum):
    """What a member may answer. An abstention is a ballot cast, and not in favour."""

    AGREE = "AGREE"
    DISAGREE = "DISAGREE"
    ABSTAIN = "ABSTAIN"


class Manner(StrEnum):
    """A member votes at the sitting, or sends a written opinion when absent (RULES F07)."""

    PRESENT = "PRESENT"
    WRITTEN_OPINION = "WRITTEN_OPINION"


class Seat(StrEnum):
    """Seats of the standing council (RULES F02)."""

    CHAIR = "CHAIR"
    VICE_CHAIR = "VICE_CHAIR"
    SECRETARY = "SECRETARY"
    MEMBER = "MEMBER"


class ReceiptKind(StrEnum):
    """What a member did at a line: put a ballot in, or keep away for an interest declared there."""

    VOTED = "VOTED"
    RECUSED = "RECUSED"


class NoQuorumResolution(StrEnum):
    """How a line goes on that found no quorum twice."""

    RESCHEDULE = "reschedule"
    SUBMIT = "submit"
    STOP = "stop"


class Council(VersionedFact, Base):
    """The council as a decision of the head composed it, from a day (RULES F01). A later decision takes its place.

    `members` lists `{"person_id", "seat"}`; seats are of `Seat`.
    """

    __tablename__ = "council"
    __table_args__ = (UniqueConstraint("council_id", "version"), Index(None, "valid_from"))

    council_id: Mapped[str]
    title: Mapped[str]
    decision_number: Mapped[str]
    decided_on: Mapped[date]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    members: Mapped[list[dict[str, Any]]]


class CouncilSession(VersionedFact, Base):
    """A sitting with everything it voted under frozen in: members, mode, chair, secretary, the decision that sat it.

    `opens_at` None means that lines open as soon as a nomination is put on it. `ballot_deadline_at` None means the
    row `ballot` of the deadlines table. `closed_at` is set when no more nominations may be put on it.
    """

    __tablename__ = "council_session"
    __table_args__ = (UniqueConstraint("session_key", "version"),)

    session_key: Mapped[str]
    title: Mapped[str]
    held_on: Mapped[date]
    opens_at: Mapped[datetime | None]
    ballot_deadline_at: Mapped[datetime | None]
    mode: Mapped[BallotMode]
    place: Mapped[str]
    chair_id: Mapped[str]
    vice_chair_id: Mapped[str | None]
    secretary_id: Mapped[str]
    members: Mapped[list[str]]
    decision_number: Mapped[str]
    decided_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]


class AgendaItem(VersionedFact, Base):
    """A nomination was put on a sitting's agenda."""

    __tablename__ = "agenda_item"
    __table_args__ = (UniqueConstraint("agenda_id", "version"), UniqueConstraint("session_key", "nomination_id"))

    agenda_id: Mapped[str]
    session_key: Mapped[str]
    nomination_id: Mapped[str]


class SessionLine(VersionedFact, Base):
    """One nomination voted on in one ballot round of one sitting. Never changed: a new round is a new line.

    `members` are all members of the sitting; `recused` lists `{"person_id", "reason"}` of those who keep away;
    `voters` are the others. `proposed_form` is the form the vote is measured by. `written_opinions` says whether an
    absent member may send a ballot (policy `absent`).
    """

    __tablename__ = "session_line"
    __table_args__ = (
        UniqueConstraint("line_id", "version"), UniqueConstraint("session_key", "nomination_id", "ballot_round"),
        Index(None, "nomination_id"),
    )  # fmt: skip

    line_id: Mapped[str]
    session_key: Mapped[str]
    nomination_id: Mapped[str]
    business_key: Mapped[str]
    ballot_round: Mapped[int]
    mode: Mapped[BallotMode]
    proposed_form: Mapped[AwardForm]
    opened_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    written_opinions: Mapped[bool]
    members: Mapped[list[str]]
    recused: Mapped[list[dict[str, Any]]]
    voters: Mapped[list[str]]


class BallotReceipt(VersionedFact, Base):
    """Proof that a member answered at a line: voted, or declared an interest. It says nothing of the choice.

    `receipt_id` is `<line>:<member>`, so that nobody votes twice. `code` is shown to the member as proof. Of a ballot
    cast in the member's place `recorded_by` is the deputy: the receipt bears both persons.
    """

    __tablename__ = "ballot_receipt"
    __table_args__ = (UniqueConstraint("receipt_id", "version"), Index(None, "line_id"))

    receipt_id: Mapped[str]
    line_id: Mapped[str]
    member_id: Mapped[str]
    kind: Mapped[ReceiptKind]
    manner: Mapped[Manner]
    code: Mapped[str]

    @property
    def by_deputy(self) -> bool:
        """Tell whether somebody answered in the member's place."""
        return self.recorded_by != self.member_id


class OpenBallot(VersionedFact, Base):
    """A ballot of an open line: who chose what. Changing it adds a version until the line closes (RULES F11)."""

    __tablename__ = "open_ballot"
    __table_args__ = (UniqueConstraint("ballot_id", "version"), Index(None, "line_id"))

    ballot_id: Mapped[str]
    line_id: Mapped[str]
    member_id: Mapped[str]
    choice: Mapped[BallotChoice]
    note: Mapped[str]


class SecretBallot(Base):
    """One ballot in the box of a secret line: no member, no time, no order (RULES F12).

    Not a fact, because a fact's hash would stand in its author's event. Each cast rewrites the whole box of the
    line, see `box.put_in`; what stands in it at closing is proved by the digest in `LineResult`. On SQLite the
    table has no rowid, so rows lie in the order of their random ids.
    """

    __tablename__ = "secret_ballot"
    __table_args__ = (Index(None, "line_id"), {"sqlite_with_rowid": False})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[str]
    choice: Mapped[BallotChoice]


class LineResult(VersionedFact, Base):
    """The count of a closed line. `recused` includes interests declared after the line had opened.

    `box_digest` proves a secret box (`rules.box_digest`); it is empty for an open line, whose ballots are facts.
    """

    __tablename__ = "line_result"
    __table_args__ = (
        UniqueConstraint("line_id", "version"),
        CheckConstraint("agree + disagree + abstain = cast_count", name="all_ballots_counted"),
        CheckConstraint("recused + cast_count <= members", name="no_more_than_members"),
    )

    line_id: Mapped[str]
    members: Mapped[int]
    recused: Mapped[int]
    cast_count: Mapped[int]
    agree: Mapped[int]
    disagree: Mapped[int]
    abstain: Mapped[int]
    box_digest: Mapped[str]
    recused_people: Mapped[list[dict[str, Any]]]


class LineOutcome(VersionedFact, Base):
    """What the table `vote_outcome` made of the count. `needed` and `quorum` are in ballots, as the table gave them."""

    __tablename__ = "line_outcome"
    __table_args__ = (UniqueConstraint("line_id", "version"),)

    line_id: Mapped[str]
    outcome: Mapped[str]
    base: Mapped[int]
    needed: Mapped[str]
    quorum: Mapped[str]
    looked_up_on: Mapped[date]


class NoQuorumDecision(VersionedFact, Base):
    """What Phòng TCCB decided when no quorum was found."""

    __tablename__ = "no_quorum_decision"
    __table_args__ = (UniqueConstraint("line_id", "version"),)

    line_id: Mapped[str]
    resolution: Mapped[NoQuorumResolution]
    reason: Mapped[str]


class Attendance(VersionedFact, Base):
    """Who sat at a sitting and who did not, with the reason; recorded by the secretary, corrected by a version."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("session_key", "version"),)

    session_key: Mapped[str]
    present: Mapped[list[str]]
    absent: Mapped[list[dict[str, Any]]]


class Minutes(VersionedFact, Base):
    """The minutes of one line with the mandatory content of RULES F14. Version 1 is the secretary's, 2 the chair's.

    `absent` lists `{"person_id", "reason"}`; `agree_percentage` is of `base`, with two decimals;
    `exemplars` lists `{"subject", "reason"}`: examples the council proposes to replicate (RULES F16).
    """

    __tablename__ = "minutes"
    __table_args__ = (
        UniqueConstraint("line_id", "version"),
        CheckConstraint("began_at <= ended_at", name="time_in_order"),
    )

    line_id: Mapped[str]
    session_key: Mapped[str]
    nomination_id: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    place: Mapped[str]
    chair_id: Mapped[str]
    secretary_id: Mapped[str]
    present: Mapped[list[str]]
    absent: Mapped[list[dict[str, Any]]]
    method: Mapped[BallotMode]
    proposed_form: Mapped[AwardForm]
    members: Mapped[int]
    recused: Mapped[int]
    cast_count: Mapped[int]
    agree: Mapped[int]
    disagree: Mapped[int]
    abstain: Mapped[int]
    base: Mapped[int]
    agree_percentage: Mapped[str]
    outcome: Mapped[str]
    discussion: Mapped[str]
    exemplars: Mapped[list[dict[str, Any]]]
    secretary_confirmed_by: Mapped[str]
    secretary_confirmed_at: Mapped[datetime]
    chair_confirmed_by: Mapped[str | None]
    chair_confirmed_at: Mapped[datetime | None]
    chair_remark: Mapped[str]

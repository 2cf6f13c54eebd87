"""Questions about feedback. Nothing here writes; whose comment it is, is told only as the table `visibility` lets."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.context import Actor
from workflows.facts import latest, newest
from workflows.feedback.models import (
    CommentVerification,
    FeedbackComment,
    FeedbackSummary,
    FeedbackWindow,
    SummaryConfirmation,
)
from workflows.organisation import queries as organisation
from workflows.rulebook.visibility import may_see


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment as one viewer sees it.

    Attributes:
        text: None when this viewer may not read it; `text_access` says whether a reasoned request opens it.
        author: the name; empty when it is hidden from this viewer, then `author_hidden` is set.
        finding: what the verification found, empty while there is none.

    """

    id: str
    kind: str
    serious: bool
    at: datetime
    text: str | None
    text_access: str
    author_id: str
    author: str
    author_hidden: bool
    finding: str


def window_of(session: Session, nomination_id: str) -> FeedbackWindow | None:
    """Return the window of a nomination, None before it opened."""
    return newest(session, FeedbackWindow, "nomination_id", nomination_id)


def open_for_comment(session: Session, now: datetime) -> set[str]:
    """Return the ids of the nominations whose window runs."""
    runs = sa.and_(FeedbackWindow.opened_at <= now, FeedbackWindow.closes_at > now)
    query = latest(FeedbackWindow, "nomination_id").where(runs)
    return {row.nomination_id for row in session.scalars(query)}


def summary_of(session: Session, nomination_id: str) -> FeedbackSummary | None:
    """Return the newest summary, or None."""
    return newest(session, FeedbackSummary, "nomination_id", nomination_id)


def confirmation_of(session: Session, nomination_id: str) -> SummaryConfirmation | None:
    """Return Phòng TCCB's confirmation of the summary, or None."""
    return newest(session, SummaryConfirmation, "nomination_id", nomination_id)


def comments_of(session: Session, nomination_id: str) -> Sequence[FeedbackComment]:
    """Return the comments with their authors, oldest first. Sensitive: a page shows them by `comments_seen_by`."""
    query = latest(FeedbackComment, "comment_id").where(FeedbackComment.nomination_id == nomination_id)
    return session.scalars(query.order_by(FeedbackComment.recorded_at, FeedbackComment.comment_id)).all()


def verifications_of(session: Session, nomination_id: str) -> Sequence[CommentVerification]:
    """Return what was verified, oldest first. The text is sensitive, as the comment's."""
    query = sa.select(CommentVerification).where(CommentVerification.nomination_id == nomination_id)
    return session.scalars(query.order_by(CommentVerification.recorded_at, CommentVerification.verification_id)).all()


def unverified(session: Session, nomination_id: str) -> list[FeedbackComment]:
    """Return the serious comments that no verification covers yet."""
    done = {each for row in verifications_of(session, nomination_id) for each in row.comment_ids}
    return [row for row in comments_of(session, nomination_id) if row.serious and row.comment_id not in done]


def comments_seen_by(
    session: Session, nomination_id: str, actor: Actor, on: date, *, opened: Collection[str] = ()
) -> list[CommentView]:
    """Return the comments as a viewer sees them on a day, oldest first; a comment's own author sees it whole.

    Args:
        session: reads the facts.
        nomination_id: whose comments.
        actor: the viewer.
        on: the day that chooses the table `visibility`.
        opened: field classes that a reasoned request, already recorded, opened for this viewer.

    """
    rows = comments_of(session, nomination_id)
    if not rows:
        return []
    access = {name: may_see(session, name, actor, on) for name in ("comment_text", "comment_author")}
    access |= {name: "yes" for name, found in access.items() if name in opened and found == "reasoned_request"}
    findings = {each: row.finding for row in verifications_of(session, nomination_id) for each in row.comment_ids}
    names = organisation.people_named(session, [row.author_id for row in rows])
    found = []
    for row in rows:
        own = actor.id == row.author_id
        named = own or (access["comment_author"] == "yes" and not row.anonymous)
        readable = own or access["comment_text"] == "yes"
        finding = findings.get(row.comment_id)
        found.append(CommentView(
            row.comment_id, row.kind.value, row.serious, row.recorded_at,
            text=row.text if readable else None, text_access="yes" if readable else access["comment_text"],
            author_id=row.author_id if named else "", author=names.get(row.author_id, "") if named else "",
            author_hidden=not named, finding=finding.value if finding else "",
        ))  # fmt: skip
    return found

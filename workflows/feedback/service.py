"""The feedback on a nomination: open the window, take comments, verify the serious ones, sum up, confirm."""

from engine.clock import VIETNAM
from engine.context import StepContext
from workflows.errors import FeedbackClosedError, FeedbackNotOpenError, NomineeMayNotActError
from workflows.facts import write, write_new
from workflows.feedback import queries
from workflows.feedback.models import (
    CommentKind,
    CommentVerification,
    FeedbackComment,
    FeedbackSummary,
    FeedbackWindow,
    Finding,
    SummaryConfirmation,
)
from workflows.feedback.rules import Reception, end_of_window, receive, serious_kinds
from workflows.forms import refuse
from workflows.nominations.queries import CaseParties
from workflows.rulebook import queries as rulebook
from workflows.rulebook.deadlines import due_at


def open_window(ctx: StepContext, nomination_id: str) -> FeedbackWindow:
    """Open the window; it ends with the last of the working days that the table of deadlines gives (RULES E01)."""
    closes_at = end_of_window(due_at(ctx.session, "feedback_window", ctx.now), VIETNAM)
    return write(
        ctx, FeedbackWindow, key="nomination_id", nomination_id=nomination_id, opened_at=ctx.now, closes_at=closes_at
    )


def post_comment(
    ctx: StepContext, case: CaseParties, *, kind: CommentKind, text: str, anonymous: bool
) -> tuple[FeedbackComment, bool]:
    """Take a comment; return it and whether it stops the window until it is verified (RULES E03).

    Raises:
        NomineeMayNotActError: the nominee, or the head of the nominated collective, comments on the own nomination.
        FeedbackNotOpenError: the window has not opened.
        FeedbackClosedError: it is over.
        InvalidInputError: a hidden name was asked for and the policy does not allow it (RULES E04).

    """
    if ctx.actor.id in case.nominee_people | {case.collective_head_id}:
        raise NomineeMayNotActError("nobody comments on the own nomination", duty="feedback.post_comment")
    serious = kind.value in serious_kinds(str(rulebook.policy(ctx.session, "serious_types", ctx.today)))
    window = queries.window_of(ctx.session, case.nomination_id)
    reception = receive(
        serious=serious, now=ctx.now, closes_at=window.closes_at if window else None,
        summarised=queries.summary_of(ctx.session, case.nomination_id) is not None,
        unverified=bool(queries.unverified(ctx.session, case.nomination_id)),
    )  # fmt: skip
    if reception is Reception.NOT_OPEN:
        raise FeedbackNotOpenError("no window yet", business_key=case.business_key)
    if reception is Reception.CLOSED:
        raise FeedbackClosedError("the window is over", business_key=case.business_key)
    if anonymous and not rulebook.policy(ctx.session, "anonymous_comments", ctx.today):
        raise refuse("anonymous", "anonymous_not_allowed")
    row = write_new(
        ctx, FeedbackComment, "comment_id", nomination_id=case.nomination_id, author_id=ctx.actor.id, kind=kind,
        serious=serious, anonymous=anonymous, text=text,
    )  # fmt: skip
    return row, reception is Reception.MOVES


def verify_comments(
    ctx: StepContext, nomination_id: str, *, finding: Finding, text: str, evidence: str
) -> CommentVerification:
    """Conclude the verification of every serious comment that waits for one."""
    waiting = [row.comment_id for row in queries.unverified(ctx.session, nomination_id)]
    ctx.note(finding=finding.value, comments=len(waiting))
    return write_new(
        ctx, CommentVerification, "verification_id", nomination_id=nomination_id, comment_ids=waiting,
        finding=finding, text=text, evidence=evidence,
    )  # fmt: skip


def summarise(ctx: StepContext, nomination_id: str, text: str) -> FeedbackSummary:
    """Write the summary with the counts of the window."""
    rows = queries.comments_of(ctx.session, nomination_id)
    unfounded = sum(
        len(row.comment_ids)
        for row in queries.verifications_of(ctx.session, nomination_id)
        if row.finding is Finding.UNFOUNDED
    )
    return write(
        ctx, FeedbackSummary, key="nomination_id", nomination_id=nomination_id, text=text, comments=len(rows),
        serious=sum(row.serious for row in rows), unfounded=unfounded,
    )  # fmt: skip


def confirm_summary(ctx: StepContext, nomination_id: str, note: str) -> SummaryConfirmation:
    """Confirm the newest summary."""
    summary = queries.summary_of(ctx.session, nomination_id)
    if summary is None:
        raise RuntimeError("a summary is confirmed only after it was written")
    return write(
        ctx, SummaryConfirmation, key="nomination_id", nomination_id=nomination_id,
        summary_version=summary.version, note=note,
    )  # fmt: skip

"""What the diagrams call about feedback."""

from collections.abc import Collection

from marshmallow import fields

from engine.clock import VIETNAM
from engine.context import StepContext, Values
from engine.registry import AnyStep, MessageStep, ServiceStep, UserStep
from workflows.errors import UnknownCaseError
from workflows.feedback import queries, service
from workflows.feedback.models import CommentKind, Finding
from workflows.forms import LONG_TEXT, CaseForm, Choice, MarshmallowForm, StepForm, Text
from workflows.labels import label
from workflows.nominations import queries as nominations
from workflows.rulebook import queries as rulebook


class CommentForm(StepForm):
    """What somebody has to say about a nominee."""

    kind = Choice(CommentKind, enum="comment_kind", hinted=True, required=True)
    text = Text(
        required=True, shortest=5, longest=LONG_TEXT, multiline=True,
        metadata={"example": lambda ctx: label("examples.comment")},
    )  # fmt: skip
    anonymous = fields.Boolean(load_default=False)


class VerificationForm(StepForm):
    """What was found, and on what evidence."""

    finding = Choice(Finding, enum="verification", hinted=True, required=True)
    text = Text(
        required=True, shortest=10, longest=LONG_TEXT, multiline=True,
        metadata={"example": lambda ctx: label("examples.verification")},
    )  # fmt: skip
    evidence = Text(
        required=True, longest=1_000, multiline=True, metadata={"example": lambda ctx: label("examples.evidence")}
    )


class SummaryForm(StepForm):
    """What Văn phòng reports."""

    text = Text(
        required=True, shortest=10, longest=LONG_TEXT, multiline=True,
        metadata={"example": lambda ctx: label("examples.summary_text")},
    )  # fmt: skip


class ConfirmationForm(StepForm):
    """A remark of Phòng TCCB, when there is one."""

    note = Text(longest=2_000, multiline=True, load_default="")


def comment_fields(ctx: StepContext) -> Collection[str] | None:
    """Offer to hide one's name only where the policy of the day lets it be hidden (RULES E04)."""
    allowed = bool(rulebook.policy(ctx.session, "anonymous_comments", ctx.today))
    return None if allowed else [name for name in CommentForm().fields if name != "anonymous"]


def _nomination_id(ctx: StepContext) -> str:
    return str(ctx.variables["nomination_id"])


def _open_window(ctx: StepContext, _params: Values) -> Values:
    window = service.open_window(ctx, _nomination_id(ctx))
    return {"window_closes_at": window.closes_at.isoformat()}


def _post_comment(ctx: StepContext, values: Values) -> Values | None:
    case = nominations.parties(ctx.session, ctx.business_key, ctx.today)
    if case is None:
        raise UnknownCaseError("no such nomination", key=ctx.business_key)
    row, moves = service.post_comment(
        ctx, case, kind=CommentKind(values["kind"]), text=values["text"], anonymous=values["anonymous"]
    )
    ctx.note(comment=row.comment_id, serious=row.serious)
    return {} if moves else None


def _verify(ctx: StepContext, values: Values) -> Values:
    finding = Finding(values["finding"])
    service.verify_comments(ctx, _nomination_id(ctx), finding=finding, text=values["text"], evidence=values["evidence"])
    blocked = {"feedback_outcome": "blocked", "outcome": "feedback_blocked"} if finding is Finding.CONFIRMED else {}
    return {"verification": finding.value, **blocked}


def _summarise(ctx: StepContext, values: Values) -> Values:
    service.summarise(ctx, _nomination_id(ctx), values["text"])
    return {}


def _summary_prefill(ctx: StepContext) -> Values:
    """Open with the counts, as Văn phòng would begin its report."""
    rows = queries.comments_of(ctx.session, _nomination_id(ctx))
    window = queries.window_of(ctx.session, _nomination_id(ctx))
    if window is None:
        return {}
    days = [f"{instant.astimezone(VIETNAM):%d/%m/%Y}" for instant in (window.opened_at, window.closes_at)]
    serious = sum(row.serious for row in rows)
    key = "texts.feedback_summary" if rows else "texts.feedback_summary_none"
    return {"text": label(key, start=days[0], end=days[1], total=len(rows), serious=serious)}


def _confirm(ctx: StepContext, values: Values) -> Values:
    service.confirm_summary(ctx, _nomination_id(ctx), values["note"])
    return {"feedback_outcome": "clear"}


STEPS: tuple[AnyStep, ...] = (
    ServiceStep("feedback.open_window", _open_window, ("window_closes_at",)),
    MessageStep("feedback.post_comment", "serious_comment",
                CaseForm("feedback.post_comment", CommentForm, shown=comment_fields),
                frozenset({"staff"}), _post_comment),
    UserStep("feedback.verify_comment", MarshmallowForm("feedback.verify_comment", VerificationForm), _verify,
             ("verification", "feedback_outcome", "outcome")),
    UserStep("feedback.summarise", MarshmallowForm("feedback.summarise", SummaryForm), _summarise,
             prefill=_summary_prefill),
    UserStep("feedback.confirm_summary", MarshmallowForm("feedback.confirm_summary", ConfirmationForm), _confirm,
             ("feedback_outcome",)),
)  # fmt: skip

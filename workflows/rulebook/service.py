"""Changes of rules: proposed by one person, put into force by the approval of another."""

from datetime import date

from engine.context import StepContext
from engine.deployment import TableFile
from engine.errors import DeploymentError
from engine.table_versions import add_table_versions, refusals_of
from workflows.errors import ChangeAlreadyReviewedError
from workflows.forms import Problems, refuse
from workflows.rulebook import queries, rules
from workflows.rulebook.calendar import FUNCTIONS
from workflows.rulebook.models import ChangeKind, ChangeOutcome, ChangeProposal, ChangeReview


def propose_table(ctx: StepContext, *, table: str, valid_from: date, content: str, reason: str) -> ChangeProposal:
    """Write down a proposed version of a table; a file with an error is not even proposed.

    Raises:
        InvalidInputError: the day or the table does not fit.
        DeploymentError: the file has errors; `details["findings"]` lists them.

    """
    file = TableFile(table, valid_from, content.encode())
    problems = Problems()
    if wrong := rules.day_problem(dict(queries.versions_of(ctx.session, table)), valid_from, file.sha256):
        problems.add("table" if wrong == "unknown_table" else "valid_from", wrong)
    if len(file.xml) > rules.LONGEST_FILE:
        problems.add("content", "table_file_too_large")
    problems.refuse_any()
    require_sound(file)
    year = ctx.today.year
    number = queries.changes_of_year(ctx.session, year) + 1
    row = ChangeProposal(
        change_id=str(ctx.ids.new()), change_key=rules.change_key(year, number), year=year, number=number,
        kind=ChangeKind.TABLE, subject_key=table, valid_from=valid_from, sha256=file.sha256, content=file.xml,
        reason=reason, proposed_at=ctx.now, proposer_id=ctx.actor.id,
    )  # fmt: skip
    ctx.record_fact(row)
    ctx.note(table=table, valid_from=valid_from.isoformat(), sha256=file.sha256)
    return row


def require_sound(file: TableFile) -> None:
    """Refuse a table's file that must not come into force.

    Raises:
        DeploymentError: it has errors.

    """
    if findings := refusals_of([file], FUNCTIONS.keys()):
        raise DeploymentError(f"{findings[0]['process_key']}: {findings[0]['message']}", findings=findings)


def review(ctx: StepContext, change: ChangeProposal, *, outcome: ChangeOutcome, reason: str) -> ChangeReview:
    """Write down what the second person decided, and tell the one who proposed.

    Raises:
        ChangeAlreadyReviewedError: there is an answer already.
        InvalidInputError: a rejection without a reason.

    """
    if queries.review_of(ctx.session, change.change_id) is not None:
        raise ChangeAlreadyReviewedError("the change was decided on", change=change.change_key)
    if outcome is ChangeOutcome.REJECTED and not reason:
        raise refuse("reason", "required")
    row = ChangeReview(
        change_id=change.change_id, outcome=outcome, reason=reason, reviewed_at=ctx.now, reviewer_id=ctx.actor.id
    )
    ctx.record_fact(row)
    ctx.notify(change.proposer_id, f"rulebook.change_{outcome.value}", business_key=change.change_key)
    return row


def put_in_force(ctx: StepContext, change: ChangeProposal) -> None:
    """Store the approved version as the deploy door would, in the transaction of the approval.

    Raises:
        DeploymentError: meanwhile another version begins that day, or the days no longer fit; nothing was approved.

    """
    file = TableFile(change.subject_key, change.valid_from, change.content)
    require_sound(file)
    added = add_table_versions(ctx.session, [file], ids=ctx.ids, now=ctx.now, actor_id=ctx.actor.id)
    ctx.facts.extend(version.fact for version in added)
    ctx.note(table=file.table, valid_from=file.valid_from.isoformat(), sha256=file.sha256)

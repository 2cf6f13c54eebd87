"""Changes of rules: proposed by one person, put into force by the approval of another."""

import hashlib
from datetime import date

from engine.context import StepContext
from engine.deployment import Sources, TableFile
from engine.diagram_versions import add_process_versions, is_unchanged, process_key_of, with_change
from engine.diagram_versions import refuse as refuse_findings
from engine.errors import DeploymentError
from engine.table_versions import add_table_versions, refusals_of
from workflows.errors import ChangeAlreadyReviewedError, ChangeOutdatedError
from workflows.forms import Problems, refuse
from workflows.rulebook import queries, rules
from workflows.rulebook.calendar import FUNCTIONS
from workflows.rulebook.models import ChangeKind, ChangeOutcome, ChangeProposal, ChangeReview, ChangeWithdrawal


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
    ctx.note(table=table, valid_from=valid_from.isoformat(), sha256=file.sha256)
    return _propose(ctx, ChangeKind.TABLE, table, file.xml, reason, valid_from=valid_from)


def propose_diagram(ctx: StepContext, *, content: str, based_on: str, reason: str) -> ChangeProposal:
    """Write down a proposed version of a diagram; one with a finding, or one that changes nothing, is not proposed.

    Raises:
        InvalidInputError: the file is too large, says what the diagram in force says, or begins a process whose key
            may not be.
        DeploymentError: the lint has findings; `details["findings"]` lists them.
        ChangeOutdatedError: meanwhile another version is in force than the one it was drawn over.

    """
    xml = content.encode()
    if len(xml) > rules.LONGEST_FILE:
        raise refuse("content", "table_file_too_large")
    process = process_key_of(xml)
    _require_drawn_over(ctx, process, based_on)
    if not based_on and (wrong := rules.process_key_problem(process, (), queries.waiting_processes(ctx.session))):
        raise refuse("content", wrong)
    if is_unchanged(ctx.session, xml):
        raise refuse("content", "diagram_unchanged")
    require_sound_diagram(ctx, xml)
    row = _propose(ctx, ChangeKind.DIAGRAM, process, xml, reason, based_on=based_on)
    ctx.note(process=process, sha256=row.sha256, based_on=based_on)
    return row


def _propose(ctx: StepContext, kind: ChangeKind, subject_key: str, xml: bytes, reason: str, *,
             valid_from: date | None = None, based_on: str = "") -> ChangeProposal:  # fmt: skip
    year = ctx.today.year
    number = queries.changes_of_year(ctx.session, year) + 1
    row = ChangeProposal(
        change_id=str(ctx.ids.new()), change_key=rules.change_key(year, number), year=year, number=number,
        kind=kind, subject_key=subject_key, valid_from=valid_from, based_on=based_on,
        sha256=hashlib.sha256(xml).hexdigest(), content=xml, reason=reason, proposed_at=ctx.now,
        proposer_id=ctx.actor.id,
    )  # fmt: skip
    ctx.record_fact(row)
    return row


def _require_drawn_over(ctx: StepContext, process: str, based_on: str) -> None:
    if queries.diagram_hash(ctx.session, process) != based_on:
        raise ChangeOutdatedError("the diagram in force is another", process=process)


def require_sound_diagram(ctx: StepContext, xml: bytes) -> None:
    """Refuse a diagram that must not come into force, looked at together with all that are.

    Raises:
        DeploymentError: the lint has findings.

    """
    refuse_findings(ctx.check_diagrams(with_change(ctx.session, xml)))


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


def withdraw(ctx: StepContext, change: ChangeProposal, *, reason: str) -> ChangeWithdrawal:
    """Write down that the proposer took the change back."""
    row = ChangeWithdrawal(change_id=change.change_id, reason=reason, withdrawn_at=ctx.now, withdrawn_by=ctx.actor.id)
    ctx.record_fact(row)
    return row


def put_in_force(ctx: StepContext, change: ChangeProposal) -> None:
    """Store the approved version as the deploy door would, in the transaction of the approval.

    Raises:
        DeploymentError: meanwhile another version begins that day, the days no longer fit, or the diagram has
            findings together with those in force now; nothing was approved.
        ChangeOutdatedError: meanwhile another version of the diagram is in force.

    """
    if change.kind is ChangeKind.DIAGRAM:
        _put_diagram_in_force(ctx, change)
    elif change.valid_from is not None:
        _put_table_in_force(ctx, TableFile(change.subject_key, change.valid_from, change.content))


def _put_table_in_force(ctx: StepContext, file: TableFile) -> None:
    require_sound(file)
    added = add_table_versions(ctx.session, [file], ids=ctx.ids, now=ctx.now, actor_id=ctx.actor.id)
    ctx.facts.extend(version.fact for version in added)
    ctx.note(table=file.table, valid_from=file.valid_from.isoformat(), sha256=file.sha256)


def _put_diagram_in_force(ctx: StepContext, change: ChangeProposal) -> None:
    _require_drawn_over(ctx, change.subject_key, change.based_on)
    require_sound_diagram(ctx, change.content)
    added = add_process_versions(
        ctx.session, Sources.of(with_change(ctx.session, change.content)), ids=ctx.ids, now=ctx.now,
        actor_id=ctx.actor.id, approved_by=change.change_key,
    )  # fmt: skip
    ctx.facts.extend(added.facts)
    ctx.note(sha256=change.sha256, processes=[f"{view.key}/{view.version}" for view in added.views])

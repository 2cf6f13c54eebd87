"""The minutes of a line: drawn up and confirmed by the secretary, then confirmed by the chair (RULES F14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.context import StepContext
from workflows.council import rules, service, sessions
from workflows.council.models import (
    Attendance,
    CouncilSession,
    LineOutcome,
    LineResult,
    Manner,
    Minutes,
    ReceiptKind,
    SessionLine,
)
from workflows.errors import NotTheChairError, UnknownLineError
from workflows.facts import amend, newest, write
from workflows.forms import Problems
from workflows.organisation import queries as organisation

CHAIR_ROLE = "council_chair"
NO_QUORUM = "no_quorum"


@dataclass(frozen=True, slots=True)
class Report:
    """What the secretary states; counts, method, form and names of chair and secretary come from the record.

    `absent` and `exemplars` are `{"person_id", "reason"}` and `{"subject", "reason"}`.
    """

    began_at: datetime
    ended_at: datetime
    place: str
    present: Sequence[str]
    absent: Sequence[dict[str, Any]]
    discussion: str
    exemplars: Sequence[dict[str, Any]]


def confirm_as_secretary(ctx: StepContext, line_id: str, report: Report) -> Minutes:
    """Draw up the minutes of a counted line and confirm them.

    Raises:
        UnknownLineError: no such line, or it is not counted.
        InvalidInputError: times out of order, a member on both lists or on neither, a voter said to be absent.

    """
    line = service.get_line(ctx.session, line_id)
    result = service.result_of(ctx.session, line_id)
    if result is None:
        raise UnknownLineError("the line is not counted", line=line_id)
    sitting = sessions.get_session(ctx, line.session_key)
    _check(ctx, line, report)
    outcome = newest(ctx.session, LineOutcome, "line_id", line_id)
    base = result.members - result.recused if outcome is None else outcome.base
    exemplars = _pairs(report.exemplars, "subject")
    row = write(
        ctx, Minutes, key="line_id", line_id=line_id, session_key=line.session_key, nomination_id=line.nomination_id,
        began_at=report.began_at, ended_at=report.ended_at, place=report.place, chair_id=sitting.chair_id,
        secretary_id=sitting.secretary_id, present=list(report.present), absent=_pairs(report.absent, "person_id"),
        method=line.mode, proposed_form=line.proposed_form, members=result.members, recused=result.recused,
        cast_count=result.cast_count, agree=result.agree, disagree=result.disagree, abstain=result.abstain, base=base,
        agree_percentage=rules.percentage(result.agree, base), discussion=report.discussion, exemplars=exemplars,
        outcome=NO_QUORUM if outcome is None else outcome.outcome, secretary_confirmed_by=ctx.actor.id,
        secretary_confirmed_at=ctx.now, chair_confirmed_by=None, chair_confirmed_at=None, chair_remark="",
    )  # fmt: skip
    ctx.note(line=line_id, minutes=row.version, outcome=row.outcome)
    return row


def _pairs(items: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [{name: str(item[name]), "reason": str(item["reason"])} for item in items]


def _check(ctx: StepContext, line: SessionLine, report: Report) -> None:
    problems = Problems()
    if report.ended_at < report.began_at:
        problems.add("ended_at", "council_end_before_start")
    if report.ended_at > ctx.now:
        problems.add("ended_at", "council_minutes_ahead")
    present, absent = set(report.present), [str(item["person_id"]) for item in report.absent]
    if not present | set(absent) <= set(line.members):
        problems.add("present", "council_not_a_member")
    if present & set(absent) or len(set(absent)) != len(absent) or len(present) != len(report.present):
        problems.add("absent", "council_member_twice")
    names = organisation.people_named(ctx.session, line.members)
    if missing := [one for one in line.members if one not in present and one not in absent]:
        problems.add("absent", "council_member_missing", names=", ".join(names.get(one, "…") for one in missing))
    if voted := [one for one in voted_in_person(ctx, line) if one not in present]:
        problems.add("present", "council_voter_absent", names=", ".join(names.get(one, "…") for one in voted))
    problems.refuse_any()


def voted_in_person(ctx: StepContext, line: SessionLine) -> list[str]:
    """Return the members who voted at the sitting themselves, as their receipts say."""
    return [
        row.member_id for row in service.receipts_of(ctx.session, line.line_id)
        if row.kind is ReceiptKind.VOTED and row.manner is Manner.PRESENT and not row.by_deputy
    ]  # fmt: skip


def draft_of(ctx: StepContext, line_id: str) -> dict[str, Any]:
    """Return what the record already tells of the minutes: place, times, who was there, and who voted otherwise.

    `written` are members who sent their ballot, `deputies` the names of those who voted in a member's place.
    """
    line = service.get_line(ctx.session, line_id)
    sitting = sessions.get_session(ctx, line.session_key)
    attendance = newest(ctx.session, Attendance, "session_key", line.session_key)
    receipts = service.receipts_of(ctx.session, line_id)
    there = set(voted_in_person(ctx, line)) | set(attendance.present if attendance else ())
    why = {str(one["person_id"]): str(one["reason"]) for one in (attendance.absent if attendance else ())}
    cast = [row for row in receipts if row.kind is ReceiptKind.VOTED and row.member_id not in there]
    by_deputy = {row.member_id: row.recorded_by for row in cast if row.by_deputy}
    names = organisation.people_named(ctx.session, by_deputy.values())
    absent = [one for one in line.members if one not in there]
    return {
        "began_at": line.opened_at.isoformat(), "ended_at": ctx.now.isoformat(), "place": sitting.place,
        "present": [one for one in line.members if one in there],
        "absent": [{"person_id": one, "reason": why.get(one, "")} for one in absent],
        "written": [row.member_id for row in cast if not row.by_deputy],
        "deputies": {member: names.get(deputy, "") for member, deputy in by_deputy.items()},
    }  # fmt: skip


def confirm_as_chair(ctx: StepContext, line_id: str, remark: str) -> Minutes:
    """Confirm the minutes as chair of the sitting. That he is not who confirmed as secretary the diagram says.

    Raises:
        UnknownLineError: no minutes of this line.
        NotTheChairError: the actor is not the chair, who could confirm.

    """
    row = newest(ctx.session, Minutes, "line_id", line_id)
    if row is None:
        raise UnknownLineError("no minutes of this line", line=line_id)
    sitting = sessions.get_session(ctx, row.session_key)
    if ctx.actor.id != sitting.chair_id and _chair_can_sign(ctx, sitting, line_id):
        raise NotTheChairError("the chair confirms the minutes", key=sitting.session_key)
    ctx.note(line=line_id, minutes=row.version + 1, outcome=row.outcome)
    return amend(ctx, row, chair_confirmed_by=ctx.actor.id, chair_confirmed_at=ctx.now, chair_remark=remark)


def _chair_can_sign(ctx: StepContext, sitting: CouncilSession, line_id: str) -> bool:
    """Tell whether the chair is neither recused from the line nor out of office."""
    result = newest(ctx.session, LineResult, "line_id", line_id)
    recused = {str(one["person_id"]) for one in (result.recused_people if result else ())}
    in_office = CHAIR_ROLE in organisation.roles_on(ctx.session, sitting.chair_id, ctx.today).groups
    return in_office and sitting.chair_id not in recused

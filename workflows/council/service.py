"""Lines of a sitting: opening with voters frozen, the count, what the table makes of it, and no quorum."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import local_date
from engine.context import StepContext, Values
from engine.tables import plain
from workflows.council import box, deputies, rules, sessions
from workflows.council.models import (
    BallotMode,
    BallotReceipt,
    CouncilSession,
    LineOutcome,
    LineResult,
    Manner,
    NoQuorumDecision,
    NoQuorumResolution,
    OpenBallot,
    ReceiptKind,
    SessionLine,
)
from workflows.errors import BallotBoxDamagedError, UnknownLineError
from workflows.facts import latest, newest, write, write_new
from workflows.nominations import queries as nominations
from workflows.rulebook import deadlines


def get_line(session: Session, line_id: str) -> SessionLine:
    """Return a line.

    Raises:
        UnknownLineError: there is none with this id.

    """
    row = newest(session, SessionLine, "line_id", line_id)
    if row is None:
        raise UnknownLineError("no such line", line=line_id)
    return row


def open_line(ctx: StepContext, session_key: str, nomination_id: str, ballot_round: int = 1) -> SessionLine:
    """Open a line: freeze who votes and who keeps away, and tell the voters.

    A line that nobody may vote on is counted at once, with no ballots.

    Raises:
        UnknownSessionError: no such sitting.
        UnknownCaseError: no such nomination.

    """
    sitting = sessions.get_session(ctx, session_key)
    nomination = nominations.get_nomination(ctx.session, nomination_id)
    reasons = nominations.recused_people(ctx.session, nomination_id, ctx.today)
    policy = str(ctx.decide("policy", {"parameter": "recuse"}, ctx.today))
    absent = str(ctx.decide("policy", {"parameter": "absent"}, ctx.today))
    recused = rules.recused_members(sitting.members, reasons, policy)
    line = write_new(
        ctx, SessionLine, "line_id", session_key=session_key, nomination_id=nomination_id,
        business_key=nomination.business_key, ballot_round=ballot_round, mode=sitting.mode,
        proposed_form=nominations.content_of(ctx.session, nomination_id).proposed_form, opened_at=ctx.now,
        deadline_at=_deadline(ctx, sitting), written_opinions=absent == Manner.WRITTEN_OPINION,
        members=list(sitting.members),
        recused=[{"person_id": person, "reason": reason} for person, reason in recused.items()],
        voters=[person for person in sitting.members if person not in recused],
    )  # fmt: skip
    ctx.note(line=line.line_id, session=session_key, round=ballot_round, mode=line.mode.value,
             members=len(line.members), recused=len(line.recused), voters=len(line.voters))  # fmt: skip
    for voter in line.voters:
        ctx.notify(voter, "council.line_opened", business_key=line.business_key, about=line.line_id)
    standing_in = deputies.deputies_of(ctx.session, line.voters, ctx.today)
    for deputy in sorted({one for found in standing_in.values() for one in found}):
        if rules.recused_members([deputy], reasons, policy):
            continue  # he keeps away himself: no ballot of another's is his to cast
        ctx.notify(deputy, "council.line_opened_for_another", business_key=line.business_key, about=line.line_id)
    if not line.voters:
        _write_result(ctx, line)
    return line


def _deadline(ctx: StepContext, sitting: CouncilSession) -> datetime:
    """Return until when ballots are taken: what the sitting says, else the days of the deadlines table."""
    if sitting.ballot_deadline_at is not None and sitting.ballot_deadline_at > ctx.now:
        return sitting.ballot_deadline_at
    row = plain(ctx.decide("deadlines", {"key": "ballot"}, ctx.today))
    return deadlines.after(ctx.session, ctx.now, int(row["days"]), working=bool(row["working"]))


def open_next_round(ctx: StepContext, line_id: str) -> SessionLine:
    """Open a new ballot round of a line that found no quorum; its voters are determined anew."""
    before = get_line(ctx.session, line_id)
    return open_line(ctx, before.session_key, before.nomination_id, before.ballot_round + 1)


def variables_of(line: SessionLine) -> Values:
    """Return what the diagram needs of an open line."""
    return {
        "line_id": line.line_id,
        "ballot_round": line.ballot_round,
        "voters": list(line.voters),
        "voter_count": len(line.voters),
        "ballot_deadline_at": None if line.deadline_at is None else line.deadline_at.isoformat(),
    }


def lock_line(session: Session, line_id: str) -> None:
    """Wait for whoever else counts the line or changes a ballot on it, where rows can be locked."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(sa.select(SessionLine.id).where(SessionLine.line_id == line_id).with_for_update())


def result_of(session: Session, line_id: str) -> LineResult | None:
    """Return the count of a line, None while it is open."""
    return newest(session, LineResult, "line_id", line_id)


def close_line(ctx: StepContext, line_id: str) -> LineResult:
    """Count a line. Who declared an interest without having voted counts as recused.

    Who answered by declaring one does so also where the declaration was taken back since: the answer stands.

    Raises:
        BallotBoxDamagedError: there are not as many ballots as members who voted.

    """
    lock_line(ctx.session, line_id)
    return _write_result(ctx, get_line(ctx.session, line_id))


def _write_result(ctx: StepContext, line: SessionLine) -> LineResult:
    receipts = receipts_of(ctx.session, line.line_id)
    voted = {row.member_id for row in receipts if row.kind is ReceiptKind.VOTED}
    tally, digest = _count(ctx.session, line)
    if tally.cast != len(voted):
        raise BallotBoxDamagedError("ballots and receipts differ", line=line.line_id)
    aside = {row.member_id for row in receipts if row.kind is ReceiptKind.RECUSED}
    declared = aside | nominations.declared_recusals(ctx.session, line.nomination_id)
    late = [person for person in line.voters if person in declared and person not in voted]
    recused = [*line.recused, *({"person_id": person, "reason": "declared"} for person in late)]
    result = write(
        ctx, LineResult, key="line_id", line_id=line.line_id, members=len(line.members), recused=len(recused),
        cast_count=tally.cast, agree=tally.agree, disagree=tally.disagree, abstain=tally.abstain,
        box_digest=digest, recused_people=recused,
    )  # fmt: skip
    ctx.note(line=line.line_id, members=result.members, recused=result.recused, cast=result.cast_count)
    return result


def _count(session: Session, line: SessionLine) -> tuple[rules.Tally, str]:
    if line.mode is BallotMode.SECRET:
        return box.count(session, line.line_id)
    return rules.count_ballots(ballot.choice for ballot in open_ballots(session, line.line_id)), ""


def receipts_of(session: Session, line_id: str) -> list[BallotReceipt]:
    """Return who answered at a line, in the order of ids so that the order of voting is not shown."""
    query = sa.select(BallotReceipt).where(BallotReceipt.line_id == line_id).order_by(BallotReceipt.member_id)
    return list(session.scalars(query))


def open_ballots(session: Session, line_id: str) -> list[OpenBallot]:
    """Return the ballots of an open line as they stand, one per member who voted."""
    query = latest(OpenBallot, "ballot_id").where(OpenBallot.line_id == line_id).order_by(OpenBallot.member_id)
    return list(session.scalars(query))


def count_inputs(session: Session, line_id: str) -> Values:
    """Return what the table `vote_outcome` is asked about a counted line: whole counts and the proposed form.

    Raises:
        UnknownLineError: no such line, or it is not counted.

    """
    line, result = get_line(session, line_id), result_of(session, line_id)
    if result is None:
        raise UnknownLineError("the line is not counted", line=line_id)
    return {
        "form": line.proposed_form.value, "members": result.members, "recused": result.recused,
        "cast": result.cast_count, "agree": result.agree,
    }  # fmt: skip


def opened_on(session: Session, line_id: str) -> date:
    """Return the day by which the rules of a line are looked up."""
    return local_date(get_line(session, line_id).opened_at)


def settle(ctx: StepContext, line_id: str, decided: Any) -> LineOutcome:
    """Keep what the table made of the count."""
    row = plain(decided)
    found = write(
        ctx, LineOutcome, key="line_id", line_id=line_id, outcome=str(row["outcome"]), base=int(row["base"]),
        needed=str(row["needed"]), quorum=str(row["quorum"]), looked_up_on=opened_on(ctx.session, line_id),
    )  # fmt: skip
    ctx.note(line=line_id, outcome=found.outcome)
    return found


def decide_no_quorum(ctx: StepContext, line_id: str, resolution: NoQuorumResolution, reason: str) -> NoQuorumDecision:
    """Keep how the case goes on without a quorum, and why."""
    row = write(ctx, NoQuorumDecision, key="line_id", line_id=line_id, resolution=resolution, reason=reason)
    ctx.note(line=line_id, resolution=resolution.value)
    return row

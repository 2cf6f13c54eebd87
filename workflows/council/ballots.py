"""Casting and changing ballots. What a member chose goes into the box or the open ballot, and nowhere else."""

from dataclasses import dataclass

import sqlalchemy as sa

from engine.context import StepContext
from engine.db import columns_of, value_of
from engine.statements import Statement
from workflows.council import box, deputies, rules, service
from workflows.council.models import (
    BallotChoice,
    BallotMode,
    BallotReceipt,
    LineResult,
    Manner,
    OpenBallot,
    ReceiptKind,
    SessionLine,
)
from workflows.errors import (
    BallotAlreadyCastError,
    LineClosedError,
    NoBallotToChangeError,
    NotAVoterError,
    RecusedMayNotActError,
    SecretBallotFinalError,
    UnknownLineError,
)
from workflows.facts import write, write_new
from workflows.forms import refuse
from workflows.nominations import queries as nominations
from workflows.nominations import records


@dataclass(frozen=True, slots=True)
class BallotPaper:
    """What a member hands in: a choice, or the declaration of an interest in the nomination.

    Attributes:
        choice: None only with an interest; with one it is not looked at.
        note: words beside the choice; of an open ballot only.

    """

    declares_interest: bool
    interest_reason: str
    choice: BallotChoice | None
    manner: Manner
    note: str


def member_of(ctx: StepContext) -> str:
    """Return the member whose ballot is cast: who acts, or the member in whose place a deputy acts."""
    return ctx.actor.on_behalf_of or ctx.actor.id


def receipt_id(line_id: str, member_id: str) -> str:
    """Return the identity of a member's receipt, ballot and right to one answer at a line."""
    return f"{line_id}:{member_id}"


def cast_ballot(ctx: StepContext, line_id: str, paper: BallotPaper) -> BallotReceipt:
    """Take the ballot of the member who acts, or in whose place somebody does; keep a receipt that does not show it.

    A declared interest recuses the member from the nomination; no ballot enters then.

    Raises:
        NotAVoterError, RecusedMayNotActError: the member does not vote on this line, or the deputy not in his place.
        NoDeputyVotesError, DeputyIsMemberError: the rules of the line let nobody, or not this person, vote for another.
        BallotAlreadyCastError: the member answered before.
        LineClosedError: the line was counted.
        InvalidInputError: no choice, a note on a secret ballot, or a written opinion where none are taken.

    """
    line = _line_for(ctx, line_id)
    deputies.admit(ctx, line, declares_interest=paper.declares_interest)
    if paper.manner is Manner.WRITTEN_OPINION and not line.written_opinions:
        raise refuse("manner", "council_no_written_opinion")
    if paper.declares_interest:
        nomination = nominations.get_nomination(ctx.session, line.nomination_id)
        records.declare_interest(ctx, nomination, paper.interest_reason)
        return _receipt(ctx, line, ReceiptKind.RECUSED, paper.manner)
    if paper.choice is None:
        raise refuse("choice", "required")
    if line.mode is BallotMode.OPEN:
        write_new(ctx, OpenBallot, "ballot_id", ballot_id=receipt_id(line_id, member_of(ctx)), line_id=line_id,
                  member_id=member_of(ctx), choice=paper.choice, note=paper.note)  # fmt: skip
    else:
        if paper.note:
            raise refuse("note", "council_secret_note")
        box.put_in(ctx, line_id, paper.choice)
    return _receipt(ctx, line, ReceiptKind.VOTED, paper.manner)


def stand_aside(ctx: StepContext, line_id: str) -> BallotReceipt:
    """Answer a line for a member who has just declared an interest beside the ballot: no ballot enters.

    Raises:
        NotAVoterError, RecusedMayNotActError, BallotAlreadyCastError, LineClosedError: as for `cast_ballot`.

    """
    return _receipt(ctx, _line_for(ctx, line_id), ReceiptKind.RECUSED, Manner.PRESENT)


_LINE_AND_ANSWERS = Statement(
    sa.select(
        *columns_of(SessionLine),
        sa.exists().where(BallotReceipt.receipt_id == sa.bindparam("receipt")),
        sa.exists().where(LineResult.line_id == sa.bindparam("line")),
    ).where(SessionLine.line_id == sa.bindparam("line"))
)


def _line_for(ctx: StepContext, line_id: str) -> SessionLine:
    """Return the line the actor may answer at now, read together with what forbids it in one statement."""
    asked = {"line": line_id, "receipt": receipt_id(line_id, member_of(ctx))}
    found = _LINE_AND_ANSWERS.first(ctx.session, asked)
    if found is None:
        raise UnknownLineError("no such line", line=line_id)
    *cells, has_answered, is_closed = found
    line = value_of(SessionLine, cells)
    _require_voter(line, member_of(ctx))
    if has_answered:
        raise BallotAlreadyCastError("one ballot per member", line=line_id)
    if is_closed:
        raise LineClosedError("the line was counted", line=line_id)
    return line


def _require_voter(line: SessionLine, member_id: str) -> None:
    why = next((str(one["reason"]) for one in line.recused if one["person_id"] == member_id), "")
    if why:
        raise RecusedMayNotActError("recused from this line", duty="council.cast_ballot", why=why)
    if member_id not in line.voters:
        raise NotAVoterError("not a voter of this line", line=line.line_id)


def _receipt(ctx: StepContext, line: SessionLine, kind: ReceiptKind, manner: Manner) -> BallotReceipt:
    receipt = write_new(
        ctx, BallotReceipt, "receipt_id", receipt_id=receipt_id(line.line_id, member_of(ctx)), line_id=line.line_id,
        member_id=member_of(ctx), kind=kind, manner=manner, code=rules.receipt_code(ctx.random.getrandbits(40)),
    )  # fmt: skip
    ctx.note(line=line.line_id, answer=kind.value, manner=manner.value)
    return receipt


def change_ballot(ctx: StepContext, line_id: str, choice: BallotChoice, note: str) -> OpenBallot:
    """Change the actor's ballot of an open line that is not counted yet.

    Raises:
        UnknownLineError: no such line.
        SecretBallotFinalError: the line is secret.
        LineClosedError: it was counted.
        NoBallotToChangeError: the actor has no ballot on it.
        RecusedMayNotActError: the actor declared an interest since.
        NoDeputyVotesError, DeputyIsMemberError: as for `cast_ballot`.

    """
    line = service.get_line(ctx.session, line_id)
    deputies.admit(ctx, line)
    _require_voter(line, member_of(ctx))
    if member_of(ctx) in nominations.declared_recusals(ctx.session, line.nomination_id):
        raise RecusedMayNotActError("recused from this line", duty="council.change_ballot", why="declared")
    if line.mode is BallotMode.SECRET:
        raise SecretBallotFinalError("a secret ballot is final", line=line_id)
    service.lock_line(ctx.session, line_id)
    if service.result_of(ctx.session, line_id) is not None:
        raise LineClosedError("the line was counted", line=line_id)
    identity = receipt_id(line_id, member_of(ctx))
    if ctx.session.scalar(sa.select(OpenBallot.id).where(OpenBallot.ballot_id == identity).limit(1)) is None:
        raise NoBallotToChangeError("no ballot to change", line=line_id)
    ctx.note(line=line_id)
    return write(ctx, OpenBallot, key="ballot_id", ballot_id=identity, line_id=line_id, member_id=member_of(ctx),
                 choice=choice, note=note)  # fmt: skip

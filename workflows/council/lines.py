"""Lines as pages see them, built with a fixed number of statements for any number of lines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import local_date
from engine.tables import plain
from workflows.council import box, rules
from workflows.council.models import (
    BallotMode,
    BallotReceipt,
    CouncilSession,
    LineOutcome,
    LineResult,
    NoQuorumDecision,
    ReceiptKind,
    Seat,
    SessionLine,
)
from workflows.council.views import LineView, MemberView, ResultView
from workflows.facts import latest
from workflows.nominations import queries as nominations
from workflows.organisation import queries as organisation
from workflows.rulebook import queries as rulebook

TABLE = "vote_outcome"


@dataclass(frozen=True, slots=True)
class _Around:
    """All rows that belong to some lines, by line id; sittings by key."""

    sittings: Mapping[str, CouncilSession]
    receipts: Mapping[str, Sequence[BallotReceipt]]
    results: Mapping[str, LineResult]
    outcomes: Mapping[str, LineOutcome]
    resolutions: Mapping[str, NoQuorumDecision]
    cases: Mapping[str, nominations.NominationView]
    names: Mapping[str, str]


def line_views(session: Session, rows: Sequence[SessionLine]) -> list[LineView]:
    """Return lines in the given order."""
    if not rows:
        return []
    around = _read(session, rows)
    titles: dict[date, Mapping[str, str]] = {}
    for row in rows:
        day = local_date(row.opened_at)
        if day not in titles:
            everybody = sorted({member for line in rows for member in line.members})
            posts = organisation.posts_on(session, day, everybody)
            titles[day] = {person: post.title for person, (post, _unit) in posts.items()}
    return [_view(session, row, around, titles[local_date(row.opened_at)]) for row in rows]


def _read(session: Session, rows: Sequence[SessionLine]) -> _Around:
    ids = [row.line_id for row in rows]
    keys = {row.session_key for row in rows}
    receipts: dict[str, list[BallotReceipt]] = {}
    query = sa.select(BallotReceipt).where(BallotReceipt.line_id.in_(ids)).order_by(BallotReceipt.member_id)
    for receipt in session.scalars(query):
        receipts.setdefault(receipt.line_id, []).append(receipt)
    sittings = latest(CouncilSession, "session_key").where(CouncilSession.session_key.in_(keys))
    return _Around(
        {row.session_key: row for row in session.scalars(sittings)}, receipts,
        _by_line(session, LineResult, ids), _by_line(session, LineOutcome, ids),
        _by_line(session, NoQuorumDecision, ids),
        nominations.views_by_key(session, {row.business_key for row in rows}),
        organisation.people_named(
            session, {member for row in rows for member in row.members}
            | {receipt.recorded_by for found in receipts.values() for receipt in found},
        ),
    )  # fmt: skip


def _by_line(session: Session, model: Any, ids: Sequence[str]) -> dict[str, Any]:
    query = latest(model, "line_id").where(model.line_id.in_(ids))
    return {row.line_id: row for row in session.scalars(query)}


def _view(session: Session, row: SessionLine, around: _Around, titles: Mapping[str, str]) -> LineView:
    result, outcome = around.results.get(row.line_id), around.outcomes.get(row.line_id)
    receipts = around.receipts.get(row.line_id, ())
    members = tuple(_members(row, result, receipts, around, titles))
    recused = sum(member.state == "recused" for member in members)
    cast = sum(member.state == "voted" for member in members)
    inputs = {
        "form": row.proposed_form.value, "members": len(row.members), "recused": recused, "cast": cast, "agree": 0,
    }  # fmt: skip
    day = local_date(row.opened_at)
    quorum = plain(rulebook.decide(session, TABLE, inputs, day).value)["quorum"]
    resolution = around.resolutions.get(row.line_id)
    case = around.cases[row.business_key]
    return LineView(
        row.line_id, row.session_key, row.nomination_id, row.business_key, case.nominee, case.unit,
        row.proposed_form.value, row.ballot_round, row.mode.value, row.opened_at, row.deadline_at, members,
        len(row.members) - recused, recused, cast, int(quorum),
        None if result is None else _result(session, row, result, outcome, day),
        resolution.resolution.value if resolution else "",
    )  # fmt: skip


def _members(
    row: SessionLine, result: LineResult | None, receipts: Iterable[BallotReceipt], around: _Around,
    titles: Mapping[str, str],
) -> Iterable[MemberView]:  # fmt: skip
    sitting = around.sittings[row.session_key]
    recused = row.recused if result is None else result.recused_people
    kept_away = {str(one["person_id"]): str(one["reason"]) for one in recused}
    voted: dict[str, str] = {}
    deputies: dict[str, str] = {}
    for receipt in receipts:
        if receipt.by_deputy:
            deputies[receipt.member_id] = around.names.get(receipt.recorded_by, "")
        if receipt.kind is ReceiptKind.VOTED:
            voted[receipt.member_id] = receipt.manner.value
        else:
            kept_away.setdefault(receipt.member_id, "declared")
    for member in row.members:
        state = "not_voted" if result is not None else "waiting"
        if member in kept_away:
            state = "recused"
        elif member in voted:
            state = "voted"
        yield MemberView(
            member, around.names.get(member, ""), titles.get(member, ""), seat_of(sitting, member).value, state,
            voted.get(member, ""), kept_away.get(member, ""), deputies.get(member, ""),
        )  # fmt: skip


def seat_of(sitting: CouncilSession, member: str) -> Seat:
    """Return the seat a member holds at a sitting."""
    seats = {
        sitting.secretary_id: Seat.SECRETARY, sitting.vice_chair_id: Seat.VICE_CHAIR, sitting.chair_id: Seat.CHAIR,
    }  # fmt: skip
    return seats.get(member, Seat.MEMBER)


def _result(
    session: Session, row: SessionLine, result: LineResult, outcome: LineOutcome | None, day: date
) -> ResultView:
    inputs = {
        "form": row.proposed_form.value, "members": result.members, "recused": result.recused,
        "cast": result.cast_count, "agree": result.agree,
    }  # fmt: skip
    base = outcome.base if outcome else result.members - result.recused
    secret = row.mode is BallotMode.SECRET
    return ResultView(
        result.members, result.recused, result.cast_count, result.agree, result.disagree, result.abstain,
        outcome.outcome if outcome else "", base, outcome.needed if outcome else "", outcome.quorum if outcome else "",
        rules.percentage(result.agree, base), outcome.looked_up_on if outcome else day, result.recorded_at,
        tuple(rulebook.explain(session, TABLE, inputs, day)),
        not secret or box.count(session, row.line_id)[1] == result.box_digest,
    )  # fmt: skip

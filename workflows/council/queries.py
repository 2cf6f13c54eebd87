"""Questions about the council. Nothing here writes, and nothing here reads choices of a line that is open."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.history import Finding
from engine.models import TaskStatus, UserTask
from workflows.council import box, deputies, lines
from workflows.council.models import (
    AgendaItem,
    Attendance,
    BallotMode,
    BallotReceipt,
    Council,
    CouncilSession,
    LineResult,
    Minutes,
    OpenBallot,
    ReceiptKind,
    SessionLine,
)
from workflows.council.service import get_line, open_ballots
from workflows.council.sessions import standing_council
from workflows.council.views import BallotView, LineView, MemberView, SessionView, VoteView
from workflows.facts import latest, newest
from workflows.nominations import queries as nominations
from workflows.organisation import queries as organisation

BALLOT_STEP = deputies.BALLOT_STEP


def council_on(session: Session, on: date) -> Council | None:
    """Return the standing council in force on a day: of several decisions the one that began last."""
    return standing_council(session, on)


def list_councils(session: Session) -> list[Council]:
    """Return every composition of the standing council, the newest first."""
    return list(session.scalars(latest(Council, "council_id").order_by(Council.valid_from.desc())))


def list_sessions(session: Session) -> list[SessionView]:
    """Return all sittings, the newest first."""
    rows = session.scalars(latest(CouncilSession, "session_key").order_by(
        CouncilSession.held_on.desc(), CouncilSession.session_key.desc()))  # fmt: skip
    return _session_views(session, list(rows))


def find_session(session: Session, session_key: str) -> SessionView | None:
    """Return a sitting, or None."""
    row = newest(session, CouncilSession, "session_key", session_key)
    return None if row is None else _session_views(session, [row])[0]


def lines_of(session: Session, session_key: str) -> list[LineView]:
    """Return the lines of a sitting in the order they were opened."""
    return lines.line_views(session, _lines(session, SessionLine.session_key == session_key))


def line_view(session: Session, line_id: str) -> LineView:
    """Return a line with its members, recusals, who voted, and the result once it is counted.

    Raises:
        UnknownLineError: there is none with this id.

    """
    return lines.line_views(session, [get_line(session, line_id)])[0]


def lines_of_nomination(session: Session, nomination_id: str) -> list[LineView]:
    """Return every line a nomination was voted on, oldest first."""
    return lines.line_views(session, _lines(session, SessionLine.nomination_id == nomination_id))


def last_line_of(session: Session, nomination_id: str) -> LineView | None:
    """Return the line that counts for a nomination: the newest; None before the council."""
    found = _lines(session, SessionLine.nomination_id == nomination_id)
    return lines.line_views(session, found[-1:])[0] if found else None


def _lines(session: Session, which: sa.ColumnElement[bool]) -> list[SessionLine]:
    query = sa.select(SessionLine).where(which)
    order = (SessionLine.opened_at, SessionLine.business_key, SessionLine.ballot_round)
    return list(session.scalars(query.order_by(*order)))


def minutes_of(session: Session, line_id: str) -> Minutes | None:
    """Return the newest version of a line's minutes, or None."""
    return newest(session, Minutes, "line_id", line_id)


def receipt_of(session: Session, line_id: str, person_id: str) -> BallotReceipt | None:
    """Return a member's receipt at a line; for that member's eyes and those of the record, as it shows no choice."""
    query = sa.select(BallotReceipt).where(BallotReceipt.line_id == line_id, BallotReceipt.member_id == person_id)
    return session.scalars(query).first()


def ballots_of_line(session: Session, line_id: str) -> list[BallotView]:
    """Return the ballots of a line that votes openly; of a secret line there are none to show.

    Callers show them only after `visibility.may_see("open_ballots", …)`.
    """
    rows = open_ballots(session, line_id)
    names = organisation.people_named(session, [one for row in rows for one in (row.member_id, row.recorded_by)])
    return [
        BallotView(row.member_id, names.get(row.member_id, ""), row.choice.value, row.note, row.recorded_at,
                   names.get(row.recorded_by, "") if row.recorded_by != row.member_id else "")
        for row in rows
    ]  # fmt: skip


def verify_boxes(session: Session, business_key: str | None = None) -> Iterator[Finding]:
    """Yield a finding `box_altered` for each counted secret line whose box is not what was counted.

    The box is no fact, so `history.verify` cannot see it; whoever proves the record asks both.
    """
    query = (
        sa.select(SessionLine.line_id, SessionLine.business_key, LineResult.box_digest)
        .join(LineResult, LineResult.line_id == SessionLine.line_id)
        .where(SessionLine.mode == BallotMode.SECRET)
        .order_by(SessionLine.business_key, SessionLine.ballot_round)
    )
    if business_key is not None:
        query = query.where(SessionLine.business_key == business_key)
    for line_id, key, digest in session.execute(query):
        if _digest_of_box(session, line_id) != digest:
            yield Finding(key, None, key, "box_altered", f"secret_ballot:{line_id}")


def _digest_of_box(session: Session, line_id: str) -> str:
    """Return the digest of a box as it is now; empty when a ballot in it says what no ballot can say."""
    try:
        return box.count(session, line_id)[1]
    except LookupError:
        return ""


def open_ballots_of(session: Session, person_id: str, *, deputy_id: str = "") -> list[VoteView]:
    """Return the lines a member may vote on now, in the order of their deadlines, with the task of each ballot.

    With `deputy_id` only those that who acts in the member's place may cast.
    """
    tasks = _ballot_tasks(session, person_id)
    rows = _lines(session, SessionLine.line_id.in_(tasks)) if tasks else []
    votes = _votes(session, rows, person_id, tasks) if rows else []
    found = [_as_deputy(session, row, vote, deputy_id) for row, vote in zip(rows, votes, strict=True)]
    found = [vote for vote in found if vote.state == "open"]
    return sorted(found, key=lambda vote: (vote.deadline_at is None, vote.deadline_at, vote.business_key))


def votes_of(session: Session, session_key: str, person_id: str, *, deputy_id: str = "") -> list[VoteView]:
    """Return all lines of a sitting as one member meets them: open, voted, recused or closed.

    With `deputy_id` they are seen by who acts in the member's place: what waits and is not his to cast is `kept`.
    """
    rows = [row for row in _lines(session, SessionLine.session_key == session_key) if person_id in row.members]
    found = _votes(session, rows, person_id, _ballot_tasks(session, person_id))
    return [_as_deputy(session, row, vote, deputy_id) for row, vote in zip(rows, found, strict=True)]


def _as_deputy(session: Session, row: SessionLine, vote: VoteView, deputy_id: str) -> VoteView:
    """Return a line as the deputy of its member meets it; as it is when there is none or nothing waits."""
    if deputy_id in {"", vote.member_id} or vote.state != "open":
        return vote
    refusal = deputies.why_not(session, row, deputy_id)
    return vote if refusal is None else replace(vote, state="kept", task_id=None, refusal=refusal)


def _ballot_tasks(session: Session, person_id: str) -> dict[str, UserTask]:
    query = sa.select(UserTask).where(
        UserTask.assignee == person_id, UserTask.status == TaskStatus.OPEN, UserTask.step_key == BALLOT_STEP
    )
    return {str(task.variables["line_id"]): task for task in session.scalars(query)}


def _votes(session: Session, rows: list[SessionLine], person_id: str, tasks: Mapping[str, UserTask]) -> list[VoteView]:
    ids = [row.line_id for row in rows]
    mine = (BallotReceipt.member_id == person_id, BallotReceipt.line_id.in_(ids))
    receipts = {row.line_id: row for row in session.scalars(sa.select(BallotReceipt).where(*mine))}
    own = latest(OpenBallot, "ballot_id").where(OpenBallot.member_id == person_id, OpenBallot.line_id.in_(ids))
    ballots = {row.line_id: row for row in session.scalars(own)}
    counted = set(session.scalars(sa.select(LineResult.line_id).where(LineResult.line_id.in_(ids))))
    cases = nominations.views_by_key(session, {row.business_key for row in rows})
    names = organisation.people_named(session, [one.recorded_by for one in receipts.values() if one.by_deputy])
    declared = nominations.declared_by(session, person_id, {row.nomination_id for row in rows if row.line_id in tasks})
    found = []
    for row in rows:
        receipt, ballot, task = receipts.get(row.line_id), ballots.get(row.line_id), tasks.get(row.line_id)
        case = cases[row.business_key]
        view = VoteView(
            row.line_id, row.session_key, row.nomination_id, row.business_key, case.nominee, case.unit,
            row.proposed_form.value, row.ballot_round, row.mode.value, row.deadline_at, "open",
            choice=ballot.choice.value if ballot else "", note=ballot.note if ballot else "",
            code=receipt.code if receipt else "", member_id=person_id,
            deputy=names.get(receipt.recorded_by, "") if receipt and receipt.by_deputy else "",
        )  # fmt: skip
        if person_id not in row.voters or (receipt is not None and receipt.kind is ReceiptKind.RECUSED):
            view = replace(view, state="recused")
        elif receipt is not None:
            view = replace(view, state="closed" if row.line_id in counted else "voted")
        elif task is None:
            view = replace(view, state="closed")
        elif row.nomination_id in declared:
            view = replace(view, state="recused")
        else:
            view = replace(view, task_id=task.id)
        found.append(view)
    return found


def _session_views(session: Session, rows: list[CouncilSession]) -> list[SessionView]:
    keys = [row.session_key for row in rows]
    people = {person for row in rows for person in (*row.members, row.secretary_id)}
    names = organisation.people_named(session, people)
    present = latest(Attendance, "session_key").where(Attendance.session_key.in_(keys))
    attendance = {row.session_key: row for row in session.scalars(present)}
    counts = _line_counts(session, keys)
    waiting = _agenda(session, keys)
    found = []
    for row in rows:
        posts = organisation.posts_on(session, row.held_on, [*row.members, row.secretary_id])
        titles = {person: post.title for person, (post, _unit) in posts.items()}
        total, closed = counts.get(row.session_key, (0, 0))
        found.append(SessionView(
            row.session_key, row.title, row.held_on, row.opens_at, row.ballot_deadline_at, row.mode.value, row.place,
            row.chair_id, names.get(row.chair_id, ""), row.vice_chair_id or "", row.secretary_id,
            names.get(row.secretary_id, ""), row.decision_number, row.decided_on, row.closed_at,
            tuple(_presence(row, names, titles, attendance.get(row.session_key))), total - closed, closed,
            tuple(waiting.get(row.session_key, ())),
        ))  # fmt: skip
    return found


def _presence(
    row: CouncilSession, names: Mapping[str, str], titles: Mapping[str, str], attendance: Attendance | None
) -> Iterable[MemberView]:
    absent = {str(one["person_id"]): str(one["reason"]) for one in (attendance.absent if attendance else ())}
    there = set(attendance.present) if attendance else set()
    for member in row.members:
        state = "present" if member in there else "absent" if member in absent else "unknown"
        yield MemberView(member, names.get(member, ""), titles.get(member, ""), lines.seat_of(row, member).value, state,
                         reason=absent.get(member, ""))  # fmt: skip


def _line_counts(session: Session, keys: list[str]) -> dict[str, tuple[int, int]]:
    query = (
        sa.select(SessionLine.session_key, sa.func.count(), sa.func.count(LineResult.line_id))
        .outerjoin(LineResult, LineResult.line_id == SessionLine.line_id)
        .where(SessionLine.session_key.in_(keys))
        .group_by(SessionLine.session_key)
    )
    return {key: (total, closed) for key, total, closed in session.execute(query)}


def _agenda(session: Session, keys: list[str]) -> dict[str, list[str]]:
    """Return the business keys of nominations whose line is still to be opened, by sitting."""
    opened = sa.exists().where(
        SessionLine.session_key == AgendaItem.session_key, SessionLine.nomination_id == AgendaItem.nomination_id
    )
    query = sa.select(AgendaItem).where(AgendaItem.session_key.in_(keys), ~opened).order_by(AgendaItem.recorded_at)
    found: dict[str, list[str]] = {}
    for item in session.scalars(query):
        key = nominations.get_nomination(session, item.nomination_id).business_key
        found.setdefault(item.session_key, []).append(key)
    return found

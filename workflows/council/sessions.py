"""Composing the council, calling a sitting, putting nominations on its agenda, and who was there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import local_date
from engine.context import StepContext
from workflows.council import rules
from workflows.council.models import (
    AgendaItem,
    Attendance,
    BallotMode,
    Council,
    CouncilSession,
    LineResult,
    Seat,
    SessionLine,
)
from workflows.errors import LinesStillOpenError, SessionClosedError, UnknownSessionError
from workflows.facts import amend, in_force, latest, newest, write, write_new
from workflows.forms import Problems, refuse
from workflows.organisation import queries as organisation

MEMBER_ROLE = "council_member"


@dataclass(frozen=True, slots=True)
class Composition:
    """Who sits: the standing council of a day, or what the caller of the sitting put in its place.

    `decision_number` and `decided_on` name the decision that composed the council.
    """

    chair_id: str = ""
    vice_chair_id: str = ""
    secretary_id: str = ""
    members: tuple[str, ...] = ()
    decision_number: str = ""
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """How a sitting is called.

    Attributes:
        opens_at: when voting begins; None for at once.
        ballot_deadline_at: until when ballots are taken; None for the days of the deadlines table.
        mode: None for what the policy says.
        accept_size: the officer has seen that the number of members is not one the policy lists.

    """

    session_key: str
    title: str
    place: str
    opens_at: datetime | None = None
    ballot_deadline_at: datetime | None = None
    mode: BallotMode | None = None
    accept_size: bool = False


def standing_council(session: Session, on: date) -> Council | None:
    """Return the council in force on a day: of several decisions the one that began last."""
    query = latest(Council, "council_id").where(in_force(Council, on))
    return session.scalars(query.order_by(Council.valid_from.desc(), Council.recorded_at.desc())).first()


def composition_of(council: Council | None) -> Composition:
    """Return the seats of a standing council; an empty composition when there is none."""
    if council is None:
        return Composition()
    seats = {str(item["seat"]): str(item["person_id"]) for item in council.members}
    return Composition(
        seats.get(Seat.CHAIR, ""), seats.get(Seat.VICE_CHAIR, ""), seats.get(Seat.SECRETARY, ""),
        tuple(str(item["person_id"]) for item in council.members), council.decision_number, council.decided_on,
    )  # fmt: skip


def set_members(
    ctx: StepContext, *, title: str, decision_number: str, decided_on: date, valid_from: date, valid_to: date | None,
    chair_id: str, vice_chair_id: str, secretary_id: str, members: Sequence[str], accept_size: bool,
) -> Council:  # fmt: skip
    """Compose the standing council as a decision of the head did (RULES F01).

    Raises:
        InvalidInputError: a size the policy does not list, a chair who is no member, a member without an open post,
            a period that ends before it begins.

    """
    composition = Composition(chair_id, vice_chair_id, secretary_id, tuple(members), decision_number, decided_on)
    problems = Problems()
    if valid_to is not None and valid_to < valid_from:
        problems.add("valid_to", "council_end_before_start")
    if decided_on > ctx.today:
        problems.add("decided_on", "council_decided_later")
    _check_people(ctx, composition, valid_from, problems)
    _check_size(ctx, len(members), valid_from, problems, accepted=accept_size)
    problems.refuse_any()
    seats = {chair_id: Seat.CHAIR, vice_chair_id: Seat.VICE_CHAIR, secretary_id: Seat.SECRETARY}
    people = [{"person_id": one, "seat": seats.get(one, Seat.MEMBER).value} for one in members]
    row = write_new(
        ctx, Council, "council_id", title=title, decision_number=decision_number, decided_on=decided_on,
        valid_from=valid_from, valid_to=valid_to, members=people,
    )  # fmt: skip
    ctx.note(council=row.council_id, members=len(people))
    return row


def create_session(ctx: StepContext, call: Call, given: Composition) -> CouncilSession:
    """Call a sitting and freeze what it votes under.

    What `given` leaves empty is taken from the standing council of the day.

    Raises:
        InvalidInputError: a key already used, dates out of order, no council, or a composition that does not hold.

    """
    held_on = local_date(call.opens_at or ctx.now)
    seated = _complete(composition_of(standing_council(ctx.session, held_on)), given)
    problems = Problems()
    _check_call(ctx, call, held_on, problems)
    if not seated.members or not seated.decision_number:
        problems.add("members", "council_unknown", day=held_on.strftime("%d/%m/%Y"))
    else:
        _check_people(ctx, seated, held_on, problems)
        _check_size(ctx, len(seated.members), held_on, problems, accepted=call.accept_size)
    problems.refuse_any()
    mode = call.mode or BallotMode(str(ctx.decide("policy", {"parameter": "default_ballot"}, held_on)))
    row = write(
        ctx, CouncilSession, key="session_key", session_key=call.session_key, title=call.title, held_on=held_on,
        opens_at=call.opens_at, ballot_deadline_at=call.ballot_deadline_at, mode=mode, place=call.place,
        chair_id=seated.chair_id, vice_chair_id=seated.vice_chair_id or None, secretary_id=seated.secretary_id,
        members=list(seated.members), decision_number=seated.decision_number, decided_on=seated.decided_on,
        closed_at=None,
    )  # fmt: skip
    ctx.note(session=row.session_key, mode=mode.value, members=len(row.members))
    return row


def _complete(standing: Composition, given: Composition) -> Composition:
    members = given.members or standing.members
    vice = given.vice_chair_id or (standing.vice_chair_id if standing.vice_chair_id in members else "")
    return replace(
        standing, chair_id=given.chair_id or standing.chair_id, vice_chair_id=vice, members=members,
        secretary_id=given.secretary_id or standing.secretary_id,
        decision_number=given.decision_number or standing.decision_number,
        decided_on=given.decided_on or standing.decided_on,
    )  # fmt: skip


def _check_call(ctx: StepContext, call: Call, held_on: date, problems: Problems) -> None:
    if newest(ctx.session, CouncilSession, "session_key", call.session_key) is not None:
        problems.add("session_key", "council_session_known", sitting=call.session_key)
    if held_on < ctx.today:
        problems.add("opens_at", "council_session_past")
    if call.ballot_deadline_at is not None and call.ballot_deadline_at <= (call.opens_at or ctx.now):
        problems.add("ballot_deadline_at", "council_deadline_early")


def _check_people(ctx: StepContext, seated: Composition, on: date, problems: Problems) -> None:
    members = seated.members
    if len(set(members)) != len(members):
        problems.add("members", "council_member_twice")
    if seated.chair_id not in members:
        problems.add("chair_id", "council_chair_not_member")
    if seated.vice_chair_id and seated.vice_chair_id not in members:
        problems.add("vice_chair_id", "council_chair_not_member")
    if seated.vice_chair_id and seated.vice_chair_id == seated.chair_id:
        problems.add("vice_chair_id", "council_two_seats")
    if not seated.secretary_id or seated.secretary_id == seated.chair_id:
        problems.add("secretary_id", "council_two_seats" if seated.secretary_id else "required")
    people = [*members, *([seated.secretary_id] if seated.secretary_id not in members else [])]
    named = organisation.people_named(ctx.session, people)
    posts = organisation.posts_on(ctx.session, on, people)
    voting = set(organisation.principals_of_role(ctx.session, MEMBER_ROLE, on))
    for person in people:
        field = "members" if person in members else "secretary_id"
        name = named.get(person, "")
        if person and not name:
            problems.add(field, "council_person_unknown")
        elif person and person not in posts:
            problems.add(field, "council_member_without_post", name=name, day=on.strftime("%d/%m/%Y"))
        elif person in members and person not in voting:
            problems.add(field, "council_member_without_role", name=name, day=on.strftime("%d/%m/%Y"))


def _check_size(ctx: StepContext, size: int, on: date, problems: Problems, *, accepted: bool) -> None:
    sizes = rules.allowed_sizes(str(ctx.decide("policy", {"parameter": "council_sizes"}, on) or ""))
    if sizes and size not in sizes and not accepted:
        problems.add("members", "council_size", size=size, sizes=", ".join(str(one) for one in sorted(sizes)))


def get_session(ctx: StepContext, session_key: str) -> CouncilSession:
    """Return a sitting.

    Raises:
        UnknownSessionError: there is none with this key.

    """
    row = newest(ctx.session, CouncilSession, "session_key", session_key)
    if row is None:
        raise UnknownSessionError("no such sitting", key=session_key)
    return row


def schedule_nomination(ctx: StepContext, session_key: str, nomination_id: str) -> CouncilSession:
    """Put a nomination on the agenda of a sitting.

    Raises:
        SessionClosedError: the sitting takes no more nominations, or its time for ballots is over.
        InvalidInputError: the nomination was on this sitting's agenda before; a new vote needs another sitting.

    """
    row = get_session(ctx, session_key)
    if row.closed_at is not None or (row.ballot_deadline_at is not None and row.ballot_deadline_at <= ctx.now):
        raise SessionClosedError("the sitting takes no more nominations", key=session_key)
    known = sa.select(AgendaItem.id).where(
        AgendaItem.session_key == session_key, AgendaItem.nomination_id == nomination_id
    )
    if ctx.session.scalars(known).first() is not None:
        raise refuse("session_key", "council_already_on_agenda")
    write_new(ctx, AgendaItem, "agenda_id", session_key=session_key, nomination_id=nomination_id)
    ctx.note(session=session_key)
    return row


def close_session(ctx: StepContext, session_key: str) -> CouncilSession:
    """Close the agenda of a sitting: no more nominations are put on it.

    Raises:
        SessionClosedError: it is closed already.
        LinesStillOpenError: nominations on it wait for their line, or lines are not counted yet.

    """
    row = get_session(ctx, session_key)
    if row.closed_at is not None:
        raise SessionClosedError("the sitting is closed", key=session_key)
    counted = sa.select(LineResult.line_id)
    waiting = sa.select(sa.func.count()).select_from(SessionLine).where(
        SessionLine.session_key == session_key, SessionLine.line_id.not_in(counted)
    )  # fmt: skip
    opened = sa.select(SessionLine.nomination_id).where(SessionLine.session_key == session_key)
    unopened = sa.select(sa.func.count()).select_from(AgendaItem).where(
        AgendaItem.session_key == session_key, AgendaItem.nomination_id.not_in(opened)
    )  # fmt: skip
    left = int(ctx.session.scalar(waiting) or 0) + int(ctx.session.scalar(unopened) or 0)
    if left:
        raise LinesStillOpenError("lines are still open", key=session_key, count=left)
    ctx.note(session=session_key)
    return amend(ctx, row, closed_at=ctx.now)


def record_attendance(
    ctx: StepContext, session_key: str, present: Sequence[str], absent: Sequence[dict[str, Any]]
) -> Attendance:
    """Record who sat, and who did not and why; the newest record holds.

    Raises:
        UnknownSessionError: no such sitting.
        InvalidInputError: somebody is no member, or stands on both lists, or a member on neither.

    """
    row = get_session(ctx, session_key)
    away = [str(item["person_id"]) for item in absent]
    problems = Problems()
    if not set(present) <= {*row.members, row.secretary_id}:
        problems.add("present", "council_not_a_member")
    if not set(away) <= {*row.members, row.secretary_id}:
        problems.add("absent", "council_not_a_member")
    if set(present) & set(away) or len(set(away)) != len(away):
        problems.add("absent", "council_member_twice")
    missing = [one for one in row.members if one not in present and one not in away]
    if missing and not problems.found:
        names = organisation.people_named(ctx.session, missing)
        problems.add("absent", "council_member_missing", names=", ".join(names.get(one, "…") for one in missing))
    problems.refuse_any()
    record = write(
        ctx, Attendance, key="session_key", session_key=session_key, present=list(present),
        absent=[{"person_id": str(item["person_id"]), "reason": str(item["reason"])} for item in absent],
    )  # fmt: skip
    ctx.note(session=session_key, present=len(record.present), absent=len(record.absent))
    return record

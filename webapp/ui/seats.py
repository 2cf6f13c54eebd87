"""Whose ballots somebody casts at a sitting: his own, and those of members in whose place he acts."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from engine.db import reading
from engine.views import TaskView
from webapp import current
from webapp.ui.words import remember_people
from workflows.council import deputies, queries
from workflows.council.deputies import Place
from workflows.council.sessions import MEMBER_ROLE
from workflows.council.views import SessionView, VoteView
from workflows.errors import NoDeputyVotesError, UnknownLineError
from workflows.organisation.rules import DeputyVotes, deputy_votes
from workflows.rulebook.queries import RuleRow


@dataclass(frozen=True, slots=True)
class Seat:
    """A member's ballots at a sitting, as the person of the request meets them.

    Attributes:
        place: how the person stands in for the member; None at the own seat.

    """

    member_id: str
    votes: tuple[VoteView, ...]
    place: Place | None = None

    @property
    def query(self) -> dict[str, str]:
        """What an address adds to name the seat; nothing for the own."""
        return {"for": self.member_id} if self.place else {}

    @property
    def waiting(self) -> tuple[VoteView, ...]:
        """The lines that wait for a ballot."""
        return tuple(vote for vote in self.votes if vote.state == "open")

    def line(self, line_id: str) -> VoteView:
        """Return one line of the seat.

        Raises:
            UnknownLineError: not a line of this sitting, or not one of this member.

        """
        found = next((vote for vote in self.votes if vote.line_id == line_id), None)
        if found is None:
            raise UnknownLineError("no such line", line=line_id)
        return found


@dataclass(frozen=True, slots=True)
class Bench:
    """All seats of a person at a sitting.

    Attributes:
        seats: the own first, then those of members whose vote was handed on.
        absent: members for whom the person acts otherwise or in vain: their ballots are not here.
        given_to: to whom the person handed his own vote today; `member_id` is the deputy.
        rule: the row that says who may vote in a member's place, where anybody is concerned.

    """

    seats: tuple[Seat, ...]
    absent: tuple[Place, ...] = ()
    given_to: tuple[Place, ...] = ()
    rule: RuleRow | None = None

    @property
    def votes_allowed(self) -> bool:
        """Tell whether the rules of today let anybody vote in a member's place."""
        return self.rule is not None and deputy_votes(self.rule.outputs["value"]) is not DeputyVotes.NOBODY

    def seat(self, member_id: str, line_id: str = "") -> Seat:
        """Return the seat of a member; with no member the own, or the first at which a line is voted on.

        Raises:
            NoDeputyVotesError: the person acts for that member, and may not cast his ballots.
            UnknownLineError: the person has no such seat.

        """
        if any(place.member_id == member_id for place in self.absent):
            raise NoDeputyVotesError("the ballots of this member are not here", member=member_id)
        for seat in self.seats:
            is_meant = (
                seat.member_id == member_id
                if member_id
                else not line_id or any(vote.line_id == line_id for vote in seat.votes)
            )
            if is_meant:
                return seat
        raise UnknownLineError("no such seat", line=line_id)


def asked_member() -> str:
    """Return the member whom the address of the request names, empty for nobody."""
    return request.args.get("for", "")


def bench_of(reader: Session, sitting: SessionView) -> Bench:
    """Return the seats of the person of the request at a sitting, and why other ballots are not there."""
    actor, on = current.actor(), current.business_today()
    members = [member.id for member in sitting.members]
    places = deputies.places_at(reader, actor, members, on)
    given = deputies.given_by(reader, actor.id, on) if actor.id in members else []
    remember_people([*(place.member_id for place in places), *(place.member_id for place in given)])
    seats, absent = [Seat(actor.id, tuple(queries.votes_of(reader, sitting.session_key, actor.id)))], []
    for place in places:
        votes = _votes_instead(reader, sitting, place)
        if place.allowed or any(vote.state == "open" for vote in votes):
            seats.append(Seat(place.member_id, votes, place))
        else:
            absent.append(place)
    rule = deputies.rule_of(reader, on) if places or given else None
    return Bench(tuple(seats), tuple(absent), tuple(given), rule)


def _votes_instead(reader: Session, sitting: SessionView, place: Place) -> tuple[VoteView, ...]:
    """Return the lines of a member as his deputy meets them; a line keeps the rules of the day it opened."""
    if not place.handed:
        return ()
    deputy = current.actor().id
    return tuple(queries.votes_of(reader, sitting.session_key, place.member_id, deputy_id=deputy))


def waiting_for(reader: Session) -> list[VoteView]:
    """Return the ballots that wait for the person of the request, his own and in others' place."""
    actor = current.actor()
    found = queries.open_ballots_of(reader, actor.id)
    for member_id in actor.places(MEMBER_ROLE):
        found += queries.open_ballots_of(reader, member_id, deputy_id=actor.id)
    return found


def ballot_address(task: TaskView) -> str:
    """Return where the ballot of an open task is cast, empty for a task that is no ballot of the person's."""
    if task.step_key != deputies.BALLOT_STEP or task.status != "open":
        return ""
    with reading(current.sessions()) as reader:
        vote = next((vote for vote in waiting_for(reader) if vote.task_id == task.id), None)
    if vote is None:
        return ""
    values: dict[str, Any] = {"session_key": vote.session_key, "line_id": vote.line_id}
    if task.assignee != current.actor().id:
        values["for"] = task.assignee
    return url_for("ballots.show", **values)

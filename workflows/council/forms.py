"""What the steps of the council ask: shape only; whether it holds is asked of the services."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from marshmallow import ValidationError, fields, validate, validates_schema

from engine.clock import VIETNAM
from engine.context import StepContext, Values
from workflows.council import service, sessions
from workflows.council.models import (
    AgendaItem,
    BallotChoice,
    BallotMode,
    CouncilSession,
    Manner,
    NoQuorumResolution,
)
from workflows.facts import latest
from workflows.forms import LONG_TEXT, Choice, Instant, MarshmallowForm, StepForm, Text, problem
from workflows.labels import label
from workflows.organisation import queries as organisation
from workflows.organisation.vietnamese import name_key

MOST_MEMBERS = 100
KEY = r"^[0-9A-Za-zÀ-ỹ][0-9A-Za-zÀ-ỹ._-]*$"


def instant(**kwargs: Any) -> Instant:
    """Return a field for an instant; one without a zone is meant in Vietnam."""
    return Instant(default_timezone=VIETNAM, **kwargs)


def member_choices(ctx: StepContext) -> Sequence[tuple[str, str]]:
    """Return who may sit in the council today: holders of the role, by name; a deputy votes and does not sit."""
    people = organisation.principals_of_role(ctx.session, sessions.MEMBER_ROLE, ctx.today)
    return _by_name(ctx, people)


def a_secretary(ctx: StepContext) -> str:
    """Return somebody who may be secretary, for an example: the last on the list, the first being its chair."""
    found = member_choices(ctx)
    return found[-1][0] if found else "00000000-0000-4000-8000-000000000000"


def line_members(ctx: StepContext) -> Sequence[tuple[str, str]]:
    """Return the members of the line the case is at."""
    line_id = ctx.variables.get("line_id")
    return _by_name(ctx, service.get_line(ctx.session, str(line_id)).members) if line_id else ()


def _by_name(ctx: StepContext, people: Sequence[str]) -> list[tuple[str, str]]:
    names = organisation.people_named(ctx.session, people)
    return sorted(((one, names[one]) for one in people if one in names), key=lambda pair: (name_key(pair[1]), pair[0]))


def session_choices(ctx: StepContext) -> Sequence[tuple[str, str]]:
    """Return the sittings a nomination may still be put on: open, not over, and not those it was on before."""
    query = latest(CouncilSession, "session_key").where(CouncilSession.closed_at.is_(None))
    nomination_id = ctx.variables.get("nomination_id")
    if nomination_id:
        before = sa.select(AgendaItem.session_key).where(AgendaItem.nomination_id == str(nomination_id))
        query = query.where(CouncilSession.session_key.not_in(before))
    rows = ctx.session.scalars(query.order_by(CouncilSession.held_on, CouncilSession.session_key))
    return [
        (row.session_key, f"{_session_words(row)} · {label(f'enums.ballot_mode.{row.mode.value}')}")
        for row in rows
        if row.ballot_deadline_at is None or row.ballot_deadline_at > ctx.now
    ]


def every_session(ctx: StepContext) -> Sequence[tuple[str, str]]:
    """Return all sittings, the newest first."""
    rows = ctx.session.scalars(latest(CouncilSession, "session_key").order_by(CouncilSession.held_on.desc()))
    return [(row.session_key, _session_words(row)) for row in rows]


def _session_words(row: CouncilSession) -> str:
    return f"{row.session_key} · {row.held_on:%d/%m/%Y}"


class SetMembersForm(StepForm):
    """The standing council, as a decision of the head composed it."""

    title = Text(required=True, metadata={"example": "Hội đồng Thi đua - Khen thưởng"})
    decision_number = Text(required=True, longest=60, metadata={"example": "45/QĐ-CTHADS"})
    decided_on = fields.Date(required=True, metadata={"example": lambda ctx: ctx.today.isoformat()})
    valid_from = fields.Date(required=True, metadata={"example": lambda ctx: ctx.today.isoformat()})
    valid_to = fields.Date(load_default=None, allow_none=True)
    chair_id = Choice(choices=member_choices, required=True)
    vice_chair_id = Choice(choices=member_choices, load_default="")
    secretary_id = Text(required=True, longest=60, metadata={"widget": "person", "example": a_secretary})
    members = fields.List(Choice(choices=member_choices), required=True, validate=validate.Length(1, MOST_MEMBERS),
                          metadata={"example": lambda ctx: [key for key, _ in member_choices(ctx)]})  # fmt: skip
    accept_size = fields.Boolean(load_default=False)


SELDOM = {"folded": True}
"""Metadata of what a sitting states only where it differs from the standing council and the rules."""


class CreateSessionForm(StepForm):
    """A sitting. Seats left empty are those of the standing council of the day."""

    session_key = Text(required=True, longest=40, metadata={"example": "PH-2025-01"},
                       validate=validate.Regexp(KEY, error="@council_key_form"))  # fmt: skip
    title = Text(load_default="")
    place = Text(required=True, metadata={"example": "Phòng họp tầng 2, trụ sở cơ quan"})
    opens_at = instant(load_default=None, allow_none=True)
    ballot_deadline_at = instant(load_default=None, allow_none=True)
    mode = Choice(BallotMode, enum="ballot_mode", load_default="")
    chair_id = Choice(choices=member_choices, load_default="", metadata=SELDOM)
    vice_chair_id = Choice(choices=member_choices, load_default="", metadata=SELDOM)
    secretary_id = Text(load_default="", longest=60, metadata={"widget": "person", **SELDOM})
    members = fields.List(
        Choice(choices=member_choices), load_default=list, validate=validate.Length(0, MOST_MEMBERS), metadata=SELDOM
    )
    decision_number = Text(load_default="", longest=60, metadata=SELDOM)
    decided_on = fields.Date(load_default=None, allow_none=True, metadata=SELDOM)
    accept_size = fields.Boolean(load_default=False, metadata=SELDOM)


class CloseSessionForm(StepForm):
    """The sitting whose agenda is closed."""

    session_key = Choice(choices=every_session, required=True)


class AbsenceForm(StepForm):
    """Who is absent, and why."""

    person_id = Text(required=True, longest=60, metadata={"widget": "person"})
    reason = Text(required=True)


class AttendanceForm(StepForm):
    """Who sat at a sitting."""

    session_key = Choice(choices=every_session, required=True)
    present = fields.List(Choice(choices=member_choices), required=True, validate=validate.Length(0, MOST_MEMBERS),
                          metadata={"example": lambda ctx: [key for key, _ in member_choices(ctx)]})  # fmt: skip
    absent = fields.List(fields.Nested(AbsenceForm), load_default=list, validate=validate.Length(0, MOST_MEMBERS))


class ScheduleForm(StepForm):
    """The sitting that shall vote on the nomination."""

    session_key = Choice(choices=session_choices, required=True)


class BallotForm(StepForm):
    """One ballot: the declaration of interest first, then the choice."""

    interest = Choice(("NONE", "DECLARED"), enum="interest", required=True)
    interest_reason = Text(load_default="")
    choice = Choice(BallotChoice, enum="ballot_choice", hinted=True, load_default="")
    manner = Choice(Manner, enum="manner", load_default=Manner.PRESENT.value)
    note = Text(load_default="", longest=1_000, multiline=True)

    @validates_schema
    def one_answer(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Ask for a choice from whoever has no interest, and for the reason of whoever has."""
        if data.get("interest") == "NONE" and not data.get("choice"):
            raise ValidationError(problem("required"), "choice")
        if data.get("interest") == "DECLARED" and not data.get("interest_reason"):
            raise ValidationError(problem("required"), "interest_reason")
        if data.get("interest") == "NONE" and data.get("interest_reason"):
            raise ValidationError(problem("council_reason_without_interest"), "interest_reason")


@dataclass(frozen=True)
class BallotPaperForm(MarshmallowForm):
    """The ballot as the line's mode allows it: of a secret ballot the note is not even offered.

    Who casts it in a member's place declares no interest for him: whoever has one declares it himself.
    """

    def schema(self, ctx: StepContext) -> dict[str, Any]:
        """Return the JSON Schema; it says whether the ballot is secret, what others will see, and whose it is."""
        found = super().schema(ctx)
        mode = self._mode(ctx)
        found["description"] = label(f"step_help.{self.key}.{mode.value}")
        found["x-secret"] = mode is BallotMode.SECRET
        if (member_id := ctx.actor.on_behalf_of) not in {"", ctx.actor.id}:
            self._in_place_of(ctx, member_id, found)
        if mode is BallotMode.SECRET:
            del found["properties"]["note"]
            found["x-order"] = [name for name in found["x-order"] if name != "note"]
        return found

    def _in_place_of(self, ctx: StepContext, member_id: str, found: dict[str, Any]) -> None:
        name = organisation.people_named(ctx.session, [member_id]).get(member_id, "")
        found["description"] = f"{label(f'step_help.{self.key}.DEPUTY', name=name)} {found['description']}"
        found["x-in-place-of"] = {"id": member_id, "name": name}
        interest = found["properties"]["interest"]
        interest["enum"] = ["NONE"]
        interest["x-labels"] = {"NONE": label("council.no_interest_of_either", name=name)}
        del found["properties"]["interest_reason"]
        found["x-order"] = [key for key in found["x-order"] if key != "interest_reason"]

    @staticmethod
    def _mode(ctx: StepContext) -> BallotMode:
        line_id = ctx.variables.get("line_id")
        return service.get_line(ctx.session, str(line_id)).mode if line_id else BallotMode.SECRET


class ChangeBallotForm(StepForm):
    """Another choice on an open line; a deputy names the member whose ballot it is."""

    member_id = Text(load_default="", longest=60)
    line_id = Text(required=True, longest=60, metadata={"example": "00000000-0000-4000-8000-000000000000"})
    choice = Choice(BallotChoice, enum="ballot_choice", required=True)
    note = Text(load_default="", longest=1_000, multiline=True)


class NoQuorumForm(StepForm):
    """How the case goes on without a quorum."""

    resolution = Choice(NoQuorumResolution, enum="no_quorum_resolution", hinted=True, required=True)
    reason = Text(required=True, longest=LONG_TEXT, multiline=True,
                  metadata={"example": "Hai lượt đều không đủ số phiếu theo quy chế."})  # fmt: skip


class ExemplarForm(StepForm):
    """An example the council proposes to replicate."""

    subject = Text(required=True)
    reason = Text(required=True, longest=1_000, multiline=True)


class MinutesForm(StepForm):
    """What the secretary states in the minutes; counts and names are taken from the record."""

    began_at = instant(required=True, metadata={"example": lambda ctx: ctx.now.isoformat()})
    ended_at = instant(required=True, metadata={"example": lambda ctx: ctx.now.isoformat()})
    place = Text(required=True, metadata={"example": "Phòng họp tầng 2, trụ sở cơ quan"})
    present = fields.List(Choice(choices=line_members), required=True, validate=validate.Length(0, MOST_MEMBERS),
                          metadata={"example": lambda ctx: [key for key, _ in line_members(ctx)]})  # fmt: skip
    absent = fields.List(fields.Nested(AbsenceForm), load_default=list, validate=validate.Length(0, MOST_MEMBERS))
    discussion = Text(load_default="", longest=LONG_TEXT, multiline=True)
    exemplars = fields.List(fields.Nested(ExemplarForm), load_default=list, validate=validate.Length(0, 20))


class ConfirmMinutesForm(StepForm):
    """The chair's confirmation, with a remark for the minutes where there is one."""

    confirmed = fields.Boolean(required=True, metadata={"example": True},
                               validate=validate.Equal(True, error="@required"))  # fmt: skip
    remark = Text(load_default="", longest=1_000, multiline=True)


def ballot_example(_ctx: StepContext) -> Values:
    """Return a ballot that `load` accepts on every line."""
    return {"interest": "NONE", "choice": BallotChoice.AGREE.value, "manner": Manner.PRESENT.value}

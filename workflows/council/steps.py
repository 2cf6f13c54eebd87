"""What diagrams and pages may ask of the council: translates forms to service calls and back to variables."""

from datetime import date
from typing import Any

from engine.context import StepContext, Values
from engine.registry import ActionStep, AnyStep, DecisionStep, ServiceStep, UserStep
from workflows.council import ballots, forms, minutes, service, sessions
from workflows.council.models import BallotChoice, BallotMode, Manner, NoQuorumResolution
from workflows.forms import MarshmallowForm, StepForm
from workflows.labels import label
from workflows.nominations.steps import DECLARE_INTEREST

SECRETARIES = frozenset({"council_secretary"})
LINE_OUTPUTS = ("line_id", "ballot_round", "voters", "voter_count", "ballot_deadline_at")


def set_members(ctx: StepContext, values: Values) -> Values:
    """Compose the standing council."""
    return {"council_id": sessions.set_members(ctx, **values).council_id}


def create_session(ctx: StepContext, values: Values) -> Values:
    """Call a sitting."""
    mode = BallotMode(values["mode"]) if values["mode"] else None
    call = sessions.Call(
        values["session_key"], values["title"], values["place"], values["opens_at"], values["ballot_deadline_at"], mode,
        values["accept_size"],
    )  # fmt: skip
    given = sessions.Composition(
        values["chair_id"], values["vice_chair_id"], values["secretary_id"], tuple(values["members"]),
        values["decision_number"], values["decided_on"],
    )  # fmt: skip
    return {"session_key": sessions.create_session(ctx, call, given).session_key}


def close_session(ctx: StepContext, values: Values) -> Values:
    """Close the agenda of a sitting."""
    return {"session_key": sessions.close_session(ctx, values["session_key"]).session_key}


def record_attendance(ctx: StepContext, values: Values) -> Values:
    """Record who sat."""
    row = sessions.record_attendance(ctx, values["session_key"], values["present"], values["absent"])
    return {"session_key": row.session_key, "version": row.version}


def schedule_nomination(ctx: StepContext, values: Values) -> Values:
    """Put the case's nomination on a sitting."""
    row = sessions.schedule_nomination(ctx, values["session_key"], str(ctx.variables["nomination_id"]))
    opens_at = None if row.opens_at is None else row.opens_at.isoformat()
    return {"session_key": row.session_key, "session_opens_at": opens_at}


def open_line(ctx: StepContext, _params: Values) -> Values:
    """Open the first ballot round of the case on its sitting."""
    variables = ctx.variables
    line = service.open_line(ctx, str(variables["session_key"]), str(variables["nomination_id"]))
    return service.variables_of(line)


def open_next_round(ctx: StepContext, _params: Values) -> Values:
    """Open the next ballot round."""
    return service.variables_of(service.open_next_round(ctx, _line(ctx)))


def cast_ballot(ctx: StepContext, values: Values) -> Values:
    """Hand in a ballot. Nothing of it becomes a variable."""
    choice = BallotChoice(values["choice"]) if values["choice"] else None
    paper = ballots.BallotPaper(
        values["interest"] == "DECLARED", values["interest_reason"], choice, Manner(values["manner"]), values["note"]
    )
    ballots.cast_ballot(ctx, _line(ctx), paper)
    return {}


def stand_aside(ctx: StepContext) -> None:
    """Answer the line for a member who declared an interest elsewhere: the ballot asks for nothing any more."""
    ballots.stand_aside(ctx, _line(ctx))


def prefill_ballot(_ctx: StepContext) -> Values:
    """Open the ballot without an interest and at the sitting; the choice is never filled in."""
    return {"interest": "NONE", "manner": Manner.PRESENT.value}


def change_ballot(ctx: StepContext, values: Values) -> Values:
    """Change an open ballot; the door has put the actor in the place of the member who is named."""
    ballots.change_ballot(ctx, values["line_id"], BallotChoice(values["choice"]), values["note"])
    return {"line_id": values["line_id"]}


def close_line(ctx: StepContext, _params: Values) -> Values:
    """Count the line. Its counts stay in the result, the diagram needs none of them."""
    service.close_line(ctx, _line(ctx))
    return {}


def outcome_inputs(ctx: StepContext) -> Values:
    """Ask the table about the counts of the case's line."""
    return service.count_inputs(ctx.session, _line(ctx))


def outcome_day(ctx: StepContext) -> date:
    """Look the table up by the day the line opened."""
    return service.opened_on(ctx.session, _line(ctx))


def settle_outcome(ctx: StepContext, decided: Any) -> Values:
    """Keep the outcome and hand it to the gateway."""
    return {"vote_outcome": service.settle(ctx, _line(ctx), decided).outcome}


def decide_no_quorum(ctx: StepContext, values: Values) -> Values:
    """Decide how to go on without a quorum."""
    resolution = NoQuorumResolution(values["resolution"])
    service.decide_no_quorum(ctx, _line(ctx), resolution, values["reason"])
    return {"no_quorum_resolution": resolution.value}


def confirm_as_secretary(ctx: StepContext, values: Values) -> Values:
    """Draw up and confirm the minutes."""
    minutes.confirm_as_secretary(ctx, _line(ctx), minutes.Report(**values))
    return {}


def prefill_minutes(ctx: StepContext) -> Values:
    """Open the minutes with what the record tells."""
    draft = minutes.draft_of(ctx, _line(ctx))
    known = dict.fromkeys(draft.pop("written"), label("council.written_opinion"))
    for member, name in draft.pop("deputies").items():
        known[member] = label("council.voted_by_deputy", name=name)
    for absence in draft["absent"]:
        absence["reason"] = absence["reason"] or known.get(absence["person_id"], "")
    return draft


def confirm_as_chair(ctx: StepContext, values: Values) -> Values:
    """Confirm the minutes; with that the council has reviewed the nomination."""
    minutes.confirm_as_chair(ctx, _line(ctx), values["remark"])
    return {"council_outcome": "reviewed"}


def _line(ctx: StepContext) -> str:
    return str(ctx.variables["line_id"])


def _form(key: str, form: type[StepForm]) -> MarshmallowForm:
    return MarshmallowForm(key, form)


STEPS: tuple[AnyStep, ...] = (
    ActionStep("council.set_members", _form("council.set_members", forms.SetMembersForm), SECRETARIES, set_members),
    ActionStep("council.create_session", _form("council.create_session", forms.CreateSessionForm), SECRETARIES,
               create_session),
    ActionStep("council.close_session", _form("council.close_session", forms.CloseSessionForm), SECRETARIES,
               close_session),
    ActionStep("council.record_attendance", _form("council.record_attendance", forms.AttendanceForm), SECRETARIES,
               record_attendance),
    ActionStep("council.change_ballot", _form("council.change_ballot", forms.ChangeBallotForm),
               frozenset({"council_member"}), change_ballot, in_place_of="member_id"),
    UserStep("council.schedule_nomination", _form("council.schedule_nomination", forms.ScheduleForm),
             schedule_nomination, ("session_key", "session_opens_at")),
    ServiceStep("council.open_line", open_line, LINE_OUTPUTS),
    ServiceStep("council.open_next_round", open_next_round, LINE_OUTPUTS),
    UserStep("council.cast_ballot",
             forms.BallotPaperForm("council.cast_ballot", forms.BallotForm, forms.ballot_example), cast_ballot,
             prefill=prefill_ballot, secret=True, settled_by={DECLARE_INTEREST: stand_aside}),
    ServiceStep("council.close_line", close_line),
    DecisionStep("vote_outcome", outcome_inputs, outcome_day, settle_outcome, ("vote_outcome",)),
    UserStep("council.decide_no_quorum", _form("council.decide_no_quorum", forms.NoQuorumForm), decide_no_quorum,
             ("no_quorum_resolution",)),
    UserStep("council.confirm_minutes_as_secretary",
             _form("council.confirm_minutes_as_secretary", forms.MinutesForm), confirm_as_secretary,
             prefill=prefill_minutes),
    UserStep("council.confirm_minutes_as_chair",
             _form("council.confirm_minutes_as_chair", forms.ConfirmMinutesForm), confirm_as_chair,
             ("council_outcome",)),
)  # fmt: skip

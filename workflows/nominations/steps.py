"""What the diagrams call about a nomination: forms turned into service calls, and back into variables."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from engine.context import StepContext, Values
from engine.registry import ActionStep, AnyStep, DecisionStep, MessageStep, ServiceStep, UserStep
from engine.tables import plain
from engine.views import TaskView
from workflows.campaigns import queries as campaigns
from workflows.documents.steps import filing_step
from workflows.documents.storage import FileStorage
from workflows.errors import NotYourNominationError, NotYourUnitError
from workflows.forms import CaseForm, MarshmallowForm
from workflows.nominations import eligibility, filing, forms, intake, queries, records, service
from workflows.nominations.models import AwardForm, FlagKind, Nomination, NomineeKind, NoteKind

FIRST_VARIABLES: Values = {
    "checker_id": None, "outcome": None, "council_outcome": None, "director_decision": None, "minister_answer": None,
    "fallback": None,
}  # fmt: skip
"""What later steps set; conditions may ask for it before."""

INTAKE_ENDED = ("intake_outcome", "outcome")
DECLARE_INTEREST = "nominations.declare_interest"
STAFF = frozenset({"staff", "council_member", "council_chair", "council_secretary", "director"})


def _case(ctx: StepContext) -> Nomination:
    return queries.get_nomination(ctx.session, str(ctx.variables["nomination_id"]))


def _open_guard(ctx: StepContext, values: Values) -> None:
    if not ctx.actor.holds("unit_head", values["unit"]):
        raise NotYourUnitError("not the head of this unit", unit=values["unit"])


def _open(ctx: StepContext, values: Values) -> Values:
    row = service.open_nomination(
        ctx, round_key=values["round"], unit_id=values["unit"], nominee_kind=NomineeKind(values["nominee_kind"]),
        nominee_id=values["nominee_id"], proposed_form=AwardForm(values["proposed_form"]),
        letter_number=values["letter_number"], letter_on=values["letter_on"],
    )  # fmt: skip
    return {
        **FIRST_VARIABLES,
        "business_key": row.business_key,
        "nomination_id": row.nomination_id,
        "unit_id": row.unit_id,
        "proposer_id": row.proposer_id,
        "nominee_kind": row.nominee_kind.value,
        "round_key": row.round_key,
        "proposed_form": values["proposed_form"],
    }


def _submit(ctx: StepContext, values: Values) -> Values:
    return {"proposed_form": service.file_proposal(ctx, _case(ctx), values).proposed_form.value}


def _submit_prefill(ctx: StepContext) -> Values:
    """Open with what was stated before; a new dossier with the round's period."""
    nomination = _case(ctx)
    content = queries.content_of(ctx.session, nomination.nomination_id)
    found = service.values_of(ctx, nomination, content)
    awards = campaigns.find_round(ctx.session, nomination.round_key)
    if awards is not None and content.achieved_from is None:
        found |= {"achieved_from": awards.period_from, "achieved_to": min(awards.period_to, ctx.today)}
    return _as_json({**found, "paper": list(content.paper_kinds), "note": content.note})


def _supplement(ctx: StepContext, values: Values) -> Values:
    if "proposed_form" in values:
        values = {"ground": "", **values}  # a form without a ground takes the ground away
    return {"proposed_form": service.supplement(ctx, _case(ctx), values).proposed_form.value}


def _supplement_prefill(ctx: StepContext) -> Values:
    nomination = _case(ctx)
    content = queries.content_of(ctx.session, nomination.nomination_id)
    wanted = forms.supplement_fields(ctx) or ()
    found = service.values_of(ctx, nomination, content)
    return _as_json({name: value for name, value in found.items() if name in wanted})


def _as_json(values: dict[str, Any]) -> Values:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if value not in (None, "")
    }


def _check(ctx: StepContext, values: Values) -> Values:
    row = intake.check_completeness(
        ctx, _case(ctx), items=values["items"], outcome=values["outcome"], reason=values["reason"]
    )
    ended = _ended("out_of_scope") if row.outcome == "rejected" else {}
    return {"completeness": row.outcome, "checker_id": ctx.actor.id, **ended}


def _ended(outcome: str) -> Values:
    return dict.fromkeys(INTAKE_ENDED, outcome)


def _eligibility_inputs(ctx: StepContext) -> Values:
    return eligibility.table_inputs(ctx.session, _case(ctx), ctx.today)


def _filed_on(ctx: StepContext) -> date:
    return intake.filing_day(queries.content_of(ctx.session, _case(ctx).nomination_id))


def _assess(ctx: StepContext, value: Any) -> Values:
    row = intake.assess_eligibility(ctx, _case(ctx), plain(value) or [], _filed_on(ctx))
    return {"eligibility": row.outcome}


def _handle_block(ctx: StepContext, values: Values) -> Values:
    resolution = values["resolution"]
    intake.state(ctx, _case(ctx), NoteKind.BLOCK_RESOLUTION, resolution, values["reason"])
    ended = _ended("ineligible") if resolution == "conclude" else {}
    return {"block_resolution": resolution, **ended}


def _acknowledge(ctx: StepContext, values: Values) -> Values:
    intake.acknowledge_warnings(ctx, _case(ctx), codes=values["codes"], text=values["text"])
    return {}


def _appraise(ctx: StepContext, values: Values) -> Values:
    intake.state(ctx, _case(ctx), NoteKind.APPRAISAL, values["recommendation"], values["report"])
    return {"intake_outcome": "accepted"}


def _notify_unsuccessful(ctx: StepContext, _params: Values) -> Values:
    intake.notify_unsuccessful(ctx, _case(ctx), str(ctx.variables["outcome"]))
    return {}


def _proposer_only(ctx: StepContext, task: TaskView) -> None:
    found = queries.get_nomination(ctx.session, task.business_key)
    if found.proposer_id != ctx.actor.id:
        raise NotYourNominationError("only the proposer withdraws", business_key=task.business_key)


def _withdraw(ctx: StepContext, values: Values) -> Values:
    service.withdraw(ctx, _case(ctx), values["reason"])
    return {"council_outcome": "withdrawn", "outcome": "withdrawn"}


def _named(ctx: StepContext, key: str) -> Nomination:
    found = queries.get_nomination(ctx.session, key)
    ctx.business_key = found.business_key
    return found


def _declare(ctx: StepContext, values: Values) -> Values:
    row = records.declare_interest(ctx, _named(ctx, values["nomination"]), values["reason"])
    return {"recusal_id": row.recusal_id}


def _undeclare(ctx: StepContext, values: Values) -> Values:
    row = records.withdraw_interest(ctx, _named(ctx, values["nomination"]), values["reason"])
    return {"recusal_id": row.recusal_id}


def _raise_flag(ctx: StepContext, values: Values) -> Values:
    row = records.raise_flag(
        ctx, nominee_kind=NomineeKind(values["nominee_kind"]), nominee_id=values["nominee_id"],
        kind=FlagKind(values["kind"]), raised_on=values["raised_on"], closed_on=values["closed_on"],
        document=values["document"], text=values["text"],
    )  # fmt: skip
    return {"flag_id": row.flag_id}


def _close_flag(ctx: StepContext, values: Values) -> Values:
    row = records.close_flag(
        ctx, values["flag_id"], closed_on=values["closed_on"], document=values["document"], text=values["text"]
    )
    return {"flag_id": row.flag_id}


def _rows(ctx: StepContext) -> int:
    return len(forms.check_prefill(ctx)["items"])


USER_STEPS = (
    UserStep(
        "nominations.submit_proposal",
        CaseForm("nominations.submit_proposal", forms.ProposalForm, forms.proposal_example,
                       shown=forms.proposal_fields),
        _submit, ("proposed_form",), _submit_prefill,
    ),
    UserStep(
        "nominations.check_completeness",
        CaseForm("nominations.check_completeness", forms.CheckForm, forms.check_example, rows={"items": _rows}),
        _check, ("completeness", "checker_id", *INTAKE_ENDED), forms.check_prefill,
    ),
    UserStep(
        "nominations.supplement_dossier",
        CaseForm("nominations.supplement_dossier", forms.SupplementForm, forms.supplement_example,
                       shown=forms.supplement_fields),
        _supplement, ("proposed_form",), _supplement_prefill,
    ),
    UserStep("nominations.handle_block", MarshmallowForm("nominations.handle_block", forms.BlockForm),
             _handle_block, ("block_resolution", *INTAKE_ENDED)),
    UserStep("nominations.acknowledge_warnings",
             MarshmallowForm("nominations.acknowledge_warnings", forms.WarningsForm, forms.warnings_example),
             _acknowledge),
    UserStep("nominations.appraise", MarshmallowForm("nominations.appraise", forms.AppraisalForm), _appraise,
             ("intake_outcome",)),
)  # fmt: skip

STEPS: tuple[AnyStep, ...] = (
    ActionStep("nominations.open", MarshmallowForm("nominations.open", forms.OpenForm, forms.open_example),
               frozenset({"unit_head"}), _open, _open_guard, starts="nomination"),
    *USER_STEPS,
    DecisionStep(eligibility.TABLE, _eligibility_inputs, _filed_on, _assess, ("eligibility",)),
    ServiceStep("nominations.notify_unsuccessful", _notify_unsuccessful),
    MessageStep("nominations.withdraw", "withdrawal", MarshmallowForm("nominations.withdraw", forms.WithdrawalForm),
                frozenset({"unit_head"}), _withdraw, ("council_outcome", "outcome"), _proposer_only),
    ActionStep(DECLARE_INTEREST, MarshmallowForm(DECLARE_INTEREST, forms.InterestForm), STAFF, _declare),
    ActionStep("nominations.withdraw_interest", MarshmallowForm("nominations.withdraw_interest", forms.InterestForm),
               STAFF, _undeclare),
    ActionStep("nominations.raise_flag", MarshmallowForm("nominations.raise_flag", forms.FlagForm, forms.flag_example),
               frozenset({"personnel_officer"}), _raise_flag),
    ActionStep("nominations.close_flag",
               MarshmallowForm("nominations.close_flag", forms.CloseFlagForm, forms.close_flag_example),
               frozenset({"personnel_officer"}), _close_flag),
)  # fmt: skip


def build_steps(storage: FileStorage) -> Iterable[AnyStep]:
    """Return the steps of this room that touch files: it knows who may file what for a nomination."""
    return (filing_step(storage, roles=filing.ROLES, guard=filing.may_file),)

"""Steps of a change of rules: translate between forms and the service."""

from engine.context import StepContext, Values
from engine.registry import ActionStep, AnyStep, ServiceStep, UserStep
from workflows.forms import MarshmallowForm
from workflows.rulebook import forms, queries, service
from workflows.rulebook.models import ChangeOutcome, ChangeProposal


def _change(ctx: StepContext) -> ChangeProposal:
    return queries.get_change(ctx.session, str(ctx.variables["change_id"]))


def _propose(ctx: StepContext, values: Values) -> Values:
    row = service.propose_table(ctx, **values)
    return {
        "business_key": row.change_key, "change_id": row.change_id, "change_kind": row.kind.value,
        "subject_key": row.subject_key, "proposer_id": row.proposer_id, "change_outcome": None,
    }  # fmt: skip


def _review(ctx: StepContext, values: Values) -> Values:
    outcome = ChangeOutcome(values["outcome"])
    return {"change_outcome": service.review(ctx, _change(ctx), outcome=outcome, reason=values["reason"]).outcome.value}


def _put_in_force(ctx: StepContext, _params: Values) -> Values:
    service.put_in_force(ctx, _change(ctx))
    return {}


STEPS: tuple[AnyStep, ...] = (
    ActionStep(
        "rulebook.propose_change", MarshmallowForm("rulebook.propose_change", forms.ProposeChangeForm),
        frozenset({"personnel_officer", "administrator"}), _propose, starts="change_approval",
    ),
    UserStep(
        "rulebook.review_change", MarshmallowForm("rulebook.review_change", forms.ReviewChangeForm), _review,
        outputs=("change_outcome",),
    ),
    ServiceStep("rulebook.put_in_force", _put_in_force),
)  # fmt: skip

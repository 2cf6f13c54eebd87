"""Steps of a change of rules: translate between forms and the service."""

from engine.context import StepContext, Values
from engine.registry import ActionStep, AnyStep, MessageStep, ServiceStep, UserStep
from engine.views import TaskView
from workflows.errors import NotYourChangeError
from workflows.forms import MarshmallowForm
from workflows.rulebook import forms, queries, service
from workflows.rulebook.models import ChangeOutcome, ChangeProposal


def _change(ctx: StepContext) -> ChangeProposal:
    return queries.get_change(ctx.session, str(ctx.variables["change_id"]))


def _propose_table(ctx: StepContext, values: Values) -> Values:
    return _begun(service.propose_table(ctx, **values))


def _propose_diagram(ctx: StepContext, values: Values) -> Values:
    return _begun(service.propose_diagram(ctx, **values))


def _begun(row: ChangeProposal) -> Values:
    return {
        "business_key": row.change_key, "change_id": row.change_id, "change_kind": row.kind.value,
        "subject_key": row.subject_key, "proposer_id": row.proposer_id, "change_outcome": None,
    }  # fmt: skip


def _review(ctx: StepContext, values: Values) -> Values:
    outcome = ChangeOutcome(values["outcome"])
    return {"change_outcome": service.review(ctx, _change(ctx), outcome=outcome, reason=values["reason"]).outcome.value}


def _withdraw(ctx: StepContext, values: Values) -> Values:
    service.withdraw(ctx, _change(ctx), reason=values["reason"])
    return {"change_outcome": "withdrawn"}


def _proposer_only(ctx: StepContext, _task: TaskView) -> None:
    if ctx.variables.get("proposer_id") != ctx.actor.id:
        raise NotYourChangeError("only the proposer takes a change back", business_key=ctx.business_key)


def _put_in_force(ctx: StepContext, _params: Values) -> Values:
    service.put_in_force(ctx, _change(ctx))
    return {}


DRAFTERS = frozenset({"personnel_officer", "administrator"})

STEPS: tuple[AnyStep, ...] = (
    ActionStep(
        "rulebook.propose_change", MarshmallowForm("rulebook.propose_change", forms.ProposeChangeForm),
        DRAFTERS, _propose_table, starts="change_approval",
    ),
    ActionStep(
        "rulebook.propose_diagram", MarshmallowForm("rulebook.propose_diagram", forms.ProposeDiagramForm),
        frozenset({"administrator"}), _propose_diagram, starts="change_approval",
    ),
    UserStep(
        "rulebook.review_change", MarshmallowForm("rulebook.review_change", forms.ReviewChangeForm), _review,
        outputs=("change_outcome",),
    ),
    MessageStep(
        "rulebook.withdraw_change", "change_withdrawal",
        MarshmallowForm("rulebook.withdraw_change", forms.WithdrawChangeForm), DRAFTERS, _withdraw,
        ("change_outcome",), _proposer_only,
    ),
    ServiceStep("rulebook.put_in_force", _put_in_force),
)  # fmt: skip

"""Steps of deciding and issuing: translate between forms and the service."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from engine.context import StepContext, Values
from engine.errors import NotInBulkError
from engine.registry import ActionStep, AnyStep, DecisionStep, JobStep, MessageStep, ServiceStep, UserStep
from workflows.decisions import forms, printing, queries, service, signing
from workflows.decisions.models import DirectorChoice
from workflows.decisions.press import Press
from workflows.documents.storage import FileStorage
from workflows.forms import MarshmallowForm


def _nomination_id(ctx: StepContext) -> str:
    return str(ctx.variables["nomination_id"])


def _decide(ctx: StepContext, values: Values) -> Values:
    row = service.decide(ctx, nomination_id=_nomination_id(ctx), decision=values["decision"], reason=values["reason"])
    outcome = {"outcome": service.REJECTED} if row.decision is DirectorChoice.REJECT else {}
    return {"director_decision": row.decision.value, **outcome}


def _only_as_advised(ctx: StepContext, values: Values) -> None:
    """Let a list grant what the council advised; whatever needs a reason is decided case by case.

    Raises:
        NotInBulkError: a departure from the vote, a return or a refusal.

    """
    if service.needs_own_reason(ctx, nomination_id=_nomination_id(ctx), decision=values["decision"]):
        raise NotInBulkError("this decision needs a reason of its own", step="decisions.decide")


def _sign(ctx: StepContext, values: Values) -> Values:
    row = signing.sign(ctx, nomination_id=_nomination_id(ctx), together=values["together"], capacity=values["capacity"])
    return {"decision_id": row.decision_id}


def _sign_prefill(ctx: StepContext) -> Values:
    return {"together": []}


def _take_over(ctx: StepContext, values: Values) -> Values | None:
    line = queries.line_of_nomination(ctx.session, _nomination_id(ctx))
    named = line is not None and line.decision_id == values["decision_id"]
    return {"decision_id": values["decision_id"]} if named else None


def _prize_inputs(ctx: StepContext) -> Values:
    decision = queries.decision_of_nomination(ctx.session, _nomination_id(ctx))
    return {"form": decision.form.value, "nominee_kind": str(ctx.variables["nominee_kind"])}


def _decided_on(ctx: StepContext) -> date:
    return queries.decision_of_nomination(ctx.session, _nomination_id(ctx)).signed_on


def _prize(ctx: StepContext, found: Any) -> Values:
    service.record_prize(ctx, nomination_id=_nomination_id(ctx), found=found)
    return {}


def _register(ctx: StepContext, values: Values) -> Values:
    service.register(ctx, nomination_id=_nomination_id(ctx), **values)
    return {}


def _honour(ctx: StepContext, values: Values) -> Values:
    service.record_honour(ctx, nomination_id=_nomination_id(ctx), **values)
    return {}


def _fall_back(ctx: StepContext, _params: Values) -> Values:
    service.fall_back(ctx, nomination_id=_nomination_id(ctx))
    return {}


STEPS: tuple[AnyStep, ...] = (
    UserStep(
        "decisions.decide", MarshmallowForm("decisions.decide", forms.DecideForm), _decide,
        outputs=("director_decision", "outcome"), bulk=True, bulk_guard=_only_as_advised,
    ),
    UserStep(
        "decisions.sign_decision", MarshmallowForm("decisions.sign_decision", forms.SignForm), _sign,
        outputs=("decision_id",), prefill=_sign_prefill,
    ),
    MessageStep(
        "decisions.receive_signed", "decision_signed", MarshmallowForm("decisions.receive_signed", forms.MovedForm),
        frozenset({"system"}), _take_over, outputs=("decision_id",),
    ),
    DecisionStep("prize", _prize_inputs, _decided_on, _prize),
    UserStep(
        "decisions.register_decision", MarshmallowForm("decisions.register_decision", forms.RegisterForm), _register,
    ),
    MessageStep(
        "decisions.receive_registered", "decision_registered",
        MarshmallowForm("decisions.receive_registered", forms.MovedForm), frozenset({"system"}), _take_over,
        outputs=("decision_id",),
    ),
    UserStep(
        "decisions.record_honour", MarshmallowForm("decisions.record_honour", forms.HonourForm), _honour, bulk=True,
    ),
    ServiceStep("decisions.fall_back", _fall_back),
)  # fmt: skip


def build_printing_steps(storage: FileStorage, press: Press) -> Iterable[AnyStep]:
    """Return the steps that print papers or read files.

    Args:
        storage: where papers and scans are kept.
        press: sets papers in type.

    """

    def file_scan(ctx: StepContext, values: Values) -> Values:
        row = service.file_signed_scan(ctx, storage, **values)
        return {"document_id": row.document_id}

    def prepare(ctx: StepContext, _params: Values) -> Values:
        return printing.prepare_papers(ctx.session, _nomination_id(ctx))

    def perform(prepared: Values) -> Values:
        return printing.print_papers(storage, press, prepared)

    def apply(ctx: StepContext, printed: Values) -> Values:
        printing.record_papers(ctx, printed)
        return {}

    return (
        ActionStep(
            "decisions.file_signed_scan", MarshmallowForm("decisions.file_signed_scan", forms.ScanForm),
            frozenset({"records_officer"}), file_scan,
        ),
        JobStep("decisions.render_certificate", prepare, perform, apply),
    )  # fmt: skip

"""Steps of a referral: translate between forms and the service."""

from datetime import date
from typing import Any

from engine.context import StepContext, Values
from engine.registry import ActionStep, AnyStep, DecisionStep, MessageStep, UserStep
from workflows.decisions.authority import authority_for
from workflows.decisions.forms import HonourForm
from workflows.decisions.service import record_honour
from workflows.documents.signatures import looker_up
from workflows.forms import MarshmallowForm, StepForm
from workflows.referrals import forms, service
from workflows.separation import nominee_and_recused_keep_away

FALLBACK = "fallback_to_giay_khen_if_declined"


def _nomination_id(ctx: StepContext) -> str:
    return str(ctx.variables["nomination_id"])


def _form(key: str, form: type[StepForm]) -> MarshmallowForm:
    return MarshmallowForm(key, form)


def _prepare(ctx: StepContext, values: Values) -> Values:
    service.prepare_letter(ctx, nomination_id=_nomination_id(ctx), **values)
    return {}


def _prepare_prefill(ctx: StepContext) -> Values:
    return {"addressee": authority_for(looker_up(ctx.session), service.FORM, ctx.today).minister_title}


def _sign(ctx: StepContext, values: Values) -> Values:
    service.sign_letter(ctx, nomination_id=_nomination_id(ctx), capacity=values["capacity"])
    return {}


def _send(ctx: StepContext, values: Values) -> Values:
    service.send(ctx, nomination_id=_nomination_id(ctx), **values)
    return {}


def _today(ctx: StepContext) -> date:
    return ctx.today


def _send_prefill(ctx: StepContext) -> Values:
    return {"sent_on": ctx.today.isoformat()}


def _record_answer(ctx: StepContext, values: Values) -> Values:
    row = service.record_answer(ctx, nomination_id=_nomination_id(ctx), **values)
    return {"minister_answer": row.answer.value}


def _record_hop(ctx: StepContext, values: Values) -> Values:
    return {"hop_id": service.record_hop(ctx, **values).hop_id}


def _fallback(_ctx: StepContext, value: Any) -> Values:
    allowed = bool(value)
    return {"fallback": allowed, **({} if allowed else {"outcome": service.DECLINED})}


def _receive(ctx: StepContext, values: Values) -> Values:
    record_honour(ctx, nomination_id=_nomination_id(ctx), **values)
    return {}


STEPS: tuple[AnyStep, ...] = (
    UserStep(
        "referrals.prepare_letter", _form("referrals.prepare_letter", forms.PrepareLetterForm), _prepare,
        prefill=_prepare_prefill,
    ),
    UserStep("referrals.sign_letter", _form("referrals.sign_letter", forms.SignLetterForm), _sign),
    UserStep("referrals.send", _form("referrals.send", forms.SendForm), _send, prefill=_send_prefill),
    MessageStep(
        "referrals.record_answer", "minister_answer", _form("referrals.record_answer", forms.AnswerForm),
        frozenset({"records_officer", "personnel_officer"}), _record_answer, outputs=("minister_answer",),
        guard=nominee_and_recused_keep_away,
    ),
    ActionStep(
        "referrals.record_hop", _form("referrals.record_hop", forms.HopForm),
        frozenset({"records_officer", "personnel_officer"}), _record_hop,
    ),
    DecisionStep(
        "policy", lambda _ctx: {"parameter": FALLBACK}, _today, _fallback, outputs=("fallback", "outcome"),
    ),
    UserStep("referrals.receive_award", _form("referrals.receive_award", HonourForm), _receive),
)  # fmt: skip

"""Điều hành hồ sơ: let a case rest, go on or end, and repair it; what an operator proposes another person decides."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.commands.instances import cancel_instance
from engine.commands.interventions import approve_request, propose_repair, reject_request
from engine.commands.suspension import resume_instance, suspend_instance
from engine.errors import (
    ConflictError,
    EngineError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    RepairVoidError,
)
from engine.intervention_views import RepairPlan, RepairPreview, RepairView, SuspensionView
from engine.views import InstanceView
from webapp import current
from webapp.errors import error_text, status_of
from webapp.i18n import t
from webapp.requests import sent_key
from webapp.security import allowed
from webapp.typed import moment_of, normalise
from webapp.ui.cases import DiagramView, case_page, diagrams_of, where_it_is
from webapp.ui.repair_forms import RepairForm, beside, form_of, plan_from
from webapp.ui.repair_values import Sent
from webapp.ui.words import remember_people

bp = Blueprint("operations", __name__, url_prefix="/admin")
READERS = ("administrator", "auditor", "director")
APPROVERS = ("administrator", "director")
OPERATOR = "administrator"
_TOLD = ("instance.", "repair.", "job.")
"""Kinds of events this page tells: how the case was handled, not what people did in it."""


@dataclass(frozen=True, slots=True)
class Handling:
    """What the page of a case under an operator's hands shows."""

    instance: InstanceView
    sentence: str
    diagrams: tuple[DiagramView, ...]
    rest: SuspensionView | None
    requests: tuple[RepairView, ...]


@bp.get("/cases")
@allowed(*READERS)
def index() -> ResponseReturnValue:
    """List what waits for approval and what rests; go to a case by its key."""
    key, engine = normalise(request.args.get("key", "")), current.engine()
    trouble = ""
    if key:
        found = queries.find_instance(engine, key)
        if found is not None:
            return redirect(url_for("operations.show", instance_id=found.id))
        trouble = t("operations.no_such_case", key=key[:80])
    resting = queries.list_suspended(engine)
    requests = queries.list_requests(engine)
    remember_people([one.proposer_id for one in requests])
    return render_template(
        "operations/index.html",
        resting=resting,
        requests=requests,
        key=key,
        trouble=trouble,
        rests=queries.suspensions_of(engine, [one.id for one in resting]),
    )


@bp.get("/cases/<uuid:instance_id>")
@allowed(*READERS)
def show(instance_id: UUID) -> ResponseReturnValue:
    """Show how a case is handled: whether it rests, what is proposed, what may be done."""
    return _page(instance_id)


def _page(
    instance_id: UUID, at: str = "", trouble: str = "", typed: str = "", status: int = 200
) -> ResponseReturnValue:
    engine = current.engine()
    handling = handling_of(instance_id)
    now = current.business_now()
    due = [one for one in queries.due_timers(engine, instance_id) if one.due_at and one.due_at <= now]
    case = case_page(instance_id, with_path=False)
    page = render_template(
        "operations/show.html",
        h=handling,
        at=at,
        trouble=trouble,
        typed=typed,
        overdue=due,
        tasks=case.tasks,
        timers=queries.due_timers(engine, instance_id),
        messages=queries.waiting_messages(engine, instance_id),
        events=[event for event in case.events if event.kind.startswith(_TOLD)],
        key=str(uuid4()),
        whys=queries.reasons_of_interventions(engine, instance_id),
    )
    return page, status


def handling_of(instance_id: UUID) -> Handling:
    """Return a case as its operator sees it: no dossier, no name of a nominee."""
    engine = current.engine()
    instance = queries.get_instance(engine, instance_id)
    tasks = queries.open_tasks_of_instance(engine, instance_id)
    requests = queries.list_requests(engine, instance_id=instance_id)
    remember_people([one.proposer_id for one in requests])
    return Handling(
        instance,
        where_it_is(instance, None, tasks),
        tuple(diagrams_of(instance)),
        queries.suspensions_of(engine, [instance_id]).get(instance_id),
        requests,
    )


@bp.post("/cases/<uuid:instance_id>/suspend")
@allowed(OPERATOR)
def suspend(instance_id: UUID) -> ResponseReturnValue:
    """Let a case rest, with a reason."""
    return _handled(instance_id, "suspend", suspend_instance)


@bp.post("/cases/<uuid:instance_id>/resume")
@allowed(OPERATOR)
def resume(instance_id: UUID) -> ResponseReturnValue:
    """Let a suspended case go on, with a reason."""
    return _handled(instance_id, "resume", resume_instance)


@bp.post("/cases/<uuid:instance_id>/cancel")
@allowed(OPERATOR)
def cancel(instance_id: UUID) -> ResponseReturnValue:
    """End a case without a result, with a reason."""
    return _handled(instance_id, "cancel", cancel_instance)


def _handled(instance_id: UUID, what: str, door: Callable[..., object]) -> ResponseReturnValue:
    reason = normalise(request.form.get("reason", ""))
    try:
        door(current.engine(), instance_id, current.actor(), reason, idempotency_key=sent_key())
    except (InvalidInputError, ConflictError) as error:
        return _page(instance_id, what, error_text(error), reason, status_of(error))
    flash(t(f"operations.done_{what}"))
    return redirect(url_for("operations.show", instance_id=instance_id))


@bp.get("/cases/<uuid:instance_id>/repair")
@allowed(OPERATOR)
def repair(instance_id: UUID) -> ResponseReturnValue:
    """Show the form of a repair: where a token may be moved, which values may be changed; or people found for one."""
    form = _form(instance_id, request.args)
    wanted = request.headers.get("HX-Target", "").removeprefix("options-")
    line = next((one for one in form.variables if one.variable.name == wanted), None)
    if line is not None:
        return render_template("operations/people.html", line=line)
    return _repair_page(instance_id, form)


def _form(instance_id: UUID, sent: Sent) -> RepairForm:
    return form_of(queries.get_instance(current.engine(), instance_id), sent)


def _repair_page(instance_id: UUID, form: RepairForm, whole: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template("operations/repair.html", form=form, h=handling_of(instance_id), whole=whole)
    return page, status


@bp.post("/cases/<uuid:instance_id>/repair/preview")
@allowed(OPERATOR)
def preview(instance_id: UUID) -> ResponseReturnValue:
    """Carry the repair out, look, and take it back; nothing is sent yet. Or go back to the form as it was filled in."""
    form = _form(instance_id, request.form)
    if "_again" in request.form:
        return _repair_page(instance_id, form)
    plan, errors = plan_from(form)
    if errors:
        return _repair_page(instance_id, form.with_errors(errors), status=422)
    try:
        seen = queries.preview_repair(current.engine(), instance_id, current.actor(), plan)
    except (InvalidInputError, ConflictError) as error:
        return _refused(instance_id, form, error)
    page = render_template(
        "operations/preview.html",
        form=form,
        seen=seen,
        h=handling_of(instance_id),
        key=str(uuid4()),
        plan=plan,
        keeps_deadline=keeps_deadline(plan, seen),
    )
    return page, 200


def keeps_deadline(plan: RepairPlan, seen: RepairPreview) -> bool:
    """Tell whether a plan changes an instant that no timer will run by: one that runs keeps its own."""
    due = [one.due_at for one in seen.waiting if one.due_at is not None]
    instants = (moment_of(value) for name, value in plan.variables.items() if name.endswith("_at"))
    wanted = {instant for instant in instants if instant is not None}
    return bool(due) and not wanted <= set(due)


def _refused(instance_id: UUID, form: RepairForm, error: EngineError) -> ResponseReturnValue:
    errors, whole = beside(form, error)
    return _repair_page(instance_id, form.with_errors(errors), whole, status_of(error))


@bp.post("/cases/<uuid:instance_id>/repair")
@allowed(OPERATOR)
def propose(instance_id: UUID) -> ResponseReturnValue:
    """Send a repair for approval."""
    form = _form(instance_id, request.form)
    plan, errors = plan_from(form)
    if errors:
        return _repair_page(instance_id, form.with_errors(errors), status=422)
    try:
        asked = propose_repair(
            current.engine(), instance_id, current.actor(), plan, form.reason, idempotency_key=sent_key()
        )
    except (InvalidInputError, ConflictError) as error:
        return _refused(instance_id, form, error)
    flash(t("operations.sent"))
    return redirect(url_for("operations.request_page", request_id=asked.request_id))


@bp.get("/requests/<uuid:request_id>")
@allowed(*READERS)
def request_page(request_id: UUID) -> ResponseReturnValue:
    """Show a proposal: what it does, why, what would come of it, and who decided what."""
    return _request(request_id)


def _request(request_id: UUID, trouble: str = "", typed: str = "", status: int = 200) -> ResponseReturnValue:
    engine, actor = current.engine(), current.actor()
    asked = queries.get_request(engine, request_id)
    remember_people([asked.proposer_id, asked.decider_id])
    may_decide = asked.state == "proposed" and current.holds(*APPROVERS)
    page = render_template(
        "operations/request.html",
        r=asked,
        trouble=trouble,
        typed=typed,
        key=str(uuid4()),
        own=asked.proposer_id == actor.id,
        may_decide=may_decide,
        **_what_it_does(asked, may_decide),
    )
    return page, status


def _what_it_does(asked: RepairView, may_decide: bool) -> dict[str, object]:
    """Return what the page shows of a repair, or of a migration."""
    engine = current.engine()
    if asked.instance_id is None:
        chosen = set(asked.instances)
        open_now = asked.state == "proposed"
        found = queries.migration_verdicts(engine, asked.process_key, asked.before, asked.after) if open_now else ()
        cases = [one for one in found if one.instance_id in chosen]
        return {"h": None, "seen": None, "void": "", "cases": cases, "keeps_deadline": False}
    seen, void = None, ""
    try:
        if may_decide:
            seen = queries.preview_repair(
                engine, asked.instance_id, current.actor(), asked.plan, revision=asked.revision
            )
    except (RepairVoidError, NotFoundError, ConflictError, InvalidInputError):
        void = t("operations.is_void")
    keeps = seen is not None and keeps_deadline(asked.plan, seen)
    return {"h": handling_of(asked.instance_id), "seen": seen, "void": void, "cases": (), "keeps_deadline": keeps}


@bp.post("/requests/<uuid:request_id>/approve")
@allowed(*APPROVERS)
def approve(request_id: UUID) -> ResponseReturnValue:
    """Approve a proposal of somebody else, which is carried out by that."""
    return _decided(request_id, "approve", approve_request)


@bp.post("/requests/<uuid:request_id>/reject")
@allowed(*APPROVERS)
def reject(request_id: UUID) -> ResponseReturnValue:
    """Reject a proposal of somebody else, with a reason."""
    return _decided(request_id, "reject", reject_request)


def _decided(request_id: UUID, what: str, door: Callable[..., object]) -> ResponseReturnValue:
    reason, key = normalise(request.form.get("reason", "")), sent_key()
    try:
        door(current.engine(), request_id, current.actor(), reason, idempotency_key=key)
    except (InvalidInputError, ConflictError, ForbiddenError) as error:
        return _request(request_id, error_text(error), reason, status_of(error))
    flash(t(f"operations.done_{what}"))
    return redirect(url_for("operations.request_page", request_id=request_id))

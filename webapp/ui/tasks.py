"""One task: read it, take it, give it back, fill it in, send it, see what became of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.access import stands_in
from engine.commands import tasks as doors
from engine.errors import (
    ConflictError,
    EngineError,
    ForbiddenError,
    InvalidInputError,
    NotYourTaskError,
    StaleDraftError,
    TaskNotOpenError,
)
from engine.registry import UserStep
from engine.views import TaskView
from webapp import current
from webapp.errors import error_text, is_fragment, status_of
from webapp.forms import field_errors, fields_of, in_words, read_form, unplaced
from webapp.i18n import language, t
from webapp.requests import sent_key
from webapp.security import STAFF, allowed
from webapp.typed import normalise
from webapp.ui import step_forms
from webapp.ui.case_acts import acts_of
from webapp.ui.cases import case_page
from webapp.ui.choices import source
from webapp.ui.dossier import dossier_of
from webapp.ui.drafts import keep_draft, read_version
from webapp.ui.hands import RefusedHand, hands_of, receiver_and_reason, refused_hand
from webapp.ui.notes import notes_on
from webapp.ui.seats import ballot_address
from webapp.ui.signing import held_back, preview_of
from webapp.ui.uploads import upload_of
from webapp.ui.votes import votes_on
from webapp.visibility import visible_task

bp = Blueprint("tasks", __name__, url_prefix="/tasks/<uuid:task_id>")


def is_mine(task: TaskView) -> bool:
    """Tell whether I hold the task, or cast its ballot in the holder's place, and it still waits."""
    me = current.actor()
    return task.status == "open" and (task.assignee == me.id or stands_in(me, task))


@bp.get("")
@allowed(STAFF)
def show(task_id: UUID) -> ResponseReturnValue:
    """Show the task: its form when I hold it, what can be done about it when not; a ballot is cast at its sitting."""
    task = visible_task(task_id)
    ballot = "" if task.suspended else ballot_address(task)
    return redirect(ballot) if ballot else render_task(task)


def render_task(
    task: TaskView,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
    whole: str = "",
    status: int = 200,
    *,
    hand: RefusedHand | None = None,
) -> ResponseReturnValue:
    """Return the page of a task.

    Args:
        task: as it is now.
        values: what was typed and refused; the form's own values when None.
        errors: field → sentences; `_file` for the upload.
        whole: a sentence about the whole form.
        status: of the answer.
        hand: what was refused of what may be done beside the form.

    """
    fields, form, upload = [], None, None
    mine = is_mine(task) and not task.suspended
    case = case_page(task.instance_id)
    try:
        form = queries.task_form(current.engine(), task.id, current.actor()) if mine else None
    except ForbiddenError as error:  # kept away since the task came, by an interest declared on another page
        mine, whole = False, error_text(error)
    if form is not None:
        standing = form.values if values is None else values
        fields = fields_of(form.schema, standing, errors, language=language(), options=source())
        upload = upload_of(task, case.nomination, errors or {})
        whole = whole or unplaced(fields, errors or {})
    elif whole == "" and task.status != "open":
        whole = t("task.over")
    page = render_template(
        "tasks/task.html",
        task=task,
        form=form,
        fields=fields,
        whole=whole,
        mine=mine,
        case=case,
        upload=upload,
        dossier=dossier_of(case.nomination.id) if case.nomination else None,
        key=str(uuid4()),
        hands=hands_of(task),
        hand=hand,
        notes=notes_on(task.business_key, running=case.instance.ended_at is None, task_id=str(task.id)),
        may_take=_may_take(task),
        acts=acts_of(case) if mine else (),
        signing=preview_of(task, fields) if mine else None,
        votes=votes_on(case.nomination.id) if case.nomination else (),
    )
    return page, status


def hand_refused(task_id: UUID, door: str, error: EngineError) -> ResponseReturnValue:
    """Return the task's page with the refusal in the form of that door, and what was typed there."""
    return render_task(visible_task(task_id), status=status_of(error), hand=refused_hand(door, error, request.form))


def _may_take(task: TaskView) -> bool:
    open_to_me = current.actor().holds(task.role, task.scope or None)
    return task.status == "open" and not task.personal and open_to_me


@bp.post("/claim")
@allowed(STAFF)
def claim(task_id: UUID) -> ResponseReturnValue:
    """Take a shared task."""
    doors.claim_task(current.engine(), task_id, current.actor(), idempotency_key=sent_key())
    flash(t("task.claimed"))
    return redirect(url_for("tasks.show", task_id=task_id))


@bp.post("/release")
@allowed(STAFF)
def release(task_id: UUID) -> ResponseReturnValue:
    """Give a task back to those who share it."""
    doors.release_task(current.engine(), task_id, current.actor(), idempotency_key=sent_key())
    flash(t("task.released"))
    return redirect(url_for("queue.group"))


@bp.post("/delegate")
@allowed(STAFF)
def delegate(task_id: UUID) -> ResponseReturnValue:
    """Hand a task to somebody else, with a reason."""
    to, reason = request.form.get("to", ""), normalise(request.form.get("reason", ""))
    try:
        receiver_and_reason(to, reason)
        doors.delegate_task(current.engine(), task_id, current.actor(), to, reason, idempotency_key=sent_key())
    except (InvalidInputError, ForbiddenError) as error:
        return hand_refused(task_id, "delegate", error)
    flash(t("task.delegated"))
    return redirect(url_for("queue.mine"))


@bp.post("/take-over")
@allowed(STAFF)
def take_over(task_id: UUID) -> ResponseReturnValue:
    """Take a task from a colleague, with a reason."""
    reason = normalise(request.form.get("reason", ""))
    try:
        doors.take_over_task(current.engine(), task_id, current.actor(), reason, idempotency_key=sent_key())
    except InvalidInputError as error:
        return hand_refused(task_id, "take_over", error)
    flash(t("task.taken_over"))
    return redirect(url_for("tasks.show", task_id=task_id))


@bp.post("/draft")
@allowed(STAFF)
def draft(task_id: UUID) -> ResponseReturnValue:
    """Keep what is typed so far; answers with one quiet line and the draft's new version."""
    form = queries.task_form(current.engine(), task_id, current.actor())
    try:
        version = keep_draft(task_id, read_form(form.schema, request.form))
    except StaleDraftError as error:
        return _both_texts(task_id, form.schema, error)
    except ConflictError as error:
        return render_template("tasks/autosave.html", version=read_version(), trouble=error_text(error))
    return render_template("tasks/autosave.html", version=version, at=current.business_now())


def _both_texts(task_id: UUID, schema: Mapping[str, Any], error: StaleDraftError) -> ResponseReturnValue:
    """Show what was saved elsewhere beside what stands in the form; going on saving is the person's choice."""
    stored, version = queries.stored_draft(current.engine(), task_id, current.actor())
    other = list(in_words(fields_of(schema, stored, language=language(), options=source())))
    page = render_template(
        "tasks/autosave.html", version=read_version(), trouble=error_text(error), other=other, other_version=version
    )
    return page, 200 if is_fragment() else 409  # a part of a page is swapped in only when it comes as a success


@bp.post("/complete")
@allowed(STAFF)
def complete(task_id: UUID) -> ResponseReturnValue:
    """Send the form through the door; on a refusal nothing typed is lost."""
    task = visible_task(task_id)
    if not is_mine(task):
        return _lost(task, TaskNotOpenError() if task.status != "open" else NotYourTaskError())
    try:
        form = queries.task_form(current.engine(), task_id, current.actor())
    except ForbiddenError as error:
        return _lost(task, error)
    values = read_form(form.schema, request.form)
    if request.form.get("_restore") == "1":
        return render_task(task, values, whole=t("task.restored"))
    if name := normalise(request.form.get("_file", "")):  # chosen, but only its name comes with this button
        return render_task(task, values, {"_file": [t("task.file_not_added", name=name)]}, status=422)
    if status := held_back(task, form.schema, values):
        return render_task(task, values, status=status)
    try:
        doors.complete_task(current.engine(), task_id, current.actor(), values, idempotency_key=sent_key())
    except InvalidInputError as error:
        beside = field_errors(error)
        return render_task(task, values, beside, whole="" if beside else error_text(error), status=422)
    except TaskNotOpenError as error:
        return _lost(queries.get_task(current.engine(), task_id), error)
    except (ConflictError, ForbiddenError) as error:
        return render_task(task, values, whole=error_text(error), status=status_of(error))
    return redirect(url_for("tasks.receipt", task_id=task_id))


def _lost(task: TaskView, error: ConflictError | ForbiddenError) -> ResponseReturnValue:
    """Say who did what meanwhile, and give back what was typed."""
    step = current.engine().registry.find(UserStep, task.step_key)
    schema = step_forms.schema_of(step, task.business_key)
    fields = fields_of(schema, read_form(schema, request.form), language=language(), options=source())
    status = 409 if isinstance(error, ConflictError) else 403
    page = render_template("tasks/lost.html", task=task, typed=list(in_words(fields)), text=error_text(error))
    return page, status


@bp.get("/receipt")
@allowed(STAFF)
def receipt(task_id: UUID) -> ResponseReturnValue:
    """Say what was done, where the case went, and offer the next task."""
    task = visible_task(task_id)
    actor = current.actor()
    following = queries.open_tasks_of_instance(current.engine(), task.instance_id)
    waiting = queries.list_tasks(current.engine(), actor, "mine", limit=1).items
    return render_template(
        "tasks/receipt.html",
        task=task,
        following=following,
        case=case_page(task.instance_id),
        instance=queries.get_instance(current.engine(), task.instance_id),
        next_task=waiting[0] if waiting else None,
    )

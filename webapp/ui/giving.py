"""Work given out: a head assigns and says how urgent, a helper gives back, an owner takes back, a holder puts off."""

from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import assignments as doors
from engine.errors import InvalidInputError
from webapp import current
from webapp.errors import error_text
from webapp.i18n import t
from webapp.requests import sent_key
from webapp.security import STAFF, allowed
from webapp.typed import iso_day, normalise
from webapp.ui.tasks import render_task
from webapp.visibility import visible_task

bp = Blueprint("giving", __name__, url_prefix="/tasks/<uuid:task_id>")


@bp.post("/assign")
@allowed(STAFF)
def assign(task_id: UUID) -> ResponseReturnValue:
    """Give the task to one of the eligible, as head of the unit, with a reason."""
    to, reason = request.form.get("to", ""), normalise(request.form.get("reason", ""))
    if not to or not reason:
        return render_task(visible_task(task_id), whole=t("task.reason_and_person"), status=422)
    doors.assign_task(current.engine(), task_id, current.actor(), to, reason, idempotency_key=sent_key())
    flash(t("task.assigned"))
    return redirect(url_for("tasks.show", task_id=task_id))


@bp.post("/resolve")
@allowed(STAFF)
def resolve(task_id: UUID) -> ResponseReturnValue:
    """Give the task back to who asked for help, with word of what was done."""
    note = normalise(request.form.get("note", ""))
    if not note:
        return render_task(visible_task(task_id), whole=t("task.note_needed"), status=422)
    doors.resolve_task(current.engine(), task_id, current.actor(), note, idempotency_key=sent_key())
    flash(t("task.resolved"))
    return redirect(url_for("queue.mine"))


@bp.post("/recall")
@allowed(STAFF)
def recall(task_id: UUID) -> ResponseReturnValue:
    """Take the task back from who was asked for help."""
    doors.recall_task(current.engine(), task_id, current.actor(), idempotency_key=sent_key())
    flash(t("task.recalled"))
    return redirect(url_for("tasks.show", task_id=task_id))


@bp.post("/priority")
@allowed(STAFF)
def prioritise(task_id: UUID) -> ResponseReturnValue:
    """Say how urgent the task is, as head of the unit."""
    wanted = request.form.get("priority", "")
    doors.set_priority(current.engine(), task_id, current.actor(), int(wanted) if wanted in {"1", "2", "3"} else 0)
    flash(t("task.prioritised"))
    return redirect(url_for("tasks.show", task_id=task_id))


@bp.post("/follow-up")
@allowed(STAFF)
def follow_up(task_id: UUID) -> ResponseReturnValue:
    """Put one's own task off to a day, or show it at once again."""
    text = request.form.get("on", "").strip()
    on = _day(text)
    if text and on is None:
        return render_task(visible_task(task_id), whole=t("task.follow_up_unreadable"), status=422)
    try:
        doors.set_follow_up(current.engine(), task_id, current.actor(), on)
    except InvalidInputError as error:
        said = t("task.follow_up_over") if "follow_up_on" in error.details.get("fields", {}) else error_text(error)
        return render_task(visible_task(task_id), whole=said, status=422)
    flash(t("task.followed_up") if on else t("task.follow_up_dropped"))
    return redirect(url_for("queue.mine") if on else url_for("tasks.show", task_id=task_id))


def _day(text: str) -> date | None:
    """Return the day somebody typed, None for what is none."""
    try:
        return date.fromisoformat(iso_day(text))
    except ValueError:
        return None

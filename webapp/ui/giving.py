"""Work given out: a head assigns and says how urgent, a helper gives back, an owner takes back, a holder puts off."""

from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import assignments as doors
from engine.errors import ForbiddenError, InvalidInputError
from webapp import current
from webapp.i18n import t
from webapp.requests import sent_key
from webapp.security import STAFF, allowed
from webapp.typed import iso_day, normalise
from webapp.ui.hands import receiver_and_reason
from webapp.ui.tasks import hand_refused

bp = Blueprint("giving", __name__, url_prefix="/tasks/<uuid:task_id>")


@bp.post("/assign")
@allowed(STAFF)
def assign(task_id: UUID) -> ResponseReturnValue:
    """Give the task to one of the eligible, as head of the unit, with a reason."""
    to, reason = request.form.get("to", ""), normalise(request.form.get("reason", ""))
    try:
        receiver_and_reason(to, reason)
        doors.assign_task(current.engine(), task_id, current.actor(), to, reason, idempotency_key=sent_key())
    except (InvalidInputError, ForbiddenError) as error:
        return hand_refused(task_id, "assign", error)
    flash(t("task.assigned"))
    return redirect(url_for("tasks.show", task_id=task_id))


@bp.post("/resolve")
@allowed(STAFF)
def resolve(task_id: UUID) -> ResponseReturnValue:
    """Give the task back to who asked for help, with word of what was done."""
    note = normalise(request.form.get("note", ""))
    try:
        doors.resolve_task(current.engine(), task_id, current.actor(), note, idempotency_key=sent_key())
    except InvalidInputError as error:
        return hand_refused(task_id, "resolve", error)
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
    try:
        on = _day(text)
        doors.set_follow_up(current.engine(), task_id, current.actor(), on)
    except InvalidInputError as error:
        return hand_refused(task_id, "follow_up", error)
    flash(t("task.followed_up") if on else t("task.follow_up_dropped"))
    return redirect(url_for("queue.mine") if on else url_for("tasks.show", task_id=task_id))


def _day(text: str) -> date | None:
    """Return the day somebody typed, None when nothing was.

    Raises:
        InvalidInputError: it is no day.

    """
    try:
        return date.fromisoformat(iso_day(text)) if text else None
    except ValueError:
        raise InvalidInputError("no day", fields={"on": ["invalid_date"]}) from None

"""The door of uploads from a task's page."""

from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.errors import ConflictError, ForbiddenError, InvalidInputError
from webapp import current
from webapp.errors import error_text
from webapp.forms import field_errors, read_form
from webapp.i18n import t
from webapp.security import STAFF, allowed
from webapp.typed import normalise
from webapp.ui.cases import nomination_of
from webapp.ui.drafts import keep_draft
from webapp.ui.tasks import is_mine, render_task
from webapp.ui.uploads import FILING_STEPS, file_upload
from webapp.visibility import visible_task

bp = Blueprint("attachments", __name__, url_prefix="/tasks/<uuid:task_id>/files")


@bp.post("")
@allowed(STAFF)
def add(task_id: UUID) -> ResponseReturnValue:
    """File an uploaded document in the dossier of my task; the form beside it is kept as my draft."""
    task = visible_task(task_id)
    nomination = nomination_of(task.business_key)
    if not is_mine(task) or nomination is None or task.step_key not in FILING_STEPS:
        raise ForbiddenError("files are added by who holds the unit's task", task=str(task_id))
    form = queries.task_form(current.engine(), task_id, current.actor())
    values = read_form(form.schema, request.form)
    try:
        file_upload(
            task,
            nomination.id,
            request.files.get("_file"),
            request.form.get("_file_kind", ""),
            request.form.get("_replaces", ""),
        )
        keep_draft(task_id, values)
    except InvalidInputError as error:
        beside = field_errors(error)
        return render_task(task, values, beside, whole="" if beside else error_text(error), status=422)
    except ConflictError as error:
        return render_task(task, values, whole=error_text(error), status=409)
    name = normalise(request.files["_file"].filename or "")
    flash(t("task.file_added", name=name))
    return redirect(url_for("tasks.show", task_id=task_id, _anchor="files"))

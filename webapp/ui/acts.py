"""One page for every action and message: its form from the schema, its door, back to where the person was."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from engine.commands.actions import perform_action
from engine.commands.messages import correlate
from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError
from webapp import current
from webapp.auth.pages import safe_next
from webapp.errors import error_text, status_of
from webapp.forms import field_errors, fields_of, read_form
from webapp.i18n import language, t
from webapp.security import STAFF, allowed
from webapp.ui import step_forms
from webapp.ui.choices import source

bp = Blueprint("acts", __name__)


def _page(schema: Mapping[str, Any], values: Mapping[str, Any], errors: Mapping[str, Any] | None = None,
          whole: str = "", status: int = 200) -> ResponseReturnValue:
    fields = fields_of(schema, values, errors, language=language(), options=source())
    back = safe_next(request.values.get("next") or request.values.get("_next"))
    page = render_template("act.html", schema=schema, fields=fields, whole=whole, back=back, key=str(uuid4()),
                           case_key=request.args.get("case", ""))
    return page, status


def _given(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the link already says about the form."""
    return {name: value for name, value in request.args.items() if name in schema.get("properties", {})}


@bp.get("/do/<string:step_key>")
@allowed(STAFF)
def show(step_key: str) -> ResponseReturnValue:
    """Show the form of an action."""
    schema = step_forms.schema_of(step_forms.action(step_key))
    return _page(schema, _given(schema))


@bp.post("/do/<string:step_key>")
@allowed(STAFF)
def perform(step_key: str) -> ResponseReturnValue:
    """Perform an action."""
    schema = step_forms.schema_of(step_forms.action(step_key))
    values = read_form(schema, request.form)
    if request.form.get("_restore") == "1":
        return _page(schema, values, whole=t("task.restored"))
    try:
        perform_action(current.engine(), step_key, current.actor(), values,
                       idempotency_key=request.form.get("_key") or None)
    except (InvalidInputError, ConflictError, ForbiddenError) as error:
        return _refused(schema, values, error)
    flash(t("act.done", what=schema.get("title", "")))
    return redirect(safe_next(request.form.get("_next")))


@bp.get("/say/<string:step_key>")
@allowed(STAFF)
def show_message(step_key: str) -> ResponseReturnValue:
    """Show the form of a message about a case."""
    schema = step_forms.schema_of(step_forms.message(step_key), request.args.get("case", ""))
    return _page(schema, _given(schema))


@bp.post("/say/<string:step_key>")
@allowed(STAFF)
def send_message(step_key: str) -> ResponseReturnValue:
    """Send a message about a case."""
    business_key = request.args.get("case", "")
    schema = step_forms.schema_of(step_forms.message(step_key), business_key)
    values = read_form(schema, request.form)
    if request.form.get("_restore") == "1":
        return _page(schema, values, whole=t("task.restored"))
    try:
        correlate(current.engine(), step_key, business_key, current.actor(), values,
                  idempotency_key=request.form.get("_key") or None)
    except (InvalidInputError, ConflictError, ForbiddenError) as error:
        return _refused(schema, values, error)
    flash(t("act.done", what=schema.get("title", "")))
    return redirect(safe_next(request.form.get("_next")))


def _refused(schema: Mapping[str, Any], values: Mapping[str, Any], error: EngineError) -> ResponseReturnValue:
    beside = field_errors(error)
    return _page(schema, values, beside, "" if beside else error_text(error), status_of(error).value)

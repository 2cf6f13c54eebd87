"""One page for every action and message: its form from the schema, its door, back to where the person was.

A field of a form that holds the hash of a file is shown as a file to choose: the bytes are stored first, the step
gets their hash.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from engine.commands.actions import perform_action
from engine.commands.messages import correlate
from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError, NotFoundError
from webapp import current
from webapp.auth.pages import safe_next
from webapp.errors import error_text, status_of
from webapp.forms import FieldView, field_errors, fields_of, read_form, unplaced
from webapp.i18n import language, t
from webapp.requests import sent_key
from webapp.security import STAFF, allowed
from webapp.typed import normalise
from webapp.ui import step_forms
from webapp.ui.case_acts import may_comment
from webapp.ui.cases import nomination_of
from webapp.ui.choices import source
from webapp.ui.uploads import store
from webapp.visibility import may_see_case

bp = Blueprint("acts", __name__)


HASH_FIELDS, NAME_FIELDS = ("sha256", "file_sha256"), ("name", "file_name")


def _page(
    schema: Mapping[str, Any],
    values: Mapping[str, Any],
    errors: Mapping[str, Any] | None = None,
    whole: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    file_field, name_field = hash_field(schema), _first(schema, NAME_FIELDS)
    drawn = fields_of(schema, values, errors, language=language(), options=source())
    fields = list(_as_file(drawn, file_field, name_field)) if file_field else drawn
    back = safe_next(request.values.get("_next") or request.values.get("next"))
    page = render_template(
        "act.html",
        schema=schema,
        fields=fields,
        whole=whole or unplaced(fields, errors or {}),
        back=back,
        key=str(uuid4()),
        given=_given(schema),
        case_key=request.args.get("case", ""),
        hash_fields=HASH_FIELDS,
        values=values,
        file_field=file_field,
        name_field=name_field,
    )
    return page, status


def _as_file(fields: Sequence[FieldView], file_field: str, name_field: str) -> Iterator[FieldView]:
    """Yield the fields as the page draws them: the hash of a file is the file, and what is wrong with its name too."""
    of_name = next((one.errors for one in fields if one.name == name_field), ())
    for one in fields:
        if one.name == file_field:
            yield replace(one, title=t("task.file"), errors=one.errors or of_name)
        else:
            yield replace(one, errors=()) if one.name == name_field else one


def _given(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the link already says about the form."""
    return {name: value for name, value in request.args.items() if name in schema.get("properties", {})}


def _first(schema: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((name for name in names if name in schema.get("properties", {})), "")


def hash_field(schema: Mapping[str, Any]) -> str:
    """Return the field that holds the hash of a file, empty when the form has none."""
    return _first(schema, HASH_FIELDS)


def _typed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed, with an uploaded file stored and named by its hash.

    Raises:
        InvalidInputError: the file may not be filed; the sentence is of the field that holds its hash.

    """
    values = read_form(schema, request.form)
    field, upload = hash_field(schema), request.files.get("_file")
    if field and upload is not None and upload.filename:
        values[field] = store(upload, field)
        name = _first(schema, NAME_FIELDS)
        if name and not values.get(name):
            values[name] = normalise(upload.filename)
    return values


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
        values = _typed(schema)
        perform_action(current.engine(), step_key, current.actor(), values, idempotency_key=sent_key())
    except (InvalidInputError, ConflictError, ForbiddenError, NotFoundError) as error:
        return _refused(schema, values, error)
    flash(t("act.done", what=schema.get("title", "")))
    return redirect(safe_next(request.form.get("_next")))


def _case() -> str:
    """Return the key of the case a message is about.

    Raises:
        ForbiddenError: neither may this person read the case, nor is it laid open for comments.

    """
    business_key = request.args.get("case", "")
    nomination = nomination_of(business_key)
    if not may_see_case(business_key) and not (nomination and may_comment(nomination.id)):
        raise ForbiddenError
    return business_key


@bp.get("/say/<string:step_key>")
@allowed(STAFF)
def show_message(step_key: str) -> ResponseReturnValue:
    """Show the form of a message about a case."""
    schema = step_forms.schema_of(step_forms.message(step_key), _case())
    return _page(schema, _given(schema))


@bp.post("/say/<string:step_key>")
@allowed(STAFF)
def send_message(step_key: str) -> ResponseReturnValue:
    """Send a message about a case."""
    business_key = _case()
    schema = step_forms.schema_of(step_forms.message(step_key), business_key)
    values = read_form(schema, request.form)
    if request.form.get("_restore") == "1":
        return _page(schema, values, whole=t("task.restored"))
    try:
        correlate(current.engine(), step_key, business_key, current.actor(), values, idempotency_key=sent_key())
    except (InvalidInputError, ConflictError, ForbiddenError, NotFoundError) as error:
        return _refused(schema, values, error)
    flash(t("act.done", what=schema.get("title", "")))
    return redirect(safe_next(request.form.get("_next")))


def _refused(schema: Mapping[str, Any], values: Mapping[str, Any], error: EngineError) -> ResponseReturnValue:
    beside = field_errors(error) or _named_in(values, error)
    return _page(schema, values, beside, "" if beside else error_text(error), status_of(error).value)


def _named_in(values: Mapping[str, Any], error: EngineError) -> dict[str, list[str]]:
    """Return the sentence of what was not found beside the field in which it was named."""
    if not isinstance(error, NotFoundError):
        return {}
    return {name: [error_text(error)] for name, value in values.items() if value and value in error.details.values()}

"""Đề nghị mới: choose round, nominee and form; the case starts and its draft task opens."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.commands.instances import start_instance
from engine.db import reading
from engine.errors import ConflictError, ForbiddenError, InvalidInputError
from webapp import current
from webapp.errors import error_text, status_of
from webapp.forms import FieldView, Option, Options, field_errors, fields_of, read_form, unplaced
from webapp.i18n import language
from webapp.requests import sent_key
from webapp.security import allowed
from webapp.typed import normalise
from webapp.ui import step_forms
from webapp.ui.choices import source
from workflows.nominations.models import NomineeKind
from workflows.organisation import queries as organisation

bp = Blueprint("proposals", __name__, url_prefix="/proposals")
STEP = "nominations.open"
PROCESS = "nomination"
MOST_SHOWN = 40
PLACED = frozenset({"round", "unit", "nominee_kind", "nominee_id"})
"""Fields with a place of their own on the page."""


@bp.get("/new")
@allowed("unit_head")
def new() -> ResponseReturnValue:
    """Show the form; a search for the nominee keeps what is typed, since it all stands in the address."""
    schema = step_forms.schema_of(step_forms.action(STEP))
    given = {name: value for name, value in read_form(schema, request.args).items() if name in schema["properties"]}
    template = "proposals/candidates.html" if request.headers.get("HX-Target") == "candidates" else "proposals/new.html"
    return render_template(template, **_page(schema, given, request.args.get("_q", "")))


@bp.post("/new")
@allowed("unit_head")
def create() -> ResponseReturnValue:
    """Start the case and go to its draft."""
    schema = step_forms.schema_of(step_forms.action(STEP))
    values = read_form(schema, request.form)
    search = request.form.get("_q", "")
    if "1" in (request.form.get("_restore"), request.form.get("_search")):
        return render_template("proposals/new.html", **_page(schema, values, search))
    try:
        begun = start_instance(
            current.engine(), PROCESS, "", current.actor(), {}, step=STEP, values=values, idempotency_key=sent_key()
        )
    except (InvalidInputError, ConflictError, ForbiddenError) as error:
        beside = field_errors(error)
        page = _page(schema, values, search, beside, "" if beside else error_text(error))
        return render_template("proposals/new.html", **page), status_of(error)
    draft = next((task for task in begun.opened), None)
    if draft is None:
        return redirect(url_for("lookup.case", business_key=begun.instance.business_key))
    return redirect(url_for("tasks.show", task_id=draft.id))


def _page(
    schema: Mapping[str, Any],
    values: Mapping[str, Any],
    search: str,
    errors: Mapping[str, Any] | None = None,
    whole: str = "",
) -> dict[str, Any]:
    """Return what the page shows: the fields in the order a person thinks of them, the nominees found."""
    fields = fields_of(schema, values, errors, language=language(), options=source())
    fields = [_only_choice(field) for field in fields]
    by_name = {field.name: field for field in fields}
    kind = str(values.get("nominee_kind") or NomineeKind.INDIVIDUAL.value)
    found = candidates(kind, normalise(search), str(values.get("unit") or ""))
    chosen = str(values.get("nominee_id") or "")
    return {
        "schema": schema,
        "fields": fields,
        "before": [by_name[name] for name in ("round", "unit") if name in by_name],
        "after": [field for field in fields if field.name not in PLACED],
        "nominee": by_name.get("nominee_id"),
        "kinds": [Option(one.value, one.value) for one in NomineeKind],
        "kind": kind,
        "search": search,
        "candidates": found[:MOST_SHOWN],
        "more": max(0, len(found) - MOST_SHOWN),
        "chosen": chosen,
        "whole": whole or unplaced(fields, errors or {}),
        "key": str(uuid4()),
    }


def _only_choice(field: FieldView) -> FieldView:
    """Return a required field with its one option chosen; there is nothing to decide."""
    single = field.required and not field.value and len(field.options) == 1
    return replace(field, value=field.options[0].value) if single else field


def candidates(kind: str, search: str, unit_id: str = "") -> Options:
    """Return whom this person may propose: staff of the units headed today, or those units and their parts."""
    on = current.business_today()
    with reading(current.sessions()) as reader:
        mine = _my_units(reader, unit_id)
        if kind == NomineeKind.COLLECTIVE.value:
            parts = organisation.units_on(reader, on, text=search)
            return [(unit.id, unit.name) for unit in parts if unit.id in mine or unit.parent_id in mine]
        people = {
            view.id: view
            for unit in sorted(mine)
            for view in organisation.list_people(reader, on, text=search, unit_id=unit)
        }
    return [
        (view.id, " – ".join(part for part in (view.full_name, view.post, view.unit) if part))
        for view in people.values()
        if view.id != current.actor().id
    ]


def _my_units(reader: Session, unit_id: str) -> set[str]:
    mine = {group.split("@", 1)[1] for group in current.actor().groups if group.startswith("unit_head@")}
    return {unit_id} if unit_id in mine else mine

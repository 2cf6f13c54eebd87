"""Quy định áp dụng: the decision tables in force by day, each row readable, with its source and how sure it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import queries
from engine.db import reading
from engine.deployment import TableFile
from engine.dmn import Model
from engine.errors import EngineError, NotFoundError
from engine.tables import decision_outputs, matched_rows, plain_outputs
from webapp import current
from webapp.filters import label
from webapp.i18n import language
from webapp.security import STAFF, allowed
from webapp.typed import plain_number
from webapp.ui.findings import fault_words, lines_of
from workflows.rulebook import queries as rulebook
from workflows.rulebook.tables import TablePage, list_tables, table_page
from workflows.rulebook.trial import TrialField, given_inputs, trial_fields

bp = Blueprint("rules", __name__, url_prefix="/rules")


@bp.get("")
@allowed(STAFF)
def index() -> ResponseReturnValue:
    """List all tables with the days their versions begin."""
    with reading(current.sessions()) as reader:
        return render_template("rules/index.html", tables=list_tables(reader), today=current.business_today())


@bp.get("/<string:key>")
@allowed(STAFF)
def newest(key: str) -> ResponseReturnValue:
    """Go to the version of a table in force today, or to its first when none has begun."""
    with reading(current.sessions()) as reader:
        found = next((one for one in list_tables(reader) if one.key == key), None)
    if found is None:
        raise NotFoundError("no such table", table=key)
    begun = [day for day in found.versions if day <= current.business_today()]
    return redirect(url_for("rules.show", key=key, day=(begun or list(found.versions[:1]))[-1].isoformat()))


@dataclass(frozen=True, slots=True)
class Trial:
    """What a table answered to example inputs: outputs and matched rows, or why not in words and for which input."""

    outputs: Any = None
    rows: Sequence[dict[str, Any]] = ()
    fault: str = ""
    column: str = ""


@bp.get("/<string:key>/<string:day>")
@allowed(STAFF)
def show(key: str, day: str) -> ResponseReturnValue:
    """Show one version of a table: rows a case matched are marked (`row`), example inputs are answered (`try`)."""
    with reading(current.sessions()) as reader:
        found = next((one for one in list_tables(reader) if one.key == key), None)
        if found is None or day not in {one.isoformat() for one in found.versions}:
            raise NotFoundError("no such version", table=key, on=day)
        page = table_page(reader, key, date.fromisoformat(day))
        model = rulebook.parsed(reader, page.sha256)
        fields = [_with_roles(field) for field in trial_fields(model, key)]
        typed = {field.name: request.args.get(f"in_{field.name}", "")[:200] for field in fields}
        sent = {
            field.name: plain_number(typed[field.name], language()) if field.kind == "number" else typed[field.name]
            for field in fields
        }
        trial = _try(reader, model, page, sent) if request.args.get("try") else None
    matched = {str(row["rule"]) for row in trial.rows} if trial else set(request.args.getlist("row"))
    findings = lines_of(TableFile(key, page.valid_from, queries.table_xml(current.engine(), key, page.valid_from)))
    return render_template(
        "rules/show.html",
        page=page,
        versions=found.versions,
        today=current.business_today(),
        fields=fields,
        typed=typed,
        trial=trial,
        matched=matched,
        findings=findings,
    )


def _with_roles(field: TrialField) -> TrialField:
    """Return an input that asks for a role as a choice by name: nobody knows roles by their keys."""
    if (field.name, field.kind) != ("role", "text"):
        return field
    roles = current.engine().registry.roles
    return replace(field, kind="choice", options=tuple((key, label("roles", key)) for key in roles))


def _try(reader: Session, model: Model, page: TablePage, typed: dict[str, str]) -> Trial:
    try:
        decision = rulebook.ask(reader, model, page.key, given_inputs(model, page.key, typed), page.valid_from)
    except EngineError as fault:
        column = str(fault.details.get("field") or fault.details.get("column", ""))
        return Trial(fault=fault_words(fault, model.tables.values()), column=column if column in typed else "")
    return Trial(plain_outputs(decision_outputs(decision.value)), matched_rows(decision))


@bp.get("/<string:key>/<string:day>.dmn")
@allowed("auditor", "administrator", "personnel_officer")
def file(key: str, day: str) -> ResponseReturnValue:
    """Hand out the file of a version as it was deployed."""
    try:
        begins = date.fromisoformat(day)
    except ValueError as error:
        raise NotFoundError("no such version", table=key, on=day) from error
    content = queries.table_xml(current.engine(), key, begins)
    return Response(
        content,
        content_type="application/xml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{key}-{begins}.dmn"'},
    )

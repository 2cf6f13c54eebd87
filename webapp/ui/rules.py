"""Quy định áp dụng: the decision tables in force by day, each row readable, with its source and how sure it is."""

from datetime import date

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.db import reading
from engine.errors import NotFoundError
from webapp import current
from webapp.security import STAFF, allowed
from workflows.rulebook.tables import list_tables, table_page

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


@bp.get("/<string:key>/<string:day>")
@allowed(STAFF)
def show(key: str, day: str) -> ResponseReturnValue:
    """Show one version of a table."""
    with reading(current.sessions()) as reader:
        found = next((one for one in list_tables(reader) if one.key == key), None)
        if found is None or day not in {one.isoformat() for one in found.versions}:
            raise NotFoundError("no such version", table=key, on=day)
        page = table_page(reader, key, date.fromisoformat(day))
    return render_template("rules/show.html", page=page, versions=found.versions, today=current.business_today())


@bp.get("/<string:key>/<string:day>.dmn")
@allowed("auditor", "administrator", "personnel_officer")
def file(key: str, day: str) -> ResponseReturnValue:
    """Hand out the file of a version as it was deployed."""
    try:
        begins = date.fromisoformat(day)
    except ValueError as error:
        raise NotFoundError("no such version", table=key, on=day) from error
    content = queries.table_xml(current.engine(), key, begins)
    return Response(content, content_type="application/xml; charset=utf-8",
                    headers={"Content-Disposition": f'attachment; filename="{key}-{begins}.dmn"'})

"""Nhật ký kiểm toán: search the record, check its chains, take it away. Nothing here changes anything."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from engine import history, queries
from engine.clock import VIETNAM
from engine.commands.records import record_event
from engine.db import canonical, reading
from engine.errors import InvalidInputError
from engine.views import EventView
from webapp import current
from webapp.forms import field_errors
from webapp.security import allowed
from webapp.typed import iso_day
from webapp.ui.choices import people
from webapp.ui.words import event_words, remember_people
from webapp.wiring import stored_file_hash
from workflows.council import queries as council
from workflows.forms import Problems

bp = Blueprint("audit", __name__, url_prefix="/audit")
PAGE = 50
EXPORT_LIMIT = 50_000
COLUMNS = (
    "at",
    "kind",
    "business_key",
    "process_key",
    "element_id",
    "actor_id",
    "actor_name",
    "post",
    "chain",
    "sequence",
    "data",
    "facts",
    "hash",
)


ASKED = ("case", "person", "kind", "chain", "since", "until")
"""What the record is searched by."""


def _day(name: str, problems: Problems) -> date | None:
    text = request.args.get(name, "").strip()
    try:
        return date.fromisoformat(iso_day(text)) if text else None
    except ValueError:
        problems.add(name, "invalid_date")
        return None


def _filters() -> dict[str, Any]:
    """Return the search's arguments as the engine takes them.

    Raises:
        InvalidInputError: what stands for a day is none.

    """
    problems = Problems()
    since, until = _day("since", problems), _day("until", problems)
    problems.refuse_any()
    return {
        "business_key": request.args.get("case", "").strip() or None,
        "actor_id": request.args.get("person") or None,
        "kind": request.args.get("kind") or None,
        "chain": request.args.get("chain") or None,
        "since": _midnight(since) if since else None,
        "until": _midnight(until, days=1) if until else None,
    }


def _midnight(day: date, *, days: int = 0) -> datetime | None:
    """Return when a day, or one some days later, begins; None for the ends of the calendar, which bound nothing."""
    try:
        return datetime.combine(day + timedelta(days=days), time.min, VIETNAM).astimezone(UTC)
    except OverflowError:
        return None


def _asked() -> dict[str, str]:
    """Return what was asked, as it was typed."""
    return {name: text for name in ASKED if (text := request.args.get(name, ""))}


@bp.get("")
@allowed("auditor")
def index() -> ResponseReturnValue:
    """Search the events."""
    shown = {"people": people(), "args": _asked(), "state": chain_state()}
    try:
        wanted = _filters()
    except InvalidInputError as error:
        return render_template("audit/index.html", errors=field_errors(error), **shown), 422
    page = queries.search_events(current.engine(), **wanted, limit=PAGE, cursor=request.args.get("cursor") or None)
    remember_people(event.actor_id for event in page.items)
    return render_template("audit/index.html", page=page, errors={}, **shown)


@bp.post("/verify")
@allowed("auditor")
def verify() -> ResponseReturnValue:
    """Recompute every chain and every fact's hash; say what does not fit."""
    with reading(current.sessions(), at_one_instant=True) as reader:
        file_hash = stored_file_hash(current.composition().settings)
        findings = [*history.verify(reader, file_hash=file_hash), *council.verify_boxes(reader)]
    record_event(current.engine(), "history.verified", current.actor(), findings=len(findings))
    return render_template("audit/verified.html", findings=findings, state=chain_state())


def chain_state() -> EventView | None:
    """Return the event of the last check of the whole record, None when nobody checked yet."""
    found = queries.search_events(current.engine(), kind="history.verified", limit=1).items
    return found[0] if found else None


@bp.get("/export.<string:form>")
@allowed("auditor")
def export(form: str) -> ResponseReturnValue:
    """Hand out the events found, as CSV or JSON; the export is itself on record."""
    found = list(_all_events())
    record_event(current.engine(), "audit.exported", current.actor(), count=len(found), form=form)
    name = f"nhat-ky-{current.business_today():%Y%m%d}"
    if form == "csv":
        body, kind = _csv(found), "text/csv; charset=utf-8"
    else:
        rows = [canonical(asdict(event)) for event in found]
        body, kind, form = json.dumps(rows, ensure_ascii=False, indent=1), "application/json", "json"
    return Response(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'})


def _all_events() -> Iterator[EventView]:
    cursor: str | None = None
    count = 0
    while count < EXPORT_LIMIT:
        page = queries.search_events(current.engine(), **_filters(), limit=500, cursor=cursor)
        yield from page.items
        count += len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def _csv(found: list[EventView]) -> str:
    out = io.StringIO()
    out.write("\ufeff")  # spreadsheet programs take the file for UTF-8 only with this mark
    writer = csv.writer(out)
    writer.writerow(("what", *COLUMNS))
    for event in found:
        row = canonical(asdict(event))
        cells = [
            json.dumps(row[name], ensure_ascii=False) if name in {"data", "facts"} else row[name] for name in COLUMNS
        ]
        writer.writerow([_inert(str(cell)) for cell in (event_words(event), *cells)])
    return out.getvalue()


def _inert(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t"} else cell

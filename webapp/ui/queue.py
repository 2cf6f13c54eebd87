"""Việc của tôi, Việc chung, Đã xong."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.clock import local_date
from engine.text import fold
from engine.views import TaskView
from webapp import current
from webapp.security import STAFF, allowed
from webapp.ui.cases import CaseLine, case_lines

bp = Blueprint("queue", __name__)
PAGE = 50
MINE_PAGE = 200
SEARCHED = 500
"""Tasks read at a time by a search in a queue."""
Queue = Literal["mine", "group", "done"]


@dataclass(frozen=True, slots=True)
class Row:
    """A task with what people call its case."""

    task: TaskView
    case: CaseLine


@bp.get("/")
@allowed(STAFF)
def home() -> ResponseReturnValue:
    """Open on the work, or on the record for those who only read it."""
    return redirect(url_for("audit.index" if current.holds("auditor") else "queue.mine"))


@bp.get("/tasks")
@allowed(STAFF)
def mine() -> ResponseReturnValue:
    """Show what I hold, by due date."""
    return _page("mine", MINE_PAGE)


@bp.get("/tasks/group")
@allowed(STAFF)
def group() -> ResponseReturnValue:
    """Show what my roles share."""
    return _page("group", PAGE)


@bp.get("/tasks/done")
@allowed(STAFF)
def done() -> ResponseReturnValue:
    """Show what I completed, latest first."""
    return _page("done", PAGE)


@bp.get("/tasks/badge")
@allowed(STAFF)
def badge() -> ResponseReturnValue:
    """Return the count in the top bar."""
    return render_template("partials/badge.html")


def _page(queue: Queue, limit: int) -> ResponseReturnValue:
    text = request.args.get("q", "").strip()[:100]
    role, step = request.args.get("role", ""), request.args.get("what", "")
    tasks, following = _tasks(queue, limit, searching=bool(text or role or step))
    cases = case_lines(tasks)
    rows = [Row(task, cases[task.id]) for task in tasks]
    kinds = sorted({(row.task.step_key, row.task.name) for row in rows}, key=lambda pair: pair[1])
    shown = [row for row in rows if _fits(row, text, role, step)]
    grouped = [("", shown)] if queue == "done" else by_due(shown)
    template = "tasks/rows.html" if request.headers.get("HX-Target") == "rows" else "tasks/queue.html"
    return render_template(template, queue=queue, groups=grouped, total=len(rows), found=len(shown),
                           next_cursor=following, text=text, kinds=kinds, what=step)


def _tasks(queue: Queue, limit: int, *, searching: bool) -> tuple[list[TaskView], str | None]:
    """Return a page of a queue and where the next begins; a search looks through the first thousand tasks at once."""
    found: list[TaskView] = []
    cursor = request.args.get("cursor") or None
    while True:
        page = queries.list_tasks(current.engine(), current.actor(), queue, limit=SEARCHED if searching else limit,
                                  cursor=cursor)
        found += page.items
        cursor = page.next_cursor
        if cursor is None or not searching or len(found) >= 2 * SEARCHED:
            return found, cursor


def _fits(row: Row, text: str, role: str, step: str) -> bool:
    if (role and row.task.role != role) or (step and row.task.step_key != step):
        return False
    where = fold(" ".join((row.task.name, row.task.business_key, row.case.nominee, row.case.unit)))
    return all(word in where for word in fold(text).split())


def by_due(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Group rows by when they are due: over, today, this week, later, no date; empty groups are left out."""
    now, today = current.business_now(), current.business_today()
    week_ends = today + timedelta(days=6 - today.weekday())
    groups: dict[str, list[Row]] = {key: [] for key in ("over", "today", "week", "later", "none")}
    for row in sorted(rows, key=lambda row: (row.task.due_at is None, row.task.due_at or now, row.task.created_at)):
        due_at = row.task.due_at
        if due_at is None:
            groups["none"].append(row)
        elif due_at < now:
            groups["over"].append(row)
        elif local_date(due_at) == today:
            groups["today"].append(row)
        else:
            groups["week" if local_date(due_at) <= week_ends else "later"].append(row)
    return [(key, found) for key, found in groups.items() if found]

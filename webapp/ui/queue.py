"""Việc của tôi, Việc chung, Đã xong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, cast
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.clock import local_date
from engine.db import reading
from engine.queries import Order
from engine.registry import UserStep
from engine.text import fold
from engine.views import TaskView
from webapp import current
from webapp.errors import error_text
from webapp.i18n import t
from webapp.security import STAFF, allowed
from webapp.ui.cases import case_lines
from webapp.ui.words import remember_people
from workflows.campaigns import queries as campaigns
from workflows.feedback import queries as feedback
from workflows.nominations.listed import CaseLine

bp = Blueprint("queue", __name__)
PAGE = 50
MINE_PAGE = 200
SEARCHED = 500
"""Tasks read at a time by a search in a queue."""
Queue = Literal["mine", "group", "done"]


ORDERS = ("due", "priority", "created")
"""How a queue may be sorted; what is due first unless the address says otherwise."""


@dataclass(frozen=True, slots=True)
class Row:
    """A task with what people call its case; `blocked` says why this person may not take it."""

    task: TaskView
    case: CaseLine
    blocked: str = ""


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


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks of a queue."""

    text: str
    role: str
    step: str
    order: Order
    urgent: bool
    late: bool

    @property
    def filtered(self) -> bool:
        """Tell whether only some of the tasks are wanted."""
        return bool(self.text or self.role or self.step or self.urgent or self.late)


def _chosen() -> Chosen:
    asked = request.args
    wanted = next((order for order in ORDERS if order == asked.get("order")), "due")
    return Chosen(
        asked.get("q", "").strip()[:100], asked.get("role", ""), asked.get("what", ""), cast(Order, wanted),
        asked.get("only") == "urgent", asked.get("only") == "late",
    )  # fmt: skip


def _page(queue: Queue, limit: int) -> ResponseReturnValue:
    chosen = _chosen()
    tasks, following = _tasks(queue, limit, chosen)
    rows = _rows(queue, tasks)
    kinds = sorted({(row.task.step_key, row.task.name) for row in rows}, key=lambda pair: pair[1])
    shown = [row for row in rows if _fits(row, chosen)]
    grouped = by_due(shown, resting=queue == "mine") if queue != "done" and chosen.order == "due" else [("", shown)]
    template = "tasks/rows.html" if request.headers.get("HX-Target") == "rows" else "tasks/queue.html"
    return render_template(
        template, queue=queue, groups=grouped, total=len(rows), found=len(shown), next_cursor=following, kinds=kinds,
        chosen=chosen, orders=ORDERS, out=_rows("out", _out()) if queue == "mine" else [],
        bulk=bulk_steps(rows) if queue in {"mine", "group"} else [], coming=coming() if not rows else None,
        to_comment=_open_for_comment() if not rows and queue == "mine" else 0,
        apart=_apart() if queue == "mine" and template == "tasks/queue.html" else [],
        request_key=lambda: str(uuid4()),
    )  # fmt: skip


def _rows(queue: str, tasks: Sequence[TaskView]) -> list[Row]:
    cases = case_lines(tasks)
    apart = queries.kept_apart(current.engine(), current.actor(), tasks) if queue == "group" and tasks else {}
    rests = queries.suspensions_of(current.engine(), {task.instance_id for task in tasks if task.suspended})
    words = {task.id: error_text(apart[task.id]) for task in tasks if task.id in apart}
    words |= {
        task.id: t("operations.suspended_task", reason=rests[task.instance_id].reason)
        for task in tasks
        if task.suspended and task.instance_id in rests
    }
    return [Row(task, cases[task.id], words.get(task.id, "")) for task in tasks]


def _apart() -> list[Row]:
    """Return what belongs to those in whose place I act and is kept from me: nothing to be done, each with the reason.

    Nothing is read for who acts in nobody's place.
    """
    kept = queries.kept_tasks(current.engine(), current.actor())
    remember_people(one.task.assignee for one in kept)
    cases = case_lines([one.task for one in kept])
    return [Row(one.task, cases[one.task.id], error_text(one.refusal)) for one in kept]


def _out() -> tuple[TaskView, ...]:
    return queries.list_tasks(current.engine(), current.actor(), "out", limit=PAGE).items


def bulk_steps(rows: Iterable[Row]) -> list[tuple[str, str, int]]:
    """Return the steps of which several tasks may be completed with one list: key, name and how many are shown."""
    steps = current.engine().registry.steps
    counted: dict[tuple[str, str], int] = {}
    for row in rows:
        step = steps.get((UserStep, row.task.step_key))
        if isinstance(step, UserStep) and step.bulk:
            counted[row.task.step_key, row.task.name] = counted.get((row.task.step_key, row.task.name), 0) + 1
    return [(key, name, count) for (key, name), count in counted.items() if count > 1]


def coming() -> campaigns.Coming | None:
    """Return what comes next for somebody whose queue is empty: the round that is open, or the one that will be."""
    with reading(current.sessions()) as reader:
        return campaigns.coming(reader, current.business_today())


def _open_for_comment() -> int:
    """Return how many nominations everybody may comment on now: what there is to do for who has no task."""
    with reading(current.sessions()) as reader:
        return len(feedback.open_for_comment(reader, current.business_now()))


def _tasks(queue: Queue, limit: int, chosen: Chosen) -> tuple[list[TaskView], str | None]:
    """Return a page of a queue and where the next begins; a search looks through the first thousand tasks at once."""
    found: list[TaskView] = []
    cursor = request.args.get("cursor") or None
    while True:
        page = queries.list_tasks(
            current.engine(), current.actor(), queue, limit=SEARCHED if chosen.filtered else limit, cursor=cursor,
            order=chosen.order, priority=1 if chosen.urgent else None, late=chosen.late,
        )  # fmt: skip
        found += page.items
        cursor = page.next_cursor
        if cursor is None or not chosen.filtered or len(found) >= 2 * SEARCHED:
            return found, cursor


def _fits(row: Row, chosen: Chosen) -> bool:
    if (chosen.role and row.task.role != chosen.role) or (chosen.step and row.task.step_key != chosen.step):
        return False
    if not chosen.text:
        return True
    where = fold(" ".join((row.task.name, row.task.business_key, row.case.nominee, row.case.unit)))
    return all(word in where for word in fold(chosen.text).split())


def by_due(rows: Iterable[Row], *, resting: bool = False) -> list[tuple[str, list[Row]]]:
    """Group rows by when they are due: over, today, this week, later, no date; empty groups are left out.

    With `resting` what its holder put off to a later day stands in a group of its own, at the end.
    """
    now, today = current.business_now(), current.business_today()
    week_ends = today + timedelta(days=6 - today.weekday())
    groups: dict[str, list[Row]] = {key: [] for key in ("over", "today", "week", "later", "none", "resting")}
    for row in sorted(rows, key=lambda row: (row.task.due_at is None, row.task.due_at or now, row.task.created_at)):
        due_at = row.task.due_at
        if resting and row.task.follow_up_on is not None and row.task.follow_up_on > today:
            groups["resting"].append(row)
        elif due_at is None:
            groups["none"].append(row)
        elif due_at < now:
            groups["over"].append(row)
        elif local_date(due_at) == today:
            groups["today"].append(row)
        else:
            groups["week" if local_date(due_at) <= week_ends else "later"].append(row)
    return [(key, found) for key, found in groups.items() if found]

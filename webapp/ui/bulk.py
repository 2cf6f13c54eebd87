"""Many tasks with one list: taken or completed, each through its own door, each with its own result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine import queries
from engine.commands.bulk import MOST_ITEMS, claim_tasks, complete_tasks
from engine.errors import InvalidInputError, NotFoundError
from engine.registry import UserStep
from engine.views import BulkItem, TaskView
from webapp import current
from webapp.errors import error_text
from webapp.filters import label
from webapp.forms import field_errors, fields_of, read_form, unplaced
from webapp.i18n import language, t
from webapp.requests import sent_key
from webapp.security import STAFF, allowed
from webapp.ui import step_forms
from webapp.ui.cases import case_lines
from webapp.ui.choices import source
from workflows.nominations.listed import CaseLine

bp = Blueprint("bulk", __name__, url_prefix="/tasks/bulk")


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one task of a list, in words; `trouble` is empty when it was done."""

    task: TaskView
    case: CaseLine
    trouble: str


def results_of(items: Sequence[BulkItem]) -> list[ItemResult]:
    """Return the results of a list with the cases they are about."""
    tasks = [queries.get_task(current.engine(), item.task_id) for item in items if not _unknown(item)]
    cases = case_lines(tasks)
    trouble = {item.task_id: _trouble(item) for item in items}
    return [ItemResult(task, cases[task.id], trouble[task.id]) for task in tasks]


def _unknown(item: BulkItem) -> bool:
    return isinstance(item.refusal, NotFoundError)


def _trouble(item: BulkItem) -> str:
    if item.refusal is None:
        return ""
    beside = field_errors(item.refusal)
    said = [sentence for found in beside.values() if isinstance(found, list) for sentence in found]
    return " ".join(str(one) for one in said) or error_text(item.refusal)


def chosen_tasks() -> list[UUID]:
    """Return the tasks ticked in the form, each once; what is no id is left out."""
    found = dict.fromkeys(_uuid(text) for text in request.form.getlist("_task"))
    return [task_id for task_id in found if task_id is not None]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def done_page(items: Sequence[BulkItem], title: str, back: str) -> ResponseReturnValue:
    """Return the page that says of each item what happened."""
    found = results_of(items)
    done = sum(1 for one in found if not one.trouble)
    return render_template("tasks/bulk_done.html", results=found, title=title, done=done,
                           refused=len(found) - done, back=back)  # fmt: skip


@bp.post("/claim")
@allowed(STAFF)
def claim() -> ResponseReturnValue:
    """Take the chosen shared tasks."""
    wanted = chosen_tasks()
    if not wanted:
        raise InvalidInputError("nothing chosen", fields={"tasks": ["bulk_items"]})
    items = claim_tasks(current.engine(), wanted, current.actor(), idempotency_key=sent_key())
    return done_page(items, t("bulk.claim"), "queue.mine")


def _step(step_key: str) -> UserStep:
    step = current.engine().registry.steps.get((UserStep, step_key))
    if not isinstance(step, UserStep) or not step.bulk:
        raise NotFoundError("no such list", step=step_key)
    return step


def open_tasks(step_key: str) -> list[TaskView]:
    """Return the open tasks of a step that this person holds or shares, what is due first."""
    found = [
        task for queue in ("mine", "group")
        for task in queries.list_tasks(current.engine(), current.actor(), queue, limit=500, order="due").items
        if task.step_key == step_key
    ]  # fmt: skip
    return found[:MOST_ITEMS]


@bp.get("/<string:step_key>")
@allowed(STAFF)
def show(step_key: str) -> ResponseReturnValue:
    """Show the open tasks of a step with one form for those that are chosen."""
    return _page(_step(step_key), {}, {}, "", 200)


def _page(
    step: UserStep, values: Mapping[str, Any], errors: Mapping[str, Any], whole: str, status: int
) -> ResponseReturnValue:
    tasks = open_tasks(step.key)
    schema = step_forms.schema_of(step, tasks[0].business_key if tasks else "")
    fields = fields_of(schema, values, errors, language=language(), options=source())
    apart = queries.kept_apart(current.engine(), current.actor(), tasks) if tasks else {}
    ticked = set(chosen_tasks()) if request.method == "POST" else {task.id for task in tasks}
    page = render_template(
        "tasks/bulk.html", step=step, tasks=tasks, cases=case_lines(tasks), fields=fields, ticked=ticked,
        blocked={task_id: error_text(refusal) for task_id, refusal in apart.items()}, key=str(uuid4()),
        whole=whole or unplaced(fields, errors), title=schema.get("title") or label("steps", step.key),
    )  # fmt: skip
    return page, status


@bp.post("/<string:step_key>")
@allowed(STAFF)
def complete(step_key: str) -> ResponseReturnValue:
    """Complete the chosen tasks with the values of the form, and say of each what happened."""
    step, wanted = _step(step_key), chosen_tasks()
    mine = {task.id: task for task in open_tasks(step_key)}
    about = next((mine[task_id].business_key for task_id in wanted if task_id in mine), "")
    values = read_form(step_forms.schema_of(step, about), request.form)
    if not wanted:
        return _page(step, values, {}, t("bulk.nothing_chosen"), 422)
    items = complete_tasks(current.engine(), [(task_id, values) for task_id in wanted], current.actor(),
                           idempotency_key=sent_key())  # fmt: skip
    refused = [item.refusal for item in items if item.refusal is not None]
    if len(refused) == len(items) and all(isinstance(one, InvalidInputError) for one in refused):
        return _page(step, values, field_errors(refused[0]), "", 422)  # the form is wrong for all: mend it once
    return done_page(items, label("steps", step_key), "queue.mine")

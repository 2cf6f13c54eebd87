"""Tasks: queues, one task with its form, and what may be done with it."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields, validate

from engine import queries
from engine.access import stands_in
from engine.commands import tasks as doors
from engine.errors import ForbiddenError
from engine.views import CommandResult, TaskView
from webapp import current
from webapp.api import schemas
from webapp.api.base import (
    Body,
    IdempotencyHeader,
    MatchHeader,
    PageQuery,
    endpoints,
    nothing,
    one_of,
    require_match,
    with_etag,
)
from webapp.errors import error_text
from webapp.security import STAFF, allowed
from webapp.ui.words import task_words
from webapp.visibility import visible_task
from workflows.forms import Text

blp = endpoints("tasks", "Work queues and tasks.", "/tasks")
DETAIL = schemas.TaskDetail()
LONGEST_REASON = 2000


class QueueQuery(PageQuery):
    """Which queue: what I hold, what my roles share, what I handed to others, what I did; and in which order."""

    queue = fields.String(
        load_default="mine", validate=one_of("mine", "group", "out", "done"),
        metadata={"description": "In `mine` stand also the ballots I cast in the place of their `assignee`."},
    )  # fmt: skip
    order = fields.String(
        load_default="created", validate=one_of("created", "due", "priority"),
        metadata={"description": "Of open tasks; what was done comes latest first."},
    )  # fmt: skip
    priority = fields.Integer(load_default=nothing, validate=validate.Range(1, 3))
    late = fields.Boolean(load_default=False, metadata={"description": "Only those told to the head of the unit."})
    awake = fields.Boolean(load_default=False, metadata={"description": "Without what I put off to a later day."})


class Values(Body):
    """The values of the form."""

    values = fields.Dict(required=True, keys=fields.String())


class Reason(Body):
    """Why the usual course is left."""

    reason = Text(
        required=True, longest=LONGEST_REASON, multiline=True,
        metadata={"minLength": 1, "maxLength": LONGEST_REASON},
    )  # fmt: skip


class Receiver(Reason):
    """To whom a task goes, and why."""

    to = fields.String(required=True, validate=validate.Length(1, 100), metadata={"description": "A person's id."})


def shown(task: TaskView) -> dict[str, Any]:
    """Return a task for `TaskItem`, its name in the language of the request."""
    return {**asdict(task), "name": task_words(task.name, task.step_key, task)}


def outcome(result: CommandResult) -> dict[str, Any]:
    """Return what a door did for `Outcome`."""
    return {"instance": result.instance, "opened": [shown(task) for task in result.opened], "closed": result.closed}


def detail(task_id: UUID) -> dict[str, Any]:
    """Return a task for `TaskDetail`: the form only for who may complete it now."""
    task, actor = visible_task(task_id), current.actor()
    found: dict[str, Any] = {**shown(task), "form": None, "values": {}, "secret": False, "blocked": ""}
    shared = task.assignee is None and actor.holds(task.role, task.scope or None)
    mine = task.assignee == actor.id or shared or stands_in(actor, task)
    if task.status == "open" and mine:
        try:
            form = queries.task_form(current.engine(), task_id, actor)
        except ForbiddenError as refusal:
            return found | {"blocked": error_text(refusal)}
        found |= {"form": form.schema, "values": form.values, "secret": form.secret}
    return found


@blp.route("")
@allowed(STAFF)
@blp.arguments(QueueQuery, location="query")
@blp.response(200, schemas.TaskPageSchema)
def list_tasks(query: dict[str, Any]) -> dict[str, Any]:
    """List a queue, oldest first unless another order is asked; what I did latest first."""
    page = queries.list_tasks(
        current.engine(), current.actor(), query["queue"], limit=query["limit"], cursor=query["cursor"] or None,
        order=query["order"], priority=query["priority"], late=query["late"],
        awake_on=current.business_today() if query["awake"] else None,
    )  # fmt: skip
    return {"items": [shown(task) for task in page.items], "next_cursor": page.next_cursor}


@blp.route("/<uuid:task_id>")
@allowed(STAFF)
@blp.response(200, schemas.TaskDetail, headers={"ETag": {"schema": {"type": "string"}}})
def get_task(task_id: UUID) -> Response:
    """Read one task with its form."""
    return with_etag(DETAIL, detail(task_id))


@blp.route("/<uuid:task_id>/claim", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.response(200, schemas.Outcome)
def claim_task(header: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    """Take a shared task."""
    return outcome(doors.claim_task(current.engine(), task_id, current.actor(), idempotency_key=header["key"]))


@blp.route("/<uuid:task_id>/release", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.response(200, schemas.Outcome)
def release_task(header: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    """Give a task back to those who share it, or to who delegated it."""
    return outcome(doors.release_task(current.engine(), task_id, current.actor(), idempotency_key=header["key"]))


@blp.route("/<uuid:task_id>/delegate", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Receiver)
@blp.response(200, schemas.Outcome)
def delegate_task(header: dict[str, Any], given: dict[str, str], task_id: UUID) -> dict[str, Any]:
    """Hand a task to somebody else, with a reason."""
    return outcome(
        doors.delegate_task(
            current.engine(), task_id, current.actor(), given["to"], given["reason"], idempotency_key=header["key"]
        )
    )


@blp.route("/<uuid:task_id>/take-over", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Reason)
@blp.response(200, schemas.Outcome)
def take_over_task(header: dict[str, Any], given: dict[str, str], task_id: UUID) -> dict[str, Any]:
    """Take a task from the colleague who holds it, with a reason."""
    return outcome(
        doors.take_over_task(current.engine(), task_id, current.actor(), given["reason"], idempotency_key=header["key"])
    )


@blp.route("/<uuid:task_id>/complete", methods=["POST"])
@allowed(STAFF)
@blp.arguments(MatchHeader, location="headers")
@blp.arguments(Values)
@blp.response(200, schemas.Outcome)
def complete_task(header: dict[str, Any], given: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    """Complete a task with the values its form asks; a shared task is claimed by that."""
    if header["match"] is not None and visible_task(task_id).status == "open":
        require_match(header["match"], DETAIL, lambda: detail(task_id))
    done = doors.complete_task(
        current.engine(), task_id, current.actor(), given["values"], idempotency_key=header["key"]
    )
    return outcome(done)

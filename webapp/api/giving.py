"""Tasks given out: assigned, helped with, put off, drafted, taken or completed as a list."""

from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine import queries
from engine.commands import assignments as doors
from engine.commands.bulk import MOST_ITEMS, claim_tasks, complete_tasks
from engine.commands.drafts import as_kept, save_draft
from engine.errors import NotTheHeadError
from engine.views import BulkItem, CommandResult
from webapp import current
from webapp.api import schemas
from webapp.api.base import Body, IdempotencyHeader, endpoints
from webapp.api.tasks import Receiver, outcome
from webapp.errors import error_text
from webapp.forms import field_errors
from webapp.security import STAFF, allowed
from webapp.ui.words import person
from webapp.visibility import visible_task

blp = endpoints("giving", "Tasks given out: assigned, helped with, put off, done as a list.", "/tasks")


class Note(Body):
    """What was done."""

    note = fields.String(required=True, validate=validate.Length(1, 2000))


class Priority(Body):
    """How urgent."""

    priority = fields.Integer(required=True, validate=validate.Range(1, 3))


class FollowUp(Body):
    """When to look at it again; null to see it at once."""

    on = fields.Date(required=True, allow_none=True)


class Draft(Body):
    """What is typed so far, over the version that was read (0 for none)."""

    values = fields.Dict(required=True, keys=fields.String())
    version = fields.Integer(required=True, validate=validate.Range(0, 10**9))


class Many(Body):
    """Tasks by id."""

    tasks = fields.List(fields.UUID(), required=True, validate=validate.Length(1, MOST_ITEMS))


class Answer(Body):
    """One task with the values of its form."""

    task = fields.UUID(required=True)
    values = fields.Dict(required=True, keys=fields.String())


class Answers(Body):
    """Tasks with the values of their forms."""

    items = fields.List(fields.Nested(Answer), required=True, validate=validate.Length(1, MOST_ITEMS))


@blp.route("/<uuid:task_id>/candidates")
@allowed(STAFF)
@blp.response(200, schemas.CandidateList)
def list_candidates(task_id: UUID) -> dict[str, Any]:
    """List who may be given a task and why others may not: for who holds, owns or heads it."""
    task, me = visible_task(task_id), current.actor()
    if me.id not in {task.assignee, task.owner, *queries.heads_of(current.engine(), task)}:
        raise NotTheHeadError("only the head of the unit assigns", role=task.role)
    found = queries.candidates(current.engine(), task_id)
    return {"items": [
        {"person": one.person_id, "name": person(one.person_id), "eligible": one.refusal is None,
         "why_not": error_text(one.refusal) if one.refusal else ""}
        for one in found
    ]}  # fmt: skip


@blp.route("/<uuid:task_id>/assign", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Receiver)
@blp.response(200, schemas.Outcome)
def assign_task(header: dict[str, Any], given: dict[str, str], task_id: UUID) -> dict[str, Any]:
    """Give a task to one of the eligible, as head of the unit in charge, with a reason."""
    done = doors.assign_task(
        current.engine(), task_id, current.actor(), given["to"], given["reason"], idempotency_key=header["key"]
    )
    return outcome(done)


@blp.route("/<uuid:task_id>/resolve", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Note)
@blp.response(200, schemas.Outcome)
def resolve_task(header: dict[str, Any], given: dict[str, str], task_id: UUID) -> dict[str, Any]:
    """Give a task back to who asked for help, with word of what was done."""
    done = doors.resolve_task(current.engine(), task_id, current.actor(), given["note"], idempotency_key=header["key"])
    return outcome(done)


@blp.route("/<uuid:task_id>/recall", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.response(200, schemas.Outcome)
def recall_task(header: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    """Take a task back from who was asked for help."""
    return outcome(doors.recall_task(current.engine(), task_id, current.actor(), idempotency_key=header["key"]))


@blp.route("/<uuid:task_id>/priority", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Priority)
@blp.response(200, schemas.Outcome)
def set_priority(header: dict[str, Any], given: dict[str, int], task_id: UUID) -> dict[str, Any]:
    """Say how urgent a task is, as head of the unit in charge."""
    done = doors.set_priority(
        current.engine(), task_id, current.actor(), given["priority"], idempotency_key=header["key"]
    )
    return outcome(done)


@blp.route("/<uuid:task_id>/follow-up", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(FollowUp)
@blp.response(200, schemas.Outcome)
def set_follow_up(header: dict[str, Any], given: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    """Put one's own task off to a day; the due date stays."""
    done = doors.set_follow_up(current.engine(), task_id, current.actor(), given["on"], idempotency_key=header["key"])
    return outcome(done)


@blp.route("/<uuid:task_id>/draft")
@allowed(STAFF)
@blp.response(200, schemas.DraftAnswer)
def get_draft(task_id: UUID) -> dict[str, Any]:
    """Read one's own draft of a task; never another person's."""
    visible_task(task_id)
    values, version = queries.stored_draft(current.engine(), task_id, current.actor())
    return {"values": values, "version": version}


@blp.route("/<uuid:task_id>/draft", methods=["PUT"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Draft)
@blp.response(200, schemas.DraftAnswer)
def put_draft(header: dict[str, Any], given: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    """Keep what is typed so far; 409 when it was saved elsewhere since: what is stored stays, read it and choose."""
    version = save_draft(
        current.engine(), task_id, current.actor(), given["values"], given["version"], idempotency_key=header["key"]
    )
    return {"values": as_kept(given["values"]), "version": version}


@blp.route("/claim", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Many)
@blp.response(200, schemas.BulkAnswer)
def claim_many(header: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Take many shared tasks, each by a door of its own."""
    items = claim_tasks(current.engine(), given["tasks"], current.actor(), idempotency_key=header["key"])
    return {"items": [_result(item) for item in items]}


@blp.route("/complete", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Answers)
@blp.response(200, schemas.BulkAnswer)
def complete_many(header: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Complete many tasks of steps that allow it, each by a door of its own."""
    answers = [(item["task"], item["values"]) for item in given["items"]]
    items = complete_tasks(current.engine(), answers, current.actor(), idempotency_key=header["key"])
    return {"items": [_result(item) for item in items]}


def _result(item: BulkItem) -> dict[str, Any]:
    if item.refusal is None:
        done: CommandResult | None = item.result
        return {"task": item.task_id, "done": True, "code": "", "detail": "", "fields_": {},
                "outcome": outcome(done) if done else None}  # fmt: skip
    return {"task": item.task_id, "done": False, "code": item.refusal.code, "detail": error_text(item.refusal),
            "fields_": field_errors(item.refusal), "outcome": None}  # fmt: skip

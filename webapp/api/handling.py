"""How cases are handled: let one rest, go on or end, and propose a repair; the page is *Điều hành hồ sơ*."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields, validate

from engine import queries
from engine.commands.instances import cancel_instance as cancel
from engine.commands.interventions import propose_repair as propose
from engine.commands.suspension import resume_instance as resume
from engine.commands.suspension import suspend_instance as suspend
from engine.intervention_views import Page, RepairPlan, RepairPreview, RepairView, SuspensionView
from engine.views import InstanceView, TaskView
from webapp import current
from webapp.api import operator_schemas as shapes
from webapp.api import schemas
from webapp.api.base import (
    Body,
    IdempotencyHeader,
    PageQuery,
    UnneededIdempotencyHeader,
    endpoints,
    nothing,
    one_of,
    with_etag,
)
from webapp.api.tasks import Reason, outcome, shown
from webapp.filters import label
from webapp.security import allowed
from webapp.ui.words import person, remember_people, task_words, variable_name
from workflows.forms import clean_text

blp = endpoints("handling", "How cases are handled: rest, go on, end, be repaired.", "/instances")
READERS = ("administrator", "auditor", "director")
OPERATOR = "administrator"
DETAIL = shapes.Handling()
MOST_REQUESTS = 50


class CasesQuery(PageQuery):
    """Which cases: those of a status, or the one of a key whatever its status."""

    status = fields.String(load_default="suspended", validate=one_of("running", "suspended", "incident"))
    process_key = fields.String(load_default=nothing, validate=validate.Length(1, 200))
    business_key = fields.String(
        load_default=nothing, validate=validate.Length(1, 100),
        metadata={"description": "Finds this one, also when it is over; `status` and `process_key` are left aside."},
    )  # fmt: skip


class RepairPlanBody(Body):
    """What a repair does; `GET instances/{id}/repair` says what is possible."""

    token = fields.String(
        load_default="", validate=validate.Length(0, 100),
        metadata={"description": "Which token moves; none when empty."},
    )  # fmt: skip
    target = fields.String(
        load_default="", validate=validate.Length(0, 200), metadata={"description": "The element it starts again at."}
    )
    variables = fields.Dict(
        load_default=dict, keys=fields.String(),
        metadata={"description": "New values by name: texts, whole numbers, true or false, lists of them, null."},
    )  # fmt: skip


class Repair(Reason, RepairPlanBody):
    """A repair, and why it is needed."""


def plan_of(given: dict[str, Any]) -> RepairPlan:
    """Return the plan that was sent, its texts cleaned as those typed into a form; a list of lists is no value."""
    values = {
        name: [_cleaned(one) for one in value] if isinstance(value, list) else _cleaned(value)
        for name, value in given["variables"].items()
    }
    return RepairPlan(clean_text(given["token"]), target=clean_text(given["target"]), variables=values)


def _cleaned(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value


def request_item(asked: RepairView) -> dict[str, Any]:
    """Return a proposal for `RequestItem` and `InterventionRequest`."""
    repair = asked.kind == "repair"
    return {
        **{name: getattr(asked, name) for name in asked.__slots__},
        "plan": asked.plan if repair else None, "before": None if repair else asked.before,
        "after": None if repair else asked.after, "cases": 1 if repair else len(asked.instances),
        "instances": [asked.instance_id] if repair else list(asked.instances),
        "proposer_name": person(asked.proposer_id), "decider_name": person(asked.decider_id),
    }  # fmt: skip


def seen(preview: RepairPreview) -> dict[str, Any]:
    """Return what would come of a repair for `RepairSeen`."""

    def task(one: TaskView) -> dict[str, Any]:
        return {**asdict(one), "name": task_words(one.name, one.step_key, one)}

    return {
        "opened": [task(one) for one in preview.opened], "closed": [task(one) for one in preview.closed],
        "waiting": preview.waiting, "jobs": preview.jobs, "ended": preview.ended,
    }  # fmt: skip


def _case(found: InstanceView, rest: SuspensionView | None) -> dict[str, Any]:
    suspension = {**asdict(rest), "name": person(rest.person_id)} if rest else None
    return {**{name: getattr(found, name) for name in found.__slots__}, "suspension": suspension}


@blp.route("")
@allowed(*READERS)
@blp.arguments(CasesQuery, location="query")
@blp.response(200, shapes.HandledCasePage)
def list_instances(query: dict[str, Any]) -> dict[str, Any]:
    """List cases that rest, run or stand at an incident, in the order of their ids; or find one by its key."""
    engine = current.engine()
    if query["business_key"] is not None:
        found = queries.find_instance(engine, clean_text(query["business_key"]))
        page = Page((found,) if found else (), None)
    else:
        page = queries.search_open_cases(
            engine, query["status"], process_key=query["process_key"], limit=query["limit"],
            cursor=query["cursor"] or None,
        )  # fmt: skip
    rests = queries.suspensions_of(engine, [one.id for one in page.items])
    return {"items": [_case(one, rests.get(one.id)) for one in page.items], "next_cursor": page.next_cursor}


@blp.route("/<uuid:instance_id>/handling")
@allowed(*READERS)
@blp.response(200, shapes.Handling, headers={"ETag": {"schema": {"type": "string"}}})
def get_handling(instance_id: UUID) -> Response:
    """Read how a case is handled: whether it rests, what is open, what it waits for, what is proposed."""
    engine = current.engine()
    found = queries.get_instance(engine, instance_id)
    tasks = queries.open_tasks_of_instance(engine, instance_id)
    asked = queries.search_requests(engine, instance_id=instance_id, limit=MOST_REQUESTS).items
    remember_people([one.proposer_id for one in asked])
    body = {
        **_case(found, queries.suspensions_of(engine, [instance_id]).get(instance_id)),
        "tasks": [shown(task) for task in tasks if not task.personal],
        "open_ballots": sum(task.personal for task in tasks),
        "waiting": [*queries.due_timers(engine, instance_id), *queries.waiting_messages(engine, instance_id)],
        "requests": [request_item(one) for one in asked],
    }
    return with_etag(DETAIL, body)


@blp.route("/<uuid:instance_id>/suspend", methods=["POST"])
@allowed(OPERATOR)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Reason)
@blp.response(200, schemas.Outcome)
def suspend_instance(header: dict[str, Any], given: dict[str, str], instance_id: UUID) -> dict[str, Any]:
    """Let a case rest, with a reason; its deadlines run on."""
    done = suspend(current.engine(), instance_id, current.actor(), given["reason"], idempotency_key=header["key"])
    return outcome(done)


@blp.route("/<uuid:instance_id>/resume", methods=["POST"])
@allowed(OPERATOR)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Reason)
@blp.response(200, schemas.Outcome)
def resume_instance(header: dict[str, Any], given: dict[str, str], instance_id: UUID) -> dict[str, Any]:
    """Let a suspended case go on, with a reason; what fell due meanwhile happens now."""
    done = resume(current.engine(), instance_id, current.actor(), given["reason"], idempotency_key=header["key"])
    return outcome(done)


@blp.route("/<uuid:instance_id>/cancel", methods=["POST"])
@allowed(OPERATOR)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Reason)
@blp.response(200, schemas.Outcome)
def cancel_instance(header: dict[str, Any], given: dict[str, str], instance_id: UUID) -> dict[str, Any]:
    """End a case without a result, for good, with a reason."""
    done = cancel(current.engine(), instance_id, current.actor(), given["reason"], idempotency_key=header["key"])
    return outcome(done)


@blp.route("/<uuid:instance_id>/repair")
@allowed(OPERATOR)
@blp.response(200, shapes.RepairOptions)
def get_repair_options(instance_id: UUID) -> dict[str, Any]:
    """Say what a repair may do as the case stands: where tokens may be moved to, which variables may be changed."""
    engine = current.engine()
    places = [
        {
            **asdict(place), "name": _element(place.process_key, place.element_id),
            "targets": [{"element_id": one, "name": _element(place.process_key, one)} for one in place.targets],
        }
        for place in queries.token_places_of(engine, instance_id)
    ]  # fmt: skip
    variables = queries.repairable_variables(engine, instance_id)
    return {"places": places, "variables": [{**asdict(one), "title": variable_name(one.name)} for one in variables]}


def _element(process_key: str, element_id: str) -> str:
    return label(f"elements.{process_key}", element_id)


@blp.route("/<uuid:instance_id>/repair/preview", methods=["POST"])
@allowed(OPERATOR)
@blp.arguments(UnneededIdempotencyHeader, location="headers")
@blp.arguments(RepairPlanBody)
@blp.response(200, shapes.RepairSeen)
def preview_repair(_header: dict[str, Any], given: dict[str, Any], instance_id: UUID) -> dict[str, Any]:
    """Say what would be open after a repair; it is carried out, looked at and taken back: nothing is written."""
    return seen(queries.preview_repair(current.engine(), instance_id, current.actor(), plan_of(given)))


@blp.route("/<uuid:instance_id>/repair", methods=["POST"])
@allowed(OPERATOR)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Repair)
@blp.response(201, shapes.InterventionRequest)
def propose_repair(header: dict[str, Any], given: dict[str, Any], instance_id: UUID) -> dict[str, Any]:
    """Propose to move a token or to change variables; nothing moves until another person approves.

    Whatever moves the case meanwhile makes the proposal void: suspend the case first to keep it still.
    """
    asked = propose(
        current.engine(), instance_id, current.actor(), plan_of(given), given["reason"], idempotency_key=header["key"]
    )
    return request_item(asked)

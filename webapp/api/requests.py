"""What operators proposed: repairs of cases and moves to another version, read by some, decided by another person."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields, validate

from engine import queries
from engine.commands.interventions import approve_request as approve
from engine.commands.interventions import propose_migration as propose
from engine.commands.interventions import reject_request as reject
from engine.errors import NotFoundError
from engine.intervention_views import Page, Verdict
from engine.migration import LARGEST_NUMBER
from webapp import current
from webapp.api import operator_schemas as shapes
from webapp.api.base import Body, IdempotencyHeader, PageQuery, endpoints, nothing, one_of, with_etag
from webapp.api.handling import OPERATOR, READERS, request_item, seen
from webapp.api.tasks import LONGEST_REASON, Reason
from webapp.filters import label
from webapp.security import allowed
from webapp.ui.words import person, remember_people
from workflows.forms import Text

blp = endpoints("requests", "Proposed repairs and migrations: read, approved or rejected by another person.")
APPROVERS = ("administrator", "director")
DETAIL = shapes.InterventionRequest()
MOST_CASES = 1000


class RequestsQuery(PageQuery):
    """Which proposals."""

    state = fields.String(load_default=nothing, validate=one_of("proposed", "approved", "rejected", "void"))
    instance_id = fields.UUID(load_default=nothing, metadata={"description": "Repairs of this case."})


class Approval(Body):
    """What one has to say about it; may be left out."""

    reason = Text(load_default="", longest=LONGEST_REASON, multiline=True, metadata={"maxLength": LONGEST_REASON})


def _version_moved_to() -> fields.Integer:
    return fields.Integer(
        required=True, validate=validate.Range(1, LARGEST_NUMBER), metadata={"description": "The version moved to."}
    )


class VerdictQuery(PageQuery):
    """To which version."""

    after = _version_moved_to()


class Migration(Reason):
    """To which version, which cases, why."""

    after = _version_moved_to()
    instances = fields.List(
        fields.UUID(), load_default=list, validate=validate.Length(0, MOST_CASES),
        metadata={"description": "These cases, all or none; left out: all that run on the version and can move."},
    )  # fmt: skip


@blp.route("/requests")
@allowed(*READERS)
@blp.arguments(RequestsQuery, location="query")
@blp.response(200, shapes.RequestPage)
def list_requests(query: dict[str, Any]) -> dict[str, Any]:
    """List proposed repairs and migrations, newest first."""
    page = queries.search_requests(current.engine(), **{**query, "cursor": query["cursor"] or None})
    remember_people([one.proposer_id for one in page.items])
    return {"items": [request_item(one) for one in page.items], "next_cursor": page.next_cursor}


@blp.route("/requests/<uuid:request_id>")
@allowed(*READERS)
@blp.response(200, shapes.InterventionRequest, headers={"ETag": {"schema": {"type": "string"}}})
def get_request(request_id: UUID) -> Response:
    """Read a proposal: what it does, why, who decided what."""
    return with_etag(DETAIL, request_item(queries.get_request(current.engine(), request_id)))


@blp.route("/requests/<uuid:request_id>/preview")
@allowed(*APPROVERS)
@blp.response(200, shapes.RepairSeen)
def preview_request(request_id: UUID) -> dict[str, Any]:
    """Say what would be open after a proposed repair; 409 `repair_void` once its case moved."""
    asked = queries.get_request(current.engine(), request_id)
    if asked.instance_id is None:
        raise NotFoundError("no repair", request=str(request_id))
    return seen(
        queries.preview_repair(
            current.engine(), asked.instance_id, current.actor(), asked.plan, revision=asked.revision
        )
    )


@blp.route("/requests/<uuid:request_id>/verdicts")
@allowed(*READERS)
@blp.arguments(PageQuery, location="query")
@blp.response(200, shapes.VerdictPage)
def list_request_verdicts(query: dict[str, Any], request_id: UUID) -> dict[str, Any]:
    """Say of each case of a proposed migration whether it can still move; those that are over are left out."""
    asked = queries.get_request(current.engine(), request_id)
    if asked.instance_id is not None:
        raise NotFoundError("no migration", request=str(request_id))
    return _verdicts(
        queries.search_verdicts(
            current.engine(), asked.process_key, asked.before, asked.after, chosen=asked.instances,
            limit=query["limit"], cursor=query["cursor"] or None,
        )
    )  # fmt: skip


def _verdicts(page: Page[Verdict]) -> dict[str, Any]:
    items = [
        {
            **{name: getattr(one, name) for name in one.__slots__}, "moves": one.moves,
            "detail": label("verdicts", one.reason or "moves"),
        }
        for one in page.items
    ]  # fmt: skip
    return {"items": items, "next_cursor": page.next_cursor}


@blp.route("/requests/<uuid:request_id>/approve", methods=["POST"])
@allowed(*APPROVERS)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Approval)
@blp.response(200, shapes.InterventionRequest)
def approve_request(header: dict[str, Any], given: dict[str, str], request_id: UUID) -> dict[str, Any]:
    """Approve a proposal of somebody else and carry it out by that."""
    done = approve(current.engine(), request_id, current.actor(), given["reason"], idempotency_key=header["key"])
    return request_item(done)


@blp.route("/requests/<uuid:request_id>/reject", methods=["POST"])
@allowed(*APPROVERS)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Reason)
@blp.response(200, shapes.InterventionRequest)
def reject_request(header: dict[str, Any], given: dict[str, str], request_id: UUID) -> dict[str, Any]:
    """Reject a proposal of somebody else, with a reason; nothing of it is carried out."""
    done = reject(current.engine(), request_id, current.actor(), given["reason"], idempotency_key=header["key"])
    return request_item(done)


@blp.route("/processes/<string:process_key>/versions")
@allowed(*READERS)
@blp.response(200, shapes.VersionList)
def list_versions(process_key: str) -> dict[str, Any]:
    """List the versions of a process with how many cases run on each, newest first."""
    found = queries.list_versions(current.engine(), process_key)
    remember_people([one.deployed_by for one in found])
    items = [{name: getattr(one, name) for name in one.__slots__} for one in found]
    return {"items": [{**one, "deployed_by": person(one["deployed_by"])} for one in items]}


@blp.route("/processes/<string:process_key>/versions/<int:before>/verdicts")
@allowed(*READERS)
@blp.arguments(VerdictQuery, location="query")
@blp.response(200, shapes.VerdictPage)
def list_verdicts(query: dict[str, Any], process_key: str, before: int) -> dict[str, Any]:
    """Try a migration: say of each case that runs on a version whether it can move to another, and why not."""
    return _verdicts(
        queries.search_verdicts(
            current.engine(), process_key, before, query["after"], limit=query["limit"],
            cursor=query["cursor"] or None,
        )
    )  # fmt: skip


@blp.route("/processes/<string:process_key>/versions/<int:before>/migrations", methods=["POST"])
@allowed(OPERATOR)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Migration)
@blp.response(201, shapes.InterventionRequest)
def propose_migration(header: dict[str, Any], given: dict[str, Any], process_key: str, before: int) -> dict[str, Any]:
    """Propose to move cases to another version; when another person approves all of them move, or none."""
    asked = propose(
        current.engine(), process_key, current.actor(), given["reason"], before=before, after=given["after"],
        instances=tuple(given["instances"]), idempotency_key=header["key"],
    )  # fmt: skip
    return request_item(asked)

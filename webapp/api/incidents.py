"""Incidents: what gave up or waits for nothing, and letting it start over, one or all of a cause."""

from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine import queries
from engine.commands import incidents as doors
from webapp import current
from webapp.api import operator_schemas as shapes
from webapp.api.base import IdempotencyHeader, PageQuery, endpoints, nothing
from webapp.api.tasks import Reason
from webapp.i18n import has, t
from webapp.security import allowed

blp = endpoints("incidents", "What gave up or waits for nothing, by cause; let it start over.", "/incidents")


class IncidentQuery(PageQuery):
    """Which incidents."""

    cause = fields.String(load_default=nothing, validate=validate.Length(1, 200))


@blp.route("")
@allowed("administrator")
@blp.arguments(IncidentQuery, location="query")
@blp.response(200, shapes.IncidentPage)
def list_incidents(query: dict[str, Any]) -> dict[str, Any]:
    """List the jobs that gave up, latest first."""
    page = queries.search_incidents(current.engine(), **{**query, "cursor": query["cursor"] or None})
    return {"items": page.items, "next_cursor": page.next_cursor}


@blp.route("/causes")
@allowed("administrator")
@blp.response(200, shapes.CauseList)
def list_causes() -> dict[str, Any]:
    """List what gave up by its cause, most frequent first, with what to do about it."""
    groups = queries.list_incident_groups(current.engine(), 0)
    return {
        "items": [
            {**{name: getattr(group, name) for name in group.__slots__}, "advice": _advice(group.kind)}
            for group in groups
        ]
    }


def _advice(kind: str) -> str:
    return t(f"incidents.do_{kind}") if has(f"incidents.do_{kind}") else t("incidents.do_service")


@blp.route("/<uuid:job_id>/retry", methods=["POST"])
@allowed("administrator")
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Reason)
@blp.response(200, shapes.Retried)
def retry_incident(header: dict[str, Any], given: dict[str, str], job_id: UUID) -> dict[str, Any]:
    """Let one job start over, with a reason."""
    doors.retry_incident(current.engine(), job_id, current.actor(), given["reason"], idempotency_key=header["key"])
    return {"retried": 1}


@blp.route("/causes/<string:cause>/retry", methods=["POST"])
@allowed("administrator")
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Reason)
@blp.response(200, shapes.Retried)
def retry_cause(header: dict[str, Any], given: dict[str, str], cause: str) -> dict[str, Any]:
    """Let all jobs that gave up for one cause start over, with one reason."""
    count = doors.retry_incidents(
        current.engine(), cause, current.actor(), given["reason"], idempotency_key=header["key"]
    )
    return {"retried": count}

"""Cases as the engine sees them, and their diagrams."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields, validate

from engine import queries
from engine.views import InstanceView
from webapp import current
from webapp.api import schemas
from webapp.api.base import Body, endpoints, nothing, with_etag
from webapp.api.tasks import shown
from webapp.security import STAFF, allowed
from webapp.ui.cases import drawn
from webapp.visibility import require_visible_case

blp = endpoints("instances", "Cases and their diagrams.", "/instances")
DETAIL = schemas.Instance()


class DiagramQuery(Body):
    """Which diagram of the case; its own when left out."""

    process = fields.String(load_default=nothing, validate=validate.Length(1, 100))


def _visible(instance_id: UUID) -> InstanceView:
    found = queries.get_instance(current.engine(), instance_id)
    require_visible_case(found.business_key)
    return found


@blp.route("/<uuid:instance_id>")
@allowed(STAFF)
@blp.response(200, schemas.Instance, headers={"ETag": {"schema": {"type": "string"}}})
def get_instance(instance_id: UUID) -> Response:
    """Read a case: where it stands, its open tasks, what it waits for."""
    found, engine = _visible(instance_id), current.engine()
    states = queries.element_states(engine, instance_id)
    body: dict[str, Any] = {
        **{name: getattr(found, name) for name in found.__slots__},
        "processes": list(dict.fromkeys([found.process_key, *(state.process_key for state in states)])),
        "tasks": [shown(task) for task in queries.open_tasks_of_instance(engine, instance_id)],
        "waiting": [*queries.due_timers(engine, instance_id), *queries.waiting_messages(engine, instance_id)],
    }
    return with_etag(DETAIL, body)


@blp.route("/<uuid:instance_id>/diagram")
@allowed(STAFF)
@blp.arguments(DiagramQuery, location="query")
@blp.response(200, {"type": "string"}, content_type="image/svg+xml")
def get_diagram(query: dict[str, Any], instance_id: UUID) -> Response:
    """Draw a diagram of the case with what is done, waiting and skipped."""
    found, engine = _visible(instance_id), current.engine()
    key = query["process"] or found.process_key
    xml = queries.diagram_xml(engine, instance_id, key)
    states = [state for state in queries.element_states(engine, instance_id) if state.process_key == key]
    return Response(str(drawn(xml, key, states)), content_type="image/svg+xml; charset=utf-8")

"""The record, for those who check it."""

from typing import Any

from marshmallow import fields, validate

from engine import queries
from webapp import current
from webapp.api import schemas
from webapp.api.base import PageQuery, endpoints, nothing
from webapp.api.nominations import event_body
from webapp.security import allowed
from workflows.forms import Instant

blp = endpoints("audit", "The record of all that was done.", "/audit")
_SHORT = validate.Length(1, 200)


class EventQuery(PageQuery):
    """Which events."""

    business_key = fields.String(load_default=nothing, validate=_SHORT)
    actor_id = fields.String(load_default=nothing, validate=_SHORT)
    kind = fields.String(load_default=nothing, validate=_SHORT, metadata={"example": "task.completed"})
    chain = fields.String(
        load_default=nothing, validate=_SHORT, metadata={"description": "An instance's id, or system."}
    )
    process_key = fields.String(load_default=nothing, validate=_SHORT)
    since = Instant(load_default=nothing, metadata={"description": "From this instant on."})
    until = Instant(load_default=nothing, metadata={"description": "Before this instant."})


@blp.route("/events")
@allowed("auditor")
@blp.arguments(EventQuery, location="query")
@blp.response(200, schemas.EventPageSchema)
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """List events of all chains, newest first."""
    page = queries.search_events(current.engine(), **{**query, "cursor": query["cursor"] or None})
    return {"items": [event_body(event) for event in page.items], "next_cursor": page.next_cursor}

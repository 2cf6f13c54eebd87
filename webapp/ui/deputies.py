"""Ủy quyền: who acts in my place and in whose place I act, from when until when."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engine.db import reading
from webapp import current
from webapp.security import STAFF, allowed
from webapp.ui.words import remember_people
from workflows.organisation import queries as organisation
from workflows.roles import deputy_roles

bp = Blueprint("deputies", __name__, url_prefix="/deputies")


@bp.get("")
@allowed(STAFF)
def index() -> ResponseReturnValue:
    """List the delegations I gave and received that hold today or will."""
    actor = current.actor()
    with reading(current.sessions()) as reader:
        found = organisation.delegations_of(reader, actor.id, current.business_today())
        own = any(actor.holds(role) and not actor.givers(role) for role in deputy_roles())
        remember_people(one for row in found for one in (row.from_person_id, row.to_person_id))
        return render_template(
            "organisation/deputies.html", own=own, today=current.business_today(),
            given=[row for row in found if row.from_person_id == actor.id],
            received=[row for row in found if row.to_person_id == actor.id],
        )  # fmt: skip

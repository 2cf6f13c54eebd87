"""Diagrams: drawn by us as SVG, and the file itself for whoever models with bpmn.io."""

import json

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from engine import queries
from engine.errors import ForbiddenError, NotFoundError
from engine.views import ElementState, InstanceView
from webapp import current
from webapp.security import STAFF, allowed
from webapp.ui.cases import diagram_view, drawn, repairs_of
from webapp.visibility import may_see_case

bp = Blueprint("diagrams", __name__, url_prefix="/diagrams")
BPMN_TYPE = "application/xml; charset=utf-8"


def _case(business_key: str) -> InstanceView:
    """Return the case of a key for those who may read it.

    Raises:
        NotFoundError: no such case.
        ForbiddenError: not for this person.

    """
    found = queries.find_instance(current.engine(), business_key)
    if found is None:
        raise NotFoundError("no such case", business_key=business_key)
    if not may_see_case(business_key):
        raise ForbiddenError
    return found


def _states(instance: InstanceView, key: str) -> list[ElementState]:
    return [one for one in queries.element_states(current.engine(), instance.id) if one.process_key == key]


@bp.get("/<string:key>")
@allowed(STAFF)
def show(key: str) -> ResponseReturnValue:
    """Show the newest deployed diagram of a process."""
    view = diagram_view(None, key, ())
    return render_template("diagrams/show.html", view=view, case_key="", states="{}")


@bp.get("/<string:key>.svg")
@allowed(STAFF)
def picture(key: str) -> ResponseReturnValue:
    """Return the newest deployed diagram as a picture."""
    return _svg(drawn(queries.diagram_xml(current.engine(), None, key), key))


@bp.get("/<string:key>.bpmn")
@allowed(STAFF)
def file(key: str) -> ResponseReturnValue:
    """Return the newest deployed diagram as it was deployed."""
    return Response(queries.diagram_xml(current.engine(), None, key), content_type=BPMN_TYPE)


@bp.get("/cases/<string:business_key>/<string:key>")
@allowed(STAFF)
def of_case(business_key: str, key: str) -> ResponseReturnValue:
    """Show the diagram a case runs on, with how far it got."""
    instance = _case(business_key)
    states = _states(instance, key)
    view = diagram_view(instance.id, key, states, repairs_of(instance.id))
    marks = json.dumps({one.element_id: one.state for one in states})
    return render_template("diagrams/show.html", view=view, case_key=business_key, states=marks)


@bp.get("/cases/<string:business_key>/<string:key>.svg")
@allowed(STAFF)
def picture_of_case(business_key: str, key: str) -> ResponseReturnValue:
    """Return the picture of a case's diagram."""
    instance = _case(business_key)
    xml = queries.diagram_xml(current.engine(), instance.id, key)
    repairs = [one for one in repairs_of(instance.id) if one.process_key == key]
    return _svg(drawn(xml, key, _states(instance, key), repairs))


@bp.get("/cases/<string:business_key>/<string:key>.bpmn")
@allowed(STAFF)
def file_of_case(business_key: str, key: str) -> ResponseReturnValue:
    """Return the diagram a case runs on, as it was deployed then."""
    return Response(queries.diagram_xml(current.engine(), _case(business_key).id, key), content_type=BPMN_TYPE)


def _svg(picture: str) -> Response:
    return Response(
        str(picture),
        content_type="image/svg+xml; charset=utf-8",
        headers={"Content-Security-Policy": "default-src 'none'; sandbox"},
    )

"""A case as it was after each of its events: what had been done, what was known, where it stood in its diagrams."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine import history, queries
from engine.db import reading
from engine.errors import NotFoundError
from engine.views import ElementState, EventView
from webapp import current
from webapp.security import allowed
from webapp.ui.cases import DiagramView, diagram_view, nominees_of
from webapp.ui.reasons import reasons_of
from webapp.ui.words import remember_people
from workflows.council import queries as council
from workflows.nominations import queries as nominations

bp = Blueprint("replay", __name__, url_prefix="/audit/cases")
REACHED = {
    "task.created": "active", "task.completed": "done", "task.cancelled": "cancelled", "service.done": "done",
    "decision.evaluated": "done", "timer.fired": "done", "message.correlated": "done", "job.done": "done",
    "instance.started": "done", "instance.ended": "done",
}  # fmt: skip
"""What an event says of the element it happened at."""


@bp.get("/<string:business_key>")
@allowed("auditor")
def show(business_key: str) -> ResponseReturnValue:
    """Show the case as it was after event number `at`; after the last one when none is given."""
    instance = queries.find_instance(current.engine(), business_key)
    if instance is None:
        raise NotFoundError("no such case", business_key=business_key)
    events = list(queries.list_history(current.engine(), instance.id))
    remember_people(event.actor_id for event in events)
    at = _place(request.args.get("at", ""), len(events))
    passed = events[:at]
    with reading(current.sessions(), at_one_instant=True) as reader:
        findings = [*history.verify(reader, business_key), *council.verify_boxes(reader, business_key)]
        nomination = nominations.find_nomination(reader, business_key)
        nomination_id = nomination.nomination_id if nomination else ""
    return render_template(
        "audit/replay.html",
        instance=instance,
        events=events,
        at=at,
        event=passed[-1] if passed else None,
        variables=variables_after(passed),
        diagrams=_diagrams(instance.id, instance.process_key, passed),
        findings=findings,
        nominee=nominees_of({business_key}).get(business_key, ""),
        evaluations=queries.list_evaluations(current.engine(), instance.id),
        whys=reasons_of(nomination_id) if nomination_id else {},
    )


def _place(text: str, count: int) -> int:
    wanted = int(text) if text.isdecimal() and len(text) < 6 else count
    return min(max(wanted, min(1, count)), count)


def variables_after(events: Iterable[EventView]) -> dict[str, Any]:
    """Return the case's data as its events tell it up to a moment."""
    known: dict[str, Any] = {}
    for event in events:
        found = event.data.get("variables")
        if isinstance(found, dict):
            known |= found
    return known


def states_after(events: Iterable[EventView]) -> list[ElementState]:
    """Return how far the case had got at each element after these events."""
    found: dict[tuple[str, str], ElementState] = {}
    for event in events:
        state, key = REACHED.get(event.kind), (event.process_key, event.element_id)
        if state is None or not event.element_id:
            continue
        before = found.get(key)
        again = before is not None and (state == "active" or before.state == state == "done")
        count = before.count + int(again) if before else 1
        found[key] = ElementState(event.process_key, event.element_id, state, count)
    return list(found.values())


def _diagrams(instance_id: Any, root: str, events: Sequence[EventView]) -> list[DiagramView]:
    """Return the diagrams touched so far, the one of the last event first."""
    states = states_after(events)
    latest = next((event.process_key for event in reversed(events) if event.process_key and event.element_id), root)
    keys = list(dict.fromkeys([latest, root, *(state.process_key for state in states)]))
    return [diagram_view(instance_id, key, [one for one in states if one.process_key == key]) for key in keys]

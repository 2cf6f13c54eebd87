"""What is done without a task: messages about a case, and actions that belong to no case."""

from typing import Any

from marshmallow import fields, validate

from engine import queries
from engine.commands.actions import perform_action as perform
from engine.commands.messages import correlate
from engine.errors import NotFoundError
from engine.registry import ActionStep, MessageStep
from webapp import current
from webapp.api import schemas
from webapp.api.base import Body, IdempotencyHeader, endpoints
from webapp.api.tasks import Values, outcome
from webapp.security import STAFF, allowed
from webapp.ui.step_forms import action, may_perform, messages_for_me, schema_of
from workflows.labels import label

blp = endpoints("steps", "Messages about a case, and actions that belong to no case.")


class CaseQuery(Body):
    """Which case."""

    business_key = fields.String(required=True, validate=validate.Length(1, 100))


class Message(Body):
    """A fact about a case that may move it."""

    name = fields.String(
        required=True, validate=validate.Length(1, 100),
        metadata={"description": "A step's name, or that of the BPMN message.", "example": "nominations.withdraw"},
    )  # fmt: skip
    business_key = fields.String(
        required=True, validate=validate.Length(1, 100), metadata={"example": "ĐN-2025-TK-001"}
    )
    values = fields.Dict(required=True, keys=fields.String())


def _listed(step: ActionStep | MessageStep, business_key: str = "") -> dict[str, Any]:
    return {"name": step.key, "title": label(f"steps.{step.key}"), "form": schema_of(step, business_key)}


def _message(name: str) -> MessageStep:
    """Return the message step of that name, or the one that speaks the BPMN message of that name.

    Raises:
        NotFoundError: there is none that people send.

    """
    steps = [step for step in current.engine().registry.steps.values() if isinstance(step, MessageStep)]
    spoken = [step for step in steps if step.roles != {"system"} and name in (step.key, step.message)]
    if not spoken:
        raise NotFoundError("no such message", message=name)
    return next((step for step in spoken if may_perform(step)), spoken[0])


@blp.route("/messages")
@allowed(STAFF)
@blp.arguments(CaseQuery, location="query")
@blp.response(200, schemas.StepList)
def list_messages(query: dict[str, str]) -> dict[str, Any]:
    """List the messages I may send about a case that waits for them, each with its form."""
    key = query["business_key"]
    case = queries.find_instance(current.engine(), key)
    if case is None:
        raise NotFoundError("no such case", business_key=key)
    names = {waiting.name for waiting in queries.waiting_messages(current.engine(), case.id)}
    return {"items": [_listed(step, key) for step in messages_for_me(names)]}


@blp.route("/messages", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Message)
@blp.response(200, schemas.Outcome)
def send_message(header: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Send a message about a case."""
    step = _message(given["name"])
    done = correlate(
        current.engine(), step.key, given["business_key"], current.actor(), given["values"],
        idempotency_key=header["key"],
    )  # fmt: skip
    return outcome(done)


@blp.route("/actions")
@allowed(STAFF)
@blp.response(200, schemas.StepList)
def list_actions() -> dict[str, Any]:
    """List the actions I may perform, each with its form."""
    steps = [step for step in current.engine().registry.steps.values() if isinstance(step, ActionStep)]
    return {"items": [_listed(step) for step in steps if may_perform(step)]}


@blp.route("/actions/<string:name>")
@allowed(STAFF)
@blp.response(200, schemas.Step)
def get_action(name: str) -> dict[str, Any]:
    """Read one action's form."""
    return _listed(action(name))


@blp.route("/actions/<string:name>", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Values)
@blp.response(200, schemas.ActionAnswer)
def perform_action(header: dict[str, Any], given: dict[str, Any], name: str) -> dict[str, Any]:
    """Perform an action."""
    done = perform(current.engine(), name, current.actor(), given["values"], idempotency_key=header["key"])
    return {"values": done.values}

"""The description of the API: OpenAPI 3.1, the same for every reader, and a page to read it on."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Flask, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp import __version__
from webapp.api import (
    audit,
    giving,
    handling,
    identity,
    incidents,
    instances,
    nominations,
    notes,
    requests,
    steps,
    tasks,
)
from webapp.api.base import ProblemApi
from webapp.api.schemas import Problem
from webapp.security import ANYONE, allowed

bp = Blueprint("description", __name__)
ROOMS = (
    identity.blp, tasks.blp, giving.blp, nominations.blp, notes.blp, instances.blp, steps.blp, handling.blp,
    requests.blp, incidents.blp, audit.blp,
)  # fmt: skip
EXTENSION = "thidua-api"
OPEN_OPERATIONS = frozenset({"get_token"})
PROBLEM_STATUS = {
    "401": "Nobody is signed in.", "403": "The role is missing, or duties must stay separate.",
    "404": "There is no such thing.", "409": "It no longer fits the present state.",
    "422": "The values do not fit.",
}  # fmt: skip
DESCRIPTION = """Xét khen thưởng trên sơ đồ BPMN. *Award approval on BPMN diagrams.*

1. `POST /api/v1/auth/token` gives a bearer token.
2. `POST /api/v1/nominations` opens a nomination and answers its first task.
3. `GET /api/v1/tasks?queue=mine` (or `group`) lists what waits; `GET /api/v1/tasks/{id}` gives the task's `form`, a
   JSON Schema with titles, required, enums and an `example` that is accepted.
4. Where a required property bears `x-file`, file a document of that kind first by
   `POST /api/v1/nominations/{id}/documents`; its `id` is the value.
5. `POST /api/v1/tasks/{id}/complete` with `{"values": …}` sends it; the answer names the tasks this opened.
6. What is done without a task is listed with forms of the same kind by `GET /api/v1/actions` (sittings, decisions to
   be signed, organisation) and `GET /api/v1/messages?business_key=` (comments, withdrawal, answers).
7. Operators let a case rest, go on or end (`POST /api/v1/instances/{id}/suspend`, `resume`, `cancel`), propose a repair
   or a migration (`POST /api/v1/instances/{id}/repair`,
   `POST /api/v1/processes/{key}/versions/{before}/migrations`) that another person approves
   (`POST /api/v1/requests/{id}/approve`), and let what gave up start over (`POST /api/v1/incidents/{id}/retry`).

Every refusal is an RFC 9457 problem whose `code` is stable and whose `detail` speaks the language of
`Accept-Language` (vi, en)."""


def init_app(app: Flask) -> None:
    """Register the rooms and make their description."""
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's own provider has it
    app.config.update(API_TITLE="thidua", API_VERSION=__version__, OPENAPI_VERSION="3.1.0")
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    api = ProblemApi(app, spec_kwargs={"marshmallow_plugin": plugin, "info": {"description": DESCRIPTION}})
    for room in ROOMS:
        api.register_blueprint(room)
    app.register_blueprint(bp)
    app.extensions[EXTENSION] = _finished(api)


def _schema_name(schema: Any) -> str:
    found: Any = schema if isinstance(schema, type) else type(schema)
    return str(getattr(found.Meta, "title", "") or found.__name__)


def _finished(api: ProblemApi) -> dict[str, Any]:
    """Return the description with what the library leaves out: security, problems, plain tags."""
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.components.schema("Problem", schema=Problem)
    spec: dict[str, Any] = api.spec.to_dict()
    spec["security"] = [{"bearer": []}]
    spec["tags"] = [{**tag, "name": _plain(tag["name"])} for tag in spec["tags"]]
    spec["components"]["responses"] = {f"Problem{status}": _problem(text) for status, text in PROBLEM_STATUS.items()}
    spec["components"]["responses"]["Problem"] = _problem("A refusal.")
    spec["components"]["schemas"].pop("Error", None)
    for _path, _method, operation in operations(spec):
        operation["tags"] = [_plain(tag) for tag in operation["tags"]]
        responses = {code: one for code, one in operation["responses"].items() if code[:1] in "23"}
        responses |= {status: {"$ref": f"#/components/responses/Problem{status}"} for status in PROBLEM_STATUS}
        operation["responses"] = {**responses, "default": {"$ref": "#/components/responses/Problem"}}
        if operation["operationId"] in OPEN_OPERATIONS:
            operation["security"] = []
    spec["components"].pop("headers", None)
    spec["components"].pop("parameters", None)
    return spec


def _problem(text: str) -> dict[str, Any]:
    return {
        "description": text,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _plain(tag: str) -> str:
    return tag.removeprefix("api_")


def operations(spec: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and operation of a description, in its order."""
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                yield path, method, operation


def description_of(app: Flask) -> dict[str, Any]:
    """Return the description of an application's API."""
    found: dict[str, Any] = app.extensions[EXTENSION]
    return found


@bp.get("/openapi.json")
@allowed(ANYONE)
def openapi() -> ResponseReturnValue:
    """Hand out the description."""
    return jsonify(description_of(current_app))


@bp.get("/docs")
@allowed(ANYONE)
def docs() -> ResponseReturnValue:
    """Show the description as a page: no script, no other site."""
    spec = description_of(current_app)
    rooms = [(tag, [one for one in operations(spec) if tag["name"] in one[2]["tags"]]) for tag in spec["tags"]]
    return render_template("docs.html", spec=spec, rooms=rooms, schema_of=_schema_words, lead=list(_lead()))


def _lead() -> Iterator[tuple[str, list[Markup]]]:
    """Yield the description's blocks: `steps` or `text`, with its lines as they stand on a page."""
    for block in DESCRIPTION.split("\n\n"):
        steps = [re.sub(r"^\d+\. ", "", step) for step in re.split(r"\n(?=\d+\. )", block)]
        yield "steps" if len(steps) > 1 else "text", [_inline(step) for step in steps]


def _inline(text: str) -> Markup:
    """Return a line with its code and its stress marked; the rest is escaped."""
    parts = re.split(r"`([^`]+)`|\*([^*]+)\*", " ".join(text.split()))
    marked = [(Markup("{}"), Markup("<code>{}</code>"), Markup("<em>{}</em>"))[place % 3].format(part)
              for place, part in enumerate(parts) if part]  # fmt: skip
    return Markup("").join(marked)


def _schema_words(schema: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return how a schema is called on the page, and the anchor of its description, empty for a plain type."""
    if not schema:
        return "", ""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return name, name
    if schema.get("type") == "array":
        name, anchor = _schema_words(schema.get("items"))
        return f"{name}[]", anchor
    for choice in schema.get("anyOf", schema.get("allOf", ())):
        if "$ref" in choice:
            return _schema_words(choice)
    kind = schema.get("type", "")
    words = " | ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words} ({schema['format']})" if "format" in schema else words, ""

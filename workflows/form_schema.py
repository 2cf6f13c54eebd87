"""JSON Schema 2020-12 of a step form: what pages, API clients and OpenAPI read.

Beside the standard words each property may carry `x-widget` (text, textarea, choice, decision, date, instant, number,
checkbox, person, files, items), `x-labels` (value → words), `x-hints` (value → what happens next), `x-file` (the kind
of document to be filed first, whose id is the value), `x-folded` (seldom needed) and `example`.
"""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields, validate

from engine.context import StepContext, Values
from workflows.forms import Choice, StepForm, Text
from workflows.labels import field_title, find_label, label

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def describe(
    key: str, form: StepForm, ctx: StepContext, example: Callable[[StepContext], Values] | None
) -> dict[str, Any]:
    """Return the schema of a form: title, properties in order, required, an example that `load` accepts."""
    body = _object(key, form, ctx)
    sample = example(ctx) if example else _sample(body)
    return {
        "$schema": DIALECT,
        "title": label(f"steps.{key}"),
        **({"description": label(f"step_help.{key}")} if find_label(f"step_help.{key}") else {}),
        **body,
        "example": sample,
        "examples": [sample],
    }


def _object(key: str, form: Schema, ctx: StepContext) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _property(key, name, bound, ctx) for name, bound in form.fields.items()},
        "required": [name for name, bound in form.fields.items() if bound.required],
        "x-order": list(form.fields),
    }


def _sample(body: dict[str, Any]) -> Values:
    """An example from the properties' own; optional fields without one are left out."""
    return {name: part["example"] for name, part in body["properties"].items() if "example" in part}


def _property(key: str, name: str, bound: fields.Field[Any], ctx: StepContext) -> dict[str, Any]:
    found = _typed(key, bound, ctx)
    found["title"] = field_title(key, name)
    for help_key in (f"field_help.{key}.{name}", f"field_help.{name}"):
        if find_label(help_key):
            found["description"] = label(help_key)
            break
    widget = bound.metadata.get("widget")
    if widget:
        found["x-widget"] = widget
    if bound.metadata.get("folded"):
        found["x-folded"] = True
    if kind := bound.metadata.get("file"):
        found["x-file"] = kind
    given = bound.metadata.get("example")
    if given is not None:
        found["example"] = given(ctx) if callable(given) else given
    return found


def _typed(key: str, bound: fields.Field[Any], ctx: StepContext) -> dict[str, Any]:
    if isinstance(bound, Choice):
        return _choice(bound, ctx)
    if isinstance(bound, Text):
        return _text(bound)
    if isinstance(bound, fields.List):
        inner = _typed(key, bound.inner, ctx)
        found = {"type": "array", "items": inner, "x-widget": "items"}
        for validator in bound.validators:
            if isinstance(validator, validate.Length):
                found |= _limits({"minItems": validator.min, "maxItems": validator.max})
        return found
    if isinstance(bound, fields.Nested):
        return _object(key, bound.schema, ctx)
    return _simple(bound)


def _text(bound: Text) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string", "maxLength": bound.longest}
    if bound.shortest:
        found["minLength"] = bound.shortest
    found["x-widget"] = "textarea" if bound.multiline else "text"
    return found


def _choice(bound: Choice, ctx: StepContext) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string", "x-widget": "decision" if bound.hinted else "choice"}
    if bound.choices is not None:
        pairs = list(bound.choices(ctx))
    else:
        pairs = [(value, label(f"enums.{bound.enum}.{value}")) for value in bound.values or ()]
    if pairs:
        found["enum"] = [value for value, _ in pairs]
        found["x-labels"] = dict(pairs)
        if bound.required:
            found["example"] = pairs[0][0]
    if bound.hinted:
        found["x-hints"] = {value: label(f"hints.{bound.enum}.{value}") for value, _ in pairs}
    return found


def _simple(bound: fields.Field[Any]) -> dict[str, Any]:
    if isinstance(bound, fields.DateTime) and not isinstance(bound, fields.Date):
        return {"type": "string", "format": "date-time", "x-widget": "instant"}
    if isinstance(bound, fields.Date):
        return {"type": "string", "format": "date", "x-widget": "date"}
    if isinstance(bound, fields.Boolean):
        return {"type": "boolean", "x-widget": "checkbox"}
    if isinstance(bound, fields.Integer):
        found: dict[str, Any] = {"type": "integer", "x-widget": "number"}
        for validator in bound.validators:
            if isinstance(validator, validate.Range):
                found |= _limits({"minimum": validator.min, "maximum": validator.max})
        return found
    if isinstance(bound, fields.UUID):
        return {"type": "string", "format": "uuid", "x-widget": "text"}
    return {"type": "string", "x-widget": "text"}


def _limits(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}

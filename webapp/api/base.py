"""What all endpoints share: blueprints that name their operations, problems instead of errors, headers."""

import hashlib
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields, validate
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, HTTPException, PreconditionFailed
from werkzeug.http import parse_etags

from webapp.errors import problem, refuse_http
from webapp.i18n import t
from workflows.forms import StepForm, flatten_messages, spoken
from workflows.forms import problem as problem_key

PREFIX = "/api/v1"
CallableT = TypeVar("CallableT", bound=Callable[..., Any])


class BodyParser(FlaskParser):
    """Reads JSON, or a file together with the fields beside it."""

    def _raw_load_json(self, req: Any) -> Any:
        try:
            return super()._raw_load_json(req)
        except json.JSONDecodeError:
            raise  # the library answers it
        except (RecursionError, ValueError) as fault:  # thousands deep, or a number of thousands of digits
            raise BadRequest from fault

    def load_files(self, req: Any, schema: Schema) -> Any:
        """Return the parts of a multipart body, fields and files."""
        parts = MultiDict([*req.form.items(multi=True), *req.files.items(multi=True)])
        return self._makeproxy(parts, schema)


class Endpoints(Blueprint):  # type: ignore[misc]  # the library is untyped
    """A room of the API. Each view function's name is its operation's id."""

    ARGUMENTS_PARSER = BodyParser()

    def route(self, rule: str, **options: Any) -> Callable[[CallableT], CallableT]:
        """Register a view function under its own name."""
        register = super().route(rule, **options)

        def decorator(view: CallableT) -> CallableT:
            registered: CallableT = register(self.doc(operationId=view.__name__)(view))
            return registered

        return decorator

    def arguments(self, schema: type[Schema], **options: Any) -> Callable[[CallableT], CallableT]:
        """Hand what was sent to the view, checked by a schema."""
        decorator: Callable[[CallableT], CallableT] = super().arguments(schema, **options)
        return decorator

    def response(self, status_code: int, schema: Any, **options: Any) -> Callable[[CallableT], CallableT]:
        """Write what the view returns by a schema."""
        decorator: Callable[[CallableT], CallableT] = super().response(status_code, schema, **options)
        return decorator


def endpoints(name: str, description: str, prefix: str = "") -> Endpoints:
    """Return an empty room; its pages' twin may bear the same name, so the registered name has a prefix."""
    return Endpoints(f"api_{name}", __name__, url_prefix=PREFIX + prefix, description=description)


class ProblemApi(Api):  # type: ignore[misc]  # the library is untyped
    """flask-smorest with RFC 9457 problems, as `webapp.errors` writes them for every program."""

    def handle_http_exception(self, error: HTTPException) -> ResponseReturnValue:
        """Answer what Flask or the argument parser refuses."""
        messages = getattr(error, "data", None) or {}
        found = messages.get("messages") or messages.get("errors")
        if error.code == HTTPStatus.UNPROCESSABLE_ENTITY and isinstance(found, Mapping):
            beside = {name: texts for part in found.values() for name, texts in _flat(part).items()}
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_input", t("errors.invalid_input"), fields=beside)
        return refuse_http(error)


def _flat(messages: Any) -> dict[str, list[str]]:
    flat = flatten_messages(messages) if isinstance(messages, Mapping) else {"": [str(one) for one in messages]}
    return {name: [spoken(text) for text in texts] for name, texts in flat.items()}


Body = StepForm
"""Base of request bodies: an unknown key is refused, so that a typo cannot pass; what is wrong is said in our words."""


def one_of(*values: str) -> validate.OneOf:
    """Return the check that a value is one of a few."""
    return validate.OneOf(values, error=problem_key("unknown_choice"))


def nothing() -> None:
    """Stand for what was left out; as a function it is no `null` in the description."""


class IdempotencyHeader(StepForm):
    """The header by which a repeated post gives the first answer."""

    key = fields.String(
        data_key="Idempotency-Key", load_default=nothing, validate=validate.Length(1, 200),
        metadata={"description": "A repeated request with the same key gives the first answer."},
    )  # fmt: skip


class UnneededIdempotencyHeader(StepForm):
    """The same header on a post that only looks, so that a client may send it with every post."""

    key = fields.String(
        data_key="Idempotency-Key", load_default=nothing, validate=validate.Length(1, 200),
        metadata={"description": "Taken and not needed: nothing is written, a repeated request looks anew."},
    )  # fmt: skip


class MatchHeader(IdempotencyHeader):
    """Beside it, the version the client has read."""

    match = fields.String(
        data_key="If-Match", load_default=nothing, validate=validate.Length(1, 200),
        metadata={"description": "The ETag that was read; 412 when the thing has changed since."},
    )  # fmt: skip


class PageQuery(StepForm):
    """Which page of a list."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500), metadata={"description": "Page size."})
    cursor = fields.String(
        load_default=nothing, validate=validate.Length(0, 400),
        metadata={"description": "`next_cursor` of the page before."},
    )  # fmt: skip


def etag_of(value: Mapping[str, Any]) -> str:
    """Return the ETag of an answer, without quotes."""
    body = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def with_etag(schema: Schema, value: Any) -> Response:
    """Answer with an ETag; 304 when the client has just this."""
    body = schema.dump(value)
    response = jsonify(body)
    response.set_etag(etag_of(body))
    response.make_conditional(request)
    return response


def require_match(given: str | None, schema: Schema, value: Callable[[], Any]) -> None:
    """Refuse a change of something that is no longer as the client read it; without `If-Match` nothing is compared.

    Raises:
        PreconditionFailed: it has changed.

    """
    if given is not None and not parse_etags(given).contains(etag_of(schema.dump(value()))):
        raise PreconditionFailed

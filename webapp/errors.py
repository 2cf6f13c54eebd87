"""One table from a refusal to HTTP: a page with a sentence and a way on, or an RFC 9457 problem for the API."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, cast
from uuid import uuid4

from flask import Flask, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from engine.errors import (
    ConflictError,
    EngineError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from engine.storage_faults import as_refusal
from engine.text import storable
from webapp.auth.errors import SignInNeededError, SignInRefusedError, TooManyAttemptsError
from webapp.beside import sentences_beside
from webapp.current import composition
from webapp.i18n import has, language, t
from webapp.ui.kept import as_sent, keep
from webapp.ui.words import refusal_words
from workflows import labels

logger = logging.getLogger(__name__)

STATUS_OF: dict[type[EngineError], HTTPStatus] = {
    SignInNeededError: HTTPStatus.UNAUTHORIZED,
    SignInRefusedError: HTTPStatus.UNAUTHORIZED,
    TooManyAttemptsError: HTTPStatus.TOO_MANY_REQUESTS,
    NotFoundError: HTTPStatus.NOT_FOUND,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ConflictError: HTTPStatus.CONFLICT,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}
AGAIN_AFTER = "5"
"""Seconds after which a program may try again when the database is away."""


def status_of(error: EngineError) -> HTTPStatus:
    """Return the HTTP status of a refusal by its nearest category."""
    return next((STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF), HTTPStatus.BAD_REQUEST)


_OWN_MEMBERS = frozenset({"type", "title", "status", "code", "detail", "instance"})
"""Members of a problem that RFC 9457 and we define; a detail of the same name is left to the sentence."""


class _Tolerant(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def error_text(error: EngineError) -> str:
    """Return the sentence of a refusal in the request's language, with its details filled in."""
    if has(f"errors.{error.code}"):
        template = t(f"errors.{error.code}")
    else:
        template = labels.find_label(f"errors.{error.code}", language()) or t(f"errors.{_category(error)}")
    return template.format_map(_Tolerant(refusal_words(error.details)))


def _category(error: EngineError) -> str:
    return next((kind.code for kind in type(error).__mro__ if kind in STATUS_OF), "bad_request")


def wants_json() -> bool:
    """Tell whether the answer goes to a program rather than to a person."""
    return request.path.startswith("/api/") or request.path == "/openapi.json" or request.is_json


def is_fragment() -> bool:
    """Tell whether htmx asked for a part of a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def problem(status: HTTPStatus, code: str, detail: str, **more: Any) -> ResponseReturnValue:
    """Return an RFC 9457 problem."""
    body = {
        "type": f"/errors/{code}",
        "title": status.phrase,
        "status": status.value,
        "code": code,
        "detail": storable(detail),
        **_sayable(more),
    }
    headers = {"Content-Type": "application/problem+json"}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return body, status, headers


def _sayable(value: Any) -> Any:
    """Return what is said of a request without what cannot be written: names of fields are the sender's own."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {_sayable(name): _sayable(inner) for name, inner in value.items()}
    return [_sayable(inner) for inner in value] if isinstance(value, list | tuple) else value


def _page(status: HTTPStatus, title: str, text: str, code: str) -> ResponseReturnValue:
    if is_fragment():
        fragment = render_template("partials/alert.html", text=text, kind="warning")
        return fragment, status, {"HX-Retarget": "#alerts", "HX-Reswap": "innerHTML"}
    return render_template("error.html", title=title, text=text, code=code, status=status.value), status


def refuse(error: EngineError) -> ResponseReturnValue:
    """Answer a refusal: 401, 403, 404, 409, 422 or 429 with its sentence."""
    status, text = status_of(error), error_text(error)
    logger.info("refused", extra={"code": error.code, "status": status.value})
    if isinstance(error, UnavailableError):
        return _unavailable(error.code, text)
    if wants_json():
        plain = {
            key: value
            for key, value in error.details.items()
            if key not in _OWN_MEMBERS and key != "fields" and _is_plain(value)
        }
        beside = sentences_beside(error)
        return problem(status, error.code, text, **plain, **({"fields": beside} if beside else {}))
    here = request.full_path.rstrip("?")
    if isinstance(error, SignInNeededError) and not is_fragment():
        if request.method == "GET":
            return redirect(url_for("auth.sign_in_page", next=here))
        return render_template("auth/sign_in.html", next=here, kept=keep(request.form), error=text), status
    if error.code == "stale_form" and request.method == "POST" and not is_fragment() and g.get("account"):
        return render_template("auth/resume.html", target=here, kept=unprefixed(), stale=True), status
    if error.code == "invalid_input":  # a page without the fields says what would stand beside them
        text = " ".join(dict.fromkeys(_sentences(sentences_beside(error)))) or text
    return _page(status, t(f"errors.title_{status.value}"), text, error.code)


def _sentences(beside: Any) -> Iterator[str]:
    if isinstance(beside, str):
        yield beside
    elif isinstance(beside, Mapping | list):
        for inner in beside.values() if isinstance(beside, Mapping) else beside:
            yield from _sentences(inner)


def _unavailable(code: str, text: str) -> ResponseReturnValue:
    """Answer while the database is away or full, by nothing that would ask it; what was typed can be sent again."""
    status, again = HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": AGAIN_AFTER}
    if wants_json():
        body, _status, headers = cast(tuple[Any, Any, dict[str, str]], problem(status, code, text))
        return body, status, {**headers, **again}
    g.database_away = True
    if is_fragment():
        page = render_template("partials/alert.html", text=text, kind="warning")
        return page, status, {"HX-Retarget": "#alerts", "HX-Reswap": "innerHTML", **again}
    target = request.full_path.rstrip("?") if request.method in {"GET", "POST"} else "/"
    page = render_template("unavailable.html", text=text, code=code, target=target, posted=as_sent())
    return page, status, again


def refuse_database(error: DBAPIError) -> ResponseReturnValue:
    """Answer for a database that is away, as a refusal; a statement that was wrong is a bug like any other."""
    refusal = as_refusal(error)
    if refusal is None:
        return fail(error)
    logger.error("database: %s", refusal.code)
    return refuse(refusal)


def unprefixed() -> list[tuple[str, str]]:
    """Return what was typed into the refused form, under its own names."""
    return [(name.split(":", 1)[1], value) for name, value in keep(request.form)]


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | bool | list | tuple) or value is None


def refuse_http(error: HTTPException) -> ResponseReturnValue:
    """Answer what Flask refuses itself: unknown address, wrong method, body too large."""
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    status = HTTPStatus(error.code)
    key = f"errors.http_{status.value}"
    most = composition().settings.upload_megabytes
    text = t(key, most=most) if has(key) else t("errors.bad_request")
    title = f"errors.title_{status.value}"
    if wants_json():
        answer = make_response(problem(status, f"http_{status.value}", text))
    else:
        answer = make_response(_page(status, t(title) if has(title) else text, text, f"http_{status.value}"))
    if isinstance(error, MethodNotAllowed):
        answer.allow.update(error.valid_methods or ())
    return answer


def fail(error: Exception) -> ResponseReturnValue:
    """Answer a bug: nothing of it is shown, its reference is."""
    reference = uuid4().hex[:8]
    logger.exception("unexpected error", extra={"reference": reference}, exc_info=error)
    if wants_json():
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected", t("errors.unexpected", reference=reference))
    return _page(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        t("errors.title_500"),
        t("errors.unexpected", reference=reference),
        "unexpected",
    )


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(EngineError, refuse)
    app.register_error_handler(HTTPException, refuse_http)
    app.register_error_handler(DBAPIError, refuse_database)
    app.register_error_handler(Exception, fail)

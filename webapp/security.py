"""Who may reach an endpoint (default deny), response headers and the check of forms' origin."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar, cast

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect

ANYONE = "anyone"
"""Marks an endpoint that needs no sign-in."""
STAFF = "staff"
"""The role everybody signed in holds."""
LOCAL = "local"
"""Beside roles: also a request from this machine itself, as a watcher's."""

csrf = CSRFProtect()
CallableT = TypeVar("CallableT", bound=Callable[..., Any])
_DECLARED_HERE = {"static": frozenset({ANYONE})}

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "frame-src 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "X-Frame-Options": "SAMEORIGIN",
}


def allowed(*roles: str) -> Callable[[CallableT], CallableT]:
    """Declare who may call a view: role keys, `STAFF` for everybody signed in, or `ANYONE`."""
    if not roles:
        raise ValueError("say who is allowed")

    def mark(view: CallableT) -> CallableT:
        cast(Any, view).__allowed__ = frozenset(roles)
        return view

    return mark


class Access(NamedTuple):
    """One line of the table of access: an endpoint's method and who may call it (None: undeclared, refused)."""

    endpoint: str
    method: str
    rule: str
    roles: frozenset[str] | None


def roles_for(app: Flask, endpoint: str, method: str) -> frozenset[str] | None:
    """Return who may call the endpoint, None when nobody said so. Class views declare each method or the class."""
    if endpoint in _DECLARED_HERE:
        return _DECLARED_HERE[endpoint]
    view = app.view_functions.get(endpoint)
    declared: frozenset[str] | None = getattr(view, "__allowed__", None)
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        name = "get" if method == "HEAD" and not hasattr(view_class, "head") else method.lower()
        own: frozenset[str] | None = getattr(getattr(view_class, name, None), "__allowed__", None)
        return own or getattr(view_class, "__allowed__", None) or declared
    return declared


def access_table(app: Flask) -> Iterator[Access]:
    """Yield every endpoint and method of the application with those allowed to call it."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Access(rule.endpoint, method, rule.rule, roles_for(app, rule.endpoint, method))


def harden(response: Response) -> Response:
    """Add the security headers; pages of a signed-in person are never kept by caches."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response

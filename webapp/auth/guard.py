"""Before every request: who is it, may this person come here, and was the form ours? Default deny."""

from datetime import timedelta

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFError

from engine.context import Actor
from engine.db import reading
from engine.errors import ForbiddenError
from webapp.auth.errors import PasswordChangeNeededError, SignInNeededError, StaleFormError
from webapp.auth.service import find_session, push_on
from webapp.auth.views import AccountView
from webapp.current import business_today, composition
from webapp.security import ANYONE, LOCAL, STAFF, csrf, roles_for
from workflows.organisation.queries import actor_for

TOKEN = "token"  # noqa: S105 - the name of the cookie's field, no secret
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN_WHILE_CHANGING = frozenset({"auth.password", "auth.sign_out", "language.choose"})
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_HANDED_ON = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")
login_manager = LoginManager()


class SignedIn(UserMixin):  # type: ignore[misc]
    """The account of a request and as what its person may act today, as Flask-Login hands them on."""

    def __init__(self, account: AccountView, actor: Actor) -> None:
        self.account = account
        self.actor = actor

    def get_id(self) -> str:
        """Return the account's id."""
        return str(self.account.id)


def bearer_token() -> str | None:
    """Return the token of an `Authorization: Bearer` header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


@login_manager.request_loader  # type: ignore[untyped-decorator]
def load_account(_request: object) -> SignedIn | None:
    """Find account and actor by bearer token or, without one, by the browser's session; one transaction."""
    here = composition()
    now, today = here.machine_clock.now(), business_today()
    bearer = bearer_token()
    token = bearer or session.get(TOKEN)
    if not isinstance(token, str):
        return None
    with reading(here.sessions) as reader:
        living = find_session(reader, token, now, kind="token" if bearer else "browser")
        if living is None:
            return None
        account = living.account
        actor = actor_for(reader, account.person_id, today) or Actor(account.person_id, name=account.username)
    if not bearer:
        push_on(here.sessions, token, living, now, idle_time())
    return SignedIn(account, actor)


def idle_time() -> timedelta:
    """Return how long a browser's session lives without a request."""
    return timedelta(minutes=composition().settings.session_minutes)


def is_local() -> bool:
    """Tell whether the request comes from this machine itself, not handed on by a proxy that runs here."""
    return request.remote_addr in _LOOPBACK and not any(name in request.headers for name in _HANDED_ON)


def check_request() -> ResponseReturnValue | None:
    """Refuse what nobody declared, whom it is not for, and forms that are not ours.

    Raises:
        ForbiddenError: undeclared endpoint, or not one of those allowed.
        SignInNeededError: the endpoint is for people signed in.
        StaleFormError: a browser's form without a living origin token.

    """
    endpoint = request.endpoint
    if endpoint is None and not request.path.startswith("/api/"):
        _identify()  # the page that says there is no such address has the frame of whoever reads it
    if endpoint is None or endpoint == "static":
        return None
    roles = roles_for(current_app, endpoint, request.method)
    if roles is None:
        raise ForbiddenError("nobody declared who may come here", endpoint=endpoint)
    _identify()
    if ANYONE not in roles and not (LOCAL in roles and is_local()):
        if not current_user.is_authenticated:
            raise SignInNeededError
        if current_user.account.must_change and endpoint not in _OPEN_WHILE_CHANGING:
            if request.path.startswith("/api/"):
                raise PasswordChangeNeededError
            return redirect(url_for("auth.password"))
        if STAFF not in roles and not any(g.actor.holds(role) for role in roles):
            raise ForbiddenError
    if request.method not in _SAFE and bearer_token() is None and not request.path.startswith("/api/v1/auth/"):
        _check_origin()
    return None


def _identify() -> None:
    known = current_user.is_authenticated
    g.account = current_user.account if known else None
    g.actor = current_user.actor if known else None


def _check_origin() -> None:
    try:
        csrf.protect()
    except CSRFError as error:
        raise StaleFormError from error


def init_app(app: Flask) -> None:
    """Hook the guard into the application."""
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    csrf.init_app(app)
    login_manager.init_app(app, add_context_processor=False)  # no page asks it, and each would look the account up
    app.before_request(check_request)

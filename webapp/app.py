"""The application factory."""

import gc
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from flask import Flask, g
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix

from engine import queries
from webapp import assets_manifest, errors, filters, logs, requests, security
from webapp.api import description, metrics
from webapp.auth import guard
from webapp.current import EXTENSION, Composition, holds
from webapp.current import composition as composition_of_app
from webapp.diagram_words import own_words
from webapp.i18n import has, language, t
from webapp.settings import Settings, from_environment
from webapp.ui import event_data, words
from webapp.ui.blueprints import BLUEPRINTS
from webapp.ui.navigation import navigation
from webapp.wiring import compose
from workflows.labels import in_language, with_own_words

BESIDE_A_FILE = 1024 * 1024
"""How much of a request may be form fields and their frame, beside the largest file."""


def create_app(settings: Settings, composition: Composition | None = None) -> Flask:
    """Return the shell over a database.

    Args:
        settings: read once from the environment.
        composition: the engine already put together (tests give one with a clock of their own).

    """
    app = Flask(__name__, static_folder=str(assets_manifest.DIST), static_url_path="/static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="thidua",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(days=180),
        MAX_CONTENT_LENGTH=settings.upload_megabytes * 1_000_000 + BESIDE_A_FILE,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
    )
    if settings.trusted_proxies:
        steps = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=steps, x_proto=steps, x_host=steps)  # type: ignore[method-assign]
    app.extensions[EXTENSION] = composition or compose(settings)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    metrics.init_app(app)
    app.before_request(_speak)
    requests.init_app(app)
    guard.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    words.init_app(app)
    event_data.init_app(app)
    assets_manifest.init_app(app)
    app.teardown_request(_hush)
    app.after_request(security.harden)
    app.context_processor(_common)
    for name, word in (("t", t), ("has", has), ("holds", holds), ("language", language), ("csrf_field", _csrf_field)):
        app.add_template_global(word, name)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    description.init_app(app)
    return app


def _speak() -> None:
    """Let the domain's words speak the language of this request."""
    g.speaking = ExitStack()
    g.speaking.enter_context(in_language(language()))
    g.speaking.enter_context(with_own_words(own_words))


def _hush(_error: BaseException | None) -> None:
    if speaking := g.pop("speaking", None):
        speaking.close()


def _csrf_field() -> Markup:
    """Return the field by which a form says that this page made it; a queue has one for each row."""
    found: Markup | None = g.get("csrf_field")
    if found is None:
        found = g.csrf_field = Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())
    return found


def _demo_accounts() -> dict[str, Any]:
    """Return whom one may sign in as in a demonstration; their password is the same and published."""
    from webapp.demo.people import ACCOUNTS, PASSWORD  # the demonstration's data are of no use anywhere else

    return {"demo_accounts": [(one.username, one.title) for one in ACCOUNTS], "demo_password": PASSWORD}


def _common() -> dict[str, Any]:
    """Give every page its frame: who, when, what waits, where one may go."""
    if g.get("database_away"):
        return {}
    here = composition_of_app()
    account, actor = g.get("account"), g.get("actor")
    counts: dict[str, int] = {"mine": 0, "group": 0}
    unread = 0
    if account is not None and actor is not None:
        counts = queries.count_tasks(here.engine, actor)
        unread = queries.count_unread(here.engine, actor.id)
    return {
        "account": account,
        "actor": actor,
        "counts": counts,
        "unread": unread,
        "navigation": navigation(counts) if account else [],
        "now": here.engine.clock.now(),
        "demo": bool(here.settings.demo),
        **words.about_me(actor),
        **(_demo_accounts() if here.settings.demo and account is None else {}),
    }


def served() -> Flask:
    """Return the application of this environment; what gunicorn loads."""
    settings = from_environment()
    logs.configure(settings.log_level, settings.log_format)
    app = create_app(settings)
    gc.collect()
    gc.freeze()  # what was loaded stays: the processes forked from this one share it, and no collection walks it again
    return app

"""Sự cố: what gave up or waits for nothing, grouped by cause, with what to do about it."""

from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.commands.incidents import retry_incident, retry_incidents
from engine.errors import ConflictError, InvalidInputError
from webapp import current
from webapp.errors import error_text
from webapp.i18n import t
from webapp.requests import sent_key
from webapp.security import allowed
from webapp.typed import normalise
from webapp.visibility import READERS

bp = Blueprint("incidents", __name__, url_prefix="/admin/incidents")
SHOWN = 20
"""How many cases of a cause the page names; the rest is counted."""


@bp.get("")
@allowed("administrator")
def index() -> ResponseReturnValue:
    """Show what gave up, by cause: how often, since when, in which cases, and what to do."""
    return _page()


def _page(trouble: str = "", at: str = "", typed: str = "") -> str:
    groups = queries.list_incident_groups(current.engine(), SHOWN)
    return render_template(
        "admin/incidents.html",
        groups=groups,
        trouble=trouble,
        at=at,
        typed=typed,
        linked=current.holds(*READERS),
        post_key=str(uuid4()),
    )


@bp.post("/<uuid:job_id>/retry")
@allowed("administrator")
def retry(job_id: UUID) -> ResponseReturnValue:
    """Let one job start over, with a reason."""
    return _retried(str(job_id), partial(retry_incident, current.engine(), job_id, current.actor()))


@bp.post("/causes/<string:cause>/retry")
@allowed("administrator")
def retry_all(cause: str) -> ResponseReturnValue:
    """Let all jobs of one cause start over, with one reason."""
    return _retried(cause, partial(retry_incidents, current.engine(), cause, current.actor()))


def _retried(at: str, door: Callable[..., int | None]) -> ResponseReturnValue:
    """Do it, or show the page again with what was typed beside the field that is wrong."""
    reason = normalise(request.form.get("reason", ""))
    try:
        count = door(reason, idempotency_key=sent_key())
    except InvalidInputError as error:
        return _page(error_text(error), at, reason), 422
    except ConflictError as error:  # somebody else was faster: the list is told anew
        flash(error_text(error))
    else:
        flash(t("incidents.retried", count=count or 1))
    return redirect(url_for("incidents.index"))

"""Thông báo: what the system told me, newest first."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.commands.notices import mark_read
from webapp import current
from webapp.security import STAFF, allowed
from webapp.ui.cases import nominees_of

bp = Blueprint("notices", __name__, url_prefix="/notices")
MOST = 200


@bp.get("")
@allowed(STAFF)
def index() -> ResponseReturnValue:
    """List my notices."""
    found = queries.notices_of(current.engine(), current.actor().id, MOST)
    return render_template("notices/index.html", notices=found,
                           nominees=nominees_of({notice.business_key for notice in found}))


@bp.post("/read")
@allowed(STAFF)
def read_all() -> ResponseReturnValue:
    """Mark all of mine as read."""
    mark_read(current.engine(), current.actor().id)
    return redirect(url_for("notices.index"))


@bp.post("/<uuid:notice_id>/open")
@allowed(STAFF)
def open_notice(notice_id: UUID) -> ResponseReturnValue:
    """Mark one as read and go to its case."""
    found = queries.notices_of(current.engine(), current.actor().id, MOST)
    notice = next((one for one in found if one.id == notice_id), None)
    mark_read(current.engine(), current.actor().id, notice_id)
    if notice is None or not notice.business_key:
        return redirect(url_for("notices.index"))
    return redirect(url_for("lookup.case", business_key=notice.business_key))

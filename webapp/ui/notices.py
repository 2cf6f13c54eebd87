"""Thông báo: what the system told me, newest first."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.commands.notices import mark_read
from engine.db import reading
from webapp import current
from webapp.security import STAFF, allowed
from webapp.ui.cases import nominees_of
from workflows.campaigns import queries as campaigns
from workflows.council import queries as council

bp = Blueprint("notices", __name__, url_prefix="/notices")
MOST = 200
BALLOT, ANOTHERS_BALLOT = "council.line_opened", "council.line_opened_for_another"


@bp.get("")
@allowed(STAFF)
def index() -> ResponseReturnValue:
    """List my notices."""
    found = queries.notices_of(current.engine(), current.actor().id, MOST)
    with reading(current.sessions()) as reader:
        rounds = {row.key: row.title for row in campaigns.list_rounds(reader)}
    return render_template(
        "notices/index.html",
        notices=found,
        rounds=rounds,
        nominees=nominees_of({notice.business_key for notice in found}),
    )


@bp.post("/read")
@allowed(STAFF)
def read_all() -> ResponseReturnValue:
    """Mark all of mine as read."""
    mark_read(current.engine(), current.actor().id)
    return redirect(url_for("notices.index"))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@bp.post("/<uuid:notice_id>/open")
@allowed(STAFF)
def open_notice(notice_id: UUID) -> ResponseReturnValue:
    """Mark one as read and go to what it is about: a ballot, a task, a case, the rounds."""
    found = queries.notices_of(current.engine(), current.actor().id, MOST)
    notice = next((one for one in found if one.id == notice_id), None)
    mark_read(current.engine(), current.actor().id, notice_id)
    if notice is None:
        return redirect(url_for("notices.index"))
    if notice.kind in {BALLOT, ANOTHERS_BALLOT}:
        with reading(current.sessions()) as reader:
            line = council.line_view(reader, notice.about)
        if notice.kind == ANOTHERS_BALLOT:
            return redirect(url_for("council.session", session_key=line.session_key))
        return redirect(url_for("ballots.show", session_key=line.session_key, line_id=line.line_id))
    if notice.kind.startswith(("repair.", "migration.")) or notice.kind == "instance.repaired":
        return redirect(url_for("operations.request_page", request_id=notice.about))
    if notice.kind.startswith("task.") and (task_id := _uuid(notice.about)) is not None:
        return redirect(url_for("tasks.show", task_id=task_id))
    if notice.business_key:
        return redirect(url_for("lookup.case", business_key=notice.business_key))
    return redirect(url_for("rounds.index" if notice.kind.startswith("campaigns.") else "notices.index"))

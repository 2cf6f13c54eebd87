"""Phiên bản quy trình: what changed from one to the next, how many cases run on each, and moving them on."""

from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.commands.interventions import propose_migration
from engine.comparison import Comparison
from engine.errors import ConflictError, InvalidInputError, NotFoundError
from webapp import current
from webapp.errors import error_text, status_of
from webapp.i18n import t
from webapp.requests import sent_key
from webapp.security import allowed
from webapp.typed import normalise
from webapp.ui.comparisons import ProcessPart, parts_of
from webapp.ui.words import remember_people

bp = Blueprint("versions", __name__, url_prefix="/admin/versions")
READERS = ("administrator", "auditor", "director")


@bp.get("/<string:key>")
@allowed(*READERS)
def index(key: str) -> ResponseReturnValue:
    """List the versions of a process, newest first."""
    found = queries.list_versions(current.engine(), key)
    remember_people([view.deployed_by for view in found])
    return render_template("versions/index.html", key=key, versions=found)


@bp.get("/<string:key>/<int:version>")
@allowed(*READERS)
def show(key: str, version: int) -> ResponseReturnValue:
    """Show what a version changed against the one before, or against another one asked for."""
    found = queries.list_versions(current.engine(), key)
    view = next((one for one in found if one.version == version), None)
    if view is None:
        raise NotFoundError("no such version", process=key, version=version)
    earlier = [one.version for one in found if one.version < version]
    before = request.args.get("before", type=int)
    if before not in [one.version for one in found]:
        before = earlier[0] if earlier else 0
    remember_people([view.deployed_by])
    compared = queries.compare_versions(current.engine(), key, before, version) if before else None
    parts = _parts(key, before, version, compared) if compared else ()
    return render_template(
        "versions/show.html", key=key, view=view, before=before, versions=found, compared=compared, parts=parts
    )


def _parts(key: str, before: int, after: int, compared: Comparison) -> tuple[ProcessPart, ...]:
    engine = current.engine()
    old, new = queries.version_files(engine, key, before), queries.version_files(engine, key, after)
    return parts_of(old, new, compared)


@bp.get("/<string:key>/<int:before>/migrate")
@allowed(*READERS)
def migrate(key: str, before: int) -> ResponseReturnValue:
    """Say of each running case of a version whether it can move on, and why not."""
    return _dry_run(key, before, request.args.get("to", 0, type=int))


def _dry_run(
    key: str, before: int, after: int, *, trouble: str = "", typed: str = "", status: int = 200
) -> ResponseReturnValue:
    engine = current.engine()
    found = queries.list_versions(engine, key)
    newest = found[0].version
    chosen = after if any(one.version == after != before for one in found) else newest
    verdicts = queries.migration_verdicts(engine, key, before, chosen) if chosen != before else ()
    page = render_template(
        "versions/migrate.html",
        key=key,
        before=before,
        after=chosen,
        versions=found,
        verdicts=verdicts,
        moving=sum(one.moves for one in verdicts),
        trouble=trouble,
        typed=typed,
        post_key=str(uuid4()),
    )
    return page, status


@bp.post("/<string:key>/<int:before>/migrate")
@allowed("administrator")
def propose(key: str, before: int) -> ResponseReturnValue:
    """Send the move of all cases that can for approval."""
    after, reason = request.form.get("to", 0, type=int), normalise(request.form.get("reason", ""))
    try:
        asked = propose_migration(
            current.engine(), key, current.actor(), reason, before=before, after=after, idempotency_key=sent_key()
        )
    except (InvalidInputError, ConflictError) as error:
        return _dry_run(key, before, after, trouble=error_text(error), typed=reason, status=status_of(error))
    flash(t("operations.sent"))
    return redirect(url_for("operations.request_page", request_id=asked.request_id))

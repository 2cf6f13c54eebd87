"""Phiên bản quy trình: what changed from one to the next, how many cases run on each, and moving them on."""

from dataclasses import dataclass
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from engine import diagram, queries
from engine.commands.interventions import propose_migration
from engine.comparison import Comparison, Difference, ElementChange
from engine.errors import ConflictError, InvalidInputError, NotFoundError
from webapp import current
from webapp.errors import error_text, status_of
from webapp.filters import label
from webapp.forms import normalise
from webapp.i18n import has, language, t
from webapp.security import allowed
from webapp.ui.cases import translated
from webapp.ui.words import remember_people
from workflows.labels import find_label

bp = Blueprint("versions", __name__, url_prefix="/admin/versions")
READERS = ("administrator", "auditor", "director")
QUIET = frozenset({"process", "participant"})
_LABELS = {"step": "steps", "table": "tables", "called": "processes"}
_ELEMENTS = frozenset({"source", "target", "attached_to", "default"})


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change in words: what it is about, and fact by fact what it was and is."""

    change: str
    name: str
    kind: str
    facts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ProcessPart:
    """What changed in one process: drawn now, drawn before, and in words."""

    key: str
    name: str
    change: str
    newer: Markup
    older: Markup
    lines: tuple[ChangeLine, ...]
    moved: int


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
    parts = parts_of(key, before, version, compared) if compared else ()
    return render_template("versions/show.html", key=key, view=view, before=before, versions=found, compared=compared,
                           parts=parts)


def parts_of(key: str, before: int, after: int, compared: Comparison) -> tuple[ProcessPart, ...]:
    """Return the changed processes of two versions, drawn and told."""
    engine = current.engine()
    old, new = queries.version_files(engine, key, before), queries.version_files(engine, key, after)
    return tuple(
        _part(process, old.get(process), new.get(process), compared)
        for process in compared.processes if compared.of(process)
    )


def _part(key: str, old: bytes | None, new: bytes | None, compared: Comparison) -> ProcessPart:
    name = find_label(f"processes.{key}") or key
    change = "added" if key in compared.added else "removed" if key in compared.removed else ""
    changes = [one for one in compared.of(key) if one.kind not in QUIET]
    lines = tuple(_line(one) for one in changes if one.change != "moved")
    gone = any(one.change == "removed" for one in changes)
    return ProcessPart(
        key, name, change, _drawn(new, key, name, compared, newer=True) if new else Markup(),
        _drawn(old, key, name, compared, newer=False) if old and gone else Markup(), lines,
        sum(one.change == "moved" for one in changes),
    )


def _drawn(xml: bytes, key: str, name: str, compared: Comparison, *, newer: bool) -> Markup:
    marks = compared.marks(key, newer=newer)
    svg = diagram.render(translated(xml, key), marks, title=name)
    return Markup(svg)  # noqa: S704 - drawn by us; texts are escaped there


def _line(change: ElementChange) -> ChangeLine:
    element = find_label(f"elements.{change.process_key}.{change.element_id}", language())
    name = element if element and language() != "vi" else change.name or change.element_id
    kind = t(f"versions.kind_{change.kind}") if has(f"versions.kind_{change.kind}") else change.kind
    facts = tuple(_fact(change.process_key, one) for one in change.differences)
    return ChangeLine(change.change, name, kind, facts)


def _fact(process_key: str, one: Difference) -> tuple[str, str, str]:
    """Return a fact's name and its values before and after, in words where there are some."""
    what = one.what.split(".", maxsplit=1)
    name = t(f"versions.fact_{what[0]}") if has(f"versions.fact_{what[0]}") else one.what
    if len(what) > 1 and what[0] in ("parameter", "attribute"):
        name = f"{name} {what[1]}"
    return name, _value(process_key, one.what, one.before), _value(process_key, one.what, one.after)


def _value(process_key: str, what: str, value: str) -> str:
    if what in _LABELS and value:
        return find_label(f"{_LABELS[what]}.{value}") or value
    if what == "lane" and value:
        return label("roles", value.removeprefix("lane_"))
    if what in _ELEMENTS and value:
        return find_label(f"elements.{process_key}.{value}") or value
    if what == "kind" and has(f"versions.kind_{value}"):
        return t(f"versions.kind_{value}")
    return value


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
        "versions/migrate.html", key=key, before=before, after=chosen, versions=found, verdicts=verdicts,
        moving=sum(one.moves for one in verdicts), trouble=trouble, typed=typed, post_key=str(uuid4()),
    )
    return page, status


@bp.post("/<string:key>/<int:before>/migrate")
@allowed("administrator")
def propose(key: str, before: int) -> ResponseReturnValue:
    """Send the move of all cases that can for approval."""
    after, reason = request.form.get("to", 0, type=int), normalise(request.form.get("reason", ""))
    try:
        asked = propose_migration(current.engine(), key, current.actor(), reason, before=before, after=after,
                                  idempotency_key=request.form.get("_key") or None)
    except (InvalidInputError, ConflictError) as error:
        return _dry_run(key, before, after, trouble=error_text(error), typed=reason, status=status_of(error))
    flash(t("operations.sent"))
    return redirect(url_for("operations.request_page", request_id=asked.request_id))

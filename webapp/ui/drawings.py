"""Quy trình mới: what must be said of a process that is not there yet, and the editor over its first drawing.

Nothing is written before the proposal: the first drawing is made anew from the address, what is drawn over it stays in
the person's browser, as on the page of an existing process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from uuid import uuid4

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from engine.db import reading
from engine.diagram_versions import diagrams_in_force
from engine.errors import InvalidInputError
from engine.registry import UserStep
from webapp import current
from webapp.diagram_words import words_of_drawing
from webapp.filters import label
from webapp.forms import FieldView, Option, field_errors
from webapp.i18n import t
from webapp.security import allowed
from webapp.ui.cases import drawn
from webapp.ui.diagrams import BPMN_TYPE
from webapp.ui.words import remember_people
from workflows.rulebook import queries as rulebook
from workflows.rulebook import rules
from workflows.rulebook.drawings import NewProcess, begin_drawing
from workflows.rulebook.models import ChangeKind

bp = Blueprint("drawings", __name__, url_prefix="/modeller/new-process")
ADMINISTRATOR = "administrator"
Options = Sequence[tuple[str, str]]
Errors = Mapping[str, Sequence[str]]


def _said(key: str = "") -> NewProcess:
    """Return what the address says of the process; `key` is that of the path."""
    asked = {name: request.args.get(name, "") for name in ("key", "name", "name_en", "role", "step")}
    said = NewProcess(**asked).cleaned()
    return replace(said, key=key) if key else said


def _first_drawing(said: NewProcess) -> bytes:
    with reading(current.sessions()) as reader:
        return begin_drawing(reader, current.engine().registry, said)


@bp.get("")
@allowed(ADMINISTRATOR)
def begin() -> ResponseReturnValue:
    """Ask for key, names, role and step; once all is said, lead to the editor."""
    said = _said()
    if "key" not in request.args:
        return _form(said)
    try:
        _first_drawing(said)
    except InvalidInputError as error:
        suggested = replace(said, key=said.key or rules.suggested_process_key(said.name))
        return _form(suggested, field_errors(error), 422)
    return redirect(url_for("drawings.edit", **asdict(said)))


def _form(said: NewProcess, errors: Errors | None = None, status: int = 200) -> ResponseReturnValue:
    registry = current.engine().registry
    roles = [(key, label("roles", key)) for key in registry.roles]
    steps = [(key, label("steps", key)) for kind, key in registry.steps if kind is UserStep]
    steps.sort(key=lambda one: one[1].casefold())
    fields = [
        _field("name", "text", said.name, errors, longest=rules.LONGEST_PROCESS_NAME),
        _field("name_en", "text", said.name_en, errors, longest=rules.LONGEST_PROCESS_NAME),
        _field("key", "text", said.key, errors, longest=rules.LONGEST_PROCESS_KEY),
        _field("role", "choice", said.role, errors, roles),
        _field("step", "choice", said.step, errors, steps),
    ]
    return render_template("modeller/new.html", fields=fields), status


def _field(
    name: str, widget: str, value: str, errors: Errors | None, options: Options = (), *, longest: int | None = None
) -> FieldView:
    said = tuple((errors or {}).get(name, ()))
    choices = tuple(Option(key, words) for key, words in options)
    title, hint = t(f"modeller.asked.{name}"), t(f"modeller.asked.{name}_hint")
    return FieldView(name, f"field-{name}", title, hint, widget, True, value, choices, said, maximum_length=longest)


@bp.get("/<string:key>")
@allowed(ADMINISTRATOR)
def edit(key: str) -> ResponseReturnValue:
    """Show the editor over the first drawing, or over what the browser keeps of it; one in force has a page already."""
    said = _said(key)
    with reading(current.sessions()) as reader:
        in_force = key in diagrams_in_force(reader)
        changes = rulebook.list_changes(reader, ChangeKind.DIAGRAM, key)
    if in_force:
        return redirect(url_for("modeller.edit", key=key))
    remember_people(one.proposal.proposer_id for one in changes)
    asked = {name: value for name, value in asdict(said).items() if name != "key" and value}
    start, xml = "", b""
    if asked:
        try:
            xml = _first_drawing(said)
        except InvalidInputError:
            return redirect(url_for("drawings.begin", **asdict(said)))
        start = url_for("drawings.file", key=key, **asked)
    elif changes:  # what was proposed before, and not approved, is drawn on
        xml = changes[0].proposal.content
        start = url_for("changes.diagram_file", key=changes[0].proposal.change_key)
    with words_of_drawing(key, xml):
        return render_template(
            "modeller/edit.html", key=key, name=label("processes", key), based_on="", versions=[], changes=changes,
            picture=drawn(xml, key) if xml else Markup(), start=start, once=str(uuid4()),
        )  # fmt: skip


@bp.get("/<string:key>.bpmn")
@allowed(ADMINISTRATOR)
def file(key: str) -> ResponseReturnValue:
    """Hand out the first drawing that the address describes.

    Raises:
        InvalidInputError: the address does not say what the form asks.

    """
    return Response(_first_drawing(_said(key)), content_type=BPMN_TYPE)

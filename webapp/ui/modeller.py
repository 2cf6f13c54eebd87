"""Sửa sơ đồ quy trình: the modeller page of administrators. Draw, choose from lists, check, try, compare, propose.

What is drawn stays in the person's browser until it is proposed; checking, trying and comparing write nothing. A
proposal starts `change_approval`, whose second person puts the version in force.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.commands.instances import start_instance
from engine.context import DecisionContext
from engine.db import reading
from engine.deployment import callers_of
from engine.diagram_versions import diagrams_in_force, process_key_of, refusals_of
from engine.errors import DeploymentError, InvalidInputError, NotFoundError
from engine.registry import ActionStep
from engine.trial import Act, Trial, walk
from engine.views import DeploymentView
from webapp import current
from webapp.diagram_words import words_of_drawing
from webapp.errors import error_text
from webapp.filters import moment
from webapp.i18n import has, t
from webapp.requests import key_of
from webapp.security import allowed
from webapp.typed import normalise
from webapp.ui.cases import drawn
from webapp.ui.comparisons import comparison_html
from webapp.ui.diagrams import BPMN_TYPE
from webapp.ui.modeller_lists import lists_of
from webapp.ui.words import remember_people
from workflows.forms import refuse
from workflows.labels import label
from workflows.rulebook import queries as rulebook
from workflows.rulebook import rules
from workflows.rulebook.models import ChangeKind

bp = Blueprint("modeller", __name__, url_prefix="/modeller")
ADMINISTRATOR = "administrator"
PROCESS, STEP = "change_approval", "rulebook.propose_diagram"
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")
FORGIVEN = frozenset({"no_label"})
"""Findings that keep a diagram from being deployed, but not from being tried."""


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """One process of the list: its version in force (None for one that is only proposed), and the changes that wait."""

    key: str
    version: DeploymentView | None
    waiting: tuple[str, ...]


@bp.get("")
@allowed(ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """List the processes with their versions in force."""
    newest: dict[str, DeploymentView] = {}
    for view in queries.list_deployments(current.engine()):
        if view.kind == "process":
            newest.setdefault(view.key, view)
    with reading(current.sessions()) as reader:
        changes = rulebook.list_changes(reader)
    waiting: dict[str, list[str]] = {}
    for one in changes:
        if one.state == "waiting" and one.proposal.kind is ChangeKind.DIAGRAM:
            waiting.setdefault(one.proposal.subject_key, []).append(one.proposal.change_key)
    remember_people(view.deployed_by for view in newest.values())
    keys = dict.fromkeys([*newest, *waiting])
    lines = [ProcessLine(key, newest.get(key), tuple(waiting.get(key, ()))) for key in keys]
    return render_template("modeller/index.html", lines=lines)


@bp.get("/<string:key>")
@allowed(ADMINISTRATOR)
def edit(key: str) -> ResponseReturnValue:
    """Show the editor of a process, its versions and the changes proposed so far."""
    with reading(current.sessions()) as reader:
        based_on = rulebook.diagram_hash(reader, key)
        changes = rulebook.list_changes(reader, ChangeKind.DIAGRAM, key)
        callers = callers_of(diagrams_in_force(reader), key)
    if not based_on:
        raise NotFoundError("no such process", process=key)
    deployed = queries.list_deployments(current.engine())
    versions = [view for view in deployed if (view.kind, view.key) == ("process", key)]
    remember_people([view.deployed_by for view in versions] + [one.proposal.proposer_id for one in changes])
    picture = drawn(queries.diagram_xml(current.engine(), None, key), key)
    return render_template(
        "modeller/edit.html", key=key, name=label(f"processes.{key}"), based_on=based_on, versions=versions,
        changes=changes, picture=picture, start=url_for("modeller.file", key=key), once=str(uuid4()),
        callers=callers, begins=_begins(key),
    )  # fmt: skip


def _begins(key: str) -> bool:
    """Tell whether cases begin with a process: an act of the domain starts it."""
    steps = current.engine().registry.steps.values()
    return any(isinstance(step, ActionStep) and step.starts == key for step in steps)


@bp.get("/<string:key>.bpmn")
@allowed(ADMINISTRATOR)
def file(key: str) -> ResponseReturnValue:
    """Hand out the diagram in force."""
    return Response(queries.diagram_xml(current.engine(), None, key), content_type=BPMN_TYPE)


@bp.get("/<string:key>/lists")
@allowed(ADMINISTRATOR)
def lists(key: str) -> ResponseReturnValue:
    """Return what may be chosen, with its words."""
    with reading(current.sessions()) as reader:
        return lists_of(reader, current.engine().registry, diagrams_in_force(reader), key)


def _drawing() -> tuple[bytes, Mapping[str, Any]]:
    """Return the diagram that was sent, and all that was sent with it.

    Raises:
        InvalidInputError: nothing, no text, or too much.

    """
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict) or not isinstance(xml := sent.get("xml"), str) or not xml:
        raise refuse("xml", "required")
    if len(xml) > rules.LONGEST_FILE:
        raise refuse("xml", "table_file_too_large")
    return xml.encode(errors="surrogatepass"), sent  # half of a surrogate pair: the reader of XML finds it at fault


def _findings(xml: bytes) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    """Return the diagrams that would be in force together, and what is wrong with the one that was sent."""
    try:
        key = process_key_of(xml)
    except DeploymentError as error:
        return {}, list(error.details["findings"])
    with reading(current.sessions()) as reader:
        together = {**diagrams_in_force(reader), key: xml}
        return together, refusals_of(reader, together, current.engine().registry)


@bp.post("/lint")
@allowed(ADMINISTRATOR)
def lint() -> ResponseReturnValue:
    """Return what is wrong with a drawing, each finding with its element and a sentence."""
    xml, _sent = _drawing()
    together, found = _findings(xml)
    key = next((key for key, one in together.items() if one is xml), "")
    return {"findings": [_finding(one, key) for one in found]}


def _finding(found: Mapping[str, str], key: str) -> dict[str, str]:
    rule, element = found["rule"], found["element_id"]
    sentence = t(f"lint.{rule}") if has(f"lint.{rule}") else t("lint.other")
    if found["process_key"] != key and key:
        sentence = f"{label('processes.' + found['process_key'])}: {sentence}"
        element = ""
    return {"element": element, "name": found["element_id"], "rule": rule, "sentence": sentence,
            "detail": found["message"]}  # fmt: skip


@bp.post("/try")
@allowed(ADMINISTRATOR)
def try_out() -> ResponseReturnValue:
    """Walk a drawing through the acts so far on example data; nothing is written."""
    xml, sent = _drawing()
    together, found = _findings(xml)
    if any(one["rule"] not in FORGIVEN for one in found):
        raise refuse("xml", "mend_first")
    key = process_key_of(xml)
    engine, now = current.engine(), current.business_now()
    with reading(current.sessions()) as reader:
        at = DecisionContext(reader, now)
        functions = {name: make(at) for name, make in engine.registry.functions.items()}
        walked = walk(together, key, engine.registry, variables=_values(sent.get("variables")),
                      acts=_acts(sent.get("acts")), now=now, functions=functions)  # fmt: skip
    with words_of_drawing(key, xml):
        return _told(walked, key)


def _acts(sent: Any) -> list[Act]:
    """Return the acts that were sent.

    Raises:
        InvalidInputError: they are none.

    """
    if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent):
        raise refuse("acts", "required")
    return [
        Act(str(one.get("kind")), str(one.get("process")), str(one.get("element")), _values(one.get("values")))
        for one in sent
    ]


def _values(sent: Any) -> dict[str, Any]:
    return {str(name): _value(value) for name, value in sent.items()} if isinstance(sent, dict) else {}


def _value(text: Any) -> Any:
    """Return a typed example value: yes or no, nothing, a whole number, several divided by commas, or text."""
    said = normalise(text).strip() if isinstance(text, str) else ""
    constants = {"true": True, "false": False, "null": None, "": None}
    if said in constants:
        return constants[said]
    if _WHOLE_NUMBER.fullmatch(said):
        return int(said)
    if "," in said:
        return [part.strip() for part in said.split(",") if part.strip()]
    return said


def _told(walked: Trial, key: str) -> dict[str, Any]:
    return {
        "waiting": [
            {"kind": one.kind, "process": one.process_key, "process_name": label(f"processes.{one.process_key}"),
             "element": one.element_id, "name": one.name, "outputs": list(one.outputs),
             "role": label(f"roles.{one.role}") if one.role else "", "due": moment(one.due_at) if one.due_at else ""}
            for one in walked.waiting
        ],
        "flows": [flow for process, flow in walked.flows if process == key],
        "states": [
            {"element": one.element_id, "state": one.state} for one in walked.states if one.process_key == key
        ],
        "end": label(f"elements.{key}.{walked.end_event}") if walked.end_event else "",
        "fault": error_text(walked.fault) if walked.fault else "",
        "detail": str(walked.fault) if walked.fault else "",
    }  # fmt: skip


@bp.post("/compare")
@allowed(ADMINISTRATOR)
def compare_with_running() -> ResponseReturnValue:
    """Return how a drawing differs from the version in force, drawn and told."""
    xml, _sent = _drawing()
    try:
        key = process_key_of(xml)
        with reading(current.sessions()) as reader:
            before = diagrams_in_force(reader).get(key)
        html, marks = comparison_html(key, before, xml)
    except DeploymentError:
        raise refuse("xml", "no_diagram") from None
    return {"html": html, "marks": marks}


@bp.post("/propose")
@allowed(ADMINISTRATOR)
def propose() -> ResponseReturnValue:
    """Propose the drawing: its case starts and waits for somebody else."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise InvalidInputError("no proposal", fields={})
    values = {name: sent.get(name, "") for name in ("content", "based_on")}
    values["reason"] = normalise(str(sent.get("reason", "")))
    begun = start_instance(current.engine(), PROCESS, "", current.actor(), {}, step=STEP, values=values,
                           idempotency_key=key_of(str(sent.get("key") or "")))  # fmt: skip
    return {"location": url_for("changes.show", key=begun.instance.business_key)}, 201

"""Sửa đổi quy định: upload a new version of a table, see what is wrong with it and what it would change, propose it."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import queries
from engine.commands.instances import start_instance
from engine.db import reading
from engine.deployment import TableFile
from engine.diagram_versions import diagram_of_hash
from engine.dmn import DmnError
from engine.errors import ConflictError, DeploymentError, InvalidInputError, NotFoundError
from engine.replay import replay
from engine.table_versions import day_findings
from webapp import current
from webapp.errors import error_text, status_of
from webapp.filters import label
from webapp.forms import field_errors
from webapp.requests import sent_key
from webapp.security import allowed
from webapp.typed import iso_day, local_day, normalise
from webapp.ui.cases import case_page
from webapp.ui.comparisons import comparison_html
from webapp.ui.findings import FindingLine, lines_of, lines_of_refusal
from webapp.ui.past import Past, past_of
from webapp.ui.words import remember_people
from workflows.forms import refuse
from workflows.rulebook import queries as rulebook
from workflows.rulebook import rules
from workflows.rulebook.models import ChangeKind, ChangeProposal
from workflows.rulebook.tables import Differences, TablePage, differences, list_tables, page_of, table_page

bp = Blueprint("changes", __name__, url_prefix="/changes")
DRAFTERS = ("personnel_officer", "administrator")
READERS = (*DRAFTERS, "auditor", "director")
PROCESS, STEP, WITHDRAW = "change_approval", "rulebook.propose_change", "rulebook.withdraw_change"
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Look:
    """A proposed version looked at from all sides; page, differences and past are None when it cannot be read."""

    file: TableFile
    findings: tuple[FindingLine, ...]
    page: TablePage | None = None
    differences: Differences | None = None
    past: Past | None = None

    @property
    def sound(self) -> bool:
        """Whether it may be proposed."""
        return self.page is not None and not any(line.error for line in self.findings)


def look_at(file: TableFile, *, decided: bool = False) -> Look:
    """Return what the checker finds, how the version differs from the one before, and what past cases would become.

    Args:
        file: the version, proposed or about to be.
        decided: it is in force or was refused; how its days met those of other versions is history.

    """
    findings = tuple(lines_of(file))
    if any(line.error for line in findings):
        return Look(file, findings)
    with reading(current.sessions()) as reader:
        if not decided:
            findings = tuple(lines_of(file, day_findings(reader, file)))
        known = [day for day, _ in rulebook.versions_of(reader, file.table)]
        before = max((day for day in known if day < file.valid_from), default=None)
        until = min((day for day in known if day > file.valid_from), default=None)
        model = rulebook.load(file.xml)
        page = page_of(model, file.table, file.valid_from, until)
        differ = differences(table_page(reader, file.table, before), page) if before else None
    return Look(file, findings, page, differ, past_of(replay(current.engine(), file), model.tables.values()))


@bp.get("")
@allowed(*READERS)
def index() -> ResponseReturnValue:
    """List the proposed changes, newest first."""
    with reading(current.sessions()) as reader:
        found = rulebook.list_changes(reader)
    reviewers = [one.review.reviewer_id for one in found if one.review]
    remember_people([one.proposal.proposer_id for one in found] + reviewers)
    return render_template(
        "changes/index.html",
        changes=found,
        subject_of=subject_of,
        may_propose=current.holds(*DRAFTERS),
        may_draw=current.holds("administrator"),
    )


@bp.get("/new")
@allowed(*DRAFTERS)
def new() -> ResponseReturnValue:
    """Show the upload form."""
    return _form({"table": request.args.get("table", "")})


def _form(
    values: dict[str, str],
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
    refused: list[FindingLine] | None = None,
) -> ResponseReturnValue:
    with reading(current.sessions()) as reader:
        tables = [(one.key, one.title) for one in list_tables(reader)]
    tomorrow = current.business_today() + timedelta(days=1)
    values = {"valid_from": local_day(tomorrow.isoformat()), **values}
    page = render_template("changes/new.html", tables=tables, values=values, errors=errors or {}, refused=refused or ())
    return page, status


def _day(text: str) -> date:
    try:
        return date.fromisoformat(iso_day(text.strip()))
    except ValueError:
        raise refuse("valid_from", "day_needed") from None


def _uploaded() -> TableFile:
    """Return the uploaded file under its table and day.

    Raises:
        InvalidInputError: nothing chosen, too large, not UTF-8, or no day.

    """
    upload = request.files.get("_file")
    if upload is None or not upload.filename:
        raise refuse("content", "required")
    with upload.stream as stream:
        content = stream.read(rules.LONGEST_FILE + 1)
    if len(content) > rules.LONGEST_FILE:
        raise refuse("content", "table_file_too_large")
    try:
        content.decode()
    except UnicodeDecodeError:
        raise refuse("content", "not_utf8") from None
    return TableFile(request.form.get("table", ""), _day(request.form.get("valid_from", "")), content)


@bp.post("/check")
@allowed(*DRAFTERS)
def check() -> ResponseReturnValue:
    """Check an uploaded version and show what it would change; nothing is proposed yet."""
    values = {name: request.form.get(name, "") for name in ("table", "valid_from")}
    try:
        file = _uploaded()
        with reading(current.sessions()) as reader:
            known = dict(rulebook.versions_of(reader, file.table))
        if wrong := rules.day_problem(known, file.valid_from, file.sha256):
            raise refuse("table" if wrong == "unknown_table" else "valid_from", wrong)
    except InvalidInputError as error:
        return _form(values, field_errors(error), 422)
    look = look_at(file)
    if look.sound:
        current.composition().files.write(file.xml)
    return render_template("changes/check.html", look=look, most=MOST_SHOWN, key=str(uuid4()), reason="", errors={})


@bp.post("")
@allowed(*DRAFTERS)
def propose() -> ResponseReturnValue:
    """Propose the checked version: its case starts and waits for somebody else."""
    table, reason = request.form.get("table", ""), normalise(request.form.get("reason", ""))
    file = TableFile(table, _day(request.form.get("valid_from", "")), _checked_file(request.form.get("sha256", "")))
    values = {"table": table, "valid_from": file.valid_from.isoformat(), "content": file.xml.decode(), "reason": reason}
    try:
        begun = start_instance(
            current.engine(), PROCESS, "", current.actor(), {}, step=STEP, values=values, idempotency_key=sent_key()
        )
    except DeploymentError as error:
        refused = lines_of_refusal(file, error.details.get("findings", ()))
        return _form({"table": table, "valid_from": values["valid_from"]}, {}, 422, refused)
    except (InvalidInputError, ConflictError) as error:
        page = render_template(
            "changes/check.html",
            look=look_at(file),
            most=MOST_SHOWN,
            key=str(uuid4()),
            reason=reason,
            errors=field_errors(error) or {"reason": [error_text(error)]},
        )
        return page, status_of(error)
    return redirect(url_for("changes.show", key=begun.instance.business_key))


def _checked_file(sha256: str) -> bytes:
    """Return the file that the page before stored.

    Raises:
        NotFoundError: nothing is stored under that hash, or it is no text.

    """
    files = current.composition().files
    try:
        content = files.read(sha256)
        content.decode()
    except (ValueError, FileNotFoundError) as error:
        raise NotFoundError("no such uploaded file", sha256=sha256[:64]) from error
    return content


@bp.get("/<string:key>")
@allowed(*READERS)
def show(key: str) -> ResponseReturnValue:
    """Show a proposed version: what it changes, what past cases would become, who decided what."""
    with reading(current.sessions()) as reader:
        change = _change(reader, key)
        review = rulebook.review_of(reader, change.change_id)
        withdrawal = rulebook.withdrawal_of(reader, change.change_id)
        in_force = change.kind is ChangeKind.DIAGRAM and bool(rulebook.diagram_hash(reader, change.subject_key))
    instance = queries.find_instance(current.engine(), key)
    if instance is None:
        raise NotFoundError("no such change", key=key)
    case = case_page(instance.id)
    task = next((one for one in case.tasks if current.actor().holds(one.role)), None)
    own = change.proposer_id == current.actor().id
    return render_template(
        "changes/show.html",
        change=change,
        review=review,
        withdrawal=withdrawal,
        case=case,
        look=_look_at_change(change, decided=review is not None or withdrawal is not None),
        differs=_differs(change),
        most=MOST_SHOWN,
        subject=subject_of(change),
        in_force=in_force,
        task=None if own else task,
        withdraw=_withdraw_link(change, instance.id) if own else "",
    )


def _look_at_change(change: ChangeProposal, *, decided: bool) -> Look | None:
    """Return a table's version looked at from all sides, None for a diagram."""
    if change.kind is not ChangeKind.TABLE or change.valid_from is None:
        return None
    file = TableFile(change.subject_key, change.valid_from, change.content)
    try:
        return look_at(file, decided=decided)
    except DmnError:  # the engine reads such files no longer; the proposal stays on record
        return Look(file, ())


def _differs(change: ChangeProposal) -> str:
    """Return how a diagram differs from the one it was drawn over, drawn and told; empty for a table."""
    if change.kind is not ChangeKind.DIAGRAM:
        return ""
    with reading(current.sessions()) as reader:
        before = diagram_of_hash(reader, change.based_on)
    return comparison_html(change.subject_key, before, change.content)[0]


def _withdraw_link(change: ChangeProposal, instance_id: UUID) -> str:
    """Return where the proposer takes the change back, empty when it is too late."""
    waiting = {one.name for one in queries.waiting_messages(current.engine(), instance_id)}
    if "change_withdrawal" not in waiting:
        return ""
    here = url_for("changes.show", key=change.change_key)
    return url_for("acts.show_message", step_key=WITHDRAW, case=change.change_key, next=here)


def subject_of(change: ChangeProposal) -> str:
    """Return what a change is about: the table's or the process's title."""
    return label("processes" if change.kind is ChangeKind.DIAGRAM else "tables", change.subject_key)


def _change(reader: Session, key: str) -> ChangeProposal:
    found = rulebook.find_change(reader, key)
    if found is None:
        raise NotFoundError("no such change", key=key)
    return found


@bp.get("/<string:key>.dmn")
@allowed(*READERS)
def table_file(key: str) -> ResponseReturnValue:
    """Hand out the proposed table to the letter."""
    return _file(key, ChangeKind.TABLE, "dmn")


@bp.get("/<string:key>.bpmn")
@allowed(*READERS)
def diagram_file(key: str) -> ResponseReturnValue:
    """Hand out the proposed diagram to the letter."""
    return _file(key, ChangeKind.DIAGRAM, "bpmn")


def _file(key: str, kind: ChangeKind, ending: str) -> Response:
    with reading(current.sessions()) as reader:
        change = _change(reader, key)
    if change.kind is not kind:
        raise NotFoundError("no such file", key=key)
    version = change.valid_from or f"{change.year}-{change.number:03d}"
    return Response(change.content, content_type="application/xml; charset=utf-8", headers={
        "Content-Disposition": f'attachment; filename="{change.subject_key}-{version}.{ending}"',
    })  # fmt: skip

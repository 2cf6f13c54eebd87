"""Sửa đổi quy định: upload a new version of a table, see what is wrong with it and what it would change, propose it."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import queries
from engine.commands.instances import start_instance
from engine.db import reading
from engine.deployment import TableFile
from engine.dmn import DmnError
from engine.errors import ConflictError, DeploymentError, InvalidInputError, NotFoundError
from engine.replay import replay
from webapp import current
from webapp.errors import error_text, status_of
from webapp.forms import field_errors, normalise
from webapp.security import allowed
from webapp.ui.cases import case_page
from webapp.ui.findings import FindingLine, lines_of, lines_of_refusal
from webapp.ui.past import Past, past_of
from webapp.ui.words import remember_people
from workflows.forms import refuse
from workflows.rulebook import queries as rulebook
from workflows.rulebook import rules
from workflows.rulebook.models import ChangeProposal
from workflows.rulebook.tables import Differences, TablePage, differences, list_tables, page_of, table_page

bp = Blueprint("changes", __name__, url_prefix="/changes")
DRAFTERS = ("personnel_officer", "administrator")
READERS = (*DRAFTERS, "auditor", "director")
PROCESS, STEP = "change_approval", "rulebook.propose_change"
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


def look_at(file: TableFile) -> Look:
    """Return what the checker finds, how the version differs from the one before, and what past cases would become."""
    findings = tuple(lines_of(file))
    if any(line.error for line in findings):
        return Look(file, findings)
    with reading(current.sessions()) as reader:
        known = [day for day, _ in rulebook.versions_of(reader, file.table)]
        before = max((day for day in known if day < file.valid_from), default=None)
        until = min((day for day in known if day > file.valid_from), default=None)
        page = page_of(rulebook.load(file.xml), file.table, file.valid_from, until)
        differ = differences(table_page(reader, file.table, before), page) if before else None
    return Look(file, findings, page, differ, past_of(replay(current.engine(), file)))


@bp.get("")
@allowed(*READERS)
def index() -> ResponseReturnValue:
    """List the proposed changes, newest first."""
    with reading(current.sessions()) as reader:
        found = rulebook.list_changes(reader)
    remember_people([one.proposal.proposer_id for one in found] + [one.review.reviewer_id for one in found if one.review])
    return render_template("changes/index.html", changes=found, may_propose=current.holds(*DRAFTERS))


@bp.get("/new")
@allowed(*DRAFTERS)
def new() -> ResponseReturnValue:
    """Show the upload form."""
    return _form({"table": request.args.get("table", "")})


def _form(values: dict[str, str], errors: dict[str, list[str]] | None = None, status: int = 200,
          refused: list[FindingLine] | None = None) -> ResponseReturnValue:
    with reading(current.sessions()) as reader:
        tables = [(one.key, one.title) for one in list_tables(reader)]
    tomorrow = current.business_today() + timedelta(days=1)
    page = render_template("changes/new.html", tables=tables, values={"valid_from": tomorrow.isoformat(), **values},
                           errors=errors or {}, refused=refused or ())
    return page, status


def _day(text: str) -> date:
    try:
        return date.fromisoformat("-".join(reversed(text.strip().split("/"))) if "/" in text else text.strip())
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
        begun = start_instance(current.engine(), PROCESS, "", current.actor(), {}, step=STEP, values=values,
                               idempotency_key=request.form.get("_key") or None)
    except DeploymentError as error:
        refused = lines_of_refusal(error.details.get("findings", ()))
        return _form({"table": table, "valid_from": values["valid_from"]}, {}, 422, refused)
    except (InvalidInputError, ConflictError) as error:
        page = render_template("changes/check.html", look=look_at(file), most=MOST_SHOWN, key=str(uuid4()),
                               reason=reason, errors=field_errors(error) or {"reason": [error_text(error)]})
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
        change, file = _change(reader, key)
        review = rulebook.review_of(reader, change.change_id)
    instance = queries.find_instance(current.engine(), key)
    if instance is None:
        raise NotFoundError("no such change", key=key)
    case = case_page(instance.id)
    task = next((one for one in case.tasks if current.actor().holds(one.role)), None)
    own = change.proposer_id == current.actor().id
    try:
        look = look_at(file)
    except DmnError:  # the engine reads such files no longer; the proposal stays on record
        look = Look(file, ())
    return render_template("changes/show.html", change=change, review=review, case=case, look=look, most=MOST_SHOWN,
                           task=None if own else task)


def _change(reader: Session, key: str) -> tuple[ChangeProposal, TableFile]:
    found = rulebook.find_change(reader, key)
    if found is None:
        raise NotFoundError("no such change", key=key)
    return found, TableFile(found.subject_key, found.valid_from, found.content)


@bp.get("/<string:key>.dmn")
@allowed(*READERS)
def file(key: str) -> ResponseReturnValue:
    """Hand out the proposed file to the letter."""
    with reading(current.sessions()) as reader:
        _, found = _change(reader, key)
    return Response(found.xml, content_type="application/xml; charset=utf-8",
                    headers={"Content-Disposition": f'attachment; filename="{found.table}-{found.valid_from}.dmn"'})

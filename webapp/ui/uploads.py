"""Adding files to a dossier while its unit works on it; what is typed in the form beside is kept as the draft."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import FileStorage as UploadedFile

from engine.commands.actions import perform_action
from engine.db import reading
from engine.errors import EngineError, InvalidInputError
from engine.views import TaskView
from webapp import current
from webapp.errors import error_text
from webapp.filters import label
from webapp.forms import field_errors
from webapp.requests import sent_key
from webapp.typed import normalise
from workflows.decisions import queries as decisions
from workflows.documents import queries as documents
from workflows.documents.models import DocumentKind
from workflows.documents.rules import EXTENSIONS
from workflows.documents.service import check_upload
from workflows.forms import refuse
from workflows.nominations import queries as nominations
from workflows.nominations.dossier import UNIT_KINDS
from workflows.nominations.queries import NominationView
from workflows.rulebook import queries as rulebook
from workflows.separation import OWN_STEPS

SCAN_STEP = "decisions.register_decision"
FILING_STEPS = OWN_STEPS | {SCAN_STEP}
"""Steps during which files may be added: the unit's own work on the dossier, and the registering of a decision."""


@dataclass(frozen=True, slots=True)
class UploadView:
    """The upload part of a task's form.

    Attributes:
        kinds: what may be filed now, with its words; only what was sent back while the dossier is supplemented.
        replaces: documents that a new file may take the place of.
        errors: sentences that stand beside the file field.

    """

    kinds: tuple[tuple[str, str], ...]
    replaces: tuple[tuple[str, str], ...]
    accept: str
    most_megabytes: int
    errors: tuple[str, ...] = ()


def upload_of(task: TaskView, nomination: NominationView | None, errors: Mapping[str, Any]) -> UploadView | None:
    """Return the upload part of a task's page, None where nothing may be filed."""
    if nomination is None or task.step_key not in FILING_STEPS:
        return None
    if task.step_key == SCAN_STEP:
        return _scan_upload(errors)
    with reading(current.sessions()) as reader:
        flagged = nominations.flagged_items(reader, nomination.id)
        kinds = [kind.value for kind in UNIT_KINDS if not flagged or kind.value in flagged]
        replaces = tuple(
            (row.document_id, row.name)
            for row in documents.documents_of(reader, nomination.id)
            if row.kind.value in kinds
        )
    return UploadView(
        kinds=tuple((kind, label("enums.document_kind", kind)) for kind in kinds),
        replaces=replaces,
        accept=",".join(EXTENSIONS.values()),
        most_megabytes=most_megabytes(),
        errors=_said(errors),
    )


def _scan_upload(errors: Mapping[str, Any]) -> UploadView:
    kind = DocumentKind.SIGNED_SCAN.value
    return UploadView(
        ((kind, label("enums.document_kind", kind)),),
        (),
        ",".join(EXTENSIONS.values()),
        most_megabytes(),
        _said(errors),
    )


def _said(errors: Mapping[str, Any]) -> tuple[str, ...]:
    said = errors.get("_file") or ()
    return (said,) if isinstance(said, str) else tuple(said)


def most_megabytes() -> int:
    """Return how large a file may be today."""
    with reading(current.sessions()) as reader:
        return int(rulebook.policy(reader, "max_file_megabytes", current.business_today()))


def store(upload: UploadedFile | None, field: str) -> str:
    """Check an uploaded file, store it durably and return its hash.

    Raises:
        InvalidInputError: nothing chosen, too large, or not what may be filed; the sentences are of `field`.

    """
    try:
        if upload is None or not upload.filename:
            raise refuse(field, "required")
        with closing(upload):
            content = upload.stream.read()
        with reading(current.sessions()) as reader:
            check_upload(reader, content, current.business_today())
    except InvalidInputError as error:
        raise InvalidInputError("the upload was refused", fields={field: _sentences(error)}) from error
    return current.composition().files.write(content)


def file_upload(task: TaskView, nomination_id: str, upload: UploadedFile | None, kind: str, document_id: str) -> None:
    """Store an uploaded file and file it: in the dossier, or as the signed scan of the nomination's decision.

    The same file sent again by the same page is filed once.

    Raises:
        InvalidInputError: the file, or its filing, was refused; the sentences are under `_file`.
        EngineError: the filing itself is refused.

    """
    values = {"sha256": store(upload, "_file"), "name": normalise(upload.filename or "") if upload else ""}
    if task.step_key == SCAN_STEP:
        with reading(current.sessions()) as reader:
            values["decision"] = decisions.decision_of_nomination(reader, nomination_id).decision_id
        action = "decisions.file_signed_scan"
    else:
        values |= {"subject_id": nomination_id, "kind": kind} | ({"document_id": document_id} if document_id else {})
        action = "documents.file_document"
    try:
        perform_action(current.engine(), action, current.actor(), values, idempotency_key=_key_of(values["sha256"]))
    except InvalidInputError as error:
        raise InvalidInputError("the filing was refused", fields={"_file": _sentences(error)}) from error


def _key_of(sha256: str) -> str | None:
    """Return the name of this filing; another file of the page is another one."""
    key = sent_key()
    return f"{key}:file:{sha256}" if key else None


def _sentences(error: EngineError) -> list[str]:
    """Return all sentences of a refusal for one place: the person sees one field, not the step's five."""
    said = field_errors(error).values()
    found = [sentence for one in said for sentence in ([one] if isinstance(one, str) else one)]
    return found or [error_text(error)]

"""Files of dossiers and decisions: handed out as attachments or shown as pictures, and every opening is on record."""

from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from engine.commands.records import record_event
from engine.db import reading
from engine.errors import ForbiddenError, NotFoundError
from webapp import current
from webapp.i18n import t
from webapp.security import STAFF, allowed
from webapp.ui import previews
from webapp.visibility import may_see_case
from workflows.documents import queries as documents
from workflows.documents.models import DocumentKind
from workflows.documents.rules import PDF
from workflows.nominations import queries as nominations

bp = Blueprint("files", __name__, url_prefix="/files")
PUBLISHED = frozenset({DocumentKind.GUIDANCE, DocumentKind.SIGNED_SCAN})
"""Kinds that everybody who works here may read."""
PICTURES = frozenset({"image/png", "image/jpeg"})


@dataclass(frozen=True, slots=True)
class FileView:
    """A document's newest version; `case_key` is empty for one that belongs to no case."""

    id: str
    kind: str
    name: str
    media_type: str
    sha256: str
    size: int
    case_key: str


def _find(document_id: str) -> FileView:
    """Return a document that this person may open.

    Raises:
        NotFoundError: there is no such document.
        ForbiddenError: its case is not for this person.

    """
    with reading(current.sessions()) as reader:
        row = documents.find_document(reader, document_id)
        if row is None:
            raise NotFoundError("no such document", document=document_id)
        nomination = nominations.find_nomination(reader, row.subject_id)
        found = FileView(
            row.document_id,
            row.kind.value,
            row.name,
            row.media_type,
            row.sha256,
            row.size,
            nomination.business_key if nomination else "",
        )
    if not _may_open(found):
        raise ForbiddenError("the document is of a case this person may not read", document=document_id)
    return found


def _may_open(file: FileView) -> bool:
    if file.case_key:
        return may_see_case(file.case_key)
    return file.kind in PUBLISHED or current.holds("personnel_officer", "records_officer", "director", "auditor")


def _note_opened(file: FileView) -> None:
    record_event(
        current.engine(),
        "file.opened",
        current.actor(),
        business_key=file.case_key,
        files=(file.sha256,),
        document=file.id,
    )


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """Return bytes as a download that no browser opens in place."""
    return Response(
        content,
        content_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@bp.get("/<string:document_id>")
@allowed(STAFF)
def document(document_id: str) -> ResponseReturnValue:
    """Hand out a document's newest version."""
    found = _find(document_id)
    content = current.composition().files.read(found.sha256)
    _note_opened(found)
    return attachment(content, found.media_type, found.name)


@bp.get("/<string:document_id>/preview")
@allowed(STAFF)
def preview(document_id: str) -> ResponseReturnValue:
    """Show a document page by page, without opening it in the browser."""
    found = _find(document_id)
    content = current.composition().files.read(found.sha256)
    pages, trouble = 1, ""
    if found.media_type == PDF:
        try:
            pages = previews.page_count(content)
        except previews.UnreadablePdfError:
            pages = 0
        trouble = "" if pages else t("files.unreadable")
    elif found.media_type not in PICTURES:
        pages, trouble = 0, t("files.no_preview")
    _note_opened(found)
    wanted = request.args.get("page", "1")
    page = min(max(int(wanted) if wanted.isdecimal() and len(wanted) < 4 else 1, 1), max(pages, 1))
    return render_template("files/preview.html", document=found, page=page, pages=pages, trouble=trouble)


@bp.get("/<string:document_id>/pages/<int:page>.png")
@allowed(STAFF)
def page(document_id: str, page: int) -> ResponseReturnValue:
    """Return one page of a PDF, or a filed picture, as it is shown on the preview page."""
    found = _find(document_id)
    content = current.composition().files.read(found.sha256)
    if found.media_type in PICTURES:
        return Response(content, content_type=found.media_type)
    if found.media_type != PDF:
        raise NotFoundError("no picture of such a document", document=document_id)
    try:
        return Response(previews.page_picture(content, page), content_type="image/png")
    except previews.UnreadablePdfError as error:
        raise NotFoundError("no such page", document=document_id) from error

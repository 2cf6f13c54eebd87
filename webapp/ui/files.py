"""Files of dossiers and decisions: handed out as attachments or shown as pictures, and every opening is on record."""

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
from webapp.ui.cases import may_see_case
from workflows.documents import queries as documents
from workflows.documents.models import DocumentKind, DossierDocument
from workflows.documents.rules import PDF
from workflows.nominations import queries as nominations

bp = Blueprint("files", __name__, url_prefix="/files")
PUBLISHED = frozenset({DocumentKind.GUIDANCE, DocumentKind.SIGNED_SCAN})
"""Kinds that everybody who works here may read."""
PICTURES = frozenset({"image/png", "image/jpeg"})


def _find(document_id: str) -> tuple[DossierDocument, str]:
    """Return a document and the key of its case, empty when it belongs to none.

    Raises:
        NotFoundError: there is no such document.
        ForbiddenError: its case is not for this person.

    """
    with reading(current.sessions()) as reader:
        found = documents.find_document(reader, document_id)
        if found is None:
            raise NotFoundError("no such document", document=document_id)
        nomination = nominations.find_nomination(reader, found.subject_id)
        key = nomination.business_key if nomination else ""
    if not _may_open(found, key):
        raise ForbiddenError("the document is of a case this person may not read", document=document_id)
    return found, key


def _may_open(document: DossierDocument, business_key: str) -> bool:
    if business_key:
        return may_see_case(business_key)
    return document.kind in PUBLISHED or current.holds("personnel_officer", "records_officer", "director", "auditor")


def _note_opened(document: DossierDocument, business_key: str) -> None:
    record_event(current.engine(), "file.opened", current.actor(), business_key=business_key,
                 files=(document.sha256,), document=document.document_id)


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """Return bytes as a download that no browser opens in place."""
    return Response(content, content_type=media_type, headers={
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    })


@bp.get("/<string:document_id>")
@allowed(STAFF)
def document(document_id: str) -> ResponseReturnValue:
    """Hand out a document's newest version."""
    found, key = _find(document_id)
    content = current.composition().files.read(found.sha256)
    _note_opened(found, key)
    return attachment(content, found.media_type, found.name)


@bp.get("/<string:document_id>/preview")
@allowed(STAFF)
def preview(document_id: str) -> ResponseReturnValue:
    """Show a document page by page, without opening it in the browser."""
    found, key = _find(document_id)
    content = current.composition().files.read(found.sha256)
    pages, trouble = 1, ""
    if found.media_type == PDF:
        try:
            pages = previews.page_count(content)
        except previews.UnreadablePdfError:
            pages, trouble = 0, t("files.unreadable")
    elif found.media_type not in PICTURES:
        pages, trouble = 0, t("files.no_preview")
    _note_opened(found, key)
    wanted = request.args.get("page", "1")
    page = min(max(int(wanted) if wanted.isdecimal() and len(wanted) < 4 else 1, 1), max(pages, 1))
    return render_template("files/preview.html", document=found, case_key=key, page=page, pages=pages, trouble=trouble)


@bp.get("/<string:document_id>/pages/<int:page>.png")
@allowed(STAFF)
def page(document_id: str, page: int) -> ResponseReturnValue:
    """Return one page of a PDF, or a filed picture, as it is shown on the preview page."""
    found, _ = _find(document_id)
    content = current.composition().files.read(found.sha256)
    if found.media_type in PICTURES:
        return Response(content, content_type=found.media_type)
    if found.media_type != PDF:
        raise NotFoundError("no picture of such a document", document=document_id)
    try:
        return Response(previews.page_picture(content, page), content_type="image/png")
    except previews.UnreadablePdfError as error:
        raise NotFoundError("no such page", document=document_id) from error

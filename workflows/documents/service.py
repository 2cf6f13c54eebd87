"""Filing a document: its facts. The bytes were written and synced before (`storage.FileStorage.write`)."""

from datetime import date

from sqlalchemy.orm import Session

from engine.context import StepContext
from workflows.documents.models import DocumentKind, DossierDocument
from workflows.documents.rules import media_type, safe_name
from workflows.documents.storage import FileStorage
from workflows.facts import write
from workflows.forms import Problems, refuse
from workflows.rulebook import queries as rulebook


def check_upload(session: Session, content: bytes, on: date) -> str:
    """Return the media type of an upload, before its bytes are stored.

    Raises:
        InvalidInputError: empty, larger than the policy allows, or of a type that may not be filed.

    """
    most = int(rulebook.policy(session, "max_file_megabytes", on))
    problems = Problems()
    if not content:
        problems.add("file", "file_empty")
    elif len(content) > most * 1_000_000:
        problems.add("file", "file_too_large", max=most)
    problems.refuse_any()
    found = media_type(content)
    if found is None:
        raise refuse("file", "file_type")
    return found


def file_document(
    ctx: StepContext, storage: FileStorage, *, subject_id: str, kind: str, sha256: str, name: str, document_id: str = ""
) -> DossierDocument:
    """Write the facts of a file that lies in the storage; with `document_id` it is that document's next version.

    Size and type are taken from the stored bytes, not from what the caller says.

    Raises:
        InvalidInputError: nothing is stored under that hash, or it is no file that may be kept.

    """
    if not storage.exists(sha256):
        raise refuse("sha256", "file_missing")
    content = storage.read(sha256)
    media = check_upload(ctx.session, content, ctx.today)
    identity = {"document_id": document_id} if document_id else {}
    row = write(
        ctx, DossierDocument, key="document_id", subject_id=subject_id, kind=DocumentKind(kind), sha256=sha256,
        size=len(content), media_type=media, name=safe_name(name, media), **identity,
    )  # fmt: skip
    ctx.record_file(sha256)
    ctx.note(document=row.document_id, kind=row.kind.value, size=row.size)
    return row

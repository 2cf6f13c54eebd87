"""Questions about filed documents. Nothing here writes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.documents.models import DossierDocument
from workflows.facts import latest, newest


def documents_of(session: Session, subject_id: str) -> Sequence[DossierDocument]:
    """Return the documents of a nomination (or other subject), newest version each, in the order first filed."""
    query = latest(DossierDocument, "document_id").where(DossierDocument.subject_id == subject_id)
    return session.scalars(query.order_by(DossierDocument.recorded_at, DossierDocument.document_id)).all()


def find_document(session: Session, document_id: str) -> DossierDocument | None:
    """Return the newest version of a document, or None."""
    return newest(session, DossierDocument, "document_id", document_id)


def versions_of(session: Session, document_id: str) -> Sequence[DossierDocument]:
    """Return every version of a document, oldest first."""
    query = sa.select(DossierDocument).where(DossierDocument.document_id == document_id)
    return session.scalars(query.order_by(DossierDocument.version)).all()


def known_hashes(session: Session) -> frozenset[str]:
    """Return the hash of every file a document row names; the sweep keeps these."""
    return frozenset(session.scalars(sa.select(DossierDocument.sha256).distinct()))

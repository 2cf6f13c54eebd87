"""Facts about files. The bytes lie in the file storage under their hash."""

from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from engine.db import Base
from workflows.facts import VersionedFact


class DocumentKind(StrEnum):
    """What a file is in the dossier (law 06/2022 art. 84(2); RULES D01, D03); names are `enums.document_kind`."""

    SUBMISSION_LETTER = "SUBMISSION_LETTER"
    ACHIEVEMENT_REPORT = "ACHIEVEMENT_REPORT"
    UNIT_MINUTES = "UNIT_MINUTES"
    CONFIRMATION = "CONFIRMATION"
    CERTIFICATE = "CERTIFICATE"
    EVIDENCE = "EVIDENCE"
    GUIDANCE = "GUIDANCE"
    SIGNED_SCAN = "SIGNED_SCAN"
    OTHER = "OTHER"


class DossierDocument(VersionedFact, Base):
    """A filed document. A newer version of the same `document_id` replaces the older one, which stays readable."""

    __tablename__ = "dossier_document"
    __table_args__ = (UniqueConstraint("document_id", "version"), Index(None, "subject_id"), Index(None, "sha256"))

    document_id: Mapped[str]
    subject_id: Mapped[str]
    kind: Mapped[DocumentKind]
    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    name: Mapped[str]

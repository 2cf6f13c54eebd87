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


class SigningCapacity(StrEnum):
    """In what capacity a paper is signed (RULES A07); how it says so is the table `signature`.

    Of a paper of the agency: as its head, for the head (KT.), as acting head (Q.), by written authorisation (TUQ.).
    Of the council's minutes: as chair or secretary, or in the place of one.
    """

    HEAD = "HEAD"
    FOR_HEAD = "FOR_HEAD"
    ACTING_HEAD = "ACTING_HEAD"
    BY_AUTHORISATION = "BY_AUTHORISATION"
    CHAIR = "CHAIR"
    FOR_CHAIR = "FOR_CHAIR"
    SECRETARY = "SECRETARY"
    FOR_SECRETARY = "FOR_SECRETARY"


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

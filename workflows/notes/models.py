"""Facts of notes. A correction adds a version; nothing is ever changed or deleted."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from engine.db import Base
from workflows.facts import VersionedFact


class Audience(StrEnum):
    """For whom a note is; who belongs to a circle is told by the table `visibility` (RULES J06)."""

    UNIT = "UNIT"
    HANDLERS = "HANDLERS"
    READERS = "READERS"


class Opinion(StrEnum):
    """What somebody who was asked says to a case; the reasons are the text of a note."""

    AGREE = "AGREE"
    DISAGREE = "DISAGREE"
    NONE = "NONE"


class CaseNote(VersionedFact, Base):
    """A note on a case, or on one task of it (`task_id`, else empty), as its author wrote it.

    `author_unit_id` is the unit of the author's chief post on that day: the circle of a note for the unit.
    `on_behalf_of` is the person in whose place a deputy wrote; `written_at` stays that of the first version.
    """

    __tablename__ = "case_note"
    __table_args__ = (UniqueConstraint("note_id", "version"), Index(None, "business_key"))

    note_id: Mapped[str]
    business_key: Mapped[str]
    task_id: Mapped[str]
    author_id: Mapped[str]
    author_unit_id: Mapped[str]
    on_behalf_of: Mapped[str]
    audience: Mapped[Audience]
    written_at: Mapped[datetime]
    text: Mapped[str]

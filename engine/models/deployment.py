"""What is in force: diagrams, versions of processes and of decision tables."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base


class DiagramFile(Base):
    """The bytes of one diagram, kept once for all versions that use it.

    `approved_by` is the business key of the case that approved it; empty when the deploy door brought it.
    """

    __tablename__ = "diagram_file"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    process_key: Mapped[str]
    xml: Mapped[bytes] = mapped_column(LargeBinary)
    approved_by: Mapped[str] = mapped_column(default="")


class ProcessVersion(Base):
    """One deployed version of a process with the files of every process it calls.

    `files` maps process key to the sha256 of its diagram; `sha256` is the hash of that map.
    """

    __tablename__ = "process_version"
    __table_args__ = (UniqueConstraint("process_key", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    process_key: Mapped[str]
    version: Mapped[int]
    sha256: Mapped[str]
    files: Mapped[dict[str, Any]]
    deployed_at: Mapped[datetime]
    deployed_by: Mapped[str]


class TableVersion(Base):
    """One decision table in force from a day; the next version's day is its end."""

    __tablename__ = "table_version"
    __table_args__ = (UniqueConstraint("table_key", "valid_from"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    table_key: Mapped[str]
    valid_from: Mapped[date]
    sha256: Mapped[str]
    xml: Mapped[bytes] = mapped_column(LargeBinary)
    deployed_at: Mapped[datetime]
    deployed_by: Mapped[str]

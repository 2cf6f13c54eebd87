"""What may be lost without loss to the record."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base


class Notice(Base):
    """An in-app notice for one person. Not a fact: it may be marked read."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "person_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str]
    kind: Mapped[str]
    business_key: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class WorkerPulse(Base):
    """When each background duty last ran, by the machine's clock; the administration page shows its age."""

    __tablename__ = "worker_pulse"

    duty: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=0)


class BusinessClockSetting(Base):
    """How far the business clock stands from the machine's (demonstration only), in seconds."""

    __tablename__ = "business_clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    offset_seconds: Mapped[float]
    set_at: Mapped[datetime]

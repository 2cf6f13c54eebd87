"""Interventions in running cases: what an operator proposes and another person approves."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, Fact


class RepairKind(StrEnum):
    """A token moved or variables changed in one case, or many cases moved to another version."""

    REPAIR = "repair"
    MIGRATION = "migration"


class RepairState(StrEnum):
    """The life of a proposal; all but `proposed` end it. `void` when its case moved before somebody decided."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    VOID = "void"


class RepairRequest(Fact, Base):
    """One version of a proposal: version 1 is what was proposed, version 2 how it ended.

    `plan` holds ids, codes and values of variables: `token`, `process_key`, `source`, `target` and `variables` of a
    repair; `before`, `after` and `instances` of a migration. `revision` is that of the case when it was proposed.
    `person_id` and `reason` are those of who proposed, and of who decided.
    """

    __tablename__ = "repair_request"
    __table_args__ = (UniqueConstraint("request_id", "version"), Index(None, "instance_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID]
    version: Mapped[int]
    kind: Mapped[RepairKind]
    state: Mapped[RepairState]
    process_key: Mapped[str]
    business_key: Mapped[str] = mapped_column(default="")
    instance_id: Mapped[UUID | None] = mapped_column(ForeignKey("process_instance.id"))
    revision: Mapped[int] = mapped_column(default=0)
    plan: Mapped[dict[str, Any]]
    person_id: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]

"""Facts of a campaign."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from engine.db import Base
from workflows.facts import VersionedFact


class RoundKind(StrEnum):
    """Which review a round belongs to (seed plan II)."""

    INTERIM = "INTERIM"
    FINAL = "FINAL"


class Campaign(VersionedFact, Base):
    """A movement with what must be fixed before its launch (law 06/2022 art. 17(1); RULES B01)."""

    __tablename__ = "campaign"
    __table_args__ = (UniqueConstraint("campaign_id", "version"), Index(None, "key"))

    campaign_id: Mapped[str]
    key: Mapped[str]
    title: Mapped[str]
    goal: Mapped[str]
    scope: Mapped[str]
    participants: Mapped[str]
    content: Mapped[str]
    measures: Mapped[str]
    launch_number: Mapped[str]
    launched_on: Mapped[date]
    launched_by_ministry: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    continue_decision: Mapped[str]


class LegalBasis(VersionedFact, Base):
    """A document the campaign rests on, as typed in the plan; `verified` says whether anybody compared it."""

    __tablename__ = "legal_basis"
    __table_args__ = (UniqueConstraint("basis_id", "version"), Index(None, "campaign_id"))

    basis_id: Mapped[str]
    campaign_id: Mapped[str]
    position: Mapped[int]
    number: Mapped[str]
    issued_on: Mapped[date | None]
    issuer: Mapped[str]
    title: Mapped[str]
    verified: Mapped[bool]
    note: Mapped[str]


class Milestone(VersionedFact, Base):
    """A date or year of the plan: launch, interim review, final review."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("milestone_id", "version"), Index(None, "campaign_id"))

    milestone_id: Mapped[str]
    campaign_id: Mapped[str]
    key: Mapped[str]
    year: Mapped[int]
    planned_on: Mapped[date | None]
    title: Mapped[str]
    mark: Mapped[str]
    source: Mapped[str]


class CriteriaGroup(VersionedFact, Base):
    """A group of criteria drawn from the plan's purpose (seed plan I.1; RULES B04)."""

    __tablename__ = "criteria_group"
    __table_args__ = (UniqueConstraint("group_id", "version"), Index(None, "campaign_id"))

    group_id: Mapped[str]
    campaign_id: Mapped[str]
    position: Mapped[int]
    title: Mapped[str]


class GuidanceLetter(VersionedFact, Base):
    """The letter without which no round opens (seed plan III.2; RULES B08)."""

    __tablename__ = "guidance_letter"
    __table_args__ = (UniqueConstraint("guidance_id", "version"), Index(None, "campaign_id"))

    guidance_id: Mapped[str]
    campaign_id: Mapped[str]
    number: Mapped[str]
    issued_on: Mapped[date]
    title: Mapped[str]
    file_sha256: Mapped[str]


class AwardRound(VersionedFact, Base):
    """A round of awards. `period_*` bounds the achievements, `filing_deadline` is the last day for dossiers.

    `quotas` maps a proposed form to the most nominations a unit may file; an empty map sets none (RULES C17).
    """

    __tablename__ = "award_round"
    __table_args__ = (UniqueConstraint("round_id", "version"), Index(None, "key"))

    round_id: Mapped[str]
    key: Mapped[str]
    campaign_id: Mapped[str]
    kind: Mapped[RoundKind]
    title: Mapped[str]
    guidance_id: Mapped[str]
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    period_from: Mapped[date]
    period_to: Mapped[date]
    filing_deadline: Mapped[date]
    quotas: Mapped[dict[str, Any]]


class LateFiling(VersionedFact, Base):
    """The council chair lets one unit file late, with a reason (RULES D08)."""

    __tablename__ = "late_filing"
    __table_args__ = (UniqueConstraint("exception_id", "version"), Index(None, "round_key"))

    exception_id: Mapped[str]
    round_key: Mapped[str]
    unit_id: Mapped[str]
    until: Mapped[date]
    reason: Mapped[str]

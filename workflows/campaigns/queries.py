"""Questions about campaigns and rounds. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.campaigns.models import (
    AwardRound,
    Campaign,
    CriteriaGroup,
    GuidanceLetter,
    LateFiling,
    LegalBasis,
    Milestone,
)
from workflows.facts import latest, newest


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign with all that belongs to it, in order."""

    campaign: Campaign
    legal_bases: tuple[LegalBasis, ...]
    milestones: tuple[Milestone, ...]
    criteria_groups: tuple[CriteriaGroup, ...]
    guidance: tuple[GuidanceLetter, ...]
    rounds: tuple[AwardRound, ...]


def list_campaigns(session: Session) -> Sequence[Campaign]:
    """Return all campaigns, the newest launch first."""
    return session.scalars(latest(Campaign, "campaign_id").order_by(Campaign.launched_on.desc())).all()


def find_campaign(session: Session, key: str) -> Campaign | None:
    """Return a campaign by key or id, or None."""
    query = latest(Campaign, "campaign_id").where(sa.or_(Campaign.key == key, Campaign.campaign_id == key))
    return session.scalars(query).first()


def campaign_view(session: Session, key: str) -> CampaignView | None:
    """Return a campaign with its bases, milestones, criteria, guidance and rounds, or None."""
    found = find_campaign(session, key)
    if found is None:
        return None
    wanted = found.campaign_id
    bases = latest(LegalBasis, "basis_id").where(LegalBasis.campaign_id == wanted).order_by(LegalBasis.position)
    stones = latest(Milestone, "milestone_id").where(Milestone.campaign_id == wanted).order_by(Milestone.year)
    groups = latest(CriteriaGroup, "group_id").where(CriteriaGroup.campaign_id == wanted)
    letters = latest(GuidanceLetter, "guidance_id").where(GuidanceLetter.campaign_id == wanted)
    rounds = latest(AwardRound, "round_id").where(AwardRound.campaign_id == wanted).order_by(AwardRound.opened_on)
    return CampaignView(
        found, tuple(session.scalars(bases)), tuple(session.scalars(stones)),
        tuple(session.scalars(groups.order_by(CriteriaGroup.position))),
        tuple(session.scalars(letters.order_by(GuidanceLetter.issued_on))), tuple(session.scalars(rounds)),
    )  # fmt: skip


def find_round(session: Session, key: str) -> AwardRound | None:
    """Return a round by key (e.g. `2025-TK`) or id, or None."""
    query = latest(AwardRound, "round_id").where(sa.or_(AwardRound.key == key, AwardRound.round_id == key))
    return session.scalars(query).first()


def hold_round(session: Session, key: str) -> None:
    """Wait until no other transaction holds the round, and hold it until the commit (where rows can be locked)."""
    session.execute(sa.select(AwardRound.id).where(AwardRound.key == key, AwardRound.version == 1).with_for_update())


def list_rounds(session: Session) -> Sequence[AwardRound]:
    """Return all rounds, the newest first."""
    return session.scalars(latest(AwardRound, "round_id").order_by(AwardRound.opened_on.desc())).all()


def late_filing_for(session: Session, round_key: str, unit_id: str, on: date) -> LateFiling | None:
    """Return the chair's exception under which a unit may still file on a day, or None."""
    query = latest(LateFiling, "exception_id").where(
        LateFiling.round_key == round_key, LateFiling.unit_id == unit_id, LateFiling.until >= on
    )
    return session.scalars(query).first()


def is_open(session: Session, found: AwardRound, unit_id: str, on: date) -> bool:
    """Tell whether a unit may file in a round on a day, in time or by the chair's exception."""
    if on < found.opened_on or (found.closed_on is not None and on > found.closed_on):
        return False
    return on <= found.filing_deadline or late_filing_for(session, found.key, unit_id, on) is not None


def open_rounds(session: Session, on: date, unit_id: str = "") -> list[AwardRound]:
    """Return the rounds in which a unit may file on a day."""
    return [found for found in list_rounds(session) if is_open(session, found, unit_id, on)]


@dataclass(frozen=True, slots=True)
class Coming:
    """The next moment of the rounds: one that takes proposals `until` a day (`open`), or opens on one (`opens`)."""

    what: str
    title: str
    on: date


def coming(session: Session, on: date) -> Coming | None:
    """Return the round open on a day whose filing ends first, else the one that opens next, else None."""
    rounds = list_rounds(session)
    running = [row for row in rounds if is_open(session, row, "", on)]
    if running:
        first = min(running, key=lambda row: row.filing_deadline)
        return Coming("open", first.title, first.filing_deadline)
    ahead = [row for row in rounds if row.opened_on > on]
    if not ahead:
        return None
    following = min(ahead, key=lambda row: row.opened_on)
    return Coming("opens", following.title, following.opened_on)


def guidance_of(session: Session, guidance_id: str) -> GuidanceLetter | None:
    """Return a guidance letter by id, or None."""
    return newest(session, GuidanceLetter, "guidance_id", guidance_id)

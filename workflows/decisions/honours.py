"""Questions about awards in force, of both forms. Nothing here writes."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.text import fold
from workflows.decisions.models import GrantedAward, LinePrize
from workflows.facts import latest, newest
from workflows.nominations import queries as nominations
from workflows.nominations.models import AwardForm, Nomination
from workflows.nominations.queries import NominationView


@dataclass(frozen=True, slots=True)
class HonourView:
    """An award in force, conferred or waiting to be."""

    nomination_id: str
    business_key: str
    round_key: str
    nominee_kind: str
    nominee: str
    unit_id: str
    unit: str
    form: str
    achievement: str
    official_number: str
    decided_on: date
    decision_id: str
    prize_vnd: int | None
    honoured_on: date | None
    place: str
    conferred_by: str
    note: str


def award_of(session: Session, nomination_id: str) -> GrantedAward | None:
    """Return the award a nomination led to, or None."""
    return newest(session, GrantedAward, "nomination_id", nomination_id)


def honours(
    session: Session, *, round_key: str = "", unit_id: str = "", form: str = "", nominee_id: str = "",
    year: int | None = None, text: str = "",
) -> list[HonourView]:  # fmt: skip
    """Return awards in force of both forms, the newest decision first; those not yet conferred have no date."""
    query = latest(GrantedAward, "nomination_id").order_by(GrantedAward.decided_on.desc(), GrantedAward.nomination_id)
    if form:
        query = query.where(GrantedAward.form == AwardForm(form))
    if nominee_id:
        query = query.where(GrantedAward.nominee_id == nominee_id)
    if year is not None:
        query = query.where(GrantedAward.decided_on.between(date(year, 1, 1), date(year, 12, 31)))
    awards = list(session.scalars(query))
    ids = [award.nomination_id for award in awards]
    rows = list(session.scalars(sa.select(Nomination).where(Nomination.nomination_id.in_(ids)))) if ids else []
    views = {view.id: view for view in nominations.views_of(session, rows)} if rows else {}
    paid = latest(LinePrize, "nomination_id").where(LinePrize.nomination_id.in_(ids))
    prizes = {prize.nomination_id: prize.amount_vnd for prize in session.scalars(paid)}
    words = fold(text).split()
    found = [_honour(award, views[award.nomination_id], prizes.get(award.nomination_id)) for award in awards]
    return [
        honour for honour in found
        if (not round_key or honour.round_key == round_key) and (not unit_id or honour.unit_id == unit_id)
        and all(word in fold(f"{honour.nominee} {honour.unit} {honour.official_number}") for word in words)
    ]  # fmt: skip


def _honour(award: GrantedAward, view: NominationView, prize: int | None) -> HonourView:
    return HonourView(
        view.id, view.business_key, view.round_key, view.nominee_kind, view.nominee, view.unit_id, view.unit,
        award.form.value, view.achievement, award.official_number, award.decided_on, award.decision_id, prize,
        award.honoured_on, award.place, award.conferred_by, award.note,
    )  # fmt: skip

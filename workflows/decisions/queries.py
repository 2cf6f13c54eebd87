"""Questions about decisions and honours (those of `honours` too). Nothing here writes."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import MessageSubscription
from engine.text import fold
from workflows.decisions import honours as awards
from workflows.decisions.models import (
    AwardDecision,
    DecisionLine,
    DecisionRegistration,
    DirectorDecision,
    FallbackGrant,
    LinePrize,
    OfficialNumber,
    PaperKind,
    PrintedPaper,
)
from workflows.documents.models import DocumentKind, DossierDocument, SigningCapacity
from workflows.errors import UnknownDecisionError
from workflows.facts import latest, newest
from workflows.nominations import queries as nominations
from workflows.nominations.models import Nomination, NominationContent, NomineeKind
from workflows.nominations.queries import NominationView

HonourView = awards.HonourView
honours, award_of = awards.honours, awards.award_of

SIGNED_TOGETHER = "decision_signed"


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A signed decision as the register shows it; `in_place_of` names whose signature it would be otherwise."""

    id: str
    key: str
    official_number: str
    round_key: str
    form: str
    signed_on: date
    signer_id: str
    signer_name: str
    capacity: SigningCapacity
    in_place_of: str
    by_document: str
    agency: str
    campaign: str
    count: int
    total_vnd: int
    registered_on: date | None
    book: str
    entry_number: str
    scan_document_id: str


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a decision with its money, once known, and the hash of its certificate, once printed."""

    line_id: str
    decision_id: str
    position: int
    nomination_id: str
    business_key: str
    nominee_kind: NomineeKind
    nominee_id: str
    gender: str
    nominee: str
    post: str
    unit: str
    achievement: str
    achieved_from: date
    achieved_to: date
    prize_vnd: int | None
    certificate_sha256: str


def director_decision_of(session: Session, nomination_id: str) -> DirectorDecision | None:
    """Return what the head decided last about a nomination, or None."""
    return newest(session, DirectorDecision, "nomination_id", nomination_id)


def director_decisions_of(session: Session, nomination_id: str) -> list[DirectorDecision]:
    """Return everything the head decided about a nomination, oldest first."""
    query = sa.select(DirectorDecision).where(DirectorDecision.nomination_id == nomination_id)
    return list(session.scalars(query.order_by(DirectorDecision.version)))


def fallback_of(session: Session, nomination_id: str) -> FallbackGrant | None:
    """Return the grant in place of a declined Bằng khen, or None."""
    return newest(session, FallbackGrant, "nomination_id", nomination_id)


def same_achievement(session: Session, nomination_id: str) -> list[Nomination]:
    """Return the other living nominations of the nominee in the round for the same achievement and time (C01, C03)."""
    own = nominations.get_nomination(session, nomination_id)
    content = nominations.content_of(session, nomination_id)
    others = nominations.living_nominations_of(session, own.nominee_id, besides=nomination_id)
    return [
        other for other in others
        if other.round_key == own.round_key
        and _same_merit(content, nominations.content_of(session, other.nomination_id))
    ]  # fmt: skip


def _same_merit(one: NominationContent, other: NominationContent) -> bool:
    if fold(one.achievement) != fold(other.achievement):
        return False
    if not (one.achieved_from and one.achieved_to and other.achieved_from and other.achieved_to):
        return True
    return one.achieved_from <= other.achieved_to and other.achieved_from <= one.achieved_to


def waiting_for_signature(session: Session, round_key: str = "") -> list[NominationView]:
    """Return the nominations whose decision waits to be signed, in the order they were opened."""
    waiting = sa.select(MessageSubscription.business_key).where(MessageSubscription.name == SIGNED_TOGETHER)
    signed = sa.select(DecisionLine.nomination_id)
    query = sa.select(Nomination).where(Nomination.business_key.in_(waiting), Nomination.nomination_id.not_in(signed))
    if round_key:
        query = query.where(Nomination.round_key == round_key)
    rows = list(session.scalars(query.order_by(Nomination.opened_at, Nomination.number)))
    return nominations.views_of(session, rows) if rows else []


def find_decision(session: Session, key: str) -> AwardDecision | None:
    """Return a decision by id, by the key of its address or by its number as written, or None."""
    named = sa.or_(
        AwardDecision.decision_id == key, AwardDecision.decision_key == key, AwardDecision.official_number == key
    )
    return session.scalars(sa.select(AwardDecision).where(named).order_by(AwardDecision.signed_at.desc())).first()


def get_decision(session: Session, key: str) -> AwardDecision:
    """Return a decision.

    Raises:
        UnknownDecisionError: there is none.

    """
    row = find_decision(session, key)
    if row is None:
        raise UnknownDecisionError("no such decision", key=key)
    return row


def line_of_nomination(session: Session, nomination_id: str) -> DecisionLine | None:
    """Return the line under which a nomination was decided, or None."""
    return session.scalars(sa.select(DecisionLine).where(DecisionLine.nomination_id == nomination_id)).first()


def decision_of_nomination(session: Session, nomination_id: str) -> AwardDecision:
    """Return the signed decision of a nomination.

    Raises:
        UnknownDecisionError: none is signed.

    """
    line = line_of_nomination(session, nomination_id)
    if line is None:
        raise UnknownDecisionError("no signed decision", nomination=nomination_id)
    return get_decision(session, line.decision_id)


def decisions_of_nomination(session: Session, nomination_id: str) -> list[DecisionView]:
    """Return the signed decisions that name a nomination: none or one."""
    line = line_of_nomination(session, nomination_id)
    return [] if line is None else _views(session, [get_decision(session, line.decision_id)])


def list_decisions(
    session: Session, *, text: str = "", year: int | None = None, round_key: str = "", unregistered: bool = False
) -> list[DecisionView]:
    """Return signed decisions, the newest first, searched without accents by number, campaign, signer and nominee."""
    query = sa.select(AwardDecision).order_by(AwardDecision.signed_at.desc(), AwardDecision.decision_key)
    if year is not None:
        query = query.where(AwardDecision.signed_on.between(date(year, 1, 1), date(year, 12, 31)))
    if round_key:
        query = query.where(AwardDecision.round_key == round_key)
    if unregistered:
        query = query.where(AwardDecision.decision_id.not_in(sa.select(DecisionRegistration.decision_id)))
    views = _views(session, list(session.scalars(query)))
    words = fold(text).split()
    if not words:
        return views
    names = _nominees(session, [view.id for view in views])
    told = {view.id: fold(f"{view.official_number} {view.campaign} {view.signer_name} {names.get(view.id, '')}")
            for view in views}  # fmt: skip
    return [view for view in views if all(word in told[view.id] for word in words)]


def _nominees(session: Session, ids: list[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    query = sa.select(DecisionLine.decision_id, DecisionLine.nominee).where(DecisionLine.decision_id.in_(ids))
    for decision_id, nominee in session.execute(query):
        names[decision_id] = f"{names.get(decision_id, '')} {nominee}"
    return names


def view_decision(session: Session, key: str) -> DecisionView:
    """Return a decision as the register shows it.

    Raises:
        UnknownDecisionError: there is none.

    """
    return _views(session, [get_decision(session, key)])[0]


def _views(session: Session, rows: list[AwardDecision]) -> list[DecisionView]:
    ids = [row.decision_id for row in rows]
    query = sa.select(DecisionLine.decision_id, sa.func.count()).where(DecisionLine.decision_id.in_(ids))
    counts: dict[str, int] = {row[0]: row[1] for row in session.execute(query.group_by(DecisionLine.decision_id))}
    totals: dict[str, int] = {}
    for prize in session.scalars(latest(LinePrize, "nomination_id").where(LinePrize.decision_id.in_(ids))):
        totals[prize.decision_id] = totals.get(prize.decision_id, 0) + prize.amount_vnd
    entries = latest(DecisionRegistration, "decision_id").where(DecisionRegistration.decision_id.in_(ids))
    entered = {entry.decision_id: entry for entry in session.scalars(entries)}
    return [
        _view(row, counts.get(row.decision_id, 0), totals.get(row.decision_id, 0), entered.get(row.decision_id))
        for row in rows
    ]


def _view(row: AwardDecision, count: int, total: int, entry: DecisionRegistration | None) -> DecisionView:
    instead = row.papers.get("in_place_of", {})
    return DecisionView(
        row.decision_id, row.decision_key, row.official_number, row.round_key, row.form.value, row.signed_on,
        row.signer_id, str(row.papers["signer_name"]), row.capacity, str(instead.get("name", "")),
        str(instead.get("document", "")), str(row.papers["agency"]),
        str(row.papers["campaign"]), count, total, entry.registered_on if entry else None, entry.book if entry else "",
        entry.entry_number if entry else "", entry.scan_document_id if entry else "",
    )  # fmt: skip


def lines_of_decision(session: Session, decision_id: str) -> list[LineView]:
    """Return the lines of a decision in their order, with a fixed number of statements."""
    query = sa.select(DecisionLine).where(DecisionLine.decision_id == decision_id).order_by(DecisionLine.position)
    lines = list(session.scalars(query))
    paid = latest(LinePrize, "nomination_id").where(LinePrize.decision_id == decision_id)
    prizes = {prize.nomination_id: prize.amount_vnd for prize in session.scalars(paid)}
    ids = [line.line_id for line in lines]
    printed = latest(PrintedPaper, "paper_key").where(
        PrintedPaper.subject_id.in_(ids), PrintedPaper.kind == PaperKind.CERTIFICATE
    )
    papers = {paper.subject_id: paper.sha256 for paper in session.scalars(printed)}
    return [
        LineView(
            line.line_id, line.decision_id, line.position, line.nomination_id, line.business_key, line.nominee_kind,
            line.nominee_id, line.gender, line.nominee, line.post, line.unit, line.achievement, line.achieved_from,
            line.achieved_to, prizes.get(line.nomination_id), papers.get(line.line_id, ""),
        )
        for line in lines
    ]  # fmt: skip


def registration_of(session: Session, decision_id: str) -> DecisionRegistration | None:
    """Return the entry of a decision in the book of outgoing papers, or None."""
    return newest(session, DecisionRegistration, "decision_id", decision_id)


def scans_of(session: Session, decision_id: str) -> list[DossierDocument]:
    """Return the signed scans filed for a decision, or after its signing for one of its nominations."""
    signed_at = sa.select(AwardDecision.signed_at).where(AwardDecision.decision_id == decision_id).scalar_subquery()
    subjects = [decision_id, *session.scalars(
        sa.select(DecisionLine.nomination_id).where(DecisionLine.decision_id == decision_id)
    )]  # fmt: skip
    query = latest(DossierDocument, "document_id").where(
        DossierDocument.subject_id.in_(subjects),
        DossierDocument.kind == DocumentKind.SIGNED_SCAN,
        DossierDocument.recorded_at >= signed_at,
    )
    return list(session.scalars(query.order_by(DossierDocument.recorded_at, DossierDocument.document_id)))


def printed_paper(session: Session, kind: PaperKind, subject_id: str) -> PrintedPaper | None:
    """Return the newest printing of a paper, or None."""
    return newest(session, PrintedPaper, "paper_key", f"{kind.value}:{subject_id}")


def numbers_given(session: Session, year: int) -> list[OfficialNumber]:
    """Return the numbers given in a year, by body and type in the order given."""
    query = sa.select(OfficialNumber).where(OfficialNumber.year == year)
    return list(session.scalars(query.order_by(
        OfficialNumber.organisation_id, OfficialNumber.document_type, OfficialNumber.number
    )))  # fmt: skip

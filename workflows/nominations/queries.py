"""Questions about nominations. Nothing here writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.db import columns_of, value_of
from engine.models import ProcessInstance
from engine.statements import Statement
from engine.text import fold
from workflows.campaigns.models import AwardRound
from workflows.errors import UnknownCaseError
from workflows.facts import latest, newest
from workflows.nominations.models import (
    AwardForm,
    CompletenessCheck,
    EligibilityAssessment,
    IntakeNote,
    Nomination,
    NominationContent,
    NomineeFlag,
    NomineeKind,
    NoteKind,
    Recusal,
    Submission,
    UnsuccessfulNotice,
    Withdrawal,
)
from workflows.organisation import queries as organisation


@dataclass(frozen=True, slots=True)
class CaseParties:
    """Who has a part in a case, for separation of duties.

    Attributes:
        nominee_people: the persons who are the nominee; empty for a collective.
        collective_head_id: who heads the nominated collective on the day, None otherwise.

    """

    nomination_id: str
    business_key: str
    unit_id: str
    proposer_id: str
    nominee_kind: str
    nominee_id: str
    nominee_people: frozenset[str]
    collective_head_id: str | None = None


@dataclass(frozen=True, slots=True)
class NominationView:
    """A nomination as pages show it: newest content, names resolved, nothing sensitive."""

    id: str
    business_key: str
    round_key: str
    submission_id: str | None
    unit_id: str
    unit: str
    proposer_id: str
    proposer: str
    nominee_kind: str
    nominee_id: str
    nominee: str
    proposed_form: str
    ground: str
    achievement: str
    achieved_from: date | None
    achieved_to: date | None
    summary: str
    internal_unity: bool
    filed_on: date | None
    letter_number: str
    letter_on: date | None
    version: int


_IS_SOUGHT = sa.or_(
    Nomination.nomination_id == sa.bindparam("sought"), Nomination.business_key == sa.bindparam("sought")
)
_INTERESTS = (
    organisation.are_related(Nomination.nominee_id, sa.bindparam("person")),
    latest(Recusal, "recusal_id")
    .where(Recusal.nomination_id == Nomination.nomination_id, Recusal.person_id == sa.bindparam("person"),
           Recusal.withdrawn.is_(False))
    .exists(),
)  # fmt: skip
_WITH_INTEREST = Statement(sa.select(*columns_of(Nomination), *_INTERESTS).where(_IS_SOUGHT))
_INTEREST = Statement(sa.select(*_INTERESTS).where(Nomination.nomination_id == sa.bindparam("sought")))
"""Separation of duties asks for a case and for the actor's interest in it at every completion."""


def find_nomination(session: Session, key: str, *, about: str = "") -> Nomination | None:
    """Return a nomination by id or business key, or None; with it the interest of a person is read.

    A nomination's row never changes, so a session asks the database for each only once.
    """
    known: dict[str, Nomination] = session.info.setdefault("nominations", {})
    if key not in known:
        found = _WITH_INTEREST.first(session, {"sought": key, "person": about})
        if found is None:
            return None
        *cells, is_family, has_declared = found
        row = value_of(Nomination, cells)
        known[row.nomination_id] = known[row.business_key] = row
        session.info["interest"] = (row.nomination_id, about, is_family, has_declared)
    return known[key]


def get_nomination(session: Session, key: str) -> Nomination:
    """Return a nomination by id or business key.

    Raises:
        UnknownCaseError: there is none.

    """
    row = find_nomination(session, key)
    if row is None:
        raise UnknownCaseError("no such nomination", key=key)
    return row


def content_of(session: Session, nomination_id: str) -> NominationContent:
    """Return the newest content of a nomination; every nomination has one from its opening on."""
    row = newest(session, NominationContent, "nomination_id", nomination_id)
    if row is None:
        raise UnknownCaseError("no such nomination", key=nomination_id)
    return row


def contents_of(session: Session, nomination_id: str) -> list[NominationContent]:
    """Return every version of the content, oldest first."""
    query = sa.select(NominationContent).where(NominationContent.nomination_id == nomination_id)
    return list(session.scalars(query.order_by(NominationContent.version)))


def parties(session: Session, key: str, on: date, *, about: str = "") -> CaseParties | None:
    """Return who has a part in a case named by id or business key; None when the case is no nomination.

    The interest of the person `about` is read with it, for the next question to `interest_of`.
    """
    row = find_nomination(session, key, about=about) if key else None
    if row is None:
        return None
    individual = row.nominee_kind is NomineeKind.INDIVIDUAL
    head = None if individual else organisation.heads_on(session, on, [row.nominee_id]).get(row.nominee_id)
    return CaseParties(
        row.nomination_id, row.business_key, row.unit_id, row.proposer_id, row.nominee_kind.value, row.nominee_id,
        frozenset({row.nominee_id} if individual else ()), head,
    )  # fmt: skip


def declared_recusals(session: Session, nomination_id: str) -> frozenset[str]:
    """Return ids of the persons who declared an interest in a nomination."""
    query = latest(Recusal, "recusal_id").where(Recusal.nomination_id == nomination_id, Recusal.withdrawn.is_(False))
    return frozenset(row.person_id for row in session.scalars(query))


def declared_by(session: Session, person_id: str, nomination_ids: Iterable[str]) -> frozenset[str]:
    """Return those of some nominations in which a person declared an interest."""
    query = latest(Recusal, "recusal_id").where(
        Recusal.person_id == person_id, Recusal.nomination_id.in_(nomination_ids), Recusal.withdrawn.is_(False)
    )
    return frozenset(row.nomination_id for row in session.scalars(query))


def interest_of(session: Session, case: CaseParties, person_id: str) -> str:
    """Return the interest a person has in a case: `declared`, `family` of an individual, or empty; one statement."""
    nomination_id, asked_of, is_family, has_declared = session.info.pop("interest", ("", "", False, False))
    if (nomination_id, asked_of) != (case.nomination_id, person_id):
        asked = {"sought": case.nomination_id, "person": person_id}
        is_family, has_declared = _INTEREST.all(session, asked)[0]
    if has_declared:
        return "declared"
    return "family" if is_family and case.nominee_kind == NomineeKind.INDIVIDUAL.value else ""


def recused_people(session: Session, nomination_id: str, on: date) -> dict[str, str]:
    """Return who must keep away from judging a nomination, with the reason.

    Reasons: `self`, `family`, `direct_proposer` (of an individual only), `collective_head`, `declared`. Which of
    them count in a vote is the policy `recuse` (RULES F10); `self` and `declared` always count, so they go before
    the others.
    """
    found = parties(session, nomination_id, on)
    if found is None:
        raise UnknownCaseError("no such nomination", key=nomination_id)
    reasons: dict[str, str] = {}
    if found.nominee_kind == NomineeKind.INDIVIDUAL.value:
        reasons[found.proposer_id] = "direct_proposer"
        reasons |= dict.fromkeys(organisation.relatives_of(session, found.nominee_id), "family")
    elif found.collective_head_id is not None:
        reasons[found.collective_head_id] = "collective_head"
    reasons |= dict.fromkeys(declared_recusals(session, found.nomination_id), "declared")
    return reasons | dict.fromkeys(found.nominee_people, "self")


def latest_check(session: Session, nomination_id: str) -> CompletenessCheck | None:
    """Return the last completeness check, or None."""
    return newest(session, CompletenessCheck, "nomination_id", nomination_id)


def flagged_items(session: Session, nomination_id: str) -> dict[str, str]:
    """Return the items the last check returned, with the reason of each; empty when nothing was returned."""
    check = latest_check(session, nomination_id)
    if check is None or check.outcome != "returned":
        return {}
    return {
        str(item["item"]): str(item["reason"])
        for item in check.items
        if item["status"] in {"MISSING", "FLAWED"} and item.get("reason")
    }


def next_number(session: Session, round_key: str) -> int:
    """Return the number the next nomination of a round gets; others who number in the same round wait for the commit.

    The lock is taken by a statement of its own: only the next one sees what it waited for (SQLite has one writer).
    """
    session.execute(sa.select(AwardRound.id).where(AwardRound.key == round_key).with_for_update())
    highest = session.scalar(sa.select(sa.func.max(Nomination.number)).where(Nomination.round_key == round_key))
    return (highest or 0) + 1


def find_submission(session: Session, round_key: str, unit_id: str, letter_number: str) -> Submission | None:
    """Return the letter of a unit in a round by its number, or None."""
    query = latest(Submission, "submission_id").where(
        Submission.round_key == round_key, Submission.unit_id == unit_id, Submission.letter_number == letter_number
    )
    return session.scalars(query).first()


def submission_of(session: Session, submission_id: str | None) -> Submission | None:
    """Return the newest version of a letter, or None."""
    return None if submission_id is None else newest(session, Submission, "submission_id", submission_id)


def nominations_under(session: Session, submission_id: str) -> list[str]:
    """Return ids of the nominations whose newest content came with a letter."""
    query = latest(NominationContent, "nomination_id").where(NominationContent.submission_id == submission_id)
    return sorted(row.nomination_id for row in session.scalars(query))


def own_recusal(session: Session, nomination_id: str, person_id: str) -> Recusal | None:
    """Return a person's standing declaration of interest in a nomination, or None."""
    query = latest(Recusal, "recusal_id").where(
        Recusal.nomination_id == nomination_id, Recusal.person_id == person_id, Recusal.withdrawn.is_(False)
    )
    return session.scalars(query).first()


def find_flag(session: Session, flag_id: str) -> NomineeFlag | None:
    """Return the newest version of a flag, or None. Sensitive, as `flags_of`."""
    return newest(session, NomineeFlag, "flag_id", flag_id)


def latest_assessment(session: Session, nomination_id: str) -> EligibilityAssessment | None:
    """Return the last eligibility assessment, or None."""
    return newest(session, EligibilityAssessment, "nomination_id", nomination_id)


def intake_note(session: Session, nomination_id: str, kind: NoteKind) -> IntakeNote | None:
    """Return Phòng TCCB's newest statement of a kind, or None."""
    return newest(session, IntakeNote, "note_id", f"{nomination_id}:{kind.value}")


def flags_of(session: Session, nominee_id: str, *, open_on: date | None = None) -> list[NomineeFlag]:
    """Return flags about a person or unit, newest version each; only those open on a day when one is given.

    Sensitive: callers show them only after `visibility.may_see("discipline", …)`.
    """
    query = latest(NomineeFlag, "flag_id").where(NomineeFlag.nominee_id == nominee_id)
    if open_on is not None:
        query = query.where(
            NomineeFlag.raised_on <= open_on,
            sa.or_(NomineeFlag.closed_on.is_(None), NomineeFlag.closed_on > open_on),
        )
    return list(session.scalars(query.order_by(NomineeFlag.raised_on)))


def open_flags(session: Session) -> list[NomineeFlag]:
    """Return all flags without an end, oldest first. Sensitive, as `flags_of`."""
    query = latest(NomineeFlag, "flag_id").where(NomineeFlag.closed_on.is_(None))
    return list(session.scalars(query.order_by(NomineeFlag.raised_on, NomineeFlag.flag_id)))


def ended_without_award(session: Session) -> sa.ColumnElement[bool]:
    """Return the condition on `Nomination` that it was withdrawn or ended unsuccessfully."""
    return sa.or_(
        Nomination.nomination_id.in_(sa.select(Withdrawal.nomination_id)),
        Nomination.nomination_id.in_(sa.select(UnsuccessfulNotice.nomination_id)),
    )


def living_nominations_of(session: Session, nominee_id: str, *, besides: str = "") -> list[Nomination]:
    """Return nominations of a nominee that run or led to an award, in the order they were opened."""
    query = sa.select(Nomination).where(
        Nomination.nominee_id == nominee_id, Nomination.nomination_id != besides, ~ended_without_award(session)
    )
    return list(session.scalars(query.order_by(Nomination.opened_at, Nomination.number)))


def filed_before(session: Session, nomination: Nomination, form: AwardForm) -> list[str]:
    """Return ids of the unit's living nominations of a form in the same round that were opened earlier and filed."""
    earlier = sa.select(Nomination.nomination_id).where(
        Nomination.round_key == nomination.round_key, Nomination.unit_id == nomination.unit_id,
        Nomination.number < nomination.number, ~ended_without_award(session),
    )  # fmt: skip
    query = latest(NominationContent, "nomination_id").where(
        NominationContent.nomination_id.in_(earlier), NominationContent.proposed_form == form,
        NominationContent.filed_on.is_not(None),
    )  # fmt: skip
    return [row.nomination_id for row in session.scalars(query)]


def is_over(session: Session, nomination: Nomination) -> bool:
    """Tell whether the case of a nomination has ended, in whatever way; a case not begun yet is not over."""
    query = sa.select(ProcessInstance.ended_at).where(ProcessInstance.business_key == nomination.business_key)
    found = session.execute(query).scalars().all()
    return bool(found) and all(ended_at is not None for ended_at in found)


def view_of(session: Session, key: str, on: date) -> NominationView:
    """Return a nomination for its page.

    Raises:
        UnknownCaseError: there is none.

    """
    return views_of(session, [get_nomination(session, key)])[0]


def views_of(session: Session, rows: list[Nomination]) -> list[NominationView]:
    """Return views of nominations in the given order, with a fixed number of statements."""
    ids = [row.nomination_id for row in rows]
    contents = latest(NominationContent, "nomination_id").where(NominationContent.nomination_id.in_(ids))
    by_id = {content.nomination_id: content for content in session.scalars(contents)}
    letter_ids = [content.submission_id for content in by_id.values() if content.submission_id]
    letters = latest(Submission, "submission_id").where(Submission.submission_id.in_(letter_ids))
    submissions = {letter.submission_id: letter for letter in session.scalars(letters)}
    people = organisation.people_named(session, [row.proposer_id for row in rows] + [row.nominee_id for row in rows])
    units = organisation.units_named(session, [row.unit_id for row in rows] + [row.nominee_id for row in rows])
    names = units | people
    return [_view(row, by_id[row.nomination_id], submissions, names) for row in rows]


def _view(
    row: Nomination, content: NominationContent, letters: dict[str, Submission], names: dict[str, str]
) -> NominationView:
    letter = letters.get(content.submission_id or "")
    return NominationView(
        row.nomination_id, row.business_key, row.round_key, content.submission_id, row.unit_id,
        names.get(row.unit_id, ""), row.proposer_id, names.get(row.proposer_id, ""), row.nominee_kind.value,
        row.nominee_id,
        names.get(row.nominee_id, ""), content.proposed_form.value, content.ground, content.achievement,
        content.achieved_from, content.achieved_to, content.summary, content.internal_unity, content.filed_on,
        letter.letter_number if letter else "", letter.letter_on if letter else None, content.version,
    )  # fmt: skip


def list_nominations(
    session: Session, *, text: str = "", round_key: str = "", unit_id: str = "", proposer_id: str = "",
    nominee_id: str = "", nominee_kind: str = "", form: str = "",
) -> list[NominationView]:  # fmt: skip
    """Return nominations, newest first, searched without accents in key, nominee, unit and achievement."""
    query = sa.select(Nomination).order_by(Nomination.opened_at.desc(), Nomination.number.desc())
    narrowed: dict[Any, Any] = {
        Nomination.round_key: round_key, Nomination.unit_id: unit_id, Nomination.proposer_id: proposer_id,
        Nomination.nominee_id: nominee_id, Nomination.nominee_kind: nominee_kind and NomineeKind(nominee_kind),
    }  # fmt: skip
    for column, value in narrowed.items():
        if value:
            query = query.where(column == value)
    views = views_of(session, list(session.scalars(query)))
    words = fold(text).split()
    return [view for view in views if (not form or view.proposed_form == form) and _holds(view, words)]


def _holds(view: NominationView, words: list[str]) -> bool:
    text = fold(f"{view.business_key} {view.nominee} {view.unit} {view.proposer} {view.achievement}")
    return all(word in text for word in words)


def views_by_key(session: Session, business_keys: Iterable[str]) -> dict[str, NominationView]:
    """Return nominations by business key, with a fixed number of statements; unknown keys are left out."""
    wanted = sorted(set(business_keys))
    rows = list(session.scalars(sa.select(Nomination).where(Nomination.business_key.in_(wanted)))) if wanted else []
    return {view.business_key: view for view in views_of(session, rows)} if rows else {}

"""Interests people declare, and what is under verification about a nominee. Both keep awards fair; facts only."""

from datetime import date

from engine.context import StepContext
from workflows.errors import (
    CaseOverError,
    FlagClosedError,
    InterestAlreadyDeclaredError,
    NoInterestDeclaredError,
    NomineeMayNotActError,
    UnknownFlagError,
)
from workflows.facts import amend, write_new
from workflows.forms import refuse
from workflows.nominations import queries
from workflows.nominations.models import FlagKind, Nomination, NomineeFlag, NomineeKind, Recusal
from workflows.organisation import queries as organisation


def declare_interest(ctx: StepContext, nomination: Nomination, reason: str) -> Recusal:
    """Declare that the actor has an interest in a nomination and keeps away from it in every role (RULES F10).

    Raises:
        CaseOverError: the nomination has ended.
        InterestAlreadyDeclaredError: it is declared already.

    """
    if queries.is_over(ctx.session, nomination):
        raise CaseOverError("the nomination has ended", business_key=nomination.business_key)
    if queries.own_recusal(ctx.session, nomination.nomination_id, ctx.actor.id) is not None:
        raise InterestAlreadyDeclaredError("declared already", business_key=nomination.business_key)
    return write_new(
        ctx, Recusal, "recusal_id", nomination_id=nomination.nomination_id, person_id=ctx.actor.id,
        reason=reason, withdrawn=False,
    )  # fmt: skip


def withdraw_interest(ctx: StepContext, nomination: Nomination, reason: str) -> Recusal:
    """Take back a declaration made in error; the first one stays readable.

    Raises:
        NoInterestDeclaredError: there is none.

    """
    found = queries.own_recusal(ctx.session, nomination.nomination_id, ctx.actor.id)
    if found is None:
        raise NoInterestDeclaredError("none declared", business_key=nomination.business_key)
    return amend(ctx, found, reason=reason, withdrawn=True)


def raise_flag(
    ctx: StepContext, *, nominee_kind: NomineeKind, nominee_id: str, kind: FlagKind, raised_on: date,
    closed_on: date | None, document: str, text: str,
) -> NomineeFlag:  # fmt: skip
    """Record that something about a person or unit is under verification, or that a discipline was served.

    Raises:
        InvalidInputError: nobody of that id, or a day that cannot be.

    """
    known = (
        organisation.find_person(ctx.session, nominee_id)
        if nominee_kind is NomineeKind.INDIVIDUAL
        else organisation.find_unit(ctx.session, nominee_id)
    )
    if known is None:
        raise refuse("nominee_id", "unknown_id")
    _check_days(ctx, raised_on, closed_on, served=kind is FlagKind.DISCIPLINED)
    row = write_new(
        ctx, NomineeFlag, "flag_id", nominee_kind=nominee_kind, nominee_id=nominee_id, kind=kind,
        raised_on=raised_on, closed_on=closed_on, document=document, text=text,
    )  # fmt: skip
    ctx.note(flag=row.flag_id)
    return row


def close_flag(ctx: StepContext, flag_id: str, *, closed_on: date, document: str, text: str) -> NomineeFlag:
    """Record that a verification ended; what was written first stays as the earlier version.

    Raises:
        UnknownFlagError: no such record.
        FlagClosedError: it is closed already.
        NomineeMayNotActError: it is about the actor.

    """
    found = queries.find_flag(ctx.session, flag_id)
    if found is None:
        raise UnknownFlagError("no such flag", flag=flag_id)
    if found.nominee_id == ctx.actor.id:
        raise NomineeMayNotActError("nobody closes a record about himself", duty="nominations.close_flag")
    if found.closed_on is not None:
        raise FlagClosedError("closed already", closed_on=f"{found.closed_on:%d/%m/%Y}")
    _check_days(ctx, found.raised_on, closed_on, served=found.kind is FlagKind.DISCIPLINED)
    changes = {"closed_on": closed_on, "text": text} | ({"document": document} if document else {})
    row = amend(ctx, found, **changes)
    ctx.note(flag=row.flag_id)
    return row


def _check_days(ctx: StepContext, raised_on: date, closed_on: date | None, *, served: bool) -> None:
    """The end of a discipline may lie ahead: it is fixed when the discipline is imposed."""
    if raised_on > ctx.today:
        raise refuse("raised_on", "in_future")
    if closed_on is not None and closed_on < raised_on:
        raise refuse("closed_on", "period_reversed")
    if closed_on is not None and closed_on > ctx.today and not served:
        raise refuse("closed_on", "in_future")

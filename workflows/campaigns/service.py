"""Changes of campaigns: the movement and its plan, guidance letters, rounds, late filing, the decision to go on."""

from collections.abc import Iterable, Mapping
from datetime import date

import sqlalchemy as sa

from engine.context import StepContext
from workflows.campaigns.models import (
    AwardRound,
    Campaign,
    CriteriaGroup,
    GuidanceLetter,
    LateFiling,
    LegalBasis,
    Milestone,
    RoundKind,
)
from workflows.campaigns.queries import find_campaign, find_round, guidance_of
from workflows.campaigns.rules import continue_decision_needed, dates_in_order, quota_map
from workflows.documents.models import DocumentKind
from workflows.documents.service import file_document
from workflows.documents.storage import FileStorage
from workflows.errors import ContinueDecisionMissingError, RoundClosedError, RoundWithoutGuidanceError
from workflows.facts import amend, latest, write_new
from workflows.forms import Problems, refuse
from workflows.organisation.queries import heads_on, unit_on


def get_campaign(ctx: StepContext, campaign_id: str) -> Campaign:
    """Return a campaign by id or key, or refuse the field `campaign_id`."""
    row = find_campaign(ctx.session, campaign_id)
    if row is None:
        raise refuse("campaign_id", "camp_unknown_campaign")
    return row


def get_round(ctx: StepContext, round_key: str) -> AwardRound:
    """Return a round by key, or refuse the field `round_key`."""
    row = find_round(ctx.session, round_key)
    if row is None:
        raise refuse("round_key", "camp_unknown_round")
    return row


def create_campaign(
    ctx: StepContext, *, key: str, title: str, goal: str, scope: str, participants: str, content: str, measures: str,
    launch_number: str, launched_on: date, valid_from: date, valid_to: date, launched_by_ministry: bool = False,
) -> Campaign:  # fmt: skip
    """Record a movement with all that must be fixed before its launch (law 06/2022 art. 17(1); RULES B01).

    `launched_by_ministry` tells whether a movement of the ministry or sector stands above it, which opens ground (a)
    of the Minister's Bằng khen (RULES C10).

    Raises:
        InvalidInputError: the key is taken, or the launch lies outside the movement's time.

    """
    problems = Problems()
    if find_campaign(ctx.session, key) is not None:
        problems.add("key", "camp_key_taken")
    if valid_to < valid_from:
        problems.add("valid_to", "camp_end_before_start")
    elif not valid_from <= launched_on <= valid_to:
        problems.add("launched_on", "camp_outside_time")
    problems.refuse_any()
    row = write_new(
        ctx, Campaign, "campaign_id", key=key, title=title, goal=goal, scope=scope, participants=participants,
        content=content, measures=measures, launch_number=launch_number, launched_on=launched_on,
        launched_by_ministry=launched_by_ministry, valid_from=valid_from, valid_to=valid_to, continue_decision="",
    )  # fmt: skip
    ctx.note(campaign=row.campaign_id)
    return row


def add_legal_basis(
    ctx: StepContext, *, campaign_id: str, position: int, number: str, issuer: str, title: str,
    issued_on: date | None = None, verified: bool = False, note: str = "",
) -> LegalBasis:  # fmt: skip
    """Add a document the campaign rests on, as typed in the plan; odd numbers stay as typed, unverified.

    Raises:
        InvalidInputError: no such campaign.

    """
    campaign = get_campaign(ctx, campaign_id)
    row = write_new(
        ctx, LegalBasis, "basis_id", campaign_id=campaign.campaign_id, position=position, number=number,
        issued_on=issued_on, issuer=issuer, title=title, verified=verified, note=note,
    )  # fmt: skip
    ctx.note(campaign=campaign.campaign_id, basis=row.basis_id)
    return row


def add_milestone(
    ctx: StepContext, *, campaign_id: str, key: str, year: int, title: str, planned_on: date | None = None,
    mark: str = "", source: str = "",
) -> Milestone:  # fmt: skip
    """Add a milestone of the plan by year and, when it is known, day (RULES B02).

    Raises:
        InvalidInputError: no such campaign, the year lies outside it, the day in another year, or the key is taken.

    """
    campaign, problems = get_campaign(ctx, campaign_id), Problems()
    if not campaign.valid_from.year <= year <= campaign.valid_to.year:
        problems.add("year", "camp_outside_time")
    if planned_on is not None and planned_on.year != year:
        problems.add("planned_on", "camp_other_year", year=year)
    same = latest(Milestone, "milestone_id").where(Milestone.campaign_id == campaign.campaign_id, Milestone.key == key)
    if ctx.session.scalars(same).first() is not None:
        problems.add("key", "camp_key_taken")
    problems.refuse_any()
    row = write_new(
        ctx, Milestone, "milestone_id", campaign_id=campaign.campaign_id, key=key, year=year, planned_on=planned_on,
        title=title, mark=mark, source=source,
    )  # fmt: skip
    ctx.note(campaign=campaign.campaign_id, milestone=row.milestone_id)
    return row


def add_criteria_group(ctx: StepContext, *, campaign_id: str, position: int, title: str) -> CriteriaGroup:
    """Add a group of criteria within which units set their own (seed plan I.1, IV.3; RULES B04).

    Raises:
        InvalidInputError: no such campaign.

    """
    campaign = get_campaign(ctx, campaign_id)
    row = write_new(ctx, CriteriaGroup, "group_id", campaign_id=campaign.campaign_id, position=position, title=title)
    ctx.note(campaign=campaign.campaign_id, group=row.group_id)
    return row


def publish_guidance(
    ctx: StepContext, storage: FileStorage, *, campaign_id: str, number: str, issued_on: date, title: str,
    file_sha256: str, file_name: str = "",
) -> GuidanceLetter:  # fmt: skip
    """File a guidance letter: criteria, quotas, forms and calendar of a round (seed plan III.2).

    The letter's bytes lie in the storage already; they become a document whose subject is the letter's id.

    Raises:
        InvalidInputError: no such campaign, the day lies ahead or before the campaign, or nothing that may be filed is
            stored under that hash.

    """
    campaign, problems = get_campaign(ctx, campaign_id), Problems()
    if issued_on > ctx.today:
        problems.add("issued_on", "camp_in_future")
    elif issued_on < campaign.valid_from:
        problems.add("issued_on", "camp_outside_time")
    if not storage.exists(file_sha256):
        problems.add("file_sha256", "file_missing")
    problems.refuse_any()
    row = write_new(
        ctx, GuidanceLetter, "guidance_id", campaign_id=campaign.campaign_id, number=number, issued_on=issued_on,
        title=title, file_sha256=file_sha256,
    )  # fmt: skip
    file_document(
        ctx, storage, subject_id=row.guidance_id, kind=DocumentKind.GUIDANCE.value, sha256=file_sha256,
        name=file_name or f"{number.replace('/', '-')}.pdf",
    )  # fmt: skip
    ctx.note(campaign=campaign.campaign_id, guidance=row.guidance_id)
    return row


def open_round(
    ctx: StepContext, *, key: str, campaign_id: str, kind: str, title: str, period_from: date, period_to: date,
    filing_deadline: date, opened_on: date, guidance_id: str = "", quotas: Iterable[Mapping[str, object]] = (),
) -> AwardRound:  # fmt: skip
    """Open a round of awards and tell the heads of all units.

    Raises:
        RoundWithoutGuidanceError: no guidance letter of this campaign was issued by the opening day (RULES B08).
        ContinueDecisionMissingError: after the interim review, without the decision to go on (RULES B10).
        InvalidInputError: the key is taken, or dates or quotas do not fit.

    """
    campaign = get_campaign(ctx, campaign_id)
    letter = guidance_of(ctx.session, guidance_id) if guidance_id else None
    if letter is None or letter.campaign_id != campaign.campaign_id or letter.issued_on > opened_on:
        raise RoundWithoutGuidanceError("a round opens only with its guidance letter", campaign=campaign.key)
    if _continue_decision_missing(ctx, campaign, RoundKind(kind)):
        raise ContinueDecisionMissingError("no decision to go on after the interim review", campaign=campaign.key)
    problems, most = Problems(), {}
    _check_round(ctx, campaign, problems, key=key, opened_on=opened_on, filing_deadline=filing_deadline,
                 period=(period_from, period_to))  # fmt: skip
    try:
        most = quota_map(quotas)
    except ValueError:
        problems.add("quotas", "camp_quota_twice")
    problems.refuse_any()
    row = write_new(
        ctx, AwardRound, "round_id", key=key, campaign_id=campaign.campaign_id, kind=RoundKind(kind), title=title,
        guidance_id=guidance_id, opened_on=opened_on, closed_on=None, period_from=period_from, period_to=period_to,
        filing_deadline=filing_deadline, quotas=dict(most),
    )  # fmt: skip
    ctx.note(round=row.key, guidance=guidance_id)
    for head_id in sorted(set(heads_on(ctx.session, ctx.today).values())):
        ctx.notify(head_id, "campaigns.round_opened", about=row.key)
    return row


def _continue_decision_missing(ctx: StepContext, campaign: Campaign, kind: RoundKind) -> bool:
    query = sa.select(AwardRound.kind).where(AwardRound.campaign_id == campaign.campaign_id)
    return not campaign.continue_decision and continue_decision_needed(kind, ctx.session.scalars(query))


def _check_round(
    ctx: StepContext, campaign: Campaign, problems: Problems, *, key: str, opened_on: date, filing_deadline: date,
    period: tuple[date, date],
) -> None:  # fmt: skip
    """Note what does not fit: the key, the days of filing, the time in which achievements count."""
    if find_round(ctx.session, key) is not None:
        problems.add("key", "camp_key_taken")
    if opened_on < campaign.valid_from or opened_on > campaign.valid_to:
        problems.add("opened_on", "camp_outside_time")
    if not dates_in_order(opened_on, filing_deadline):
        problems.add("filing_deadline", "camp_deadline_before_opening")
    if not dates_in_order(*period):
        problems.add("period_to", "camp_end_before_start")
    elif not dates_in_order(campaign.valid_from, *period, campaign.valid_to):
        problems.add("period_from", "camp_outside_time")


def close_round(ctx: StepContext, *, round_key: str, closed_on: date) -> AwardRound:
    """Close a round with a last day: afterwards nobody files, by no exception either. Open cases go on.

    Raises:
        RoundClosedError: it is closed.
        InvalidInputError: no such round, or the day lies before its opening.

    """
    row = get_round(ctx, round_key)
    if row.closed_on is not None:
        raise RoundClosedError("the round is closed", round=row.key)
    if closed_on < row.opened_on:
        raise refuse("closed_on", "camp_end_before_start")
    ctx.note(round=row.key)
    return amend(ctx, row, closed_on=closed_on)


def allow_late_filing(ctx: StepContext, *, round_key: str, unit_id: str, until: date, reason: str) -> LateFiling:
    """Let one unit file after the deadline, by the council chair's exception (RULES D08).

    Raises:
        RoundClosedError: the round is closed before that day.
        InvalidInputError: no such round or unit today, or the day lies before the deadline or today.

    """
    row, problems = get_round(ctx, round_key), Problems()
    if row.closed_on is not None and until > row.closed_on:
        raise RoundClosedError("the round is closed", round=row.key)
    if unit_on(ctx.session, unit_id, ctx.today) is None:
        problems.add("unit_id", "camp_unknown_unit")
    if until <= row.filing_deadline:
        problems.add("until", "camp_not_late", deadline=row.filing_deadline.strftime("%d/%m/%Y"))
    elif until < ctx.today:
        problems.add("until", "camp_in_past")
    problems.refuse_any()
    found = write_new(ctx, LateFiling, "exception_id", round_key=row.key, unit_id=unit_id, until=until, reason=reason)
    ctx.note(round=row.key, scope=unit_id, exception=found.exception_id)
    head = heads_on(ctx.session, ctx.today, [unit_id]).get(unit_id)
    if head is not None:
        ctx.notify(head, "campaigns.late_filing_allowed", about=row.key)
    return found


def continue_campaign(ctx: StepContext, *, campaign_id: str, decision: str) -> Campaign:
    """Record the decision by which the movement goes on after its interim review (seed plan II.2; RULES B10).

    Raises:
        InvalidInputError: no such campaign, no interim round yet, or the decision is recorded already.

    """
    campaign = get_campaign(ctx, campaign_id)
    kinds = ctx.session.scalars(sa.select(AwardRound.kind).where(AwardRound.campaign_id == campaign.campaign_id))
    if RoundKind.INTERIM not in set(kinds):
        raise refuse("campaign_id", "camp_no_interim_round")
    if campaign.continue_decision:
        raise refuse("decision", "camp_already_continued", decision=campaign.continue_decision)
    ctx.note(campaign=campaign.campaign_id)
    return amend(ctx, campaign, continue_decision=decision)

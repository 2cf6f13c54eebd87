"""What the table `eligibility` asks about a nomination, read from the facts of the day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.tables import plain
from workflows.campaigns import queries as campaigns
from workflows.campaigns.models import AwardRound
from workflows.nominations import queries
from workflows.nominations.models import AwardForm, FlagKind, Nomination, NominationContent, NomineeFlag, NomineeKind
from workflows.nominations.rules import BLOCKING_FLAGS, Period
from workflows.organisation import queries as organisation
from workflows.rulebook import queries as rulebook

TABLE = "eligibility"


def table_inputs(session: Session, nomination: Nomination, on: date) -> dict[str, Any]:
    """Return the table's inputs (RULES C01-C17).

    Args:
        session: reads the facts.
        nomination: a filed nomination.
        on: the day of asking; flags count as they stand then.

    """
    content = queries.content_of(session, nomination.nomination_id)
    found = campaigns.find_round(session, nomination.round_key)
    if found is None or content.achieved_from is None or content.achieved_to is None:
        raise RuntimeError("eligibility is asked only of a filed nomination of a known round")
    period = Period(content.achieved_from, content.achieved_to)
    flags = queries.flags_of(session, nomination.nominee_id)
    others = _others(session, nomination)
    campaign = campaigns.find_campaign(session, found.campaign_id)
    return {
        "blocking_flags": sum(_is_open(flag, on) for flag in flags if flag.kind in BLOCKING_FLAGS),
        "discipline_after_from": _disciplined_after(flags, period.start),
        "duplicate": _is_duplicate(session, found, content.proposed_form, period, others),
        "same_round_other_form": any(
            row.round_key == found.key and other.proposed_form is not content.proposed_form for row, other in others
        ),
        "form": content.proposed_form.value,
        "nominee_kind": nomination.nominee_kind.value,
        "ground": content.ground,
        "launched_by_ministry": campaign is not None and campaign.launched_by_ministry,
        "internal_unity": content.internal_unity,
        "head_unit_result_known": _unit_result_known(session, nomination, on),
        "outside_period": not Period(found.period_from, found.period_to).contains(period),
        "over_quota": _over_quota(session, nomination, content.proposed_form, found),
    }


def duplicate_is_blocked(session: Session, kind: NomineeKind, form: AwardForm, on: date) -> bool:
    """Tell whether the table in force blocks a second nomination of the same achievement (its level is data)."""
    inputs = {
        "blocking_flags": 0, "discipline_after_from": False, "duplicate": True, "same_round_other_form": False,
        "form": form.value, "nominee_kind": kind.value, "ground": "A" if form is AwardForm.BANG_KHEN_BO_TRUONG else "",
        "launched_by_ministry": True, "internal_unity": True, "head_unit_result_known": True,
        "outside_period": False, "over_quota": False,
    }  # fmt: skip
    rows = plain(rulebook.decide(session, TABLE, inputs, on).value) or []
    return any(row["code"] == "duplicate_award" and row["level"] == "blocked" for row in rows)


def _is_open(flag: NomineeFlag, on: date) -> bool:
    return flag.raised_on <= on and (flag.closed_on is None or flag.closed_on > on)


def _disciplined_after(flags: Sequence[NomineeFlag], start: date) -> bool:
    """After discipline, achievement counts only from the day the discipline period ends (RULES C05)."""
    return any(
        flag.kind is FlagKind.DISCIPLINED and (flag.closed_on is None or flag.closed_on > start) for flag in flags
    )


def _others(session: Session, nomination: Nomination) -> list[tuple[Nomination, NominationContent]]:
    """Return the nominee's other nominations that run or led to an award, with their newest content."""
    rows = queries.living_nominations_of(session, nomination.nominee_id, besides=nomination.nomination_id)
    return [(row, queries.content_of(session, row.nomination_id)) for row in rows]


def _is_duplicate(
    session: Session, found: AwardRound, form: AwardForm, period: Period,
    others: Sequence[tuple[Nomination, NominationContent]],
) -> bool:  # fmt: skip
    """Tell whether the campaign already rewards, or is asked to reward, the same time (RULES C01).

    The other form of the same round is a question of its own (C03).
    """
    for row, other in others:
        elsewhere = row.round_key != found.key
        if not elsewhere and other.proposed_form is not form:
            continue
        theirs = campaigns.find_round(session, row.round_key) if elsewhere else found
        if theirs is None or theirs.campaign_id != found.campaign_id:
            continue
        if other.achieved_from is None or other.achieved_to is None:
            if not elsewhere:
                return True
        elif Period(other.achieved_from, other.achieved_to).overlaps(period):
            return True
    return False


def _unit_result_known(session: Session, nomination: Nomination, on: date) -> bool:
    """A head is weighed in the light of the unit's own result (RULES C14): is the unit itself up in this round?"""
    if nomination.nominee_kind is NomineeKind.COLLECTIVE:
        return True
    heads = organisation.heads_on(session, on)
    led = [unit_id for unit_id, head in heads.items() if head == nomination.nominee_id]
    return not led or any(
        row.round_key == nomination.round_key
        for unit_id in led
        for row in queries.living_nominations_of(session, unit_id)
    )


def _over_quota(session: Session, nomination: Nomination, form: AwardForm, found: AwardRound) -> bool:
    """Tell whether this nomination lies beyond what the guidance lets its unit file (RULES C17); earlier ones count."""
    most = found.quotas.get(form.value)
    if most is None:
        return False
    filed = queries.filed_before(session, nomination, form)
    return len(filed) >= int(most)

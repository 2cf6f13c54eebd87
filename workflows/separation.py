"""Separation of duties, by case. Guards run whenever somebody takes, receives, completes or drafts a task."""

from engine.context import StepContext
from engine.registry import Guard
from engine.views import TaskView
from workflows.errors import (
    DeputyNotNeededError,
    NomineeMayNotActError,
    ProposerMayNotApproveError,
    ProposerMayNotCheckError,
    RecusedMayNotActError,
)
from workflows.nominations import queries as nominations
from workflows.organisation import queries as organisation

CHECKING_STEPS = frozenset({
    "nominations.check_completeness", "nominations.handle_block", "nominations.acknowledge_warnings",
    "nominations.appraise", "feedback.confirm_summary", "feedback.verify_comment",
})  # fmt: skip
"""What the standing body does to a dossier; its proposer must not."""

JUDGING_STEPS = frozenset({"decisions.decide"})
"""What judges a nominee beside the vote; the direct proposer of an individual is recused here (RULES F10)."""

BALLOT_STEPS = frozenset({"council.cast_ballot"})
"""Whom family or the own proposal keeps from a vote is frozen in the line, by the policy `recuse`; the step asks it."""

APPROVING_STEPS = frozenset({"rulebook.review_change"})
"""What puts a change of rules into force: four eyes."""

OWN_STEPS = frozenset({"nominations.submit_proposal", "nominations.supplement_dossier"})
"""The proposing unit's own work: whoever is related to the nominee may still do it, the nominee may not."""


def case_excludes(ctx: StepContext, case: nominations.CaseParties, person_id: str) -> str:
    """Return why a person is excluded from a case (`nominee`, `family`, `declared`), empty when not."""
    if person_id in case.nominee_people:
        return "nominee"
    return nominations.interest_of(ctx.session, case, person_id)


def nominee_and_recused_keep_away(ctx: StepContext, task: TaskView) -> None:
    """Refuse the nominee and the recused, in every role.

    Raises:
        NomineeMayNotActError: the actor is the nominee.
        RecusedMayNotActError: family of the nominee, the direct proposer, or recused by declaration.

    """
    case = nominations.parties(ctx.session, ctx.business_key or task.business_key, ctx.today)
    if case is None:
        return
    why = case_excludes(ctx, case, ctx.actor.id)
    if why == "nominee":
        raise NomineeMayNotActError("the nominee may not act on the own nomination", duty=task.step_key)
    direct = case.nominee_kind == "INDIVIDUAL" and case.proposer_id == ctx.actor.id
    if not why and direct and task.step_key in JUDGING_STEPS:
        why = "direct_proposer"
    if why == "family" and task.step_key in BALLOT_STEPS:
        return
    if why and task.step_key not in OWN_STEPS:
        raise RecusedMayNotActError("recused from this nomination", duty=task.step_key, why=why)


def proposer_is_not_checker(ctx: StepContext, task: TaskView) -> None:
    """Refuse the proposer at every check of the own proposal.

    Raises:
        ProposerMayNotCheckError: the actor proposed this nomination.

    """
    if task.step_key not in CHECKING_STEPS:
        return
    case = nominations.parties(ctx.session, ctx.business_key or task.business_key, ctx.today)
    if case is not None and case.proposer_id == ctx.actor.id:
        raise ProposerMayNotCheckError("the proposer is not the checker", duty=task.step_key)


def deputy_only_when_needed(ctx: StepContext, task: TaskView) -> None:
    """Let a deputy of the director act only where every director is excluded, or on a task handed over.

    Raises:
        DeputyNotNeededError: the director can act on this case.

    """
    if task.role != "director" or task.assignee == ctx.actor.id:
        return
    if not organisation.is_deputy(ctx.session, ctx.actor.id, "director", ctx.today):
        return
    case = nominations.parties(ctx.session, ctx.business_key or task.business_key, ctx.today)
    holders = organisation.principals_of_role(ctx.session, "director", ctx.today)
    if case is not None and holders and all(case_excludes(ctx, case, holder) for holder in holders):
        return
    raise DeputyNotNeededError("the director is not excluded from this case", duty=task.step_key)


def proposer_is_not_approver(ctx: StepContext, task: TaskView) -> None:
    """Refuse whoever proposed a change of rules at its approval.

    Raises:
        ProposerMayNotApproveError: the actor proposed this change.

    """
    if task.step_key in APPROVING_STEPS and ctx.variables.get("proposer_id") == ctx.actor.id:
        raise ProposerMayNotApproveError("who proposed a change does not approve it", duty=task.step_key)


GUARDS: tuple[Guard, ...] = (
    nominee_and_recused_keep_away, proposer_is_not_checker, deputy_only_when_needed, proposer_is_not_approver,
)  # fmt: skip
"""In the order a person should read the refusals."""

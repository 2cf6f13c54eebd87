"""Separation of duties that looks at the persons of the case: the nominee, the family, the director's deputy.

Guards run whenever somebody takes, receives, completes or drafts a task. What keeps two steps apart, whoever the case
is about, is declared in the diagrams (`bpmn/README.md`), not here.
"""

from engine.context import StepContext
from engine.registry import Guard
from engine.views import TaskView
from workflows.council import deputies
from workflows.errors import (
    DeputyNotNeededError,
    NomineeMayNotActError,
    RecusedMayNotActError,
)
from workflows.nominations import queries as nominations
from workflows.organisation import queries as organisation

JUDGING_STEPS = frozenset({"decisions.decide"})
"""What judges a nominee beside the vote; the direct proposer of an individual is recused here (RULES F10)."""

BALLOT_STEPS = frozenset({"council.cast_ballot"})
"""Whom family or the own proposal keeps from a vote is frozen in the line, by the policy `recuse`; the step asks it."""

OWN_STEPS = frozenset({"nominations.submit_proposal", "nominations.supplement_dossier"})
"""The proposing unit's own work: whoever is related to the nominee may still do it, the nominee may not."""


def case_excludes(ctx: StepContext, case: nominations.CaseParties, person_id: str) -> str:
    """Return why a person is excluded from a case (`nominee`, `family`, `declared`), empty when not."""
    if person_id in case.nominee_people:
        return "nominee"
    return nominations.interest_of(ctx.session, case, person_id)


def nominee_and_recused_keep_away(ctx: StepContext, task: TaskView) -> None:
    """Refuse the nominee and the recused, in every role, and whoever would act in their place.

    The director's deputy is judged alone: he acts because the director is excluded.

    Raises:
        NomineeMayNotActError: the actor is the nominee.
        RecusedMayNotActError: family of the nominee, the direct proposer, or recused by declaration.

    """
    case = nominations.parties(ctx.session, ctx.business_key or task.business_key, ctx.today, about=ctx.actor.id)
    if case is None:
        return
    for person_id in _judged(ctx, task):
        _keep_away(ctx, task, case, person_id)


def _judged(ctx: StepContext, task: TaskView) -> list[str]:
    """Return whose act it would be: the actor's, and that of the person whose deputy he is."""
    giver = ctx.actor.on_behalf_of
    deputised = task.role != "director" and giver in ctx.actor.places(task.role, task.scope or None)
    return [ctx.actor.id, giver] if deputised else [ctx.actor.id]


def _keep_away(ctx: StepContext, task: TaskView, case: nominations.CaseParties, person_id: str) -> None:
    why = case_excludes(ctx, case, person_id)
    if why == "nominee":
        raise NomineeMayNotActError("the nominee may not act on the own nomination", duty=task.step_key)
    direct = case.nominee_kind == "INDIVIDUAL" and case.proposer_id == person_id
    if not why and direct and task.step_key in JUDGING_STEPS:
        why = "direct_proposer"
    if why == "family" and task.step_key in BALLOT_STEPS:
        return
    if why and task.step_key not in OWN_STEPS:
        raise RecusedMayNotActError("recused from this nomination", duty=task.step_key, why=why)


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


GUARDS: tuple[Guard, ...] = (
    nominee_and_recused_keep_away, deputy_only_when_needed, deputies.only_where_allowed,
)  # fmt: skip
"""In the order a person should read the refusals."""

"""Voting in a member's place: who may, by the rules of the day the line opened, and who else keeps away from it.

Both persons are judged. The member as at any ballot, from what the line froze; the deputy as a member would have been,
by the same policy `recuse` of the same day. The deputy's ballot is the member's: one receipt, one ballot in the box.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import local_date
from engine.context import Actor, DecisionContext, StepContext
from engine.errors import ForbiddenError
from engine.tables import plain
from engine.views import TaskView
from workflows.council import rules
from workflows.council.models import SessionLine
from workflows.council.sessions import MEMBER_ROLE
from workflows.errors import DeputyIsMemberError, NoDeputyVotesError, RecusedMayNotActError, UnknownLineError
from workflows.facts import newest
from workflows.forms import refuse
from workflows.nominations import interests
from workflows.nominations import queries as nominations
from workflows.organisation import queries as organisation
from workflows.organisation.models import Delegation
from workflows.organisation.rules import DeputyVotes, deputy_votes
from workflows.rulebook import queries as rulebook
from workflows.rulebook.queries import RuleRow

BALLOT_STEP = "council.cast_ballot"
POLICY = "deputy_votes"


@dataclass(frozen=True, slots=True)
class Place:
    """A member of a sitting for whom somebody acts today, and what becomes of the ballot.

    Attributes:
        handed: the vote itself was handed on; else only another of the member's roles.
        allowed: the rules of the day let this person cast it.
        last_day: of the delegation, None for one without an end.
        document: the paper that delegates, as it was stated.

    """

    member_id: str
    handed: bool
    allowed: bool
    last_day: date | None
    document: str


def admit(ctx: StepContext, line: SessionLine, *, declares_interest: bool = False) -> None:
    """Refuse whoever may not answer at a line in another's place; the table asked is written with the ballot.

    Raises:
        NoDeputyVotesError, DeputyIsMemberError: the rules of the line do not let this person.
        RecusedMayNotActError: the deputy keeps away from the nomination.
        InvalidInputError: an interest is declared, which everybody does in his own name.

    """
    if ctx.actor.on_behalf_of in {"", ctx.actor.id}:
        return
    allowed = deputy_votes(plain(ctx.decide("policy", {"parameter": POLICY}, local_date(line.opened_at))))
    refusal = _refusal(ctx.session, line, ctx.actor.id, allowed)
    if refusal is not None:
        raise refusal
    if declares_interest:
        raise refuse("interest", "council_deputy_interest")


def only_where_allowed(ctx: StepContext, task: TaskView) -> None:
    """Let a ballot be opened in another's place only by whom the rules of its line let (a guard).

    Raises:
        UnknownLineError: no such line.
        NoDeputyVotesError, DeputyIsMemberError, RecusedMayNotActError: as for `admit`.

    """
    if task.step_key != BALLOT_STEP or ctx.actor.on_behalf_of in {"", ctx.actor.id}:
        return
    line_id = str(task.variables["line_id"])
    line = newest(ctx.session, SessionLine, "line_id", line_id)
    if line is None:
        raise UnknownLineError("no such line", line=line_id)
    refusal = why_not(ctx.session, line, ctx.actor.id)
    if refusal is not None:
        raise refusal


def why_not(session: Session, line: SessionLine, deputy_id: str) -> ForbiddenError | None:
    """Return what keeps a deputy from answering at a line in a member's place, None when nothing does."""
    allowed = deputy_votes(rulebook.policy(session, POLICY, local_date(line.opened_at)))
    return _refusal(session, line, deputy_id, allowed)


def kept_from(ctx: DecisionContext, actor: Actor, tasks: Sequence[TaskView]) -> Mapping[UUID, ForbiddenError]:
    """Engine hook: return what keeps somebody from ballots of members in whose place he acts, by task.

    The same judgment as `why_not`, for all lines at once: by the rules of the days on which they opened.
    """
    ballots = {str(task.variables["line_id"]): task for task in tasks if task.step_key == BALLOT_STEP}
    if not ballots:
        return {}
    by_day: dict[date, list[SessionLine]] = {}
    for line in ctx.session.scalars(sa.select(SessionLine).where(SessionLine.line_id.in_(list(ballots)))):
        by_day.setdefault(local_date(line.opened_at), []).append(line)
    found: dict[UUID, ForbiddenError] = {}
    for day, lines in by_day.items():
        allowed = deputy_votes(rulebook.policy(ctx.session, POLICY, day))
        refusals = {line.line_id: _by_policy(line, actor.id, allowed) for line in lines}
        judged = [line for line in lines if refusals[line.line_id] is None]
        refusals |= _recused_from(ctx.session, judged, actor.id, day)
        found |= {ballots[line_id].id: refusal for line_id, refusal in refusals.items() if refusal is not None}
    return found


def _recused_from(
    session: Session, lines: Sequence[SessionLine], deputy_id: str, day: date
) -> dict[str, ForbiddenError | None]:
    """Return for lines of one day why a deputy keeps away from their nominations, as a member would by `recuse`."""
    if not lines:
        return {}
    policy = str(rulebook.policy(session, "recuse", day))
    reasons = interests.reasons_against(session, deputy_id, [line.nomination_id for line in lines], day)
    found: dict[str, ForbiddenError | None] = {}
    for line in lines:
        about = {deputy_id: reasons[line.nomination_id]} if line.nomination_id in reasons else {}
        why = rules.recused_members([deputy_id], about, policy).get(deputy_id, "")
        found[line.line_id] = _kept_away(why)
    return found


def _kept_away(why: str) -> ForbiddenError | None:
    return RecusedMayNotActError("the deputy is recused", duty=BALLOT_STEP, why=why) if why else None


def _by_policy(line: SessionLine, deputy_id: str, allowed: DeputyVotes) -> ForbiddenError | None:
    if allowed is DeputyVotes.NOBODY:
        return NoDeputyVotesError("nobody votes in a member's place", line=line.line_id)
    if allowed is DeputyVotes.NON_MEMBERS and deputy_id in line.members:
        return DeputyIsMemberError("the deputy has a ballot of his own", line=line.line_id)
    return None


def _refusal(session: Session, line: SessionLine, deputy_id: str, allowed: DeputyVotes) -> ForbiddenError | None:
    if (refusal := _by_policy(line, deputy_id, allowed)) is not None:
        return refusal
    day = local_date(line.opened_at)
    reasons = nominations.recused_people(session, line.nomination_id, day)
    policy = str(rulebook.policy(session, "recuse", day))
    why = rules.recused_members([deputy_id], reasons, policy).get(deputy_id, "")
    return _kept_away(why)


def deputies_of(session: Session, members: Iterable[str], on: date) -> dict[str, list[str]]:
    """Return who may vote in the place of which member on a day; empty where the rules let nobody."""
    handed = organisation.delegations_of_role(session, MEMBER_ROLE, on)
    wanted = set(members)
    given = [row for row in handed if row.from_person_id in wanted]
    if not given:
        return {}
    allowed = deputy_votes(rulebook.policy(session, POLICY, on))
    found: dict[str, list[str]] = {}
    for row in given:
        if allowed is DeputyVotes.ANYBODY or (allowed is DeputyVotes.NON_MEMBERS and row.to_person_id not in wanted):
            found.setdefault(row.from_person_id, []).append(row.to_person_id)
    return found


def places_at(session: Session, actor: Actor, members: Sequence[str], on: date) -> list[Place]:
    """Return the members of a sitting for whom a person acts on a day, in the order of the members.

    Whoever acts for a member in another role alone is told too: the ballot is not there, and a page says why.
    """
    received: dict[str, Delegation] = {}
    for row in organisation.delegations_of(session, actor.id, on):
        if row.to_person_id == actor.id and row.valid_from <= on and row.from_person_id in members:
            known = received.get(row.from_person_id)
            if known is None or row.role == MEMBER_ROLE:
                received[row.from_person_id] = row
    if not received:
        return []
    allowed = deputy_votes(rulebook.policy(session, POLICY, on))
    may = allowed is DeputyVotes.ANYBODY or (allowed is DeputyVotes.NON_MEMBERS and actor.id not in members)
    found = [received[member] for member in members if member in received]
    return [
        Place(row.from_person_id, row.role == MEMBER_ROLE, may and row.from_person_id in actor.places(MEMBER_ROLE),
              row.valid_to, row.document)
        for row in found
    ]  # fmt: skip


def given_by(session: Session, member_id: str, on: date) -> list[Place]:
    """Return to whom a member handed his vote on a day, each as a place whose `member_id` is the deputy."""
    rows = organisation.delegations_of_role(session, MEMBER_ROLE, on)
    mine = [row for row in rows if row.from_person_id == member_id]
    allowed = bool(mine) and deputy_votes(rulebook.policy(session, POLICY, on)) is not DeputyVotes.NOBODY
    return [Place(row.to_person_id, True, allowed, row.valid_to, row.document) for row in mine]


def rule_of(session: Session, on: date) -> RuleRow | None:
    """Return the row that says on a day who may vote in a member's place, with its source and how sure it is."""
    return next(iter(rulebook.explain(session, "policy", {"parameter": POLICY}, on)), None)

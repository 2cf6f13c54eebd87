"""Changes of what people may act as: roles by date, deputies by date, and declared family."""

from datetime import date

import sqlalchemy as sa

from engine.context import StepContext
from engine.tables import plain
from workflows.facts import amend, in_force, latest, newest, write_new
from workflows.forms import Problems, refuse
from workflows.organisation.models import Delegation, Relation, RelationKind, RoleGrant
from workflows.organisation.queries import STAFF, posts_on, principals_of_role
from workflows.organisation.rules import DeputyVotes, Period, deputy_votes, period_of, words
from workflows.organisation.service import check_end, get_person, get_unit, require_order
from workflows.roles import deputy_roles, load_roles, scoped_roles, voting_roles


def grantable_roles() -> list[str]:
    """Return the roles that may be granted; `staff` comes with any post."""
    return [role.key for role in load_roles() if role.key != STAFF]


def grant_role(
    ctx: StepContext, *, person_id: str, role: str, valid_from: date, valid_to: date | None = None, unit_id: str = "",
    document: str = "",
) -> RoleGrant:  # fmt: skip
    """Let a person act in a role from a day on; a scoped role is held for one unit.

    Raises:
        InvalidInputError: no such role, a unit is missing or out of place or does not exist on the first day, or the
            person holds the role on some of those days already.

    """
    get_person(ctx, person_id)
    problems, period = Problems(), Period(valid_from, valid_to)
    require_order(problems, period)
    if role not in grantable_roles():
        problems.add("role", "unknown_choice")
    if role in scoped_roles():
        if not unit_id:
            problems.add("unit_id", "org_unit_needed")
        elif not period_of(get_unit(ctx, unit_id)).contains(valid_from):
            problems.add("unit_id", "org_unit_not_there")
    elif unit_id:
        problems.add("unit_id", "org_unit_not_wanted")
    query = latest(RoleGrant, "grant_id").where(
        RoleGrant.person_id == person_id, RoleGrant.role == role, RoleGrant.unit_id == unit_id
    )
    if any(period.overlaps(period_of(row)) for row in ctx.session.scalars(query)):
        problems.add("role", "org_already_granted")
    problems.refuse_any()
    row = write_new(
        ctx, RoleGrant, "grant_id", person_id=person_id, role=role, unit_id=unit_id, valid_from=valid_from,
        valid_to=valid_to, document=words(document),
    )  # fmt: skip
    ctx.note(person=person_id, role=role, scope=unit_id, grant=row.grant_id)
    return row


def end_role(ctx: StepContext, *, grant_id: str, valid_to: date) -> RoleGrant:
    """End a role with a last day.

    Raises:
        InvalidInputError: no such record, the day lies before its first, or after a last day fixed before.

    """
    row = newest(ctx.session, RoleGrant, "grant_id", grant_id)
    if row is None:
        raise refuse("grant_id", "org_unknown_record")
    check_end(row, valid_to)
    ctx.note(person=row.person_id, role=row.role, scope=row.unit_id, grant=grant_id)
    return amend(ctx, row, valid_to=valid_to)


def delegate_role(
    ctx: StepContext, *, role: str, from_person_id: str, to_person_id: str, valid_from: date, valid_to: date,
    reason: str, document: str = "", unit_id: str = "",
) -> Delegation:  # fmt: skip
    """Hand a role to a deputy for some days; it counts while the giver holds the role (RULES A07).

    A role that votes is handed on only where the policy `deputy_votes` lets deputies vote, and to somebody who has a
    vote himself only where it says so; the table asked is written with the delegation.

    Raises:
        InvalidInputError: the role may not be handed on, the giver does not hold it on the first day (for that unit,
            when one is named), the receiver holds no post then, is the giver or may not vote for him, or the same
            delegation stands on some of those days.

    """
    get_person(ctx, from_person_id, "from_person_id")
    get_person(ctx, to_person_id, "to_person_id")
    problems, period = Problems(), Period(valid_from, valid_to)
    require_order(problems, period)
    if role not in deputy_roles():
        problems.add("role", "org_not_delegable")
    elif from_person_id not in principals_of_role(ctx.session, role, valid_from, unit_id=unit_id):
        problems.add("from_person_id", "org_not_holder")
    if unit_id and role not in scoped_roles():
        problems.add("unit_id", "org_unit_not_wanted")
    if role in voting_roles():
        _check_vote(ctx, problems, role, to_person_id, valid_from)
    if to_person_id == from_person_id:
        problems.add("to_person_id", "org_same_person")
    elif to_person_id not in posts_on(ctx.session, valid_from, [to_person_id]):
        problems.add("to_person_id", "org_no_post")
    query = latest(Delegation, "delegation_id").where(
        Delegation.role == role,
        Delegation.from_person_id == from_person_id,
        Delegation.to_person_id == to_person_id,
        Delegation.unit_id == unit_id,
    )
    if any(period.overlaps(period_of(row)) for row in ctx.session.scalars(query)):
        problems.add("to_person_id", "org_already_granted")
    problems.refuse_any()
    row = write_new(
        ctx, Delegation, "delegation_id", role=role, from_person_id=from_person_id, to_person_id=to_person_id,
        unit_id=unit_id, valid_from=valid_from, valid_to=valid_to, document=words(document), reason=reason,
    )  # fmt: skip
    ctx.note(role=role, giver=from_person_id, deputy=to_person_id, delegation=row.delegation_id)
    ctx.notify(to_person_id, "organisation.delegated", about=row.delegation_id)
    return row


def _check_vote(ctx: StepContext, problems: Problems, role: str, to_person_id: str, on: date) -> None:
    """Note why a vote may not be handed on: the policy may forbid it, or keep apart who has a ballot of his own."""
    allowed = deputy_votes(plain(ctx.decide("policy", {"parameter": "deputy_votes"}, on)))
    if allowed is DeputyVotes.NOBODY:
        problems.add("role", "org_vote_not_delegable")
    elif allowed is DeputyVotes.NON_MEMBERS and to_person_id in principals_of_role(ctx.session, role, on):
        problems.add("to_person_id", "org_votes_already")


def end_delegation(ctx: StepContext, *, delegation_id: str, valid_to: date) -> Delegation:
    """End a delegation with a last day.

    Raises:
        InvalidInputError: no such record, the day lies before its first, or after its last.

    """
    row = get_delegation(ctx, delegation_id)
    check_end(row, valid_to)
    ctx.note(role=row.role, giver=row.from_person_id, deputy=row.to_person_id, delegation=delegation_id)
    return amend(ctx, row, valid_to=valid_to)


def get_delegation(ctx: StepContext, delegation_id: str) -> Delegation:
    """Return a delegation, or refuse the field `delegation_id`."""
    row = newest(ctx.session, Delegation, "delegation_id", delegation_id)
    if row is None:
        raise refuse("delegation_id", "org_unknown_record")
    return row


def declare_relation(ctx: StepContext, *, person_id: str, relative_id: str, kind: str) -> Relation:
    """Record that two members of staff are family: `relative_id` is the `kind` of `person_id` (RULES F10).

    Raises:
        InvalidInputError: both are the same person, or their relation is recorded already, in either direction.

    """
    get_person(ctx, person_id)
    get_person(ctx, relative_id, "relative_id")
    if person_id == relative_id:
        raise refuse("relative_id", "org_same_person")
    both = {person_id, relative_id}
    standing = latest(Relation, "relation_id").where(
        Relation.person_id.in_(both), Relation.relative_id.in_(both), Relation.withdrawn.is_(False)
    )
    if ctx.session.scalars(standing).first() is not None:
        raise refuse("relative_id", "org_relation_known")
    row = write_new(
        ctx, Relation, "relation_id", person_id=person_id, relative_id=relative_id, kind=RelationKind(kind),
        withdrawn=False,
    )  # fmt: skip
    ctx.note(relation=row.relation_id)
    return row


def withdraw_relation(ctx: StepContext, *, relation_id: str) -> Relation:
    """Take back a relation that was recorded by mistake or has ended.

    Raises:
        InvalidInputError: no such record, or taken back already.

    """
    row = newest(ctx.session, Relation, "relation_id", relation_id)
    if row is None or row.withdrawn:
        raise refuse("relation_id", "org_unknown_record")
    ctx.note(relation=relation_id)
    return amend(ctx, row, withdrawn=True)


def living_grants(ctx: StepContext) -> list[RoleGrant]:
    """Return the roles held today."""
    return list(ctx.session.scalars(latest(RoleGrant, "grant_id").where(in_force(RoleGrant, ctx.today))))


def living_delegations(ctx: StepContext) -> list[Delegation]:
    """Return the delegations that hold today or will."""
    ahead = sa.or_(Delegation.valid_to.is_(None), Delegation.valid_to >= ctx.today)
    return list(ctx.session.scalars(latest(Delegation, "delegation_id").where(ahead)))


def standing_relations(ctx: StepContext) -> list[Relation]:
    """Return the family relations that are recorded and not taken back."""
    return list(ctx.session.scalars(latest(Relation, "relation_id").where(Relation.withdrawn.is_(False))))

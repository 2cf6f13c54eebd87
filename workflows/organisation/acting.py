"""As what a person may act on a day: asked at every request, so it is one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.context import Actor
from engine.statements import Statement
from workflows.facts import in_force, latest
from workflows.organisation.models import Delegation, Person, Post, PostHolding, RoleGrant, Unit

STAFF = "staff"
_PERSON, _OWN, _HANDED, _POST = "person", "own", "handed", "post"


@dataclass(frozen=True, slots=True)
class RolesView:
    """What a person may act as on a day.

    Attributes:
        groups: keys for the engine, also of what is held in somebody's place.
        deputy_for: roles that are only deputised.
        givers: for each group that is only deputised, the persons in whose place it is held.
        also_for: for each group held in one's own right, the persons in whose place it is held beside it.

    """

    groups: frozenset[str]
    post_id: str
    post: str
    deputy_for: frozenset[str] = frozenset()
    givers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    also_for: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def grants(on: Any) -> sa.Select[RoleGrant]:
    """Return the query of the roles granted on a day (a date, or what stands for one)."""
    return latest(RoleGrant, "grant_id").where(in_force(RoleGrant, on))


def delegations(on: Any) -> sa.Select[Delegation]:
    """Return the query of the delegations of a day."""
    return latest(Delegation, "delegation_id").where(in_force(Delegation, on))


def holdings(on: Any) -> sa.Select[PostHolding]:
    """Return the query of who holds which post on a day."""
    return latest(PostHolding, "holding_id").where(in_force(PostHolding, on))


def held_posts(on: Any) -> sa.Select[str, Post, Unit]:
    """Return the query of persons, posts and units on a day: of one person the chief post comes first."""
    return (
        sa.select(PostHolding.person_id, Post, Unit)
        .where(PostHolding.id.in_(holdings(on).with_only_columns(PostHolding.id)))
        .join(Post, Post.post_id == PostHolding.post_id)
        .where(Post.id.in_(latest(Post, "post_id").with_only_columns(Post.id)))
        .join(Unit, Unit.unit_id == PostHolding.unit_id)
        .where(Unit.id.in_(latest(Unit, "unit_id").with_only_columns(Unit.id)))
        .order_by(Post.leading.desc(), Post.managing.desc(), PostHolding.valid_from, Post.post_id)
    )


@cache
def _acting() -> Statement:
    """Build the statement once: rows of a kind with four texts each."""
    person, on = sa.bindparam("person_id", type_=sa.String), sa.bindparam("on", type_=sa.Date)
    nothing = sa.literal("", sa.String)

    def row(kind: str, *columns: Any) -> list[Any]:
        return [sa.literal(kind, sa.String).label("kind"), *columns, *[nothing] * (4 - len(columns))]

    named = latest(Person, "person_id").where(Person.person_id == person)
    own = grants(on).where(RoleGrant.person_id == person)
    handed = (
        sa.select(*row(_HANDED, RoleGrant.role, sa.func.coalesce(RoleGrant.unit_id, ""), Delegation.from_person_id,
                       Delegation.delegation_id))
        .where(Delegation.id.in_(delegations(on).with_only_columns(Delegation.id)), Delegation.to_person_id == person)
        .join(RoleGrant, sa.and_(
            RoleGrant.person_id == Delegation.from_person_id, RoleGrant.role == Delegation.role,
            sa.or_(Delegation.unit_id == "", Delegation.unit_id == RoleGrant.unit_id),
        ))
        .where(RoleGrant.id.in_(grants(on).with_only_columns(RoleGrant.id)))
    )  # fmt: skip
    post = held_posts(on).where(PostHolding.person_id == person).limit(1).with_only_columns(
        Post.post_id.label("post_id"), Post.title.label("title")
    ).subquery()  # fmt: skip
    return Statement(sa.union_all(
        named.with_only_columns(*row(_PERSON, Person.full_name)),
        own.with_only_columns(*row(_OWN, RoleGrant.role, sa.func.coalesce(RoleGrant.unit_id, ""))),
        handed,
        sa.select(*row(_POST, post.c.post_id, post.c.title)),
    ))  # fmt: skip


def _rows(session: Session, person_id: str, on: date) -> Sequence[tuple[str, str, str, str, str]]:
    found = _acting().all(session, {"person_id": person_id, "on": on})
    return [(row[0], row[1], row[2], row[3], row[4]) for row in found]


def _groups_of(role: str, unit_id: str) -> set[str]:
    return {role, f"{role}@{unit_id}"} if unit_id else {role}


def _roles(rows: Sequence[tuple[str, str, str, str, str]]) -> RolesView:
    own: set[str] = set()
    for kind, role, unit_id, *_more in rows:
        if kind == _OWN:
            own |= _groups_of(role, unit_id)
    givers: dict[str, tuple[str, ...]] = {}
    also_for: dict[str, tuple[str, ...]] = {}
    handed = (row for row in rows if row[0] == _HANDED)
    for _kind, role, unit_id, giver, _delegation in sorted(handed, key=lambda row: row[4]):
        for group in _groups_of(role, unit_id):
            found = also_for if group in own else givers
            found[group] = tuple(dict.fromkeys((*found.get(group, ()), giver)))
    groups = own | givers.keys()
    post_id, title = next(((row[1], row[2]) for row in rows if row[0] == _POST), ("", ""))
    if post_id:
        groups.add(STAFF)
    deputised = frozenset(group for group in givers if "@" not in group)
    return RolesView(frozenset(groups), post_id, title, deputised, givers, also_for)


def roles_on(session: Session, person_id: str, on: date) -> RolesView:
    """Return what a person may act as on a day.

    A delegation counts only while the person who gave it holds the role himself: a deputy of a deputy is none.
    Everybody with a post is `staff`.
    """
    return _roles(_rows(session, person_id, on))


def actor_for(session: Session, person_id: str, on: date) -> Actor | None:
    """Return the person as the engine's actor on a day, or None when there is no such person."""
    rows = _rows(session, person_id, on)
    name = next((row[1] for row in rows if row[0] == _PERSON), None)
    if name is None:
        return None
    roles = _roles(rows)
    return Actor(person_id, roles.groups, roles.post_id, name, roles.givers, also_for=roles.also_for)

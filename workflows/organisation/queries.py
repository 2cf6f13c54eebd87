"""Questions about the organisation on a day. Nothing here writes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import local_date
from engine.context import Actor, DecisionContext
from engine.statements import Statement
from engine.text import fold
from workflows.facts import in_force, latest
from workflows.organisation import acting
from workflows.organisation.acting import delegations, grants, held_posts, holdings
from workflows.organisation.models import Delegation, Person, Post, PostHolding, Relation, RoleGrant, Unit, UnitKind
from workflows.organisation.vietnamese import collation_key

STAFF, RolesView = acting.STAFF, acting.RolesView
roles_on, actor_for = acting.roles_on, acting.actor_for


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person with the post of the day; `post` and `unit` are empty for one who holds none."""

    id: str
    full_name: str
    birth_year: int | None
    gender: str
    person_type: str
    post_id: str = ""
    post: str = ""
    unit_id: str = ""
    unit: str = ""
    managing: bool = False


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit on a day, with the person who heads it."""

    id: str
    key: str
    name: str
    short_name: str
    kind: str
    parent_id: str | None
    legal_personality: bool
    valid_from: date
    valid_to: date | None
    mark: str
    source: str
    position: int = 0
    head_id: str | None = None


def find_person(session: Session, person_id: str) -> Person | None:
    """Return the newest version of a person, or None."""
    return session.scalars(latest(Person, "person_id").where(Person.person_id == person_id)).first()


def people_named(session: Session, person_ids: Iterable[str]) -> dict[str, str]:
    """Return full names by id; ids that are no person are left out."""
    wanted = list(set(person_ids))
    if not wanted:
        return {}
    query = latest(Person, "person_id").where(Person.person_id.in_(wanted))
    return dict(session.execute(query.with_only_columns(Person.person_id, Person.full_name)).all())


def person_name(person_id: Any) -> sa.ScalarSelect[str]:
    """Return the newest full name of the person a column names, as a column of another question; null for nobody."""
    return _newest_name(Person.full_name, Person.person_id == person_id, Person.version)


def unit_name(unit_id: Any) -> sa.ScalarSelect[str]:
    """Return the newest name of the unit a column names, as a column of another question; null for none."""
    return _newest_name(Unit.name, Unit.unit_id == unit_id, Unit.version)


def _newest_name(name: Any, found: sa.ColumnElement[bool], version: Any) -> sa.ScalarSelect[str]:
    return sa.select(name).where(found).order_by(version.desc()).limit(1).scalar_subquery()


def list_people(session: Session, on: date, *, text: str = "", unit_id: str = "", limit: int = 500) -> list[PersonView]:
    """Return people in the order of Vietnamese rolls, searched without accents, with their post of the day."""
    query = latest(Person, "person_id").order_by(Person.sort_key, Person.person_id).limit(limit)
    for word in fold(text).split():
        query = query.where(Person.search_key.contains(word, autoescape=True))
    if unit_id:
        query = query.where(Person.person_id.in_(holdings(on).with_only_columns(PostHolding.person_id).where(
            PostHolding.unit_id == unit_id)))  # fmt: skip
    people = session.scalars(query).all()
    posts = posts_on(session, on, [row.person_id for row in people])
    return [_person_view(row, posts.get(row.person_id)) for row in people]


def person_on(session: Session, person_id: str, on: date) -> PersonView | None:
    """Return a person with the post held on a day, or None."""
    row = find_person(session, person_id)
    return None if row is None else _person_view(row, posts_on(session, on, [person_id]).get(person_id))


def _person_view(row: Person, held: tuple[Post, Unit] | None) -> PersonView:
    view = PersonView(row.person_id, row.full_name, row.birth_year, row.gender.value, row.person_type.value)
    if held is None:
        return view
    post, unit = held
    return PersonView(
        view.id, view.full_name, view.birth_year, view.gender, view.person_type,
        post.post_id, post.title, unit.unit_id, unit.name, post.managing,
    )  # fmt: skip


def posts_on(session: Session, on: date, person_ids: Sequence[str]) -> dict[str, tuple[Post, Unit]]:
    """Return the chief post of each person on a day: the leading one first, then the longest held."""
    query = held_posts(on).where(PostHolding.person_id.in_(person_ids))
    found: dict[str, tuple[Post, Unit]] = {}
    for person_id, post, unit in session.execute(query):
        found.setdefault(person_id, (post, unit))
    return found


def posts_held(session: Session, person_id: str, on: date) -> list[tuple[Post, Unit]]:
    """Return every post a person holds on a day with its unit, the chief one first."""
    query = held_posts(on).where(PostHolding.person_id == person_id)
    return [(post, unit) for _person_id, post, unit in session.execute(query)]


def units_on(session: Session, on: date, *, kinds: Iterable[UnitKind] | None = None, text: str = "") -> list[UnitView]:
    """Return the units that exist on a day, in their order, with their heads."""
    query = latest(Unit, "unit_id").where(in_force(Unit, on)).order_by(Unit.position, Unit.name)
    if kinds is not None:
        query = query.where(Unit.kind.in_(list(kinds)))
    heads = heads_on(session, on)
    wanted = fold(text)
    rows = session.scalars(query).all()
    return [_unit_view(row, heads) for row in rows if wanted in fold(f"{row.name} {row.short_name} {row.key}")]


def unit_on(session: Session, unit_id: str, on: date) -> UnitView | None:
    """Return a unit if it exists on that day, with its head."""
    query = latest(Unit, "unit_id").where(Unit.unit_id == unit_id, in_force(Unit, on))
    row = session.scalars(query).first()
    return None if row is None else _unit_view(row, heads_on(session, on, [unit_id]))


def find_unit(session: Session, unit_id: str) -> UnitView | None:
    """Return a unit whether or not it still exists."""
    row = session.scalars(latest(Unit, "unit_id").where(Unit.unit_id == unit_id)).first()
    return None if row is None else _unit_view(row, {})


def unit_by_key(session: Session, key: str, on: date) -> UnitView | None:
    """Return the unit chosen by its readable key on a day."""
    row = session.scalars(latest(Unit, "unit_id").where(Unit.key == key, in_force(Unit, on))).first()
    return None if row is None else _unit_view(row, heads_on(session, on, [row.unit_id]))


def units_named(session: Session, unit_ids: Iterable[str]) -> dict[str, str]:
    """Return unit names by id."""
    wanted = list(set(unit_ids))
    if not wanted:
        return {}
    query = latest(Unit, "unit_id").where(Unit.unit_id.in_(wanted))
    return dict(session.execute(query.with_only_columns(Unit.unit_id, Unit.name)).all())


def _unit_view(row: Unit, heads: dict[str, str]) -> UnitView:
    return UnitView(
        row.unit_id, row.key, row.name, row.short_name, row.kind.value, row.parent_id, row.legal_personality,
        row.valid_from, row.valid_to, row.mark, row.source, row.position, heads.get(row.unit_id),
    )  # fmt: skip


def heads_on(session: Session, on: date, unit_ids: Sequence[str] | None = None) -> dict[str, str]:
    """Return the person who heads each unit on a day."""
    query = (
        sa.select(PostHolding.unit_id, PostHolding.person_id)
        .where(PostHolding.id.in_(holdings(on).with_only_columns(PostHolding.id)))
        .join(Post, Post.post_id == PostHolding.post_id)
        .where(Post.id.in_(latest(Post, "post_id").with_only_columns(Post.id)), Post.leading.is_(True))
    )
    if unit_ids is not None:
        query = query.where(PostHolding.unit_id.in_(unit_ids))
    return {row.unit_id: row.person_id for row in session.execute(query)}


def agency_on(session: Session, on: date) -> UnitView | None:
    """Return the body with legal personality that grants on a day (RULES A05, A08)."""
    found = units_on(session, on, kinds=[UnitKind.AGENCY])
    return found[0] if found else None


def people_of_role(session: Session, role: str, on: date, *, unit_id: str = "") -> list[str]:
    """Return ids of the persons who hold a role on a day (for one unit, when given), deputies included."""
    query = grants(on).where(RoleGrant.role == role)
    if unit_id:
        query = query.where(RoleGrant.unit_id == unit_id)
    found = {grant.person_id for grant in session.scalars(query)}
    if role == STAFF:
        found |= set(session.scalars(holdings(on).with_only_columns(PostHolding.person_id)))
    handed = delegations(on).where(Delegation.role == role)
    if unit_id:
        handed = handed.where(Delegation.unit_id.in_(("", unit_id)))
    return sorted(found | {row.to_person_id for row in session.scalars(handed) if row.from_person_id in found})


def principals_of_role(session: Session, role: str, on: date, *, unit_id: str = "") -> list[str]:
    """Return ids of the persons who hold a role themselves on a day (for one unit, when given), deputies left out."""
    query = grants(on).where(RoleGrant.role == role)
    if unit_id:
        query = query.where(RoleGrant.unit_id == unit_id)
    return sorted({grant.person_id for grant in session.scalars(query)})


def is_deputy(session: Session, person_id: str, role: str, on: date) -> bool:
    """Tell whether the person holds the role on a day only by delegation."""
    return role in roles_on(session, person_id, on).deputy_for


def relatives_of(session: Session, person_id: str) -> frozenset[str]:
    """Return ids of the declared family of a person, read both ways."""
    query = latest(Relation, "relation_id").where(
        sa.or_(Relation.person_id == person_id, Relation.relative_id == person_id), Relation.withdrawn.is_(False)
    )
    rows = session.scalars(query)
    return frozenset(row.relative_id if row.person_id == person_id else row.person_id for row in rows)


def are_related(one: str | sa.SQLColumnExpression[str], other: str | sa.SQLColumnExpression[str]) -> sa.Exists:
    """Return the condition that two persons are declared family, said by either of them."""
    pair = sa.or_(
        sa.and_(Relation.person_id == one, Relation.relative_id == other),
        sa.and_(Relation.person_id == other, Relation.relative_id == one),
    )
    return latest(Relation, "relation_id").where(pair, Relation.withdrawn.is_(False)).exists()


def actor_of(ctx: DecisionContext, person_id: str) -> Actor | None:
    """Engine hook: the person as an actor on the business day."""
    return actor_for(ctx.session, person_id, local_date(ctx.now))


def people_of(ctx: DecisionContext, queue: str) -> Sequence[str]:
    """Engine hook: who walks a shared queue (`role` or `role@unit`) on the business day."""
    role, _, unit_id = queue.partition("@")
    return people_of_role(ctx.session, role, local_date(ctx.now), unit_id=unit_id)


def heads_of(ctx: DecisionContext, queue: str) -> Sequence[str]:
    """Engine hook: who heads the unit to which a queue belongs on the business day.

    A scoped queue belongs to its unit, any other to the unit in which most of those who hold the role themselves have
    their posts; that somebody elsewhere holds it too makes his head no head of it.
    """
    on = local_date(ctx.now)
    role, _, unit_id = queue.partition("@")
    units = [unit_id] if unit_id else _units_of(ctx.session, principals_of_role(ctx.session, role, on), on)
    return sorted(set(heads_on(ctx.session, on, units).values())) if units else ()


def _units_of(session: Session, person_ids: Sequence[str], on: date) -> list[str]:
    """Return the unit where most of some persons have their posts; several when as many are in each."""
    counted = Counter(unit.unit_id for _post, unit in posts_on(session, on, person_ids).values())
    most = max(counted.values(), default=0)
    return sorted(unit_id for unit_id, count in counted.items() if count == most)


def delegations_of(session: Session, person_id: str, on: date) -> list[Delegation]:
    """Return the delegations a person gave or received that hold on a day or will, the earliest first."""
    mine = sa.or_(Delegation.from_person_id == person_id, Delegation.to_person_id == person_id)
    ahead = sa.or_(Delegation.valid_to.is_(None), Delegation.valid_to >= on)
    query = latest(Delegation, "delegation_id").where(mine, ahead)
    return list(session.scalars(query.order_by(Delegation.valid_from, Delegation.delegation_id)))


def delegations_of_role(session: Session, role: str, on: date) -> list[Delegation]:
    """Return the delegations of a role that hold on a day while their givers hold it, in the order of their ids."""
    holders = set(principals_of_role(session, role, on))
    rows = session.scalars(delegations(on).where(Delegation.role == role).order_by(Delegation.delegation_id))
    return [row for row in rows if row.from_person_id in holders]


def sorted_by_name(views: Iterable[UnitView]) -> list[UnitView]:
    """Return units in the order of the Vietnamese alphabet."""
    return sorted(views, key=lambda view: collation_key(view.name))


_TITLE = Statement(
    sa.select(Post.title).where(Post.post_id == sa.bindparam("post")).order_by(Post.version.desc()).limit(1)
)
"""Each page says who is signed in."""


def post_title(session: Session, post_id: str) -> str:
    """Return the title of a post, whether or not it still exists; empty for an unknown one."""
    found = _TITLE.first(session, {"post": post_id})
    return "" if found is None else str(found[0])

"""Questions about the organisation on a day. Nothing here writes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import local_date
from engine.context import Actor, DecisionContext
from workflows.facts import in_force, latest
from workflows.organisation.models import Delegation, Person, Post, PostHolding, Relation, RoleGrant, Unit, UnitKind
from workflows.organisation.vietnamese import collation_key, fold

STAFF = "staff"


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


@dataclass(frozen=True, slots=True)
class RolesView:
    """What a person may act as on a day.

    Attributes:
        groups: keys for the engine, also of what is held in somebody's place.
        deputy_for: roles that are only deputised.
        givers: for each group that is only deputised, the persons in whose place it is held.

    """

    groups: frozenset[str]
    post_id: str
    post: str
    deputy_for: frozenset[str] = frozenset()
    givers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def find_person(session: Session, person_id: str) -> Person | None:
    """Return the newest version of a person, or None."""
    return session.scalars(latest(Person, "person_id").where(Person.person_id == person_id)).first()


def people_named(session: Session, person_ids: Iterable[str]) -> dict[str, str]:
    """Return full names by id; ids that are no person are left out."""
    wanted = list(set(person_ids))
    if not wanted:
        return {}
    rows = session.scalars(latest(Person, "person_id").where(Person.person_id.in_(wanted)))
    return {row.person_id: row.full_name for row in rows}


def list_people(session: Session, on: date, *, text: str = "", unit_id: str = "", limit: int = 500) -> list[PersonView]:
    """Return people in the order of Vietnamese rolls, searched without accents, with their post of the day."""
    query = latest(Person, "person_id").order_by(Person.sort_key, Person.person_id).limit(limit)
    for word in fold(text).split():
        query = query.where(Person.search_key.contains(word, autoescape=True))
    if unit_id:
        query = query.where(Person.person_id.in_(_holdings(on).with_only_columns(PostHolding.person_id).where(
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


def _holdings(on: date) -> sa.Select[PostHolding]:
    return latest(PostHolding, "holding_id").where(in_force(PostHolding, on))


def posts_on(session: Session, on: date, person_ids: Sequence[str]) -> dict[str, tuple[Post, Unit]]:
    """Return the chief post of each person on a day: the leading one first, then the longest held."""
    query = (
        sa.select(PostHolding.person_id, Post, Unit)
        .where(PostHolding.id.in_(_holdings(on).with_only_columns(PostHolding.id)))
        .where(PostHolding.person_id.in_(person_ids))
        .join(Post, Post.post_id == PostHolding.post_id)
        .where(Post.id.in_(latest(Post, "post_id").with_only_columns(Post.id)))
        .join(Unit, Unit.unit_id == PostHolding.unit_id)
        .where(Unit.id.in_(latest(Unit, "unit_id").with_only_columns(Unit.id)))
        .order_by(Post.leading.desc(), Post.managing.desc(), PostHolding.valid_from, Post.post_id)
    )
    found: dict[str, tuple[Post, Unit]] = {}
    for person_id, post, unit in session.execute(query):
        found.setdefault(person_id, (post, unit))
    return found


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
    return {row.unit_id: row.name for row in session.scalars(latest(Unit, "unit_id").where(Unit.unit_id.in_(wanted)))}


def _unit_view(row: Unit, heads: dict[str, str]) -> UnitView:
    return UnitView(
        row.unit_id, row.key, row.name, row.short_name, row.kind.value, row.parent_id, row.legal_personality,
        row.valid_from, row.valid_to, row.mark, row.source, row.position, heads.get(row.unit_id),
    )  # fmt: skip


def heads_on(session: Session, on: date, unit_ids: Sequence[str] | None = None) -> dict[str, str]:
    """Return the person who heads each unit on a day."""
    query = (
        sa.select(PostHolding.unit_id, PostHolding.person_id)
        .where(PostHolding.id.in_(_holdings(on).with_only_columns(PostHolding.id)))
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


def _grants(on: date) -> sa.Select[RoleGrant]:
    return latest(RoleGrant, "grant_id").where(in_force(RoleGrant, on))


def _delegations(on: date) -> sa.Select[Delegation]:
    return latest(Delegation, "delegation_id").where(in_force(Delegation, on))


def roles_on(session: Session, person_id: str, on: date) -> RolesView:
    """Return what a person may act as on a day.

    A delegation counts only while the person who gave it holds the role himself: a deputy of a deputy is none.
    Everybody with a post is `staff`.
    """
    own: set[str] = set()
    for grant in session.scalars(_grants(on).where(RoleGrant.person_id == person_id)):
        own |= _groups_of(grant)
    givers: dict[str, tuple[str, ...]] = {}
    handed_to_me = _delegations(on).where(Delegation.to_person_id == person_id).order_by(Delegation.delegation_id)
    for handed in session.scalars(handed_to_me):
        given = _grants(on).where(RoleGrant.person_id == handed.from_person_id, RoleGrant.role == handed.role)
        if handed.unit_id:
            given = given.where(RoleGrant.unit_id == handed.unit_id)
        for grant in session.scalars(given):
            for group in _groups_of(grant) - own:
                givers[group] = tuple(dict.fromkeys((*givers.get(group, ()), handed.from_person_id)))
    groups = own | givers.keys()
    held = posts_on(session, on, [person_id]).get(person_id)
    if held is not None:
        groups.add(STAFF)
    deputised = frozenset(group for group in givers if "@" not in group)
    post = held[0] if held else None
    return RolesView(frozenset(groups), post.post_id if post else "", post.title if post else "", deputised, givers)


def _groups_of(grant: RoleGrant) -> set[str]:
    return {grant.role, f"{grant.role}@{grant.unit_id}"} if grant.unit_id else {grant.role}


def people_of_role(session: Session, role: str, on: date, *, unit_id: str = "") -> list[str]:
    """Return ids of the persons who hold a role on a day (for one unit, when given), deputies included."""
    query = _grants(on).where(RoleGrant.role == role)
    if unit_id:
        query = query.where(RoleGrant.unit_id == unit_id)
    found = {grant.person_id for grant in session.scalars(query)}
    if role == STAFF:
        found |= set(session.scalars(_holdings(on).with_only_columns(PostHolding.person_id)))
    handed = _delegations(on).where(Delegation.role == role)
    if unit_id:
        handed = handed.where(Delegation.unit_id.in_(("", unit_id)))
    return sorted(found | {row.to_person_id for row in session.scalars(handed) if row.from_person_id in found})


def principals_of_role(session: Session, role: str, on: date, *, unit_id: str = "") -> list[str]:
    """Return ids of the persons who hold a role themselves on a day (for one unit, when given), deputies left out."""
    query = _grants(on).where(RoleGrant.role == role)
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


def actor_for(session: Session, person_id: str, on: date) -> Actor | None:
    """Return the person as the engine's actor on a day, or None when there is no such person."""
    row = find_person(session, person_id)
    if row is None:
        return None
    roles = roles_on(session, person_id, on)
    return Actor(person_id, roles.groups, roles.post_id, row.full_name, roles.givers)


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


def sorted_by_name(views: Iterable[UnitView]) -> list[UnitView]:
    """Return units in the order of the Vietnamese alphabet."""
    return sorted(views, key=lambda view: collation_key(view.name))


def post_title(session: Session, post_id: str) -> str:
    """Return the title of a post, whether or not it still exists; empty for an unknown one."""
    row = session.scalars(latest(Post, "post_id").where(Post.post_id == post_id)).first()
    return "" if row is None else row.title

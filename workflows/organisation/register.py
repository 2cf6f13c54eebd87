"""What is on record about one person: posts, roles, delegations and declared family, past and coming ones too."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.facts import latest
from workflows.organisation import queries
from workflows.organisation.models import Delegation, Post, PostHolding, Relation, RoleGrant


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One entry, from a day to a day.

    Attributes:
        id: what its ending names: the holding, grant, delegation or relation.
        key: the role or the kind of relation; empty for a post.
        words: the post's title, or the other person's name.
        unit: the unit's name, empty where none belongs to it.
        incoming: of a delegation, the person received it.

    """

    id: str
    key: str
    words: str
    unit: str
    valid_from: date | None = None
    valid_to: date | None = None
    incoming: bool = False

    def holds_on(self, day: date) -> bool:
        """Tell whether the entry holds on a day; both ends are inclusive."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or self.valid_to >= day)


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """All entries about a person, those that began last first."""

    posts: tuple[RecordLine, ...]
    roles: tuple[RecordLine, ...]
    delegations: tuple[RecordLine, ...]
    relations: tuple[RecordLine, ...]


def record_of(session: Session, person_id: str) -> PersonRecord:
    """Return what is on record about a person; empty for an unknown one."""
    return PersonRecord(
        _posts(session, person_id), _roles(session, person_id), _delegations(session, person_id),
        _relations(session, person_id),
    )  # fmt: skip


def _posts(session: Session, person_id: str) -> tuple[RecordLine, ...]:
    query = latest(PostHolding, "holding_id").where(PostHolding.person_id == person_id)
    rows = session.scalars(query.order_by(PostHolding.valid_from.desc())).all()
    titles = latest(Post, "post_id").where(Post.post_id.in_([row.post_id for row in rows]))
    named = {post.post_id: post.title for post in session.scalars(titles)}
    units = queries.units_named(session, [row.unit_id for row in rows])
    return tuple(
        RecordLine(row.holding_id, "", named.get(row.post_id, ""), units.get(row.unit_id, ""), row.valid_from,
                   row.valid_to)
        for row in rows
    )  # fmt: skip


def _roles(session: Session, person_id: str) -> tuple[RecordLine, ...]:
    query = latest(RoleGrant, "grant_id").where(RoleGrant.person_id == person_id)
    rows = session.scalars(query.order_by(RoleGrant.valid_from.desc(), RoleGrant.role)).all()
    units = queries.units_named(session, [row.unit_id for row in rows if row.unit_id])
    return tuple(
        RecordLine(row.grant_id, row.role, "", units.get(row.unit_id, ""), row.valid_from, row.valid_to) for row in rows
    )


def _delegations(session: Session, person_id: str) -> tuple[RecordLine, ...]:
    concerned = sa.or_(Delegation.from_person_id == person_id, Delegation.to_person_id == person_id)
    query = latest(Delegation, "delegation_id").where(concerned).order_by(Delegation.valid_from.desc())
    rows = session.scalars(query).all()
    names = queries.people_named(session, [one for row in rows for one in (row.from_person_id, row.to_person_id)])
    lines = []
    for row in rows:
        incoming = row.to_person_id == person_id
        other = row.from_person_id if incoming else row.to_person_id
        lines.append(RecordLine(row.delegation_id, row.role, names.get(other, ""), "", row.valid_from, row.valid_to,
                                incoming))  # fmt: skip
    return tuple(lines)


def _relations(session: Session, person_id: str) -> tuple[RecordLine, ...]:
    concerned = sa.or_(Relation.person_id == person_id, Relation.relative_id == person_id)
    rows = session.scalars(latest(Relation, "relation_id").where(concerned, Relation.withdrawn.is_(False))).all()
    names = queries.people_named(session, [one for row in rows for one in (row.person_id, row.relative_id)])
    return tuple(
        RecordLine(row.relation_id, row.kind.value,
                   names.get(row.relative_id if row.person_id == person_id else row.person_id, ""), "",
                   incoming=row.relative_id == person_id)
        for row in rows
    )  # fmt: skip

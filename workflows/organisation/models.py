"""Facts of the organisation. Every row is dated and versioned; ending something writes a new version."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from engine.db import Base
from workflows.facts import VersionedFact


class UnitKind(StrEnum):
    """What a unit is; names of kinds are labels (`enums.unit_kind`)."""

    AGENCY = "AGENCY"
    OFFICE = "OFFICE"
    ROOM = "ROOM"
    SUB_DEPARTMENT = "SUB_DEPARTMENT"
    REGIONAL_DIVISION = "REGIONAL_DIVISION"
    TEAM = "TEAM"
    OUTSIDE = "OUTSIDE"


class PersonType(StrEnum):
    """The seed plan addresses `công chức` and `người lao động` alike (S32)."""

    CIVIL_SERVANT = "CIVIL_SERVANT"
    EMPLOYEE = "EMPLOYEE"


class Gender(StrEnum):
    """Needed for the priority of women when equal (law 06/2022 art. 5(2)(d)) and the form of address."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    UNSTATED = "UNSTATED"


class RelationKind(StrEnum):
    """Family that excludes from a vote (RULES F10)."""

    SPOUSE = "SPOUSE"
    PARENT = "PARENT"
    CHILD = "CHILD"
    SIBLING = "SIBLING"


class Unit(VersionedFact, Base):
    """A body, room, sub-department or team, in existence from a day to a day (inclusive, open when null).

    `legal_personality` decides who may grant (law 06/2022 art. 75(1)(a)); `mark` and `source` tell how sure the row is.
    """

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("unit_id", "version"), Index(None, "key"))

    unit_id: Mapped[str]
    key: Mapped[str]
    name: Mapped[str]
    short_name: Mapped[str]
    kind: Mapped[UnitKind]
    parent_id: Mapped[str | None]
    position: Mapped[int]
    legal_personality: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    mark: Mapped[str]
    source: Mapped[str]


class Person(VersionedFact, Base):
    """A member of staff: the few data an award needs, no number of any identity paper (personal data law)."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("person_id", "version"), Index(None, "search_key"))

    person_id: Mapped[str]
    family_name: Mapped[str]
    middle_name: Mapped[str]
    given_name: Mapped[str]
    full_name: Mapped[str]
    sort_key: Mapped[str]
    search_key: Mapped[str]
    birth_year: Mapped[int | None]
    gender: Mapped[Gender]
    person_type: Mapped[PersonType]


class Post(VersionedFact, Base):
    """A post of a unit, e.g. Chi cục trưởng. `leading` marks the head of the unit, `managing` any manager."""

    __tablename__ = "post"
    __table_args__ = (UniqueConstraint("post_id", "version"), Index(None, "unit_id"))

    post_id: Mapped[str]
    unit_id: Mapped[str]
    title: Mapped[str]
    leading: Mapped[bool]
    managing: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class PostHolding(VersionedFact, Base):
    """A person in a post from a day to a day."""

    __tablename__ = "post_holding"
    __table_args__ = (UniqueConstraint("holding_id", "version"), Index(None, "person_id"), Index(None, "post_id"))

    holding_id: Mapped[str]
    person_id: Mapped[str]
    post_id: Mapped[str]
    unit_id: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    document: Mapped[str]


class RoleGrant(VersionedFact, Base):
    """A person holds a role of `roles.toml` from a day to a day; `unit_id` is the scope of a scoped role."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("grant_id", "version"), Index(None, "person_id"), Index(None, "role"))

    grant_id: Mapped[str]
    person_id: Mapped[str]
    role: Mapped[str]
    unit_id: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    document: Mapped[str]


class Delegation(VersionedFact, Base):
    """A holder of a role hands it to a deputy for some days (RULES A07: a valid delegation on that date).

    `unit_id` narrows a scoped role to one of the giver's units; empty for all of them.
    """

    __tablename__ = "delegation"
    __table_args__ = (UniqueConstraint("delegation_id", "version"), Index(None, "to_person_id"))

    delegation_id: Mapped[str]
    role: Mapped[str]
    from_person_id: Mapped[str]
    to_person_id: Mapped[str]
    unit_id: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    document: Mapped[str]
    reason: Mapped[str]


class Relation(VersionedFact, Base):
    """A declared family relation: `relative_id` is the `kind` of `person_id`. Read both ways by recusal."""

    __tablename__ = "relation"
    __table_args__ = (UniqueConstraint("relation_id", "version"), Index(None, "person_id"), Index(None, "relative_id"))

    relation_id: Mapped[str]
    person_id: Mapped[str]
    relative_id: Mapped[str]
    kind: Mapped[RelationKind]
    withdrawn: Mapped[bool]

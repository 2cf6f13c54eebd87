"""Changes of units, people, posts and who holds them. Nothing is deleted: an end is a new version with a last day."""

from datetime import date

import sqlalchemy as sa

from engine.context import StepContext
from workflows.facts import amend, latest, newest, write_new
from workflows.forms import Problems, refuse
from workflows.organisation.models import Gender, Person, PersonType, Post, PostHolding, Unit, UnitKind
from workflows.organisation.rules import Dated, Period, name_columns, period_of, words


def require_order(problems: Problems, period: Period) -> None:
    """Note a period that ends before it begins."""
    if not period.in_order:
        problems.add("valid_to", "org_end_before_start", start=period.first.strftime("%d/%m/%Y"))


def check_end(row: Dated, valid_to: date) -> None:
    """Refuse a last day that does not fit a record.

    Raises:
        InvalidInputError: it lies before the first day, or after a last day that was fixed before.

    """
    problems = Problems()
    require_order(problems, Period(row.valid_from, valid_to))
    if row.valid_to is not None and valid_to > row.valid_to:
        problems.add("valid_to", "org_already_ended", end=row.valid_to.strftime("%d/%m/%Y"))
    problems.refuse_any()


def get_unit(ctx: StepContext, unit_id: str, field: str = "unit_id") -> Unit:
    """Return a unit, or refuse the form's field."""
    row = newest(ctx.session, Unit, "unit_id", unit_id)
    if row is None:
        raise refuse(field, "org_unknown_unit")
    return row


def get_person(ctx: StepContext, person_id: str, field: str = "person_id") -> Person:
    """Return a person, or refuse the form's field."""
    row = newest(ctx.session, Person, "person_id", person_id)
    if row is None:
        raise refuse(field, "org_unknown_person")
    return row


def get_post(ctx: StepContext, post_id: str) -> Post:
    """Return a post, or refuse the field `post_id`."""
    row = newest(ctx.session, Post, "post_id", post_id)
    if row is None:
        raise refuse("post_id", "org_unknown_post")
    return row


def add_unit(
    ctx: StepContext, *, key: str, name: str, kind: str, valid_from: date, valid_to: date | None = None,
    short_name: str = "", parent_id: str = "", position: int = 0, legal_personality: bool = False, mark: str = "",
    source: str = "",
) -> Unit:  # fmt: skip
    """Add a unit that exists from a day on.

    Args:
        ctx: the step's context.
        key: readable key, of one unit only on any day.
        name: full name; `short_name` stands in lists.
        kind: a `UnitKind`.
        valid_from: first day.
        valid_to: last day; open when None.
        short_name: the full name when empty.
        parent_id: the unit it belongs to, which must exist on all its days.
        position: place in lists.
        legal_personality: only such a body may grant (RULES A05, A09).
        mark: how sure the record is: T, Q, S, B or D.
        source: where the record was read.

    Raises:
        InvalidInputError: the key is taken on some of those days, the parent does not exist on all of them, or the
            period ends before it begins.

    """
    problems, period = Problems(), Period(valid_from, valid_to)
    require_order(problems, period)
    same_key = ctx.session.scalars(latest(Unit, "unit_id").where(Unit.key == key))
    if any(period.overlaps(period_of(row)) for row in same_key):
        problems.add("key", "org_key_taken")
    if parent_id and not period.within(period_of(get_unit(ctx, parent_id, "parent_id"))):
        problems.add("parent_id", "org_outside_parent")
    problems.refuse_any()
    row = write_new(
        ctx, Unit, "unit_id", key=key, name=words(name), short_name=words(short_name) or words(name),
        kind=UnitKind(kind), parent_id=parent_id or None, position=position, legal_personality=legal_personality,
        valid_from=valid_from, valid_to=valid_to, mark=mark, source=words(source),
    )  # fmt: skip
    ctx.note(unit=row.unit_id)
    return row


def end_unit(ctx: StepContext, *, unit_id: str, valid_to: date) -> Unit:
    """End a unit with its parts: sub-units, posts and who holds them end on that day where they would go on.

    Roles held for the unit go on: its open cases keep the people who must finish them, until each role is ended.

    Raises:
        InvalidInputError: no such unit, the day lies before its first, or after a last day fixed before.

    """
    unit = get_unit(ctx, unit_id)
    check_end(unit, valid_to)
    ended = _end_with_parts(ctx, unit, valid_to)
    ctx.note(unit=unit_id, ended=ended)
    return amend(ctx, unit, valid_to=valid_to)


def _end_with_parts(ctx: StepContext, unit: Unit, valid_to: date) -> int:
    """End what belongs to a unit and goes on beyond a day; return how many records that were.

    What would only begin later is left with a last day before its first: such a record never holds.
    """
    count = 0
    parts = latest(Unit, "unit_id").where(Unit.parent_id == unit.unit_id, _beyond(Unit, valid_to))
    for child in ctx.session.scalars(parts).all():
        count += 1 + _end_with_parts(ctx, child, valid_to)
        amend(ctx, child, valid_to=valid_to)
    posts = latest(Post, "post_id").where(Post.unit_id == unit.unit_id, _beyond(Post, valid_to))
    holdings = latest(PostHolding, "holding_id").where(
        PostHolding.unit_id == unit.unit_id, _beyond(PostHolding, valid_to)
    )
    for holding in ctx.session.scalars(holdings).all():
        count += 1
        amend(ctx, holding, valid_to=valid_to)
    for post in ctx.session.scalars(posts).all():
        count += 1
        amend(ctx, post, valid_to=valid_to)
    return count


def _beyond(model: type[Unit] | type[Post] | type[PostHolding], day: date) -> sa.ColumnElement[bool]:
    return sa.or_(model.valid_to.is_(None), model.valid_to > day)


def add_person(
    ctx: StepContext, *, family_name: str, given_name: str, gender: str, person_type: str, middle_name: str = "",
    birth_year: int | None = None,
) -> Person:  # fmt: skip
    """Add a member of staff; names are kept in NFC, with the keys that sort and search them.

    Raises:
        InvalidInputError: the birth year lies in the future.

    """
    _check_birth_year(ctx, birth_year)
    row = write_new(
        ctx, Person, "person_id", **name_columns(family_name, middle_name, given_name), birth_year=birth_year,
        gender=Gender(gender), person_type=PersonType(person_type),
    )  # fmt: skip
    ctx.note(person=row.person_id)
    return row


def correct_person(
    ctx: StepContext, *, person_id: str, family_name: str, given_name: str, gender: str, person_type: str,
    middle_name: str = "", birth_year: int | None = None,
) -> Person:  # fmt: skip
    """State a person's data anew; what was stated before stays readable.

    Raises:
        InvalidInputError: no such person, or the birth year lies in the future.

    """
    before = get_person(ctx, person_id)
    _check_birth_year(ctx, birth_year)
    ctx.note(person=person_id)
    return amend(
        ctx, before, **name_columns(family_name, middle_name, given_name), birth_year=birth_year,
        gender=Gender(gender), person_type=PersonType(person_type),
    )  # fmt: skip


def _check_birth_year(ctx: StepContext, birth_year: int | None) -> None:
    if birth_year is not None and birth_year > ctx.today.year:
        raise refuse("birth_year", "org_birth_in_future")


def add_post(
    ctx: StepContext, *, unit_id: str, title: str, valid_from: date, valid_to: date | None = None,
    leading: bool = False, managing: bool = False,
) -> Post:  # fmt: skip
    """Add a post to a unit; `leading` marks the one post whose holder heads it.

    Raises:
        InvalidInputError: the unit does not exist on all those days, or another leading post does on some of them.

    """
    unit, problems, period = get_unit(ctx, unit_id), Problems(), Period(valid_from, valid_to)
    require_order(problems, period)
    if not period.within(period_of(unit)):
        problems.add("valid_from", "org_outside_unit")
    others = latest(Post, "post_id").where(Post.unit_id == unit_id, Post.leading.is_(True))
    if leading and any(period.overlaps(period_of(row)) for row in ctx.session.scalars(others)):
        problems.add("leading", "org_second_head")
    problems.refuse_any()
    row = write_new(
        ctx, Post, "post_id", unit_id=unit_id, title=words(title), leading=leading, managing=managing or leading,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    ctx.note(unit=unit_id, post=row.post_id)
    return row


def hold_post(
    ctx: StepContext, *, person_id: str, post_id: str, valid_from: date, valid_to: date | None = None,
    document: str = "",
) -> PostHolding:  # fmt: skip
    """Put a person into a post from a day on. A leading post has one holder on any day; others may have several.

    Raises:
        InvalidInputError: the post does not exist on all those days, another person holds the leading post on some of
            them, or this person holds the post already.

    """
    person, post = get_person(ctx, person_id), get_post(ctx, post_id)
    problems, period = Problems(), Period(valid_from, valid_to)
    require_order(problems, period)
    if not period.within(period_of(post)):
        problems.add("valid_from", "org_outside_post")
    same = ctx.session.scalars(latest(PostHolding, "holding_id").where(PostHolding.post_id == post_id))
    overlapping = [row for row in same if period.overlaps(period_of(row))]
    if any(row.person_id == person.person_id for row in overlapping):
        problems.add("person_id", "org_already_held")
    elif post.leading and overlapping:
        problems.add("valid_from", "org_post_taken")
    problems.refuse_any()
    row = write_new(
        ctx, PostHolding, "holding_id", person_id=person_id, post_id=post_id, unit_id=post.unit_id,
        valid_from=valid_from, valid_to=valid_to, document=words(document),
    )  # fmt: skip
    ctx.note(person=person_id, post=post_id, holding=row.holding_id)
    return row


def end_holding(ctx: StepContext, *, holding_id: str, valid_to: date) -> PostHolding:
    """End a person's time in a post with a last day.

    Raises:
        InvalidInputError: no such record, the day lies before its first, or after a last day fixed before.

    """
    row = newest(ctx.session, PostHolding, "holding_id", holding_id)
    if row is None:
        raise refuse("holding_id", "org_unknown_record")
    check_end(row, valid_to)
    ctx.note(person=row.person_id, post=row.post_id, holding=holding_id)
    return amend(ctx, row, valid_to=valid_to)

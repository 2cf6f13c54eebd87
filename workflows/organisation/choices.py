"""What the forms of the organisation offer to choose from: ids with the words people see."""

from datetime import date

from engine.context import StepContext
from workflows.facts import latest
from workflows.labels import label
from workflows.organisation import appointments
from workflows.organisation.models import Delegation, Post, PostHolding, Relation, Unit
from workflows.organisation.queries import people_named, units_named
from workflows.roles import deputy_roles

ADMINISTRATORS = frozenset({"administrator", "system"})
"""`system` sets up a new installation, before there is an administrator."""

Pairs = list[tuple[str, str]]


def administers(ctx: StepContext) -> bool:
    """Tell whether the actor may change any record of the organisation."""
    return any(ctx.actor.holds(role) for role in ADMINISTRATORS)


def _days(first: date, last: date | None) -> str:
    return f"{first:%d/%m/%Y} – {f'{last:%d/%m/%Y}' if last else ''}".rstrip()


def unit_choices(ctx: StepContext) -> Pairs:
    """Return the units that exist today or will, in their order."""
    rows = ctx.session.scalars(latest(Unit, "unit_id").order_by(Unit.position, Unit.name))
    living = [row for row in rows if row.valid_to is None or row.valid_to >= ctx.today]
    return [(row.unit_id, row.name if row.valid_from <= ctx.today else f"{row.name} ({_days(row.valid_from, None)})")
            for row in living]  # fmt: skip


def post_choices(ctx: StepContext) -> Pairs:
    """Return the posts that exist today or will, by unit."""
    rows = ctx.session.scalars(latest(Post, "post_id").order_by(Post.title)).all()
    living = [row for row in rows if row.valid_to is None or row.valid_to >= ctx.today]
    names = units_named(ctx.session, [row.unit_id for row in living])
    pairs = [(row.post_id, f"{names.get(row.unit_id, '')} – {row.title}") for row in living]
    return sorted(pairs, key=lambda pair: pair[1])


def holding_choices(ctx: StepContext) -> Pairs:
    """Return who is in which post today."""
    posts = dict(post_choices(ctx))
    rows = [row for row in ctx.session.scalars(latest(PostHolding, "holding_id"))
            if row.post_id in posts and (row.valid_to is None or row.valid_to >= ctx.today)]  # fmt: skip
    names = people_named(ctx.session, [row.person_id for row in rows])
    return [(row.holding_id, f"{names.get(row.person_id, '')} – {posts[row.post_id]}") for row in rows]


def role_choices(_ctx: StepContext) -> Pairs:
    """Return the roles that may be granted."""
    return [(key, label(f"roles.{key}")) for key in appointments.grantable_roles()]


def deputy_choices(_ctx: StepContext) -> Pairs:
    """Return the roles that may be handed on."""
    return [(key, label(f"roles.{key}")) for key in sorted(deputy_roles())]


def grant_choices(ctx: StepContext) -> Pairs:
    """Return who holds which role today."""
    rows = appointments.living_grants(ctx)
    names = people_named(ctx.session, [row.person_id for row in rows])
    units = units_named(ctx.session, [row.unit_id for row in rows if row.unit_id])
    return [
        (row.grant_id, " – ".join(filter(None, (names.get(row.person_id), label(f"roles.{row.role}"),
                                                units.get(row.unit_id)))))
        for row in rows
    ]  # fmt: skip


def delegation_choices(ctx: StepContext) -> Pairs:
    """Return the delegations that hold or will; one's own for who is no administrator."""
    rows = [row for row in appointments.living_delegations(ctx)
            if administers(ctx) or row.from_person_id == ctx.actor.id]  # fmt: skip
    names = people_named(ctx.session, [one for row in rows for one in (row.from_person_id, row.to_person_id)])
    return [(row.delegation_id, _delegation_words(row, names)) for row in rows]


def _delegation_words(row: Delegation, names: dict[str, str]) -> str:
    giver, deputy = names.get(row.from_person_id, ""), names.get(row.to_person_id, "")
    return f"{giver} → {deputy}: {label(f'roles.{row.role}')}, {_days(row.valid_from, row.valid_to)}"


def relation_choices(ctx: StepContext) -> Pairs:
    """Return the family relations on record."""
    rows = appointments.standing_relations(ctx)
    names = people_named(ctx.session, [one for row in rows for one in (row.person_id, row.relative_id)])
    return [(row.relation_id, _relation_words(row, names)) for row in rows]


def _relation_words(row: Relation, names: dict[str, str]) -> str:
    relative, person = names.get(row.relative_id, ""), names.get(row.person_id, "")
    return f"{relative} – {label(f'enums.relation_kind.{row.kind.value}')} – {person}"

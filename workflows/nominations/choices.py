"""What the forms of this room offer for a case and a person. Without a case they offer all there could be."""

from collections.abc import Sequence

from engine.context import StepContext
from workflows.campaigns import queries as campaigns
from workflows.labels import label
from workflows.nominations import dossier, intake, queries
from workflows.nominations.models import Nomination
from workflows.nominations.rules import TYPED_ITEMS, DossierItem
from workflows.organisation import queries as organisation

Pairs = Sequence[tuple[str, str]]


def case_of(ctx: StepContext) -> Nomination | None:
    """Return the nomination the context is about, None when a form is described without a case."""
    key = str(ctx.variables.get("nomination_id") or ctx.business_key)
    return queries.find_nomination(ctx.session, key) if key else None


def own_units(ctx: StepContext) -> list[str]:
    """Return ids of the units the actor heads today."""
    return sorted(group.partition("@")[2] for group in ctx.actor.groups if group.startswith("unit_head@"))


def units(ctx: StepContext) -> Pairs:
    """Offer the units the actor heads."""
    names = organisation.units_named(ctx.session, own_units(ctx))
    return sorted(names.items(), key=lambda pair: pair[1])


def rounds(ctx: StepContext) -> Pairs:
    """Offer the rounds in which one of the actor's units may file today."""
    found: dict[str, str] = {}
    for unit_id in own_units(ctx):
        found |= {row.key: row.title for row in campaigns.open_rounds(ctx.session, ctx.today, unit_id)}
    return list(found.items())


def nominees(ctx: StepContext) -> Pairs:
    """Offer the people of the actor's units and of those below them, without the actor, and the units themselves."""
    wanted = set(own_units(ctx))
    found = organisation.units_on(ctx.session, ctx.today) if wanted else []
    while below := {unit.id for unit in found if unit.parent_id in wanted} - wanted:
        wanted |= below
    collectives = [(unit.id, unit.name) for unit in found if unit.id in wanted]
    people = organisation.list_people(ctx.session, ctx.today) if wanted else []
    return [
        (view.id, f"{view.full_name} – {view.post}, {view.unit}")
        for view in people
        if view.unit_id in wanted and view.id != ctx.actor.id
    ] + collectives


def everyone(ctx: StepContext) -> Pairs:
    """Offer all people and units of today: whom a record may be about."""
    people = organisation.list_people(ctx.session, ctx.today)
    found = [(view.id, " – ".join(part for part in (view.full_name, view.unit) if part)) for view in people]
    return found + [(unit.id, unit.name) for unit in organisation.units_on(ctx.session, ctx.today)]


def items(ctx: StepContext) -> list[DossierItem]:
    """Return the items of the case's dossier; without a case every item there could be."""
    nomination = case_of(ctx)
    if nomination is None:
        kinds = [DossierItem(kind.value, required=False) for kind in dossier.UNIT_KINDS]
        return [DossierItem(item, required=True, typed=True) for item in TYPED_ITEMS] + kinds
    return dossier.dossier_items(ctx.session, nomination.nomination_id, ctx.today)


def checked_items(ctx: StepContext) -> Pairs:
    """Offer the items a checker judges."""
    return [(item.item, label(f"enums.dossier_item.{item.item}")) for item in items(ctx)]


def returned_papers(ctx: StepContext) -> Pairs:
    """Return the kinds of documents the last check sent back that may be handed in on paper; all outside a case."""
    nomination = case_of(ctx)
    flagged = queries.flagged_items(ctx.session, nomination.nomination_id) if nomination else None
    return [
        (kind.value, label(f"enums.document_kind.{kind.value}"))
        for kind in dossier.PAPER_KINDS if flagged is None or kind.value in flagged
    ]  # fmt: skip


def warnings(ctx: StepContext) -> Pairs:
    """Offer the warnings of the last assessment, each with its article."""
    nomination = case_of(ctx)
    found = queries.latest_assessment(ctx.session, nomination.nomination_id) if nomination else None
    rows = [row for row in found.findings if row["level"] == "warned"] if found else []
    return [(row["code"], f"{label('enums.eligibility_code.' + row['code'])} ({row['article']})") for row in rows]


def warned(ctx: StepContext) -> list[str]:
    """Return the codes of those warnings."""
    nomination = case_of(ctx)
    return intake.warned_codes(ctx, nomination) if nomination else []


def flags(ctx: StepContext) -> Pairs:
    """Offer the records that are still open, by kind, nominee and day. Only officers who may see them get this form."""
    rows = queries.open_flags(ctx.session)
    names = organisation.people_named(ctx.session, [row.nominee_id for row in rows])
    names |= organisation.units_named(ctx.session, [row.nominee_id for row in rows])
    found = []
    for row in rows:
        kind, on = label(f"enums.flag_kind.{row.kind.value}"), f"{row.raised_on:%d/%m/%Y}"
        found.append((row.flag_id, f"{kind} – {names.get(row.nominee_id, '')} ({on})"))
    return found

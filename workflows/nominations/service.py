"""What happens to a nomination on its unit's side: opened, filed, mended, withdrawn. Facts only."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.context import StepContext
from workflows.campaigns import queries as campaigns
from workflows.campaigns.models import AwardRound
from workflows.documents import queries as documents
from workflows.errors import (
    DuplicateNominationError,
    NomineeMayNotActError,
    RoundClosedError,
    RoundWithoutGuidanceError,
)
from workflows.facts import amend, write, write_new
from workflows.forms import Problems, refuse
from workflows.labels import label
from workflows.nominations import dossier, eligibility, queries
from workflows.nominations.models import (
    AwardForm,
    Nomination,
    NominationContent,
    NomineeKind,
    Submission,
    Withdrawal,
)
from workflows.nominations.rules import (
    Found,
    Mended,
    Period,
    business_key_of,
    missing_items,
    proposal_problems,
    supplement_problems,
)
from workflows.organisation import queries as organisation

CONTENT_FIELDS = (
    "proposed_form", "ground", "achievement", "achieved_from", "achieved_to", "summary", "internal_unity",
)  # fmt: skip
LETTER_FIELDS = ("letter_number", "letter_on")


def refuse_found(found: Iterable[Found]) -> None:
    """Raise what rules found as sentences beside the fields; items of a dossier are named by their words."""
    problems = Problems()
    for name, key, values in found:
        words = {k: label(f"enums.dossier_item.{v}") if k in {"item", "kind"} else v for k, v in values.items()}
        problems.add(name, key, **words)
    problems.refuse_any()


def require_open(ctx: StepContext, round_key: str, unit_id: str) -> AwardRound:
    """Return a round in which a unit may file today.

    Raises:
        InvalidInputError: no such round.
        RoundWithoutGuidanceError: its guidance letter is not filed (RULES B08).
        RoundClosedError: not yet open, closed, or past the filing deadline without the chair's exception (D08).

    """
    found = campaigns.find_round(ctx.session, round_key)
    if found is None:
        raise refuse("round", "unknown_round")
    if campaigns.guidance_of(ctx.session, found.guidance_id) is None:
        raise RoundWithoutGuidanceError("no guidance letter", round=found.key)
    if not campaigns.is_open(ctx.session, found, unit_id, ctx.today):
        raise RoundClosedError(
            "the round takes no nominations today", round=found.title, deadline=f"{found.filing_deadline:%d/%m/%Y}"
        )
    return found


def open_nomination(
    ctx: StepContext, *, round_key: str, unit_id: str, nominee_kind: NomineeKind, nominee_id: str,
    proposed_form: AwardForm, letter_number: str = "", letter_on: date | None = None,
) -> Nomination:  # fmt: skip
    """Open a nomination with the next number of its round; its content is empty until the unit files it.

    The same letter may carry several: with the number of a letter the unit used before in the round it joins that.

    Raises:
        InvalidInputError: no such round, unit or nominee today, or the nominee belongs elsewhere.
        NomineeMayNotActError: the actor would propose himself.
        RoundWithoutGuidanceError, RoundClosedError: as `require_open`.
        DuplicateNominationError: the nominee is proposed for this form in this round; the table blocks that.

    """
    found = require_open(ctx, round_key, unit_id)
    if organisation.unit_on(ctx.session, unit_id, ctx.today) is None:
        raise refuse("unit", "unknown_unit")
    require_nominee(ctx, unit_id, nominee_kind, nominee_id)
    if nominee_id == ctx.actor.id:
        raise NomineeMayNotActError("nobody proposes himself")
    number = queries.next_number(ctx.session, found.key)
    row = Nomination(
        nomination_id=str(ctx.ids.new()), business_key=business_key_of(found.key, number), round_key=found.key,
        number=number, unit_id=unit_id, proposer_id=ctx.actor.id, nominee_kind=nominee_kind, nominee_id=nominee_id,
        opened_at=ctx.now,
    )  # fmt: skip
    _refuse_duplicate(ctx, row, proposed_form)
    ctx.record_fact(row)
    letter = _letter(ctx, row, None, letter_number, letter_on) if letter_number else None
    write_new(
        ctx, NominationContent, "nomination_id", nomination_id=row.nomination_id, submission_id=letter,
        proposed_form=proposed_form, ground="", achievement="", achieved_from=None, achieved_to=None, summary="",
        internal_unity=False, filed_on=None, paper_kinds=[], note="",
    )  # fmt: skip
    return row


def require_nominee(ctx: StepContext, unit_id: str, kind: NomineeKind, nominee_id: str) -> None:
    """Refuse a nominee who does not exist today or belongs neither to the unit nor to one below it."""
    if kind is NomineeKind.INDIVIDUAL:
        person = organisation.person_on(ctx.session, nominee_id, ctx.today)
        if person is None or not person.post_id:
            raise refuse("nominee_id", "unknown_person")
        home: str | None = person.unit_id
    else:
        found = organisation.unit_on(ctx.session, nominee_id, ctx.today)
        if found is None:
            raise refuse("nominee_id", "unknown_unit")
        home = found.id
    seen: set[str] = set()
    while home is not None and home not in seen:
        if home == unit_id:
            return
        seen.add(home)
        above = organisation.find_unit(ctx.session, home)
        home = above.parent_id if above else None
    raise refuse("nominee_id", "nominee_not_in_unit")


def _refuse_duplicate(ctx: StepContext, row: Nomination, form: AwardForm) -> None:
    """Refuse at once what the table would block later: the same nominee, round and form (RULES C01)."""
    for other in queries.living_nominations_of(ctx.session, row.nominee_id, besides=row.nomination_id):
        same = other.round_key == row.round_key
        if same and queries.content_of(ctx.session, other.nomination_id).proposed_form is form:
            if eligibility.duplicate_is_blocked(ctx.session, row.nominee_kind, form, ctx.today):
                raise DuplicateNominationError("already nominated", other=other.business_key)
            return


def _letter(ctx: StepContext, nomination: Nomination, held: str | None, number: str, signed_on: date | None) -> str:
    """Return the submission of a letter: the unit's letter of that number in the round, or a new one.

    Raises:
        InvalidInputError: other nominations came with a letter of that number and another date.

    """
    asked = (nomination.round_key, nomination.unit_id, number)
    found = queries.find_submission(ctx.session, *asked)
    if found is None:
        campaigns.hold_round(ctx.session, nomination.round_key)
        found = queries.find_submission(ctx.session, *asked)  # what who held the round before us has written
    if found is None:
        own = queries.submission_of(ctx.session, held)
        if own and queries.nominations_under(ctx.session, own.submission_id) == [nomination.nomination_id]:
            return amend(ctx, own, letter_number=number, letter_on=signed_on).submission_id
        return write_new(
            ctx, Submission, "submission_id", round_key=nomination.round_key, unit_id=nomination.unit_id,
            proposer_id=nomination.proposer_id, letter_number=number, letter_on=signed_on,
        ).submission_id  # fmt: skip
    if signed_on is not None and found.letter_on != signed_on:
        others = set(queries.nominations_under(ctx.session, found.submission_id)) - {nomination.nomination_id}
        if others and found.letter_on is not None:
            raise refuse("letter_on", "letter_date_differs", on=f"{found.letter_on:%d/%m/%Y}")
        amend(ctx, found, letter_on=signed_on)
    return found.submission_id


def file_proposal(ctx: StepContext, nomination: Nomination, values: Mapping[str, Any]) -> NominationContent:
    """File the dossier for the first time: from this day on its legal regime is fixed (RULES A01).

    Args:
        ctx: the step's context; the table of required documents leaves its trace there.
        nomination: whose dossier.
        values: the fields of the proposal as typed.

    Raises:
        InvalidInputError: something is wrong with a field, or a required document is neither filed nor on paper.
        RoundWithoutGuidanceError, RoundClosedError: the unit may not file today.

    """
    found = require_open(ctx, nomination.round_key, nomination.unit_id)
    allowed = Period(found.period_from, found.period_to)
    refuse_found(proposal_problems(values, kind=nomination.nominee_kind, allowed=allowed, today=ctx.today))
    inputs = dossier.table_inputs(nomination, values["proposed_form"], values["ground"])
    required = dossier.read_required(ctx.decide(dossier.TABLE, inputs, ctx.today))
    items = dossier.items_of(required, documents.documents_of(ctx.session, nomination.nomination_id), values["paper"])
    refuse_found([("paper", "document_missing", {"item": item}) for item in missing_items(items)])
    content = queries.content_of(ctx.session, nomination.nomination_id)
    return _write_content(ctx, nomination, content, values, filed_on=ctx.today, paper=sorted(set(values["paper"])))


def supplement(ctx: StepContext, nomination: Nomination, values: Mapping[str, Any]) -> NominationContent:
    """Mend a returned dossier: only what the checker flagged may change (RULES D07). The day of filing stays.

    Args:
        ctx: the step's context.
        nomination: whose dossier.
        values: only the fields that were sent, `paper` and `note`.

    Raises:
        InvalidInputError: a field that was not flagged was changed, a flagged item is still open, or as on filing.

    """
    content = queries.content_of(ctx.session, nomination.nomination_id)
    check = queries.latest_check(ctx.session, nomination.nomination_id)
    if check is None:
        raise RuntimeError("a dossier is supplemented only after a check returned it")
    flagged = queries.flagged_items(ctx.session, nomination.nomination_id)
    before = values_of(ctx, nomination, content)
    merged = {**before, **{name: value for name, value in values.items() if name in before}}
    mended = Mended(
        changed=[name for name in before if merged[name] != before[name]],
        filed=dossier.filed_since(ctx.session, nomination.nomination_id, check), paper=values["paper"],
    )  # fmt: skip
    refuse_found(supplement_problems(flagged, mended, values["note"]))
    found = campaigns.find_round(ctx.session, nomination.round_key)
    if found is None:
        raise RuntimeError("a nomination without its round")
    allowed = Period(found.period_from, found.period_to)
    refuse_found(proposal_problems(merged, kind=nomination.nominee_kind, allowed=allowed, today=ctx.today))
    paper = sorted((set(content.paper_kinds) - flagged.keys()) | set(values["paper"]))
    values = {**merged, "note": values["note"]}
    return _write_content(ctx, nomination, content, values, filed_on=content.filed_on, paper=paper)


def values_of(ctx: StepContext, nomination: Nomination, content: NominationContent) -> dict[str, Any]:
    """Return the fields of a proposal as they stand, the letter's among them."""
    letter = queries.submission_of(ctx.session, content.submission_id)
    found = {name: getattr(content, name) for name in CONTENT_FIELDS}
    found["proposed_form"] = content.proposed_form.value
    found["letter_number"] = letter.letter_number if letter else ""
    found["letter_on"] = letter.letter_on if letter else None
    return found


def _write_content(
    ctx: StepContext, nomination: Nomination, content: NominationContent, values: Mapping[str, Any], *,
    filed_on: date | None, paper: list[str],
) -> NominationContent:  # fmt: skip
    letter = _letter(ctx, nomination, content.submission_id, values["letter_number"], values["letter_on"])
    fields = {name: values[name] for name in CONTENT_FIELDS} | {"proposed_form": AwardForm(values["proposed_form"])}
    return amend(
        ctx, content, **fields, submission_id=letter, filed_on=filed_on, paper_kinds=paper, note=values["note"]
    )


def withdraw(ctx: StepContext, nomination: Nomination, reason: str) -> Withdrawal:
    """Take a nomination back before the council sits; who checks it is told."""
    row = write(ctx, Withdrawal, key="nomination_id", nomination_id=nomination.nomination_id, reason=reason)
    checker = ctx.variables.get("checker_id")
    if checker:
        ctx.notify(str(checker), "nomination.withdrawn", about=nomination.nomination_id)
    return row

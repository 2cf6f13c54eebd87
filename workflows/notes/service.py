"""Writes notes and their corrections."""

from engine.context import StepContext
from workflows.errors import NotYourNoteError
from workflows.facts import amend, newest, write_new
from workflows.forms import refuse
from workflows.notes.models import Audience, CaseNote, Opinion
from workflows.organisation import queries as organisation


def write_note(ctx: StepContext, *, audience: str, text: str, task_id: str = "") -> CaseNote:
    """Keep a note on the case of the context; the history gets its hash, circle and ids, never its text.

    Raises:
        InvalidInputError: a note for the unit by somebody who belongs to none.

    """
    held = organisation.posts_on(ctx.session, ctx.today, [ctx.actor.id]).get(ctx.actor.id)
    if audience == Audience.UNIT and held is None:
        raise refuse("audience", "note_without_unit")
    row = write_new(
        ctx, CaseNote, "note_id", business_key=ctx.business_key, task_id=task_id, author_id=ctx.actor.id,
        author_unit_id=held[1].unit_id if held else "", on_behalf_of=ctx.actor.on_behalf_of,
        audience=Audience(audience), written_at=ctx.now, text=text,
    )  # fmt: skip
    ctx.note(note=row.note_id, audience=row.audience.value)
    return row


def give_opinion(ctx: StepContext, *, opinion: Opinion, text: str) -> Opinion:
    """Keep the reasons of an opinion as a note for those who handle the case, on the task that asked for it.

    Raises:
        InvalidInputError: no agreement, and no reason why.

    """
    if opinion is not Opinion.AGREE and not text:
        raise refuse("text", "required")
    if text:
        write_note(ctx, audience=Audience.HANDLERS, text=text, task_id=str(ctx.task_id or ""))
    ctx.note(opinion=opinion.value)
    return opinion


def correct_note(ctx: StepContext, *, note_id: str, text: str) -> CaseNote:
    """Add a version to one's own note; the circle of its readers stays.

    Raises:
        InvalidInputError: no such note on this case.
        NotYourNoteError: somebody else wrote it.

    """
    row = newest(ctx.session, CaseNote, "note_id", note_id)
    if row is None or row.business_key != ctx.business_key:
        raise refuse("note_id", "note_unknown")
    if row.author_id != ctx.actor.id:
        raise NotYourNoteError("only its author corrects a note", note=note_id)
    ctx.note(note=note_id, audience=row.audience.value, version=row.version + 1)
    return amend(ctx, row, text=text)

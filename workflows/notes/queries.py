"""Reads notes as one person may see them. Nothing here writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from engine.context import Actor
from workflows.facts import latest
from workflows.notes.models import CaseNote
from workflows.notes.rules import CLASS_OF, reads
from workflows.organisation import queries as organisation
from workflows.rulebook.visibility import REASONED_REQUEST, may_see


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note as one person sees it; `text` is None where it may not be read, `access` then says what would open it."""

    note_id: str
    version: int
    audience: str
    field_class: str
    author_id: str
    on_behalf_of: str
    task_id: str
    at: datetime
    text: str | None
    access: str
    own: bool


def notes_of(session: Session, business_key: str) -> Sequence[CaseNote]:
    """Return the newest version of each note on a case, in the order they were first written. Sensitive."""
    query = latest(CaseNote, "note_id").where(CaseNote.business_key == business_key)
    return sorted(session.scalars(query), key=lambda row: (row.written_at, row.note_id))


def notes_seen_by(
    session: Session, business_key: str, actor: Actor, on: date, *, opened: Collection[str] = ()
) -> list[NoteView]:
    """Return the notes on a case as a person who may read the case sees them on a day.

    Args:
        session: reads the facts.
        business_key: of the case.
        actor: the viewer.
        on: the day that chooses the table `visibility`.
        opened: classes that a reasoned request, already recorded, opened for this viewer.

    """
    rows = notes_of(session, business_key)
    if not rows:
        return []
    held = organisation.posts_on(session, on, [actor.id]).get(actor.id)
    unit_id = held[1].unit_id if held else ""
    access = {name: may_see(session, name, actor, on) for name in CLASS_OF.values()}
    access |= {name: "yes" for name, found in access.items() if name in opened and found == REASONED_REQUEST}
    return [_view(row, actor, access[CLASS_OF[row.audience.value]], unit_id) for row in rows]


def _view(row: CaseNote, actor: Actor, access: str, unit_id: str) -> NoteView:
    own = row.author_id == actor.id
    same_unit = bool(unit_id) and row.author_unit_id == unit_id
    readable = reads(access, own=own, audience=row.audience.value, same_unit=same_unit)
    return NoteView(
        row.note_id, row.version, row.audience.value, CLASS_OF[row.audience.value], row.author_id, row.on_behalf_of,
        row.task_id, row.written_at, row.text if readable else None, "yes" if readable else access, own,
    )  # fmt: skip

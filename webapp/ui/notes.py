"""The notes on a case as one person may read them, and whether that person may write one."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from engine.db import reading
from webapp import current
from webapp.ui.words import remember_people
from workflows.nominations import queries as nominations
from workflows.notes import queries
from workflows.notes.queries import NoteView
from workflows.notes.rules import CLASS_OF
from workflows.rulebook.visibility import may_see

WRITE, CORRECT = "notes.write_note", "notes.correct_note"


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of a case.

    Attributes:
        shown: those this person may read, oldest first.
        hidden: classes of those there are besides; `write` is where a note is written, empty when it is not.

    """

    shown: tuple[NoteView, ...] = ()
    hidden: tuple[str, ...] = ()
    write: str = ""


def notes_on(business_key: str, *, running: bool, task_id: str = "", opened: frozenset[str] = frozenset()) -> Notes:
    """Return the notes on a case for the person of this request."""
    actor, on = current.actor(), current.business_today()
    with reading(current.sessions()) as reader:
        found = queries.notes_seen_by(reader, business_key, actor, on, opened=opened)
        writes = running and not current.holds("auditor") and (
            may_see(reader, CLASS_OF["HANDLERS"], actor, on) == "yes" or _proposes(nominations.parties(
                reader, business_key, on))
        )  # fmt: skip
    remember_people(one for note in found for one in (note.author_id, note.on_behalf_of))
    back = request.full_path.rstrip("?") if request.method == "GET" else request.path
    given: dict[str, Any] = {"task_id": task_id} if task_id else {}
    return Notes(
        tuple(note for note in found if note.text is not None),
        tuple(dict.fromkeys(note.field_class for note in found if note.text is None)),
        url_for("acts.show_message", step_key=WRITE, case=business_key, next=back, **given) if writes else "",
    )  # fmt: skip


def _proposes(case: nominations.CaseParties | None) -> bool:
    actor = current.actor()
    return case is not None and (case.proposer_id == actor.id or actor.holds("unit_head", case.unit_id))

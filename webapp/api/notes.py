"""Notes on a case, as their reader may see them; written by `POST messages`, as `notes.write_note`."""

from dataclasses import asdict
from typing import Any

from engine.db import reading
from webapp import current
from webapp.api import schemas
from webapp.api.base import endpoints
from webapp.security import STAFF, allowed
from webapp.ui.words import person
from webapp.visibility import require_visible_case
from workflows.nominations import queries as nominations
from workflows.notes.queries import notes_seen_by

blp = endpoints("notes", "Notes on cases, each for a circle of readers.", "/nominations")


@blp.route("/<string:nomination_id>/notes")
@allowed(STAFF)
@blp.response(200, schemas.NoteList)
def list_notes(nomination_id: str) -> dict[str, Any]:
    """List the notes on a case, oldest first; of what you may not read only that it is there."""
    with reading(current.sessions()) as reader:
        key = nominations.get_nomination(reader, nomination_id).business_key
    require_visible_case(key)
    with reading(current.sessions()) as reader:
        found = notes_seen_by(reader, key, current.actor(), current.business_today())
    return {"items": [{**asdict(note), "author": person(note.author_id)} for note in found]}

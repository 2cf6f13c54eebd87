"""Why people decided as they did: the stated reasons behind events, found by the facts the events name."""

from sqlalchemy.orm import Session

from engine.db import reading
from webapp import current
from workflows.decisions import queries as decisions
from workflows.nominations import queries as nominations
from workflows.nominations.models import NoteKind


def reasons_of(nomination_id: str) -> dict[str, str]:
    """Return the reason behind each fact of a nomination, by the fact's name as events carry it (`table:id`)."""
    with reading(current.sessions()) as reader:
        return {name: text for name, text in _stated(reader, nomination_id) if text}


def _stated(reader: Session, nomination_id: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    check = nominations.latest_check(reader, nomination_id)
    if check is not None:
        items = [str(item["reason"]) for item in check.items if item.get("reason")]
        found.append((f"completeness_check:{check.id}", "\n".join(part for part in (check.reason, *items) if part)))
    for kind in NoteKind:
        note = nominations.intake_note(reader, nomination_id, kind)
        if note is not None:
            found.append((f"intake_note:{note.id}", note.text))
    found += [
        (f"director_decision:{row.id}", row.reason) for row in decisions.director_decisions_of(reader, nomination_id)
    ]
    return found

"""What is typed so far is kept as a draft, once for each text of a page however often it is sent."""

from typing import Any
from uuid import UUID

from flask import request

from engine import queries
from engine.commands.drafts import save_draft
from engine.errors import RequestMismatchError
from webapp import current
from webapp.requests import sent_key


def read_version() -> int:
    """Return the version the page has read; the one of the other text when the person chose to go on from there."""
    text = (request.form.getlist("_version") or ["0"])[-1]
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def keep_draft(task_id: UUID, values: dict[str, Any]) -> int:
    """Keep what the form of a task holds and return the draft's new version.

    A save is named by the page's key and the version it goes over, so that the same text sent again gets the first
    answer. A page whose last answer got lost (it typed on, the line broke) has read an older version than it made
    itself: where the stored one bears this page's name, the next text goes over it; where not, it was saved elsewhere.

    Raises:
        StaleDraftError: it was saved elsewhere since.
        EngineError: the door refuses.

    """
    engine, actor, key, version = current.engine(), current.actor(), sent_key(), read_version()
    if key is None:
        return save_draft(engine, task_id, actor, values, version)
    stored = queries.stored_draft(engine, task_id, actor)[1]
    if stored > version:
        try:
            return save_draft(engine, task_id, actor, values, stored - 1, idempotency_key=_name(key, stored - 1))
        except RequestMismatchError:  # made by this page with another text
            version = stored
    return save_draft(engine, task_id, actor, values, version, idempotency_key=_name(key, version))


def _name(key: str, version: int) -> str:
    return f"{key}:draft:{version}"

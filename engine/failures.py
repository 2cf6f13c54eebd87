"""What went wrong, in a form that can be kept and grouped: the class of the error and where it happened."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from engine.errors import TimersBrokenError
from engine.text import storable

_PLACE = "_thidua_place"
LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Place:
    """The element of a diagram, and the step it called, where something broke; empty when nobody knows."""

    process_key: str = ""
    element_id: str = ""
    step_key: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as it is kept: never the values a person typed, which the text of a bug might hold.

    Attributes:
        error_class: name of the error's class.
        text: what an operator reads.

    """

    error_class: str
    text: str
    place: Place = Place()

    def columns(self, kind: str, key: str) -> dict[str, Any]:
        """Return what a job of that kind and key says of this failure; an unknown place leaves the job's own."""
        return {
            "error": self.text, "error_class": self.error_class, "cause": cause_of(kind, key, self),
            **({"process_key": self.place.process_key, "element_id": self.place.element_id}
               if self.place.element_id else {}),
        }  # fmt: skip


@contextmanager
def happening_at(place: Place) -> Iterator[None]:
    """Mark whatever is raised inside with its place; the innermost place stays."""
    try:
        yield
    except Exception as error:
        with suppress(Exception):  # there are errors that let nothing be added to them
            if not hasattr(error, _PLACE):
                setattr(error, _PLACE, place)
        raise


def place_of(error: BaseException) -> Place:
    """Return where an error, or one that led to it, was raised."""
    seen: BaseException | None = error
    met: set[int] = set()
    while seen is not None and id(seen) not in met:
        found = getattr(seen, _PLACE, None)
        if isinstance(found, Place):
            return found
        met.add(id(seen))
        seen = seen.__cause__ or seen.__context__
    return Place()


def failure_of(error: Exception, *, quiet: bool = False) -> Failure:
    """Return an error as it is kept; `quiet` keeps its class alone, as for what runs inside a case."""
    place = place_of(error)
    if isinstance(error, TimersBrokenError) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    name = type(error).__name__
    return Failure(name, name if quiet else f"{name}{_words_of(error)}"[:LONGEST_TEXT], place)


def _words_of(error: Exception) -> str:
    """Return what an error says as every database keeps it; nothing of one that cannot say anything."""
    try:
        return storable(f": {error}"[:LONGEST_TEXT])
    except Exception:  # whatever a foreign error does when it is asked for words
        return ""


def cause_of(kind: str, key: str, failure: Failure) -> str:
    """Return the short name of a cause: the same step, at the same element, with the same class of error."""
    parts = (kind, key, failure.place.process_key, failure.place.element_id, failure.error_class)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]

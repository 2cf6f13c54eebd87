"""What went wrong, in a form that can be kept and grouped: the class of the error and where it happened."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engine.errors import TimersBrokenError

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
        if not hasattr(error, _PLACE):
            setattr(error, _PLACE, place)
        raise


def place_of(error: BaseException) -> Place:
    """Return where an error, or one that led to it, was raised."""
    seen: BaseException | None = error
    while seen is not None:
        found = getattr(seen, _PLACE, None)
        if isinstance(found, Place):
            return found
        seen = seen.__cause__ or seen.__context__
    return Place()


def failure_of(error: Exception, *, quiet: bool = False) -> Failure:
    """Return an error as it is kept; `quiet` keeps its class alone, as for what runs inside a case."""
    place = place_of(error)
    if isinstance(error, TimersBrokenError) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    name = type(error).__name__
    return Failure(name, name if quiet else f"{name}: {error}"[:LONGEST_TEXT], place)


def cause_of(kind: str, key: str, failure: Failure) -> str:
    """Return the short name of a cause: the same step, at the same element, with the same class of error."""
    parts = (kind, key, failure.place.process_key, failure.place.element_id, failure.error_class)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]

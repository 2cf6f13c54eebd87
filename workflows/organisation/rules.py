"""Pure rules of the organisation: names as they are kept, and how dated records may lie beside each other."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol
from unicodedata import normalize

from engine.text import fold
from workflows.organisation.vietnamese import name_key


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last, both included; open when `last` is None."""

    first: date
    last: date | None = None

    @property
    def in_order(self) -> bool:
        """Tell whether it does not end before it begins."""
        return self.last is None or self.first <= self.last

    def contains(self, day: date) -> bool:
        """Tell whether a day lies in it."""
        return self.first <= day and (self.last is None or day <= self.last)

    def overlaps(self, other: "Period") -> bool:
        """Tell whether both share a day."""
        return (self.last is None or other.first <= self.last) and (other.last is None or self.first <= other.last)

    def within(self, other: "Period") -> bool:
        """Tell whether every day of it is a day of the other."""
        if self.first < other.first:
            return False
        return other.last is None or (self.last is not None and self.last <= other.last)


class DeputyVotes(StrEnum):
    """Who may vote in the place of somebody who votes, as the policy `deputy_votes` says."""

    NOBODY = "NOBODY"
    NON_MEMBERS = "NON_MEMBERS"
    ANYBODY = "ANYBODY"


def deputy_votes(policy: object) -> DeputyVotes:
    """Return what the policy `deputy_votes` lets deputies do: `true`, `"NON_MEMBERS"`, and anything else is no.

    With `NON_MEMBERS` only somebody who has no vote himself; with `true` a member too, who then casts his own ballot
    and, apart from it, the other one.
    """
    if policy is True:
        return DeputyVotes.ANYBODY
    return DeputyVotes.NON_MEMBERS if policy == DeputyVotes.NON_MEMBERS else DeputyVotes.NOBODY


class Dated(Protocol):
    """A record with a first day and perhaps a last."""

    valid_from: Any
    valid_to: Any


def period_of(row: Dated) -> Period:
    """Return the days on which a dated record holds."""
    return Period(row.valid_from, row.valid_to)


def words(text: str) -> str:
    """Return text in NFC with one blank between words."""
    return " ".join(normalize("NFC", text).split())


def name_columns(family_name: str, middle_name: str, given_name: str) -> dict[str, str]:
    """Return a person's name as the table keeps it: its parts, whole, as rolls sort it and as people search it."""
    parts = [words(part) for part in (family_name, middle_name, given_name)]
    full_name = " ".join(part for part in parts if part)
    return {
        "family_name": parts[0], "middle_name": parts[1], "given_name": parts[2], "full_name": full_name,
        "sort_key": name_key(full_name), "search_key": fold(full_name),
    }  # fmt: skip

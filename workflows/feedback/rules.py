"""When a comment is taken and what it does, judged on plain values."""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

CLOSING_HOUR = 17
"""Offices close at 17:00: a window ends with the working day."""


class Reception(StrEnum):
    """What becomes of a comment at this moment."""

    NOT_OPEN = "not_open"
    CLOSED = "closed"
    KEPT = "kept"
    MOVES = "moves"


def serious_kinds(policy: str) -> frozenset[str]:
    """Return the kinds that the policy `serious_types` lists, e.g. `VIOLATION,FALSE_ACHIEVEMENT`."""
    return frozenset(part.strip() for part in policy.split(",") if part.strip())


def receive(
    *, serious: bool, now: datetime, closes_at: datetime | None, summarised: bool, unverified: bool
) -> Reception:
    """Tell what becomes of a comment given now (RULES E01, E03).

    Args:
        serious: it asks for a verification.
        now: the business instant.
        closes_at: the end of the window, None before it opened.
        summarised: Văn phòng has handed in its summary; nothing more is taken.
        unverified: a verification is under way; it covers further serious comments too.

    """
    if closes_at is None:
        return Reception.NOT_OPEN
    if summarised or (not serious and now >= closes_at):
        return Reception.CLOSED
    if serious and not unverified:
        return Reception.MOVES
    return Reception.KEPT


def end_of_window(due: datetime, zone: ZoneInfo) -> datetime:
    """Return the close of business of the day on which a window is due to end."""
    return due.astimezone(zone).replace(hour=CLOSING_HOUR, minute=0, second=0, microsecond=0)

"""Opaque places in a list: the sort key of the last row shown, so that a page costs the same wherever it lies."""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from engine.errors import InvalidInputError

MAXIMUM_LIMIT = 500
_LONGEST = 400


def encode(*place: datetime | str | int) -> str:
    """Return a sort key as text that means nothing to its reader."""
    parts = [part.isoformat() if isinstance(part, datetime) else part for part in place]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str, *readers: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Return the sort key of a cursor, each part read by its reader.

    Raises:
        InvalidInputError: it was not made by `encode` for a list of this kind.

    """
    try:
        if len(cursor) > _LONGEST:
            raise ValueError("too long")
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(parts, list):
            raise TypeError("no list")
        return tuple(reader(part) for reader, part in zip(readers, parts, strict=True))
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as fault:
        raise InvalidInputError("the cursor is broken", fields={"cursor": ["broken_cursor"]}) from fault


def instant(part: Any) -> datetime:
    """Read an aware instant.

    Raises:
        ValueError, TypeError, OverflowError: it is none.

    """
    found = datetime.fromisoformat(part)
    if found.tzinfo is None:
        raise ValueError("naive datetime")
    return found.astimezone(UTC)


def whole(part: Any) -> int:
    """Read a whole number that a database column can hold.

    Raises:
        ValueError: it is none.

    """
    if isinstance(part, bool) or not isinstance(part, int) or not 0 <= part < 2**31:
        raise ValueError("no whole number")
    return part


def text(part: Any) -> str:
    """Read a text.

    Raises:
        TypeError: it is none.

    """
    if not isinstance(part, str):
        raise TypeError("no text")
    return part


def clamp(limit: int) -> int:
    """Return a page size between 1 and the largest allowed."""
    return max(1, min(limit, MAXIMUM_LIMIT))

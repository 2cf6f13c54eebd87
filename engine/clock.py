"""The only module that may ask the operating system for the time."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Tells the time. The business clock may stand elsewhere than the machine's."""

    def now(self) -> datetime:
        """Return the present instant, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock: sign-in, leases and rate limits."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


class FakeClock:
    """A clock that moves only when told to; for tests and simulations."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware instant")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant the clock stands at."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move the clock; negative durations are allowed, as real clocks do that too."""
        self._now += by

    def set(self, instant: datetime) -> None:
        """Put the clock on `instant` (aware)."""
        self._now = instant.astimezone(UTC)


def local_date(instant: datetime) -> date:
    """Return the calendar day of an instant in Vietnam; every date, year and working day is counted so."""
    return instant.astimezone(VIETNAM).date()


class OffsetClock:
    """A clock at a distance from another, for demonstrations. The distance is read anew after half a second."""

    FRESH_SECONDS = 0.5

    def __init__(self, base: Clock, offset_seconds: Callable[[], float]) -> None:
        self._base, self._offset_seconds = base, offset_seconds
        self._offset, self._read_at = 0.0, float("-inf")

    def now(self) -> datetime:
        """Return the base clock's instant moved by the offset."""
        if time.monotonic() - self._read_at > self.FRESH_SECONDS:
            self._offset, self._read_at = self._offset_seconds(), time.monotonic()
        return self._base.now() + timedelta(seconds=self._offset)

    def refresh(self) -> None:
        """Read the distance at the next look: it was changed."""
        self._read_at = float("-inf")

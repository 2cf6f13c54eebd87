"""How far the business clock stands from the machine's: one stored number that every process reads."""

from collections.abc import Callable
from datetime import datetime

from engine.clock import Clock, OffsetClock
from engine.db import SessionFactory, reading, unit_of_work
from engine.models import BusinessClockSetting

ROW = 1


def stored_offset(sessions: SessionFactory) -> Callable[[], float]:
    """Return a function that reads the stored offset in seconds; none is stored before the demonstration is built."""

    def current() -> float:
        with reading(sessions) as session:
            row = session.get(BusinessClockSetting, ROW)
        return row.offset_seconds if row else 0.0

    return current


def business_clock(sessions: SessionFactory, machine: Clock) -> OffsetClock:
    """Return the demonstration's clock: it runs with the machine's, at the stored distance."""
    return OffsetClock(machine, stored_offset(sessions))


def set_business_clock(sessions: SessionFactory, machine: Clock, instant: datetime) -> None:
    """Put the business clock on an instant before there is any case; later it only moves through its door."""
    now = machine.now()
    offset = (instant - now).total_seconds()
    with unit_of_work(sessions) as session:
        row = session.get(BusinessClockSetting, ROW)
        if row is None:
            session.add(BusinessClockSetting(id=ROW, offset_seconds=offset, set_at=now))
        else:
            row.offset_seconds, row.set_at = offset, now

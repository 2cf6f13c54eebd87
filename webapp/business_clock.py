"""The demonstration's business clock: the machine's clock and an offset that every process reads from the database."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.commands.jobs import run_due_jobs
from engine.commands.records import record_event
from engine.commands.timers import run_due_timers

from engine.clock import Clock
from engine.context import Actor
from engine.db import SessionFactory, reading, unit_of_work
from engine.errors import InvalidInputError
from engine.models import BusinessClockSetting
from engine.runtime_environment import Engine

ROW = 1
FRESH_SECONDS = 0.5
LONGEST_STEP = timedelta(days=366)


class ClockStepError(InvalidInputError):
    """The clock moves forward only, by at most a year at once, and only in a demonstration."""

    code = "clock_step"


@dataclass
class BusinessClock:
    """Machine time and the stored offset; the offset is read again after half a second."""

    sessions: SessionFactory
    machine: Clock
    _offset: timedelta = field(default=timedelta(0))
    _read_at: float = field(default=float("-inf"))

    def now(self) -> datetime:
        """Return the business instant in UTC."""
        if time.monotonic() - self._read_at > FRESH_SECONDS:
            with reading(self.sessions) as session:
                row = session.get(BusinessClockSetting, ROW)
            self._offset = timedelta(seconds=row.offset_seconds) if row else timedelta(0)
            self._read_at = time.monotonic()
        return self.machine.now() + self._offset

    def forget(self) -> None:
        """Read the offset again at the next question."""
        self._read_at = float("-inf")


def set_business_clock(sessions: SessionFactory, machine: Clock, instant: datetime) -> None:
    """Put the business clock on an instant; it runs on from there."""
    now = machine.now()
    with unit_of_work(sessions) as session:
        row = session.get(BusinessClockSetting, ROW)
        offset = (instant - now).total_seconds()
        if row is None:
            session.add(BusinessClockSetting(id=ROW, offset_seconds=offset, set_at=now))
        else:
            row.offset_seconds, row.set_at = offset, now


def advance_business_clock(engine: Engine, by: timedelta, actor: Actor) -> int:
    """Move the demonstration's clock forward and run what became due; return how many timers fired.

    Raises:
        ClockStepError: backwards, too far, or this engine's clock is the machine's.

    """
    clock = engine.clock
    if not isinstance(clock, BusinessClock) or not timedelta(0) < by <= LONGEST_STEP:
        raise ClockStepError
    set_business_clock(engine.sessions, engine.machine_clock, clock.now() + by)
    clock.forget()
    record_event(engine, "clock.moved", actor, seconds=int(by.total_seconds()))
    fired = 0
    while done := run_due_timers(engine):
        fired += done
        run_due_jobs(engine)
    run_due_jobs(engine)
    return fired

"""When people are reminded: rows of the dated table `deadlines`, by the day the task was opened."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from engine.clock import local_date
from engine.context import DecisionContext
from engine.tables import plain
from workflows.rulebook import queries
from workflows.rulebook.calendar import add_working_days


@dataclass(frozen=True, slots=True)
class Deadline:
    """One row of `deadlines`.

    Attributes:
        days: the time allowed.
        first: days after the opening until the first reminder.
        repeat: days between further reminders; None for a single one.
        most: how many reminders at most; None without end.
        working: days are working days, else calendar days.

    """

    days: int
    first: int
    repeat: int | None
    most: int | None
    working: bool


def deadline(session: Session, key: str, opened: datetime) -> Deadline:
    """Return the deadline in force on the day a task was opened.

    Raises:
        DmnError: the table has no row of that key.

    """
    row = plain(queries.decide(session, "deadlines", {"key": key}, local_date(opened)).value)
    return Deadline(row["days"], row["first"], row["repeat"], row["most"], row["working"])


def after(session: Session, start: datetime, days: int, *, working: bool) -> datetime:
    """Return the instant some days after another, at the same time of day in Vietnam."""
    return add_working_days(session, start, days) if working else start + timedelta(days=days)


def due_at(session: Session, key: str, opened: datetime) -> datetime:
    """Return until when a task opened then should be done."""
    found = deadline(session, key, opened)
    return after(session, opened, found.days, working=found.working)


def done_by(ctx: DecisionContext, key: str, since: datetime) -> datetime | None:
    """Engine hook: until when a task opened then should be done; later the head of its unit hears of it."""
    return due_at(ctx.session, key, since)


def next_reminder(ctx: DecisionContext, key: str, since: datetime, count: int) -> datetime | None:
    """Engine hook: when to remind next of a task opened at `since`, after `count` reminders; None for no more."""
    found = deadline(ctx.session, key, since)
    if (found.most is not None and count >= found.most) or (count > 0 and found.repeat is None):
        return None
    return after(ctx.session, since, found.first + count * (found.repeat or 0), working=found.working)

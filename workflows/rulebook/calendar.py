"""Working days of public bodies in Vietnam, counted over the dated table `holidays`."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from engine.clock import VIETNAM, local_date
from engine.context import DecisionContext, FunctionFactory
from engine.tables import in_force
from workflows.rulebook import queries

MomentT = TypeVar("MomentT", date, datetime)
_MOST_DAYS = 2_000
_known: dict[tuple[str, date], bool] = {}  # by the table's hash, whose meaning never changes


def is_working_day(session: Session, day: date) -> bool:
    """Tell whether offices work on a day: Monday to Friday and ordered Saturdays, holidays left out.

    Raises:
        NoTableInForceError: no calendar of holidays holds on that day.

    """
    key = (in_force(session, "holidays", day).sha256, day)
    if key not in _known:
        rows = queries.decide(session, "holidays", {"day": day}, day).value or []
        kinds = {row["kind"] for row in rows}
        _known[key] = "work" in kinds or (day.weekday() < 5 and "off" not in kinds)
    return _known[key]


def add_working_days(session: Session, start: MomentT, count: int) -> MomentT:
    """Return the moment `count` working days after `start`; the day of `start` itself is not counted.

    Args:
        session: reads the holidays.
        start: a date, or an instant whose day is taken in Vietnam and whose time of day is kept.
        count: whole working days, 0 or more; with 0 the next working day on or after `start`.

    Raises:
        ValueError: a negative count, or one so large that no deadline can be meant.

    """
    if not 0 <= count <= _MOST_DAYS:
        raise ValueError("working days must be between 0 and 2,000")
    day = local_date(start) if isinstance(start, datetime) else start
    left = count
    while left > 0 or not is_working_day(session, day):
        day += timedelta(days=1)
        if left > 0 and is_working_day(session, day):
            left -= 1
    if isinstance(start, datetime):
        local = start.astimezone(VIETNAM)
        return datetime.combine(day, local.timetz().replace(tzinfo=None), VIETNAM).astimezone(start.tzinfo)
    return day


def _add_working_days(ctx: DecisionContext) -> Callable[..., Any]:
    def function(moment: date | datetime | None, count: Decimal | int | None) -> date | datetime | None:
        if moment is None or count is None:
            return None
        return add_working_days(ctx.session, moment, int(count))

    return function


FUNCTIONS: dict[str, FunctionFactory] = {"add working days": _add_working_days}
"""FEEL functions that diagrams and tables may call."""

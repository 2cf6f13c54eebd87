"""Door of the business clock, for demonstrations: it moves on, and what falls due happens."""

from datetime import timedelta
from typing import Any

from engine import access, idempotency
from engine.chain import EventKind
from engine.clock import OffsetClock
from engine.commands.timers import run_due_timers
from engine.context import Actor
from engine.errors import InvalidInputError
from engine.idempotency import Request
from engine.models import BusinessClockSetting
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter

MAXIMUM_SWEEPS = 1000


def advance_business_clock(engine: Engine, actor: Actor, by: timedelta, *, idempotency_key: str | None = None) -> int:
    """Move the business clock on and fire what falls due; return how many cases moved.

    The engine's clock must be an `OffsetClock` over the stored setting; the wiring sees to that.

    Raises:
        ForbiddenError: the actor is no operator.
        InvalidInputError: the clock would go backwards or stand still.

    """

    def work(transaction: Transaction) -> None:
        seconds = {"seconds": str(by.total_seconds())}
        request = Request("advance_business_clock", "", idempotency_key, seconds)
        idempotency.once(transaction, request, lambda: move(transaction))

    def move(transaction: Transaction) -> dict[str, Any]:
        access.require_operator(engine.registry, actor)
        if by <= timedelta(0):
            raise InvalidInputError("the clock only moves on", fields={"by": ["not_positive"]})
        setting = transaction.session.get(BusinessClockSetting, 1)
        if setting is None:
            setting = BusinessClockSetting(id=1, offset_seconds=0.0, set_at=engine.machine_clock.now())
            transaction.session.add(setting)
        setting.offset_seconds += by.total_seconds()
        setting.set_at = engine.machine_clock.now()
        transaction.system_event(EventKind.CLOCK_ADVANCED, seconds=int(by.total_seconds()))
        return {}

    enter(engine, "advance_business_clock", actor, {}, work)
    if isinstance(engine.clock, OffsetClock):
        engine.clock.refresh()
    moved = 0
    for _sweep in range(MAXIMUM_SWEEPS):
        count = run_due_timers(engine)
        moved += count
        if count == 0:
            break
    return moved

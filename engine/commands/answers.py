"""Door of kept answers: after a month nobody repeats a request, and what it was answered may go. Not history."""

from datetime import timedelta

from sqlalchemy import delete, select

from engine.commands.pulses import beat
from engine.context import SYSTEM
from engine.db import table_of
from engine.models import IdempotencyRecord
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter

KEPT = timedelta(days=30)
"""A browser or program repeats a request within minutes, one that was switched off over a holiday within days."""
AT_ONCE = 2_000


def forget_old_answers(engine: Engine) -> int:
    """Delete the answers to requests that were given longer ago than `KEPT`, some per transaction; return how many."""
    record = table_of(IdempotencyRecord)

    def work(transaction: Transaction) -> int:
        old = select(record.c.id).where(record.c.at < transaction.now - KEPT).limit(AT_ONCE)
        return transaction.session.connection().execute(delete(record).where(record.c.id.in_(old))).rowcount

    gone = 0
    while found := enter(engine, "forget_old_answers", SYSTEM, {}, work):
        gone += found
    beat(engine, "answers", gone)
    return gone

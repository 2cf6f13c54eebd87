"""Door of background duties: when each last ran, for the administration page. Not history; nothing is hashed."""

from sqlalchemy import insert, update

from engine.context import SYSTEM
from engine.db import table_of
from engine.models import WorkerPulse
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter


def beat(engine: Engine, duty: str, count: int) -> None:
    """Note, by the machine's clock, that a duty ran and how much it did.

    The doors of due timers and due jobs beat on their own; other duties of the worker call this.
    """

    def work(transaction: Transaction) -> None:
        values = {"at": engine.machine_clock.now(), "count": count}
        connection = transaction.session.connection()
        changed = connection.execute(
            update(table_of(WorkerPulse)).where(table_of(WorkerPulse).c.duty == duty).values(values)
        )
        if changed.rowcount == 0:
            connection.execute(insert(table_of(WorkerPulse)), [{"duty": duty, **values}])

    enter(engine, "beat", SYSTEM, {"duty": duty}, work)

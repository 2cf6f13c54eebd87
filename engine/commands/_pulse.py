"""When background duties last ran, for the administration page."""

from sqlalchemy import insert, update

from engine.context import SYSTEM
from engine.models import WorkerPulse
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter


def beat(engine: Engine, duty: str, count: int) -> None:
    """Note, by the machine's clock, that a duty ran and how much it did."""

    def work(transaction: Transaction) -> None:
        values = {"at": engine.machine_clock.now(), "count": count}
        connection = transaction.session.connection()
        changed = connection.execute(
            update(WorkerPulse.__table__).where(WorkerPulse.__table__.c.duty == duty).values(values)
        )
        if changed.rowcount == 0:
            connection.execute(insert(WorkerPulse.__table__), [{"duty": duty, **values}])

    enter(engine, "beat", SYSTEM, {"duty": duty}, work)

"""What an idle look for due work costs with a million timers: `python -m tests.bench.due_work`.

Beside it, on the same connection, the smallest statement there is: what remains is the server's and the driver's.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from engine.commands import jobs, stuck, timers
from engine.db import reading
from engine.models import DueTimer, ProcessInstance
from tests.paths.test_due_work import timer
from tests.paths.test_jobs_and_timers import ringing
from tests.support import postgresql
from tests.support.small_engine import MORNING, SmallEngine, service, small_engine, user

CASES, TIMERS_OF_EACH, BATCH = 100_000, 10, 20_000


def filled(url: str, folder: Path) -> SmallEngine:
    """An engine with a million timers of later."""
    small = small_engine(url, folder / "bpmn", user("room.first"), user("room.second"), service("room.ring"))
    small.deploy(ringing())
    small.start("ringing", "model")
    with small.engine.sessions.kw["bind"].begin() as connection:
        case = dict(connection.execute(sa.select(ProcessInstance)).mappings().one())
        for first in range(1, CASES + 1, BATCH):
            ids = [UUID(int=number) for number in range(first, first + BATCH)]
            connection.execute(
                sa.insert(ProcessInstance), [{**case, "id": found, "business_key": f"n-{found.int}"} for found in ids]
            )
            for each in range(TIMERS_OF_EACH):
                connection.execute(sa.insert(DueTimer), [
                    {**timer(found, MORNING + timedelta(days=365 + each)), "id": UUID(int=found.int + (each + 1) * 10**9),
                     "token": str(each)}
                    for found in ids
                ])  # fmt: skip
        connection.exec_driver_sql("ANALYZE")
    return small


def milliseconds(act: Callable[[], object], times: int = 200) -> float:
    """The median of many."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def measure(name: str, url: str, folder: Path) -> None:
    """Print the costs on one database."""
    small = filled(url, folder)
    with reading(small.engine.sessions) as session:
        looks: dict[str, sa.Select[UUID]] = {
            "timers": timers.due_instances(MORNING, 200), "jobs": jobs.due_jobs(MORNING).limit(100),
        }  # fmt: skip
        costs = {what: milliseconds(lambda q=query: list(session.scalars(q))) for what, query in looks.items()}  # type: ignore[misc]
        costs["select 1"] = milliseconds(lambda: session.scalar(sa.select(1)))
        costs["stuck"] = milliseconds(lambda: list(session.scalars(stuck.stuck_cases(200))), 5)
    print(name, " ".join(f"{what} {cost:.2f} ms" for what, cost in costs.items()))
    small.engine.sessions.kw["bind"].dispose()


def main() -> None:
    """Measure both databases."""
    with tempfile.TemporaryDirectory() as folder:
        measure("sqlite", f"sqlite:///{folder}/thidua.db", Path(folder))
    if programs := postgresql.binaries():
        with tempfile.TemporaryDirectory() as folder, postgresql.own_server(programs) as server:
            measure("postgresql", server.url, Path(folder))


if __name__ == "__main__":
    main()

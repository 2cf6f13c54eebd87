"""Due work is found by an index and a limit, whatever lies in the tables: shown by the databases' own plans."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import jobs, stuck, timers
from engine.context import SYSTEM
from engine.db import reading
from engine.models import DueTimer, Job, JobStatus, ProcessInstance
from tests.paths.test_jobs_and_timers import ringing
from tests.support.small_engine import MORNING, SmallEngine, service, small_engine, user

MANY = 3_000
YEAR = timedelta(days=365)


def fill(small: SmallEngine) -> None:
    """Timers and jobs of later, done jobs, and running cases; statistics of them as a server in use has."""
    model = small.start("ringing", "model")
    bind = small.engine.sessions.kw["bind"]
    with bind.begin() as connection:
        case = dict(connection.execute(sa.select(ProcessInstance)).mappings().one())
        cases = [{**case, "id": UUID(int=number), "business_key": f"n-{number}"} for number in range(1, MANY)]
        connection.execute(sa.insert(ProcessInstance), cases)
        connection.execute(sa.insert(DueTimer), [timer(row["id"], MORNING + YEAR) for row in cases])
        connection.execute(sa.insert(Job), [job(row["id"], number) for number, row in enumerate(cases)])
        connection.exec_driver_sql("ANALYZE")
    assert model.instance.status == "running"


def timer(instance_id: UUID, due_at: datetime) -> dict[str, Any]:
    return {"id": UUID(int=instance_id.int + 10**6), "instance_id": instance_id, "token": "1", "element_id": "late",
            "kind": "timer", "due_at": due_at, "count": 0}  # fmt: skip


def job(instance_id: UUID, number: int) -> dict[str, Any]:
    status = (JobStatus.DONE, JobStatus.PENDING)[number % 2]
    return {
        "id": UUID(int=instance_id.int + 10**7), "kind": "service", "key": "room.print", "instance_id": instance_id,
        "token": "1", "business_key": "", "process_key": "", "element_id": "", "payload": {}, "actor_id": SYSTEM.id,
        "actor_post": "", "status": status, "created_at": MORNING, "due_at": MORNING + YEAR, "leased_until": None,
        "attempts": 0, "error": "", "error_class": "", "cause": "", "note": "",
        "finished_at": MORNING if status == JobStatus.DONE else None,
    }  # fmt: skip


def plan(small: SmallEngine, statement: Any) -> str:
    """How the database would run it, with the values it would run it with."""
    dialect = small.engine.sessions.kw["bind"].dialect
    text = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    word = "EXPLAIN QUERY PLAN" if dialect.name == "sqlite" else "EXPLAIN"
    with reading(small.engine.sessions) as session:
        rows = session.connection().exec_driver_sql(f"{word} {text}").all()
    return "\n".join(str(row[-1]) for row in rows)


@pytest.fixture
def full(database_url: str, tmp_path: Path) -> Iterator[SmallEngine]:
    small = small_engine(database_url, tmp_path / "bpmn", user("room.first"), user("room.second"), service("room.ring"))
    small.deploy(ringing())
    fill(small)
    yield small
    small.engine.sessions.kw["bind"].dispose()


def test_due_work_is_a_walk_of_an_index_that_ends_at_its_limit(full: SmallEngine) -> None:
    of_timers = plan(full, timers.DUE_INSTANCES.params(now=MORNING, most=200))
    of_jobs = plan(full, jobs.due_jobs(MORNING).limit(100))
    if "SEARCH" in of_timers:
        assert "SEARCH due_timer USING COVERING INDEX ix_due_timer_due_at_instance_id (due_at<?)" in of_timers
        assert "SEARCH job USING INDEX ix_job_due (due_at<?)" in of_jobs
        assert "TEMP B-TREE" not in of_timers, "nothing is sorted"
    else:
        assert re.search("Index (Only )?Scan using ix_due_timer_due_at_instance_id on due_timer", of_timers)
        assert "Index Scan using ix_job_due on job" in of_jobs
        assert "Sort" not in of_timers
        assert "Seq Scan on due_timer" not in of_timers
        assert of_timers.startswith("Limit")
    assert timers.run_due_timers(full.engine) == jobs.run_due_jobs(full.engine) == 0


def test_the_search_for_stuck_cases_asks_indexes_alone(full: SmallEngine) -> None:
    """SQLite looks each case up; PostgreSQL, which knows how many rows there are, walks the same indexes in step."""
    found = plan(full, stuck.stuck_cases(200))
    if "SEARCH" in found:
        assert "SCAN process_instance USING INDEX ix_process_instance_running" in found
        for table in ("user_task", "due_timer", "message_subscription", "job"):
            assert f"SEARCH {table} USING" in found
    else:
        assert found.count("Anti Join") == 4
        assert found.startswith("Limit")
    assert stuck.find_stuck_cases(full.engine) == 0

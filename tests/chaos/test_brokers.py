"""Workers and beat as processes of their own, on a real PostgreSQL and a real Redis or RabbitMQ.

Jobs that ring are done, jobs whose ring was lost are swept, a broker that goes and comes back costs a delay, a worker
that is told to stop finishes what it is at and gives back the rest. Each job is done by exactly one attempt.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from celery import Celery

from engine.clock import SystemClock
from engine.context import SYSTEM
from engine.db import Base, open_database
from engine.ids import RandomIds
from engine.models import Job, JobStatus, WorkerPulse
from tests.support import brokers
from tests.support.brokers import Broker
from webapp.settings import from_environment
from webapp.worker import Bell, make_celery

ROOT = Path(__file__).resolve().parents[2]
THIDUA = [sys.executable, "-c", "import sys; from webapp.cli import main; sys.exit(main())"]
PATIENCE = 90
WAVE = 12


@dataclass
class Installation:
    """A database, a broker, and the processes an operator started."""

    database: sa.Engine
    broker: Broker
    environment: dict[str, str]
    app: Celery
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*THIDUA, *command], env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )

    def stop(self, name: str) -> int:
        """Ask a process to end, as systemd and containers do."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(PATIENCE)

    def add_jobs(self, *, rung: bool) -> set[UUID]:
        """A message to a case nobody knows: work that needs no case."""
        now = SystemClock().now()
        rows = [
            {"id": RandomIds().new(), "kind": "message", "key": "nobody", "instance_id": None, "token": "",
             "business_key": "none", "process_key": "", "element_id": "", "payload": {}, "actor_id": SYSTEM.id,
             "actor_post": "", "status": JobStatus.PENDING, "created_at": now, "due_at": now, "leased_until": None,
             "attempts": 0, "error": "", "error_class": "", "cause": "", "note": "", "finished_at": None}
            for _ in range(WAVE)
        ]  # fmt: skip
        with self.database.begin() as connection:
            connection.execute(sa.insert(Job), rows)
        if rung:
            Bell(lambda job_id: self.app.send_task("thidua.run_job", args=[str(job_id)], retry=False)).ring(
                [row["id"] for row in rows]
            )
        return {row["id"] for row in rows}

    def open_jobs(self) -> int:
        query = sa.select(sa.func.count()).select_from(Job).where(Job.status != JobStatus.DONE)
        with self.database.connect() as connection:
            return connection.execute(query).scalar_one()

    def swept(self) -> bool:
        with self.database.connect() as connection:
            return connection.execute(sa.select(WorkerPulse.at).where(WorkerPulse.duty == "jobs")).first() is not None

    def wait_for(self, what: Callable[[], bool], why: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if what():
                return
            for name, process in self.processes.items():
                assert process.poll() is None, f"{name} ended: {self.told(name)}"
            time.sleep(0.1)  # other processes are polled
        raise AssertionError(f"{why}\n" + "\n".join(f"{name}: {self.told(name)}" for name in self.processes))

    def told(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-1500:]


@pytest.fixture(params=["redis", pytest.param("rabbitmq")])
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    find, run, reason = {
        "redis": (brokers.redis_program, brokers.redis, brokers.NO_REDIS),
        "rabbitmq": (brokers.rabbitmq_program, brokers.rabbitmq, brokers.NO_RABBITMQ),
    }[request.param]
    if (program := find()) is None:
        pytest.skip(reason)
    with run(program) as running:
        yield running


@pytest.fixture
def installed(broker: Broker, postgresql_url: str, tmp_path: Path) -> Iterator[Installation]:
    database, _sessions = open_database(postgresql_url)
    Base.metadata.create_all(database)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("THIDUA_")},
        "THIDUA_DATA_DIR": str(tmp_path), "THIDUA_DATABASE_URL": postgresql_url, "THIDUA_BROKER_URL": broker.url,
        "THIDUA_SECRET_KEY": "s" * 40, "THIDUA_WORKER_THREADS": "2",
    }  # fmt: skip
    app = make_celery(from_environment(environment))
    found = Installation(database, broker, environment, app, tmp_path)
    try:
        yield found
    finally:
        for process in found.processes.values():
            process.kill()
            process.wait(20)
        app.pool.force_close_all()
        app.close()
        database.dispose()


@pytest.mark.slow
@pytest.mark.postgresql
def test_workers_and_beat_on_a_real_broker(installed: Installation) -> None:
    installed.start("one", "worker", "--without-beat")
    installed.start("two", "worker", "--without-beat")
    known = installed.add_jobs(rung=True)
    installed.wait_for(lambda: installed.open_jobs() == 0, "a job that rings is done without a sweep")
    assert not installed.swept()

    installed.start("beat", "beat")
    known |= installed.add_jobs(rung=False)
    installed.wait_for(lambda: installed.open_jobs() == 0, "a ring that was lost is found by the sweep")

    installed.broker.stop()
    known |= installed.add_jobs(rung=True)  # nobody hears it, and it raises nothing
    installed.broker.start()
    installed.wait_for(lambda: installed.open_jobs() == 0, "workers and beat find the broker again")

    known |= installed.add_jobs(rung=True)
    assert installed.stop("one") == 0, installed.told("two")
    installed.wait_for(lambda: installed.open_jobs() == 0, "the other worker does the rest at once")
    assert [installed.stop(name) for name in ("beat", "two")] == [0, 0]

    with installed.database.connect() as connection:
        rows = connection.execute(sa.select(Job.id, Job.status, Job.attempts, Job.leased_until, Job.note)).all()
    assert {row.id for row in rows} == known
    assert {(str(row.status), row.attempts, row.leased_until, row.note) for row in rows} == {
        ("done", 1, None, "no_such_case")
    }

"""What the machine does beneath the product: disks fill up, databases go away, clocks are set. Refused, and whole."""

import contextlib
import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import history, queries
from engine.commands.jobs import LEASE, run_due_jobs
from engine.commands.stuck import find_stuck_cases
from engine.commands.tasks import complete_task
from engine.commands.timers import run_due_timers
from engine.context import StepContext, Values
from engine.db import reading
from engine.errors import DatabaseAwayError, StorageFullError
from engine.ids import RandomIds
from engine.models import Job, UserTask
from engine.registry import JobStep
from engine.runtime_environment import Engine
from tests.support import postgresql
from tests.support.diagrams import Diagram
from tests.support.small_engine import AN, SmallEngine, service, small_engine, user
from tests.support.traces import counts_in

DAY = timedelta(days=1)
LONG = "dài " * 400
TOMORROW = 'date and time("2025-06-17T00:00:00Z")'


def straight() -> Diagram:
    return Diagram(key="probe").start().user("first").user("second").end().path("start", "first", "second", "end")


def opened(url: str, folder: Path) -> SmallEngine:
    small = small_engine(url, folder / "bpmn", user("room.first", "answer"), user("room.second", "answer"))
    small.deploy(straight())
    return small


def fill(engine: Engine, tasks: list[UUID]) -> UUID:
    """Complete tasks until there is no room; return the one that was refused."""
    for task_id in tasks:
        before = counts_in(engine.sessions.kw["bind"])
        try:
            complete_task(engine, task_id, AN, {"answer": LONG}, idempotency_key=str(task_id))
        except StorageFullError:
            assert counts_in(engine.sessions.kw["bind"]) == before, "nothing half written"
            return task_id
    raise AssertionError("there was room for all of them")


def goes_on(engine: Engine, refused: UUID) -> None:
    """There is room again: the same request is done, once, and the record holds."""
    done = complete_task(engine, refused, AN, {"answer": LONG}, idempotency_key=str(refused))
    assert done == complete_task(engine, refused, AN, {"answer": LONG}, idempotency_key=str(refused))
    assert len(queries.open_tasks_of_instance(engine, done.instance.id)) == 1
    with reading(engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session)) == []
    assert find_stuck_cases(engine) == 0


@contextlib.contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The system refuses to let any file grow beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_refuses_and_nothing_is_half_written_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    small = opened(sqlite_url, tmp_path)
    tasks = [small.start(case=f"case-{number}").opened[0].id for number in range(260)]
    journal = Path(sqlite_url.removeprefix("sqlite:///") + "-wal")
    # the journal is used again and again; it grows once the database, which all of them together outgrow, cannot
    with no_file_longer_than(journal.stat().st_size + 20_000):
        refused = fill(small.engine, tasks)
    goes_on(small.engine, refused)
    small.engine.sessions.kw["bind"].dispose()


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own with little room, where one may be mounted."""
    place = Path(tempfile.mkdtemp(prefix="thidua-disk"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=110m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        place.rmdir()
        pytest.skip("no small disk: only root may mount one")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
        place.rmdir()


@pytest.mark.postgresql
def test_a_full_disk_refuses_and_nothing_is_half_written_on_postgresql(tmp_path: Path) -> None:
    if (programs := postgresql.binaries()) is None:
        pytest.skip("no PostgreSQL: install postgresql")
    with small_disk() as disk, postgresql.own_server(programs, str(disk), "-c", "fsync=off") as server:
        small = opened(server.url, tmp_path)
        tasks = [small.start(case=f"case-{number}").opened[0].id for number in range(200)]
        stopper = disk / "stopper"
        with stopper.open("wb", buffering=0) as out, contextlib.suppress(OSError):
            while out.write(bytes(4096)):
                pass
        refused = fill(small.engine, tasks)
        stopper.unlink()
        goes_on(small.engine, refused)
        small.engine.sessions.kw["bind"].dispose()


@pytest.mark.postgresql
def test_a_database_that_is_restarted_loses_nothing(tmp_path: Path) -> None:
    """Every connection of the pool died with the server: the next request opens a new one and is done."""
    if (programs := postgresql.binaries()) is None:
        pytest.skip("no PostgreSQL: install postgresql")
    with postgresql.own_server(programs) as server:
        small = opened(server.url, tmp_path)
        for how in (signal.SIGINT, signal.SIGQUIT):
            first, second = (small.start(case=f"{how.name}-{number}") for number in range(2))
            complete_task(small.engine, first.opened[0].id, AN, {"answer": "x"})
            server.stop(how)
            for _try in range(2):
                with pytest.raises(DatabaseAwayError):
                    complete_task(small.engine, second.opened[0].id, AN, {"answer": "x"})
            server.start()
            complete_task(small.engine, second.opened[0].id, AN, {"answer": "x"})
            for case in (first, second):
                (task,) = queries.open_tasks_of_instance(small.engine, case.instance.id)
                assert task.element_id == "second"
        with reading(small.engine.sessions, at_one_instant=True) as session:
            assert list(history.verify(session)) == []
        small.engine.sessions.kw["bind"].dispose()


# clocks


def printing(url: str, folder: Path) -> tuple[SmallEngine, list[str]]:
    """A case that prints, and one with a deadline."""
    sheets: list[str] = []

    def perform(prepared: Values) -> Values:
        sheets.append(str(prepared["case"]))
        return prepared

    def prepare(ctx: StepContext, _params: Values) -> Values:
        return {"case": ctx.business_key}

    prints = JobStep("room.print", prepare, perform, lambda _ctx, _made: {}, ())
    small = small_engine(url, folder / "bpmn", user("room.first"), user("room.second"), service("room.ring"), prints)
    small.deploy(
        Diagram(key="printing").start().service("print").user("second").end().path("start", "print", "second", "end"),
        Diagram(key="timed").start().user("first").timer("late", TOMORROW, on="first").service("ring").end()
        .end("end_late").path("start", "first", "end").path("late", "ring", "end_late"),
    )  # fmt: skip
    return replace(small, engine=replace(small.engine, ids=RandomIds())), sheets


def ended(small: SmallEngine, instance_id: UUID) -> str | None:
    return queries.get_instance(small.engine, instance_id).end_event


def test_the_business_clock_set_forward_and_back_fires_once(database_url: str, tmp_path: Path) -> None:
    small, _sheets = printing(database_url, tmp_path)
    first, second = small.start("timed", "first"), small.start("timed", "second")
    small.clock.advance(-3 * DAY)
    assert run_due_timers(small.engine) == 0
    small.clock.advance(5 * DAY)
    assert run_due_timers(small.engine) == 2
    small.clock.advance(-9 * DAY)
    third = small.start("timed", "third")
    assert run_due_timers(small.engine) == 0
    complete_task(small.engine, third.opened[0].id, AN, {"answer": "x"})
    small.clock.advance(30 * DAY)
    assert run_due_timers(small.engine) == 0, "none fires twice, and none of what is done"
    assert [ended(small, case.instance.id) for case in (first, second, third)] == ["end_late", "end_late", "end"]
    with reading(small.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session)) == [], "the record's order is its own, not the clock's"
    small.engine.sessions.kw["bind"].dispose()


def test_the_machine_clock_that_steps_back_delays_and_loses_nothing(database_url: str, tmp_path: Path) -> None:
    small, sheets = printing(database_url, tmp_path)
    small.start("printing", "before")
    small.machine.advance(-timedelta(hours=1))
    small.start("printing", "after")
    assert (run_due_jobs(small.engine), sheets) == (1, ["after"]), "what is new is done at once"
    small.machine.advance(timedelta(hours=1))
    assert (run_due_jobs(small.engine), sheets) == (1, ["after", "before"]), "what was due then is done then"
    small.machine.advance(LEASE * 9)
    assert run_due_jobs(small.engine) == 0
    with reading(small.engine.sessions) as session:
        assert {str(status) for status in session.scalars(sa.select(Job.status))} == {"done"}
        assert session.scalar(sa.select(sa.func.count()).select_from(UserTask)) == 2
    small.engine.sessions.kw["bind"].dispose()

"""A process is killed where it would hurt most: before a commit, after it, in a job, after a job's effect.

Each point is reached by a real process, which says so and waits there until it is killed.
"""

import multiprocessing as mp
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from engine import history, queries
from engine.commands.jobs import LEASE, run_due_jobs
from engine.commands.stuck import find_stuck_cases
from engine.commands.tasks import complete_task
from engine.context import StepContext, Values
from engine.db import reading
from engine.ids import RandomIds
from engine.models import HistoryEvent, Job
from engine.registry import JobStep
from tests.support.diagrams import Diagram
from tests.support.small_engine import AN, SmallEngine, small_engine, user

PATIENCE = 60
KEY = "completes-first"


@dataclass
class Sheets:
    """The world outside: each sheet is a line in a file, which no rollback takes back."""

    file: Path
    hold: Callable[[], None] = lambda: None

    def perform(self, prepared: Values) -> Values:
        with self.file.open("a") as out:
            out.write("sheet\n")
        self.hold()
        return prepared

    def printed(self) -> int:
        return len(self.file.read_text().splitlines()) if self.file.exists() else 0


def open_engine(url: str, folder: Path, sheets: Sheets) -> SmallEngine:
    def prepare(ctx: StepContext, _params: Values) -> Values:
        return {"case": ctx.business_key}

    prints = JobStep("room.print", prepare, sheets.perform, lambda _ctx, _made: {}, ())
    small = small_engine(url, folder / "bpmn", user("room.first", "answer"), user("room.second"), prints)
    return replace(small, engine=replace(small.engine, ids=RandomIds()))


def doomed(url: str, folder: Path, point: str, task_id: UUID | None, told: Connection) -> None:
    """Go as far as the point, say so, and wait for the end."""

    def here(*_given: object) -> None:
        told.send(point)
        told.recv()

    sheets = Sheets(folder / "sheets", hold=here if point == "in the job" else lambda: None)
    small = open_engine(url, folder, sheets)
    engine = small.engine
    if point == "before the commit":
        event.listen(engine.sessions, "before_commit", here)
    if point == "after the commit":
        engine = replace(engine, nudge=here)
    if point == "after the effect":

        def printed(_session: object) -> None:
            if sheets.printed():
                here()

        event.listen(engine.sessions, "before_commit", printed)
    if task_id is not None:
        complete_task(engine, task_id, AN, {"answer": "x"}, idempotency_key=KEY)
    else:
        run_due_jobs(engine)
    told.send("went through")


@dataclass
class Scene:
    """A case, and the process that will not live to finish with it."""

    url: str
    folder: Path
    small: SmallEngine
    sheets: Sheets

    def kill_at(self, point: str, task_id: UUID | None = None) -> None:
        context = mp.get_context("forkserver")
        ours, theirs = context.Pipe()
        process = context.Process(target=doomed, args=(self.url, self.folder, point, task_id, theirs))
        process.start()
        theirs.close()
        assert ours.poll(PATIENCE)
        assert ours.recv() == point
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join(PATIENCE)
        assert process.exitcode == -signal.SIGKILL
        process.close()
        ours.close()

    def elements(self, instance_id: UUID) -> list[str]:
        return [task.element_id for task in queries.open_tasks_of_instance(self.small.engine, instance_id)]

    def count(self, kind: str) -> int:
        with reading(self.small.engine.sessions) as session:
            query = sa.select(sa.func.count()).select_from(HistoryEvent).where(HistoryEvent.kind == kind)
            return session.execute(query).scalar_one()

    def jobs(self) -> list[str]:
        with reading(self.small.engine.sessions) as session:
            return [str(status) for status in session.scalars(sa.select(Job.status))]


@pytest.fixture
def scene(database_url: str, tmp_path: Path) -> Iterator[Scene]:
    mp.get_context("forkserver").set_forkserver_preload(["tests.chaos.test_points"])
    sheets = Sheets(tmp_path / "sheets")
    small = open_engine(database_url, tmp_path, sheets)
    small.deploy(
        Diagram(key="probe").start().user("first").service("print").user("second").end()
        .path("start", "first", "print", "second", "end")
    )  # fmt: skip
    yield Scene(database_url, tmp_path, small, sheets)
    with reading(small.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session)) == []
    assert find_stuck_cases(small.engine) == 0
    small.engine.sessions.kw["bind"].dispose()


def test_killed_before_and_after_the_commit_and_around_a_job(scene: Scene) -> None:
    case = scene.small.start()
    first = case.opened[0].id
    engine = scene.small.engine

    scene.kill_at("before the commit", first)
    assert (scene.elements(case.instance.id), scene.jobs(), scene.count("task.completed")) == (["first"], [], 0)

    scene.kill_at("after the commit", first)
    assert (scene.elements(case.instance.id), scene.jobs(), scene.count("task.completed")) == ([], ["pending"], 1)
    again = complete_task(engine, first, AN, {"answer": "x"}, idempotency_key=KEY)
    assert (again.closed, scene.count("task.completed")) == ((first,), 1), "asked again, it gives the first answer"

    scene.kill_at("in the job")
    assert (scene.sheets.printed(), scene.jobs()) == (1, ["pending"])
    assert run_due_jobs(engine) == 0, "somebody may still be at it"

    scene.small.machine.advance(LEASE * 2)
    assert run_due_jobs(engine) == 1
    assert scene.sheets.printed() == 2, "an effect outside may happen twice"
    assert (scene.elements(case.instance.id), scene.jobs(), scene.count("job.done")) == (["second"], ["done"], 1)


def test_killed_between_a_jobs_effect_and_its_record(scene: Scene) -> None:
    case = scene.small.start()
    complete_task(scene.small.engine, case.opened[0].id, AN, {"answer": "x"})
    scene.kill_at("after the effect")
    assert (scene.sheets.printed(), scene.jobs(), scene.count("job.done")) == (1, ["pending"], 0)
    scene.small.machine.advance(LEASE * 2)
    assert run_due_jobs(scene.small.engine) == 1
    assert (scene.elements(case.instance.id), scene.jobs(), scene.count("job.done")) == (["second"], ["done"], 1)

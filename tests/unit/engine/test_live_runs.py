"""Runs kept between doors: never stale, never shared, never back after a fault, and no more of them than allowed."""

import gc
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine import history, queries
from engine.commands.instances import cancel_instance
from engine.commands.tasks import complete_task
from engine.commands.timers import run_due_timers
from engine.context import SYSTEM, Actor, StepContext, Values
from engine.db import reading, table_of
from engine.deployment import DefinitionCache
from engine.errors import InstanceEndedError, InvalidInputError, TaskNotOpenError, UnreadableCaseError
from engine.live import BYTES_OF_A_RUN, LiveRun, LiveRuns
from engine.models import ProcessInstance
from engine.runtime_environment import Engine
from engine.spiff import parser
from engine.spiff.runtime import Run
from engine.views import CommandResult, TaskView
from tests.support.diagrams import Diagram, overtaken, straight
from tests.support.runs import FakeServices, Play
from tests.support.small_engine import AN, SmallEngine, service, small_engine, user
from tests.support.together import faults, together

VOTERS = [f"member-{number}" for number in range(9)]
TOMORROW = 'date and time("2025-06-17T00:00:00Z")'


class Step:
    """A service step that counts how often it was asked, and fails as long as it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False

    def __call__(self, _ctx: StepContext, _params: Values) -> Values:
        self.asked += 1
        if self.fails:
            raise ZeroDivisionError("not today")
        return {}


@pytest.fixture
def step() -> Step:
    return Step()


@pytest.fixture
def small(database_url: str, tmp_path: Path, step: Step) -> Iterator[SmallEngine]:
    tasks = ("first", "second", "third", "left", "right")
    found = small_engine(
        database_url, tmp_path / "bpmn", *[user(f"room.{name}", "answer") for name in tasks], user("room.vote"),
        service("room.ask", step), service("room.call", lambda _ctx, _params: {"voters": VOTERS}, "voters"),
    )  # fmt: skip
    yield found
    found.engine.sessions.kw["bind"].dispose()


def another_process(small: SmallEngine) -> Engine:
    """An engine over the same database that shares no memory with the first."""
    return replace(small.engine, definitions=DefinitionCache(), live=LiveRuns())


def open_task(engine: Engine, case: CommandResult, element_id: str) -> TaskView:
    found = queries.open_tasks_of_instance(engine, case.instance.id)
    return next(task for task in found if task.element_id == element_id)


def do(engine: Engine, case: CommandResult, element_id: str, answer: str = "x") -> CommandResult:
    return complete_task(engine, open_task(engine, case, element_id).id, AN, {"answer": answer})


def both_ways() -> Diagram:
    """Two tasks at the same time, as often as somebody likes."""
    return (
        Diagram().start().choice("gw_in").add("parallelGateway", "split").user("left").user("right")
        .add("parallelGateway", "join").choice("gw", default=("gw", "gw_in")).end()
        .path("start", "gw_in", "split", "left", "join", "gw").path("split", "right", "join")
        .flow("gw", "gw_in").flow("gw", "end", 'answer = "stop"')
    )  # fmt: skip


def test_a_case_that_goes_on_in_one_process_is_not_read_again(small: SmallEngine) -> None:
    small.deploy(straight("first", "second", "third"))
    case = small.start()
    do(small.engine, case, "first")
    do(small.engine, case, "second")
    tally = small.engine.live.tally()
    assert (tally.runs, tally.found, tally.missed) == (1, 2, 0)
    do(small.engine, case, "third")
    assert small.engine.live.tally().runs == 0, "a case that is over is not kept"


def test_two_processes_take_turns_and_neither_acts_on_an_old_run(small: SmallEngine) -> None:
    small.deploy(both_ways())
    case, luck = small.start(), Random(4)
    engines = [small.engine, another_process(small)]
    before, expected = engines[0], 0
    for turn in range(30):
        engine = luck.choice(engines)
        task = luck.choice(queries.open_tasks_of_instance(engine, case.instance.id))
        expected += engine is before
        complete_task(engine, task.id, AN, {"answer": f"turn {turn}"})
        assert queries.get_instance(engine, case.instance.id).revision == turn + 2
        before = engine
    tallies = [engine.live.tally() for engine in engines]
    assert sum(tally.found for tally in tallies) == expected
    assert 0 < expected < 30
    with reading(small.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session)) == []
        row = session.get_one(ProcessInstance, case.instance.id)
        stored = Run.load(small.engine.definitions.get(session, row.process_version_id).definition, row.state)
    opened = {task.element_id for task in queries.open_tasks_of_instance(small.engine, case.instance.id)}
    assert {task.element_id for task in stored.user_tasks()} == opened


def test_a_run_that_met_a_fault_does_not_come_back_and_the_fault_is_judged_on_the_stored_state(
    small: SmallEngine, step: Step
) -> None:
    small.deploy(Diagram().start().user("first").user("second").service("ask").user("third").end()
                 .path("start", "first", "second", "ask", "third", "end"))  # fmt: skip
    case = small.start()
    do(small.engine, case, "first")
    step.fails = True
    with pytest.raises(ZeroDivisionError):
        do(small.engine, case, "second")
    assert (step.asked, small.engine.live.tally().runs) == (2, 0)
    with pytest.raises(ZeroDivisionError):
        do(small.engine, case, "second")
    assert step.asked == 3, "what was read from the database needs no second look"
    step.fails = False
    do(small.engine, case, "second", "at last")
    assert queries.get_instance(small.engine, case.instance.id).variables["answer"] == "at last"
    assert small.engine.live.tally().runs == 1


def test_a_refusal_drops_the_run_and_the_next_door_reads_it(small: SmallEngine) -> None:
    small.deploy(straight("first", "second"))
    case = small.start()
    with pytest.raises(InvalidInputError):
        complete_task(small.engine, case.opened[0].id, AN, {"wrong": 1})
    assert small.engine.live.tally().runs == 0
    do(small.engine, case, "first")
    with reading(small.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session)) == []


def test_a_broken_run_is_found_out_and_the_stored_one_serves(small: SmallEngine) -> None:
    """Whatever went wrong in memory, people are refused only for what the database says."""
    small.deploy(straight("first", "second"))
    case = small.start()
    row = stored(small, case)
    kept = small.engine.live.take(row.id, row.process_version_id, row.revision, row.state)
    assert kept is not None
    kept.workflow.tasks.clear()
    small.engine.live.put({row.id: LiveRun(kept, row.process_version_id, row.revision, row.state)})
    do(small.engine, case, "first")
    assert open_task(small.engine, case, "second")


def stored(small: SmallEngine, case: CommandResult) -> ProcessInstance:
    with reading(small.engine.sessions) as session:
        return session.get_one(ProcessInstance, case.instance.id)


def test_a_restored_case_is_served_as_it_was_restored(small: SmallEngine) -> None:
    """Revision and version are the same again, the state is another."""
    small.deploy(straight("first", "second", "third"))
    case = small.start()
    first = stored(small, case)
    do(small.engine, case, "first")
    later = stored(small, case)
    table = table_of(ProcessInstance)
    with small.engine.sessions.kw["bind"].begin() as connection:
        connection.execute(sa.update(table).values(state=first.state))
    with pytest.raises(Exception, match="the token is not there"):
        do(small.engine, case, "second")
    with small.engine.sessions.kw["bind"].begin() as connection:
        connection.execute(sa.update(table).values(state=b"\x00" + later.state))
    with pytest.raises(UnreadableCaseError):
        do(small.engine, case, "second")


def test_a_case_cancelled_by_another_process_is_over_here_too(small: SmallEngine) -> None:
    small.deploy(straight("first", "second"))
    case = small.start()
    cancel_instance(another_process(small), case.instance.id, SYSTEM, "Nhập trùng.")
    with pytest.raises((TaskNotOpenError, InstanceEndedError)):
        complete_task(small.engine, case.opened[0].id, AN, {"answer": "x"})


def test_the_clock_of_another_process_moves_a_case_that_is_kept_here(small: SmallEngine) -> None:
    small.deploy(overtaken(TOMORROW))
    case = small.start()
    small.wait(timedelta(days=2))
    assert run_due_timers(another_process(small)) == 1
    with pytest.raises(TaskNotOpenError):
        complete_task(small.engine, case.opened[0].id, AN, {"answer": "x"})
    do(small.engine, case, "second")
    assert queries.get_instance(small.engine, case.instance.id).end_event == "end_late"


def vote(engine: Engine, task: TaskView) -> CommandResult:
    return complete_task(engine, task.id, Actor(str(task.assignee), frozenset({"member"})), {})


def test_nine_vote_at_once_through_two_processes(small: SmallEngine) -> None:
    drawn = (
        Diagram().start().service("call").choice("gw", default=("gw", "end_none")).ballot("vote").user("second")
        .end().end("end_none").path("start", "call", "gw").flow("gw", "vote", "count(voters) > 0")
        .flow("gw", "end_none").path("vote", "second", "end")
    )  # fmt: skip
    small.deploy(drawn)
    engines = [small.engine, another_process(small)]
    for number in range(3):
        case = small.start(case=f"case-{number}")
        tasks = queries.open_tasks_of_instance(small.engine, case.instance.id)
        told = together(*[partial(vote, engines[place % 2], task) for place, task in enumerate(tasks)])
        assert faults(told) == []
        assert [one.element_id for one in queries.open_tasks_of_instance(small.engine, case.instance.id)] == ["second"]
    with reading(small.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session)) == []


def test_another_version_of_the_process_is_not_served_by_the_old_run() -> None:
    run, version = started(), uuid4()
    runs, case, state = LiveRuns(), uuid4(), run.dump()
    runs.put({case: LiveRun(run, version, 3, state)})
    assert runs.take(case, uuid4(), 3, state) is None
    assert runs.take(case, version, 3, state) is None, "it was thrown away"
    for revision, stored in ((4, state), (3, state + b" ")):
        runs.put({case: LiveRun(run, version, 3, state)})
        assert runs.take(case, version, revision, stored) is None
    assert runs.tally().weight == 0


def test_one_door_at_a_time_has_a_run() -> None:
    runs, case, version, run = LiveRuns(), uuid4(), uuid4(), started()
    state = run.dump()
    runs.put({case: LiveRun(run, version, 1, state)})
    told = together(*[lambda: runs.take(case, version, 1, state) for _ in range(6)])
    assert sum(run is not None for run in told) == 1


def test_the_runs_kept_are_bounded_by_bytes_and_the_oldest_goes_first() -> None:
    version, state = uuid4(), started().dump()
    runs = LiveRuns(8 * LiveRun(started(), version, 1, state).weight + BYTES_OF_A_RUN)
    cases = [uuid4() for _ in range(40)]
    for case in cases:
        runs.put({case: LiveRun(started(), version, 1, state)})
        assert runs.tally().weight <= runs.most_bytes
        runs.put({cases[0]: LiveRun(started(), version, 1, state)})
    kept = [case for case in cases if runs.take(case, version, 1, state) is not None]
    assert kept == [cases[0], *cases[-len(kept) + 1 :]]
    assert len(kept) == 8
    assert runs.tally().weight == 0


def test_nothing_is_kept_where_nothing_may_be(small: SmallEngine) -> None:
    engine = replace(small.engine, live=LiveRuns(0))
    small.deploy(straight("first", "second"))
    case = small.start()
    do(engine, case, "first")
    tally = engine.live.tally()
    assert (tally.runs, tally.found) == (0, 0)


def test_a_run_between_doors_holds_no_session() -> None:
    run = started()
    LiveRuns().put({uuid4(): LiveRun(run, uuid4(), 1, run.dump())})
    assert run.workflow.services is None


def started() -> Run:
    definition = parser.parse({"probe": straight("first").xml()})
    return Run.start(definition, "probe", {}, FakeServices())


@pytest.mark.parametrize("members", [1, 3, 9, 30, 60, 120])
def test_a_run_weighs_no_more_than_it_is_counted_with(members: int) -> None:
    drawn = (
        Diagram().start().choice("gw", default=("gw", "end_none")).ballot("vote").end().end("end_none")
        .flow("start", "gw").flow("gw", "vote", "count(voters) > 0").flow("gw", "end_none").flow("vote", "end")
    )  # fmt: skip
    luck = Random(members)
    around = {f"variable_{number}": str(UUID(int=luck.getrandbits(128))) for number in range(20)}
    play = Play(drawn, variables={"voters": [str(UUID(int=luck.getrandbits(128))) for _ in range(members)], **around})
    gc.collect()
    tracemalloc.start()
    try:
        kept = [LiveRun(used(Run.load(play.definition, play.state)), uuid4(), 1, play.state) for _ in range(20)]
        gc.collect()
        measured = tracemalloc.get_traced_memory()[0] / len(kept)
    finally:
        tracemalloc.stop()
    assert kept[0].weight / 4 < measured < 1.1 * kept[0].weight


def used(run: Run) -> Run:
    """The run after everything of it was asked and stored once, which is when it is largest."""
    assert [task.variables for task in run.user_tasks()]
    run.dump()
    return run

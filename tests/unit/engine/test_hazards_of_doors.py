"""Hazards that only show between a door and its database: late requests, half-done work, simultaneous doors."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import history, queries
from engine.commands.messages import correlate
from engine.commands.tasks import complete_task, release_task
from engine.commands.timers import run_due_timers
from engine.context import Actor, StepContext, Values
from engine.db import reading
from engine.errors import InvalidInputError, NotWaitingError, PersonalTaskError, TaskNotOpenError
from tests.support.diagrams import Diagram, overtaken, straight
from tests.support.small_engine import AN, SmallEngine, message, service, small_engine, user

TOMORROW = 'date and time("2025-06-17T00:00:00Z")'
VOTERS = [f"member-{number}" for number in range(9)]


class Moody:
    """A service that fails as long as it is told to."""

    def __init__(self) -> None:
        self.fails = True

    def __call__(self, _ctx: StepContext, _params: Values) -> Values:
        if self.fails:
            raise ZeroDivisionError("not today")
        return {"counted": True}


@pytest.fixture
def moody() -> Moody:
    return Moody()


@pytest.fixture
def small(database_url: str, tmp_path: Path, moody: Moody) -> Iterator[SmallEngine]:
    def prepare(ctx: StepContext, _params: Values) -> Values:
        return {"voters": VOTERS, "voter_count": len(VOTERS), "round": (ctx.variables.get("round") or 0) + 1}

    found = small_engine(
        database_url, tmp_path / "bpmn", user("room.first", "answer"), user("room.second"), user("room.vote"),
        user("room.greedy", "answer", apply=lambda _ctx, _values: {"answer": "x", "outcome": "stolen"}),
        service("room.moody", moody, "counted"), service("room.prepare", prepare, "voters", "voter_count", "round"),
        message("news", "answer"),
    )  # fmt: skip
    yield found
    found.engine.sessions.kw["bind"].dispose()


def _findings(small: SmallEngine) -> list[Any]:
    with reading(small.engine.sessions, at_one_instant=True) as session:
        return list(history.verify(session))


def test_a_task_is_not_completed_after_its_deadline(small: SmallEngine) -> None:
    """3.2.0 accepts a vote after the hour when nobody refreshed the timers."""
    small.deploy(overtaken(TOMORROW))
    case = small.start()
    small.wait(timedelta(days=2))
    with pytest.raises(TaskNotOpenError) as refusal:
        complete_task(small.engine, case.opened[0].id, AN, {"answer": "late"})
    assert refusal.value.details["status"] == "overdue"
    assert [task.element_id for task in queries.open_tasks_of_instance(small.engine, case.instance.id)] == ["second"]
    assert run_due_timers(small.engine) == 0
    assert "answer" not in queries.get_instance(small.engine, case.instance.id).variables
    assert _findings(small) == []


def test_what_fails_half_way_leaves_nothing(small: SmallEngine, moody: Moody) -> None:
    """3.2.0 leaves the failed task as finished in the live object, which is never stored."""
    drawn = Diagram().start().user("first").service("moody").user("second").end()
    small.deploy(drawn.path("start", "first", "moody", "second", "end"))
    case = small.start()
    before = queries.get_instance(small.engine, case.instance.id)
    events = queries.list_history(small.engine, case.instance.id)
    with pytest.raises(ZeroDivisionError):
        complete_task(small.engine, case.opened[0].id, AN, {"answer": "x"})
    assert queries.get_instance(small.engine, case.instance.id) == before
    assert queries.list_history(small.engine, case.instance.id) == events
    moody.fails = False
    result = complete_task(small.engine, case.opened[0].id, AN, {"answer": "x"})
    assert [task.element_id for task in result.opened] == ["second"]
    assert result.instance.variables == {"answer": "x", "counted": True}


def test_only_what_the_form_knows_becomes_a_variable(small: SmallEngine) -> None:
    """In 3.2.0 every key of a form becomes a variable of the process."""
    small.deploy(straight("first", "second"))
    task = small.start(outcome="open").opened[0]
    with pytest.raises(InvalidInputError):
        complete_task(small.engine, task.id, AN, {"answer": "x", "outcome": "stolen"})
    assert complete_task(small.engine, task.id, AN, {"answer": "x"}).instance.variables == {
        "outcome": "open", "answer": "x",
    }  # fmt: skip


def test_a_step_keeps_to_its_outputs(small: SmallEngine) -> None:
    small.deploy(straight("greedy"))
    case = small.start(outcome="open")
    with pytest.raises(RuntimeError, match="outcome"):
        complete_task(small.engine, case.opened[0].id, AN, {"answer": "x"})
    assert queries.get_instance(small.engine, case.instance.id).variables == {"outcome": "open"}


def test_a_second_request_is_judged_on_what_is_stored(small: SmallEngine) -> None:
    small.deploy(straight("first", "second"))
    task = small.start().opened[0]
    first = complete_task(small.engine, task.id, AN, {"answer": "x"}, idempotency_key="one")
    again = complete_task(small.engine, task.id, AN, {"answer": "x"}, idempotency_key="one")
    assert again == first
    with pytest.raises(TaskNotOpenError):
        complete_task(small.engine, task.id, AN, {"answer": "y"}, idempotency_key="two")


def test_a_message_to_a_case_that_does_not_wait_is_refused(small: SmallEngine) -> None:
    small.deploy(straight("first"))
    small.start()
    with pytest.raises(NotWaitingError) as refusal:
        correlate(small.engine, "room.news", "case-1", AN, {"answer": "x"})
    assert refusal.value.details == {"message": "news", "business_key": "case-1"}


def _ballot() -> Diagram:
    return (
        Diagram().declare("round").start().choice("gw_in").service("prepare").choice("gw", default=("gw", "end"))
        .ballot("vote").end().path("start", "gw_in", "prepare", "gw")
        .flow("gw", "vote", "voter_count > 0 and round < 3").flow("gw", "end").flow("vote", "gw_in")
    )  # fmt: skip


def test_all_votes_of_one_moment_stand_in_every_round(small: SmallEngine) -> None:
    """Doors that lose the race read the case anew; nobody is told of a lock."""
    small.deploy(_ballot())
    case = small.start()
    for _round in range(2):
        tasks = queries.open_tasks_of_instance(small.engine, case.instance.id)
        assert sorted(task.assignee or "" for task in tasks) == VOTERS
        faults: list[BaseException] = []
        barrier = threading.Barrier(len(tasks))

        def vote(task: Any, faults: list[BaseException] = faults, barrier: threading.Barrier = barrier) -> None:
            try:
                barrier.wait()
                complete_task(small.engine, task.id, Actor(task.assignee, frozenset({"member"})), {})
            except BaseException as fault:
                faults.append(fault)

        threads = [threading.Thread(target=vote, args=(task,)) for task in tasks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
    instance = queries.get_instance(small.engine, case.instance.id)
    assert (instance.status, instance.end_event) == ("completed", "end")
    assert _findings(small) == []


def test_a_ballot_belongs_to_its_person(small: SmallEngine) -> None:
    small.deploy(_ballot())
    task = small.start().opened[0]
    with pytest.raises(PersonalTaskError):
        release_task(small.engine, task.id, Actor(str(task.assignee), frozenset({"member"})))

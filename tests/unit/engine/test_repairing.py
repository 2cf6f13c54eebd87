"""Tokens moved by hand: from where, to where, what goes with them, and that the run goes on; from saved states."""

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.errors import ConflictError
from engine.spiff.repairing import branches_of, move, set_variables, token_places
from engine.spiff.runtime import Run
from tests.support.diagrams import Diagram, straight
from tests.support.runs import Play
from tests.unit.engine.test_migrating import FORK, TOMORROW, do, forked, open_at


def places(run: Run) -> dict[str, tuple[str, ...]]:
    return {place.element_id: place.targets for place in token_places(run)}


def moved(play: Play, source: str, target: str) -> Run:
    """The run after the move, stored and read again."""
    run = play.run
    move(run, next(place.token for place in token_places(run) if place.element_id == source), target)
    return Run.load(play.definition, run.dump(), play.services)


def waits() -> Diagram:
    """A gateway that waits for the first of two events, and a task with a deadline."""
    drawn = Diagram().start().add("eventBasedGateway", "gw").timer("late", TOMORROW).message("told", "told")
    drawn.user("a").timer("due", TOMORROW, on="a").end().end("end_late")
    return drawn.path("start", "gw", "late", "a", "end").path("gw", "told", "a").path("due", "end_late")


def test_forwards_and_back_and_the_same_step_once_more() -> None:
    play = Play(straight("a", "b", "c"))
    assert places(play.run) == {"a": ("a", "b", "c", "end")}
    forwards = moved(play, "a", "c")
    assert open_at(forwards) == ["c"]
    do(forwards, "c")
    assert forwards.ended
    play.complete("a").complete("b")
    back = moved(play, "c", "a")
    for step in "abc":
        assert open_at(back) == [step]
        do(back, step)
    assert back.ended
    (before,) = play.run.user_tasks()
    (again,) = moved(play, "c", "c").user_tasks()
    assert again.token != before.token


def test_the_other_events_of_a_gateway_go_with_the_one_that_is_moved() -> None:
    play = Play(waits())
    assert places(play.run) == {"late": ("gw", "a", "end", "end_late"), "told": ("gw", "a", "end", "end_late")}
    run = moved(play, "told", "a")
    assert (open_at(run), run.subscriptions()) == (["a"], ())
    assert [timer.element_id for timer in run.timers()] == ["due"]
    again = moved(play, "late", "gw")
    assert [message.message for message in again.subscriptions()] == ["told"]
    assert again.correlate("told", {})
    assert open_at(again) == ["a"]


def test_a_deadline_goes_with_its_task_and_comes_back_with_it() -> None:
    play = Play(waits())
    play.send("told")
    assert [timer.element_id for timer in play.run.timers()] == ["due"]
    away = moved(play, "a", "gw")
    assert [timer.element_id for timer in away.timers()] == ["late"]
    assert [timer.element_id for timer in moved(play, "a", "a").timers()] == ["due"]


def test_a_vote_is_moved_whole() -> None:
    drawn = Diagram().start().ballot("vote").user("count").end().path("start", "vote", "count", "end")
    play = Play(drawn, variables={"voters": ["an", "binh", "chi"]})
    play.complete("vote")
    assert places(play.run) == {"vote": ("vote", "count", "end")}
    again = moved(play, "vote", "vote")
    assert [task.loop_assignee for task in again.user_tasks()] == ["an", "binh", "chi"]
    assert open_at(moved(play, "vote", "count")) == ["count"]


def test_a_called_process_is_left_whole_or_moved_within() -> None:
    calling = Diagram().start().call("sub", "called").user("after").end().path("start", "sub", "after", "end")
    play = Play(calling, straight("a", "b", key="called"))
    assert places(play.run) == {"sub": ("sub", "after", "end"), "a": ("a", "b", "end")}
    within = moved(play, "a", "b")
    do(within, "b")
    assert open_at(within) == ["after"]
    left = moved(play, "sub", "after")
    assert open_at(left) == ["after"]
    do(left, "after")
    assert left.ended
    assert open_at(moved(play, "sub", "sub")) == ["a"]


def test_a_branch_is_moved_within_itself_and_the_join_still_waits_for_it() -> None:
    play = Play(forked("a", "b", extra="more"))
    run = moved(play, "a", "more")
    assert open_at(run) == ["b", "more"]
    do(run, "more")
    assert open_at(run) == ["b"], "the join waits for the other branch"
    do(run, "b")
    assert open_at(run) == ["d"]
    with pytest.raises(ConflictError):
        moved(play, "a", "d")


def test_places_that_are_reached_on_different_branches_belong_to_none() -> None:
    drawn = Diagram().start().add(FORK, "fork").user("a").user("b").choice("both").user("c").end()
    drawn.path("start", "fork", "a", "both", "c", "end").path("fork", "b", "both")
    index = Play(drawn).definition.indexes["probe"]
    assert branches_of(index).keys() == {"start", "fork", "a", "b"}


@pytest.mark.parametrize("value", [50, "chữ", True, None, ["a", "b"]])
def test_a_value_is_read_by_all_that_comes_after(value: Any) -> None:
    play = Play(forked("a", "b"), variables={"x": 1, "y": 2})
    play.complete("a", z=3)
    run = play.run
    set_variables(run, {"x": value})
    run = Run.load(play.definition, run.dump(), play.services)
    assert run.variables()["x"] == value
    do(run, "b")
    (task,) = run.user_tasks()
    assert task.variables == {"x": value, "y": 2, "z": 3}


OLD, NEW = datetime(2025, 6, 28, 1, tzinfo=UTC), datetime(2025, 7, 2, 10, tzinfo=UTC)


def test_a_step_that_starts_over_reads_the_new_value_of_its_deadline() -> None:
    """Between a token and what it comes from stand the split of its deadline and the whole of several ballots."""
    until = "date and time(deadline)"
    drawn = Diagram().start().user("a").timer("due", until, on="a").ballot("vote").timer("closed", until, on="vote")
    drawn.end().end("end_late").path("start", "a", "vote", "end").path("due", "end_late").path("closed", "end_late")
    play = Play(drawn, variables={"deadline": OLD.isoformat(), "voters": ["an", "binh"]})
    for step in ("a", "vote"):
        run = play.run
        set_variables(run, {"deadline": NEW.isoformat()})
        (timer,) = run.timers()
        assert timer.due_at == OLD, "a timer that runs keeps its instant"
        move(run, next(place.token for place in token_places(run) if place.element_id == step), step)
        (timer,) = Run.load(play.definition, run.dump(), play.services).timers()
        assert timer.due_at == NEW
        play.complete("a") if step == "a" else None

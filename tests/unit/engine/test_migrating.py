"""What stands in the way of a run on its way to another version, and what it takes along; always from saved states."""

from datetime import timedelta
from typing import Any

import pytest

from engine.spiff import parser
from engine.spiff.migrating import Obstacle, migrate, obstacles
from engine.spiff.runtime import Run
from tests.support.diagrams import Diagram, straight
from tests.support.runs import Play

TOMORROW, LATER = 'date and time("2025-06-17T00:00:00Z")', 'date and time("2025-07-17T00:00:00Z")'
FORK = "parallelGateway"


def moved(play: Play, *new: Diagram) -> Run:
    """The run on the new version, stored and read again."""
    definition = parser.parse({drawn.key: drawn.xml() for drawn in new})
    assert obstacles(play.run, definition) == ()
    run = migrate(play.run, definition, play.services)
    return Run.load(definition, run.dump(), play.services)


def against(play: Play, *new: Diagram) -> tuple[Obstacle, ...]:
    return obstacles(play.run, parser.parse({drawn.key: drawn.xml() for drawn in new}))


def open_at(run: Run) -> list[str]:
    return [task.element_id for task in run.user_tasks()]


def do(run: Run, element: str, **variables: Any) -> None:
    run.complete(next(task.token for task in run.user_tasks() if task.element_id == element), variables)


def test_a_step_added_ahead_is_obeyed_and_the_token_stays_the_same() -> None:
    play = Play(straight("a", "c"))
    (before,) = play.run.user_tasks()
    run = moved(play, straight("a", "b", "c"))
    assert run.user_tasks() == (before,)
    do(run, "a")
    assert open_at(run) == ["b"]
    do(run, "b")
    do(run, "c")
    assert run.ended


def test_a_step_removed_ahead_is_not_gone_through() -> None:
    run = moved(Play(straight("a", "b", "c")), straight("a", "c"))
    do(run, "a")
    assert open_at(run) == ["c"]


def ballot(*after: str) -> Diagram:
    drawn = Diagram().start().ballot("vote").timer("deadline", TOMORROW, on="vote").end().end("late")
    for name in after:
        drawn.user(name)
    return drawn.path("start", "vote", *after, "end").path("deadline", "late")


def test_ballots_keep_their_persons_and_the_deadline_its_instant() -> None:
    play = Play(ballot("a"), variables={"voters": ["an", "binh", "chi"]})
    play.complete("vote")
    voters, timers = play.run.user_tasks(), play.run.timers()
    later = ballot("check", "a")
    run = moved(play, later)
    assert (run.user_tasks(), run.timers()) == (voters, timers)
    assert len(voters) == 2
    for task in voters:
        run.complete(task.token, {})
    assert open_at(run) == ["check"]
    assert run.timers() == ()


def test_the_instant_of_a_timer_stays_though_the_new_version_has_another() -> None:
    def drawn(expression: str) -> Diagram:
        found = Diagram().start().user("a").timer("late", expression, on="a").end().end("end_late")
        return found.path("start", "a", "end").path("late", "end_late")

    play = Play(drawn(TOMORROW))
    before = play.run.timers()
    assert moved(play, drawn(LATER)).timers() == before


def watched(*timers: str) -> Diagram:
    drawn = Diagram().start().user("a").end().path("start", "a", "end")
    for name in timers:
        drawn.timer(name, TOMORROW, on="a").end(f"end_{name}").path(name, f"end_{name}")
    return drawn


def test_a_deadline_added_beside_another_begins_to_wait() -> None:
    run = moved(Play(watched("one")), watched("one", "two"))
    assert [timer.element_id for timer in run.timers()] == ["one", "two"]
    do(run, "a")
    assert run.ended
    assert run.timers() == ()


def test_an_added_deadline_fires_and_goes_its_way() -> None:
    play = Play(watched("one"))
    run = moved(play, watched("one", "two"))
    play.services.at += timedelta(days=2)
    assert run.fire_due(play.services.at)
    assert run.ended
    assert run.end_event == "end_one"


def test_an_event_added_to_an_event_gateway_is_waited_for() -> None:
    def drawn(*names: str) -> Diagram:
        found = Diagram().start().add("eventBasedGateway", "gw").timer("late", TOMORROW).end("end_late")
        found.path("start", "gw", "late", "end_late")
        for name in names:
            found.message(name, name).end(f"end_{name}").path("gw", name, f"end_{name}")
        return found

    run = moved(Play(drawn("one")), drawn("one", "two"))
    assert [message.message for message in run.subscriptions()] == ["one", "two"]
    assert run.correlate("two", {})
    assert run.ended
    assert run.end_event == "end_two"


def forked(*branches: str, extra: str = "") -> Diagram:
    drawn = Diagram().start().add(FORK, "fork").add(FORK, "join").user("d").end().path("start", "fork")
    for name in branches:
        way = (name, extra) if extra and name == branches[0] else (name,)
        for step in way:
            drawn.user(step)
        drawn.path("fork", *way, "join")
    return drawn.path("join", "d", "end")


def test_a_step_added_to_an_open_branch_is_obeyed() -> None:
    run = moved(Play(forked("a", "b")), forked("a", "b", extra="more"))
    do(run, "a")
    assert open_at(run) == ["b", "more"]
    do(run, "b")
    do(run, "more")
    assert open_at(run) == ["d"]


def test_a_branch_that_was_never_started_is_not_waited_for() -> None:
    """Neither where the fork was passed, nor where the join waits already; after the join it is no matter."""
    play = Play(forked("a", "b"))
    assert against(play, forked("a", "b", "c")) == (Obstacle("fork_changed", "probe", "fork"),)
    play.complete("a")
    assert Obstacle("join_changed", "probe", "join") in against(play, forked("a", "b", extra="more"))
    play.complete("b")
    assert against(play, forked("a", "b", "c")) == ()


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (straight("a", "b"), straight("x", "b"), "element_gone"),
        (straight("a"), Diagram().start().ballot("a").end().path("start", "a", "end"), "kind_changed"),
        (straight("a"), Diagram().start().user("a", step="room.other").end().path("start", "a", "end"), "step_changed"),
        (watched(), watched("one"), "boundary_changed"),
        (watched("one"), watched(), "boundary_changed"),
    ],
)
def test_what_stands_in_the_way_of_a_token(before: Diagram, after: Diagram, code: str) -> None:
    found = against(Play(before), after)
    assert (code, "a") in {(one.code, one.element_id) for one in found}


def test_another_message_and_another_process_are_not_waited_for() -> None:
    def waiting(message: str) -> Diagram:
        return Diagram().start().message("told", message).end().path("start", "told", "end")

    assert against(Play(waiting("one")), waiting("two")) == (Obstacle("message_changed", "probe", "told"),)

    def calling(called: str) -> Diagram:
        return Diagram().start().call("sub", called).end().path("start", "sub", "end")

    play = Play(calling("one"), straight("a", key="one"))
    other = against(play, calling("two"), straight("a", key="two"))
    assert {one.code for one in other} == {"called_changed", "process_gone"}
    run = moved(play, calling("one"), straight("a", "b", key="one"))
    do(run, "a")
    assert open_at(run) == ["b"]
    do(run, "b")
    assert run.ended


def test_a_step_long_done_must_be_there_still() -> None:
    """The state keeps it no longer, the case went through it all the same; what was never reached may go."""
    play = Play(straight("a", "b", "c", "d"))
    play.complete("a").complete("b")
    assert against(play, straight("b", "c", "d")) == (Obstacle("element_gone", "probe", "a"),)
    run = moved(play, straight("a", "b", "c"))
    do(run, "c")
    assert run.ended

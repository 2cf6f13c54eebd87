"""What is taken out of a run is missed by nobody: random cases walked twice, with their whole past and without it.

One twin keeps its tree from the start; the other is pruned, stored and read after every move, as by a door. Tokens,
flows, variables, what is open and what the drawn diagram shows agree at each step.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import pytest

from engine import lint
from engine.spiff import parser
from engine.spiff.runtime import Run
from tests.support.diagrams import Diagram, straight
from tests.support.runs import MORNING, FakeServices, Play

HOURS = 'date and time("2025-06-16T09:00:00Z")'
LATER = 'date and time("2025-06-17T09:00:00Z")'
MOVES = 60


def rounds() -> list[Diagram]:
    """Two branches that meet, again and again."""
    return [
        Diagram().start().choice("gw_in").add("parallelGateway", "split").user("left").user("right")
        .add("parallelGateway", "join").user("judge").choice("gw", default=("gw", "end")).end()
        .path("start", "gw_in", "split", "left", "join", "judge", "gw").path("split", "right", "join")
        .flow("gw", "gw_in", "again = true").flow("gw", "end")
    ]  # fmt: skip


def three_branches() -> list[Diagram]:
    """A join of three, one of them with a loop and a fork of its own."""
    return [
        Diagram().start().choice("gw_in").add("parallelGateway", "split").user("one").user("two")
        .choice("gw_more").add("parallelGateway", "inner").user("three").user("four")
        .add("parallelGateway", "inner_join").choice("gw_three", default=("gw_three", "join"))
        .add("parallelGateway", "join").user("judge").choice("gw", default=("gw", "end")).end()
        .path("start", "gw_in", "split", "one", "join", "judge", "gw").path("split", "two", "join")
        .path("split", "gw_more", "inner", "three", "inner_join", "gw_three").path("inner", "four", "inner_join")
        .flow("gw_three", "gw_more", "again = true").flow("gw_three", "join")
        .flow("gw", "gw_in", "again = true").flow("gw", "end")
    ]  # fmt: skip


def watched() -> list[Diagram]:
    """A task with a deadline, a message that ends it and one that only starts something beside it."""
    return [
        Diagram().start().choice("gw_in").user("work").timer("deadline", HOURS, on="work")
        .message("stopped", "stop", on="work").message("told", "tell", on="work", interrupting=False)
        .user("look").user("after").user("late").choice("gw_out").choice("gw", default=("gw", "end")).end()
        .end("end_look").end("end_stopped").path("start", "gw_in", "work", "after", "gw_out", "gw")
        .path("deadline", "late", "gw_out")
        .path("told", "look", "end_look").path("stopped", "end_stopped")
        .flow("gw", "gw_in", "again = true").flow("gw", "end")
    ]  # fmt: skip


def called() -> list[Diagram]:
    """A called process, again and again, which a message may end; it calls another."""
    outer = (
        Diagram().start().choice("gw_in").call("part", "middle").message("stopped", "stop", on="part").user("mend")
        .user("after").choice("gw_out").choice("gw", default=("gw", "end")).end()
        .path("start", "gw_in", "part", "after", "gw_out", "gw").path("stopped", "mend", "gw_out")
        .flow("gw", "gw_in", "again = true").flow("gw", "end")
    )  # fmt: skip
    middle = (
        Diagram("middle").start().user("before").call("deep", "inner").timer("soon", HOURS, on="deep").user("hurry")
        .end().end("end_hurried").path("start", "before", "deep", "end").path("soon", "hurry", "end_hurried")
    )  # fmt: skip
    return [outer, middle, straight("first", "second", key="inner")]


def ballots() -> list[Diagram]:
    """Several instances, again and again, with a deadline beside a branch that stays."""
    return [
        Diagram().declare("round").start().add("parallelGateway", "split").user("stay").choice("gw_in")
        .choice("gw_voters", default=("gw_voters", "join")).ballot("vote").timer("deadline", LATER, on="vote")
        .user("count").choice("gw", default=("gw", "join")).add("parallelGateway", "join").user("last").end()
        .path("start", "split", "stay", "join", "last", "end").path("split", "gw_in", "gw_voters")
        .flow("gw_voters", "vote", "count(voters) > 0").flow("gw_voters", "join").path("vote", "count", "gw")
        .path("deadline", "count").flow("gw", "gw_in", "again = true").flow("gw", "join")
    ]  # fmt: skip


def events() -> list[Diagram]:
    """The first of several events, again and again."""
    return [
        Diagram().start().choice("gw_in").add("eventBasedGateway", "gw_wait").timer("soon", HOURS)
        .message("heard", "tell").message("halted", "stop").user("read").choice("gw", default=("gw", "end")).end()
        .end("end_soon").end("end_halted").path("start", "gw_in", "gw_wait", "heard", "read", "gw")
        .path("gw_wait", "soon", "end_soon").path("gw_wait", "halted", "end_halted")
        .flow("gw", "gw_in", "again = true").flow("gw", "end")
    ]  # fmt: skip


SHAPES: dict[str, Callable[[], list[Diagram]]] = {
    shape.__name__: shape for shape in (rounds, three_branches, watched, called, ballots, events)
}


def told(run: Run) -> dict[str, Any]:
    """All that anybody asks a run."""
    return {
        "tasks": [(one.token, one.element_id, one.loop_assignee, exact(one.variables)) for one in run.user_tasks()],
        "timers": run.timers(), "messages": run.subscriptions(), "jobs": run.jobs(),
        "ended": (run.ended, run.end_event), "variables": exact(run.variables()),
        "elements": sorted(run.element_states(), key=lambda one: (one.process_key, one.element_id)),
    }  # fmt: skip


def exact(variables: Mapping[str, Any]) -> list[str]:
    """Variables with the kinds of their values: yes is not 1."""
    return sorted(f"{name}={value!r}" for name, value in variables.items())


def random_value(luck: Random) -> Any:
    return luck.choice([True, 1, 0, False, None, "x", "", ["a"], [1], [True], [], 7])


def complete(token: str, variables: Mapping[str, Any], run: Run, _services: FakeServices) -> None:
    run.complete(token, variables)


def tell(message: str, run: Run, _services: FakeServices) -> None:
    run.correlate(message, {"said": message})


def random_move(luck: Random, run: Run) -> Callable[[Run, FakeServices], Any] | None:
    """Choose what happens next; None when nothing can."""
    moves: list[Callable[[Run, FakeServices], Any]] = []
    for task in run.user_tasks():
        variables = {luck.choice("abcde"): random_value(luck) for _ in range(luck.randrange(3))}
        variables["again"] = luck.random() < 0.8
        moves.append(partial(complete, task.token, variables))
    for message in {waiting.message for waiting in run.subscriptions()}:
        if luck.random() < 0.3:
            moves.append(partial(tell, message))
    if run.timers() and luck.random() < 0.15:
        moves.append(lambda one, services: one.fire_due(services.now()))
    return luck.choice(moves) if moves else None


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(8))
def test_a_pruned_case_goes_the_way_of_one_that_keeps_its_past(shape: str, seed: int) -> None:
    drawn = SHAPES[shape]()
    for diagram in drawn:
        assert [one.rule for one in lint.check(diagram.xml())] in ([], ["empty_loop"])
    definition = parser.parse({diagram.key: diagram.xml() for diagram in drawn})
    luck, services = Random(f"{shape}{seed}"), FakeServices(at=MORNING + timedelta(days=2))
    first: Mapping[str, Any] = {"voters": ["an", "binh", "chi"], "again": True, "a": [1], "b": 1}
    whole = Run.start(definition, definition.root_key, first, services)
    pruned = Run.start(definition, definition.root_key, first, services)
    for _move in range(MOVES):
        assert whole.take_flows() == pruned.take_flows()
        pruned = Run.load(definition, pruned.dump(), services)
        assert told(pruned) == told(whole)
        chosen = random_move(luck, whole)
        if chosen is None:
            break
        chosen(whole, services)
        chosen(pruned, services)
    assert size_of(pruned) < size_of(whole)


def size_of(run: Run) -> int:
    """How many tasks the run holds in memory."""
    return sum(len(flow.tasks) for flow in run.workflow.flows())


def returning() -> Diagram:
    """A task that is returned as often as somebody likes, with a deadline and a called process on the way."""
    return (
        Diagram().start().choice("gw_in").user("mend").timer("deadline", LATER, on="mend").call("check", "check")
        .choice("gw", default=("gw", "end")).end().end("end_late")
        .path("start", "gw_in", "mend", "check", "gw").path("deadline", "end_late")
        .flow("gw", "gw_in", "again = true").flow("gw", "end")
    )  # fmt: skip


def test_step_200_of_a_case_costs_what_step_10_did() -> None:
    """Counted, not timed: tasks that are looked at, and bytes that are read and written."""
    play = Play(returning(), straight("look", key="check"), variables={"again": True})
    sizes = {}
    for step in range(1, 201):
        play.complete("mend", note=f"round {step}").complete("look", again=True)
        sizes[step] = (size_of(play.run), len(play.state))
    assert sizes[200][0] == sizes[10][0]
    assert sizes[200][1] <= 1.2 * sizes[10][1], "numbers of tasks grow by a byte"
    visits = {(one.process_key, one.element_id): (one.state, one.count) for one in play.run.element_states()}
    assert visits["probe", "mend"] == ("active", 201)
    assert visits["check", "look"] == ("done", 200)
    assert visits["probe", "deadline"] == ("waiting", 201)


def test_a_loop_beside_an_open_branch_stays_small_too() -> None:
    drawn = (
        Diagram().start().add("parallelGateway", "split").user("stay").choice("gw_in").user("return")
        .choice("gw", default=("gw", "join")).add("parallelGateway", "join").end()
        .path("start", "split", "gw_in", "return", "gw").path("split", "stay", "join", "end")
        .flow("gw", "gw_in", "again").flow("gw", "join")
    )  # fmt: skip
    play = Play(drawn, variables={"again": True})
    sizes = {}
    for step in range(1, 201):
        play.complete("return", again=step < 200)
        sizes[step] = size_of(play.run)
    assert sizes[199] == sizes[10]
    play.complete("stay")
    assert play.run.ended


@pytest.mark.parametrize(("members", "most_bytes"), [(9, 1_200), (30, 2_000), (60, 3_200)])
def test_a_council_weighs_by_its_open_ballots(members: int, most_bytes: int) -> None:
    """Each open ballot adds a task and a name; what is cast is gone."""
    luck = Random(members)
    voters = [f"{luck.getrandbits(128):032x}" for _ in range(members)]
    around = {f"variable_{number}": f"{luck.getrandbits(128):032x}" for number in range(12)}
    drawn = (
        Diagram().start().choice("gw", default=("gw", "end_empty")).ballot("vote").user("after").end().end("end_empty")
        .flow("start", "gw").flow("gw", "vote", "count > 0").flow("gw", "end_empty").path("vote", "after", "end")
    )  # fmt: skip
    play = Play(drawn, variables={"voters": voters, "count": members, **around})
    at_first = size_of(play.run)
    assert len(play.state) <= most_bytes
    for done, voter in enumerate(voters[:-1], 1):
        play.complete("vote", person=voter)
        assert size_of(play.run) <= at_first - done + 1
    play.complete("vote", person=voters[-1]).complete("after")
    assert (play.run.ended, play.run.end_event) == (True, "end")
    assert size_of(play.run) <= 4

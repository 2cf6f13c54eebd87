"""Each element our lint lets through, alone and with others: ours shows what the library shows, at every step.

The second half shows the hazards of the library that ours mends, one by one: there both must differ, and in this way.
"""

import os
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, partial
from typing import Any

import pytest
from SpiffWorkflow.bpmn.exceptions import WorkflowDataException
from SpiffWorkflow.bpmn.specs.defaults import ParallelMultiInstanceTask
from SpiffWorkflow.exceptions import WorkflowException

from engine import feel, lint
from engine.lint import vocabulary
from engine.spiff import parser
from engine.spiff.runtime import JOB
from engine.spiff.values import Element
from tests.equivalence import cases, reference
from tests.equivalence.cases import Act, Pair
from tests.equivalence.fixtures import ALL, HOSTED, JOIN, PYTHON, SPLIT, TOMORROW, Fixture
from tests.equivalence.scripts import Clock, stock_clock
from tests.support.diagrams import Diagram, straight

WALKS = int(os.environ.get("THIDUA_EQUIVALENCE_WALKS") or 10)
STEPS = 14


@dataclass
class Answers:
    """Services of one side; FEEL on ours, the Python beside it on the other."""

    fixture: Fixture
    clock: Clock
    seed: int
    python: bool
    asked: Counter[str] = field(default_factory=Counter)

    def now(self) -> datetime:
        """Return the hour of the case."""
        return self.clock.now()

    def call_service(self, element: Element, key: str, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Any:
        """Answer a service step."""
        return self._answer(element, key)

    def decide(self, element: Element, table: str, _known: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a table."""
        found: dict[str, Any] = self._answer(element, table)
        return found

    def _answer(self, element: Element, key: str) -> Any:
        self.asked[element.element_id] += 1
        found = self.fixture.answers.get(key, {})
        rng = random.Random(f"{self.seed} {element.element_id} {self.asked[element.element_id]}")
        return found if found is JOB else _chosen(found, rng)

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """Evaluate FEEL, or what stands for it in Python."""
        if not self.python:
            return feel.evaluate(expression, dict(variables))
        known = {"datetime": datetime, "date": date, "UTC": UTC}
        return eval(PYTHON[expression], {**known, **variables})


def _chosen(choices: Mapping[str, Sequence[Any]], rng: random.Random) -> dict[str, Any]:
    return {name: rng.choice(values) for name, values in choices.items()}


@cache
def read(files: tuple[tuple[str, bytes], ...]) -> tuple[parser.Definition, reference.Bundle]:
    """Return diagrams as both sides read them."""
    return parser.parse(dict(files)), reference.read(dict(files))


def begin(fixture: Fixture, seed: int) -> Pair:
    """Return a case of a fixture on both sides, the first with FEEL, the second with Python."""
    rng = random.Random(f"{fixture.name} {seed}")
    start = {name: rng.choice(values) for name, values in fixture.start.items()}
    if "count" in start and "voters" in start and start["count"]:
        start["count"] = len(start["voters"])
    sides = iter((False, True))
    return Pair(
        *read(tuple(fixture.files.items())), start,
        lambda clock: Answers(fixture, clock, seed, next(sides)), live=seed % 3 == 2,
    )  # fmt: skip


def options(fixture: Fixture, pair: Pair, rng: random.Random) -> list[Act]:
    """Return what may be done to a case now."""
    run = pair.run
    found = [
        Act(
            "complete",
            (task.process_key, task.element_id, task.loop_assignee or ""),
            _form(fixture, task.element_id, rng),
        )
        for task in run.user_tasks()
    ]
    found += [Act("job", (job.process_key, job.element_id), _form(fixture, job.element_id, rng)) for job in run.jobs()]
    found += [
        Act("message", (name,), _chosen(fixture.messages.get(name, {}), rng))
        for name in sorted({item.message for item in run.subscriptions()} | set(fixture.messages))
    ]
    return [*found, Act("wait", days=rng.choice((0.1, 1, 5, 30)))] if run.timers() else found


def _form(fixture: Fixture, element: str, rng: random.Random) -> dict[str, Any]:
    return _chosen(fixture.forms.get(element, {}), rng)


def walked(fixture: Fixture, seed: int) -> tuple[list[Act], str, bool]:
    """Walk a fixture at random; return what was done, how the sides differ, and whether the case ended."""
    rng, acts = random.Random(f"{fixture.name} walk {seed}"), list[Act]()
    with stock_clock(Clock()):
        pair = begin(fixture, seed)
        with stock_clock(pair.clock):
            difference = pair.difference()
            while (
                not difference and not pair.run.ended and len(acts) < STEPS and (found := options(fixture, pair, rng))
            ):
                acts.append(rng.choice(found))
                pair.do(acts[-1])
                difference = pair.difference()
    return acts, difference, pair.run.ended


@pytest.mark.parametrize("fixture", ALL, ids=lambda fixture: fixture.name)
def test_an_element_behaves_as_in_the_library(fixture: Fixture) -> None:
    assert lint.check(fixture.files) == []
    ended = 0
    for seed in range(WALKS):
        acts, difference, over = walked(fixture, seed)
        if difference:
            acts = cases.shortest(partial(begin, fixture, seed), acts)
        assert not difference, f"seed {seed}: {difference}\n" + "\n".join(map(str, acts))
        ended += over
    assert ended, "no walk came to an end: the fixture says too little"


def test_every_element_the_lint_lets_through_has_a_fixture() -> None:
    elements = [item for fixture in ALL for item in parser.parse(fixture.files).elements.values()]
    assert {item.kind for item in elements} == vocabulary.RUN
    xml = b"".join(xml for fixture in ALL for xml in fixture.files.values())
    assert all(tag in xml for tag in (b"multiInstanceLoopCharacteristics", b"timeDate", b"messageEventDefinition"))
    assert len(HOSTED) == 4 * 2 * 2


def hazard(drawn: Diagram, *called: Diagram, **start: Any) -> partial[Pair]:
    """Return how a case of a diagram begins, with FEEL on both sides."""
    fixture = Fixture("hazard", drawn, called, {name: (value,) for name, value in start.items()})
    return partial(begin, fixture, 0)


def done(element: str, person: str = "", **values: Any) -> Act:
    return Act("complete", ("probe", element, person), values)


def branches() -> Diagram:
    return (
        Diagram().start().add(SPLIT, "split").user("left").user("right").add(JOIN, "join").user("after").end()
        .path("start", "split", "left", "join", "after", "end").path("split", "right", "join")
    )  # fmt: skip


def vote() -> Diagram:
    return (
        Diagram().start().choice("gw", default=("gw", "end_empty")).ballot("vote").user("after").end().end("end_empty")
        .flow("start", "gw").flow("gw", "vote", "count > 0").flow("gw", "end_empty").path("vote", "after", "end")
    )  # fmt: skip


HAZARDS = {
    "a branch that set nothing undoes what another set": (
        hazard(branches(), said="nothing"), [done("left", said="yes"), done("right")],
        "stock [('probe', 'after', '', {'said': 'nothing'})] | ours [('probe', 'after', '', {'said': 'yes'})]",
    ),
    "an instance that is done late undoes what an earlier one set": (
        hazard(vote(), voters=["an", "binh"], count=2, said="nothing"),
        [done("vote", "an", said="yes"), done("vote", "binh")],
        "stock [('probe', 'after', '', {'said': 'nothing'})] | ours [('probe', 'after', '', {'said': 'yes'})]",
    ),
    "lists are merged, not replaced": (
        hazard(vote(), voters=["an"], count=1, items=[1, 2, 3]), [done("vote", "an", items=[3, 1])],
        "stock [('probe', 'after', '', {'items': [1, 2]})] | ours [('probe', 'after', '', {'items': [3, 1]})]",
    ),
    "1 and yes are merged to 1": (
        hazard(vote(), voters=["an"], count=1, flag=1), [done("vote", "an", flag=True)],
        "stock [('probe', 'after', '', {'flag': 1})] | ours [('probe', 'after', '', {'flag': ('bool', True)})]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HAZARDS)
def test_a_hazard_of_the_library_is_mended(name: str) -> None:
    make, acts, difference = HAZARDS[name]
    said = cases.replay(make, acts)
    assert difference in said, said
    assert cases.replay(make, acts[:-1]) == "", "the difference comes from the last act"


def test_two_timers_after_an_event_gateway_share_one_value_in_the_library() -> None:
    drawn = (
        Diagram().start().add("eventBasedGateway", "gw").timer("late", 'date("2025-06-23")').timer("soon", TOMORROW)
        .end("end_late").end("end_soon").flow("start", "gw").path("gw", "late", "end_late")
        .path("gw", "soon", "end_soon")
    )  # fmt: skip
    said = cases.replay(hazard(drawn), [])
    assert said.startswith("timers: "), said


def test_the_library_cannot_lead_straight_from_a_deadline_to_a_vote() -> None:
    """Lint wants a condition before a vote: with a gateway on the way the library is well; ours is well without."""
    drawn = (
        Diagram().start().user("collect").timer("deadline", TOMORROW, on="collect").service("count").ballot("vote")
        .end()
        .path("start", "collect", "end").path("deadline", "count", "vote", "end")
    )  # fmt: skip
    assert {finding.rule for finding in lint.check(drawn.xml())} == {"empty_loop"}
    with stock_clock(Clock()):
        pair = hazard(drawn, voters=["an"])()
        with stock_clock(pair.clock), pytest.raises(WorkflowException, match="non-predicted child"):
            pair.do(Act("wait", days=3))
    run = pair.run
    while run.fire_due(pair.clock.now()):
        pass
    assert [task.element_id for task in run.user_tasks()] == ["vote"]


def test_unmended_the_library_refuses_a_second_vote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference._UserParser, "PARALLEL_MI_CLASS", ParallelMultiInstanceTask)
    monkeypatch.setitem(globals(), "read", read.__wrapped__)
    fixture = next(fixture for fixture in ALL if fixture.name == "vote in rounds")
    make = partial(begin, Fixture(
        "unmended", fixture.diagram, start={"voters": (["an"],), "round": (1,)}, answers={"room.tally": {"round": (2,)}}
    ), 0)  # fmt: skip
    with stock_clock(Clock()):
        pair = make()
        with stock_clock(pair.clock), pytest.raises(WorkflowDataException, match="already exists"):
            pair.do(done("vote", "an"))
    assert pair.run.user_tasks()[0].loop_assignee == "an"


def test_no_flow_is_told_that_no_token_took() -> None:
    """An interruption cancels what was only to come; an event gateway leads to the event that came first."""
    called = straight("first", "second", key="called")
    drawn = (
        Diagram().start().call("part", "called").message("stopped", "stop", on="part").add("eventBasedGateway", "gw")
        .message("told", "news").timer("late", TOMORROW).end().end("end_told").end("end_late")
        .path("start", "part", "end").path("stopped", "gw").path("gw", "told", "end_told")
        .path("gw", "late", "end_late")
    )  # fmt: skip
    with stock_clock(Clock()):
        pair = hazard(drawn, called)()
        with stock_clock(pair.clock):
            for act in (Act("message", ("stop",)), Act("message", ("news",))):
                pair.do(act)
                assert pair.difference() == ""
    assert sorted(flow for _process, flow in pair.flows) == [
        "fl_gw__told", "fl_start__first", "fl_start__part", "fl_stopped__gw", "fl_told__end_told",
    ]  # fmt: skip
    assert pair.run.ended

"""The nomination path at random: ours, pruned, stored and read back at each step, shows what a plain reference shows.

THIDUA_EQUIVALENCE_CASES says how many cases are walked; `make test` walks some tens, the nightly form 2,000 and more.
"""

import os
import random
from collections import Counter
from functools import partial

import pytest

from engine.spiff.values import Element
from tests.equivalence import cases, nomination
from tests.equivalence.scripts import Clock

CASES = int(os.environ.get("THIDUA_EQUIVALENCE_CASES") or 50)
SHARES = 2
"""The walk is shared out, so that two processors may take part."""
LONG = 1000
"""From this many cases on every end event, every flow and every size of council is met."""


def told(seed: int, walked: nomination.Walked) -> str:
    """Return a difference with its seed and the shortest history that shows it."""
    make = partial(nomination.begin, seed)
    acts = cases.shortest(make, walked.acts) if cases.replay(make, walked.acts) else walked.acts
    history = "\n".join(f"    {act}," for act in acts)
    again = f"cases.replay(partial(nomination.begin, {seed}), [...])"
    return f"seed {seed}: {walked.difference}\nshortest history, for {again}:\n{history}"


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_the_path_is_walked_alike(share: int, capsys: pytest.CaptureFixture[str]) -> None:
    ends, councils, flows, steps, largest = Counter[str | None](), set[int](), set[tuple[str, str]](), 0, 0
    for seed in range(share, CASES, SHARES):
        walked = nomination.walk(seed)
        assert not walked.difference, told(seed, walked)
        ends[walked.end_event] += 1
        councils.add(walked.council)
        flows |= walked.flows
        steps, largest = steps + len(walked.acts), max(largest, walked.bytes)
    with capsys.disabled():
        print(
            f"\nnomination path, share {share}: {ends.total()} cases, {steps} steps alike, {len(flows)} flows, "
            f"councils {sorted(councils)}, state {largest} bytes at most; ends {dict(ends)}"
        )
    if CASES >= LONG:
        assert ends.keys() == {None, *nomination.ends()}
        assert flows == nomination.flows()
        assert councils >= set(nomination.COUNCILS)


def test_a_difference_is_found_and_told_in_the_shortest_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that answers one question otherwise is caught, and the acts that do not matter are left out."""
    passed = ("intake", "fl_eligibility__gw_eligibility")
    seed, walked = next((seed, walked) for seed in range(50) if passed in (walked := nomination.walk(seed)).flows)
    assert not walked.difference
    sides = iter(range(1000))

    def serve(answers: nomination.Answers, element: Element) -> dict[str, object]:
        found = honest(answers, element)
        if element.element_id == "eligibility" and answers.lies:  # type: ignore[attr-defined]
            found["eligibility"] = "lied"
        return found

    def made(clock: Clock, seed: int) -> nomination.Answers:
        answers = nomination.Answers(clock, seed)
        answers.lies = next(sides) % 2 == 1  # type: ignore[attr-defined]
        return answers

    honest = nomination.Answers._answer
    monkeypatch.setattr(nomination.Answers, "_answer", serve)
    monkeypatch.setattr(nomination, "serve", made)
    make = partial(nomination.begin, seed)
    assert "lied" in cases.replay(make, walked.acts)
    shortest = cases.shortest(make, walked.acts)
    assert len(shortest) < len(walked.acts)
    assert [act.who[1] for act in shortest if act.kind == "complete"] == ["draft_proposal", "check_completeness"]


def test_walks_are_the_same_each_time() -> None:
    seed = random.Random("any").randrange(1000)
    first, second = nomination.walk(seed), nomination.walk(seed)
    assert (first.acts, first.flows, first.end_event) == (second.acts, second.flows, second.end_event)

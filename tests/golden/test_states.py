"""Every state ever released is read, continued to the end of its case, and takes the way it took then."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.spiff import codec, parser
from engine.spiff.runtime import Run
from tests.golden.plays import FOLDER, ToldServices, begin, diagrams_of, move, read_story, standing, state_of

STORIES = sorted(FOLDER.glob("format-*/*.json"))


def services() -> ToldServices:
    return ToldServices(datetime(2025, 1, 1, tzinfo=UTC))


def play_on(run: Run, steps: list[dict[str, Any]], told: ToldServices, *, reload: bool) -> dict[str, Any]:
    """Do what the doors did, compare the flows they took, and return how the case stands."""
    for step in steps:
        for one in step["moves"]:
            move(run, one, told)
        assert [list(flow) for flow in run.take_flows()] == step["flows"]
        state = run.dump()
        if reload:
            run = Run.load(run._definition, state, told)
    return standing(run)


def test_every_format_has_its_stories() -> None:
    formats = {path.parent.name for path in STORIES}
    assert formats == {f"format-{number}" for number in range(1, codec.FORMAT + 1)}
    names = [{path.name for path in STORIES if path.parent.name == one} for one in sorted(formats)]
    assert all(one == names[0] for one in names)


@pytest.mark.parametrize("path", STORIES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_case_goes_on_from_every_state_that_was_kept(path: Path) -> None:
    story = read_story(path)
    definition = parser.parse(diagrams_of(story))
    kept = [number for number, step in enumerate(story["steps"]) if "state" in step]
    assert len(kept) >= 3
    for number in kept:
        told = services()
        run = Run.load(definition, state_of(story["steps"][number]), told)
        assert play_on(run, story["steps"][number + 1 :], told, reload=number % 2 == 0) == story["ends"]


@pytest.mark.parametrize("path", STORIES, ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize("reload", [False, True], ids=["alive", "stored"])
def test_the_whole_case_takes_the_same_way_today(path: Path, reload: bool) -> None:
    story, told = read_story(path), services()
    run = begin(parser.parse(diagrams_of(story)), story, told)
    assert [list(flow) for flow in run.take_flows()] == story["steps"][0]["flows"]
    state = run.dump()
    run = Run.load(run._definition, state, told) if reload else run
    assert play_on(run, story["steps"][1:], told, reload=reload) == story["ends"]


@pytest.mark.parametrize("path", STORIES[-6:], ids=lambda path: path.stem)
def test_a_real_case_misses_nothing_of_the_past_it_was_pruned_of(path: Path) -> None:
    """One twin keeps its whole tree, the other is pruned, stored and read after every step."""
    story = read_story(path)
    definition = parser.parse(diagrams_of(story))
    services_of_two = services(), services()
    whole, pruned = (begin(definition, story, told) for told in services_of_two)
    for step in story["steps"][1:]:
        pruned.take_flows()
        pruned = Run.load(definition, pruned.dump(), services_of_two[1])
        assert standing(pruned) == standing(whole)
        for one in step["moves"]:
            move(whole, one, services_of_two[0])
            move(pruned, one, services_of_two[1])
    assert standing(pruned) == standing(whole) == story["ends"]

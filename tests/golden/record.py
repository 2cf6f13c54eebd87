"""Writes the stories down in the format of today: `python -m tests.golden.record`, once for each new format.

The stories of the first format were heard from the doors of a whole office (`tests.paths.stories`); a later format
plays them again on their diagrams, with the answers of then. What is written is kept: a released format is never
written again.
"""

import json
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.spiff import codec, parser
from tests.golden.plays import FOLDER, ToldServices, begin, diagrams_of, move, read_story

EVERY = 3
"""The state after each third step is kept."""


def play(story: dict[str, Any]) -> list[bytes]:
    """Return the states of a story, one for each step."""
    told = ToldServices(datetime.min.replace(tzinfo=UTC))
    run = begin(parser.parse(diagrams_of(story)), story, told)
    states = [run.dump()]
    for step in story["steps"][1:]:
        for one in step["moves"]:
            move(run, one, told)
        states.append(run.dump())
    return states


def write(story: dict[str, Any], place: Path) -> None:
    """Write a story as a file that people can read line by line."""
    states = play(story)
    for number, (step, state) in enumerate(zip(story["steps"], states, strict=True)):
        step.pop("state", None)
        if number % EVERY == 0:
            step["state"] = b64encode(state).decode()
    lines = ",\n ".join(json.dumps(step, ensure_ascii=False) for step in story.pop("steps"))
    head = json.dumps({**story, "format": codec.FORMAT}, ensure_ascii=False)[1:-1]
    place.parent.mkdir(exist_ok=True)
    place.write_text(f'{{"steps": [\n {lines}\n],\n{head}}}\n', encoding="utf-8")


if __name__ == "__main__":
    for path in sorted((FOLDER / "format-1").glob("*.json")):
        write(read_story(path), FOLDER / f"format-{codec.FORMAT}" / path.name)

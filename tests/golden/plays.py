"""A case written down: what moved it, what its steps answered, which flows it took and what its state was then.

One file holds one story: `diagrams` by process key, and `steps`. A step is one door: `moves` (what the door did
with the run, each with the `answers` its services gave), `flows` taken, and `state` where one is kept. `ends` says how
it ended.
"""

import json
from base64 import b64decode
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.spiff.runtime import JOB, Definition, Element, Run

FOLDER = Path(__file__).resolve().parent
DIAGRAMS = FOLDER / "diagrams"


def read_story(path: Path) -> dict[str, Any]:
    """Return a story that was written down."""
    story: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return story


def read(value: Any) -> Any:
    """Return an answer as the step gave it; what JSON has no word for is written as a map with one name."""
    if isinstance(value, dict) and set(value) == {"job"}:
        return JOB
    if isinstance(value, dict) and set(value) == {"instant"}:
        return datetime.fromisoformat(value["instant"])
    return Decimal(value["number"]) if isinstance(value, dict) and set(value) == {"number"} else value


def diagrams_of(story: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the diagrams a story was played on, the root process first."""
    return {key: (DIAGRAMS / name).read_bytes() for key, name in story["diagrams"].items()}


def state_of(step: Mapping[str, Any]) -> bytes:
    """Return the state that was kept after a step."""
    return b64decode(step["state"])


@dataclass
class ToldServices:
    """Answers each question as it was answered when the story was written down; a new question is a fault."""

    at: datetime
    told: dict[tuple[str, str], list[Any]] = field(default_factory=lambda: defaultdict(list))

    def tell(self, answers: list[list[Any]]) -> None:
        """Learn what will be answered to the next move."""
        for kind, about, answer in answers:
            self.told[kind, about].append(read(answer))

    def left(self) -> dict[tuple[str, str], list[Any]]:
        """What nobody asked."""
        return {about: answers for about, answers in self.told.items() if answers}

    def now(self) -> datetime:
        return self.at

    def call_service(self, element: Element, key: str, params: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        return self._answer("service", element.element_id)

    def decide(self, element: Element, table: str, variables: Mapping[str, Any]) -> Any:
        return self._answer("decision", element.element_id)

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return self._answer("expression", expression)

    def _answer(self, kind: str, about: str) -> Any:
        assert self.told[kind, about], f"the {kind} {about} was not asked when the story was written down"
        return self.told[kind, about].pop(0)


def move(run: Run, one: Mapping[str, Any], services: ToldServices) -> None:
    """Do with a run what a door did."""
    services.at = datetime.fromisoformat(one["at"])
    services.tell(one["answers"])
    variables, place = one.get("variables", {}), (one.get("process"), one.get("element"))
    if one["do"] == "complete":
        task = next(
            task for task in run.user_tasks()
            if (task.process_key, task.element_id) == place and task.loop_assignee == one["person"]
        )  # fmt: skip
        run.complete(task.token, variables)
    elif one["do"] == "finish_job":
        job = next(job for job in run.jobs() if (job.process_key, job.element_id) == place)
        run.finish_job(job.token, variables)
    elif one["do"] == "correlate":
        assert run.correlate(one["message"], variables)
    else:
        assert one["do"] == "fire_due"
        run.fire_due(services.at)
    assert services.left() == {}


def standing(run: Run) -> dict[str, Any]:
    """What people see of a case."""
    return {
        "end_event": run.end_event,
        "variables": run.variables(),
        "elements": sorted([one.process_key, one.element_id, one.state, one.count] for one in run.element_states()),
        "open": [[task.process_key, task.element_id, task.loop_assignee] for task in run.user_tasks()],
        "timers": [[timer.process_key, timer.element_id, timer.due_at.isoformat()] for timer in run.timers()],
        "messages": [[one.process_key, one.element_id, one.message] for one in run.subscriptions()],
        "jobs": [[job.process_key, job.element_id, job.key] for job in run.jobs()],
    }


def begin(definition: Definition, story: Mapping[str, Any], services: ToldServices) -> Run:
    """Start the case of a story."""
    first = story["steps"][0]["moves"][0]
    services.at = datetime.fromisoformat(first["at"])
    services.tell(first["answers"])
    return Run.start(definition, definition.root_key, first["variables"], services)

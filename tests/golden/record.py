"""Writes stories down with the format of today: `python -m tests.golden.record`, once for each new format.

What is written is kept for ever: the files of a released format are never written again.
"""

import hashlib
import json
import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.db import reading
from engine.deployment import read_files
from engine.models import ProcessInstance, ProcessVersion
from engine.services import Services
from engine.spiff import codec
from engine.spiff.runtime import Run
from tests.golden.plays import DIAGRAMS, FOLDER, standing, written
from tests.office import Case, Office
from tests.paths import stories

STORIES: dict[str, Callable[[Office], Case]] = {
    "straight_path": stories.straight_path,
    "returned_and_supplemented": stories.returned_and_supplemented,
    "comment_unfounded": stories.comment_unfounded,
    "no_quorum_then_again": stories.no_quorum_then_again,
    "returned_to_council": stories.returned_to_council,
    "minister_awards": stories.minister_awards,
}
EVERY = 3


class Recorder:
    """Listens to every run of one office; only what was stored counts."""

    def __init__(self) -> None:
        self.steps: list[dict[str, Any]] = []
        self.pending: dict[int, dict[str, Any]] = {}
        self.answers: list[Any] | None = None

    def listen(self) -> None:
        """Put ears on runs and services; this process does nothing else."""
        self._moves(Run)
        self._answers(Services)
        start, dump, take_flows, load = Run.start.__func__, Run.dump, Run.take_flows, Run.load.__func__  # type: ignore[attr-defined]

        def started(cls: type[Run], definition: Any, process_key: str, variables: Any, services: Any) -> Run:
            self.answers = []
            run: Run = start(cls, definition, process_key, variables, services)
            self._step(run)["moves"].append({
                "do": "start", "at": services.now().isoformat(), "variables": dict(variables), "answers": self.answers,
            })  # fmt: skip
            self.answers = None
            return run

        def loaded(cls: type[Run], *rest: Any) -> Run:
            run: Run = load(cls, *rest)
            self.pending.pop(id(run), None)
            return run

        def dumped(run: Run) -> bytes:
            state = dump(run)
            step = self.pending.pop(id(run), {"moves": [], "flows": []})
            step["state"], step["stands"] = b64encode(state).decode(), standing(run)
            self.steps.append(step)
            return state

        def taken(run: Run) -> Any:
            flows = take_flows(run)
            self._step(run)["flows"] += [list(flow) for flow in flows]
            return flows

        Run.start, Run.load = classmethod(started), classmethod(loaded)  # type: ignore[method-assign, assignment]
        Run.dump, Run.take_flows = dumped, taken  # type: ignore[method-assign]

    def _step(self, run: Run) -> dict[str, Any]:
        return self.pending.setdefault(id(run), {"moves": [], "flows": []})

    def _moves(self, owner: Any) -> None:
        for name in ("complete", "finish_job", "correlate", "fire_due"):
            self._wrap(owner, name)

    def _wrap(self, owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def wrapped(run: Run, what: Any, *rest: Any) -> Any:
            services = run._workflow.services
            move: dict[str, Any] = {"do": name, "at": services.now().isoformat()}
            if name == "complete":
                task = next(task for task in run.user_tasks() if task.token == what)
                move |= {"process": task.process_key, "element": task.element_id, "person": task.loop_assignee}
            elif name == "finish_job":
                job = next(job for job in run.jobs() if job.token == what)
                move |= {"process": job.process_key, "element": job.element_id}
            elif name == "correlate":
                move["message"] = what
            if rest:
                move["variables"] = dict(rest[0])
            self.answers = move["answers"] = []
            answer = original(run, what, *rest)
            self.answers = None
            self._step(run)["moves"].append(move)
            return answer

        setattr(owner, name, wrapped)

    def _answers(self, owner: Any) -> None:
        for name, kind in (("call_service", "service"), ("decide", "decision"), ("evaluate", "expression")):
            self._hear(owner, name, kind)

    def _hear(self, owner: Any, name: str, kind: str) -> None:
        original = getattr(owner, name)

        def heard(services: Any, about: Any, *rest: Any) -> Any:
            answer = original(services, about, *rest)
            if self.answers is not None:
                self.answers.append([kind, about if kind == "expression" else about.element_id, written(answer)])
            return answer

        setattr(owner, name, heard)


def keep_diagrams(office: Office, case: Case) -> dict[str, str]:
    """Store the diagrams of the case beside the stories, once for each content."""
    with reading(office.engine.sessions) as session:
        query = sa.select(ProcessVersion).join(ProcessInstance).where(ProcessInstance.id == case.id)
        version = session.scalars(query).one()
        files = read_files(session, version.files)
    DIAGRAMS.mkdir(exist_ok=True)
    names = {}
    for key in (version.process_key, *(key for key in sorted(files) if key != version.process_key)):
        names[key] = f"{key}-{hashlib.sha256(files[key]).hexdigest()[:8]}.bpmn"
        (DIAGRAMS / names[key]).write_bytes(files[key])
    return names


def record(name: str, folder: Path) -> None:
    """Play one story over a database and write it down."""
    recorder = Recorder()
    recorder.listen()
    office = Office.open(f"sqlite:///{folder / 'thidua.db'}", folder)
    case = STORIES[name](office)
    story = {"format": codec.FORMAT, "diagrams": keep_diagrams(office, case), "steps": recorder.steps,
             "ends": recorder.steps[-1].pop("stands")}  # fmt: skip
    office.close()
    for number, step in enumerate(recorder.steps):
        step.pop("stands", None)
        if number % EVERY:
            del step["state"]
    place = FOLDER / f"format-{codec.FORMAT}"
    place.mkdir(exist_ok=True)
    lines = ",\n ".join(json.dumps(step, ensure_ascii=False) for step in story.pop("steps"))
    head = json.dumps(story, ensure_ascii=False)[1:-1]
    (place / f"{name}.json").write_text(f'{{"steps": [\n {lines}\n],\n{head}}}\n', encoding="utf-8")


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as made:
            record(wanted, Path(made))

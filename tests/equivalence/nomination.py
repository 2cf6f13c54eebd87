"""The nomination path as people of every kind would walk it: what may be typed, said, answered, and waited for."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from engine import feel
from engine.registry import DecisionStep, JobStep, ServiceStep, UserStep
from engine.spiff import parser
from engine.spiff.parser import Definition
from engine.spiff.runtime import JOB
from engine.spiff.values import Element
from tests.equivalence import reference
from tests.equivalence.cases import Act, Pair, due_in
from tests.equivalence.scripts import Clock, stock_clock
from workflows.documents.storage import FileStorage
from workflows.registry import build_registry

BPMN = Path(__file__).resolve().parents[2] / "bpmn"
PROCESSES = ("nomination", "intake", "feedback", "council_review", "decision_issue", "minister_referral")
MESSAGES = ("withdrawal", "serious_comment", "decision_signed", "decision_registered", "minister_answer")
WORDS: Mapping[str, tuple[Any, ...]] = {
    "proposed_form": ("GIAY_KHEN", "BANG_KHEN"),
    "director_decision": ("GRANT_GIAY_KHEN", "RETURN_TO_COUNCIL", "REFER_TO_MINISTER", "REJECT", None),
    "outcome": ("feedback_blocked", "ineligible", "out_of_scope", "declined", "rejected", None),
    "completeness": ("accepted", "returned", "out_of_scope"),
    "intake_outcome": ("accepted", "accepted", "accepted", "refused"),
    "eligibility": ("clear", "warned", "blocked"),
    "block_resolution": ("recheck", "close"),
    "verification": ("confirmed", "unfounded", "unfounded"),
    "feedback_outcome": ("clear", "clear", "clear", "blocked"),
    "session_opens_at": (None, due_in(1), due_in(30), due_in(400)),
    "window_closes_at": (None, due_in(10), due_in(15), due_in(300)),
    "ballot_deadline_at": (None, due_in(40), due_in(60), due_in(500)),
    "ballot_round": (1, 1, 2),
    "vote_outcome": ("adopted", "adopted", "not_adopted", "no_quorum"),
    "no_quorum_resolution": ("reschedule", "go_on"),
    "council_outcome": ("adopted", "not_adopted", "withdrawn"),
    "minister_answer": ("awarded", "declined"),
    "fallback": (True, False),
}
COUNCILS = tuple(range(12))
CALLS = 400
"""Services and tables one case may ask; diagrams may be led round in circles by answers no service would give."""


@cache
def diagrams() -> tuple[Definition, reference.Bundle]:
    """Return the diagrams of the path, read by both sides."""
    files = {key: (BPMN / f"{key}.bpmn").read_bytes() for key in PROCESSES}
    return parser.parse(files), reference.read(files)


def ends() -> set[str]:
    """Return the end events of the root process."""
    definition, _bundle = diagrams()
    return {item.element_id for item in definition.indexes["nomination"].elements.values() if item.kind == "endEvent"}


def flows() -> set[tuple[str, str]]:
    """Return every sequence flow of the diagrams."""
    definition, _bundle = diagrams()
    return {(key, flow) for key, index in definition.indexes.items() for (_source, target), flow in index.flows.items()}


@cache
def _outputs() -> Mapping[str, tuple[str, ...]]:
    """Return the variables each step and table may set, by key."""
    kinds = (UserStep, ServiceStep, JobStep, DecisionStep)
    steps = build_registry(FileStorage(BPMN / "nowhere")).steps
    return {key: step.outputs for (_kind, key), step in steps.items() if isinstance(step, kinds)}


def _value(name: str, rng: random.Random) -> Any:
    return rng.choice(WORDS[name]) if name in WORDS else f"{name[:3]}{rng.randrange(9)}"


def outputs_of(element: Element, rng: random.Random) -> dict[str, Any]:
    """Return what a step might set; a council is made of nobody up to eleven."""
    found = {name: _value(name, rng) for name in _outputs().get(element.step_key or element.table or "", ())}
    if "voters" in found:
        found["voters"] = [f"member{number}" for number in range(rng.choice(COUNCILS))]
        found["voter_count"] = len(found["voters"])
    return found


@dataclass
class Answers:
    """Services of one side: the same answer to the same question, asked for the same time."""

    clock: Clock
    seed: int
    asked: Counter[str] = field(default_factory=Counter)

    def now(self) -> datetime:
        """Return the hour of the case."""
        return self.clock.now()

    def _answer(self, element: Element) -> dict[str, Any]:
        self.asked[element.element_id] += 1
        if self.asked.total() > CALLS:
            raise RecursionError("round in circles")
        return outputs_of(element, random.Random(f"{self.seed} {element.element_id} {self.asked[element.element_id]}"))

    def call_service(self, element: Element, key: str, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Any:
        """Answer a service step; rendering is a job."""
        found = self._answer(element)
        return JOB if key == "decisions.render_certificate" else found

    def decide(self, element: Element, _table: str, _variables: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a decision."""
        return self._answer(element)

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """Evaluate FEEL as the engine does."""
        return feel.evaluate(expression, {**_UNSET, **variables})


_UNSET = dict.fromkeys(WORDS)
"""A variable nobody has set is null; FEEL here would take its name for a fault."""


def serve(clock: Clock, seed: int) -> Answers:
    """Return the services of one side."""
    return Answers(clock, seed)


def begin(seed: int) -> Pair:
    """Return a new case on both sides; every third lives on between its acts."""
    rng = random.Random(f"begin {seed}")
    definition, bundle = diagrams()
    declared = ("nomination_id", "unit_id", "proposer_id", "nominee_kind", "round_key", "proposed_form")
    start = {name: _value(name, rng) for name in declared}
    return Pair(definition, bundle, start, lambda clock: serve(clock, seed), live=seed % 3 == 0)


def acts_of(pair: Pair, rng: random.Random) -> list[Act]:
    """Return what might be done now: each open task, each job, each message, and waiting."""
    run = pair.run
    elements = pair.definition.elements
    found = []
    for task in run.user_tasks():
        values = outputs_of(elements[task.process_key, task.element_id], rng)
        if rng.random() < 0.1 and task.loop_assignee is None:
            # the library's loop loses what an instance sets (`test_elements.py`); ballots set nothing
            name = rng.choice(sorted(WORDS))
            values[name] = _value(name, rng)
        found.append(Act("complete", (task.process_key, task.element_id, task.loop_assignee or ""), values))
    found += [Act("job", (job.process_key, job.element_id)) for job in run.jobs()]
    known = [item.message for item in run.subscriptions()]
    found += [
        Act("message", (name,), _said(name, rng))
        for name in known
        if rng.random() < (0.04 if name == "withdrawal" else 0.5)
    ]
    if rng.random() < 0.1:
        name = rng.choice(MESSAGES)
        found.append(Act("message", (name,), _said(name, rng)))
    if run.timers() or rng.random() < 0.1:
        found.append(Act("wait", days=rng.choice((0.01, 1, 5, 12, 31, 365))))
    return found


def _said(message: str, rng: random.Random) -> dict[str, Any]:
    return {"minister_answer": _value("minister_answer", rng)} if message == "minister_answer" else {}


@dataclass
class Walked:
    """One case walked at random.

    Attributes:
        difference: the first thing seen on one side only, empty when all agreed.
        bytes: the largest state it was stored in.
        council: the most ballots that were open at once.

    """

    acts: list[Act] = field(default_factory=list)
    difference: str = ""
    ended: bool = False
    end_event: str | None = None
    flows: set[tuple[str, str]] = field(default_factory=set)
    bytes: int = 0
    council: int = 0


def walk(seed: int, steps: int = 60) -> Walked:
    """Walk a case at random on both sides until it ends, differs, or has gone on long enough."""
    found, rng = Walked(), random.Random(f"walk {seed}")
    with stock_clock(Clock()):
        try:
            pair = begin(seed)
            with stock_clock(pair.clock):
                _walk(pair, rng, steps, found)
        except Exception as fault:
            found.difference = f"{type(fault).__name__}: {fault}"
    return found


def _walk(pair: Pair, rng: random.Random, steps: int, found: Walked) -> None:
    found.difference = pair.difference()
    for _step in range(steps):
        options = acts_of(pair, rng)
        if found.difference or not options or pair.run.ended:
            break
        act = rng.choice(options)
        found.acts.append(act)
        pair.do(act)
        found.difference = pair.difference()
        found.bytes = max(found.bytes, pair.bytes)
        found.council = max(found.council, sum(task.element_id == "cast_ballot" for task in pair.run.user_tasks()))
    found.flows = set(pair.flows)
    found.ended, found.end_event = pair.run.ended, pair.run.end_event

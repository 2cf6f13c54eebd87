"""Trying a diagram: the same path as a case would take, nothing called, nothing written, bad acts told."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import trial
from engine.errors import DeploymentError, InvalidInputError
from engine.registry import Registry, ServiceStep
from engine.trial import Act, NotOnTheWalkError, Trial
from tests.office import BPMN
from workflows.documents.storage import FileStorage
from workflows.registry import build_registry

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
DIAGRAMS = {path.stem: path.read_bytes() for path in BPMN.glob("*.bpmn")}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The product's steps; a trial calls none of them."""
    return build_registry(FileStorage(tmp_path_factory.mktemp("files")))


def walk(registry: Registry, acts: Sequence[Act] = (), *, process: str = "nomination",
         variables: Mapping[str, Any] | None = None, diagrams: Mapping[str, bytes] = DIAGRAMS) -> Trial:  # fmt: skip
    return trial.walk(
        diagrams, process, registry, variables=variables or {}, acts=acts, now=NOW,
        functions={"add working days": lambda day, count: day + timedelta(days=int(count))},
    )  # fmt: skip


def waiting(found: Trial) -> list[tuple[str, str]]:
    return [(one.kind, one.element_id) for one in found.waiting]


def test_a_walk_waits_where_a_case_would(registry: Registry) -> None:
    begun = walk(registry)
    assert waiting(begun) == [("task", "draft_proposal"), ("message", "ev_withdrawn_draft")]
    filed = walk(registry, [Act("task", "nomination", "draft_proposal")])
    assert ("task", "check_completeness") in waiting(filed)
    assert {one.process_key for one in filed.waiting if one.kind == "task"} == {"intake"}
    assert ("nomination", "fl_draft_proposal__intake") in filed.flows
    states = {one.element_id: one.state for one in filed.states if one.process_key == "nomination"}
    assert states["draft_proposal"] == "done"


def test_what_is_chosen_decides_the_path(registry: Registry) -> None:
    review = "change_approval", "review_change"
    approved = walk(registry, [Act("task", *review, {"change_outcome": "approved"})], process="change_approval")
    assert approved.end_event == "end_change_in_force"
    rejected = walk(registry, [Act("task", *review, {"change_outcome": "rejected"})], process="change_approval")
    assert rejected.end_event == "end_change_rejected"
    withdrawn = walk(registry, [Act("message", "change_approval", "ev_change_withdrawn")], process="change_approval")
    assert (withdrawn.end_event, withdrawn.waiting) == ("end_change_withdrawn", ())


def test_steps_and_decisions_that_set_something_are_asked_for(registry: Registry) -> None:
    acts = [Act("task", "nomination", "draft_proposal"),
            Act("task", "intake", "check_completeness", {"completeness": "accepted"})]  # fmt: skip
    asked = walk(registry, acts)
    (decision,) = [one for one in asked.waiting if one.kind == "decision"]
    assert (decision.element_id, decision.outputs) == ("eligibility", ("eligibility",))
    answered = walk(registry, [*acts, Act("decision", "intake", decision.element_id, {"eligibility": "clear"})])
    assert ("task", "appraise") in waiting(answered)
    assert answered.variables["eligibility"] == "clear"


def test_a_timer_fires_when_it_is_let(registry: Registry) -> None:
    closes = (NOW + timedelta(days=10)).isoformat()
    acts: list[Act] = []
    found = walk(registry, acts, process="feedback")
    while not any(one.kind == "timer" for one in found.waiting):
        one = next(one for one in found.waiting if one.kind in {"service", "task"})
        given = {name: closes for name in one.outputs if name == "window_closes_at"}
        acts.append(Act(one.kind, "feedback", one.element_id, given))
        found = walk(registry, acts, process="feedback")
    timer = next(one for one in found.waiting if one.kind == "timer")
    assert timer.due_at == NOW + timedelta(days=10)
    after = walk(registry, [*acts, Act("timer", "feedback", timer.element_id)], process="feedback")
    assert ("timer", timer.element_id) not in waiting(after)


def test_no_step_is_ever_called(registry: Registry) -> None:
    """The product's service steps would fail without a case; a walk passes them by."""
    assert any(kind is ServiceStep for kind, _key in registry.steps)
    acts = [Act("task", "change_approval", "review_change", {"change_outcome": "approved"})]
    assert walk(registry, acts, process="change_approval").fault is None


def test_an_act_nobody_waits_for_stops_the_walk_with_a_word(registry: Registry) -> None:
    found = walk(registry, [Act("task", "nomination", "honour"), Act("task", "nomination", "draft_proposal")])
    assert isinstance(found.fault, NotOnTheWalkError)
    assert found.waiting == ()


@pytest.mark.parametrize("values", [{"x": 1.5}, {"x": {"y": 1}}, {"x": "a" * 5_000}, {"x": [["y"]]}])
def test_values_that_are_no_variables_are_refused(registry: Registry, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        walk(registry, [Act("task", "nomination", "draft_proposal", values)])


def test_too_many_acts_are_refused(registry: Registry) -> None:
    with pytest.raises(InvalidInputError):
        walk(registry, [Act("task", "nomination", "draft_proposal")] * (trial.MOST_ACTS + 1))


def test_what_cannot_be_read_is_refused(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises((DeploymentError, InvalidInputError)):
        walk(registry, diagrams={"nomination": DIAGRAMS["nomination"].replace(b"bpmn:startEvent", b"bpmn:startEventt")})

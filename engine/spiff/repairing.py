"""Where a token stands, where it may be moved to, and the move: cancelled at one element, started at another.

A token may be moved within its process, between elements that lie on the same branches of parallel gateways, and of
events that interrupt nothing: else a join would wait for a token that never comes, or get one too many. One instance of
several (a ballot) is not moved alone, the whole of them is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.errors import ConflictError
from engine.spiff.diagram_index import DiagramIndex
from engine.spiff.events import EngineEventGateway
from engine.spiff.migrating import LIVE
from engine.spiff.parser import SPLIT_SUFFIX
from engine.spiff.runtime import LOOP_ITEM, Run
from engine.spiff.values import frozen

_CHILD_SUFFIX = " [child]"
_ACTIVITIES = frozenset({"userTask", "serviceTask", "businessRuleTask", "receiveTask", "callActivity"})
_TARGETS = _ACTIVITIES | {"intermediateCatchEvent", "endEvent", "exclusiveGateway", "eventBasedGateway"}
_SOURCES = _ACTIVITIES | {"intermediateCatchEvent"}
_FORK = "parallelGateway"
Branches = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """Where a token stands, and the elements of the same process it may be moved to, in the order of the file."""

    token: str
    process_key: str
    element_id: str
    targets: tuple[str, ...]


def token_places(run: Run) -> tuple[TokenPlace, ...]:
    """Return the tokens that may be moved, those of the outermost process first."""
    found = []
    for flow in sorted(run.workflow.flows(), key=lambda flow: flow.depth):
        index = run.definition.indexes[flow.spec.name]
        branches = branches_of(index)
        for task in _movable(flow, index):
            element_id = str(task.task_spec.bpmn_id)
            targets = tuple(_targets(index, branches, element_id))
            found.append(TokenPlace(str(task.id), flow.spec.name, element_id, targets))
    return tuple(found)


def _movable(flow: Any, index: DiagramIndex) -> Iterator[Any]:
    for task in sorted(flow.tasks.values(), key=lambda task: task.id):
        element = index.elements.get(getattr(task.task_spec, "bpmn_id", None) or "")
        hidden = task.task_spec.name.endswith((_CHILD_SUFFIX, SPLIT_SUFFIX))
        if task.has_state(LIVE) and element is not None and not hidden and element.kind in _SOURCES:
            yield task


def _targets(index: DiagramIndex, branches: Mapping[str, Branches], source: str) -> Iterator[str]:
    if source not in branches:
        return
    after_event_gateway = {target for start, target in index.flows if index.elements[start].kind == "eventBasedGateway"}
    ways = [start for start, _target in index.flows]
    for element in index.elements.values():
        is_merge = element.kind == "exclusiveGateway" and ways.count(element.element_id) < 2
        if (
            element.kind in _TARGETS and not is_merge and element.element_id not in after_event_gateway
            and branches.get(element.element_id) == branches[source]
        ):  # fmt: skip
            yield element.element_id


def branches_of(index: DiagramIndex) -> dict[str, Branches]:
    """Return for each element the open branches it lies on, as (fork, first element); those of two kinds are left out.

    The path of an event that does not interrupt its activity is a branch of its own: its token is one more.
    An element that can be reached on different branches belongs to no place that a token may be moved to.
    """
    outgoing: dict[str, list[str]] = {}
    incoming: dict[str, int] = {}
    for source, target in index.flows:
        outgoing.setdefault(source, []).append(target)
        incoming[target] = incoming.get(target, 0) + 1
    attached: dict[str, list[str]] = {}
    for element in index.elements.values():
        if element.attached_to:
            attached.setdefault(element.attached_to, []).append(element.element_id)
    found: dict[str, Branches] = {}
    mixed: set[str] = set()
    waiting: list[tuple[str, Branches]] = [
        (element.element_id, ()) for element in index.elements.values() if element.kind == "startEvent"
    ]
    while waiting:
        element_id, branches = waiting.pop()
        is_fork = index.elements[element_id].kind == _FORK
        if is_fork and incoming.get(element_id, 0) > 1:
            branches = branches[:-1]
        if element_id in found:
            if found[element_id] != branches:
                mixed.add(element_id)
            continue
        found[element_id] = branches
        ways = outgoing.get(element_id, [])
        for target in ways:
            waiting.append((target, (*branches, (element_id, target)) if is_fork and len(ways) > 1 else branches))
        for event in attached.get(element_id, []):
            beside = () if index.elements[event].interrupting else ((element_id, event),)
            waiting.append((event, (*branches, *beside)))
    while unsure := {target for source in mixed for target in outgoing.get(source, [])} - mixed:
        mixed |= unsure
    return {element_id: branches for element_id, branches in found.items() if element_id not in mixed}


def move(run: Run, token: str, target: str) -> None:
    """Withdraw a token with all that waits beside it, start at another element of its process and run on.

    Raises:
        ConflictError: the token is not there, or may not be moved there.

    """
    place = next((place for place in token_places(run) if place.token == token), None)
    if place is None or target not in place.targets:
        raise ConflictError("the token may not be moved there", token=token, element=target)
    task = run.workflow.get_task_from_id(int(token))
    flow = task.workflow
    around = task.parent if task.parent.task_spec.name == f"{task.task_spec.name}{SPLIT_SUFFIX}" else task
    parent = around.parent
    beside = list(parent.children) if isinstance(parent.task_spec, EngineEventGateway) else [around]
    for one in beside:
        one.cancel()
    specs = flow.spec.task_specs
    spec = specs.get(f"{target}{SPLIT_SUFFIX}", specs[target])
    child = parent._add_child(spec, TaskState.FUTURE)
    child.triggered = True  # else it would count as a prediction of its parent that did not come true
    spec._predict(child, mask=TaskState.NOT_FINISHED_MASK)
    spec._update(child)
    run.workflow.advance()


def set_variables(run: Run, values: Mapping[str, Any]) -> None:
    """Give variables new values wherever a token will read them: at the tokens, and at what they come from.

    That is where a token that is moved starts again: before the activity, before the split of its boundary events, and
    before the whole of several instances.
    """
    fresh = {name: frozen(value) for name, value in values.items() if name != LOOP_ITEM}
    for flow in run.workflow.flows():
        places = {flow.last_task.id: flow.last_task} if flow.last_task is not None else {}
        for task in flow.tasks.values():
            if task.has_state(LIVE):
                places.update((one.id, one) for one in _with_what_it_comes_from(task))
        for task in places.values():
            task.data.update(fresh)


def _with_what_it_comes_from(task: Any) -> Iterator[Any]:
    """Yield a live task and those before it, up to the first that is over and no part of the same activity."""
    yield task
    before = task.parent
    while before is not None:
        yield before
        if not (before.has_state(LIVE) or before.task_spec.name.endswith(SPLIT_SUFFIX)):
            return
        before = before.parent

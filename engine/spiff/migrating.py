"""From one version of a process to another: what stands in the way of a run, and the run on the new diagrams.

A visited element must still be there: those in the tree, and those long done of which a state keeps only the count.

The stock `migrate_workflow` starts votes over: members and deadlines are lost (ENGINE: hazards of 3.2.0). Here the
tree stays as it is. Every visited task is pointed to the element of the same name in the new version; only what was
predicted is thrown away and predicted anew, so that a step added ahead is obeyed. Tokens keep their numbers, timers
their instants, instances their items.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.spiff import codec
from engine.spiff.activities import EngineCallActivity
from engine.spiff.events import EngineEventGateway, VariablesMessage
from engine.spiff.joins import EngineParallelGateway
from engine.spiff.parser import SPLIT_SUFFIX, Definition
from engine.spiff.runtime import Run
from engine.spiff.values import Services

LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_VISITED = LIVE | TaskState.COMPLETED | TaskState.ERROR
_AROUND_BOUNDARIES = (SPLIT_SUFFIX, ".BoundaryEventJoin")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a run cannot go on on another version, and where.

    Attributes:
        code: `process_gone`, `element_gone`, `kind_changed`, `step_changed`, `message_changed`, `called_changed`,
            `boundary_changed`, `fork_changed` or `join_changed`; outside this module also `scope_missing`.

    """

    code: str
    process_key: str
    element_id: str


def obstacles(run: Run, new: Definition) -> tuple[Obstacle, ...]:
    """Return what stands in the way, each once; nothing for a run that can move."""
    found: dict[Obstacle, None] = {}
    for flow in run.workflow.flows():
        key = flow.spec.name
        if key not in new.specs:
            found[Obstacle("process_gone", key, "")] = None
            continue
        for task in flow.tasks.values():
            if task.has_state(_VISITED) and (code := _in_the_way(run.definition, new, key, task)):
                found[Obstacle(code, key, _element_of(task))] = None
    for (key, name), (done, _cancelled) in run.workflow.visits.items():
        if code := _behind(run.definition, new, key, name, done):
            found[Obstacle(code, key, "" if code == "process_gone" else name)] = None
    return tuple(found)


def _behind(old: Definition, new: Definition, key: str, name: str, done: int) -> str:
    """Return the code of what is wrong with an element the run has long left, empty when nothing is."""
    if key not in new.specs:
        return "process_gone"
    there = new.specs[key].task_specs.get(name)
    if not done:
        return ""
    if there is None:
        return "element_gone"
    return "" if type(there) is type(old.specs[key].task_specs[name]) else "kind_changed"


def _element_of(task: Any) -> str:
    name = str(getattr(task.task_spec, "bpmn_id", None) or task.task_spec.name)
    for suffix in _AROUND_BOUNDARIES:
        name = name.removesuffix(suffix)
    return name


def _in_the_way(old: Definition, new: Definition, key: str, task: Any) -> str:
    """Return the code of what keeps a visited task from its place in the new version, empty when nothing does."""
    name = task.task_spec.name
    there = new.specs[key].task_specs.get(name)
    if there is None:
        return "boundary_changed" if name.endswith(_AROUND_BOUNDARIES) else "element_gone"
    if type(there) is not type(task.task_spec):
        return "kind_changed"
    if task.has_state(LIVE):
        return _changed_under_a_token(old, new, key, task, there)
    if isinstance(there, EngineParallelGateway) and len(there.outputs) > len(task.task_spec.outputs):
        return "fork_changed" if any(_live_below(task)) else ""
    return ""


def _changed_under_a_token(old: Definition, new: Definition, key: str, task: Any, there: Any) -> str:
    element_id = _element_of(task)
    before, after = old.elements.get((key, element_id)), new.elements.get((key, element_id))
    if isinstance(there, EngineCallActivity) and there.spec != task.task_spec.spec:
        return "called_changed"
    if isinstance(getattr(there, "event_definition", None), VariablesMessage) and (
        there.event_definition.name != task.task_spec.event_definition.name
    ):
        return "message_changed"
    if isinstance(there, EngineParallelGateway) and _names(there.inputs) != _names(task.task_spec.inputs):
        return "join_changed"
    if before is not None and after is not None and before.step_key != after.step_key:
        return "step_changed"
    newly_watched = f"{task.task_spec.name}{SPLIT_SUFFIX}" in new.specs[key].task_specs
    watched = f"{task.task_spec.name}{SPLIT_SUFFIX}" in old.specs[key].task_specs
    return "boundary_changed" if newly_watched and not watched else ""


def _names(specs: Any) -> set[str]:
    return {spec.name for spec in specs}


def _live_below(fork: Any) -> Iterator[Any]:
    """Yield the live tasks between a fork and the join that closes it."""
    waiting = [(child, 1) for child in fork.children]
    while waiting:
        task, depth = waiting.pop()
        if isinstance(task.task_spec, EngineParallelGateway):
            depth -= len(task.task_spec.inputs) > 1
            if depth == 0 and not task.has_state(LIVE):
                continue
            depth += len(task.task_spec.outputs) > 1
        if task.has_state(LIVE):
            yield task
        waiting.extend((child, depth) for child in task.children)


def migrate(run: Run, new: Definition, services: Services) -> Run:
    """Return the run on the new version; `obstacles` has found none. The run given is spent.

    A boundary event, or an event of an event gateway, that is new at a waiting place begins to wait now.
    """
    workflow = run.workflow
    for flow in list(workflow.flows()):
        _point_to(flow, new.specs[flow.spec.name])
    workflow.subprocess_specs = dict(new.specs)
    workflow.visits = {  # what was pruned is remembered for the picture; the new one may not have it
        (key, name): counts for (key, name), counts in workflow.visits.items()
        if key in new.specs and name in new.specs[key].task_specs
    }  # fmt: skip
    workflow.packed_visits = None
    for flow in list(workflow.flows()):
        live = [task for task in flow.tasks.values() if task.has_state(LIVE)]
        for task in live:
            task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
        for task in live:
            _add_events(task.parent)
    return Run.load(new, codec.dump(workflow, new), services)


def _point_to(flow: Any, spec: Any) -> None:
    """Drop what was only predicted, or withdrawn and is not drawn any more; point all else to the new specs."""
    for task in list(flow.tasks.values()):
        gone = task.has_state(TaskState.CANCELLED) and task.task_spec.name not in spec.task_specs
        if task.id in flow.tasks and (gone or task.has_state(TaskState.PREDICTED_MASK | TaskState.FUTURE)):
            flow._remove_task(task.id)
    flow.spec = spec
    for task in flow.tasks.values():
        task.task_spec = spec.task_specs[task.task_spec.name]


def _add_events(parent: Any) -> None:
    """Let events that are new beside a token begin to wait."""
    if parent is None:
        return
    spec = parent.task_spec
    if not (spec.name.endswith(SPLIT_SUFFIX) or isinstance(spec, EngineEventGateway)):
        return
    known = {child.task_spec.name for child in parent.children}
    for output in spec.outputs:
        if output.name not in known and getattr(output, "event_definition", None) is not None:
            child = parent._add_child(output, TaskState.FUTURE)
            output._predict(child, mask=TaskState.NOT_FINISHED_MASK)
            output._update(child)

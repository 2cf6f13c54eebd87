"""What a run no longer needs of its past: finished tasks nothing will ask for, and called processes that are over.

Whatever has to wait, join, inherit or be drawn looks back, but only so far. The rest is taken out of the tree and
remembered as how often each element was done or cancelled, so that a case that was returned two hundred times weighs
what it weighed after ten.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin
from SpiffWorkflow.util.task import TaskState

from engine.spiff.joins import EngineParallelGateway, ancestors
from engine.spiff.parser import CHILD_SUFFIX, Definition

_FINISHED: int = TaskState.FINISHED_MASK


def prune(workflow: Any, definition: Definition) -> None:
    """Take out of a run that stands still what neither it nor anybody who looks at it will ask for again."""
    _drop_called(workflow, definition)
    for flow in workflow.flows():
        if flow.touched:
            tasks, needed = flow.tasks, _needed(flow, definition)
            needed |= _forks(flow, needed)
            if len(needed) < len(tasks):
                _remember(workflow, flow, definition, (task for key, task in tasks.items() if key not in needed))
                _take_out(flow, needed)
            flow.touched = False


def _drop_called(workflow: Any, definition: Definition) -> None:
    """Forget the runs of called processes whose call is over."""
    for parent_id, flow in list(workflow.subprocesses.items()):
        parent = workflow.find(parent_id)
        if flow.completed and (parent is None or parent._state & _FINISHED):
            _remember(workflow, flow, definition, flow.tasks.values())
            del workflow.subprocesses[parent_id]


def _remember(workflow: Any, flow: Any, definition: Definition, tasks: Iterable[Any]) -> None:
    """Count what is taken out: elements done and cancelled, and the end event the root process took last."""
    key, elements = flow.spec.name, definition.indexes[flow.spec.name].elements
    for task in tasks:
        spec = task.task_spec
        element = elements.get(spec.bpmn_id)
        if element is None or spec.name.endswith(CHILD_SUFFIX) or not task._state & _FINISHED:
            continue
        done = task._state == TaskState.COMPLETED
        workflow.remember(key, spec.name, done=done, cancelled=not done)
        if flow is workflow and element.kind == "endEvent" and task._state == TaskState.COMPLETED:
            last = (task.last_state_change, element.element_id)
            workflow.last_end = last if workflow.last_end is None else max(last, workflow.last_end)


def _needed(flow: Any, definition: Definition) -> set[int]:
    """Return the ids of the tasks somebody will ask for, forks between them left out.

    Beside what is not finished these are: the root, the last task (its variables are the case's), what a token came
    from (data, and the element the next flow is drawn from), everything around a boundary that is open, and what a
    join counts and merges with the tasks before it.
    """
    elements = definition.indexes[flow.spec.name].elements
    open_tasks = [task for task in flow.tasks.values() if not task._state & _FINISHED]
    not_over = {task.id for task in open_tasks}
    needed = {flow.task_tree.id, *not_over}
    if flow.last_task is not None:
        needed.add(flow.last_task.id)
    tasks, before = flow.tasks, {task._parent for task in open_tasks if task._parent is not None}
    for task_id in before - not_over:
        needed.update(_back_to_drawn(tasks[task_id], elements))
    for task in open_tasks:
        if isinstance(task.task_spec, BoundaryEventJoin):
            needed.update(_around(task, elements))
    for task in (*_joining(flow, open_tasks), *_ended(flow)):
        needed.update((task.id, task._parent))
    return needed


def _back_to_drawn(task: Any, elements: Any) -> Iterator[int]:
    """Yield a task and what lies before it, up to the first element of the diagram."""
    while task is not None:
        yield task.id
        task = None if task.task_spec.bpmn_id in elements else task.parent


def _around(join: Any, elements: Any) -> Iterator[int]:
    """Yield the split that a boundary's join looks up, what it came from, and the activity and events it counts."""
    split = join.find_ancestor(join.task_spec.split_task)
    if split is not None:
        yield from split._children
        yield from _back_to_drawn(split, elements)


def _joining(flow: Any, open_tasks: list[Any]) -> Iterator[Any]:
    """Yield the finished joins of rounds that are not over: those after the last join every token has behind it."""
    joins = [
        task for task in flow.tasks.values()
        if open_tasks and task._state & _FINISHED and isinstance(task.task_spec, EngineParallelGateway)
    ]  # fmt: skip
    over: dict[Any, int] = {}
    for spec in {task.task_spec for task in joins}:
        last = (
            next((found.last_state_change for found in ancestors(task) if found.task_spec is spec), 0)
            for task in open_tasks
        )
        over[spec] = min(last)
    yield from (task for task in joins if task.last_state_change > over[task.task_spec])


def _ended(flow: Any) -> Iterator[Any]:
    """Yield the paths that have reached the end, whose variables the end puts together."""
    if not flow.completed:
        yield from (task for task in flow.tasks.values() if task.task_spec is flow.spec.end)


def _forks(flow: Any, needed: set[int]) -> set[int]:
    """Return the tasks at which ways part to what is needed: joins look for the place where branches met last."""
    ways: dict[int, set[int]] = {}
    for task_id in needed:
        task = flow.tasks[task_id]
        while task._parent is not None:
            children = ways.setdefault(task._parent, set())
            known = bool(children)
            children.add(task.id)
            if known:
                break
            task = flow.tasks[task._parent]
    return {task_id for task_id, children in ways.items() if len(children) > 1}


def _take_out(flow: Any, needed: set[int]) -> None:
    """Leave only what is needed in the tree, each under the nearest task before it that stays."""
    tasks = flow.tasks
    for task_id in needed:
        tasks[task_id]._children = []
    for task_id, task in tasks.items():
        if task_id in needed and task._parent is not None:
            parent = task._parent
            while parent not in needed:
                parent = tasks[parent]._parent
            task._parent = parent
            tasks[parent]._children.append(task_id)
    for task_id in [task_id for task_id in tasks if task_id not in needed]:
        del tasks[task_id]

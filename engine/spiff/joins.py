"""Our joins: parallel gateways that lose no variable, and an end that sees every open path, however long the case."""

from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import ParallelGateway
from SpiffWorkflow.util.task import TaskState

from engine.spiff.rows import same


def ancestors(task: Any) -> Iterator[Any]:
    """Yield the tasks before a task, nearest first."""
    parent = task.parent
    while parent is not None:
        yield parent
        parent = parent.parent


class EngineParallelGateway(ParallelGateway):  # type: ignore[misc]  # SpiffWorkflow is untyped
    """A parallel gateway that joins what its branches changed.

    The stock join merges whole data in the order of arrival: a branch that set nothing undoes what another set
    before. In a later round it counts the branches that came in an earlier one. It also walks up the tree by recursion,
    which ends a case of many rounds.
    """

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        missing = set(self.inputs)
        before = {id(task) for task in ancestors(my_task)}
        since = self._last_round(my_task)
        for task in [task for task in my_task.workflow.tasks.values() if task.task_spec is self]:
            if any(found is my_task for found in ancestors(task)):
                # reached only after this join: an earlier round does not wait for it
                awaited = (found.task_spec for found in ancestors(task) if found.task_spec in missing)
                missing.discard(next(awaited, None))
            elif (
                id(task) not in before and task.parent.has_state(TaskState.COMPLETED)
                and (task.last_state_change > since or task is my_task)
            ):  # fmt: skip
                missing.discard(task.parent.task_spec)
        return not missing

    def _run_hook(self, my_task: Any) -> bool:
        lines = [my_task, *ancestors(my_task)]
        since = self._last_round(my_task)
        place = {task.id: position for position, task in enumerate(lines)}
        others = sorted(
            (
                task for task in my_task.workflow.tasks.values()
                if task.task_spec is self and task.id not in place and task.last_state_change > since
                and task.has_state(TaskState.FINISHED_MASK)
            ),
            key=lambda task: task.last_state_change,
        )  # fmt: skip
        meeting = max((place[found.id] for task in others for found in _first_of(task, place)), default=1)
        base = lines[meeting].read()
        joined = dict(base)
        for task in [*others, my_task]:
            joined.update(changed(base, task.parent.read()))
        my_task.data = joined
        return True

    def _last_round(self, my_task: Any) -> int:
        """Return when the join before this one on its way was over, 0 in the first round."""
        return next((task.last_state_change for task in ancestors(my_task) if task.task_spec is self), 0)


def _first_of(task: Any, place: dict[int, int]) -> Iterator[Any]:
    """Yield the first ancestor of a task that is known."""
    found = next((found for found in ancestors(task) if found.id in place), None)
    if found is not None:
        yield found


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables that are new or differ; yes and 1 differ."""
    return {
        name: value for name, value in after.items() if not (name in before and same(before[name], value))
    }  # fmt: skip


class _End(_EndJoin):  # type: ignore[misc]
    """Waits for every open path of the process; the stock join looks 1,000 levels deep."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        return not any(
            not task.has_state(TaskState.FINISHED_MASK) and task is not my_task and not self._after(task)
            for task in my_task.workflow.tasks.values()
        )

    def _after(self, task: Any) -> bool:
        return any(found.task_spec is self for found in ancestors(task))


class EngineProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """A process whose end is ours."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.end.__class__ = _End

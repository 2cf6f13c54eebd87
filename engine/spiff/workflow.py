"""Task trees with small ids, indices of what is ready and waiting, and the hazards of 3.2.0 mended."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import EndlessPathError
from engine.feel import FeelEvaluationError
from engine.spiff.joins import ancestors
from engine.spiff.rows import EMPTY, Row, same
from engine.spiff.values import Services, thawed

MOST_STEPS = 10_000
"""How many tasks a run does by itself within one door; what asks for more goes in a circle that nothing ends."""


class EngineTask(Task):  # type: ignore[misc]  # SpiffWorkflow is untyped
    """A task with an integer id and a logical clock instead of a random id and the machine's time.

    Its data holds scalars and tuples only, and the library's deep merge, which mixes up lists, replaces tuples whole.
    What it inherits unchanged is one row shared with its parent, its siblings and its past; whoever asks for `data`,
    to write there, gets a copy that becomes a row of its own once it differs.
    """

    _row: Row
    _data: dict[str, Any] | None

    def __init__(
        self,
        workflow: Any,
        task_spec: Any,
        parent: Any = None,
        state: int = TaskState.MAYBE,
        id: int | None = None,  # noqa: A002
    ) -> None:
        top = workflow.top_workflow
        if id is None:
            top.sequence += 1
            id = top.sequence  # noqa: A001
        self.id = id
        workflow.tasks[id] = self
        self.workflow = workflow
        self._parent = parent.id if parent is not None else None
        self._children: list[int] = []
        self._state = state
        self.triggered = False
        self.task_spec = task_spec
        self.thread_id = 0
        self._row, self._data = EMPTY, None
        self.internal_data: dict[str, Any] = {}
        top.tick += 1
        self.last_state_change = top.tick
        workflow.index(self, 0, state)
        if parent is not None:
            parent._children.append(id)

    @property
    def data(self) -> dict[str, Any]:
        """The variables, to be written; whoever only reads asks `read`."""
        if self._data is None:
            self._data = dict(self._row.values())
        return self._data

    @data.setter
    def data(self, values: dict[str, Any]) -> None:
        self._data = values

    def read(self) -> Mapping[str, Any]:
        """Return the variables for reading only."""
        return self._row.values() if self._data is None else self._data

    def row(self) -> Row:
        """Return the variables as a row, after what was written has become one."""
        data = self._data
        if data is not None:
            held = self._row.values()
            if len(held) != len(data) or any(
                not (name in held and same(held[name], value)) for name, value in data.items()
            ):
                parent = self.parent
                self._row = Row.after(EMPTY if parent is None else parent._row, dict(data))
            self._data = None
        return self._row

    def take(self, row: Row) -> None:
        """Let the variables be those of a row."""
        self._row, self._data = row, None

    def _inherit_data(self) -> None:
        inherited = self.parent.row()
        if not self._data and self._row is EMPTY:
            self.take(inherited)
        elif self._data is not None or self._row is not inherited:
            self.data.update(inherited.values())

    def _set_state(self, value: int) -> None:
        if value != self._state:
            before, self._state = self._state, value
            top = self.workflow.top_workflow
            top.tick += 1
            self.last_state_change = top.tick
            self.workflow.index(self, before, value)

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> "EngineTask":
        if self.has_state(TaskState.PREDICTED_MASK) and not state & TaskState.PREDICTED_MASK:
            # 3.2.0 raises here when a multi-instance task is reached along a boundary event's path
            self._set_state(TaskState.FUTURE)
        child = EngineTask(self.workflow, task_spec, self, state=state)
        if state == TaskState.READY:
            child._ready()
        return child

    def is_descendant_of(self, task: Any) -> bool:
        """Tell whether a task is an ancestor; the stock method recurs, which ends a case of many rounds."""
        return any(found is task for found in ancestors(self))

    def find_ancestor(self, spec_name: str) -> Any:
        """Return the nearest ancestor of that spec, or None."""
        return next((found for found in ancestors(self) if found.task_spec.name == spec_name), None)

    def _assign_new_thread_id(self, recursive: bool = True) -> int:
        return 0


class _Indexed:
    """READY, WAITING and STARTED tasks by id, kept as states change; `touched` once one did since the last pruning."""

    ready: dict[int, EngineTask]
    waiting: dict[int, EngineTask]
    started: dict[int, EngineTask]
    touched: bool
    tasks: dict[int, EngineTask]
    top_workflow: Any
    spec: Any
    completed: bool

    def index(self, task: EngineTask, before: int, after: int) -> None:
        """Note a change of state, also for the journal of flows."""
        self.touched = True
        if before == TaskState.READY:
            self.ready.pop(task.id, None)
        elif before == TaskState.WAITING:
            self.waiting.pop(task.id, None)
        elif before == TaskState.STARTED:
            self.started.pop(task.id, None)
        if after == TaskState.READY:
            self.ready[task.id] = task
        elif after == TaskState.WAITING:
            self.waiting[task.id] = task
        elif after == TaskState.STARTED:
            self.started[task.id] = task
        if after >= TaskState.WAITING and before < TaskState.WAITING and after != TaskState.CANCELLED:
            # what an interruption cancels before its turn was never entered
            self.top_workflow.journal.append(task)

    def get_tasks_iterator(self, first_task: Any = None, **kwargs: Any) -> Any:
        """Return the library's walk through the tree, without its end at 1,000 levels."""
        return super().get_tasks_iterator(first_task, max_depth=sys.maxsize, **kwargs)  # type: ignore[misc]

    def is_completed(self) -> bool:
        """Tell whether every task is finished, however deep it lies."""
        if not self.completed:
            self.completed = all(task.has_state(TaskState.FINISHED_MASK) for task in self.tasks.values())
        return self.completed

    def plant(self) -> None:
        """Grow the tree's root."""
        self.task_tree = EngineTask(self, self.spec.start, state=TaskState.FUTURE)
        self.task_tree.task_spec._predict(self.task_tree, mask=TaskState.NOT_FINISHED_MASK)
        self.task_tree._ready()

    def update_waiting_tasks(self) -> None:
        """Update joins; events wait for their own message or hour and need no asking."""
        for task in list(self.waiting.values()):
            if (
                task.id in self.tasks
                and task._state == TaskState.WAITING
                and not isinstance(task.task_spec, CatchingEvent)
            ):
                task.task_spec._update(task)

    def _remove_task(self, task_id: int) -> None:
        self.touched = True
        task = self.tasks[task_id]
        for child in task.children:
            self._remove_task(child.id)
        task.parent._children.remove(task_id)
        del self.tasks[task_id]
        self.ready.pop(task_id, None)
        self.started.pop(task_id, None)
        if self.waiting.pop(task_id, None) is not None:
            self.top_workflow.event_manager.remove_task(task)
        self.top_workflow.subprocesses.pop(task_id, None)  # 3.2.0 leaves the called process of a dropped task behind


class EngineSubWorkflow(_Indexed, BpmnSubWorkflow):  # type: ignore[misc]
    """The run of a called process."""

    def __init__(self, spec: Any, parent_task_id: int, top_workflow: Any, *, empty: bool = False) -> None:
        self.ready, self.waiting, self.started, self.touched = {}, {}, {}, True
        super().__init__(spec, parent_task_id, top_workflow, deserializing=True)
        if not empty:
            self.plant()


class Conditions:
    """What SpiffWorkflow asks for conditions: FEEL, and a yes or no."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool:
        """Return the truth of a condition.

        Raises:
            FeelEvaluationError: the condition gives no boolean; a gateway must not guess.

        """
        value = task.workflow.top_workflow.services.evaluate(expression, thawed(task.read()))
        if not isinstance(value, bool):
            element = task.task_spec.bpmn_id or task.task_spec.name
            raise FeelEvaluationError(
                f"the condition {expression!r} at {element} gives no yes or no", expression=expression, element=element
            )
        return value


class EngineWorkflow(_Indexed, BpmnWorkflow):  # type: ignore[misc]
    """The run of a root process with its called processes.

    Attributes:
        visits: what was pruned of the tree, as (process key, name of the task spec) to how often it was done and how
            often cancelled; changed by `remember` alone.
        packed_visits: the same as it is stored, None until somebody stores it.
        last_end: the end event of the root process that was pruned last, as (tick, id).
        steps: how many tasks were done since a door began to move the run.

    """

    def __init__(self, spec: Any, specs: Any, services: Services | None, *, empty: bool = False) -> None:
        self.ready, self.waiting, self.started, self.touched = {}, {}, {}, True
        self.sequence = 0
        self.tick = 0
        self.journal: list[EngineTask] = []
        self.visits: dict[tuple[str, str], list[int]] = {}
        self.packed_visits: dict[str, list[Any]] | None = None
        self.last_end: tuple[int, str] | None = None
        self.services: Services | None = services
        self.steps = 0
        super().__init__(spec, dict(specs), Conditions(), deserializing=True)
        if not empty:
            self.plant()

    def remember(self, key: str, name: str, *, done: int = 0, cancelled: int = 0) -> None:
        """Count how often what is pruned of the tree was done and cancelled."""
        counts = self.visits.setdefault((key, name), [0, 0])
        counts[0] += done
        counts[1] += cancelled
        self.packed_visits = None

    def create_subprocess(self, my_task: Any, spec_name: str) -> EngineSubWorkflow:
        """Start the run of a called process."""
        made = EngineSubWorkflow(self.subprocess_specs[spec_name], my_task.id, self)
        self.subprocesses[my_task.id] = made
        return made

    def find(self, task_id: int) -> EngineTask | None:
        """Return a task of any of the runs."""
        return next((flow.tasks[task_id] for flow in self.flows() if task_id in flow.tasks), None)

    def get_task_from_id(self, task_id: int) -> Any:
        """Return a task of any of the runs, as the library asks for it."""
        found = self.find(task_id)
        return found if found is not None else super().get_task_from_id(task_id)

    def flows(self) -> Iterator[Any]:
        """Yield the root run and the runs of called processes."""
        yield self
        yield from self.subprocesses.values()

    def advance(self) -> None:
        """Run to quiescence: until no task is ready but those of people.

        The library refreshes timers last and leaves what they made ready; it also runs tasks of a snapshot that
        an earlier task of it has cancelled. Here one task runs at a time, chosen anew.

        Raises:
            EndlessPathError: the diagram lets it go in a circle for ever.

        """
        while True:
            flow = next((flow for flow in self._deepest_first() if self._next_of(flow) is not None), None)
            if flow is None:
                return
            while (task := self._next_of(flow)) is not None:
                self.steps += 1
                if self.steps > MOST_STEPS:
                    element = str(task.task_spec.bpmn_id or task.task_spec.name)
                    raise EndlessPathError("the path never ends", task_place=f"{flow.spec.name}.{element}")
                task.run()

    def _deepest_first(self) -> list[Any]:
        active = [flow for flow in self.subprocesses.values() if not flow.completed or flow.ready]
        return [*sorted(active, key=lambda flow: -flow.depth), self]

    @staticmethod
    def _next_of(flow: Any) -> Any:
        return next((flow.ready[key] for key in sorted(flow.ready) if not flow.ready[key].task_spec.manual), None)

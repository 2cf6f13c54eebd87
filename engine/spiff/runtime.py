"""A live run of one instance, for the length of one door."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.errors import ConflictError
from engine.spiff import codec
from engine.spiff.activities import EngineDecisionTask, EngineServiceTask, set_variables
from engine.spiff.events import FeelTimer, VariablesMessage
from engine.spiff.parser import CHILD_SUFFIX, SPLIT_SUFFIX, Definition
from engine.spiff.pruning import prune
from engine.spiff.values import (
    JOB,
    LOOP_ITEM,
    Element,
    Services,
    WaitingJob,
    WaitingMessage,
    WaitingTask,
    WaitingTimer,
    frozen,
    thawed,
)
from engine.spiff.workflow import EngineTask, EngineWorkflow
from engine.views import ElementState

__all__ = [
    "JOB", "LOOP_ITEM", "Definition", "Element", "Run", "Services", "WaitingJob", "WaitingMessage", "WaitingTask",
    "WaitingTimer",
]  # fmt: skip
_UNDECIDED = (TaskState.WAITING, TaskState.CANCELLED)
"""States of an event after an event gateway to which no flow has led yet, or never will."""


class Run:
    """Tokens of one instance. After any exception it is thrown away, never dumped."""

    def __init__(self, workflow: EngineWorkflow, definition: Definition) -> None:
        self._workflow = workflow
        self._definition = definition
        self._taken: list[tuple[str, str]] = []
        self._standing: dict[str, tuple[Any, ...]] = {}

    @classmethod
    def start(cls, definition: Definition, process_key: str, variables: Mapping[str, Any], services: Services) -> "Run":
        """Start a run and move its tokens to the first wait states."""
        workflow = EngineWorkflow(definition.specs[process_key], definition.specs, services)
        workflow.task_tree.data.update({name: frozen(value) for name, value in variables.items()})
        workflow.advance()
        return cls(workflow, definition)

    @classmethod
    def load(cls, definition: Definition, state: bytes, services: Services | None = None) -> "Run":
        """Return the run of a stored state; without services it is bound before it moves.

        Raises:
            ValueError: a format this version does not know, or other names of tasks than those it was written with.

        """
        return cls(codec.load(state, definition, services), definition)

    def dump(self) -> bytes:
        """Return the state to be stored, after what nobody will ask for again has been taken out."""
        self._note_flows()
        prune(self._workflow, self._definition)
        return codec.dump(self._workflow, self._definition)

    def bind(self, services: Services | None) -> None:
        """Let the tokens ask the services of the door that moves them now; None when no door does."""
        self._workflow.services, self._workflow.steps = services, 0

    @property
    def workflow(self) -> EngineWorkflow:
        """The task tree, for what else moves it in this package (`migrating`, `repairing`)."""
        self._standing.clear()
        return self._workflow

    @property
    def definition(self) -> Definition:
        """The version it runs on."""
        return self._definition

    # moving

    def complete(self, token: str, variables: Mapping[str, Any]) -> None:
        """Complete a ready user task and run to quiescence.

        Raises:
            ConflictError: the token is not there or not ready.

        """
        task = self._task_to_move(token, TaskState.READY)
        set_variables(task, variables)
        task.run()
        self._workflow.advance()

    def finish_job(self, token: str, variables: Mapping[str, Any]) -> None:
        """Complete a started job with its result and run to quiescence.

        Raises:
            ConflictError: the token is not there or not started.

        """
        task = self._task_to_move(token, TaskState.STARTED)
        set_variables(task, variables)
        task.complete()
        self._workflow.advance()

    def correlate(self, message: str, variables: Mapping[str, Any]) -> bool:
        """Hand a message to the first token that waits for it; tell whether one did."""
        waiting = [item for item in self.subscriptions() if item.message == message]
        if not waiting:
            return False
        task = self._task_to_move(waiting[0].token, TaskState.WAITING)
        task.task_spec.event_definition.deliver(task, {name: frozen(value) for name, value in variables.items()})
        task.task_spec._update(task)
        self._workflow.advance()
        return True

    def fire_due(self, now: datetime) -> list[str]:
        """Fire the timers that are due, one round; return their tokens."""
        fired = []
        for timer in self.timers():
            task = self._workflow.find(int(timer.token))
            if timer.due_at <= now and task is not None and task.has_state(TaskState.WAITING):
                self._standing.clear()
                task.task_spec._update(task)
                fired.append(timer.token)
                self._workflow.advance()
        return fired

    def _task_to_move(self, token: str, state: int) -> EngineTask:
        task = self._workflow.find(int(token))
        if task is None or not task.has_state(state):
            raise ConflictError("the token is not there any more", token=token)
        self._standing.clear()
        return task

    # asking; a door asks several times what a run waits for, which is found once for as long as it stands still

    def _as_it_stands(self, what: str, find: Callable[[], Iterable[Any]]) -> tuple[Any, ...]:
        found = self._standing.get(what)
        if found is None:
            found = self._standing[what] = tuple(find())
        return found

    def user_tasks(self) -> tuple[WaitingTask, ...]:
        """Return the ready user tasks, oldest first."""
        return self._as_it_stands("tasks", self._find_user_tasks)

    def _find_user_tasks(self) -> list[WaitingTask]:
        found = []
        for flow in self._workflow.flows():
            for key in sorted(flow.ready):
                task = flow.ready[key]
                if task.task_spec.manual:
                    row = task.row()
                    person = row.get(LOOP_ITEM) if task.task_spec.name.endswith(CHILD_SUFFIX) else None
                    found.append(WaitingTask(str(key), flow.spec.name, task.task_spec.bpmn_id, person, row))
        return sorted(found, key=lambda task: int(task.token))

    def timers(self) -> tuple[WaitingTimer, ...]:
        """Return the waiting timers that will fire, soonest first."""
        return self._as_it_stands("timers", self._find_timers)

    def _find_timers(self) -> list[WaitingTimer]:
        found = []
        for task in self._catching(FeelTimer):
            due_at = task.task_spec.event_definition.due_at(task)
            if due_at is not None:
                found.append(WaitingTimer(str(task.id), task.workflow.spec.name, task.task_spec.bpmn_id, due_at))
        return sorted(found, key=lambda timer: (timer.due_at, int(timer.token)))

    def subscriptions(self) -> tuple[WaitingMessage, ...]:
        """Return the waiting messages, oldest first."""
        return self._as_it_stands("messages", self._find_subscriptions)

    def _find_subscriptions(self) -> list[WaitingMessage]:
        return [
            WaitingMessage(
                str(task.id), task.workflow.spec.name, task.task_spec.bpmn_id, task.task_spec.event_definition.name
            )
            for task in self._catching(VariablesMessage)
        ]

    def _catching(self, definition: type[Any]) -> list[EngineTask]:
        tasks = (task for flow in self._workflow.flows() for task in flow.waiting.values())
        found = [task for task in tasks if isinstance(getattr(task.task_spec, "event_definition", None), definition)]
        return sorted(found, key=lambda task: task.id)

    def jobs(self) -> tuple[WaitingJob, ...]:
        """Return the service tasks that wait for a job's result."""
        return self._as_it_stands("jobs", self._find_jobs)

    def _find_jobs(self) -> list[WaitingJob]:
        return [
            WaitingJob(
                str(task.id), flow.spec.name, task.task_spec.bpmn_id, _called_by(task.task_spec.element),
                dict(task.internal_data.get("params") or {}), thawed(task.read()),
            )
            for flow in self._workflow.flows()
            for task in flow.started.values()
            if isinstance(task.task_spec, EngineServiceTask | EngineDecisionTask)
        ]  # fmt: skip

    @property
    def ended(self) -> bool:
        """Tell whether the root process is over."""
        return bool(self._workflow.completed)

    @property
    def end_event(self) -> str | None:
        """The end event the root process took last, once it is over."""
        if not self.ended:
            return None
        index = self._definition.indexes[self._workflow.spec.name]
        ends = [
            (task.last_state_change, str(task.task_spec.bpmn_id))
            for task in self._workflow.tasks.values()
            if task.has_state(TaskState.COMPLETED) and _kind(index, task) == "endEvent"
        ]
        if self._workflow.last_end is not None:
            ends.append(self._workflow.last_end)
        return max(ends)[1] if ends else None

    def variables(self) -> dict[str, Any]:
        """Return the variables of the case: of the root, overlaid by those of the called processes that run."""
        found: dict[str, Any] = {}
        for flow in sorted(self._workflow.flows(), key=lambda flow: flow.depth):
            if flow.last_task is not None and (flow is self._workflow or not flow.completed):
                found.update(flow.last_task.read())
        found.pop(LOOP_ITEM, None)
        return thawed(found)

    def take_flows(self) -> list[tuple[str, str]]:
        """Return the sequence flows taken since the last question, as (process key, flow id) in order."""
        self._note_flows()
        taken, self._taken = self._taken, []
        return taken

    def _note_flows(self) -> None:
        """Find the flows of what was entered, while the tree still tells where the tokens came from."""
        journal, self._workflow.journal = self._workflow.journal, []
        for task in journal:
            index = self._definition.indexes[task.workflow.spec.name]
            target = _element_of(task)
            hidden = task.task_spec.name.endswith((CHILD_SUFFIX, SPLIT_SUFFIX))
            if target is None or hidden or target not in index.elements:
                continue
            source = _source_of(task, index.elements)
            flow = index.flows.get((source, target)) if source else None
            behind_gateway = source is not None and index.elements[source].kind == "eventBasedGateway"
            if flow is not None and not (behind_gateway and task._state in _UNDECIDED):
                self._taken.append((index.process_key, flow))

    def element_states(self) -> list[ElementState]:
        """Return how far the run got at each element of each diagram."""
        found: dict[tuple[str, str], list[int]] = {}
        for key, (done, cancelled) in self._workflow.visits.items():
            found[key] = [TaskState.COMPLETED] * done + [TaskState.CANCELLED] * cancelled
        for flow in self._workflow.flows():
            elements = self._definition.indexes[flow.spec.name].elements
            for task in flow.tasks.values():
                drawn = task.task_spec.bpmn_id in elements and not task.task_spec.name.endswith(CHILD_SUFFIX)
                if drawn and task._state >= TaskState.WAITING:
                    found.setdefault((flow.spec.name, task.task_spec.bpmn_id), []).append(task._state)
        return [ElementState(key, element, _summary(states), len(states)) for (key, element), states in found.items()]


def _called_by(element: Element) -> str:
    return str(element.step_key or element.table)


def _kind(index: Any, task: EngineTask) -> str:
    element = index.elements.get(task.task_spec.bpmn_id)
    return "" if element is None else element.kind


def _element_of(task: EngineTask) -> str | None:
    bpmn_id: str | None = getattr(task.task_spec, "bpmn_id", None)
    return bpmn_id


def _source_of(task: EngineTask, elements: Mapping[str, Element]) -> str | None:
    """Return the element a token came from: the nearest ancestor that is drawn; None for boundary events."""
    element = elements[task.task_spec.bpmn_id]
    if element.kind == "boundaryEvent":
        return None
    parent = task.parent
    while parent is not None and (_element_of(parent) not in elements or parent.task_spec.name.endswith(SPLIT_SUFFIX)):
        parent = parent.parent
    return None if parent is None else _element_of(parent)


def _summary(states: list[int]) -> str:
    if any(state in (TaskState.READY, TaskState.STARTED) for state in states):
        return "active"
    if TaskState.WAITING in states:
        return "waiting"
    return "done" if TaskState.COMPLETED in states else "cancelled"

"""Our event definitions: timers on the door's clock with a FEEL date-time, and messages that carry variables."""

from datetime import UTC, date, datetime, time
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    IntermediateCatchEvent,
    ReceiveTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin
from SpiffWorkflow.util.task import TaskState

from engine.clock import VIETNAM
from engine.feel import FeelEvaluationError
from engine.spiff.values import thawed

_DUE, _FIRED, _PAYLOAD = "due", "event_fired", "payload"


class FeelTimer(TimerEventDefinition):  # type: ignore[misc]  # SpiffWorkflow is untyped
    """A timer whose expression gives an instant, or null for a timer that never fires.

    The expression is evaluated once, when the event begins to wait; the stock definitions read the machine's
    clock and evaluate Python.
    """

    def has_fired(self, my_task: Any) -> bool:
        """Tell whether the instant has come by the door's clock."""
        due = self.due_at(my_task)
        return due is not None and due <= my_task.workflow.top_workflow.services.now()

    def due_at(self, my_task: Any) -> datetime | None:
        """Return the instant of this token, evaluated at the first question."""
        if _DUE not in my_task.internal_data:
            value = my_task.workflow.top_workflow.services.evaluate(self.expression, thawed(my_task.read()))
            my_task.internal_data[_DUE] = instant_of(value, self.expression)
        text = my_task.internal_data[_DUE]
        return None if text is None else datetime.fromisoformat(text)

    def reset(self, my_task: Any) -> None:
        """Forget the instant once the event is over."""
        my_task.internal_data.pop(_DUE, None)


def instant_of(value: Any, expression: str) -> str | None:
    """Return an instant in UTC as text; a date is its midnight in Vietnam.

    Raises:
        FeelEvaluationError: the expression gives neither a date-time nor a date nor null, or one no calendar has.

    """
    if value is None:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise FeelEvaluationError(f"a timer needs a date-time or null: {expression}", expression=expression)
    try:
        return (value if value.tzinfo else value.replace(tzinfo=VIETNAM)).astimezone(UTC).isoformat()
    except OverflowError as error:
        raise FeelEvaluationError(f"no calendar has this instant: {expression}", expression=expression) from error


class VariablesMessage(MessageEventDefinition):  # type: ignore[misc]  # SpiffWorkflow is untyped
    """A message by name; its payload becomes variables of the token that caught it."""

    def deliver(self, my_task: Any, payload: dict[str, Any]) -> None:
        """Hand the message to a waiting token."""
        my_task.internal_data[_FIRED] = True
        my_task.internal_data[_PAYLOAD] = payload

    def has_fired(self, my_task: Any) -> bool:
        """Tell whether the message has come."""
        return bool(my_task.internal_data.get(_FIRED))

    def update_task(self, my_task: Any) -> None:
        """Nothing to compute while waiting: routing between cases is by business key, outside."""

    def update_task_data(self, my_task: Any) -> None:
        """Give the token the payload."""
        payload = my_task.internal_data.pop(_PAYLOAD, None)
        if payload:
            my_task.data.update(payload)

    def reset(self, my_task: Any) -> None:
        """Forget that the message came."""
        my_task.internal_data.pop(_FIRED, None)


class _FirstWins:
    """After an event gateway the first event to happen takes the token; the others are withdrawn."""

    def _run_hook(self, my_task: Any) -> Any:
        if isinstance(my_task.parent.task_spec, EngineEventGateway):
            journal = my_task.workflow.top_workflow.journal
            if my_task not in journal:
                journal.append(my_task)  # only now is the flow to this event the one that was taken
            for sibling in my_task.parent.children:
                if sibling is not my_task and not sibling.has_state(TaskState.FINISHED_MASK):
                    sibling.cancel()
        return super()._run_hook(my_task)  # type: ignore[misc]  # mixin before a catching event


class EngineCatchEvent(_FirstWins, IntermediateCatchEvent):  # type: ignore[misc]
    """An intermediate catching event."""


class EngineReceiveTask(_FirstWins, ReceiveTask):  # type: ignore[misc]
    """A receive task."""


class EngineBoundaryEvent(BoundaryEvent):  # type: ignore[misc]
    """A boundary event."""


class EngineEventGateway(BpmnSpecMixin):  # type: ignore[misc]
    """An event gateway whose events wait themselves.

    The stock gateway moves the events into itself, where two timers share one value (a hazard of 3.2.0).
    """

    def _predict_hook(self, my_task: Any) -> None:
        my_task._sync_children(
            self.outputs, state=TaskState.FUTURE if my_task.has_state(TaskState.DEFINITE_MASK) else TaskState.MAYBE
        )

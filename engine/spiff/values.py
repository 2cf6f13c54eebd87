"""What a run tells and asks, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

JOB: Final = object()
"""What `Services.call_service` returns for a step that runs after the commit."""

LOOP_ITEM: Final = "assignee"
"""The variable that holds the item of one instance of a multi-instance task: the person who does it."""

Variables = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a diagram.

    Attributes:
        kind: the BPMN tag, e.g. `userTask`, `boundaryEvent`.
        lane_role: key of the lane's role (`lane_<role_key>`), None outside lanes.
        properties: extension properties (`step`, `assignee`, `reminder`, `due`).
        attached_to: the activity of a boundary event.
        interrupting: that event takes the activity's token; one that does not begins a path beside it.

    """

    process_key: str
    element_id: str
    kind: str
    name: str
    lane_role: str | None
    properties: Mapping[str, str] = field(default_factory=dict)
    attached_to: str | None = None
    step_key: str | None = None
    table: str | None = None
    message: str | None = None
    called: str | None = None
    interrupting: bool = True


class Readable(Protocol):
    """Variables that never change, put together when somebody asks for them."""

    def values(self) -> Mapping[str, Any]:
        """Return them by name, for reading only."""
        ...


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """A user task that is ready. `loop_assignee` is the person of this instance of a multi-instance task."""

    token: str
    process_key: str
    element_id: str
    loop_assignee: str | None
    row: Readable = field(repr=False, compare=False)

    @property
    def variables(self) -> Variables:
        """The variables at the task, made anew for each who asks; the item of a loop is none of them."""
        found = thawed(self.row.values())
        if self.loop_assignee is not None:
            found.pop(LOOP_ITEM, None)
        return found


@dataclass(frozen=True, slots=True)
class WaitingTimer:
    """A timer event that will fire at `due_at`."""

    token: str
    process_key: str
    element_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A catching message event."""

    token: str
    process_key: str
    element_id: str
    message: str


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A service task that runs after the commit."""

    token: str
    process_key: str
    element_id: str
    key: str
    params: Variables
    variables: Variables


class Services(Protocol):
    """What tokens may ask while they move."""

    def now(self) -> datetime:
        """Return the door's business instant."""
        ...

    def call_service(self, element: Element, key: str, params: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        """Run a service step; return its variables or `JOB`."""
        ...

    def decide(self, element: Element, table: str, variables: Mapping[str, Any]) -> Any:
        """Evaluate a decision table; return the variables it sets, or `JOB` where the answer is chosen (a trial)."""
        ...

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """Return the value of a FEEL expression."""
        ...


def frozen(value: Any) -> Any:
    """Return a variable as runs keep it: lists become tuples, so that nothing is shared and nothing deep-merged."""
    return tuple(frozen(item) for item in value) if isinstance(value, list | tuple) else value


def thawed(variables: Mapping[str, Any]) -> Variables:
    """Return variables as the rest of the engine sees them: tuples become lists."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in variables.items()}

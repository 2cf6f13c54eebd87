"""What leaves the engine: plain frozen values, never rows of a session."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from engine.errors import EngineError


@dataclass(frozen=True, slots=True)
class TaskView:
    """A user task as queues, guards and pages see it.

    Attributes:
        role: key of the lane's role; `scope` narrows it (a unit's id), empty when the role is not scoped.
        assignee: person who holds it; None in a shared queue.
        status: `open`, `completed` or `cancelled`.
        owner: who handed it to the assignee and gets it back.
        variables: the process variables at the element, without anything a person typed.
        priority: 1 urgent, 2 usual, 3 may wait.
        follow_up_on: the day on which its holder wants to see it again.
        escalated_at: when the head of its unit was told that it is late.
        completed_for: in whose place a deputy or helper did it.
        suspended: its case is; nobody can do it until the case is resumed.

    """

    id: UUID
    instance_id: UUID
    process_key: str
    root_process_key: str
    business_key: str
    element_id: str
    step_key: str
    name: str
    role: str
    scope: str
    assignee: str | None
    owner: str | None
    status: str
    created_at: datetime
    due_at: datetime | None = None
    completed_at: datetime | None = None
    completed_by: str | None = None
    personal: bool = False
    variables: dict[str, Any] = field(default_factory=dict)
    priority: int = 2
    follow_up_on: date | None = None
    escalated_at: datetime | None = None
    completed_for: str | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page of a queue; `next_cursor` is opaque, None at the end."""

    items: tuple[TaskView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One case. `status` is `running`, `suspended`, `completed`, `cancelled` or `incident`.

    `end_event` is the id of the end event the root process took; `waiting_for` lists messages and timers.
    """

    id: UUID
    process_key: str
    version: int
    business_key: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    end_event: str | None
    revision: int
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a door did: the case afterwards and the tasks it opened and closed."""

    instance: InstanceView
    opened: tuple[TaskView, ...] = ()
    closed: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class BulkItem:
    """What became of one task of a list: what its door did, or why it refused."""

    task_id: UUID
    result: CommandResult | None
    refusal: EngineError | None = None


@dataclass(frozen=True, slots=True)
class ReasonView:
    """What a person stated for leaving the usual course, at a door (`delegate_task`, `resolve_task`)."""

    door: str
    person_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who walks a task's queue today, and why he may not be given the task; None when he may."""

    person_id: str
    refusal: EngineError | None = None


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What an action answered: ids of what it made."""

    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventView:
    """One link of a history chain. `chain` is an instance id or `system`."""

    chain: str
    sequence: int
    kind: str
    at: datetime
    actor_id: str
    actor_name: str
    post: str
    business_key: str
    process_key: str
    element_id: str
    data: dict[str, Any]
    facts: tuple[tuple[str, str], ...]
    hash: str


@dataclass(frozen=True, slots=True)
class ElementState:
    """How far a case got at one element of one diagram: `done`, `active`, `waiting` or `cancelled`; `count` visits."""

    process_key: str
    element_id: str
    state: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """A stored decision: which table in force from when, what went in, which rules matched, what came out.

    `valid_until` is the day the next version begins, as known today; None while that version is the latest.
    """

    id: UUID
    instance_id: UUID | None
    element_id: str
    table: str
    valid_from: date
    sha256: str
    looked_up_on: date
    at: datetime
    inputs: dict[str, Any]
    outputs: Any
    matched: tuple[dict[str, Any], ...]
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class IncidentView:
    """A job that gave up: what it was, where and why, how often it was tried.

    Attributes:
        cause: short name of the step, the element and the class of the error together.
        process_key: diagram and element where it failed, empty when nobody knows.

    """

    job_id: UUID
    kind: str
    key: str
    business_key: str
    attempts: int
    error: str
    failed_at: datetime
    cause: str = ""
    process_key: str = ""
    element_id: str = ""
    error_class: str = ""
    instance_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class IncidentGroupView:
    """What gave up for one cause: how often, since when, in which cases.

    Attributes:
        first_at: when the first and the last of those still open gave up.
        incidents: the latest of them, at most as many as asked for.

    """

    cause: str
    kind: str
    key: str
    process_key: str
    element_id: str
    error_class: str
    count: int
    first_at: datetime
    last_at: datetime
    incidents: tuple[IncidentView, ...] = ()


@dataclass(frozen=True, slots=True)
class DeploymentView:
    """A deployed diagram version or table version."""

    kind: str
    key: str
    version: int
    valid_from: date | None
    sha256: str
    deployed_at: datetime
    deployed_by: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    """An in-app notice; `kind` is a label key."""

    id: UUID
    kind: str
    business_key: str
    about: str
    at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class FormView:
    """A task's form as it opens: a JSON Schema and the values it starts with (the draft, when there is one).

    `draft_version` is what `save_draft` expects next, 0 without a draft.
    """

    schema: dict[str, Any]
    values: dict[str, Any]
    draft_version: int
    secret: bool
    step_key: str


@dataclass(frozen=True, slots=True)
class WaitingView:
    """What a case waits for without a person: a message (by name) or an instant."""

    process_key: str
    element_id: str
    name: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of history, newest first; `next_cursor` is opaque, None at the end."""

    items: tuple[EventView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PulseView:
    """When a background duty last ran (machine's clock) and how much it did."""

    duty: str
    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class StandingView:
    """How much is open, for those who watch the service."""

    open_tasks: int
    running_cases: int
    pending_jobs: int
    incidents: int
    overdue_timers: int

"""What leaves the engine about versions and interventions: plain frozen values, as those of `engine.views`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from engine.registry import AnyStep
from engine.views import TaskView, WaitingView

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list; `next_cursor` is opaque, None at the end."""

    items: tuple[Item, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one case can move to another version; `reason` is a code, empty when it can.

    Codes are those of `engine.spiff.migrating.Obstacle`, and `unreadable`.
    """

    instance_id: UUID
    business_key: str
    revision: int
    status: str
    reason: str = ""
    process_key: str = ""
    element_id: str = ""

    @property
    def moves(self) -> bool:
        """Whether it can."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """What a repair does to a case: a token moved (none when `token` is empty) and variables changed.

    `before` holds what the variables were when it was proposed: filled in by the door, empty in plans of old.
    """

    token: str = ""
    process_key: str = ""
    source: str = ""
    target: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RepairView:
    """A proposed intervention and how it ended.

    Attributes:
        kind: `repair` or `migration`; `state`: `proposed`, `approved`, `rejected` or `void`.
        plan: of a repair.
        before: of a migration the version left, `after` the one moved to, `instances` the cases.

    """

    request_id: UUID
    kind: str
    state: str
    process_key: str
    business_key: str
    instance_id: UUID | None
    revision: int
    proposer_id: str
    reason: str
    proposed_at: datetime
    plan: RepairPlan = field(default_factory=RepairPlan)
    before: int = 0
    after: int = 0
    instances: tuple[UUID, ...] = ()
    decider_id: str = ""
    decision_reason: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlaceView:
    """Where a token of a case stands, and the elements it may be moved to; `kinds` are theirs, as BPMN calls them."""

    token: str
    process_key: str
    element_id: str
    targets: tuple[str, ...]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VariableUse:
    """What the diagrams of a case tell of a variable.

    Attributes:
        kinds: how it is used: `text`, `yes_no`, `number`, `day`, `instant` where expressions compare it so; `person`,
            `people` where tasks are given by it; `scope` where it narrows a role.
        values: the texts that conditions compare it with.
        setters: the steps that may set it, then those that begin such a case.
        tables: keys of the tables the diagrams ask.

    """

    kinds: frozenset[str] = frozenset()
    values: tuple[str, ...] = ()
    setters: tuple[AnyStep, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VariableView:
    """A variable an operator may change: its value, the type it must keep (`any` while it is null), how it is used."""

    name: str
    value: Any
    type: str
    use: VariableUse = field(default_factory=VariableUse)


@dataclass(frozen=True, slots=True)
class RepairPreview:
    """What would be open after a repair, seen without doing it: tasks, waiting events, jobs, or the end."""

    opened: tuple[TaskView, ...]
    closed: tuple[TaskView, ...]
    waiting: tuple[WaitingView, ...]
    jobs: tuple[str, ...]
    ended: str = ""


@dataclass(frozen=True, slots=True)
class SuspensionView:
    """Since when a case is suspended, by whom and why."""

    instance_id: UUID
    person_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class VersionView:
    """A deployed version of a process.

    Attributes:
        processes: keys of the process and of all it calls.
        running: cases on it that are not over; `cases` all it ever had.

    """

    id: UUID
    process_key: str
    version: int
    sha256: str
    deployed_at: datetime
    deployed_by: str
    processes: tuple[str, ...]
    running: int
    cases: int

"""What a diagram may call, found by key: user steps, service steps, jobs, messages, decisions, actions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from engine.context import Actor, DecisionContext, FunctionFactory, StepContext, Values
from engine.errors import ForbiddenError, NotFoundError
from engine.views import TaskView


class Form(Protocol):
    """What a step asks. Unknown keys, wrong types and missing fields are refused by `load`."""

    def load(self, ctx: StepContext, data: Mapping[str, Any]) -> Values:
        """Return clean values or raise `InvalidInputError` with `fields={name: [sentences]}`."""
        ...

    def schema(self, ctx: StepContext) -> dict[str, Any]:
        """Return a JSON Schema (2020-12) with title, required, enum and an example, for this case now."""
        ...


Guard = Callable[[StepContext, TaskView], None]
"""Raises a `ForbiddenError` when the actor of the context must not act on the task (separation of duties)."""


@dataclass(frozen=True, slots=True)
class UserStep:
    """A step done by a person.

    Attributes:
        apply: writes facts and returns the process variables named in `outputs`.
        outputs: variables this step may set; anything else it returns is a bug.
        prefill: values the form opens with (the draft, when there is one, wins).
        secret: no draft is kept, and neither event nor idempotency record holds a value of the form.
        bulk: many tasks of this step may be completed with one list, each by its own door.
        bulk_guard: refuses values that must be given one by one (a decision that departs from a vote).
        settled_by: actions about the case after which there is nothing left to do at the actor's own personal task of
            this step; what stands beside each writes the facts of its completion, in the action's transaction.

    """

    key: str
    form: Form
    apply: Callable[[StepContext, Values], Values]
    outputs: tuple[str, ...] = ()
    prefill: Callable[[StepContext], Values] | None = None
    secret: bool = False
    bulk: bool = False
    bulk_guard: Callable[[StepContext, Values], None] | None = None
    settled_by: Mapping[str, Callable[[StepContext], None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceStep:
    """A step done by the machine inside the door's transaction: database facts only."""

    key: str
    run: Callable[[StepContext, Values], Values]
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JobStep:
    """A step whose effect lies outside the database: it runs after commit, and may run twice.

    `prepare` reads in a short transaction, `perform` works without one (files, mail, rendering), `apply`
    writes the result in the transaction that completes the element.
    """

    key: str
    prepare: Callable[[StepContext, Values], Values]
    perform: Callable[[Values], Values]
    apply: Callable[[StepContext, Values], Values]
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageStep:
    """A fact that moves a case without a task: a comment, a withdrawal, an answer from outside.

    `apply` writes the fact and returns the variables the waiting event receives, or None when this fact does
    not move the case (an ordinary comment). `message` is the BPMN message's name. The guard gets a view that
    describes the case: no task has this id, and its role is empty.
    """

    key: str
    message: str
    form: Form
    roles: frozenset[str]
    apply: Callable[[StepContext, Values], Values | None]
    outputs: tuple[str, ...] = ()
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class ActionStep:
    """A change that belongs to no case: an organisation record, a round, a sitting. Written on the system chain.

    `apply` returns ids of what it made. Used as the first step of a case it returns the case's first variables,
    and under `business_key` the key the case gets. `in_place_of` names the field that may say in whose place a deputy
    acts, where somebody may act in the place of several, or in his own right and in another's place.
    """

    key: str
    form: Form
    roles: frozenset[str]
    apply: Callable[[StepContext, Values], Values]
    guard: Callable[[StepContext, Values], None] | None = None
    starts: str = ""
    in_place_of: str = ""


@dataclass(frozen=True, slots=True)
class DecisionStep:
    """How a business-rule task feeds its table.

    Attributes:
        key: the table's key, as `calledDecisionId` names it.
        inputs: reads facts and variables, returns the table's inputs (FEEL values).
        looked_up_on: the date that chooses the table in force (`filed_on`, `opened_on`, `decided_on`).
        apply: writes facts from the decision and returns process variables.

    """

    key: str
    inputs: Callable[[StepContext], Values]
    looked_up_on: Callable[[StepContext], date]
    apply: Callable[[StepContext, Any], Values]
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A lane's role. With `scope_variable` the role is held per value of that variable, e.g. per unit."""

    key: str
    scope_variable: str | None = None


def no_reminder(_ctx: DecisionContext, _key: str, _since: datetime, _count: int) -> datetime | None:
    """Never remind: the schedule of a registry that has none."""
    return None


def no_deadline(_ctx: DecisionContext, _key: str, _since: datetime) -> datetime | None:
    """Know no deadline: the table of a registry that has none."""
    return None


def unknown_person(_ctx: DecisionContext, _person_id: str) -> Actor | None:
    """Know nobody: the directory of a registry that has none."""
    return None


def nobody(_ctx: DecisionContext, _queue: str) -> tuple[str, ...]:
    """Tell nobody: the members of a queue where no directory is known."""
    return ()


def nothing_kept(_ctx: DecisionContext, _actor: Actor, _tasks: Sequence[TaskView]) -> Mapping[UUID, ForbiddenError]:
    """Keep nothing from who acts in another's place: the answer of a registry that knows no such rule."""
    return {}


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the engine asks the domain beside its steps; each has an answer of its own when nobody knows better.

    Attributes:
        reminders: instant of the next reminder, given the deadline's key, the task's creation and how many were sent;
            None for no more.
        actor_of: the person as an actor today (roles resolved), None when there is no such person.
        deadlines: instant by which a task opened at an instant should be done, given the deadline's key.
        people_of: ids of the persons who walk a shared queue (`role` or `role@scope`) today.
        heads_of: ids of the persons who head the units to which a queue belongs today: they assign, and hear of delays.
        kept_from: of open personal tasks of others, which the actor may not do in their place though he holds their
            role for them, each with what keeps him from it; asked for many at once, so that none is shown as his work.
        operators: roles that may start, cancel, suspend and retry by hand, and propose repairs; `system` always may.
        approvers: roles that may approve what an operator proposed, never what they proposed themselves.

    """

    reminders: Callable[[DecisionContext, str, datetime, int], datetime | None] = no_reminder
    actor_of: Callable[[DecisionContext, str], Actor | None] = unknown_person
    deadlines: Callable[[DecisionContext, str, datetime], datetime | None] = no_deadline
    people_of: Callable[[DecisionContext, str], Sequence[str]] = nobody
    heads_of: Callable[[DecisionContext, str], Sequence[str]] = nobody
    kept_from: Callable[[DecisionContext, Actor, Sequence[TaskView]], Mapping[UUID, ForbiddenError]] = nothing_kept
    operators: frozenset[str] = frozenset({"administrator"})
    approvers: frozenset[str] = frozenset({"administrator"})


AnyStep = UserStep | ServiceStep | JobStep | MessageStep | ActionStep | DecisionStep
StepT = TypeVar("StepT", UserStep, ServiceStep, JobStep, MessageStep, ActionStep, DecisionStep)


@dataclass(frozen=True)
class Registry:
    """All steps and roles a deployment may name."""

    steps: Mapping[tuple[type[Any], str], AnyStep]
    roles: Mapping[str, Role]
    labels: Callable[[str], bool]
    guards: tuple[Guard, ...] = ()
    functions: Mapping[str, FunctionFactory] = field(default_factory=dict)
    hooks: Hooks = field(default_factory=Hooks)

    @classmethod
    def of(
        cls,
        steps: Iterable[AnyStep],
        roles: Iterable[Role],
        *,
        guards: Iterable[Guard] = (),
        functions: Mapping[str, FunctionFactory] | None = None,
        hooks: Hooks | None = None,
        labels: Callable[[str], bool] = lambda _key: True,
    ) -> "Registry":
        """Build a registry; two steps of one kind with the same key are a programming error."""
        found: dict[tuple[type[Any], str], AnyStep] = {}
        for step in steps:
            if (type(step), step.key) in found:
                raise ValueError(f"two steps share the key {step.key!r}")
            found[type(step), step.key] = step
        return cls(
            found, {role.key: role for role in roles}, labels, tuple(guards), dict(functions or {}), hooks or Hooks()
        )

    def find(self, kind: type[StepT], key: str) -> StepT:
        """Return the step of that kind and key.

        Raises:
            NotFoundError: no such step; deployment lint finds this before anybody meets it.

        """
        step = self.steps.get((kind, key))
        if not isinstance(step, kind):
            raise NotFoundError("no such step", step=key, kind=kind.__name__)
        return step

    def settled_by(self, action: str) -> dict[str, UserStep]:
        """Return the user steps of which an action leaves its actor's own personal tasks nothing to be done."""
        steps = (step for step in self.steps.values() if isinstance(step, UserStep))
        return {step.key: step for step in steps if action in step.settled_by}

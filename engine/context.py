"""What a step may touch: one transaction, one clock, one actor, and the pen that writes history."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from engine.db import register_fact
from engine.ids import Ids, Randomness

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. Roles were resolved for the business day by the caller.

    Attributes:
        id: the person's id, or `system`.
        groups: role keys held today; a scoped role appears as `role@scope` and, beside it, as `role`.
        post: the post in which the person acts, as written in every event (id of the post, or empty).
        name: as the person is called today; written in every event beside the id, so that it can be read for ever.
        deputies: of groups held only in somebody's place, the persons in whose place they are held.
        on_behalf_of: the person in whose place this door is entered; written in every event beside the actor.
        also_for: of groups held in his own right too, the persons in whose place they are held beside it. What is
            shared he does in his own name; what belongs to one of them alone, as a ballot, in theirs.

    """

    id: str
    groups: frozenset[str] = frozenset()
    post: str = ""
    name: str = ""
    deputies: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    on_behalf_of: str = ""
    also_for: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)

    def holds(self, role: str, scope: str | None = None) -> bool:
        """Tell whether the actor holds the role (for that scope, when one is given)."""
        return (f"{role}@{scope}" if scope else role) in self.groups

    def givers(self, role: str, scope: str | None = None) -> tuple[str, ...]:
        """Return in whose place the actor holds the role; nobody when he holds it himself."""
        return self.deputies.get(f"{role}@{scope}" if scope else role, ())

    def places(self, role: str, scope: str | None = None) -> tuple[str, ...]:
        """Return in whose place the actor may do what belongs to one holder of the role alone."""
        return self.givers(role, scope) or self.also_for.get(f"{role}@{scope}" if scope else role, ())

    def standing_in_for(self, person_id: str) -> "Actor":
        """Return the actor as he acts in somebody's place; himself for nobody."""
        return replace(self, on_behalf_of=person_id) if person_id != self.on_behalf_of else self

    @property
    def persons(self) -> frozenset[str]:
        """The persons whose act this is: the actor, and the person in whose place he acts."""
        return frozenset({self.id, self.on_behalf_of} - {""})


SYSTEM = Actor("system", frozenset({"system"}))


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message for another case, delivered by a job after this transaction commits."""

    name: str
    business_key: str
    values: Values


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What an expression's functions may read: the transaction and the instant. No writing."""

    session: Session
    now: datetime

    @property
    def today(self) -> date:
        """The business day in Vietnam."""
        return local_date(self.now)


class Decide(Protocol):
    """Evaluates the table in force on a day and keeps its trace with the step."""

    def __call__(self, table: str, inputs: Values, on: date) -> Any:
        """Return the decision's value (a dict of outputs, or a list of them)."""
        ...


CheckDiagrams = Callable[[Mapping[str, bytes]], list[dict[str, str]]]
"""Lints diagrams by all they may name; each finding has process_key, element_id, rule and message."""


def no_lint(_diagrams: Mapping[str, bytes]) -> list[dict[str, str]]:
    """Refuse to say that diagrams are sound where nothing is known of what they may name."""
    raise RuntimeError("this context checks no diagrams")


@dataclass(slots=True)
class StepContext:
    """All that a step may touch. Built by the door; lives as long as its transaction.

    Attributes:
        now: the business instant of the door (aware, UTC).
        variables: the case's variables as the element sees them; read only.
        check_diagrams: lints diagrams that a step is to bring into force.
        facts: identity and hash of each fact written so far; the door puts them into the event.
        messages: what the door delivers to other cases after commit.

    """

    session: Session
    now: datetime
    ids: Ids
    random: Randomness
    actor: Actor
    decide: Decide
    instance_id: UUID | None = None
    business_key: str = ""
    process_key: str = ""
    element_id: str = ""
    task_id: UUID | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    facts: list[tuple[str, str]] = field(default_factory=list)
    messages: list[OutgoingMessage] = field(default_factory=list)
    notices: list[tuple[str, str, str, str]] = field(default_factory=list)
    data: Values = field(default_factory=dict)
    check_diagrams: CheckDiagrams = no_lint

    @property
    def today(self) -> date:
        """The business day in Vietnam."""
        return local_date(self.now)

    def record_fact(self, row: Any) -> None:
        """Insert a fact and put its hash into the event this door writes."""
        self.facts.append(register_fact(self.session, row))

    def record_file(self, sha256: str) -> None:
        """Put the hash of a file that this step files, serves or makes into the event."""
        self.facts.append((f"file:{sha256}", sha256))

    def send_message(self, name: str, business_key: str, values: Values) -> None:
        """Move another case after this transaction commits (one job row each)."""
        self.messages.append(OutgoingMessage(name, business_key, values))

    def note(self, **codes: str | int | bool | Sequence[str] | None) -> None:
        """Add codes, counts and ids to the event; never text a person typed."""
        self.data.update(codes)

    def notify(self, person_id: str, kind: str, *, business_key: str = "", about: str = "") -> None:
        """Leave an in-app notice; `kind` is a label key, `about` an id."""
        self.notices.append((person_id, kind, business_key or self.business_key, about))


FunctionFactory = Callable[[DecisionContext], Callable[..., Any]]

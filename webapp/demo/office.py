"""The demonstration's people at work: every move is a door, in the name of the person who would make it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from engine import queries
from engine.clock import FakeClock, local_date
from engine.commands.actions import perform_action
from engine.commands.instances import start_instance
from engine.commands.jobs import run_due_jobs
from engine.commands.messages import correlate
from engine.commands.tasks import claim_task, complete_task
from engine.commands.timers import run_due_timers
from engine.context import SYSTEM, Actor
from engine.runtime_environment import Engine
from engine.views import FormView, InstanceView, TaskView

Report = Callable[[str, int, int], None]
"""Told what is being done, how many are done and how many there are."""


class StoryError(Exception):
    """A story of the demonstration does not fit the diagrams: a step it names is not open where it stands."""


@dataclass
class Office:
    """The engine with the demonstration's clock, and ids by the names that stories use.

    Attributes:
        actor_of: the person of an id as an actor today.
        people: person ids by user name, or by full name for those without an account.
        units: unit ids by key; after the reorganisation the keys mean the new units.
        administrator: who changes the organisation; the system until there is an administrator.

    """

    engine: Engine
    clock: FakeClock
    actor_of: Callable[[str], Actor | None]
    people: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    unit_names: dict[str, str] = field(default_factory=dict)
    posts: dict[tuple[str, str], str] = field(default_factory=dict)
    grants: dict[tuple[str, str, str], str] = field(default_factory=dict)
    administrator: str = "system"
    _actors: dict[tuple[str, date], Actor] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The business day."""
        return local_date(self.clock.now())

    def actor(self, who: str) -> Actor:
        """Return a person as an actor today; `system` is the system."""
        if who == "system":
            return SYSTEM
        known = self._actors.get((who, self.today))
        if known is None:
            known = self.actor_of(self.people[who])
            if known is None:
                raise StoryError(f"nobody is called {who}")
            self._actors[who, self.today] = known
        return known

    def forget_actors(self) -> None:
        """Resolve roles anew: somebody's posts, roles or deputies of today have changed."""
        self._actors.clear()

    def act(self, who: str, step: str, /, **values: Any) -> dict[str, Any]:
        """Perform an action that belongs to no case."""
        return perform_action(self.engine, step, self.actor(who), values).values

    def start(self, who: str, /, **values: Any) -> "Case":
        """Open a nomination."""
        result = start_instance(
            self.engine, "nomination", "", self.actor(who), {}, step="nominations.open", values=values
        )
        return Case(self, result.instance.id, result.instance.business_key)

    def stand_at(self, instant: datetime) -> None:
        """Let time pass to an instant; everything that falls due until then happens on its day."""
        while self.clock.now() < instant:
            self.clock.advance(min(timedelta(days=1), instant - self.clock.now()))
            self.settle()

    def jump_to(self, instant: datetime) -> None:
        """Let years pass in which nothing is open."""
        self.clock.set(instant)
        self.settle()

    def settle(self) -> None:
        """Fire what is due and do the jobs that wait."""
        while run_due_timers(self.engine) + run_due_jobs(self.engine):
            pass


@dataclass
class Case:
    """One nomination on its way."""

    office: Office
    id: UUID
    key: str

    @property
    def view(self) -> InstanceView:
        """The case now."""
        return queries.get_instance(self.office.engine, self.id)

    @property
    def variables(self) -> Mapping[str, Any]:
        """The case's ids and yes/no."""
        return self.view.variables

    @property
    def nomination_id(self) -> str:
        """The id of the nomination the case is about."""
        return str(self.variables["nomination_id"])

    def open_tasks(self) -> list[TaskView]:
        """Return what people have to do."""
        return list(queries.open_tasks_of_instance(self.office.engine, self.id))

    def waits_at(self, element: str) -> bool:
        """Tell whether a task of an element is open."""
        return any(task.element_id == element for task in self.open_tasks())

    def task(self, element: str, who: str) -> TaskView:
        """Return the open task of an element, the person's own where there are several.

        Raises:
            StoryError: none is open.

        """
        person_id = self.office.people[who]
        found = [task for task in self.open_tasks() if task.element_id == element]
        if not found:
            opened = sorted({task.element_id for task in self.open_tasks()})
            raise StoryError(f"{self.key}: {element} is not open, but {opened or self.view.end_event}")
        return next((task for task in found if task.assignee == person_id), found[0])

    def form(self, element: str, who: str) -> FormView:
        """Return the form of an open task as the person sees it."""
        return queries.task_form(self.office.engine, self.task(element, who).id, self.office.actor(who))

    def claim(self, element: str, who: str) -> None:
        """Take a task out of the shared queue."""
        claim_task(self.office.engine, self.task(element, who).id, self.office.actor(who))

    def do(self, element: str, who: str, /, **values: Any) -> None:
        """Complete a step with its form."""
        complete_task(self.office.engine, self.task(element, who).id, self.office.actor(who), values)

    def say(self, who: str, step: str, /, **values: Any) -> None:
        """State a fact that may move the case."""
        correlate(self.office.engine, step, self.key, self.office.actor(who), values)

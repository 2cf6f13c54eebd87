"""Runs of small diagrams without a database: what the doors do with tokens, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine import feel
from engine.spiff import parser
from engine.spiff.runtime import Element, Run
from tests.support.diagrams import Diagram

MORNING = datetime(2025, 6, 16, 1, 0, tzinfo=UTC)


@dataclass
class FakeServices:
    """Answers of services and tables by key; conditions are FEEL, as in the engine."""

    answers: dict[str, Any] = field(default_factory=dict)
    at: datetime = MORNING
    asked: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def call_service(self, element: Element, key: str, params: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        self.asked.append(element.element_id)
        return self._answer(key, variables)

    def decide(self, element: Element, table: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(element.element_id)
        found: dict[str, Any] = self._answer(table, variables)
        return found

    def _answer(self, key: str, variables: Mapping[str, Any]) -> Any:
        found = self.answers.get(key, {})
        return found(variables) if isinstance(found, Callable) else found  # type: ignore[arg-type]

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return feel.evaluate(expression, dict(variables))


class Play:
    """One run that is saved and loaded again before every move, as every door does."""

    def __init__(
        self, *diagrams: Diagram, variables: Mapping[str, Any] | None = None, answers: Mapping[str, Any] | None = None
    ) -> None:
        self.services = FakeServices(dict(answers or {}))
        self.definition = parser.parse({diagram.key: diagram.xml() for diagram in diagrams})
        self.flows: list[str] = []
        self._keep(Run.start(self.definition, diagrams[0].key, dict(variables or {}), self.services))

    def _keep(self, run: Run) -> None:
        self.flows += [flow for _process, flow in run.take_flows()]
        self.state = run.dump()

    @property
    def run(self) -> Run:
        """The run as it is stored."""
        return Run.load(self.definition, self.state, self.services)

    @property
    def open(self) -> list[str]:
        """Ids of the open user tasks, oldest first."""
        return [task.element_id for task in self.run.user_tasks()]

    def complete(self, element_id: str, *, person: str | None = None, **variables: Any) -> "Play":
        """Complete the oldest open task of an element, of one person when it has several instances."""
        run = self.run
        task = next(
            task
            for task in run.user_tasks()
            if task.element_id == element_id and (person is None or task.loop_assignee == person)
        )
        run.complete(task.token, variables)
        self._keep(run)
        return self

    def send(self, message: str, **variables: Any) -> bool:
        """Hand over a message; tell whether anybody waited for it."""
        run = self.run
        caught = run.correlate(message, variables)
        self._keep(run)
        return caught

    def wait(self, by: timedelta) -> list[str]:
        """Let time pass and fire what is due until nothing more is; return the elements that fired."""
        self.services.at += by
        fired: list[str] = []
        run = self.run
        while True:
            due = {timer.token: timer.element_id for timer in run.timers() if timer.due_at <= self.services.at}
            if not due:
                break
            before = len(fired)
            fired += [due.get(token, "") for token in run.fire_due(self.services.at)]
            assert len(fired) > before, "a due timer did not fire"
            assert len(fired) < 50, "timers fire for ever"
        self._keep(run)
        return fired

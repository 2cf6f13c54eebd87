"""The hour and the Python both sides get: the driver's clock, and scripts that cannot tell the time by themselves."""

import builtins
import datetime as datetimes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from SpiffWorkflow.bpmn.script_engine.python_environment import TaskDataEnvironment
from SpiffWorkflow.bpmn.specs.event_definitions import timer

MORNING = datetime(2025, 6, 16, 1, 0, 0, 500, tzinfo=UTC)
BUDGET = 1000
"""Expressions a diagram may evaluate before it is called endless."""


class Clock:
    """The hour both sides read."""

    def __init__(self) -> None:
        self.at = MORNING

    def now(self) -> datetime:
        """Return the hour."""
        return self.at


class _DriversTime(datetime):
    """Stands for the machine's clock in the library's timers, the only place it reads one for a decision."""

    clock = Clock()

    @classmethod
    def now(cls, tz: Any = None) -> "_DriversTime":
        """Return the driver's hour."""
        at = cls.clock.now()
        return cls.fromtimestamp(at.timestamp(), tz)


@contextmanager
def stock_clock(clock: Clock) -> Iterator[None]:
    """Let the stock timers read the driver's clock."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_DriversTime, "clock", clock)
        patch.setattr(timer, "datetime", _DriversTime)
        yield


class Scripts(TaskDataEnvironment):  # type: ignore[misc]  # SpiffWorkflow is untyped
    """Python as in the stock library, with an answer for every service and an end to endless loops."""

    def __init__(self, clock: Clock) -> None:
        """Give scripts the driver's hour in place of the machine's, so that both sides read the same."""
        fakes = {
            "time": SimpleNamespace(time=lambda: clock.now().timestamp(), sleep=lambda _seconds: None),
            "datetime": SimpleNamespace(**{**vars(datetimes), "datetime": _DriversTime}),
        }

        def imported(name: str, *more: Any) -> Any:
            return fakes.get(name) or __import__(name, *more)

        quiet = {**vars(builtins), "__import__": imported, "print": lambda *_said: None}
        provided = {"datetime": _DriversTime, "timedelta": timedelta, "custom_function": lambda *_given: 1}
        facts = SimpleNamespace(FactService="a fact")
        super().__init__({"__builtins__": quiet, **provided, "scripts": facts})
        self.left = BUDGET

    def evaluate(self, expression: str, context: Any, external_context: Any = None) -> Any:
        """Evaluate as the library does."""
        self._spend()
        return super().evaluate(expression, context, external_context)

    def execute(self, script: str, context: Any, external_context: Any = None) -> Any:
        """Execute as the library does."""
        self._spend()
        return super().execute(script, context, external_context)

    def _spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise RecursionError("this diagram never rests")

    def call_service(self, context: Mapping[str, Any], **kwargs: Any) -> str:
        """Return the JSON of an answer that depends on what is asked."""
        return f'{{"asked": "{kwargs.get("operation_name")}", "known": {len(context)}}}'


class OwnScripts(Scripts):
    """Scripts of our runs: each has values of its own to change, as our variables, which never change, demand."""

    def execute(self, script: str, context: Any, external_context: Any = None) -> Any:
        """Execute as the library does, on copies."""
        context.update({name: _copy(value) for name, value in context.items()})
        return super().execute(script, context, external_context)


def _copy(value: Any) -> Any:
    try:
        return deepcopy(value)
    except TypeError:  # modules and the like, which are no data
        return value

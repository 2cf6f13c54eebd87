"""The names an expression sees, and the budget it may spend."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engine.feel.errors import FeelLimitError

MAX_STEPS = 1_000_000
MAX_DEPTH = 100
MAX_CALL_DEPTH = 60
MAX_ITEMS = 100_000
MAX_TEXT = 1_000_000


def new_budget() -> list[int]:
    """Return what one evaluation may spend: steps, and calls inside calls."""
    return [MAX_STEPS, MAX_CALL_DEPTH]


def spend(budget: list[int], cost: int = 1) -> None:
    """Spend some steps of a budget.

    Raises:
        FeelLimitError: nothing is left.

    """
    budget[0] -= cost
    if budget[0] < 0:
        raise FeelLimitError("the expression takes too many steps", limit=MAX_STEPS)


class Scope:
    """Variables in sight and how much of the evaluation's budget is left (shared by all scopes of one run)."""

    __slots__ = ("budget", "variables")

    def __init__(self, variables: dict[str, Any], budget: list[int] | None = None) -> None:
        self.variables = variables
        self.budget = budget if budget is not None else new_budget()

    def child(self, more: dict[str, Any]) -> "Scope":
        """Return a scope in which `more` hides what is outside."""
        variables = {**self.variables, **more}
        self.budget[0] -= len(variables) >> 4
        return Scope(variables, self.budget)

    def step(self, cost: int = 1) -> None:
        """Spend some of the budget.

        Raises:
            FeelLimitError: nothing is left.

        """
        spend(self.budget, cost)

    @contextmanager
    def deeper(self) -> Iterator["Scope"]:
        """Yield the scope of one more nested call."""
        self.budget[1] -= 1
        if self.budget[1] < 0:
            raise FeelLimitError("functions call each other too deep", limit=MAX_CALL_DEPTH)
        try:
            yield self.child({})
        finally:
            self.budget[1] += 1


Node = Callable[[Scope], Any]


def truth(value: Any) -> bool | None:
    """Return a boolean as it is and null for anything else."""
    return value if isinstance(value, bool) else None


def weight(value: Any, known: dict[int, int] | None = None, depth: int = 0) -> int:
    """Return how much work a walk through a value takes; what occurs twice counts twice, but is measured once.

    Raises:
        FeelLimitError: nested deeper than `MAX_DEPTH`.

    """
    if value.__class__ is str:
        return 1 + (len(value) >> 5)
    if value.__class__ is not list and value.__class__ is not dict:
        return 1
    known = {} if known is None else known
    if (found := known.get(id(value))) is not None:
        return found
    if depth > MAX_DEPTH:
        raise FeelLimitError("the value is nested too deep", limit=MAX_DEPTH)
    parts = value.values() if isinstance(value, dict) else value
    total = known[id(value)] = 1 + sum(weight(part, known, depth + 1) for part in parts)
    return total


def spend_for(budget: list[int], value: Any) -> None:
    """Spend what a walk through a value takes.

    Raises:
        FeelLimitError: nothing is left.

    """
    if value.__class__ in (list, dict, str):
        spend(budget, weight(value))


def checked_size(value: Any) -> Any:
    """Return a result if walking through it is bounded.

    Raises:
        FeelLimitError: a list or context holds more than an evaluation may make.

    """
    kind = value.__class__
    if (kind is list or kind is dict) and weight(value) > MAX_STEPS:
        raise FeelLimitError("the result grew too large", limit=MAX_STEPS)
    return value


def bounded(value: Any) -> Any:
    """Return the value if its list or text is within limits.

    Raises:
        FeelLimitError: a list or text grew too large.

    """
    if isinstance(value, list) and len(value) > MAX_ITEMS:
        raise FeelLimitError("the list grew too long", limit=MAX_ITEMS)
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise FeelLimitError("the text grew too long", limit=MAX_TEXT)
    return value

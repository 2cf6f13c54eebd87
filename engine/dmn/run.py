"""One evaluation of a model: what it may spend, the functions it may call, and what the tables found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dmn.trace import TableTrace
from engine.feel import Expression, Function, UnaryTests, new_budget

Values = Mapping[str, Any]


@dataclass(slots=True)
class Run:
    """Shared by all parts of one evaluation: one budget, one trace."""

    functions: Mapping[str, Function]
    budget: list[int] = field(default_factory=new_budget)
    tables: list[TableTrace] = field(default_factory=list)

    def value(self, expression: Expression, values: Values) -> Any:
        """Return the value of an expression under FEEL values."""
        return expression.run(values, self.functions, self.budget)

    def accepts(self, tests: UnaryTests, value: Any, values: Values) -> bool:
        """Tell whether a value passes the tests of a cell."""
        return tests.run(value, values, self.functions, self.budget)


Logic = Callable[[Values, Run], Any]

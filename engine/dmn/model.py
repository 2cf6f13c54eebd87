"""A DMN file as a model: decisions by name, what they require, and how they are evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dmn.errors import DecisionInputError
from engine.dmn.table import DecisionTable, Functions, accepts_type
from engine.dmn.trace import Decision, TableTrace, Trace
from engine.errors import NotFoundError
from engine.feel import Expression, from_python, to_text

_MAX_REQUIREMENTS = 200


@dataclass(frozen=True, slots=True)
class InputData:
    """A named input of the model."""

    name: str
    type_name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class DecisionElement:
    """A decision: its logic, and the names it draws from inputs and other decisions."""

    id: str
    name: str
    logic: DecisionTable | Expression
    required_inputs: tuple[str, ...]
    required_decisions: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True)
class Model:
    """One DMN file, immutable and shared.

    Attributes:
        sha256: hash of the file's bytes; decisions freeze it.
        looked_up_by: the date that chooses this table's version (`filed_on`, `opened_on`, `decided_on`), or empty.

    """

    name: str
    sha256: str
    inputs_by_name: Mapping[str, InputData]
    elements: Mapping[str, DecisionElement]
    looked_up_by: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def decisions(self) -> tuple[str, ...]:
        """Names of the decisions, in the file's order."""
        return tuple(dict.fromkeys(element.name for element in self.elements.values()))

    def element(self, name: str) -> DecisionElement:
        """Return a decision by name or id.

        Raises:
            NotFoundError: the file has no such decision.

        """
        if (found := self.elements.get(name)) is None:
            raise NotFoundError(f"no decision {name!r} in {self.name}", decision=name)
        return found

    def inputs(self, decision: str) -> tuple[InputData, ...]:
        """Return the inputs a decision needs, through the decisions it requires too."""
        element = self.element(decision)
        found = {name: self.inputs_by_name.get(name, InputData(name, "Any")) for name in element.required_inputs}
        for required in element.required_decisions:
            found.update({data.name: data for data in self.inputs(required)})
        return tuple(found.values())

    def table(self, decision: str) -> DecisionTable | None:
        """Return a decision's table, None when its logic is an expression."""
        logic = self.element(decision).logic
        return logic if isinstance(logic, DecisionTable) else None

    def evaluate(self, decision: str, inputs: Mapping[str, Any], functions: Functions | None = None) -> Decision:
        """Return a decision's value and trace.

        Args:
            decision: name or id.
            inputs: values by input name (Python or FEEL values).
            functions: further FEEL functions.

        Raises:
            DecisionInputError, NoRuleMatchedError, RulesConflictError: name the table, row and column.

        """
        context = {name: from_python(value) for name, value in inputs.items()}
        for name, value in context.items():
            data = self.inputs_by_name.get(name)
            if data and value is not None and not accepts_type(data.type_name, value):
                raise DecisionInputError(
                    f"{self.name}: input {name} is no {data.type_name}: {to_text(value)}", table=self.name, column=name
                )
        tables: list[TableTrace] = []
        value = self._decide(self.element(decision), context, functions or {}, tables, [])
        return Decision(value, Trace(self.name, self.sha256, tuple(tables)))

    def _decide(
        self,
        element: DecisionElement,
        context: dict[str, Any],
        functions: Functions,
        tables: list[TableTrace],
        path: list[str],
    ) -> Any:
        if element.name in path or len(path) > _MAX_REQUIREMENTS:
            raise DecisionInputError(f"decisions require each other: {' → '.join([*path, element.name])}")
        for name in element.required_decisions:
            required = self.element(name)
            if required.name not in context:
                context[required.name] = self._decide(required, context, functions, tables, [*path, element.name])
        if isinstance(element.logic, Expression):
            return element.logic.evaluate(context, functions)
        value, trace = element.logic.evaluate(context, functions)
        tables.append(trace)
        return value

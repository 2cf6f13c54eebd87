"""A DMN file as a model: decisions by name, what they require, and how they are evaluated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.dmn.checker import check_table, unknown_name
from engine.dmn.elements import DecisionElement, InputData, Reference, ServiceElement
from engine.dmn.errors import DecisionInputError, DmnFileError
from engine.dmn.run import Run
from engine.dmn.table import DecisionTable, Rule
from engine.dmn.trace import Decision, Finding, Trace
from engine.dmn.types import ItemType, NotOfTypeError
from engine.errors import NotFoundError
from engine.feel import FeelLimitError, Function, as_function, from_python
from engine.feel.scope import checked_size
from engine.feel.types import TYPE_PREFIX

_MAX_REQUIREMENTS = 200
Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True, eq=False)
class Model:
    """One DMN file, immutable and shared.

    Attributes:
        sha256: hash of the file's bytes; decisions freeze it.
        looked_up_by: the date that chooses this table's version (`filed_on`, `opened_on`, `decided_on`), or empty.
        elements: decisions by name and by id.
        imports: other models by the name this file calls them.
        faults: what the reader found wrong, with its place.

    """

    name: str
    namespace: str
    sha256: str
    inputs_by_name: Mapping[str, InputData]
    elements: Mapping[str, DecisionElement]
    knowledge: Mapping[str, DecisionElement] = field(default_factory=dict)
    services: Mapping[str, ServiceElement] = field(default_factory=dict)
    types: Mapping[str, ItemType] = field(default_factory=dict)
    imports: Mapping[str, "Model"] = field(default_factory=dict)
    looked_up_by: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Finding, ...] = ()
    tables: Mapping[str, DecisionTable] = field(default_factory=dict)

    @cached_property
    def draws_requirements(self) -> bool:
        """Tell whether any element says what it requires; then none sees more than it says."""
        elements = (*self.elements.values(), *self.knowledge.values())
        return any(e.required_inputs or e.required_decisions or e.required_knowledge for e in elements)

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
        found: dict[str, InputData] = {}
        seen: set[str] = set()
        waiting = [self.element(decision)]
        while waiting:
            element = waiting.pop()
            if element.id in seen:
                continue
            seen.add(element.id)
            for reference in element.required_inputs:
                data = self.owner(reference).inputs_by_name.get(reference.name, InputData(reference.name))
                found.setdefault(data.name, data)
            waiting += [self.owner(r).element(r.name) for r in element.required_decisions]
        return tuple(found.values())

    def owner(self, reference: Reference) -> "Model":
        """Return the model in which a required element stands."""
        return self.imports[reference.prefix] if reference.prefix else self

    def table(self, decision: str) -> DecisionTable | None:
        """Return a decision's table, None when its logic is an expression."""
        return self.element(decision).table

    def rules(self, decision: str) -> tuple[Rule, ...]:
        """Return the rows of a decision's table, for pages that show it; none when its logic is an expression."""
        table = self.table(decision)
        return table.rules if table else ()

    def findings(self) -> list[Finding]:
        """Return all that is wrong: faults of the file, unknown names, wrong types, overlaps and gaps."""
        found = list(self.faults)
        for name in self.decisions:
            element = self.element(name)
            known = self._visible(element)
            if element.table is not None:
                found += check_table(element.table, known)
            elif element.expression is not None:
                text = element.expression.text
                found += [unknown_name(name, unknown, text) for unknown in sorted(element.expression.names - known)]
        for name, table in self.tables.items():
            if name not in self.elements:
                found += check_table(table, None)
        return found

    def _visible(self, element: DecisionElement) -> frozenset[str]:
        required = (*element.required_inputs, *element.required_decisions, *element.required_knowledge)
        return frozenset(reference.prefix or reference.name for reference in required)

    def evaluate(self, decision: str, inputs: Mapping[str, Any], functions: Functions | None = None) -> Decision:
        """Return the value and trace of a decision or decision service.

        Args:
            decision: name or id.
            inputs: values by input name (Python or FEEL values).
            functions: further FEEL functions.

        Raises:
            DecisionInputError, NoRuleMatchedError, RulesConflictError, DmnFileError: name the table, row and column.

        """
        run = Run({name: as_function(function) for name, function in (functions or {}).items()})
        given = {name: from_python(value) for name, value in inputs.items()}
        evaluation = _Evaluation(self, run, {name: self._checked(name, value) for name, value in given.items()})
        try:
            if (service := self.services.get(decision)) is not None:
                value = evaluation.service(service)
            else:
                element = self.element(decision)
                self._need(element, given)
                value = evaluation.decide(element)
        except RecursionError:
            raise FeelLimitError(f"{self.name}: the decision is nested too deep") from None
        return Decision(checked_size(value), Trace(self.name, self.sha256, tuple(run.tables)))

    def _need(self, element: DecisionElement, given: Mapping[str, Any]) -> None:
        for data in self.inputs(element.name):
            if not self._holds(given, data.name):
                raise DecisionInputError(
                    f"{self.name}: input {data.name!r} is missing", table=element.name, column=data.name,
                    problem="input_missing", field=data.name,
                )  # fmt: skip

    def _holds(self, given: Mapping[str, Any], name: str) -> bool:
        """Tell whether the inputs hold a name, themselves or under the name of an imported model."""
        return name in given or any(
            isinstance(inner := given.get(prefix), dict) and other._holds(inner, name)
            for prefix, other in self.imports.items()
        )

    def _checked(self, name: str, value: Any) -> Any:
        if (data := self.inputs_by_name.get(name)) is None:
            return value
        try:
            return data.item_type.coerce(value)
        except NotOfTypeError as fault:
            raise DecisionInputError(
                f"{self.name}: input {name}: {fault}", table=self.name, column=name, field=name, **fault.details
            ) from None


class _Evaluation:
    """Walks the requirements of one decision, each evaluated once."""

    def __init__(self, model: Model, run: Run, given: dict[str, Any]) -> None:
        self.model = model
        self.run = run
        self.given = given
        self.known: dict[str, Any] = {}
        self.path: list[str] = []

    def decide(self, element: DecisionElement) -> Any:
        """Return a decision's value, from the inputs when they hold it already."""
        if element.name in self.known:
            return self.known[element.name]
        if element.name in self.path or len(self.path) > _MAX_REQUIREMENTS:
            path = [*self.path, element.name]
            raise DmnFileError(f"decisions require each other: {' → '.join(path)}", problem="decision_loop", path=path)
        self.path.append(element.name)
        value = self.known[element.name] = element.logic(self._values(element), self.run)
        self.path.pop()
        return value

    def _values(self, element: DecisionElement) -> dict[str, Any]:
        values = {TYPE_PREFIX + name: item_type for name, item_type in self.model.types.items()}
        values |= self._inputs(element)
        for reference in element.required_knowledge:
            self._put(values, reference, lambda part, name: part.function(name))
        for reference in element.required_decisions:
            self._put(values, reference, lambda part, name: part.decide(part.model.element(name)))
        for reference in element.required_inputs:
            if reference.prefix:
                self._put(values, reference, lambda part, name: part.given.get(name))
        return values

    def _inputs(self, element: DecisionElement) -> dict[str, Any]:
        """Return the inputs in sight: what the element requires; all of them in a file that draws no requirement."""
        if not self.model.draws_requirements:
            return self.given
        wanted = {reference.prefix or reference.name for reference in element.required_inputs}
        return {name: value for name, value in self.given.items() if name in wanted}

    def _put(self, values: dict[str, Any], reference: Reference, find: Callable[["_Evaluation", str], Any]) -> None:
        if not reference.prefix:
            values[reference.name] = find(self, reference.name)
            return
        given = self.given.get(reference.prefix)
        inner = {**self.given, **given} if isinstance(given, dict) else self.given
        part = _Evaluation(self.model.imports[reference.prefix], self.run, inner)
        held = values.get(reference.prefix)
        found = find(part, reference.name)
        values[reference.prefix] = {**(held if isinstance(held, dict) else {}), reference.name: found}

    def function(self, name: str) -> Function:
        """Return a knowledge model or a decision service as a function."""
        if (service := self.model.services.get(name)) is not None:
            return self._service_function(service)
        element = self.model.knowledge[name]
        if name in self.path:
            return Function((), lambda *_values: None)
        self.path.append(name)
        made = element.logic(self._values(element), self.run)
        self.path.pop()
        if not isinstance(made, Function):
            raise DmnFileError(f"knowledge model {name} holds no function", place=name, problem="no_function")
        return made

    def service(self, service: ServiceElement) -> Any:
        """Return a service's one output, or its outputs by name; input decisions are taken as given."""
        for reference in service.input_decisions:
            if reference.name in self.given:
                self.known[reference.name] = self.given[reference.name]
        made = {reference.name: self.decide(self.model.element(reference.name)) for reference in service.outputs}
        value = next(iter(made.values())) if len(made) == 1 else made
        try:
            return service.item_type.coerce(value)
        except NotOfTypeError as fault:
            raise DmnFileError(
                f"decision service {service.name}: {fault}", place=service.name, **fault.details
            ) from None

    def _service_function(self, service: ServiceElement) -> Function:
        names = tuple(reference.name for reference in (*service.inputs, *service.input_decisions))

        def call(*arguments: Any) -> Any:
            if len(arguments) != len(names):
                return None
            given = {}
            for name, argument in zip(names, arguments, strict=True):
                data = self.model.inputs_by_name.get(name) or self.model.elements.get(name)
                given[name] = data.item_type.coerce(argument) if data else argument
            return _Evaluation(self.model, self.run, given).service(service)

        return Function(names, call)

"""Decision tables: clauses, rules, hit policies (DMN 1.5, chapter 8)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.dmn.errors import DecisionInputError, DmnFileError, NoRuleMatchedError, RulesConflictError
from engine.dmn.trace import MatchedRule, TableTrace
from engine.feel import Expression, UnaryTests, to_text
from engine.feel.values import NUMBERS, compare, kind

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class InputClause:
    """One input column: the expression it tests, its type and what it may be."""

    id: str
    label: str
    expression: Expression
    type_name: str
    allowed: UnaryTests | None


@dataclass(frozen=True, slots=True)
class OutputClause:
    """One output column; `priority` orders its allowed values for the hit policies P and O."""

    id: str
    name: str
    label: str
    type_name: str
    default: Expression | None
    priority: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row."""

    number: int
    id: str
    tests: tuple[UnaryTests, ...]
    outputs: tuple[Expression, ...]
    annotations: dict[str, str]


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A table ready to run. `hit_policy` is one letter, for collect with its aggregation: `C+ C< C> C#`."""

    name: str
    hit_policy: str
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    annotation_names: tuple[str, ...]

    def evaluate(self, context: Mapping[str, Any], functions: Functions) -> tuple[Any, TableTrace]:
        """Return the table's value and its trace.

        Raises:
            DecisionInputError: an input has another type or a value not allowed.
            NoRuleMatchedError: no rule fits and there is no default output.
            RulesConflictError: more rules fit than the hit policy allows.

        """
        values = self._inputs(context, functions)
        matched = self._match(values, context, functions)
        shown = {clause.label: value for clause, value in zip(self.inputs, values, strict=True)}
        if not matched:
            return self._default(context, functions, shown), TableTrace(self.name, self.hit_policy, shown, ())
        results = [
            MatchedRule(rule.number, rule.id, self._outputs(rule, context, functions), rule.annotations)
            for rule in matched
        ]
        value, used = self._apply_policy(results)
        return value, TableTrace(self.name, self.hit_policy, shown, tuple(used))

    def _inputs(self, context: Mapping[str, Any], functions: Functions) -> list[Any]:
        values = []
        for clause in self.inputs:
            missing = sorted(name for name in clause.expression.names if name not in context)
            if missing:
                raise DecisionInputError(
                    f"table {self.name}: input {missing[0]!r} is missing", table=self.name, column=clause.label
                )
            value = clause.expression.evaluate(context, functions)
            if value is not None and not accepts_type(clause.type_name, value):
                raise DecisionInputError(
                    f"table {self.name}, column {clause.label}: {to_text(value)} is no {clause.type_name}",
                    table=self.name, column=clause.label,
                )  # fmt: skip
            if value is not None and clause.allowed and not clause.allowed.accept(value, context, functions):
                raise DecisionInputError(
                    f"table {self.name}, column {clause.label}: {to_text(value)} is not one of {clause.allowed.text}",
                    table=self.name, column=clause.label,
                )  # fmt: skip
            values.append(value)
        return values

    def _match(self, values: list[Any], context: Mapping[str, Any], functions: Functions) -> list[Rule]:
        first_only = self.hit_policy == "F"
        found = []
        for rule in self.rules:
            if all(test.accept(value, context, functions) for test, value in zip(rule.tests, values, strict=True)):
                found.append(rule)
                if first_only:
                    break
        return found

    def _outputs(self, rule: Rule, context: Mapping[str, Any], functions: Functions) -> dict[str, Any]:
        made = {}
        for clause, expression in zip(self.outputs, rule.outputs, strict=True):
            value = expression.evaluate(context, functions)
            if value is not None and not accepts_type(clause.type_name, value):
                raise DmnFileError(
                    f"table {self.name}, row {rule.number}, column {clause.label}: "
                    f"{to_text(value)} is no {clause.type_name}",
                    table=self.name, row=rule.number, column=clause.label,
                )  # fmt: skip
            made[clause.name] = value
        return made

    def _default(self, context: Mapping[str, Any], functions: Functions, shown: dict[str, Any]) -> Any:
        if all(clause.default is None for clause in self.outputs):
            if self.hit_policy[0] in "CRO" and len(self.hit_policy) == 1:
                return []
            if self.hit_policy == "C#":
                return Decimal(0)
            described = ", ".join(f"{name} = {to_text(value)}" for name, value in shown.items())
            raise NoRuleMatchedError(f"table {self.name}: no rule fits {described}", table=self.name, inputs=described)
        made = {c.name: c.default.evaluate(context, functions) if c.default else None for c in self.outputs}
        return self._plain(made)

    def _plain(self, outputs: dict[str, Any]) -> Any:
        return outputs if len(self.outputs) > 1 else next(iter(outputs.values()))

    def _apply_policy(self, results: list[MatchedRule]) -> tuple[Any, list[MatchedRule]]:
        policy = self.hit_policy
        if policy == "U" and len(results) > 1:
            raise RulesConflictError(
                f"table {self.name}: rows {', '.join(str(r.number) for r in results)} fit at once, one may (Unique)",
                table=self.name, rows=[r.number for r in results],
            )  # fmt: skip
        if policy == "A" and any(r.outputs != results[0].outputs for r in results):
            raise RulesConflictError(
                f"table {self.name}: rows {', '.join(str(r.number) for r in results)} fit and differ (Any)",
                table=self.name, rows=[r.number for r in results],
            )  # fmt: skip
        if policy in ("U", "A", "F"):
            return self._plain(results[0].outputs), results if policy == "A" else results[:1]
        if policy in ("P", "O"):
            results = sorted(results, key=lambda result: self._rank(result.outputs))
            if policy == "P":
                return self._plain(results[0].outputs), results[:1]
        plain = [self._plain(result.outputs) for result in results]
        return (aggregate(policy, plain) if len(policy) > 1 else plain), results

    def _rank(self, outputs: dict[str, Any]) -> tuple[int, ...]:
        return tuple(
            clause.priority.index(outputs[clause.name])
            if outputs[clause.name] in clause.priority
            else len(clause.priority)
            for clause in self.outputs
        )


def aggregate(policy: str, values: list[Any]) -> Any:
    """Return the sum, smallest, largest or number of the collected outputs; null where they cannot be compared."""
    if policy == "C#":
        return Decimal(len(values))
    result = values[0]
    for value in values[1:]:
        if policy == "C+":
            both = isinstance(result, Decimal) and isinstance(value, Decimal)
            result = NUMBERS.add(result, value) if both else None
        else:
            answer = compare(policy[1], value, result)
            result = None if answer is None else value if answer else result
    return result


def accepts_type(type_name: str, value: Any) -> bool:
    """Tell whether a value is of a simple FEEL type; names of no simple type accept anything."""
    known = {
        "number": "number", "string": "string", "boolean": "boolean", "date": "date", "time": "time",
        "dateTime": "date and time", "date and time": "date and time",
        "dayTimeDuration": "days and time duration", "days and time duration": "days and time duration",
        "yearMonthDuration": "years and months duration", "years and months duration": "years and months duration",
    }  # fmt: skip
    wanted = known.get(type_name)
    return wanted is None or kind(value) == wanted

"""Decision tables: clauses, rules, hit policies (DMN 1.5, chapter 8)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.dmn.errors import DecisionInputError, DmnFileError, NoRuleMatchedError, RulesConflictError
from engine.dmn.run import Run, Values
from engine.dmn.trace import MatchedRule, TableTrace
from engine.dmn.types import ItemType, NotOfTypeError, not_allowed
from engine.feel import Expression, UnaryTests, equal, to_text
from engine.feel.operators import add
from engine.feel.values import compare


@dataclass(frozen=True, slots=True)
class InputClause:
    """One input column: the expression it tests, its type and what it may be."""

    id: str
    label: str
    expression: Expression
    item_type: ItemType
    allowed: UnaryTests | None

    @property
    def type_name(self) -> str:
        """Name of the column's type, `Any` when the file says none."""
        return self.item_type.name

    @property
    def allowed_text(self) -> str:
        """What the column's values may be, as written; empty when anything."""
        tests = self.allowed or self.item_type.allowed
        return tests.text if tests else ""


@dataclass(frozen=True, slots=True)
class OutputClause:
    """One output column; `priority` orders its allowed values for the hit policies P and O."""

    id: str
    name: str
    label: str
    item_type: ItemType
    default: Expression | None
    priority: tuple[Any, ...]
    allowed: UnaryTests | None = None

    @property
    def type_name(self) -> str:
        """Name of the column's type, `Any` when the file says none."""
        return self.item_type.name


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

    def evaluate(self, values: Values, run: Run) -> Any:
        """Return the table's value and add its trace to the run's.

        Raises:
            DecisionInputError: an input is missing, of another type or not allowed.
            NoRuleMatchedError: no rule fits and there is no default output.
            RulesConflictError: more rules fit than the hit policy allows.

        """
        tested = [self._tested(clause, values, run) for clause in self.inputs]
        matched = self._match(tested, values, run)
        shown = {clause.label: value for clause, value in zip(self.inputs, tested, strict=True)}
        if not matched:
            value = self._default(values, run, shown)
            run.tables.append(TableTrace(self.name, self.hit_policy, shown, ()))
            return value
        results = [
            MatchedRule(rule.number, rule.id, self._outputs(rule, values, run), rule.annotations) for rule in matched
        ]
        value, used = self._apply_policy(results)
        run.tables.append(TableTrace(self.name, self.hit_policy, shown, tuple(used)))
        return value

    def _tested(self, clause: InputClause, values: Values, run: Run) -> Any:
        missing = sorted(name for name in clause.expression.names if name not in values and not _dotted(name, values))
        if missing:
            raise DecisionInputError(
                f"table {self.name}, column {clause.label}: input {missing[0]!r} is missing",
                table=self.name, column=clause.label, problem="input_missing", field=missing[0],
            )  # fmt: skip
        try:
            value = clause.item_type.coerce(run.value(clause.expression, values))
        except NotOfTypeError as fault:
            raise DecisionInputError(
                f"table {self.name}, column {clause.label}: {fault}", table=self.name, column=clause.label,
                field=clause.expression.text, **fault.details,
            ) from None  # fmt: skip
        if value is not None and clause.allowed and not run.accepts(clause.allowed, value, values):
            raise DecisionInputError(
                f"table {self.name}, column {clause.label}: {to_text(value)} is not one of {clause.allowed.text}",
                table=self.name, column=clause.label, field=clause.expression.text,
                **not_allowed(value, clause.allowed.text),
            )  # fmt: skip
        return value

    def _match(self, tested: list[Any], values: Values, run: Run) -> list[Rule]:
        first_only = self.hit_policy == "F"
        found = []
        for rule in self.rules:
            if all(run.accepts(test, value, values) for test, value in zip(rule.tests, tested, strict=True)):
                found.append(rule)
                if first_only:
                    break
        return found

    def _outputs(self, rule: Rule, values: Values, run: Run) -> dict[str, Any]:
        made = {}
        for clause, expression in zip(self.outputs, rule.outputs, strict=True):
            made[clause.name] = self._checked(clause, run.value(expression, values), values, run, rule.number)
        return made

    def _checked(self, clause: OutputClause, value: Any, values: Values, run: Run, row: int | None = None) -> Any:
        try:
            value = clause.item_type.coerce(value)
        except NotOfTypeError as fault:
            raise self._unfit(clause, row, str(fault), fault.details) from None
        if value is not None and clause.allowed and not run.accepts(clause.allowed, value, values):
            allowed = clause.allowed.text
            raise self._unfit(clause, row, f"{to_text(value)} is not one of {allowed}", not_allowed(value, allowed))
        return value

    def _unfit(self, clause: OutputClause, row: int | None, said: str, details: dict[str, Any]) -> DmnFileError:
        place = f"table {self.name}, {'default of' if row is None else f'row {row},'} column {clause.label}"
        where = {"table": self.name, "row": row, "column": clause.label, "field": clause.name}
        return DmnFileError(f"{place}: {said}", **where, **details)

    def _default(self, values: Values, run: Run, shown: dict[str, Any]) -> Any:
        if all(clause.default is None for clause in self.outputs):
            if self.hit_policy in ("C", "R", "O"):
                return []
            if self.hit_policy == "C#":
                return Decimal(0)
            described = ", ".join(f"{name} = {to_text(value) or 'null'}" for name, value in shown.items())
            raise NoRuleMatchedError(
                f"table {self.name}: no rule fits {described}; add a row or a default output",
                table=self.name, inputs=described, problem="no_row",
                given={name: to_text(value) for name, value in shown.items()},
            )  # fmt: skip
        made = {}
        for clause in self.outputs:
            value = run.value(clause.default, values) if clause.default else None
            made[clause.name] = self._checked(clause, value, values, run)
        return self._plain(made)

    def _plain(self, outputs: dict[str, Any]) -> Any:
        return outputs if len(self.outputs) > 1 else next(iter(outputs.values()))

    def _apply_policy(self, results: list[MatchedRule]) -> tuple[Any, list[MatchedRule]]:
        policy = self.hit_policy
        if policy == "U" and len(results) > 1:
            raise RulesConflictError(
                f"table {self.name}: rows {', '.join(str(r.number) for r in results)} fit at once, one may (Unique)",
                table=self.name, rows=[r.number for r in results], problem="several_rows",
            )  # fmt: skip
        if policy == "A" and any(equal(r.outputs, results[0].outputs) is not True for r in results):
            raise RulesConflictError(
                f"table {self.name}: rows {', '.join(str(r.number) for r in results)} fit and differ (Any)",
                table=self.name, rows=[r.number for r in results], problem="rows_differ",
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


def _dotted(name: str, values: Values) -> bool:
    """Tell whether a parameter's name begins so, as `Person.Age` does for `Person`."""
    return any(given.startswith(f"{name}.") for given in values)


def aggregate(policy: str, values: list[Any]) -> Any:
    """Return the sum, smallest, largest or number of the collected outputs; null where they cannot be compared."""
    if policy == "C#":
        return Decimal(len(values))
    result = values[0]
    for value in values[1:]:
        if policy == "C+":
            result = None if isinstance(value, str) else add(result, value)
        else:
            answer = compare(policy[1], value, result)
            result = None if answer is None else value if answer else result
    return result

"""Looks for what is wrong with a decision table before it decides anything.

Overlaps and gaps are looked for on representative inputs: for each column the constants its cells compare with, and a
value on either side of each. Between those no simple test changes its answer, so few values stand for all; and as each
example was evaluated by the tests themselves, what is reported is so.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from engine.dmn.table import DecisionTable, InputClause, OutputClause, Rule
from engine.dmn.trace import Finding
from engine.dmn.types import NotOfTypeError, not_allowed
from engine.errors import EngineError
from engine.feel import UnaryTests, YearMonthDuration, to_text
from engine.feel.values import kind

_MOST_STATES = 20_000
_MOST_TESTS = 500_000
_MOST_EXAMPLES = 20
ANOTHER_TEXT = "another value"
"""Stands in an example for any text that no cell names."""
_SECOND = timedelta(seconds=1)


def check_table(table: DecisionTable, known: frozenset[str] | None) -> list[Finding]:
    """Return wrong types, unknown names, overlaps, gaps and unreachable rules of a table.

    Args:
        table: the table.
        known: names its decision requires; None inside a boxed expression, where the names in sight are not looked at.

    """
    unknown = _unknown_names(table, known) if known is not None else ()
    return [*unknown, *_input_types(table), *_output_types(table), *_coverage(table)]


def _unknown_names(table: DecisionTable, known: frozenset[str]) -> Iterator[Finding]:
    for clause in table.inputs:
        for name in sorted(clause.expression.names - known):
            yield unknown_name(table.name, name, clause.expression.text, None, clause.label)
    for rule in table.rules:
        tests = zip(table.inputs, rule.tests, strict=False)
        answers = zip(table.outputs, rule.outputs, strict=False)
        cells = [(clause.label, cell.names, cell.text) for clause, cell in tests]
        cells += [(column.label, cell.names, cell.text) for column, cell in answers]
        for label, names, text in cells:
            for name in sorted(names - known):
                yield unknown_name(table.name, name, text, rule.number, label)


def unknown_name(table: str, name: str, text: str, row: int | None = None, column: str = "") -> Finding:
    """Return the finding of a name that nothing declares: a function's where the text calls it, else an input's."""
    row_words = "" if row is None else f", row {row}"
    place = f"table {table}{row_words}, column {column}" if column else f"decision {table}"
    called = re.search(rf"(?<!\w){re.escape(name)}\s*\(", text) is not None
    code, said = (
        ("unknown_function", f"there is no function {name!r}") if called
        else ("unknown_name", f"the decision does not require {name!r}" if column else f"unknown name {name!r}")
    )  # fmt: skip
    details, example = {"name": name, "expression": text[:200]}, {column: name} if column else {}
    return Finding(table, "unknown_name", f"{place}: {said}", row, column, example, code=code, details=details)


def _input_types(table: DecisionTable) -> Iterator[Finding]:
    for rule in table.rules:
        for clause, tests in zip(table.inputs, rule.tests, strict=False):
            base = clause.item_type.base
            if base == "Any" or clause.item_type.is_list or not tests.simple:
                continue
            for value in tests.constants:
                if kind(value) not in (base, "list"):
                    said = f"{to_text(value)} is a {kind(value)}, the column holds a {base}"
                    known = {"problem": "wrong_type", "value": to_text(value), "found": kind(value), "wanted": base}
                elif isinstance(value, str) and not _allowed(clause, value):
                    said = f"{value!r} is not one of the allowed {clause.allowed_text}"
                    known = not_allowed(value, clause.allowed_text)
                else:
                    continue
                yield _wrong_value(table, rule.number, clause.label, value, NotOfTypeError(said, **known))


def _output_types(table: DecisionTable) -> Iterator[Finding]:
    for rule in table.rules:
        for clause, expression in zip(table.outputs, rule.outputs, strict=False):
            if expression.names or "(" in expression.text:
                continue
            value = expression.evaluate({})
            if fault := _output_fault(clause, value):
                yield _wrong_value(table, rule.number, clause.label, value, fault)


def _wrong_value(table: DecisionTable, row: int, label: str, value: Any, fault: NotOfTypeError) -> Finding:
    message = f"table {table.name}, row {row}, column {label}: {fault}"
    code = fault.details["problem"]
    return Finding(table.name, "type", message, row, label, {label: value}, code=code, details=fault.details)


def _output_fault(clause: OutputClause, value: Any) -> NotOfTypeError | None:
    try:
        made = clause.item_type.coerce(value)
    except NotOfTypeError as fault:
        return fault
    if made is not None and clause.allowed and not clause.allowed.accept(made, {}):
        said, allowed = to_text(made), clause.allowed.text
        return NotOfTypeError(f"{said} is not one of the allowed {allowed}", **not_allowed(made, allowed))
    return None


# overlaps, gaps, unreachable rules


def _coverage(table: DecisionTable) -> Iterator[Finding]:
    if not table.rules or any(len(rule.tests) != len(table.inputs) for rule in table.rules):
        return
    names = [name for clause in table.inputs for name in clause.expression.names]
    if len(names) != len(set(names)):
        return  # columns that depend on each other: not every pair of values can occur
    states = _states(table)
    if states is None:
        message = f"table {table.name}: too many combinations to look for overlaps and gaps"
        yield Finding(table.name, "unchecked", message, severity="warning")
        return
    yield from _overlaps(table, states)
    yield from _gaps(table, states)
    yield from _unreachable(table, states)


State = tuple[int, int]  # rules that must match, and rules that may (their cells ask for other names), as bits


def _states(table: DecisionTable) -> dict[State, dict[str, Any]] | None:
    """Return each set of rules that matches together, with example inputs; None when there are too many."""
    everything = (1 << len(table.rules)) - 1
    states: dict[State, dict[str, Any]] = {(everything, everything): {}}
    for column, clause in enumerate(table.inputs):
        masks: dict[State, Any] = {}
        values = _representatives(clause, [rule.tests[column] for rule in table.rules])
        if len(values) * len(table.rules) > _MOST_TESTS:
            return None
        for value in values:
            masks.setdefault(_masks(table, column, value), value)
        following: dict[State, dict[str, Any]] = {}
        for (must, may), example in states.items():
            for (more_must, more_may), value in masks.items():
                following.setdefault((must & more_must, may & more_may), {**example, clause.label: value})
            if len(following) > _MOST_STATES:
                return None
        states = following
    return states


def _masks(table: DecisionTable, column: int, value: Any) -> State:
    must = may = 0
    for place, rule in enumerate(table.rules):
        tests = rule.tests[column]
        if tests.names:
            may |= 1 << place
        elif _passes(tests, value):
            must |= 1 << place
            may |= 1 << place
    return must, may


def _passes(tests: UnaryTests, value: Any) -> bool:
    try:
        return tests.accept(value, {})
    except EngineError:
        return False


def _overlaps(table: DecisionTable, states: dict[State, dict[str, Any]]) -> Iterator[Finding]:
    if table.hit_policy not in ("U", "A"):
        return
    seen: set[tuple[int, int]] = set()
    for (must, _may), example in states.items():
        rows = [rule for place, rule in enumerate(table.rules) if must >> place & 1]
        for first, second in pairwise(rows):
            pair = (first.number, second.number)
            same = [e.text for e in first.outputs] == [e.text for e in second.outputs]
            if pair in seen or len(seen) >= _MOST_EXAMPLES or (table.hit_policy == "A" and same):
                continue
            seen.add(pair)
            message = f"table {table.name}: rows {pair[0]} and {pair[1]} both fit {_shown(example)}"
            yield Finding(table.name, "overlap", message, first.number, "", example, other_row=second.number)


def _gaps(table: DecisionTable, states: dict[State, dict[str, Any]]) -> Iterator[Finding]:
    if table.hit_policy[0] in "CRO" or any(clause.default is not None for clause in table.outputs):
        return
    example = next((example for (_must, may), example in states.items() if not may), None)
    if example is not None:
        message = f"table {table.name}: no row fits {_shown(example)}"
        yield Finding(table.name, "gap", message, None, "", example, severity="warning")


def _unreachable(table: DecisionTable, states: dict[State, dict[str, Any]]) -> Iterator[Finding]:
    if not all(tests.simple for rule in table.rules for tests in rule.tests):
        return
    reached = 0
    for _must, may in states:
        reached |= may & -may if table.hit_policy == "F" else may
    for place, rule in enumerate(table.rules):
        if reached >> place & 1:
            continue
        said = f"table {table.name}, row {rule.number}: no input reaches it"
        hidden = next(((may, example) for (_must, may), example in states.items() if may >> place & 1), None)
        if hidden is None:
            column, value = _never(table, rule)
            message = f"{said}: no value of {column} passes its cell, {to_text(value)} does not either"
            yield Finding(
                table.name, "unreachable", message, rule.number, column, {column: value}, "warning", code="never"
            )
        else:
            may, example = hidden
            first = table.rules[(may & -may).bit_length() - 1].number
            message = f"{said}: {_shown(example)} fits it, but row {first} is taken first"
            yield Finding(table.name, "unreachable", message, rule.number, "", example, "warning", first, code="hidden")


def _never(table: DecisionTable, rule: Rule) -> tuple[str, Any]:
    """Return the column whose cell no value passes, with a value that was tried."""
    for column, clause in enumerate(table.inputs):
        values = _representatives(clause, [each.tests[column] for each in table.rules])
        if not any(_passes(rule.tests[column], value) for value in values):
            return clause.label, values[0]
    return "", None


def _shown(example: dict[str, Any]) -> str:
    return ", ".join(f"{label} = {to_text(value)}" for label, value in example.items()) or "any input"


# representative values


def _allowed(clause: InputClause, value: Any) -> bool:
    try:
        return clause.item_type.conforms(value) and (clause.allowed is None or clause.allowed.accept(value, {}))
    except EngineError:
        return True


def _representatives(clause: InputClause, cells: list[UnaryTests]) -> list[Any]:
    """Return values of a column such that each region its cells tell apart holds one of them."""
    declared = [tests for tests in (clause.allowed, clause.item_type.allowed) if tests]
    constants: list[Any] = []
    for tests in [*cells, *declared]:
        for value in tests.constants:
            constants += value if isinstance(value, list) else [value]
    base = clause.item_type.base
    if base == "Any":
        kinds = {kind(value) for value in constants}
        base = kinds.pop() if len(kinds) == 1 else "Any"
    found = _spread(base, [value for value in constants if base in ("Any", kind(value))])
    if clause.item_type.is_list:
        found = [[], *([value] for value in found), found]
    return [value for value in found if _allowed(clause, value)] or [None]


def _spread(base: str, constants: list[Any]) -> list[Any]:
    if base == "boolean":
        return [True, False]
    if base == "string":
        return [*dict.fromkeys(constants), ANOTHER_TEXT]
    if base == "number":
        ends = sorted(set(constants)) or [Decimal(0)]
        between = [(low + high) / 2 for low, high in pairwise(ends)]
        return sorted([ends[0] - 1, *ends, *between, ends[-1] + 1])
    step = {
        "date": timedelta(days=1), "date and time": _SECOND, "days and time duration": _SECOND,
        "years and months duration": YearMonthDuration(1),
    }.get(base)  # fmt: skip
    if step is None:
        return list(constants)
    found = [moved for value in constants for moved in _neighbours(value, step)]
    return found or [{"date": date(2025, 1, 1), "date and time": datetime(2025, 1, 1)}.get(base)]  # noqa: DTZ001


def _neighbours(value: Any, step: Any) -> list[Any]:
    if isinstance(value, YearMonthDuration):
        return [YearMonthDuration(value.months - 1), value, YearMonthDuration(value.months + 1)]
    try:
        return [value - step, value, value + step]
    except OverflowError:
        return [value]

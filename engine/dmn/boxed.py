"""Boxed expressions (DMN 1.5, chapters 7 and 10.2): each is compiled into a closure over values and a run."""

from collections.abc import Sequence
from typing import Any

from engine.dmn.errors import DmnFileError
from engine.dmn.run import Logic, Run, Values
from engine.dmn.types import ANY, ItemType, NotOfTypeError
from engine.feel import Expression, FeelLimitError, Function, bounded
from engine.feel.iteration import NotIterableError, walk
from engine.feel.operators import call_named

Parameters = Sequence[tuple[str, ItemType]]


def literal(expression: Expression) -> Logic:
    """Return the logic of a literal expression."""
    return lambda values, run: run.value(expression, values)


def broken(fault: DmnFileError) -> Logic:
    """Return logic that raises the fault found when the file was read."""

    def refuse(_values: Values, _run: Run) -> Any:
        raise fault

    return refuse


def typed(logic: Logic, item_type: ItemType, place: str) -> Logic:
    """Return logic whose value is checked against a type and converted as the standard has it.

    Raises (when run):
        DmnFileError: the value is of another type.

    """
    if item_type is ANY or (item_type.base == "Any" and not item_type.is_list and item_type.item is None):
        return logic

    def check(values: Values, run: Run) -> Any:
        value = logic(values, run)
        try:
            return item_type.coerce(value)
        except NotOfTypeError as fault:
            raise DmnFileError(f"{place}: {fault}", place=place, **fault.details) from None

    return check


def context(entries: Sequence[tuple[str, Logic]], result: Logic | None) -> Logic:
    """Return the logic of a boxed context: later entries see earlier ones; a result entry is its value."""

    def build(values: Values, run: Run) -> Any:
        inner, made = dict(values), {}
        for name, logic in entries:
            made[name] = inner[name] = logic(inner, run)
        return result(inner, run) if result is not None else made

    return build


def items(parts: Sequence[Logic]) -> Logic:
    """Return the logic of a boxed list."""
    return lambda values, run: [part(values, run) for part in parts]


def relation(columns: Sequence[str], rows: Sequence[Sequence[Logic]]) -> Logic:
    """Return the logic of a relation: a list of contexts, one a row."""
    return lambda values, run: [
        {name: cell(values, run) for name, cell in zip(columns, row, strict=True)} for row in rows
    ]


def conditional(condition: Logic, then: Logic, other: Logic) -> Logic:
    """Return the logic of a boxed conditional."""
    return lambda values, run: then(values, run) if condition(values, run) is True else other(values, run)


def function(parameters: Parameters, body: Logic, place: str) -> Logic:
    """Return the logic of a function definition: a closure over the values in sight."""
    names = tuple(name for name, _ in parameters)

    def close(values: Values, run: Run) -> Function:
        def call(*arguments: Any) -> Any:
            if len(arguments) != len(parameters):
                return None
            inner = dict(values)
            for (name, item_type), argument in zip(parameters, arguments, strict=True):
                try:
                    inner[name] = item_type.coerce(argument)
                except ValueError:
                    return None  # a function given another type than it takes is null by the standard
            run.budget[1] -= 1
            if run.budget[1] < 0:
                raise FeelLimitError(f"{place}: functions call each other too deep", place=place)
            try:
                return body(inner, run)
            finally:
                run.budget[1] += 1

        return Function(names, call)

    return close


def invocation(target: Logic, bindings: Sequence[tuple[str, Logic]], place: str) -> Logic:
    """Return the logic of a boxed invocation: a call with arguments by name."""

    def invoke(values: Values, run: Run) -> Any:
        found = target(values, run)
        if not isinstance(found, Function):
            raise DmnFileError(f"{place}: what it invokes is no function", place=place, problem="no_function")
        given = {name: logic(values, run) for name, logic in bindings}
        return call_named(run.budget, found, given)

    return invoke


def filtered(source: Logic, match: Logic, place: str) -> Logic:
    """Return the logic of a boxed filter: the items for which `match` is true.

    Raises (when run):
        DmnFileError: the match gives no boolean.

    """

    def keep(values: Values, run: Run) -> Any:
        found = source(values, run)
        kept = []
        for item in found if isinstance(found, list) else [] if found is None else [found]:
            spend(run)
            more = item if isinstance(item, dict) else {}
            answer = match({**values, "item": item, **more}, run)
            if not isinstance(answer, bool):
                raise DmnFileError(
                    f"{place}: the match gives neither true nor false", place=place, problem="no_yes_or_no"
                )
            if answer:
                kept.append(item)
        return kept

    return keep


def iterator(kind: str, name: str, source: Logic, body: Logic, *, uses_partial: bool) -> Logic:
    """Return the logic of a boxed `for`, `some` or `every`; in `for`, `partial` holds the results so far."""

    def run_all(values: Values, run: Run) -> Any:
        partial: list[Any] = []
        inner = dict(values)
        try:
            for item in walk(source(values, run)):
                spend(run)
                inner[name] = item
                if uses_partial:  # a copy: a list must never come to hold itself
                    spend(run, len(partial))
                    inner["partial"] = list(partial)
                partial.append(bounded(body(inner, run)))
        except NotIterableError:
            return None
        if kind == "for":
            return list(partial)
        if any(answer is not None and not isinstance(answer, bool) for answer in partial):
            return None
        decisive = kind == "some"
        if any(answer is decisive for answer in partial):
            return decisive
        return None if any(not isinstance(answer, bool) for answer in partial) else not decisive

    return run_all


def spend(run: Run, cost: int = 1) -> None:
    """Pay some steps of the run's budget.

    Raises:
        FeelLimitError: nothing is left.

    """
    run.budget[0] -= cost
    if run.budget[0] < 0:
        raise FeelLimitError("the decision takes too many steps")

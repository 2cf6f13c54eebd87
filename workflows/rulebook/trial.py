"""Asking a table with inputs that a person types: which fields there are, and what the typed text means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.dmn import DecisionInputError, DecisionTable, InputData, Model
from engine.errors import EngineError
from engine.feel import evaluate
from workflows.labels import find_label, label
from workflows.rulebook.words import cell_words

_YES_NO = {"false": False, "true": True}


@dataclass(frozen=True, slots=True)
class TrialField:
    """One input of a table as a form shows it.

    Attributes:
        kind: `choice`, `number`, `date` or `text`.
        options: for a choice, the values with their words.

    """

    name: str
    title: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()


def trial_fields(model: Model, table: str) -> list[TrialField]:
    """Return the fields with which a table can be asked, in the order of its columns."""
    columns = [clause for part in model.tables.values() for clause in part.inputs]
    order = {clause.expression.text: place for place, clause in enumerate(columns)}
    data = sorted(model.inputs(table), key=lambda one: order.get(one.name, len(order)))
    return [_field(model, one) for one in data]


def _field(model: Model, data: InputData) -> TrialField:
    title = find_label(f"inputs.{data.name}") or data.label or data.name
    base = _base(model, data)
    if base == "boolean":
        return TrialField(data.name, title, "choice", tuple((key, label(f"enums.yes_no.{key}")) for key in _YES_NO))
    if options := _allowed(model, data):
        return TrialField(data.name, title, "choice", options)
    return TrialField(data.name, title, base if base in ("number", "date") else "text")


def _clauses(model: Model, name: str) -> list[Any]:
    tables: list[DecisionTable] = list(model.tables.values())
    return [clause for table in tables for clause in table.inputs if clause.expression.text == name]


def _base(model: Model, data: InputData) -> str:
    found = [data.item_type.base, *(clause.item_type.base for clause in _clauses(model, data.name))]
    return next((base for base in found if base != "Any"), "Any")


def _allowed(model: Model, data: InputData) -> tuple[tuple[str, str], ...]:
    for text in (data.allowed, *(clause.allowed_text for clause in _clauses(model, data.name))):
        try:
            values = evaluate(f"[{text}]", {}) if text else None
        except EngineError:
            continue  # allowed values that are no list of constants
        if isinstance(values, list) and values and all(isinstance(value, str) for value in values):
            return tuple((value, cell_words(data.name, f'"{value}"') if value else "–") for value in values)
    return ()


def given_inputs(model: Model, table: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return typed texts as the values a table asks for.

    Raises:
        DecisionInputError: a text that is no value of the input's type, or an input the table does not ask for.

    """
    known = {data.name: data for data in model.inputs(table)}
    if unknown := sorted(typed.keys() - known.keys()):
        message = f"table {table} asks for {', '.join(known)}, not for {unknown[0]}"
        raise DecisionInputError(message, table=table, column=unknown[0])
    return {name: _value(table, known[name], _base(model, known[name]), text) for name, text in typed.items()}


def _value(table: str, data: InputData, base: str, text: str) -> Any:
    text = text.strip()
    try:
        if base == "string":
            return evaluate(text, {}) if text.startswith('"') and text.endswith('"') and len(text) > 1 else text
        if base == "number":
            return Decimal(text)
        if base == "boolean":
            return _YES_NO[text.casefold()]
        if base == "date" and not text.startswith(("date", "@")):
            return date.fromisoformat("-".join(reversed(text.split("/"))))
        return evaluate(text, {})
    except (InvalidOperation, KeyError, ValueError, EngineError):
        message = f"table {table}, input {data.name}: {text!r} is no {base}"
        raise DecisionInputError(message, table=table, column=data.name) from None

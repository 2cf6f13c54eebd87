"""The decision tables as they lie in the folder, parsed once."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from engine.deployment import TableFile, read_folder
from engine.dmn import Model, TableVersions, load
from engine.tables import plain

BPMN = Path(__file__).resolve().parents[3] / "bpmn"


@cache
def files() -> tuple[TableFile, ...]:
    return read_folder(BPMN).tables


@cache
def model(table: str, valid_from: date) -> Model:
    (found,) = (file for file in files() if (file.table, file.valid_from) == (table, valid_from))
    return load(found.xml)


def keys() -> list[str]:
    return sorted({file.table for file in files()})


def versions(table: str) -> list[date]:
    return sorted(file.valid_from for file in files() if file.table == table)


def decide(table: str, on: str, inputs: Mapping[str, Any]) -> Any:
    """Return what the version in force on a day answers, as plain values."""
    dated = TableVersions(table, [(day, model(table, day)) for day in versions(table)])
    return plain(dated.in_force(date.fromisoformat(on)).model.evaluate(table, inputs).value)

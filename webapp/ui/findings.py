"""What is wrong with a decision table, in the reader's words: place, particulars, an example where one helps."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.deployment import TableFile
from engine.dmn import ANOTHER_TEXT, DecisionTable, DmnError, Finding, load
from engine.errors import EngineError
from engine.feel import FeelLimitError, to_text
from engine.table_versions import LOOKED_UP_BY, findings_of
from webapp import current
from webapp.filters import day, moment
from webapp.i18n import has, language, t
from workflows.labels import find_label
from workflows.rulebook.words import cell_words

_OF_THE_FILE = frozenset({"file", "table", "looked_up_by", "date_gap", "date_overlap", "valid_until", "table_changed"})
"""Rules about the file or its days: their sentences name no place in it."""
_SHOWN_BY_EXAMPLE = frozenset({"overlap", "gap", "hidden", "never"})
_TYPES = {"date and time": "datetime", "days and time duration": "duration", "years and months duration": "duration"}
_PARTICULARS = (
    "row", "other", "column", "value", "found", "wanted", "allowed", "name", "type", "expression", "position", "line",
    "limit", "field", "rows", "inputs", "path", "on", "by", "before", "until", "following",
    "version",
)  # fmt: skip
"""What sentences may name; what a finding does not know is left blank."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DAYS = re.compile(r"P(\d+)D")


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding: a sentence, an example input in words, and the checker's own words for who made the file."""

    error: bool
    sentence: str
    example: str
    detail: str


class Columns:
    """The columns of some tables: what each is called on pages, and the name that gives words to its values."""

    def __init__(self, tables: Iterable[DecisionTable] = ()) -> None:
        self._names: dict[tuple[str, str], tuple[str, str]] = {}
        for table in tables:
            for clause in table.inputs:
                self._names[table.name, clause.label] = ("inputs", clause.expression.text)
            for column in table.outputs:
                self._names[table.name, column.label] = ("outputs", column.name)

    def name(self, table: str, label: str) -> str:
        """Return the name behind a column: of the input it asks, or of its output."""
        return self._names.get((table, label), ("", label))[1]

    def title(self, table: str, label: str) -> str:
        """Return what a column is called: as the file says in Vietnamese, by its label in another language."""
        section, name = self._names.get((table, label), ("inputs", label))
        if language() == "vi":
            return label if label != name else find_label(f"{section}.{name}") or label
        return find_label(f"{section}.{name}", language()) or label


def lines_of(file: TableFile, also: Iterable[Finding] = ()) -> list[FindingLine]:
    """Return what the checker says of a table's file, errors first; `also` is what was found beside the file."""
    functions = tuple(sorted(current.engine().registry.functions))
    found, columns = _checked(file, functions)
    return [_line(one, columns) for one in sorted((*found, *also), key=lambda one: one.severity != "error")]


@lru_cache(maxsize=256)
def _checked(file: TableFile, functions: tuple[str, ...]) -> tuple[tuple[Finding, ...], Columns]:
    """A file's findings never change; a large table takes a second to look through."""
    try:
        tables = load(file.xml, functions=functions, strict=False).tables.values()
    except (EngineError, ValueError):  # then the finding says so
        return tuple(findings_of(file, functions)), Columns()
    return tuple(findings_of(file, functions)), Columns(tables)


def lines_of_refusal(file: TableFile, refused: Iterable[Mapping[str, Any]]) -> list[FindingLine]:
    """Return the findings of a refused deployment of one file."""
    columns = _checked(file, tuple(sorted(current.engine().registry.functions)))[1]
    return [_line(_refused(one), columns) for one in refused]


def _refused(one: Mapping[str, Any]) -> Finding:
    return Finding(
        one.get("table", ""), one["rule"], one["message"], one.get("row"), one.get("column", ""),
        other_row=one.get("other_row"), code=one.get("code", ""), details=one.get("details", {}),
    )  # fmt: skip


def fault_words(fault: EngineError, tables: Iterable[DecisionTable] = ()) -> str:
    """Return why a table refused an answer, in one sentence with its place."""
    details = fault.details if isinstance(fault, DmnError) else {}
    code = "too_much" if isinstance(fault, FeelLimitError) else details.get("problem", "other")
    table, column = str(details.get("table", "")), str(details.get("column", ""))
    row = details.get("row")
    found = Finding(table, "answer", str(fault), row, column if row else "", code=code, details=dict(details))
    return _sentence(found, Columns(tables))


def _line(found: Finding, columns: Columns) -> FindingLine:
    example = _example(found, columns) if found.problem in _SHOWN_BY_EXAMPLE else ""
    return FindingLine(found.severity == "error", _sentence(found, columns), example, found.message)


def _sentence(found: Finding, columns: Columns) -> str:
    problem = found.problem if has(f"findings.{found.problem}") else found.rule
    said = t(f"findings.{problem}" if has(f"findings.{problem}") else "findings.other", **_particulars(found, columns))
    where = "" if found.rule in _OF_THE_FILE else _where(found, columns)
    return f"{where}: {said}" if where else said[:1].upper() + said[1:]


def _where(found: Finding, columns: Columns) -> str:
    parts = [t("findings.in_table", table=_title(found.table))] if found.table else []
    if found.row is not None and found.problem not in ("overlap", "hidden"):
        parts.append(t("findings.in_row", row=found.row))
    if found.column:
        parts.append(t("findings.in_column", column=f"“{columns.title(found.table, found.column)}”"))
    return ", ".join(parts)


def _particulars(found: Finding, columns: Columns) -> dict[str, Any]:
    """Return all that a sentence may name, in words."""
    known = found.details
    field = str(known.get("field") or columns.name(found.table, found.column))
    words: dict[str, Any] = {name: known.get(name, "") for name in _PARTICULARS}
    words |= {"row": found.row or "", "other": found.other_row or "", "column": found.column}
    if "wanted" in known and "value" in known:
        words["wanted"] = _type(str(known["wanted"]))
    if found.problem in ("wrong_type", "not_allowed"):
        words["value"] = value_words(field, known.get("value"), str(known.get("found", "")))
        words["found"] = _type(str(known.get("found", "")))
        words["allowed"] = cell_words(field, str(known.get("allowed", "")))
    words["field"] = find_label(f"inputs.{field}", language()) or field
    words["rows"] = ", ".join(str(row) for row in known.get("rows", ()))
    words["path"] = " → ".join(_title(one) for one in known.get("path", ()))
    words["inputs"] = _listed(found.table, known.get("given", {}), columns)
    words |= {name: day(known[name]) for name in ("on", "until", "following", "version") if known.get(name)}
    words |= {name: _looked_up(known.get(name)) for name in ("by", "before")}
    return words


def _title(table: str) -> str:
    return find_label(f"tables.{table}", language()) or table


def _looked_up(by: Any) -> str:
    return t(f"findings.by_{by}" if by in LOOKED_UP_BY else "findings.by_none")


def _type(name: str) -> str:
    key = f"findings.type_{_TYPES.get(name, name)}"
    return t(key) if has(key) else name


def _example(found: Finding, columns: Columns) -> str:
    """Return example inputs by column, empty where any input is one."""
    given = {label: ANOTHER_TEXT if one == ANOTHER_TEXT else to_text(one) for label, one in found.example.items()}
    return _listed(found.table, given, columns) or t("findings.any_value")


def _listed(table: str, given: Mapping[str, str | None], columns: Columns) -> str:
    return "; ".join(
        f"{columns.title(table, label)} = {value_words(columns.name(table, label), text)}"
        for label, text in given.items()
    )


def value_words(field: str, text: str | None, kind: str = "") -> str:
    """Return a FEEL value that was written as text, as people read it; `kind` is its type where that is known."""
    if text is None or text == "" or kind == "null":
        return t("findings.nothing")
    if text == ANOTHER_TEXT:
        return t("findings.another_value")
    if kind != "string":
        if _DAY.fullmatch(text):
            return day(text)
        if _INSTANT.fullmatch(text):
            return moment(text.replace("Z", "+00:00"))
        if _NUMBER.fullmatch(text) or text in ("true", "false"):
            return cell_words(field, text)
        if days := _DAYS.fullmatch(text):
            return t("findings.days", count=days[1])
    named = cell_words(field, f'"{text}"')
    return named if named != text else f"“{text}”"

"""Decision tables as an officer reads them: which there are, since when, and each row with its source and mark."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.dmn import DecisionTable, Model, NoTableInForceError
from engine.models import TableVersion
from workflows.labels import current_language, find_label, label
from workflows.rulebook.queries import parsed, versions_of
from workflows.rulebook.words import cell_words, with_places

MOST_COLUMNS = 5
"""As many inputs fit beside outputs, source and mark on a page."""


@dataclass(frozen=True, slots=True)
class TableSummary:
    """One table of the catalogue; `versions` are the days on which each of its versions begins, oldest first."""

    key: str
    title: str
    description: str
    looked_up_by: str
    versions: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row, its cells in words; `inputs` and `outputs` stand under the titles of their part."""

    number: int
    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rule: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class TablePart:
    """One decision of a file: a table with its rows, or a formula."""

    key: str
    title: str
    description: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[TableRow, ...]
    formula: str

    @property
    def sparse(self) -> bool:
        """Whether a row asks few of many things, so that it reads better as a sentence than as a line of blanks."""
        asked = sum(1 for row in self.rows for cell in row.inputs if cell)
        return len(self.inputs) > MOST_COLUMNS and asked * 2 < len(self.rows) * len(self.inputs)


@dataclass(frozen=True, slots=True)
class TablePage:
    """One version of a table; it holds until before `valid_until`, None while no later one is known."""

    key: str
    title: str
    description: str
    looked_up_by: str
    valid_from: date
    valid_until: date | None
    sha256: str
    parts: tuple[TablePart, ...]


def list_tables(session: Session) -> list[TableSummary]:
    """Return every table that was ever deployed, with the words of its newest version, by title."""
    keys = session.scalars(sa.select(TableVersion.table_key).distinct())
    return sorted((_summary(session, key) for key in keys), key=lambda found: found.title)


def _summary(session: Session, key: str) -> TableSummary:
    versions = versions_of(session, key)
    model = parsed(session, versions[-1][1])
    days = tuple(valid_from for valid_from, _ in versions)
    return TableSummary(key, _title(key), _described(model, key), model.looked_up_by, days)


def table_page(session: Session, key: str, valid_from: date) -> TablePage:
    """Return one version of a table with all its decisions, the one the table is named after last.

    Raises:
        NoTableInForceError: no version of that table begins on that day.

    """
    versions = dict(versions_of(session, key))
    if valid_from not in versions:
        raise NoTableInForceError("no such version", table=key, on=valid_from.isoformat())
    later = [day for day in versions if day > valid_from]
    return page_of(parsed(session, versions[valid_from]), key, valid_from, min(later, default=None))


def page_of(model: Model, key: str, valid_from: date, valid_until: date | None) -> TablePage:
    """Return a table's file as its page shows it, deployed or not."""
    parts = tuple(_part(model, name) for name in model.decisions)
    described = _described(model, key)
    return TablePage(key, _title(key), described, model.looked_up_by, valid_from, valid_until, model.sha256, parts)


@dataclass(frozen=True, slots=True)
class Differences:
    """How two versions of a table differ: rows by `part/row id`, and the old rows that are gone."""

    added: frozenset[str]
    changed: frozenset[str]
    removed: tuple[tuple[TablePart, TableRow], ...]


def differences(before: TablePage, after: TablePage) -> Differences:
    """Return which rows of a version are new or other than in an earlier one; a row is known by its id."""
    old = {f"{part.key}/{row.id}": (part, row) for part in before.parts for row in part.rows}
    new = {f"{part.key}/{row.id}": row for part in after.parts for row in part.rows}
    other = frozenset(key for key, row in new.items() if key in old and _said(old[key][1]) != _said(row))
    return Differences(
        frozenset(new.keys() - old.keys()), other, tuple(found for key, found in old.items() if key not in new)
    )


def _said(row: TableRow) -> TableRow:
    return replace(row, number=0)  # a row that only moved says the same


def _title(key: str) -> str:
    return label(f"tables.{key}")


def _described(model: Model, decision: str) -> str:
    return with_places(model.element(decision).description)


def _part(model: Model, name: str) -> TablePart:
    element = model.element(name)
    table = element.table
    if table is None:
        formula = element.expression.text if element.expression else ""
        return TablePart(name, _title(name), _described(model, name), (), (), (), formula)
    return TablePart(
        name, _title(name), _described(model, name), tuple(_input_titles(table)),
        tuple(_column(f"outputs.{clause.name}", clause.label) for clause in table.outputs), tuple(_rows(table)), "",
    )  # fmt: skip


def _input_titles(table: DecisionTable) -> Iterable[str]:
    for clause in table.inputs:
        plain_name = clause.expression.text.isidentifier()
        yield _column(f"inputs.{clause.expression.text if plain_name else clause.id}", clause.label)


def _column(key: str, written: str) -> str:
    """Return a column's title: what the file says in Vietnamese, the label in another language."""
    return written if current_language() == "vi" else find_label(key) or written


def _rows(table: DecisionTable) -> Iterable[TableRow]:
    for rule in table.rules:
        tests = zip(table.inputs, rule.tests, strict=True)
        answers = zip(table.outputs, rule.outputs, strict=True)
        yield TableRow(
            rule.number, rule.id,
            tuple(cell_words(clause.expression.text, test.text) for clause, test in tests),
            tuple(cell_words(clause.name, answer.text) for clause, answer in answers),
            rule.annotations.get("rule", ""), rule.annotations.get("source", ""),
            rule.annotations.get("confidence", ""),
        )  # fmt: skip

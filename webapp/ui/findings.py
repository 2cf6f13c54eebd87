"""What the checker found in a table, in words a civil servant reads, each with its example."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.deployment import TableFile
from engine.dmn import Finding
from engine.feel import to_text
from engine.table_versions import findings_of
from webapp import current
from webapp.i18n import has, t
from workflows.labels import label
from workflows.rulebook.words import cell_words


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding: a sentence, an example input in words, and the checker's own words."""

    error: bool
    sentence: str
    example: str
    detail: str


def lines_of(file: TableFile) -> list[FindingLine]:
    """Return what the checker says of a table's file, errors first."""
    found = _checked(file, tuple(sorted(current.engine().registry.functions)))
    return [_line(one) for one in sorted(found, key=lambda one: one.severity != "error")]


@lru_cache(maxsize=256)
def _checked(file: TableFile, functions: tuple[str, ...]) -> tuple[Finding, ...]:
    """A file's findings never change; a large table takes a second to look through."""
    return tuple(findings_of(file, functions))


def _line(found: Finding) -> FindingLine:
    key = f"findings.{found.rule}"
    if found.rule == "unreachable" and found.other_row is not None:
        key = "findings.hidden"
    sentence = t(
        key if has(key) else "findings.other",
        row=found.row or "",
        other=found.other_row or "",
        column=found.column,
        table=label(f"tables.{found.table}") if found.table else "",
    )
    return FindingLine(found.severity == "error", sentence, _example(found.example), found.message)


def _example(example: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} = {_value(value)}" for name, value in example.items())


def _value(value: Any) -> str:
    if isinstance(value, str):
        return value or "–"
    return cell_words("", to_text(value) or "") or "–"


def lines_of_refusal(findings: Iterable[Mapping[str, str]]) -> list[FindingLine]:
    """Return the findings of a refused deployment."""
    return [
        FindingLine(error=True, sentence=t(f"findings.{one['rule']}") if has(f"findings.{one['rule']}") else
                    t("findings.other", row="", other="", column="", table=""), example="", detail=one["message"])
        for one in findings
    ]  # fmt: skip

"""What a decision returns beside its value: which rules of which table fitted which inputs, and their sources."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """One rule that fitted.

    Attributes:
        number: its row in the table, from 1.
        annotations: annotation columns by name, e.g. `rule`, `source`, `confidence`.

    """

    number: int
    id: str
    outputs: dict[str, Any]
    annotations: dict[str, str]


@dataclass(frozen=True, slots=True)
class TableTrace:
    """How one table came to its answer."""

    decision: str
    hit_policy: str
    inputs: dict[str, Any]
    matched: tuple[MatchedRule, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """The tables evaluated for one decision, required ones first."""

    model: str
    sha256: str
    tables: tuple[TableTrace, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A value and how it came about."""

    value: Any
    trace: Trace


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a table, with its place and an example input where there is one.

    Attributes:
        rule: what was checked: `file`, `syntax`, `type`, `reference`, `unknown_name`, `overlap`, `gap`, `unreachable`,
            `unchecked`.
        code: what exactly is wrong, by which pages find their sentence; the rule where there is but one.
        details: the particulars that sentence names, as those of `DmnError`.
        other_row: the second row of an overlap; the row that is taken first instead of an unreachable one.
        severity: `error` must not be deployed, `warning` a person should look at.
        example: input values by column that show it.

    """

    table: str
    rule: str
    message: str
    row: int | None = None
    column: str = ""
    example: dict[str, Any] = field(default_factory=dict)
    severity: str = "error"
    other_row: int | None = None
    code: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def problem(self) -> str:
        """The code of what is wrong."""
        return self.code or self.rule

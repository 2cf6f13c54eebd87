"""Counting statements and commits, and putting figures side by side."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa


@dataclass
class Counter:
    """What a database was asked while it was watched."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    @property
    def count(self) -> int:
        """How many statements were sent; the opening BEGIN of SQLite is not one of them."""
        return len(self.statements)


@contextmanager
def counting(database: sa.Engine) -> Iterator[Counter]:
    """Count the statements and commits of everything that runs inside."""
    counter = Counter()

    def sent(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, _many: bool) -> None:
        if not statement.startswith("BEGIN"):
            counter.statements.append(statement)

    def committed(_connection: Any) -> None:
        counter.commits += 1

    sa.event.listen(database, "before_cursor_execute", sent)
    sa.event.listen(database, "commit", committed)
    try:
        yield counter
    finally:
        sa.event.remove(database, "before_cursor_execute", sent)
        sa.event.remove(database, "commit", committed)


def milliseconds(work: Callable[[], Any]) -> float:
    """How long one piece of work took."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


@dataclass(frozen=True)
class Row:
    """One line of the benchmark: what, ours, the baseline in the same run, and what is aimed at."""

    what: str
    unit: str
    ours: float
    baseline: float | None = None
    target: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times better than the baseline."""
        return None if self.baseline is None or not self.ours else self.baseline / self.ours

    def as_dict(self) -> dict[str, Any]:
        """The row as JSON."""
        return {"what": self.what, "unit": self.unit, "ours": self.ours, "baseline": self.baseline,
                "ratio": self.ratio, "target": self.target}  # fmt: skip


def percentiles(
    what: str, unit: str, ours: list[float], baseline: list[float] | None = None, target: str = ""
) -> list[Row]:
    """Median and 95th percentile of both."""
    found = []
    for name, pick in (("median", statistics.median), ("p95", _p95)):
        theirs = pick(baseline) if baseline else None
        found.append(Row(f"{what}, {name}", unit, round(pick(ours), 2), round(theirs, 2) if theirs else None, target))
    return found


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def table(rows: list[Row]) -> str:
    """The rows as people read them."""
    lines = [f"{'':58} {'ours':>12} {'baseline':>12} {'ratio':>7}  target"]
    for row in rows:
        base = "" if row.baseline is None else f"{row.baseline:,.2f}"
        ratio = "" if row.ratio is None else f"{row.ratio:.1f}x"
        lines.append(f"{row.what:58} {row.ours:>12,.2f} {base:>12} {ratio:>7}  {row.target} [{row.unit}]")
    return "\n".join(lines)

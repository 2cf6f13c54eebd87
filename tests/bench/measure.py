"""Counting what a database is asked."""

from collections.abc import Iterator
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

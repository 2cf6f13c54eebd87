"""Tables filled by the database itself: rows are copied in one statement, a million in seconds."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from tests.office import Office

ROOM_IN_KIB = 1_000_000


def numbers(first: int, last: int, name: str) -> sa.CTE:
    """Return the whole numbers from the first to the last as a table with the column `n`."""
    found = sa.select(sa.literal(first).label("n")).cte(name, recursive=True)
    return found.union_all(sa.select(found.c.n + 1).where(found.c.n < last))


def copies(
    office: Office, table: sa.Table, changed: Mapping[str, Any], source: sa.FromClause, which: sa.ColumnElement[bool],
    most: int | None = None,
) -> sa.Insert:  # fmt: skip
    """Return the statement that adds rows to a table: its own columns as in the source, but for those that change.

    Ids are new ones unless they are among what changes.
    """
    sqlite = office.database.dialect.name == "sqlite"
    ids: dict[str, Any] = {"id": sa.literal_column("lower(hex(randomblob(16)))" if sqlite else "gen_random_uuid()")}
    cells: dict[str, Any] = {column.name: column for column in table.columns} | ids | dict(changed)
    names = [column.name for column in table.columns]
    rows = sa.select(*(cells[name].label(name) for name in names)).select_from(source).where(which).limit(most)
    return sa.insert(table).from_select(names, rows)


def fill(office: Office, *statements: sa.Insert) -> None:
    """Add many rows in one transaction; the database is given the room that sorting them into indexes takes."""
    sqlite = office.database.dialect.name == "sqlite"
    with office.database.begin() as connection:
        if sqlite:
            connection.exec_driver_sql(f"PRAGMA cache_size = -{ROOM_IN_KIB}")
        for statement in statements:
            connection.execute(statement)
    if sqlite:
        outside = office.database.raw_connection()  # of any transaction
        outside.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        outside.close()
    office.database.dispose()


def analyse(office: Office, *tables: sa.Table) -> None:
    """Do what PostgreSQL's own housekeeping does within minutes; SQLite has none."""
    if office.database.dialect.name == "sqlite":
        return
    with office.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.exec_driver_sql(f"VACUUM ANALYZE {table.name}")

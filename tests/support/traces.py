"""What a database holds, read row by row: to show that a text is nowhere, and that nothing was written."""

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
import zstandard

from engine.db import Base
from tests.office import Office


def rows(office: Office) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of every table, the states of cases unpacked."""
    with office.database.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(sa.select(table)).mappings():
                values = dict(row)
                if table.name == "process_instance":
                    packed = zstandard.ZstdDecompressor().decompress(values["state"][1:])
                    values["state"] = msgspec.msgpack.decode(packed)
                yield table.name, values


def places_of(office: Office, text: str) -> list[str]:
    """Tables in which a text stands, and names of files that hold it."""
    found = [table for table, values in rows(office) if text in str(values)]
    files = (path for path in office.settings.data_dir.rglob("files/*/*") if path.is_file())
    return found + [path.name for path in files if text.encode() in path.read_bytes()]


def counts(office: Office) -> dict[str, int]:
    """How many rows each table has."""
    return counts_in(office.database)


def counts_in(database: sa.Engine) -> dict[str, int]:
    """How many rows each table of a database has; that of a small engine has only some of the tables there are."""
    with database.connect() as connection:
        return {
            name: connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one()
            for name in sa.inspect(connection).get_table_names()
        }

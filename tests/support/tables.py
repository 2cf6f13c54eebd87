"""The product's tables in an empty database, quickly: how they are written is worked out once for each kind."""

import sqlalchemy as sa

_WRITTEN: dict[tuple[str, frozenset[str]], list[str]] = {}
"""By kind of database and names of tables: more of them are known once more rooms are loaded."""


def create_tables(database: sa.Engine, metadata: sa.MetaData) -> None:
    """Create all tables in an empty database; one that has tables is left as it is, as when it is opened again."""
    key = (database.dialect.name, frozenset(metadata.tables))
    if key not in _WRITTEN:
        _WRITTEN[key] = _written(database, metadata)
    with database.begin() as connection:
        if sa.inspect(connection).get_table_names():
            return
        for statement in _WRITTEN[key]:
            connection.exec_driver_sql(statement)


def _written(database: sa.Engine, metadata: sa.MetaData) -> list[str]:
    found: list[str] = []
    writer = sa.create_mock_engine(
        database.url, lambda ddl, *_more, **_options: found.append(str(ddl.compile(dialect=database.dialect)))
    )
    metadata.create_all(writer, checkfirst=False)
    return found

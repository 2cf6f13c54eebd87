"""Statements of the hot path: compiled once for each database, then handed to the driver with its own kind of values.

SQLAlchemy builds the statement, knows each column's type on each database, and keeps session, connection and
transaction. What it does around every single execution (cache keys, contexts, result objects) takes several times as
long as a database beside the program takes to answer, and a door asks ten times. `Statement` leaves just that out.
Errors are SQLAlchemy's own, without values; whoever listens to `before_cursor_execute` hears of these statements too.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.schema import ScalarElementColumnDefault

_LOG = logging.getLogger("sqlalchemy.engine.statements")
"""Beside SQLAlchemy's own: who lets it tell statements is told of these, never of their values."""
Values = Mapping[str, Any]
Cells = tuple[Any, ...]
_Convert = Callable[[Any], Any]
_LEFT_OUT = object()
_CONNECTION = "connection"


class one_of(FunctionElement[bool]):  # noqa: N801 - reads as a condition where it stands
    """The condition that a column holds one of the values of a list, which is bound as a whole: its shape is fixed."""

    type = sa.Boolean()
    inherit_cache = True

    def __init__(self, column: Any, name: str) -> None:
        """Compare a column with the list that is given as `name`."""
        super().__init__(column, sa.bindparam(name, type_=_ListOf(sa.inspect(column).type)))

    def self_group(self, against: Any = None) -> Any:
        """Stand as it is: compared with 1, as databases without booleans are asked, no index would answer it."""
        return self


class _ListOf(sa.types.TypeDecorator[Sequence[Any]]):
    """A list as one value: an array where the database knows arrays, else JSON of what its column would hold."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, of: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.ARRAY(self.of) if dialect.name == "postgresql" else sa.Text())

    def process_bind_param(self, value: Iterable[Any] | None, dialect: sa.Dialect) -> Any:
        values = list(value or ())
        if dialect.name == "postgresql":
            return values
        convert = self.of.dialect_impl(dialect).bind_processor(dialect)
        return json.dumps([one if convert is None else convert(one) for one in values])


@compiles(one_of)
def _in_json(element: one_of, compiler: SQLCompiler, **named: Any) -> str:
    column, values = (compiler.process(part, **named) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both were compiled


@compiles(one_of, "postgresql")
def _any_of_array(element: one_of, compiler: SQLCompiler, **named: Any) -> str:
    column, values = (compiler.process(part, **named) for part in element.clauses)
    return f"{column} = ANY ({values})"


class Statement:
    """A statement of fixed shape: nothing changes but its bound parameters (a list may be one of them: `one_of`).

    `values` name the bound parameters. Rows that are read come as tuples in the order of the columns. An insert sets
    every column of its table: what its values leave out becomes the column's default, null without one.
    """

    def __init__(self, statement: sa.Executable, sets: Iterable[str] | None = None) -> None:
        """Wrap a statement; `sets` are the columns an update sets, where the statement itself does not say."""
        self._statement = statement
        self._sets = None if sets is None else list(sets)
        self._prepared: WeakKeyDictionary[sa.Dialect, _Prepared] = WeakKeyDictionary()

    def all(self, session: Session, values: Values) -> list[Cells]:
        """Return every row."""
        connection = connection_of(session)
        prepared = self._for(connection)
        with closing(send(connection, prepared.text, prepared.bind(values))) as cursor:
            return [prepared.read(row) for row in cursor.fetchall()]

    def first(self, session: Session, values: Values) -> Cells | None:
        """Return the first row, None without one."""
        connection = connection_of(session)
        prepared = self._for(connection)
        with closing(send(connection, prepared.text, prepared.bind(values))) as cursor:
            row = cursor.fetchone()
            return None if row is None else prepared.read(row)

    def run(self, session: Session, values: Values) -> int:
        """Execute and return how many rows it touched."""
        connection = connection_of(session)
        prepared = self._for(connection)
        with closing(send(connection, prepared.text, prepared.bind(values))) as cursor:
            return int(cursor.rowcount)

    def run_each(self, session: Session, rows: Sequence[Values]) -> None:
        """Execute once for each of some values, in one journey; do nothing without any."""
        if len(rows) == 1:
            self.run(session, rows[0])
        elif rows:
            connection = connection_of(session)
            prepared = self._for(connection)
            send(connection, prepared.text, [prepared.bind(values) for values in rows], many=True).close()

    def _for(self, connection: sa.Connection) -> "_Prepared":
        dialect = connection.dialect
        prepared = self._prepared.get(dialect)
        if prepared is None:
            prepared = self._prepared[dialect] = _Prepared(self._statement, self._sets, dialect)
        return prepared


class _Prepared:
    """A statement as the driver of one database takes it: its text, and how cells go there and come back.

    Attributes:
        text: with the placeholders of the driver.

    """

    def __init__(self, statement: Any, sets: list[str] | None, dialect: sa.Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=sets)
        self.text = str(compiled)
        types = {name: bind.type for bind, name in compiled.bind_names.items()}
        usual = {**compiled.params, **_left_to_bind(compiled.params, statement)}
        self._order: list[str] | None = compiled.positiontup
        self._binds: list[tuple[str, Any, _Convert | None]] = [
            (name, usual[name], types[name].dialect_impl(dialect).bind_processor(dialect))
            for name in self._order or types
        ]
        readers = [
            column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in getattr(statement, "exported_columns", ())
        ]
        self._readers = readers if any(readers) else None

    def bind(self, values: Values) -> Any:
        """Return values as the driver takes them.

        Raises:
            KeyError: one is missing that has no default.

        """
        cells = []
        for name, usual, convert in self._binds:
            value = values.get(name, usual)
            if value is _LEFT_OUT:
                raise KeyError(name)
            cells.append(value if convert is None else convert(value))
        if self._order is None:
            return dict(zip([name for name, _usual, _convert in self._binds], cells, strict=True))
        return cells

    def read(self, row: Sequence[Any]) -> Cells:
        """Return a row of the driver with the kinds of values its columns have."""
        if self._readers is None:
            return tuple(row)
        return tuple([cell if read is None else read(cell) for read, cell in zip(self._readers, row, strict=True)])


def connection_of(session: Session) -> sa.Connection:
    """Return the connection of a session's transaction, asking the session, which takes its time, once for each."""
    found: sa.Connection | None = session.info.get(_CONNECTION)
    if found is None or found.closed:
        found = session.info[_CONNECTION] = session.connection()
    return found


def _left_to_bind(params: Values, statement: Any) -> dict[str, Any]:
    """Return what stands for a parameter nobody gives: of an insert the default of its column, else nothing may."""
    if isinstance(statement, sa.Insert):
        columns = cast(sa.Table, statement.table).columns
        return {name: _default(columns[name]) for name in params if name in columns}
    return {name: _LEFT_OUT for name, value in params.items() if value is None}


def _default(column: sa.Column[Any]) -> Any:
    if isinstance(column.default, ScalarElementColumnDefault):
        return column.default.arg
    return None if column.nullable else _LEFT_OUT


def send(connection: sa.Connection, text: str, values: Any, *, many: bool = False) -> Any:
    """Let the driver execute a statement in its own words; return its cursor.

    Raises:
        DBAPIError: of the kind SQLAlchemy makes of the driver's error; a connection that broke is given up.

    """
    driver = connection.dialect.loaded_dbapi
    cursor = connection.connection.cursor()
    for listener in connection.dispatch.before_cursor_execute:
        listener(connection, cursor, text, values, None, many)
    _LOG.info(text)
    try:
        if many:
            cursor.executemany(text, values)
        else:
            cursor.execute(text, values)
    except driver.Error as error:
        cursor.close()
        gone = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
        if gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            text,
            None,
            error,
            driver.Error,
            hide_parameters=True,
            connection_invalidated=gone,
            dialect=connection.dialect,
        ) from error
    return cursor

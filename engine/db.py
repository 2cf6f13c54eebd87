"""Declarative base, column types, facts and the unit of work. Nothing else commits."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, Text, TypeDecorator, event, inspect
from sqlalchemy.orm import DeclarativeBase, Session, UOWTransaction, make_transient_to_detached, sessionmaker
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from engine.connections import LOCK_PATIENCE, connect, options_of_reading
from engine.statements import Statement

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant; naive values are refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants and store UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware instant also where the database forgot the zone (SQLite)."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CanonicalJson(TypeDecorator[Any]):
    """JSON kept as the very text that was hashed, so that a proof needs neither to read nor to write it again.

    Text is stored as it is, anything else as `canonical_json` writes it.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Return the text to store."""
        return value if isinstance(value, str) else canonical_json(canonical(value)).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read the text; whatever stands there that is no JSON raises `ValueError`."""
        return json.loads(value)


class Base(DeclarativeBase):
    """The one declarative base: enums by value, aware instants, JSON for small lists and maps."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[dict[str, Any]]: JSON,
        Enum: sa.Enum(Enum, native_enum=False, length=40, values_callable=lambda e: [m.value for m in e]),
    }


def table_of(model: type[Base]) -> sa.Table:
    """Return a model's table, for statements that bypass the session's own writing."""
    return cast(sa.Table, model.__table__)


def columns_of(*models: type[Base]) -> list[sa.Column[Any]]:
    """Return the columns of tables one after the other, for a statement whose rows `value_of` reads."""
    return [column for model in models for column in table_of(model).columns]


ModelT = TypeVar("ModelT", bound=Base)


def value_of(model: type[ModelT], cells: Sequence[Any]) -> ModelT:
    """Return a row as a plain object with the attributes of its model; `cells` in the order of the table's columns.

    For the few statements of the hot path: it belongs to no session, which takes three times as long to read a row.
    """
    plain = SimpleNamespace(**dict(zip(_column_names(model), cells, strict=True)))
    return cast(ModelT, plain)


@cache
def _column_names(model: type[Base]) -> tuple[str, ...]:
    return tuple(table_of(model).columns.keys())


class Fact:
    """Mixin of insert-only content rows: what a person stated, decided or filed.

    A correction adds a row. Every fact is written through `record_fact` in a door, whose history event then
    carries its hash; a fact nobody registered, an update or a delete is a bug and stops the transaction.
    """


def canonical(value: Any) -> Any:
    """Return a JSON value that is the same on every database: instants in UTC, decimals and ids as text."""
    convert = _CANONICAL.get(type(value))
    if convert is not None:
        return convert(value)
    if isinstance(value, Enum):
        return canonical(value.value)
    known = next((kind for kind in _CANONICAL if isinstance(value, kind)), None)
    return value if known is None else _CANONICAL[known](value)


_CANONICAL: dict[type, Callable[[Any], Any]] = {
    datetime: lambda value: value.astimezone(UTC).isoformat(timespec="microseconds"),
    date: date.isoformat,
    str: str,
    UUID: str,
    Decimal: str,
    bytes: lambda value: hashlib.sha256(value).hexdigest(),
    dict: lambda value: {str(key): canonical(item) for key, item in value.items()},
    list: lambda value: [canonical(item) for item in value],
    tuple: lambda value: [canonical(item) for item in value],
}
"""By type; of a subclass the first that fits, so that an instant is not taken for a day."""


_encode = msgspec.json.Encoder(order="deterministic").encode


def canonical_json(value: Any) -> bytes:
    """Return what `canonical` made as JSON bytes: UTF-8, keys in order, no blanks. This is what hashes are taken of."""
    return _encode(value)


@dataclass(frozen=True, slots=True)
class FactShape:
    """How rows of a fact's table are hashed and inserted; worked out once for each.

    Attributes:
        names: the columns in the order in which they are hashed.
        defaults: what a column holds that a row says nothing of.

    """

    table: str
    names: tuple[str, ...]
    keys: tuple[str, ...]
    defaults: tuple[tuple[str, Any], ...]
    insert: Statement


def shape_of(row: Any) -> FactShape:
    """Return the shape of a row."""
    model: type[Base] = type(row)
    return fact_shape(model)


@cache
def fact_shape(model: type[Base]) -> FactShape:
    """Return the shape of a model's rows."""
    table, mapper = table_of(model), inspect(model)
    defaults = {
        str(column.name): column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None
        for column in table.columns
    }
    keys = tuple(str(column.key) for column in mapper.primary_key)
    names = tuple(sorted(column.key for column in mapper.column_attrs))
    return FactShape(str(table.name), names, keys, tuple(defaults.items()), Statement(sa.insert(table)))


def hash_stored(shape: FactShape, cells: Iterable[Any]) -> str:
    """Return what `fact_hash` says of a row that was read from the database; `cells` in the order of `shape.names`.

    What its columns' types make of stored cells is written as JSON just as `canonical` would, but for these two kinds.
    """
    columns = {
        name: cell if (convert := _NOT_AS_STORED.get(type(cell))) is None else convert(cell)
        for name, cell in zip(shape.names, cells, strict=True)
    }
    return hashlib.sha256(_encode([shape.table, columns])).hexdigest()


_NOT_AS_STORED = {kind: _CANONICAL[kind] for kind in (datetime, bytes)}
_PLAIN = frozenset({str, int, bool, type(None)})


def fact_hash(row: Any) -> str:
    """Return the SHA-256 of a fact's columns, the same before the insert and years after."""
    shape = shape_of(row)
    columns = ((name, getattr(row, name)) for name in shape.names)
    plain = {name: value if type(value) in _PLAIN else canonical(value) for name, value in columns}
    return hashlib.sha256(_encode([shape.table, plain])).hexdigest()


def fact_identity(row: Any) -> str:
    """Return `table:primary-key`, the name by which history knows a fact."""
    shape = shape_of(row)
    return f"{shape.table}:{'/'.join(str(getattr(row, key)) for key in shape.keys)}"


def register_fact(session: Session, row: Any) -> tuple[str, str]:
    """Insert a fact and return its identity and hash; the session knows the row from then on.

    The session's own way of writing it would cost many times as much.
    """
    shape = shape_of(row)
    said = row.__dict__
    for name, value in shape.defaults:
        if name not in said:
            setattr(row, name, value)
    session.flush()
    shape.insert.run(session, {name: said[name] for name in shape.names})
    make_transient_to_detached(row)
    session.add(row)
    return fact_identity(row), fact_hash(row)


def _guard_facts(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    unknown = [row for row in session.new if isinstance(row, Fact)]
    if unknown:
        raise RuntimeError(f"fact {unknown[0]!r} was added without record_fact: history would not know it")
    for row in session.dirty | session.deleted:
        if isinstance(row, Fact) and (row in session.deleted or session.is_modified(row)):
            raise RuntimeError(f"fact {row!r} is insert-only: write a new version")


SessionFactory = sessionmaker[Session]


def open_database(url: str, *, patience: float = LOCK_PATIENCE) -> tuple[Engine, SessionFactory]:
    """Return the engine and session factory of a database address."""
    engine = connect(url, patience)
    return engine, session_factory(engine)


def session_factory(engine: Engine) -> SessionFactory:
    """Return a factory whose sessions refuse unregistered or altered facts."""
    factory = sessionmaker(engine, expire_on_commit=False)
    event.listen(factory, "before_flush", _guard_facts)
    return factory


@contextmanager
def unit_of_work(sessions: SessionFactory) -> Iterator[Session]:
    """Yield a session for one door; commit on success, roll back on any error."""
    with sessions() as session, session.begin():
        yield session


@contextmanager
def reading(sessions: SessionFactory, *, at_one_instant: bool = False) -> Iterator[Session]:
    """Yield a session that only reads, and waits for nobody. Its rows stay as they were read.

    Args:
        sessions: of the database.
        at_one_instant: all statements see the database as it was at the first, as a proof needs it; costs a server
            two journeys more. SQLite always reads so.

    """
    with sessions() as session:
        session.connection(execution_options=options_of_reading(session.get_bind().dialect, at_one_instant))
        try:
            yield session
        finally:
            session.expunge_all()  # a rollback would expire the rows, and nobody could read them any more
            session.rollback()


@contextmanager
def rehearsing(sessions: SessionFactory) -> Iterator[Session]:
    """Yield a session in which a door may work as if for good; everything is rolled back."""
    with sessions() as session:
        try:
            yield session
        finally:
            session.expunge_all()
            session.rollback()

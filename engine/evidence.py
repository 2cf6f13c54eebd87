"""What the record vouches for, read from the rows themselves: facts, files, diagrams and tables, hashed anew.

Whoever alters a row may leave it in a state no model can read; such a row is altered, never a crash of the check.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, func, inspect, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.db import Base, Fact, FactShape, fact_hash, fact_identity, fact_shape, hash_stored, table_of
from engine.deployment import bundle_hash
from engine.models import DiagramFile, HistoryEvent, ProcessVersion, RuleEvaluation, TableVersion
from engine.statements import Statement, one_of

FileHash = Callable[[str], str | None]
"""Returns the SHA-256 of the stored file that bears this hash as its name, None when it is missing."""

UNREADABLE_ERRORS = (ValueError, TypeError, LookupError, AttributeError)
"""What a column's type raises over a value that no door has written."""
UNREADABLE = "unreadable"


def rows_in_order(
    session: Session, query: Select[*tuple[Any, ...]], key: InstrumentedAttribute[Any]
) -> Iterator[tuple[str, Row[Any] | None]]:
    """Yield the rows of a query in the order of a key; in place of one that cannot be read its key as text, and None.

    One statement as long as all rows can be read; after the first that cannot, one for each row.
    """
    done = 0
    try:
        for row in session.execute(query.order_by(key)):
            yield "", row
            done += 1
    except UNREADABLE_ERRORS:
        as_text = cast(key, String)
        for text in session.execute(query.with_only_columns(as_text).order_by(key).offset(done)).scalars().all():
            yield text, _alone(session, query.where(as_text == text))


def _alone(session: Session, query: Select[*tuple[Any, ...]]) -> Row[Any] | None:
    try:
        return session.execute(query).one()
    except UNREADABLE_ERRORS:
        return None


BATCH = 500
"""How many facts of one table are read by one statement."""


class Facts:
    """Finds the rows behind facts' names, `table:primary-key`, and hashes them anew."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.classes: dict[str, type[Base]] = {
            str(mapper.class_.__tablename__): mapper.class_ for mapper in Base.registry.mappers
        }
        self.found: Counter[str] = Counter()

    def faults(self, facts: Sequence[tuple[str, str]]) -> list[str | None]:
        """Return for each fact what `fault` says of it; a few statements for all of them."""
        by_table: dict[str, dict[str, Any]] = {}
        for name, _digest in facts:
            table, _, key = name.partition(":")
            by_table.setdefault(table, {})[key] = None
        for table, keys in by_table.items():
            for start in range(0, len(keys), BATCH):
                self._hash_all(table, keys, list(keys)[start : start + BATCH])
        return [self._judged(by_table, name, digest) for name, digest in facts]

    def _hash_all(self, table: str, hashes: dict[str, Any], keys: list[str]) -> None:
        """Hash a batch of rows; what cannot be read at once is left to be looked at one by one."""
        model = self.classes.get(table)
        if model is None:
            return
        (key, *further) = table_of(model).primary_key.columns
        if further:
            return
        shape, rows = _shape_and_rows(model)
        place = shape.names.index(str(key.key))
        try:
            for row in rows.all(self.session, {"keys": [_typed(key, text) for text in keys]}):
                hashes[str(row[place])] = hash_stored(shape, row)
        except UNREADABLE_ERRORS:
            hashes.update(dict.fromkeys(keys))
        self.found[table] += sum(hashes[text] is not None for text in keys)

    def _judged(self, hashes: Mapping[str, Mapping[str, Any]], name: str, digest: str) -> str | None:
        table, _, key = name.partition(":")
        found = hashes[table].get(key)
        if found is None:
            return self.fault(name, digest)
        return None if found == digest else "fact_altered"

    def fault(self, name: str, digest: str) -> str | None:
        """Return `fact_altered` or `fact_missing`, None when the row is the one that was hashed."""
        try:
            row = self._row(name)
            found = None if row is None else fact_hash(row)
        except UNREADABLE_ERRORS:
            found = UNREADABLE
        if found is None:
            return "fact_missing"
        self.found[name.partition(":")[0]] += 1
        return None if found == digest else "fact_altered"

    def _row(self, name: str) -> Any:
        table, _, key = name.partition(":")
        model = self.classes.get(table)
        if model is None:
            return None
        columns = inspect(model).primary_key
        parts = key.split("/") if len(columns) > 1 else [key]
        try:
            identity = tuple(_typed(column, part) for column, part in zip(columns, parts, strict=True))
        except ValueError:
            return None
        row = self.session.get(model, identity, populate_existing=True)
        if row is not None:
            self.session.expunge(row)
        return row

    def unknown(self, named: Callable[[set[str]], set[str]]) -> Iterator[str]:
        """Yield the names of rows that no event vouches for.

        Args:
            named: all names of some tables' facts that events hold; asked only where the counts differ.

        """
        vouched = {name: model for name, model in self.classes.items() if issubclass(model, (Fact, *_VOUCHED))}
        counted = [select(func.count()).select_from(table_of(model)).scalar_subquery() for model in vouched.values()]
        counts = zip(vouched, self.session.connection().execute(select(*counted)).one(), strict=True)
        doubtful = {name for name, count in counts if count != self.found[name]}
        known = named(doubtful) if doubtful else set()
        for table in sorted(doubtful):
            yield from (name for name in self._names(vouched[table]) if name not in known)

    def _names(self, model: Any) -> Iterator[str]:
        key = getattr(model, inspect(model).primary_key[0].key)
        for _text, row in rows_in_order(self.session, select(model), key):
            yield f"{model.__tablename__}:{UNREADABLE}" if row is None else fact_identity(row[0])


@cache
def _shape_and_rows(model: type[Base]) -> tuple[FactShape, Statement]:
    """Return how rows of a table are hashed and the statement that reads some of them by their keys."""
    shape, table = fact_shape(model), table_of(model)
    (key,) = table.primary_key.columns
    return shape, Statement(select(*(table.columns[name] for name in shape.names)).where(one_of(key, "keys")))


_VOUCHED = (RuleEvaluation, DiagramFile, ProcessVersion, TableVersion)
"""Tables of the runtime whose every row an event vouches for, as for facts."""


def _typed(column: Any, text: str) -> Any:
    python_type = column.type.python_type
    if python_type is date:
        return date.fromisoformat(text)
    return python_type(text) if python_type in (UUID, int) else text


PAGE = 4_000
"""How many events one statement reads."""
Place = tuple[str, int]
"""A chain and the sequence of one of its events."""


def events_in_order(
    session: Session, columns: Sequence[Any], condition: ColumnElement[bool]
) -> Iterator[tuple[str, str, Row[Any] | None]]:
    """Yield events chain by chain: the chain, its sequence as text where the row cannot be read, and the row.

    `columns` begin with chain and sequence. One statement reads thousands; from a page that holds what cannot be read
    on, each chain is read by itself.
    """
    order = (HistoryEvent.chain, HistoryEvent.sequence)
    query = select(*columns).order_by(*order).limit(PAGE)
    after: Place | None = None
    while True:
        behind = condition if after is None else and_(condition, tuple_(*order) > tuple_(*_literals(after)))
        try:
            rows = session.connection().execute(query.where(behind)).all()
            readable = all(isinstance(row[1], int) for row in rows)
        except UNREADABLE_ERRORS:
            readable = False
        if not readable:
            yield from _one_chain_after_another(session, select(*columns), condition, after)
            return
        for row in rows:
            yield row[0], "", row
        if len(rows) < PAGE:
            return
        after = rows[-1][0], rows[-1][1]


def _literals(place: Place) -> tuple[Any, ...]:
    chain, sequence = place
    return literal(chain, HistoryEvent.chain.type), literal(sequence, HistoryEvent.sequence.type)


def _one_chain_after_another(
    session: Session, query: Select[*tuple[Any, ...]], condition: ColumnElement[bool], after: Place | None
) -> Iterator[tuple[str, str, Row[Any] | None]]:
    chains = select(HistoryEvent.chain).where(condition).distinct().order_by(HistoryEvent.chain)
    if after is not None:
        chains = chains.where(HistoryEvent.chain >= after[0])
    for chain in session.execute(chains).scalars().all():
        own = query.where(HistoryEvent.chain == chain)
        if after is not None and chain == after[0]:
            own = own.where(HistoryEvent.sequence > after[1])
        for text, row in rows_in_order(session, own, HistoryEvent.sequence):
            yield chain, text, row


class Files:
    """Hashes each stored file once."""

    def __init__(self, file_hash: FileHash | None) -> None:
        self.file_hash = file_hash
        self.known: dict[str, str | None] = {}

    def fault(self, sha256: str) -> str | None:
        """Return `file_altered` or `file_missing`, None when the file is what its name says, or nobody can tell."""
        if self.file_hash is None:
            return None
        if sha256 not in self.known:
            self.known[sha256] = self.file_hash(sha256)
        found = self.known[sha256]
        return None if found == sha256 else "file_missing" if found is None else "file_altered"


def altered_sources(session: Session) -> Iterator[tuple[str, str]]:
    """Yield code and name of each diagram and table that does not bear its own hash: no event is needed to see it."""
    diagrams = select(DiagramFile.sha256, DiagramFile.process_key, DiagramFile.xml)
    for key, row in rows_in_order(session, diagrams, DiagramFile.sha256):
        if row is None or _digest(row.xml) != row.sha256:
            yield "diagram_altered", key if row is None else row.process_key
    versions = select(ProcessVersion.process_key, ProcessVersion.files, ProcessVersion.sha256)
    for key, row in rows_in_order(session, versions, ProcessVersion.id):
        if row is None or bundle_hash(_plain(row.files)) != row.sha256:
            yield "diagram_altered", key if row is None else row.process_key
    columns = (TableVersion.table_key, TableVersion.valid_from, TableVersion.sha256, TableVersion.xml)
    for key, row in rows_in_order(session, select(*columns), TableVersion.id):
        if row is None or _digest(row.xml) != row.sha256:
            yield "table_altered", key if row is None else f"{row.table_key}/{row.valid_from}"


def _digest(content: Any) -> str:
    """Return the hash of a file's bytes; SQLite lets somebody put text in their place."""
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else UNREADABLE


def _plain(files: Any) -> Mapping[str, str]:
    """Return the map of a version's files; an altered one may be no map at all."""
    return files if isinstance(files, dict) else {}

"""Proof of the record: checks every chain against its rows, facts and files, and seals the heads."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from engine.chain import GENESIS, HASHED_COLUMNS, SYSTEM_CHAIN, EventKind, Head, chain_of, event_hash
from engine.db import Base, fact_hash
from engine.deployment import bundle_hash
from engine.models import (
    DiagramFile,
    HistoryChain,
    HistoryEvent,
    ProcessInstance,
    ProcessVersion,
    TableVersion,
)

__all__ = ["GENESIS", "SYSTEM_CHAIN", "EventKind", "FileHash", "Finding", "Seal", "read_seal", "seal", "verify"]

FileHash = Callable[[str], str | None]
"""Returns the SHA-256 of the stored file that bears this hash as its name, None when it is missing."""

_COLUMNS = tuple(getattr(HistoryEvent, name) for name in (*HASHED_COLUMNS, "hash"))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was altered or is missing.

    Attributes:
        chain: instance id or `system`; sequence: the event's place in it, None for the chain as a whole.
        code: `event_altered`, `event_missing`, `chain_cut`, `head_altered`, `case_deleted`, `case_unknown`,
            `fact_altered`, `fact_missing`, `file_altered`, `file_missing`, `diagram_altered`, `table_altered`,
            `seal_broken`.
        what: the fact, file or event concerned, by name.

    """

    chain: str
    sequence: int | None
    business_key: str
    code: str
    what: str


@dataclass(frozen=True, slots=True)
class Seal:
    """Heads of all chains at an instant, to be kept elsewhere."""

    at: datetime
    heads: Mapping[str, Head]


def verify(
    session: Session, business_key: str | None = None, *, file_hash: FileHash | None = None, sealed: Seal | None = None
) -> Iterator[Finding]:
    """Check the record and yield what does not hold; nothing is yielded when all does.

    Args:
        business_key: check this case only (and whatever the system chain says of it).
        file_hash: tells the hash of a stored file; without it files are not looked at.
        sealed: heads written down earlier; finds a chain that was cut and its head rewritten.

    """
    chains = _Chains(session, business_key, file_hash)
    yield from chains.check(sealed)
    if business_key is None:
        yield from _check_sources(session)


class _Chains:
    """One pass over all events in the order of their chains."""

    def __init__(self, session: Session, business_key: str | None, file_hash: FileHash | None) -> None:
        self.session, self.business_key, self.file_hash = session, business_key, file_hash
        self.facts = _Facts(session)
        self.heads = dict(_stored_heads(session))
        self.started: dict[str, tuple[int, str]] = {}
        self.ended: dict[str, tuple[int, str, str]] = {}
        self.seen: dict[str, Head] = {}
        self.files: dict[str, str | None] = {}

    def check(self, sealed: Seal | None) -> Iterator[Finding]:
        """Yield findings of the system chain, then of each case."""
        marks = dict(sealed.heads) if sealed else {}
        yield from self._check_chain(SYSTEM_CHAIN, marks.get(SYSTEM_CHAIN), all_facts=self.business_key is None)
        wanted = self._wanted()
        for chain in sorted(wanted):
            yield from self._check_chain(chain, marks.get(chain), all_facts=True)
        yield from self._check_cases(wanted)
        if self.business_key is None:
            for chain in sorted(marks.keys() - self.seen.keys()):
                yield Finding(chain, None, "", "seal_broken", "the sealed chain is gone")

    def _wanted(self) -> set[str]:
        chains = set(self.session.scalars(select(HistoryEvent.chain).distinct())) | set(self.heads) | set(self.started)
        chains.discard(SYSTEM_CHAIN)
        if self.business_key is None:
            return chains
        ids = self.session.scalars(select(ProcessInstance.id).where(ProcessInstance.business_key == self.business_key))
        known = {chain for chain, (_sequence, key) in self.started.items() if key == self.business_key}
        return (known | {chain_of(instance_id) for instance_id in ids}) & chains

    def _check_chain(self, chain: str, mark: Head | None, *, all_facts: bool) -> Iterator[Finding]:
        head = Head()
        key = ""
        query = select(*_COLUMNS).where(HistoryEvent.chain == chain).order_by(HistoryEvent.sequence)
        for found in self.session.execute(query).mappings():
            row: dict[str, Any] = {**found}
            key = row["business_key"] or key
            yield from _check_link(row, head, chain)
            head = Head(row["sequence"], row["hash"])
            if mark and head.sequence == mark.sequence and head.hash != mark.hash:
                yield Finding(chain, head.sequence, key, "seal_broken", "not the event that was sealed")
            if chain == SYSTEM_CHAIN:
                self._note_case(row)
            if all_facts:
                yield from self._check_facts(row)
        self.seen[chain] = head
        stored = self.heads.get(chain)
        if stored is not None and (stored.sequence, stored.hash) != (head.sequence, head.hash):
            code = "chain_cut" if head.sequence < stored.sequence else "head_altered"
            yield Finding(chain, head.sequence + 1, key, code, f"the head says {stored.sequence} events")
        elif stored is None and head.sequence:
            code = "head_altered" if chain == SYSTEM_CHAIN else "case_deleted"
            yield Finding(chain, None, key, code, "events without a head")
        if mark and head.sequence < mark.sequence:
            yield Finding(chain, head.sequence + 1, key, "seal_broken", f"{mark.sequence} events were sealed")

    def _note_case(self, row: Mapping[str, Any]) -> None:
        instance = row["data"].get("instance")
        if row["kind"] == EventKind.INSTANCE_STARTED:
            self.started[instance] = (row["sequence"], row["business_key"])
        elif row["kind"] == EventKind.INSTANCE_ENDED:
            self.ended[instance] = (row["data"]["sequence"], row["data"]["head"], row["business_key"])

    def _check_facts(self, row: Mapping[str, Any]) -> Iterator[Finding]:
        for fact in row["facts"]:
            name, digest = fact["fact"], fact["hash"]
            if name.startswith("file:"):
                code = self._file_fault(digest)
            else:
                found = self.facts.hash(name)
                code = None if found == digest else "fact_missing" if found is None else "fact_altered"
            if code:
                yield Finding(row["chain"], row["sequence"], row["business_key"], code, name)

    def _file_fault(self, sha256: str) -> str | None:
        if self.file_hash is None:
            return None
        if sha256 not in self.files:
            self.files[sha256] = self.file_hash(sha256)
        found = self.files[sha256]
        return None if found == sha256 else "file_missing" if found is None else "file_altered"

    def _check_cases(self, wanted: set[str]) -> Iterator[Finding]:
        for chain, (sequence, key) in self.started.items():
            empty = chain not in self.heads or not self.seen.get(chain, Head()).sequence
            if self.business_key in (None, key) and empty:
                yield Finding(SYSTEM_CHAIN, sequence, key, "case_deleted", f"case {chain} is gone")
        for chain, (length, digest, key) in self.ended.items():
            head = self.seen.get(chain)
            if chain in wanted and head is not None and (head.sequence, head.hash) != (length, digest):
                yield Finding(chain, head.sequence, key, "chain_cut", f"the case ended with {length} events")
        for chain in sorted(wanted - self.started.keys()):
            yield Finding(chain, None, "", "case_unknown", "the system chain knows no start of this case")


def _check_link(row: Mapping[str, Any], head: Head, chain: str) -> Iterator[Finding]:
    sequence, key = row["sequence"], row["business_key"]
    if sequence != head.sequence + 1:
        yield Finding(chain, head.sequence + 1, key, "event_missing", f"{sequence - head.sequence - 1} events")
    if row["previous_hash"] != head.hash and sequence == head.sequence + 1:
        yield Finding(chain, sequence, key, "event_altered", "it does not follow the event before it")
    if event_hash(row) != row["hash"]:
        yield Finding(chain, sequence, key, "event_altered", str(row["kind"]))


def _stored_heads(session: Session) -> Iterator[tuple[str, Head]]:
    for row in session.execute(select(HistoryChain.chain, HistoryChain.sequence, HistoryChain.hash)):
        yield row.chain, Head(row.sequence, row.hash)
    columns = (ProcessInstance.id, ProcessInstance.history_sequence, ProcessInstance.history_hash)
    for found in session.execute(select(*columns)):
        yield chain_of(found.id), Head(found.history_sequence, found.history_hash)


class _Facts:
    """Finds the row behind a fact's name, `table:primary-key`, and hashes it anew."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.classes = {str(mapper.class_.__tablename__): mapper.class_ for mapper in Base.registry.mappers}

    def hash(self, name: str) -> str | None:
        """Return the hash of the fact's row as it is now, None when there is no such row."""
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
        digest = None if row is None else fact_hash(row)
        if row is not None:
            self.session.expunge(row)
        return digest


def _typed(column: Any, text: str) -> Any:
    python_type = column.type.python_type
    if python_type is date:
        return date.fromisoformat(text)
    return python_type(text) if python_type in (UUID, int) else text


def _check_sources(session: Session) -> Iterator[Finding]:
    """Diagrams and tables bear their own hash: a changed byte shows without any event."""
    for diagram in session.execute(select(DiagramFile.sha256, DiagramFile.process_key, DiagramFile.xml)):
        if hashlib.sha256(diagram.xml).hexdigest() != diagram.sha256:
            yield Finding(SYSTEM_CHAIN, None, "", "diagram_altered", diagram.process_key)
    for version in session.execute(select(ProcessVersion.process_key, ProcessVersion.files, ProcessVersion.sha256)):
        if bundle_hash(version.files) != version.sha256:
            yield Finding(SYSTEM_CHAIN, None, "", "diagram_altered", version.process_key)
    columns = (TableVersion.table_key, TableVersion.valid_from, TableVersion.sha256, TableVersion.xml)
    for table in session.execute(select(*columns)):
        if hashlib.sha256(table.xml).hexdigest() != table.sha256:
            yield Finding(SYSTEM_CHAIN, None, "", "table_altered", f"{table.table_key}/{table.valid_from}")


def count_events(session: Session, business_key: str | None = None) -> int:
    """Return how many events there are, of one case when it is named."""
    query = select(func.count()).select_from(HistoryEvent)
    if business_key is not None:
        query = query.where(HistoryEvent.business_key == business_key)
    return session.execute(query).scalar_one()


def seal(session: Session, path: Path, at: datetime) -> int:
    """Write the heads of all chains to a JSON file; return how many.

    Keep the file where nobody who can write to the database can reach it.
    """
    heads = {chain: [head.sequence, head.hash] for chain, head in _stored_heads(session)}
    body = {"format": 1, "at": at.isoformat(), "events": count_events(session), "heads": heads}
    path.write_text(json.dumps(body, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return len(heads)


def read_seal(path: Path) -> Seal:
    """Read a seal written by `seal`.

    Raises:
        ValueError: the file is no seal of format 1.

    """
    body = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(body, dict) or body.get("format") != 1:
        raise ValueError(f"{path} is no seal of format 1")
    heads = {chain: Head(int(sequence), str(digest)) for chain, (sequence, digest) in body["heads"].items()}
    return Seal(datetime.fromisoformat(body["at"]), heads)

"""Proof of the record: checks every chain against its rows, facts and files, and seals the heads."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import String, func, select, type_coerce
from sqlalchemy.orm import Session

from engine.chain import GENESIS, HASHED_COLUMNS, SYSTEM_CHAIN, EventKind, Head, chain_of, event_hash
from engine.evidence import FILE, UNREADABLE, Facts, FileHash, Files, altered_sources, rows_in_order
from engine.models import HistoryChain, HistoryEvent, ProcessInstance

__all__ = ["GENESIS", "SYSTEM_CHAIN", "EventKind", "FileHash", "Finding", "Seal", "read_seal", "seal", "verify"]

_COLUMNS = tuple(getattr(HistoryEvent, name) for name in (*HASHED_COLUMNS, "hash"))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was altered or is missing.

    Attributes:
        chain: instance id or `system`; sequence: the event's place in it, None for the chain as a whole.
        code: `event_altered`, `event_missing`, `chain_cut`, `head_altered`, `case_deleted`, `case_unknown`,
            `case_altered`, `fact_altered`, `fact_missing`, `fact_unknown`, `file_altered`, `file_missing`,
            `diagram_altered`, `table_altered`, `seal_broken`.
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
        for code, name in altered_sources(session):
            yield Finding(SYSTEM_CHAIN, None, "", code, name)


class _Chains:
    """One pass over all events in the order of their chains."""

    def __init__(self, session: Session, business_key: str | None, file_hash: FileHash | None) -> None:
        self.session, self.business_key = session, business_key
        self.facts, self.files = Facts(session), Files(file_hash)
        self.heads = dict(_stored_heads(session))
        self.started: dict[str, tuple[int, str]] = {}
        self.ended: dict[str, tuple[int, str, str]] = {}
        self.seen: dict[str, Head] = {}

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
                key = self.started.get(chain, (0, ""))[1]
                yield Finding(chain, None, key, "seal_broken", "the sealed chain is gone")
            for name in self.facts.unknown(self._named):
                yield Finding(SYSTEM_CHAIN, None, "", "fact_unknown", name)

    def _wanted(self) -> set[str]:
        chains = set(self.session.scalars(select(HistoryEvent.chain).distinct())) | set(self.heads) | set(self.started)
        chains.discard(SYSTEM_CHAIN)
        if self.business_key is None:
            return chains
        ids = self.session.scalars(
            select(type_coerce(ProcessInstance.id, String)).where(ProcessInstance.business_key == self.business_key)
        )
        known = {chain for chain, (_sequence, key) in self.started.items() if key == self.business_key}
        return (known | {_chain_name(raw) for raw in ids}) & chains

    def _check_chain(self, chain: str, mark: Head | None, *, all_facts: bool) -> Iterator[Finding]:
        head: Head | None = Head()
        key, length = "", 0
        query = select(*_COLUMNS).where(HistoryEvent.chain == chain)
        for place, found in rows_in_order(self.session, query, HistoryEvent.sequence):
            if found is None or not isinstance(found.sequence, int):
                length += 1
                head = None
                yield Finding(chain, length, key, "event_altered", f"{UNREADABLE} {place}")
                continue
            row: dict[str, Any] = {**found._mapping}
            length = row["sequence"]
            key = "" if chain == SYSTEM_CHAIN else row["business_key"] or key
            yield from _check_link(row, head, chain)
            head = Head(length, row["hash"])
            if mark and head.sequence == mark.sequence and head.hash != mark.hash:
                yield Finding(chain, head.sequence, key, "seal_broken", "not the event that was sealed")
            if chain == SYSTEM_CHAIN:
                self._note_case(row)
            if all_facts:
                yield from self._check_facts(row)
        end = self.seen[chain] = head or Head(length, UNREADABLE)
        yield from self._check_head(chain, end, key)
        if mark and end.sequence < mark.sequence:
            yield Finding(chain, end.sequence + 1, key, "seal_broken", f"{mark.sequence} events were sealed")

    def _check_head(self, chain: str, end: Head, key: str) -> Iterator[Finding]:
        stored = self.heads.get(chain)
        if stored is not None and (stored.sequence, stored.hash) != (end.sequence, end.hash):
            cut = isinstance(stored.sequence, int) and end.sequence < stored.sequence
            told = f"the head says {stored.sequence} events"
            yield Finding(chain, end.sequence + 1, key, "chain_cut" if cut else "head_altered", told)
        elif stored is None and end.sequence:
            code = "head_altered" if chain == SYSTEM_CHAIN else "case_deleted"
            yield Finding(chain, None, key, code, "events without a head")

    def _note_case(self, row: Mapping[str, Any]) -> None:
        data = row["data"] if isinstance(row["data"], dict) else {}
        instance = str(data.get("instance"))
        if row["kind"] == EventKind.INSTANCE_STARTED:
            self.started[instance] = (row["sequence"], row["business_key"])
        elif row["kind"] == EventKind.INSTANCE_ENDED:
            self.ended[instance] = (data.get("sequence", 0), data.get("head", ""), row["business_key"])

    def _check_facts(self, row: Mapping[str, Any]) -> Iterator[Finding]:
        for name, digest in _facts_of(row):
            code = self.files.fault(digest) if name.startswith(FILE) else self.facts.fault(name, digest)
            if code:
                yield Finding(row["chain"], row["sequence"], row["business_key"], code, name)

    def _named(self, table: str) -> set[str]:
        """Return the names of a table's facts that any event holds."""
        query = select(HistoryEvent.chain, HistoryEvent.facts)
        rows = rows_in_order(self.session, query, HistoryEvent.id)
        named = (name for _id, row in rows if row is not None for name, _digest in _facts_of(dict(row._mapping)))
        return {name for name in named if name.startswith(f"{table}:")}

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
        yield from self._check_rows(wanted)

    def _check_rows(self, wanted: set[str]) -> Iterator[Finding]:
        """Compare the key of each case, and whether it is over, with what the system chain says."""
        columns = (ProcessInstance.business_key, ProcessInstance.ended_at.is_(None).label("open"))
        raw_id = type_coerce(ProcessInstance.id, String)
        for raw, key, is_open in self.session.execute(select(raw_id, *columns)):
            chain = _chain_name(raw)
            if chain in wanted and chain in self.started:
                told = self.started[chain][1]
                if key != told:
                    yield Finding(chain, None, told, "case_altered", f"business_key {key}")
                if is_open == (chain in self.ended):
                    yield Finding(chain, None, told, "case_altered", "ended_at")


def _check_link(row: Mapping[str, Any], head: Head | None, chain: str) -> Iterator[Finding]:
    """Check an event by itself, and by the one before it unless that one cannot be read."""
    sequence, key = row["sequence"], row["business_key"]
    if head is not None:
        if sequence != head.sequence + 1:
            yield Finding(chain, head.sequence + 1, key, "event_missing", f"{sequence - head.sequence - 1} events")
        elif row["previous_hash"] != head.hash:
            yield Finding(chain, sequence, key, "event_altered", "it does not follow the event before it")
    if event_hash(row) != row["hash"]:
        yield Finding(chain, sequence, key, "event_altered", str(row["kind"]))


def _facts_of(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and hash of the facts of an event, as far as they are still told in our shape."""
    for fact in row["facts"] if isinstance(row["facts"], list) else []:
        if isinstance(fact, dict):
            yield str(fact.get("fact")), str(fact.get("hash"))


def _stored_heads(session: Session) -> Iterator[tuple[str, Head]]:
    for row in session.execute(select(HistoryChain.chain, HistoryChain.sequence, HistoryChain.hash)):
        yield row.chain, Head(row.sequence, row.hash)
    columns = (ProcessInstance.history_sequence, ProcessInstance.history_hash)
    for raw, sequence, digest in session.execute(select(type_coerce(ProcessInstance.id, String), *columns)):
        yield _chain_name(raw), Head(sequence, digest)


def _chain_name(raw: object) -> str:
    """Return the name of a case's chain from its id as the database keeps it, whatever somebody made of it."""
    try:
        return chain_of(UUID(str(raw)))
    except ValueError:
        return str(raw)


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

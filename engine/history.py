"""Proof of the record: checks every chain against its rows, facts and files, and seals the heads."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, DateTime, Row, String, Text, cast, func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from engine.chain import (
    FILE,
    GENESIS,
    HASHED_COLUMNS,
    SYSTEM_CHAIN,
    EventKind,
    Head,
    chain_of,
    event_hash,
    state_digest,
    unpacked_facts,
)
from engine.evidence import (
    PAGE,
    UNREADABLE,
    UNREADABLE_ERRORS,
    Facts,
    FileHash,
    Files,
    altered_sources,
    events_in_order,
)
from engine.models import HistoryChain, HistoryEvent, InstanceStatus, ProcessInstance

__all__ = ["GENESIS", "SYSTEM_CHAIN", "EventKind", "FileHash", "Finding", "Seal", "read_seal", "seal", "verify"]

_AS_STORED: dict[str, TypeEngine[Any]] = {"data": Text(), "facts": Text(), "at": DateTime(timezone=True)}
_COLUMNS = tuple(
    type_coerce(getattr(HistoryEvent, name), _AS_STORED[name]).label(name)
    if name in _AS_STORED
    else getattr(HistoryEvent, name)
    for name in (*HASHED_COLUMNS, "hash")
)
"""As they are stored: what was hashed is neither read nor written again."""
_FACTS_AT_ONCE = 2_000
_RESTS = {
    EventKind.INSTANCE_SUSPENDED: InstanceStatus.SUSPENDED, EventKind.INSTANCE_RESUMED: InstanceStatus.RUNNING,
}  # fmt: skip
"""Events after which a case is suspended, or is so no longer; whether it is an incident is told by its jobs."""


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
        session: reads at one instant (`db.reading`), so that what people do meanwhile is no finding.
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
        self.left: dict[str, bytes] = {}
        self.status: dict[str, str] = {}
        self.asked: list[tuple[Row[Any], str, str]] = []

    def check(self, sealed: Seal | None) -> Iterator[Finding]:
        """Yield findings of the system chain, then of each case."""
        marks = dict(sealed.heads) if sealed else {}
        system = HistoryEvent.chain == SYSTEM_CHAIN
        yield from self._check_chains(system, {SYSTEM_CHAIN}, marks, all_facts=self.business_key is None)
        wanted = self._wanted()
        own = ~system if self.business_key is None else HistoryEvent.chain.in_(sorted(wanted))
        yield from self._check_chains(own, wanted, marks, all_facts=True)
        yield from self._check_asked()
        yield from self._check_cases(wanted)
        if self.business_key is None:
            for chain in sorted(marks.keys() - self.seen.keys()):
                key = self.started.get(chain, (0, ""))[1]
                yield Finding(chain, None, key, "seal_broken", "the sealed chain is gone")
            for name in self.facts.unknown(self._named):
                yield Finding(SYSTEM_CHAIN, None, "", "fact_unknown", name)

    def _wanted(self) -> set[str]:
        if self.business_key is None:
            chains = set(self.session.scalars(select(HistoryEvent.chain).distinct()))
            return (chains | set(self.heads) | set(self.started)) - {SYSTEM_CHAIN}
        ids = self.session.scalars(
            select(type_coerce(ProcessInstance.id, String)).where(ProcessInstance.business_key == self.business_key)
        )
        known = {chain for chain, (_sequence, key) in self.started.items() if key == self.business_key}
        return known | {_chain_name(raw) for raw in ids}

    def _check_chains(
        self, condition: ColumnElement[bool], wanted: set[str], marks: Mapping[str, Head], *, all_facts: bool
    ) -> Iterator[Finding]:
        """Check the chains of a condition in one walk, then those that are wanted and have no event."""
        events = events_in_order(self.session, _COLUMNS, condition)
        met = set()
        for chain, rows in groupby(events, key=itemgetter(0)):
            met.add(chain)
            yield from self._check_chain(chain, rows, marks.get(chain), all_facts=all_facts)
        for chain in sorted(wanted - met):
            yield from self._check_chain(chain, (), marks.get(chain), all_facts=all_facts)

    def _check_chain(
        self, chain: str, rows: Iterable[tuple[str, str, Row[Any] | None]], mark: Head | None, *, all_facts: bool
    ) -> Iterator[Finding]:
        head: Head | None = Head()
        key, length = "", 0
        for _chain, place, row in rows:
            if row is None or not isinstance(row.sequence, int):
                length, head = length + 1, None
                yield Finding(chain, length, key, "event_altered", f"{UNREADABLE} {place}")
                continue
            length = row.sequence
            key = "" if chain == SYSTEM_CHAIN else row.business_key or key
            if head is not None and (fault := _fault_of(row, head, chain)):
                yield fault
            head = Head(length, _hex(row.hash))
            if mark and length == mark.sequence and head.hash != mark.hash:
                yield Finding(chain, length, key, "seal_broken", "not the event that was sealed")
            if row.state_hash is not None:
                self.left[chain] = row.state_hash
            if row.kind in _RESTS:
                self.status[chain] = _RESTS[row.kind]
            if chain == SYSTEM_CHAIN:
                self._note_case(row)
            if all_facts and row.facts != NO_FACTS:
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

    def _note_case(self, row: Row[Any]) -> None:
        if row.kind not in {EventKind.INSTANCE_STARTED, EventKind.INSTANCE_ENDED}:
            return
        data = _read(row.data)
        instance = str(data.get("instance"))
        if row.kind == EventKind.INSTANCE_STARTED:
            self.started[instance] = (row.sequence, row.business_key)
        else:
            self.ended[instance] = (data.get("sequence", 0), data.get("head", ""), row.business_key)

    def _check_facts(self, row: Row[Any]) -> Iterator[Finding]:
        """Look at files now, and let rows wait until there are enough to be read together."""
        for name, digest in _facts_of(row.facts):
            if not name.startswith(FILE):
                self.asked.append((row, name, digest))
            elif code := self.files.fault(digest):
                yield Finding(row.chain, row.sequence, row.business_key, code, name)
        if len(self.asked) >= _FACTS_AT_ONCE:
            yield from self._check_asked()

    def _check_asked(self) -> Iterator[Finding]:
        asked, self.asked = self.asked, []
        codes = self.facts.faults([(name, digest) for _row, name, digest in asked])
        for (row, name, _digest), code in zip(asked, codes, strict=True):
            if code:
                yield Finding(row.chain, row.sequence, row.business_key, code, name)

    def _named(self, tables: set[str]) -> set[str]:
        """Return the names of some tables' facts that any event holds."""
        events = events_in_order(self.session, _COLUMNS, type_coerce(HistoryEvent.facts, Text) != NO_FACTS)
        named = (name for _chain, _place, row in events if row is not None for name, _digest in _facts_of(row.facts))
        return {name for name in named if name.partition(":")[0] in tables}

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
        """Compare the key of each case, whether it is over and whether it rests, with what the chains say."""
        columns = (
            ProcessInstance.business_key, ProcessInstance.ended_at.is_(None).label("open"),
            type_coerce(ProcessInstance.status, String) == InstanceStatus.SUSPENDED.value,
        )  # fmt: skip
        raw_id = type_coerce(ProcessInstance.id, String)
        for raw, key, is_open, rests in self.session.execute(select(raw_id, *columns)):
            chain = _chain_name(raw)
            if chain in wanted and chain in self.started:
                told = self.started[chain][1]
                if key != told:
                    yield Finding(chain, None, told, "case_altered", f"business_key {key}")
                if is_open == (chain in self.ended):
                    yield Finding(chain, None, told, "case_altered", "ended_at")
                if is_open and rests != (self.status.get(chain) == InstanceStatus.SUSPENDED):
                    yield Finding(chain, None, told, "case_altered", "status")
        yield from self._check_states(wanted)

    def _check_states(self, wanted: set[str]) -> Iterator[Finding]:
        """Compare state and variables of each case with the digest in the last event of its chain."""
        columns = (
            type_coerce(ProcessInstance.id, String), type_coerce(ProcessInstance.process_version_id, String),
            ProcessInstance.revision, ProcessInstance.end_event, cast(ProcessInstance.variables, Text),
            ProcessInstance.state, ProcessInstance.history_sequence, ProcessInstance.history_hash,
        )  # fmt: skip
        for raw, version, revision, end_event, variables, state, sequence, digest in self.session.execute(
            select(*columns).execution_options(yield_per=PAGE)
        ):
            chain = _chain_name(raw)
            if chain not in wanted or self.seen.get(chain) != Head(sequence, digest):
                continue  # what is wrong with its events was told
            if self.left.get(chain) != _digest_of(_chain_name(version), revision, end_event, variables, state):
                key = self.started.get(chain, (0, ""))[1]
                yield Finding(chain, None, key, "case_altered", "state")


def _fault_of(row: Row[Any], head: Head, chain: str) -> Finding | None:
    """Tell whether an event does not follow the one before it; behind one that cannot be read nobody can tell."""
    sequence = row.sequence
    if sequence != head.sequence + 1:
        missing = f"{sequence - head.sequence - 1} events"
        return Finding(chain, head.sequence + 1, row.business_key, "event_missing", missing)
    try:
        intact = event_hash(row[:-1], head.hash) == row.hash
    except UNREADABLE_ERRORS:
        intact = False  # a cell that no door has written
    return None if intact else Finding(chain, sequence, row.business_key, "event_altered", str(row.kind))


def _digest_of(version: str, revision: int, end_event: str | None, variables: str, state: bytes) -> bytes | None:
    try:
        return state_digest(version, revision, end_event, json.loads(variables), state)
    except UNREADABLE_ERRORS:
        return None


def _hex(digest: Any) -> str:
    return digest.hex() if isinstance(digest, bytes) else UNREADABLE


NO_FACTS = "[]"


def _read(text: Any) -> dict[str, Any]:
    """Return the data of an event; nothing when somebody made something else of it."""
    try:
        found = json.loads(text)
    except UNREADABLE_ERRORS:
        return {}
    return found if isinstance(found, dict) else {}


_decode_facts = msgspec.json.Decoder(list[Annotated[list[str], msgspec.Meta(min_length=1, max_length=2)]]).decode


def _facts_of(text: Any) -> Iterator[tuple[str, str]]:
    """Yield name and hash of the facts of an event; none when they are no longer told in our shape."""
    try:
        told = _decode_facts(text)
    except (msgspec.MsgspecError, *UNREADABLE_ERRORS):
        told = []
    yield from unpacked_facts(told)


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
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        if body["format"] != 1:
            raise ValueError(body["format"])
        heads = {chain: Head(int(sequence), str(digest)) for chain, (sequence, digest) in body["heads"].items()}
        return Seal(datetime.fromisoformat(body["at"]), heads)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as fault:
        raise ValueError(f"{path} is no seal of format 1") from fault

"""Diagrams and tables on their way from files to versions in the database, and back to parsed definitions."""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import DeploymentError, NotFoundError, UnreadableCaseError
from engine.models import DiagramFile, ProcessVersion
from engine.spiff import parser
from engine.tables import TableCache

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


@dataclass(frozen=True, slots=True)
class TableFile:
    """One decision table as it lies in the folder: `tables/<table>/<valid from>.dmn`."""

    table: str
    valid_from: date
    xml: bytes

    @property
    def sha256(self) -> str:
        """Hash of the file."""
        return hashlib.sha256(self.xml).hexdigest()


@dataclass(frozen=True, slots=True)
class Sources:
    """What a deployment folder holds.

    Attributes:
        diagrams: process key to the bytes of its file.
        calls: process key to the keys of the processes it calls.

    """

    diagrams: Mapping[str, bytes]
    calls: Mapping[str, frozenset[str]]
    tables: tuple[TableFile, ...]

    @classmethod
    def of(cls, diagrams: Mapping[str, bytes]) -> "Sources":
        """Return diagrams by process key as sources.

        Raises:
            DeploymentError: a file is no diagram, or its process bears another key.

        """
        return cls(diagrams, {key: read_diagram(key, xml)[1] for key, xml in diagrams.items()}, ())

    def bundle(self, process_key: str) -> dict[str, str]:
        """Return process key to sha256 for a process and all it calls, directly or through others."""
        found: dict[str, str] = {}
        waiting = [process_key]
        while waiting:
            key = waiting.pop()
            if key in found or key not in self.diagrams:
                continue
            found[key] = hashlib.sha256(self.diagrams[key]).hexdigest()
            waiting.extend(self.calls[key])
        return dict(sorted(found.items()))


def callers_of(diagrams: Mapping[str, bytes], process_key: str) -> tuple[str, ...]:
    """Return the processes that call a process themselves, in the order given.

    Raises:
        DeploymentError: a file is no diagram.

    """
    return tuple(key for key, called in Sources.of(diagrams).calls.items() if process_key in called)


def callable_from(diagrams: Mapping[str, bytes], process_key: str) -> tuple[str, ...]:
    """Return the processes that a process may call, in the order given: all that do not lead back to it.

    Raises:
        DeploymentError: a file is no diagram.

    """
    calls = Sources.of(diagrams).calls
    barred, waiting = {process_key}, [process_key]
    while waiting:
        called = waiting.pop()
        above = {key for key, others in calls.items() if called in others} - barred
        barred |= above
        waiting.extend(above)
    return tuple(key for key in diagrams if key not in barred)


def bundle_hash(files: Mapping[str, str]) -> str:
    """Return the hash of a process version: that of the map of its files' hashes."""
    return hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest()


def read_folder(folder: Path) -> Sources:
    """Read every diagram and table of a folder.

    Raises:
        DeploymentError: a file that is not XML, holds no or several processes, bears another name than its
            process, or is not named by a date.

    """
    diagrams: dict[str, bytes] = {}
    calls: dict[str, frozenset[str]] = {}
    for path in sorted(folder.glob("*.bpmn")):
        xml = path.read_bytes()
        key, called = read_diagram(path.stem, xml)
        diagrams[key], calls[key] = xml, called
    return Sources(diagrams, calls, tuple(_read_tables(folder / "tables")))


def read_diagram(name: str, xml: bytes) -> tuple[str, frozenset[str]]:
    """Return the key of a file's process and the keys of those it calls; `name` is the key it should bear, if any.

    Raises:
        DeploymentError: no XML, no or several processes, or another process than it should bear.

    """
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refused(name, "not_xml", str(error)) from error
    keys = [str(process.get("id")) for process in root.iter(f"{BPMN}process")]
    if len(keys) != 1 or (name and keys != [name]):
        wanted = f"its name says {name!r}" if name else "one process is wanted"
        raise _refused(name, "one_process_per_file", f"the file holds {keys}, {wanted}")
    return keys[0], frozenset(str(call.get("calledElement")) for call in root.iter(f"{BPMN}callActivity"))


def _read_tables(folder: Path) -> list[TableFile]:
    found = []
    for path in sorted(folder.glob("*/*.dmn")):
        try:
            valid_from = date.fromisoformat(path.stem)
        except ValueError as error:
            raise _refused(f"{path.parent.name}/{path.name}", "table_named_by_date", str(error)) from error
        found.append(TableFile(path.parent.name, valid_from, path.read_bytes()))
    return found


def _refused(place: str, rule: str, message: str) -> DeploymentError:
    finding = {"process_key": place, "element_id": "", "rule": rule, "message": message}
    return DeploymentError(f"{place}: {message}", findings=[finding])


@dataclass(frozen=True, slots=True)
class Deployed:
    """A process version, parsed: shared by all its instances and all threads."""

    id: UUID
    process_key: str
    version: int
    sha256: str
    files: Mapping[str, str]
    definition: parser.Definition

    def properties(self, process_key: str, element_id: str) -> Mapping[str, str]:
        """Return the extension properties of an element (step, assignee, reminder, due)."""
        element = self.definition.elements.get((process_key, element_id))
        return {} if element is None else element.properties

    def name(self, process_key: str, element_id: str) -> str:
        """Return the name an element bears in its diagram."""
        element = self.definition.elements.get((process_key, element_id))
        return element_id if element is None or not element.name else element.name


@dataclass(slots=True)
class DefinitionCache:
    """Parses each process version once per OS process; safe for threads. Tables are kept beside."""

    tables: TableCache = field(default_factory=TableCache)
    _deployed: dict[UUID, Deployed] = field(default_factory=dict)
    _lock: Any = field(default_factory=threading.Lock)

    def get(self, session: Session, version_id: UUID) -> Deployed:
        """Return a parsed version, reading and parsing its files at the first request.

        Raises:
            NotFoundError: no such version.
            UnreadableCaseError: a diagram of it is missing, or is none any more.

        """
        found = self._deployed.get(version_id)
        if found is not None:
            return found
        row = session.get(ProcessVersion, version_id)
        if row is None:
            raise NotFoundError("no such process version", version=str(version_id))
        files = read_files(session, row.files)
        with self._lock:
            if version_id not in self._deployed:
                ordered = {row.process_key: files[row.process_key], **files}
                self._deployed[version_id] = Deployed(
                    row.id, row.process_key, row.version, row.sha256, dict(row.files), _parsed(ordered)
                )
            return self._deployed[version_id]


def _parsed(files: Mapping[str, bytes]) -> parser.Definition:
    try:
        return parser.parse(files)
    except Exception as error:  # what was deployed had passed every check, so this is no diagram any more
        raise UnreadableCaseError("a diagram of this version cannot be read", process=next(iter(files))) from error


def read_files(session: Session, files: Mapping[str, str]) -> dict[str, bytes]:
    """Return the bytes of a version's diagrams by process key.

    Raises:
        UnreadableCaseError: one of them is missing.

    """
    query = select(DiagramFile.sha256, DiagramFile.xml).where(DiagramFile.sha256.in_(set(files.values())))
    by_hash = {row.sha256: row.xml for row in session.execute(query)}
    missing = [key for key, sha256 in files.items() if sha256 not in by_hash]
    if missing:
        raise UnreadableCaseError("a diagram of this version is missing", process=missing[0])
    return {key: by_hash[sha256] for key, sha256 in files.items()}


def newest_version(session: Session, process_key: str) -> UUID:
    """Return the id of the newest version of a process.

    Raises:
        NotFoundError: the process was never deployed.

    """
    query = (
        select(ProcessVersion.id)
        .where(ProcessVersion.process_key == process_key)
        .order_by(ProcessVersion.version.desc())
        .limit(1)
    )
    found = session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no such process", process=process_key)
    return found

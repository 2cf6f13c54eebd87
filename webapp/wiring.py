"""The composition root: the one place where engine, domain and settings meet."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import Clock, SystemClock
from engine.db import Base, Fact, open_database, reading
from engine.deployment import DefinitionCache
from engine.history import FileHash
from engine.ids import RandomIds, system_randomness
from engine.live import LiveRuns
from engine.registry import Registry
from engine.runtime_environment import Engine
from webapp.business_clock import business_clock
from webapp.current import Composition
from webapp.settings import Settings
from workflows.documents.storage import FileStorage
from workflows.registry import build_registry

FONTS = Path(__file__).with_name("assets") / "dist" / "fonts"
"""The faces papers are printed with; the build of the front end puts them there."""

Nudge = Callable[[Sequence[UUID]], None]
ORPHAN_AGE = timedelta(days=1)


def ring_worker(job_ids: Sequence[UUID]) -> None:
    """Ring for the worker; where Celery cannot be reached the jobs wait for the sweep, none is lost."""
    if not job_ids:
        return
    from webapp.worker import ring

    ring(job_ids)


def build_engine(settings: Settings, nudge: Nudge | None = None) -> Engine:
    """Return the engine over the settings' database, with the award domain's steps.

    Args:
        settings: where the database and the files are; in a demonstration the business clock has its own time.
        nudge: told the ids of new jobs after a commit; rings for the Celery worker when left out.

    """
    _, sessions = open_database(settings.database_url)
    machine: Clock = SystemClock()
    clock: Clock = business_clock(sessions, machine) if settings.demo else machine
    return Engine(
        sessions=sessions,
        registry=registry_of(settings),
        clock=clock,
        machine_clock=machine,
        ids=RandomIds(),
        random=system_randomness(),
        definitions=DefinitionCache(),
        nudge=nudge or ring_worker,
        live=LiveRuns(settings.live_megabytes * 1024 * 1024),
    )


def registry_of(settings: Settings) -> Registry:
    """Return all that the diagrams may name."""
    return build_registry(file_storage(settings), FONTS)


def file_storage(settings: Settings) -> FileStorage:
    """Return the store of dossier files."""
    return FileStorage(settings.data_dir)


def stored_file_hash(settings: Settings) -> FileHash:
    """Return what tells the true hash of a stored file, for the check of the record."""
    storage = file_storage(settings)

    def true_hash(sha256: str) -> str | None:
        path = storage.path_of(sha256)
        if not path.is_file():
            return None
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()

    return true_hash


def sweep_orphan_files(engine: Engine, settings: Settings) -> int:
    """Remove stored files that no fact names and that are older than a day; return how many.

    A younger file may belong to a transaction that has not committed yet.
    """
    with reading(engine.sessions) as session:
        named = {sha256 for column in _hash_columns() for sha256 in _values(session, column)}
    return len(file_storage(settings).orphans(ORPHAN_AGE, named, engine.machine_clock.now()))


def _hash_columns() -> Iterator[sa.Column[str]]:
    """Yield the columns of facts that hold a file's hash: `sha256`, or a name that ends so."""
    for mapper in Base.registry.mappers:
        if issubclass(mapper.class_, Fact):
            yield from (column for column in mapper.columns if column.name.endswith("sha256"))


def _values(session: Session, column: sa.Column[str]) -> Iterator[str]:
    yield from session.execute(sa.select(column).where(column.is_not(None)).distinct()).scalars()


def compose(settings: Settings, engine: Engine | None = None) -> Composition:
    """Return all that the pages need; an engine of the caller's own (a test's clock) may be given."""
    return Composition(settings, engine or build_engine(settings), file_storage(settings))

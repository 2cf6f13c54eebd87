"""The composition root: the one place where engine, domain and settings meet."""

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from engine.clock import Clock, SystemClock
from engine.db import open_database
from engine.deployment import DefinitionCache
from engine.ids import RandomIds, system_randomness
from engine.runtime_environment import Engine
from webapp.business_clock import business_clock
from webapp.current import Composition
from webapp.settings import Settings
from workflows.documents.storage import FileStorage
from workflows.registry import build_registry

Nudge = Callable[[Sequence[UUID]], None]
_LOG = logging.getLogger(__name__)


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
        sessions=sessions, registry=build_registry(file_storage(settings)), clock=clock, machine_clock=machine,
        ids=RandomIds(), random=system_randomness(), definitions=DefinitionCache(), nudge=nudge or ring_worker,
    )


def file_storage(settings: Settings) -> FileStorage:
    """Return the store of dossier files."""
    return FileStorage(settings.data_dir)


def compose(settings: Settings, engine: Engine | None = None) -> Composition:
    """Return all that the pages need; an engine of the caller's own (a test's clock) may be given."""
    return Composition(settings, engine or build_engine(settings), file_storage(settings))

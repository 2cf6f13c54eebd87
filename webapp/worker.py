"""Celery as the doorbell: messages carry ids only, the jobs table is the truth, the sweep finds lost rings."""

import logging
import sqlite3
import warnings
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from celery import Celery, signals
from celery.exceptions import SecurityWarning
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import sqlalchemy as kombu_sqlalchemy

from engine.commands import jobs, pulses, timers
from engine.errors import EngineError
from engine.runtime_environment import Engine
from webapp import logs
from webapp.settings import Settings, from_environment

# Celery warns root of pickled messages from strangers; ours are JSON and hold an id
warnings.filterwarnings("ignore", category=SecurityWarning)

SWEEP_SECONDS = 2.0
ORPHAN_SWEEP_SECONDS = 86_400.0
_LOG = logging.getLogger("thidua.worker")


class PatientTransport(kombu_sqlalchemy.Transport):
    """kombu's SQL transport asks once a second; people wait less. Its option for that crashes, so: a subclass."""

    polling_interval = 0.2


TRANSPORT_ALIASES["sqla"] = f"{__name__}:PatientTransport"


def make_celery(settings: Settings) -> Celery:
    """Return the Celery application of these settings."""
    app = Celery("thidua", broker=settings.broker_url)
    on_sqlite = settings.broker_url.startswith("sqla+sqlite")
    if on_sqlite:
        _use_write_ahead_log(broker_file(settings))
    app.conf.update(
        broker_transport_options={"connect_args": {"timeout": 30}} if on_sqlite else {},
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        beat_schedule={
            "sweep": {"task": "thidua.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
            "orphans": {"task": "thidua.orphans", "schedule": ORPHAN_SWEEP_SECONDS},
        },
    )
    return app


def broker_file(settings: Settings) -> Path:
    """Return the file of an SQLite broker."""
    return Path(settings.broker_url.removeprefix("sqla+sqlite:///"))


def _use_write_ahead_log(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(file, timeout=30) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


@lru_cache(maxsize=1)
def _settings() -> Settings:
    return from_environment()


@lru_cache(maxsize=1)
def _engine() -> Engine:
    from webapp.wiring import build_engine

    return build_engine(_settings(), nudge=ring)


def ring(job_ids: Sequence[UUID]) -> None:
    """Tell the worker of new jobs. A broker that is away costs a delay, never a job."""
    for job_id in job_ids:
        try:
            celery.send_task("thidua.run_job", args=[str(job_id)], retry=False)
        except Exception as fault:
            _LOG.warning("doorbell failed: %s", type(fault).__name__)
            return


def run_job(job_id: str) -> None:
    """Run one job if it is still due."""
    jobs.run_job(_engine(), UUID(job_id))


def sweep() -> None:
    """Fire due timers, run jobs whose ring was lost, and tidy the broker's consumed rows."""
    engine = _engine()
    for duty, work in (("timers", timers.run_due_timers), ("jobs", jobs.run_due_jobs)):
        try:
            work(engine)  # each notes its own pulse
        except EngineError as refusal:
            _LOG.warning("%s: %s", duty, refusal.code)
    if _settings().broker_url.startswith("sqla+sqlite"):
        purge_consumed(broker_file(_settings()))


def orphans() -> None:
    """Remove files no fact knows of that are older than a day."""
    from webapp.wiring import sweep_orphan_files

    removed = sweep_orphan_files(_engine(), _settings())
    pulses.beat(_engine(), "orphans", removed)


def purge_consumed(file: Path) -> None:
    """Delete messages that were consumed: the SQL transport only hides them."""
    try:
        with sqlite3.connect(file, timeout=30) as connection:
            connection.execute(
                "DELETE FROM kombu_message"
                " WHERE visible = 0 AND timestamp < datetime('now', 'localtime', '-10 seconds')"
            )
        connection.close()
    except sqlite3.OperationalError as fault:
        _LOG.debug("broker not tidied: %s", fault)


def _as_task(app: Celery, name: str, function: Any) -> None:
    app.task(name=name)(function)


def set_up_logs(**_given: Any) -> None:
    """Let the worker speak as the web does, instead of as Celery would."""
    logs.configure(_settings().log_level, _settings().log_format)


signals.setup_logging.connect(set_up_logs)
celery = make_celery(_settings())
for _name, _function in (("run_job", run_job), ("sweep", sweep), ("orphans", orphans)):
    _as_task(celery, f"thidua.{_name}", _function)

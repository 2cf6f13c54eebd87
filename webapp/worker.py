"""Celery as the doorbell: messages carry ids only, the jobs table is the truth, the sweep finds lost rings."""

import logging
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from celery import Celery, signals
from celery.exceptions import SecurityWarning
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import sqlalchemy as kombu_sqlalchemy
from sqlalchemy.exc import DBAPIError

from engine import storage_faults
from engine.commands import answers, jobs, pulses, stuck, timers
from engine.errors import EngineError
from engine.runtime_environment import Engine
from webapp import logs
from webapp.settings import Settings, from_environment

# Celery warns root of pickled messages from strangers; ours are JSON and hold an id
warnings.filterwarnings("ignore", category=SecurityWarning)

SWEEP_SECONDS = 2.0
STUCK_SWEEP_SECONDS = 300.0
ORPHAN_SWEEP_SECONDS = 86_400.0
ANSWER_SWEEP_SECONDS = 86_400.0
QUIET_SECONDS = 5.0
"""How long no bell is rung after one failed: a broker that is away must not make every request wait for it."""
_LOG = logging.getLogger("thidua.worker")
_SQLITE, _REDIS = "sqla+sqlite", ("redis:", "rediss:")
_stopping = threading.Event()


class PatientTransport(kombu_sqlalchemy.Transport):
    """kombu's SQL transport asks once a second; people wait less. Its option for that crashes, so: a subclass."""

    polling_interval = 0.2


TRANSPORT_ALIASES["sqla"] = f"{__name__}:PatientTransport"


def make_celery(settings: Settings) -> Celery:
    """Return the Celery application of these settings."""
    app = Celery("thidua", broker=settings.broker_url)
    if settings.broker_url.startswith(_SQLITE):
        _use_write_ahead_log(broker_file(settings))
    app.conf.update(
        broker_transport_options=_transport_options(settings.broker_url),
        broker_connection_timeout=4.0,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a worker waits for its broker however long it is away
        task_default_queue="thidua",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,  # nobody commands workers through the broker; pulses tell of them
        beat_schedule={
            "sweep": {"task": "thidua.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
            "stuck": {
                "task": "thidua.stuck", "schedule": STUCK_SWEEP_SECONDS, "options": {"expires": STUCK_SWEEP_SECONDS},
            },
            "orphans": {"task": "thidua.orphans", "schedule": ORPHAN_SWEEP_SECONDS},
            "answers": {"task": "thidua.answers", "schedule": ANSWER_SWEEP_SECONDS},
        },
    )  # fmt: skip
    return app


def _transport_options(broker_url: str) -> dict[str, Any]:
    """Return what a kind of broker needs so that nobody waits for one that is away."""
    if broker_url.startswith(_SQLITE):
        return {"connect_args": {"timeout": 30}}
    if broker_url.startswith(_REDIS):
        return {"socket_connect_timeout": 3, "socket_timeout": 30, "health_check_interval": 15}
    return {"connect_timeout": 3}


def broker_file(settings: Settings) -> Path:
    """Return the file of an SQLite broker."""
    return Path(settings.broker_url.removeprefix("sqla+sqlite:///"))


def _use_write_ahead_log(file: Path) -> None:
    """Switch the file once: the mode is kept in it. Of web and worker that start together one switches."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file, timeout=30)) as connection, suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode=WAL")  # refused at once, without waiting, while another switches


@lru_cache(maxsize=1)
def _settings() -> Settings:
    return from_environment()


@lru_cache(maxsize=1)
def _engine() -> Engine:
    from webapp.wiring import build_engine

    return build_engine(_settings(), nudge=ring)


class Bell:
    """Rings for the worker, and is quiet for a while after a ring failed: the sweep finds what it did not tell."""

    def __init__(self, send: Callable[[UUID], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._send = send
        self._clock = clock
        self._quiet_until = 0.0

    def ring(self, job_ids: Sequence[UUID]) -> None:
        """Tell the worker of new jobs. A broker that is away costs a delay, never a job."""
        if self._clock() < self._quiet_until:
            return
        for job_id in job_ids:
            try:
                self._send(job_id)
            except Exception as fault:  # whatever a client library raises: the job is committed already
                self._quiet_until = self._clock() + QUIET_SECONDS
                _LOG.warning("doorbell failed: %s", type(fault).__name__)
                return


def _send(job_id: UUID) -> None:
    celery.send_task("thidua.run_job", args=[str(job_id)], retry=False)


ring = Bell(_send).ring


def run_job(job_id: str) -> None:
    """Run one job if it is still due."""
    _kept_going("job", lambda: jobs.run_job(_engine(), UUID(job_id)))


def sweep() -> None:
    """Fire due timers, run jobs whose ring was lost, and tidy the broker's consumed rows."""
    _kept_going("timers", lambda: timers.run_due_timers(_engine()))  # each notes its own pulse
    _kept_going("jobs", lambda: jobs.run_due_jobs(_engine(), stopping=_stopping.is_set))
    if _settings().broker_url.startswith(_SQLITE):
        purge_consumed(broker_file(_settings()))


def find_stuck_cases() -> None:
    """Open an incident for each case that waits for nothing."""
    _kept_going("stuck", lambda: stuck.find_stuck_cases(_engine()))


def orphans() -> None:
    """Remove files no fact knows of that are older than a day."""
    from webapp.wiring import sweep_orphan_files

    def work() -> None:
        removed = sweep_orphan_files(_engine(), _settings())
        pulses.beat(_engine(), "orphans", removed)

    _kept_going("orphans", work)


def forget_old_answers() -> None:
    """Let answers to requests go that nobody will send again."""
    _kept_going("answers", lambda: answers.forget_old_answers(_engine()))


def _kept_going(duty: str, work: Callable[[], object]) -> None:
    """Do a duty; whatever hinders it costs a line in the log, and the next sweep tries again.

    A bug too ends here: Celery would write its text, which may quote what a person typed.
    """
    try:
        work()
    except EngineError as refusal:
        _LOG.warning("%s: %s", duty, refusal.code)
    except Exception as fault:
        refusal_of_storage = storage_faults.as_refusal(fault) if isinstance(fault, DBAPIError) else None
        if refusal_of_storage is None:
            _LOG.exception("%s: unexpected error", duty)
        else:
            _LOG.warning("%s: %s", duty, refusal_of_storage.code)


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


def stop_taking_jobs(**_given: Any) -> None:
    """Let a sweep end after the job it is at; what it had leased besides goes back at once."""
    _stopping.set()


signals.setup_logging.connect(set_up_logs)
signals.worker_shutting_down.connect(stop_taking_jobs)
celery = make_celery(_settings())
_TASKS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("run_job", run_job), ("sweep", sweep), ("stuck", find_stuck_cases), ("orphans", orphans),
    ("answers", forget_old_answers),
)  # fmt: skip
for _name, _function in _TASKS:
    _as_task(celery, f"thidua.{_name}", _function)

"""What a watcher of the service counts: requests by all web processes, queues and incidents by the database."""

import logging
import os
import time
from collections.abc import Iterable, Iterator

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector
from sqlalchemy.exc import DBAPIError

from engine import queries
from engine.runtime_environment import Engine
from webapp import current
from webapp.security import LOCAL, allowed

_LOG = logging.getLogger(__name__)
bp = Blueprint("metrics", __name__)
SECONDS = Histogram(
    "thidua_http_request_seconds", "Time to answer a request.", ("method", "endpoint", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip


class Standing(Collector):
    """Reads the database when asked."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield the counts; of a database that is away, only that it is: what the web itself counted is told still."""
        try:
            counts = [*self._counts(), self._ages()]
        except DBAPIError as fault:
            _LOG.warning("the database was not counted: %s", type(fault).__name__)
            counts = []
        yield GaugeMetricFamily("thidua_database_up", "Whether the database answers.", float(bool(counts)))
        yield from counts

    def _counts(self) -> Iterator[GaugeMetricFamily]:
        standing = queries.standing(self.engine)
        for name, text, value in (
            ("thidua_open_tasks", "Tasks nobody has completed yet.", standing.open_tasks),
            ("thidua_running_cases", "Cases that are not over.", standing.running_cases),
            ("thidua_pending_jobs", "Jobs that wait for a worker.", standing.pending_jobs),
            ("thidua_incidents", "Jobs that gave up.", standing.incidents),
            ("thidua_overdue_timers", "Timers whose instant has passed.", standing.overdue_timers),
        ):
            yield GaugeMetricFamily(name, text, value)

    def _ages(self) -> GaugeMetricFamily:
        now = self.engine.machine_clock.now()
        family = GaugeMetricFamily("thidua_duty_age_seconds", "Since a background duty last ran.", labels=["duty"])
        for pulse in queries.worker_pulses(self.engine):
            family.add_metric([pulse.duty], (now - pulse.at).total_seconds())
        return family


@bp.get("/metrics")
@allowed("administrator", LOCAL)
def show() -> Response:
    """Hand out the counts, to administrators and to a watcher on this machine."""
    registry = CollectorRegistry()
    registry.register(Standing(current.engine()))
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        body = generate_latest(registry)
    else:
        body = generate_latest(registry) + generate_latest(REGISTRY)
    return Response(body, content_type=CONTENT_TYPE_LATEST)


def _start() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    if (started := g.pop("started", None)) is not None and request.endpoint != "static":
        seconds = time.perf_counter() - started
        try:
            SECONDS.labels(request.method, request.endpoint or "unknown", response.status_code).observe(seconds)
        except OSError as error:  # the disk is full, or the folder of the counts is gone: what was answered stands
            _LOG.warning("a request was not counted: %s", error.strerror)
    return response


def init_app(app: Flask) -> None:
    """Count every request."""
    app.before_request(_start)
    app.after_request(_count)
    app.register_blueprint(bp)

"""The whole product, web and worker, while its PostgreSQL is restarted: a clear answer meanwhile, then on as before."""

import contextlib
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.db import open_database
from engine.models import WorkerPulse
from tests.support import postgresql
from tests.web.test_serving import PATIENCE, await_answer, fetch, served


def last_sweep(database: sa.Engine) -> object:
    with database.connect() as connection:
        return connection.execute(sa.select(WorkerPulse.at).where(WorkerPulse.duty == "jobs")).scalar_one_or_none()


def await_sweep(database: sa.Engine, after: object) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if last_sweep(database) not in {None, after}:
            return
        time.sleep(0.1)  # another process is polled
    raise AssertionError("the worker did not sweep again")


def known_nobody(url: str) -> tuple[int, str]:
    """A request that asks the database whose token this is."""
    return fetch(f"{url}/api/v1/me", {"Authorization": "Bearer nobody"})


@contextlib.contextmanager
def half_sent(url: str) -> Iterator[Callable[[], bytes]]:
    """A form half of which the web has read; yields what sends the rest and returns the answer."""
    host, port = url.removeprefix("http://").split(":")
    head = "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(f"{head}Content-Length: 20\r\nExpect: 100-continue\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100"), "it is at work on this request"
        connection.sendall(b"username=a")

        def finish() -> bytes:
            connection.sendall(b"&password=")
            return connection.recv(100)

        yield finish


def await_closed(url: str) -> None:
    """Wait until a new request stays without an answer: gunicorn lets it wait, and gives what it is at ten seconds.

    So this must be found out well before; a machine too busy to answer in a second is taken for closed, which spoils
    nothing: the request it is at is answered then as well.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if fetch(f"{url}/healthz", seconds=1)[0] == 0:
            return
        time.sleep(0.05)  # a server that stops is polled
    raise AssertionError("it still takes new requests")


@pytest.mark.slow
@pytest.mark.postgresql
def test_web_and_worker_outlive_a_restart_of_the_database(tmp_path: Path) -> None:
    if (programs := postgresql.binaries()) is None:
        pytest.skip("no PostgreSQL: install postgresql")
    with postgresql.own_server(programs) as server:
        given = {"THIDUA_DATABASE_URL": server.url, "THIDUA_WEB_WORKERS": "2"}
        with served(tmp_path / "data", **given) as (url, process):
            await_answer(url)
            database, _sessions = open_database(server.url)
            await_sweep(database, None)
            assert known_nobody(url)[0] == 401
            server.stop(signal.SIGINT)
            status, body = known_nobody(url)
            assert (status, '"code":"database_away"' in body.replace(" ", "")) == (503, True)
            assert fetch(f"{url}/readyz")[0] == 503
            assert fetch(f"{url}/healthz")[0] == 200
            counted = fetch(f"{url}/metrics")
            assert (counted[0], "thidua_database_up 0.0" in counted[1]) == (200, True)
            assert "thidua_http_request_seconds_count" in counted[1], "what the web counted is told still"
            database.dispose()  # the connections of this test ended with it
            server.start()
            assert [known_nobody(url)[0] for _request in range(8)] == [401] * 8, "each process found it again"
            await_sweep(database, last_sweep(database))
            with half_sent(url) as finish:
                process.send_signal(signal.SIGTERM)
                await_closed(url)
                assert finish().startswith(b"HTTP/1.1 4"), "the request it was at is answered: no token, so refused"
            _output, errors = process.communicate(timeout=PATIENCE)
            database.dispose()
    assert process.returncode == 0
    assert not re.search(r"Traceback|ended with", errors), errors

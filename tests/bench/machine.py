"""On what the figures were measured."""

import os
import platform
import sqlite3
import statistics
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.bench.ground import Ground

SYNCS = 50


def machine(ground: Ground) -> dict[str, Any]:
    """Return cores, processor, memory, disk and versions of what was measured."""
    return {
        "processor": _line("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(int((_line("/proc/meminfo", "MemTotal") or "0 kB").split()[0]) / 1024**2, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgresql": _postgresql_version(ground),
        "sync_ms": round(milliseconds_of_a_sync(ground.new_folder() / "sync"), 2),
        "load_before": round(os.getloadavg()[0], 2),
        "quick": ground.quick,
    }


def memory_of_this_process() -> float:
    """Return how much memory this process holds now, in megabytes of 1,000,000 bytes."""
    return int((_line("/proc/self/status", "VmRSS") or "0 kB").split()[0]) * 1024 / 1e6


def milliseconds_of_a_sync(path: Path) -> float:
    """Return how long the disk takes to keep 4 KB for good; below it no durable commit can be."""
    found = []
    with path.open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(b"x" * 4096)
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            found.append((time.perf_counter() - started) * 1000)
    return statistics.median(found)


def _line(path: str, name: str) -> str:
    """Return what a file of the kernel says under a name, empty when it says nothing."""
    place = Path(path)
    lines = place.read_text(encoding="utf-8").splitlines() if place.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _postgresql_version(ground: Ground) -> str:
    database = sa.create_engine(ground.postgresql())
    with database.connect() as connection:
        version = str(connection.exec_driver_sql("SHOW server_version").scalar_one())
    database.dispose()
    return version.partition(" ")[0]

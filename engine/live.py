"""Runs kept alive between doors, so that the next door of a case need not read its state.

A kept run is nothing but the live form of stored bytes: it is handed out only when the row that was just read holds
exactly these bytes, at this revision, on this version. What another process wrote, a restored backup, a migrated or a
tampered row brings other bytes, and the kept run is thrown away. One door at a time has it: it is taken out while it is
used and comes back after the commit; whatever goes wrong on the way, it does not come back.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from engine.spiff.codec import unpacked_size
from engine.spiff.runtime import Run

MOST_BYTES = 32 * 1024 * 1024
"""Enough for some hundreds of councils in the middle of a vote; `Engine` is given another bound by its caller."""
BYTES_OF_A_RUN, BYTES_PER_STATE_BYTE = 5_000, 35
"""What a run weighs in memory, up to councils of 120: a fixed part, and tasks and variables by its unpacked state."""


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run as it was committed: on which version, at which revision, and what was stored of it."""

    run: Run
    version_id: UUID
    revision: int
    state: bytes

    @property
    def weight(self) -> int:
        """How many bytes of memory it is counted with."""
        return BYTES_OF_A_RUN + BYTES_PER_STATE_BYTE * unpacked_size(self.state)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a process keeps: how many runs and their bytes, and how often a door found one or had to read the state."""

    runs: int
    weight: int
    found: int
    missed: int


class LiveRuns:
    """The kept runs of one process, by case; the one used longest ago goes first. Safe for threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._runs: OrderedDict[UUID, LiveRun] = OrderedDict()
        self._bytes = 0
        self._found = self._missed = 0
        self._lock = threading.Lock()

    def take(self, instance_id: UUID, version_id: UUID, revision: int, state: bytes) -> Run | None:
        """Return the run of a case that is stored like this, and keep it no longer; None without one."""
        with self._lock:
            kept = self._runs.pop(instance_id, None)
            if kept is not None:
                self._bytes -= kept.weight
                if kept.revision == revision and kept.version_id == version_id and kept.state == state:
                    self._found += 1
                    return kept.run
            self._missed += 1
            return None

    def put(self, runs: Mapping[UUID, LiveRun]) -> None:
        """Keep runs whose states were committed, bound to no door, and let the oldest go that are too much."""
        for kept in runs.values():
            kept.run.bind(None)
        with self._lock:
            for instance_id, kept in runs.items():
                before = self._runs.pop(instance_id, None)
                self._bytes += kept.weight - (before.weight if before else 0)
                self._runs[instance_id] = kept
            while self._bytes > self.most_bytes:
                _instance_id, gone = self._runs.popitem(last=False)
                self._bytes -= gone.weight

    def tally(self) -> Tally:
        """Return what is kept now, and how often it served since this process began."""
        with self._lock:
            return Tally(len(self._runs), self._bytes, self._found, self._missed)

"""What every door needs, wired once by the caller."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from engine.clock import Clock
from engine.db import SessionFactory
from engine.deployment import DefinitionCache
from engine.ids import Ids, Randomness
from engine.live import LiveRuns
from engine.registry import Registry


@dataclass(frozen=True)
class Engine:
    """The engine as a value: doors and queries take it as their first argument.

    Attributes:
        clock: the business clock; dates of the case, timers and reminders.
        machine_clock: leases and back-off of jobs.
        nudge: told the ids of new jobs after a commit; may lose them, a sweep finds them again.
        live: runs kept between doors, bounded by bytes.

    """

    sessions: SessionFactory
    registry: Registry
    clock: Clock
    machine_clock: Clock
    ids: Ids
    random: Randomness
    definitions: DefinitionCache
    nudge: Callable[[Sequence[UUID]], None]
    live: LiveRuns = field(default_factory=LiveRuns)

"""The whole of what the diagrams may call, room by room."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from engine.registry import AnyStep, Hooks, Registry
from workflows import labels
from workflows.documents.storage import FileStorage
from workflows.organisation.queries import actor_of, people_of
from workflows.roles import load_roles
from workflows.rulebook.calendar import FUNCTIONS
from workflows.rulebook.deadlines import next_reminder
from workflows.separation import GUARDS

ROOMS = (
    "organisation", "rulebook", "documents", "campaigns", "nominations",
    "feedback", "council", "decisions", "referrals",
)  # fmt: skip
"""From the bottom up; a room imports only rooms before it."""


def collect_steps(storage: FileStorage) -> Iterator[AnyStep]:
    """Yield the steps of every room: its `STEPS`, and `build_steps(storage)` where steps touch files.

    A room without a `steps` module has no steps; a module that fails to import stops the start.
    """
    for room in ROOMS:
        if find_spec(f"workflows.{room}") is None or find_spec(f"workflows.{room}.steps") is None:
            continue
        module = import_module(f"workflows.{room}.steps")
        yield from getattr(module, "STEPS", ())
        if hasattr(module, "build_steps"):
            yield from module.build_steps(storage)


def build_registry(storage: FileStorage) -> Registry:
    """Return all steps, roles, guards, functions and hooks of the award domain.

    Args:
        storage: where dossier files and made documents are kept.

    """
    return Registry.of(
        collect_steps(storage),
        load_roles(),
        guards=GUARDS,
        functions=FUNCTIONS,
        hooks=Hooks(reminders=next_reminder, actor_of=actor_of, people_of=people_of),
        labels=labels.known,
    )

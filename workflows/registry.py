"""The whole of what the diagrams may call, room by room."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from engine.registry import AnyStep, Hooks, Registry
from workflows import labels
from workflows.council import deputies
from workflows.decisions.authority import signer_has_a_form
from workflows.decisions.press import Press
from workflows.documents.storage import FileStorage
from workflows.organisation.queries import actor_of, heads_of, people_of
from workflows.roles import load_roles
from workflows.rooms import ROOMS
from workflows.rulebook.calendar import FUNCTIONS
from workflows.rulebook.deadlines import done_by, next_reminder
from workflows.separation import GUARDS


def collect_steps(storage: FileStorage, press: Press) -> Iterator[AnyStep]:
    """Yield the steps of every room: its `STEPS`, and what its `build_steps` and `build_printing_steps` make.

    `build_steps(storage)` is for steps that touch files, `build_printing_steps(storage, press)` for those that print.

    A room without a `steps` module has no steps; a module that fails to import stops the start.
    """
    for room in ROOMS:
        if find_spec(f"workflows.{room}") is None or find_spec(f"workflows.{room}.steps") is None:
            continue
        module = import_module(f"workflows.{room}.steps")
        yield from getattr(module, "STEPS", ())
        if hasattr(module, "build_steps"):
            yield from module.build_steps(storage)
        if hasattr(module, "build_printing_steps"):
            yield from module.build_printing_steps(storage, press)


def build_registry(storage: FileStorage, fonts: Path | None = None) -> Registry:
    """Return all steps, roles, guards, functions and hooks of the award domain.

    Args:
        storage: where dossier files and made documents are kept.
        fonts: the folder of the faces that papers are printed with; without it every printing is refused.

    """
    return Registry.of(
        collect_steps(storage, Press(fonts)),
        load_roles(),
        guards=(*GUARDS, signer_has_a_form),
        functions=FUNCTIONS,
        hooks=Hooks(
            reminders=next_reminder,
            deadlines=done_by,
            actor_of=actor_of,
            people_of=people_of,
            heads_of=heads_of,
            kept_from=deputies.kept_from,
            approvers=frozenset({"administrator", "director"}),
        ),
        labels=labels.known,
    )

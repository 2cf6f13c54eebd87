"""Door of the shell's own events: sign-ins, files opened, exports, sensitive texts read for a reason."""

from typing import Any

from engine import access
from engine.context import Actor
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter


def record_event(
    engine: Engine, kind: str, actor: Actor, *, business_key: str = "", reason: str | None = None,
    files: tuple[str, ...] = (), **codes: Any,
) -> None:  # fmt: skip
    """Write an event on the `system` chain; `codes` are ids, codes and counts, never a text somebody typed.

    Args:
        reason: why a person asked for what he may otherwise not read; it is kept as a fact.
        files: sha256 of the files concerned.

    Raises:
        ReasonRequiredError: a reason was asked for and is empty or too long.

    """

    def work(transaction: Transaction) -> None:
        event = transaction.system_event(kind, business_key=business_key, **codes)
        event.facts.extend((f"file:{sha256}", sha256) for sha256 in files)
        if reason is not None:
            about = ",".join(f"{name}:{value}" for name, value in sorted(codes.items())) or kind
            event.facts.append(transaction.state_reason(kind, about[:200], access.clean_reason(reason)))

    enter(engine, kind, actor, {"business_key": business_key}, work)

"""The roles of `roles.toml`: what lanes may be named after, and what may be granted or handed on."""

import tomllib
from functools import cache
from pathlib import Path

from engine.registry import Role

ROLES_FILE = Path(__file__).with_name("roles.toml")


@cache
def _entries() -> dict[str, dict[str, object]]:
    return tomllib.loads(ROLES_FILE.read_text(encoding="utf-8"))


def load_roles() -> tuple[Role, ...]:
    """Return the roles of `roles.toml`, in its order."""
    return tuple(Role(key, _text_or_none(entry.get("scope_variable"))) for key, entry in _entries().items())


def deputy_roles() -> frozenset[str]:
    """Return the roles that a dated delegation may hand on."""
    return frozenset(key for key, entry in _entries().items() if entry.get("deputy"))


def voting_roles() -> frozenset[str]:
    """Return the roles whose holders vote: handed on only where the policy lets a deputy vote."""
    return frozenset(key for key, entry in _entries().items() if entry.get("votes"))


def scoped_roles() -> frozenset[str]:
    """Return the roles that are held for one unit."""
    return frozenset(role.key for role in load_roles() if role.scope_variable)


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)

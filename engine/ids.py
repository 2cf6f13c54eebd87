"""Identity and randomness, given to the doors as arguments so that a run can be repeated."""

from collections.abc import MutableSequence
from random import Random, SystemRandom
from typing import Any, Protocol
from uuid import UUID, uuid4


class Ids(Protocol):
    """Makes new identifiers."""

    def new(self) -> UUID:
        """Return an identifier never used before."""
        ...


class RandomIds:
    """Version 4 UUIDs from the operating system."""

    def new(self) -> UUID:
        """Return a random UUID."""
        return uuid4()


class SeededIds:
    """Repeatable identifiers for tests and for building the demo."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - repeatable on purpose, never a secret

    def new(self) -> UUID:
        """Return the next UUID of the seed's series."""
        return UUID(int=self._random.getrandbits(128), version=4)


class Randomness(Protocol):
    """What a step may ask of chance: the order of a ballot box, a receipt code."""

    def shuffle(self, x: MutableSequence[Any]) -> None:
        """Put a list into random order."""
        ...

    def getrandbits(self, k: int, /) -> int:
        """Return `k` random bits."""
        ...


def system_randomness() -> Randomness:
    """Return randomness fit for secrets."""
    return SystemRandom()

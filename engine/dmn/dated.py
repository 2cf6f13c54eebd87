"""The version of a table in force on a day: an end is the next start."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from engine.dmn.errors import NoTableInForceError
from engine.dmn.model import Model


@dataclass(frozen=True, slots=True)
class InForce:
    """A table's version and the days it holds: from `valid_from` until before `valid_until` (None: still)."""

    model: Model
    valid_from: date
    valid_until: date | None

    @property
    def sha256(self) -> str:
        """Hash of the file in force."""
        return self.model.sha256


class TableVersions:
    """All versions of one table, ordered by the day they came into force."""

    def __init__(self, key: str, versions: Iterable[tuple[date, Model]]) -> None:
        self.key = key
        self._versions = sorted(versions, key=lambda version: version[0])
        self._days = [day for day, _ in self._versions]

    def in_force(self, on: date) -> InForce:
        """Return the version in force on a day.

        Raises:
            NoTableInForceError: the first version begins later, or there is none.

        """
        place = bisect_right(self._days, on)
        if place == 0:
            raise NoTableInForceError(f"no table {self.key} in force on {on}", table=self.key, on=on.isoformat())
        until = self._days[place] if place < len(self._days) else None
        return InForce(self._versions[place - 1][1], self._days[place - 1], until)

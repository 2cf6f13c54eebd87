"""The house in June 2025, on both databases, or as a test asks for it on SQLite."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.decisions.house import House


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    opened = House.open(database_url, tmp_path)
    yield opened
    opened.facts.database.dispose()


@pytest.fixture
def open_house(sqlite_url: str, tmp_path: Path) -> Iterator[Callable[..., House]]:
    opened: list[House] = []

    def open_one(**kept: Any) -> House:
        opened.append(House.open(sqlite_url, tmp_path, **kept))
        return opened[-1]

    yield open_one
    for one in opened:
        one.facts.database.dispose()


@pytest.fixture
def small_house(open_house: Callable[..., House]) -> House:
    return open_house()

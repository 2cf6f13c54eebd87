"""A unit with an open round, on SQLite; the path tests run the same services on both databases."""

import pytest

from tests.builders import Facts
from tests.unit.nominations.unit import Bacson


@pytest.fixture
def facts(sqlite_url: str) -> Facts:
    return Facts(sqlite_url)


@pytest.fixture
def bacson(facts: Facts) -> Bacson:
    return Bacson.with_round(facts)

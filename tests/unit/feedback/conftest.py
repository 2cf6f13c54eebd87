"""A filed nomination whose comments are to be collected."""

import pytest

from tests.builders import Facts
from tests.unit.nominations.unit import Bacson


@pytest.fixture
def facts(sqlite_url: str) -> Facts:
    return Facts(sqlite_url)


@pytest.fixture
def bacson(facts: Facts) -> Bacson:
    return Bacson.with_round(facts)

"""An office without people: what these tests add is all there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.office import Office


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    opened = Office.bare(database_url, tmp_path)
    yield opened
    opened.close()

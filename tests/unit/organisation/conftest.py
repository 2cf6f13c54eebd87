"""An office without people: what these tests add is all there is."""

from pathlib import Path

import pytest

from tests.office import Office


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Office:
    return Office.open(database_url, tmp_path, deployed=False)

"""An office with tables in force and a campaign that has neither letter nor round."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.commands.deployments import deploy
from engine.context import SYSTEM, Actor
from tests.office import BPMN, Office
from tests.unit.campaigns.campaign import CHAIR, CampaignOffice, a_campaign


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[CampaignOffice]:
    opened = Office.bare(database_url, tmp_path)
    tables = tmp_path / "bpmn"
    tables.mkdir()
    (tables / "tables").symlink_to(BPMN / "tables")
    deploy(opened.engine, tables, SYSTEM)
    unit_id = opened.act(SYSTEM, "organisation.add_unit", key="bacson", name="Chi cục Bắc Sơn", kind="SUB_DEPARTMENT",
                         valid_from="2019-01-01")["unit_id"]  # fmt: skip
    yield CampaignOffice(opened, a_campaign(opened), str(unit_id))
    opened.close()


@pytest.fixture
def chair() -> Actor:
    return CHAIR

"""An office with tables in force and a campaign that has neither letter nor round."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.commands.deployments import deploy
from engine.context import SYSTEM, Actor
from tests.office import BPMN, Office
from tests.support.templates import Notes, Templates
from tests.unit.campaigns.campaign import CHAIR, CampaignOffice, a_campaign


def lay_down(url: str, folder: Path) -> Notes:
    """An office with the tables, one unit and the campaign."""
    opened = Office.bare(url, folder)
    tables = folder / "bpmn"
    tables.mkdir()
    (tables / "tables").symlink_to(BPMN / "tables")
    deploy(opened.engine, tables, SYSTEM)
    unit_id = opened.act(SYSTEM, "organisation.add_unit", key="bacson", name="Chi cục Bắc Sơn", kind="SUB_DEPARTMENT",
                         valid_from="2019-01-01")["unit_id"]  # fmt: skip
    campaign_id = a_campaign(opened)
    opened.close()
    return {"names": opened.names, "campaign_id": campaign_id, "unit_id": str(unit_id)}


@pytest.fixture
def office(templates: Templates, database_kind: str, tmp_path: Path) -> Iterator[CampaignOffice]:
    with templates.copied("campaign", database_kind, tmp_path / "office", lay_down) as (url, notes):
        opened = Office.reopen(url, tmp_path / "office", notes["names"])
        yield CampaignOffice(opened, notes["campaign_id"], notes["unit_id"])
        opened.close()


@pytest.fixture
def chair() -> Actor:
    return CHAIR

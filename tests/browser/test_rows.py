"""Rows of a list are added and taken away by whoever fills the form, in the language of the page."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import Staff

pytestmark = pytest.mark.xdist_group("pages")


def test_rows_come_and_go_and_keep_their_order(world_staff: Staff) -> None:
    officer = world_staff["officer"]
    officer.go("/do/campaigns.open_round")
    rows = officer.page.locator("[data-items=quotas] .item-row")
    expect(rows).to_have_count(1)
    officer.press("Thêm dòng")
    expect(rows).to_have_count(2)
    rows.nth(1).locator("input").last.fill("7")
    rows.nth(0).get_by_role("button", name="Bỏ dòng").click()
    expect(rows).to_have_count(1)
    left = rows.nth(0).locator("input").last
    expect(left).to_have_value("7")
    assert (left.get_attribute("name") or "").startswith("quotas-0-")
    rows.nth(0).get_by_role("button", name="Bỏ dòng").click()
    expect(left).to_have_value("")
    officer.shot("rows")
    officer.page.locator(".topbar").get_by_role("button", name="English").click()
    officer.go("/do/campaigns.open_round")
    expect(officer.page.get_by_role("button", name="Add a row")).to_be_visible()

"""A member of the council who votes for an absent colleague too, at a real browser and by the keyboard."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import OUTPUT, Album, Staff
from tests.browser.serving import Served, serving
from tests.browser.test_axe import looked_at
from tests.conftest import Once
from tests.web import template
from tests.web.shell import Shell
from tests.web.test_deputy_ballots import KEY, handed_over


@pytest.fixture
def sitting(once: Once, tmp_path: Path) -> Iterator[Served]:
    """The product at a sitting at which a member may cast the ballot of another."""
    office, stages = template.reopen(template.kept(once), tmp_path, seed=31)
    shell = Shell.over(office, stages)
    handed_over(shell, deputy="member2", mode="SECRET")
    with serving(office, office.clock.now(), worker=False) as served:
        yield served


def test_two_ballots_one_after_the_other(browser: Browser, sitting: Served) -> None:
    with Staff(browser, sitting.url, Album(OUTPUT / "deputy-ballots")).at_work() as staff:
        deputy = staff["member2"]
        deputy.sees("thay Bế Văn Minh")
        deputy.shot("queue", phone=True)
        deputy.go(f"/council/{KEY}")
        deputy.sees("Phiếu của tôi", "Phiếu bỏ thay Bế Văn Minh")
        assert looked_at(deputy.page) == []
        deputy.shot("sitting", phone=True)
        deputy.page.locator("main").get_by_role("link", name="Bỏ phiếu lần lượt").first.click()
        deputy.sees("Tôi không có lợi ích liên quan")
        deputy.listens()
        deputy.page.keyboard.press("1")
        deputy.page.keyboard.press("Control+Enter")
        deputy.sees("Bỏ phiếu thay Bế Văn Minh.", "Nếu bạn có lợi ích liên quan thì không bỏ phiếu này")
        expect(deputy.page.get_by_role("alert").or_(deputy.page.locator("#alerts"))).to_contain_text("Mã biên nhận")
        deputy.listens()
        assert looked_at(deputy.page) == []
        deputy.shot("ballot-of-another", phone=True)
        expect(deputy.page.get_by_role("button", name=re.compile("Bỏ phiếu thay Bế Văn Minh"))).to_be_visible()
        deputy.page.keyboard.press("2")
        deputy.page.keyboard.press("Control+Enter")
        deputy.sees("Không còn phiếu nào chờ bỏ thay Bế Văn Minh.")
        deputy.shot("all-cast")
        member = staff["member"]
        member.go(f"/council/{KEY}")
        member.sees("Bạn đã ủy quyền cho Chu Thị Nga bỏ phiếu thay.")
        member.shot("what-the-member-reads")

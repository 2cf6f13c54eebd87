"""An operator puts a case right at a real browser: every value is chosen by its words, two people read the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import OUTPUT, Album, Staff
from tests.browser.serving import Served, serving
from tests.browser.test_axe import looked_at
from tests.conftest import Once
from tests.office import Case
from tests.web import template
from tests.web.shell import Shell


@pytest.fixture
def voting(once: Once, tmp_path: Path) -> Iterator[tuple[Served, Case]]:
    """The product with a case whose ballots are out."""
    office, stages = template.reopen(template.kept(once), tmp_path, seed=32)
    shell = Shell.over(office, stages)
    with serving(office, office.clock.now(), worker=False) as served:
        yield served, shell.case("open_vote")


def unfold(page: Page, name: str) -> None:
    """Open the line of a value."""
    page.locator(f'li > details:has([id="value-{name}"]) > summary').last.click()


def test_a_case_is_put_right_by_words_alone(browser: Browser, voting: tuple[Served, Case]) -> None:
    served, case = voting
    with Staff(browser, served.url, Album(OUTPUT / "repairing")).at_work() as staff:
        admin = staff["admin"]
        admin.go(f"/admin/cases/{case.id}/repair")
        page = admin.page
        unfold(page, "proposed_form")
        page.locator("#value-proposed_form").select_option(label="Bằng khen của Bộ trưởng Bộ Tư pháp")
        unfold(page, "checker_id")
        page.locator("#find-checker_id").fill("nong van duong")
        expect(page.locator("#options-checker_id .choice")).to_have_count(4)
        page.locator("#options-checker_id").get_by_label("Nông Văn Dương – Trưởng phòng – Phòng Tổ chức cán bộ").check()
        unfold(page, "ballot_deadline_at")
        page.locator("#value-ballot_deadline_at").fill("chiều mai")
        admin.press("Xem trước")
        expect(page.locator("#error-summary")).to_be_focused()
        expect(page.locator("#error-summary a")).to_have_count(2)
        admin.sees("Đây không phải là giờ và ngày.")
        expect(page.locator("#value-proposed_form")).to_have_value("BANG_KHEN_BO_TRUONG")
        assert looked_at(page) == []
        admin.shot("mend", phone=True)
        page.locator("#value-ballot_deadline_at").fill("17:00 02/06/2025")
        page.locator("#reason").fill("Đơn vị ghi nhầm, đã có công văn đính chính.")
        admin.press("Xem trước")
        seen = (
            "Hạn bỏ phiếu: 08:00 28/05/2025 → 17:00 02/06/2025",
            "Hình thức đề nghị: Giấy khen → Bằng khen của Bộ trưởng Bộ Tư pháp",
            "Người kiểm tra: Vi Thị Én → Nông Văn Dương",
        )
        admin.sees(*seen)
        assert looked_at(page) == []
        admin.press("Gửi phê duyệt")
        admin.sees("Chờ phê duyệt", *seen)
        other = staff["admin2"]
        other.go(page.url.removeprefix(served.url))
        other.sees(*seen)
        other.shot("second-person", phone=True)
        other.press("Phê duyệt và thực hiện")
        other.sees("Đã phê duyệt, đã thực hiện")
    assert case.variables["proposed_form"] == "BANG_KHEN_BO_TRUONG"
    assert case.variables["checker_id"] == case.office.people["secretary"]

"""A deputy head before the signature, at a real browser: the paper follows the choice, with the script and without."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import OUTPUT, Album, Person, Staff
from tests.browser.serving import Served, serving
from tests.browser.test_axe import looked_at
from tests.conftest import Once
from tests.web import template
from tests.web.shell import Shell
from tests.web.test_signing_preview import hands_the_pen

KT, Q = "KT. CỤC TRƯỞNG", "Q. CỤC TRƯỞNG"


@pytest.fixture
def office_with_two(once: Once, tmp_path: Path) -> Iterator[tuple[Served, str]]:
    """The product with a decision that a deputy head may sign in two capacities, and where its task is."""
    office, stages = template.reopen(template.kept(once), tmp_path, seed=41)
    shell = Shell.over(office, stages)
    hands_the_pen(shell.case("signing"), "sign_decision")
    task = shell.case("signing").task("sign_decision", "deputy")
    with serving(office, office.clock.now(), worker=False) as served:
        yield served, f"/tasks/{task.id}"


def test_the_paper_follows_the_choice(browser: Browser, office_with_two: tuple[Served, str]) -> None:
    served, path = office_with_two
    with Staff(browser, served.url, Album(OUTPUT / "signing-preview")).at_work() as staff:
        deputy = staff["deputy"]
        deputy.go(path)
        shown = deputy.page.locator("#signing")
        expect(shown).to_contain_text(KT)
        expect(shown).to_contain_text(Q)
        deputy.shot("either-capacity", phone=True)
        deputy.choose("Quyền Thủ trưởng (Q.), theo quyết định giao quyền")
        expect(shown).not_to_contain_text(KT)
        expect(shown).to_contain_text(Q)
        deputy.choose("Ký thay Thủ trưởng (KT.)")
        expect(shown).to_contain_text(KT)
        expect(shown).not_to_contain_text(Q)
        expect(deputy.page.locator('[name="capacity"][value="FOR_HEAD"]')).to_be_checked()
        assert looked_at(deputy.page) == []
        deputy.shot("chosen", phone=True)
        confirm(deputy)
        deputy.send()
        deputy.done()
        deputy.shot("signed")


def test_without_the_script_it_is_shown_before_it_is_signed(
    browser: Browser, office_with_two: tuple[Served, str]
) -> None:
    served, path = office_with_two
    with Staff(browser, served.url, Album(OUTPUT / "signing-preview-plain")).at_work() as staff:
        context = staff.context(java_script_enabled=False)
        deputy = Person("deputy", served.url, context.new_page(), staff.album).sign_in()
        deputy.go(path)
        shown = deputy.page.locator("#signing")
        deputy.choose("Quyền Thủ trưởng (Q.), theo quyết định giao quyền")
        confirm(deputy)
        deputy.press("Gửi")
        expect(shown).to_contain_text("Chưa ký. Đây là văn bản theo lựa chọn bạn vừa gửi")
        expect(shown).to_contain_text(Q)
        expect(shown).not_to_contain_text(KT)
        deputy.shot("shown-first", phone=True)
        deputy.choose("Ký thay Thủ trưởng (KT.)")
        deputy.press("Xem lại theo lựa chọn trong biểu mẫu")
        expect(shown).to_contain_text(KT)
        expect(shown).not_to_contain_text("Chưa ký.")
        deputy.press("Gửi")
        deputy.done()


def confirm(person: Person) -> None:
    """Tick that the paper was read."""
    person.page.locator('main form [name="confirm"]').check()

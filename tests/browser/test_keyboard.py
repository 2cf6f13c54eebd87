"""Work without a mouse, and nothing typed is lost: drafts, an expired session, a page that has become stale."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import DESKTOP, PHONE, Person, Staff
from tests.browser.serving import PASSWORD
from tests.browser.worlds import World
from tests.office import PDF, PEOPLE

pytestmark = pytest.mark.xdist_group("pages")


def focused(page: Page) -> str:
    """What the focused element says."""
    said: str = page.evaluate("document.activeElement.innerText")
    return said


def draft_of(world: World, staff: Staff) -> Person:
    """The head of the unit at the form of a draft."""
    head = staff["head"]
    head.open_mine("Lập và nộp hồ sơ đề nghị", world.stages["draft"])
    head.listens()
    return head


def test_rows_are_walked_and_opened_by_keys(world_staff: Staff) -> None:
    head = world_staff["head"]
    keys = head.page.keyboard
    head.listens()
    keys.press("j")
    first = focused(head.page)
    keys.press("j")
    second = focused(head.page)
    keys.press("k")
    assert focused(head.page) == first != second
    keys.press("Enter")
    expect(head.page.get_by_role("heading", level=1)).to_contain_text(first)


def test_keys_are_explained(world_staff: Staff) -> None:
    colleague = world_staff["staff"]
    page = colleague.page
    colleague.listens()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Ctrl")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox").first).to_be_focused()


def test_focus_goes_to_what_must_be_mended(world_staff: Staff, served_world: World) -> None:
    head = draft_of(served_world, world_staff)
    head.type(achievement="")
    head.send()
    head.refused("achievement", "Cần điền mục này.")
    head.page.keyboard.press("Tab")
    expect(head.page.locator("#error-summary a").first).to_be_focused()
    head.page.locator("#error-summary a", has_text="Thành tích đề nghị").press("Enter")
    expect(head.page.locator('[name="achievement"]')).to_be_focused()


def test_draft_is_kept_while_typing(world_staff: Staff, served_world: World) -> None:
    head = draft_of(served_world, world_staff)
    head.type(achievement="Cải tiến tiếp dân")  # at one stroke: between two keys of a busy machine a part may be kept
    expect(head.page.locator("#autosave")).to_contain_text("Đã lưu nháp")
    head.page.reload()
    expect(head.page.locator('[name="achievement"]')).to_have_value("Cải tiến tiếp dân")
    expect(head.page.locator("#autosave")).to_contain_text("Đang dùng bản nháp đã lưu.")


def test_the_file_button_is_reached_by_keys_and_says_in_its_own_words_what_was_chosen(
    world_staff: Staff, served_world: World
) -> None:
    page = draft_of(served_world, world_staff).page
    page.on("filechooser", lambda _chooser: None)  # told long before the key, that choosers come to the test
    face, control = page.locator("#files .file-face"), page.get_by_label("Tệp", exact=True)
    expect(face).to_have_text("Chọn tệpChưa chọn tệp nào")
    page.locator("#file-kind").focus()
    page.keyboard.press("Tab")
    expect(control).to_be_focused()
    control.set_input_files({"name": "Biên bản họp.pdf", "mimeType": "application/pdf", "buffer": PDF % b"hop"})
    expect(face).to_contain_text("Biên bản họp.pdf")
    control.set_input_files([])
    expect(face).to_contain_text("Chưa chọn tệp nào")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_one_of_two_file_buttons_is_to_be_seen(world_staff: Staff, served_world: World, *, script: bool) -> None:
    head = draft_of(served_world, world_staff)
    plain = world_staff.context(java_script_enabled=script, storage_state=head.page.context.storage_state()).new_page()
    plain.goto(head.page.url)
    seen = plain.locator("#file").evaluate("(control) => getComputedStyle(control).opacity")
    assert seen == ("0" if script else "1")
    expect(plain.locator("#files .file-face")).to_be_visible(visible=script)
    plain.context.close()


def test_what_a_finger_presses_is_high_enough(world_staff: Staff, served_world: World) -> None:
    page = draft_of(served_world, world_staff).page
    page.set_viewport_size(PHONE)
    low = page.evaluate("""[...document.querySelectorAll('button, .btn, summary, select, .form-control')]
      .filter((one) => one.checkVisibility() && !one.closest('.visually-hidden'))
      .filter((one) => one.getBoundingClientRect().height < 40).map((one) => one.outerHTML)""")
    page.set_viewport_size(DESKTOP)
    assert low == []


def sign_out_elsewhere(staff: Staff, person: Person) -> None:
    """The same session ends in another window."""
    other = staff.context()
    other.add_cookies(person.page.context.cookies())  # type: ignore[arg-type]
    page = other.new_page()
    page.goto(f"{staff.url}/tasks")
    page.locator(".topbar .menu summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_text("Đã đăng xuất.")).to_be_visible()
    other.close()


def sign_in_again(person: Person) -> None:
    """Give name and password where one stands, and go on."""
    person.sees("Nội dung vừa nhập được giữ lại")
    person.page.get_by_label("Tên đăng nhập").fill(person.who)
    person.page.get_by_label("Mật khẩu").fill(PASSWORD)
    person.press("Đăng nhập")
    person.press("Trở lại biểu mẫu")


def test_expired_session_keeps_what_was_typed(world_staff: Staff, served_world: World) -> None:
    head = draft_of(served_world, world_staff)
    sign_out_elsewhere(world_staff, head)
    head.type(summary="Những dòng này không được mất.")
    head.send()
    sign_in_again(head)
    expect(head.page.locator('[name="summary"]')).to_have_value("Những dòng này không được mất.")
    head.sees("chưa gửi")


def test_expired_session_keeps_a_comment_and_its_case(world_staff: Staff, served_world: World) -> None:
    colleague = world_staff["staff"]
    colleague.nav("Hồ sơ đề nghị")
    colleague.page.locator("tr", has_text=served_world.stages["feedback"]).get_by_role("link").click()
    colleague.follow("Góp ý về đề nghị khen thưởng")
    sign_out_elsewhere(world_staff, colleague)
    colleague.choose("Góp ý, trao đổi thêm")
    colleague.type(text="Đề nghị nêu rõ số liệu năm 2024.")
    colleague.send()
    sign_in_again(colleague)
    expect(colleague.page.locator('[name="text"]')).to_have_value("Đề nghị nêu rõ số liệu năm 2024.")
    colleague.send()
    colleague.sees("Đã ghi nhận: Góp ý về đề nghị khen thưởng")


@pytest.mark.slow
def test_stale_page_says_who_did_what_and_keeps_mine(world_staff: Staff, served_world: World) -> None:
    director, key = world_staff["director"], served_world.stages["director"]
    director.open_mine("Quyết định hình thức khen thưởng", key)
    second = director.page.context.new_page()
    second.goto(director.page.url)
    second.get_by_label("Tặng Giấy khen").check()
    second.get_by_role("button", name="Gửi").click()
    expect(second.get_by_role("heading", name="Đã ghi nhận")).to_be_visible()
    director.choose("Không khen")
    director.type(reason="Cần xem lại thành tích.")
    director.send()
    director.sees("Chưa gửi được", PEOPLE["director"][0], "Không khen", "Cần xem lại thành tích.")
    director.shot("stale-page")

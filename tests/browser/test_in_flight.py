"""What a person does while an answer is on its way stands: nothing moves under the cursor, no choice is lost."""

import re

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from tests.browser.people import Staff
from tests.browser.test_keyboard import focused

pytestmark = pytest.mark.xdist_group("pages")

ANSWERED = """document.body.addEventListener('htmx:afterRequest', () => { window.answered = true; })"""
POLL_MILLISECONDS = 31_000


def held_back(page: Page, path: str) -> list[Route]:
    """Hold back what scripts ask of a path from now on, until the test lets it go."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.headers.get("hx-request"):
            held.append(route)
        else:
            route.continue_()

    page.route(re.compile(re.escape(path)), hold)
    page.evaluate(ANSWERED)
    return held


def test_a_list_that_refreshes_itself_leaves_the_row_one_has_gone_to(world_staff: Staff) -> None:
    head = world_staff["head"]
    page = head.page
    page.clock.install()
    head.go("/tasks")
    held = held_back(page, "/tasks")
    with page.expect_request(lambda request: request.headers.get("hx-target") == "rows"):
        page.clock.fast_forward(POLL_MILLISECONDS)
    page.keyboard.press("j")
    row = focused(page)
    assert row
    held[0].continue_()
    page.wait_for_function("() => window.answered")
    assert focused(page) == row


def test_a_choice_made_while_a_search_is_out_is_kept(world_staff: Staff) -> None:
    head = world_staff["head"]
    page = head.page
    head.go("/proposals/new")
    held = held_back(page, "/proposals/new")
    with page.expect_request(lambda request: request.headers.get("hx-target") == "candidates"):
        page.get_by_label("Tìm theo tên").fill("thi")
    chosen = page.locator("#candidates input").first
    chosen.check()
    held[0].continue_()
    page.wait_for_function("() => window.answered")
    expect(chosen).to_be_checked()


def test_who_goes_on_before_the_script_is_there_is_not_thrown_back(world_staff: Staff) -> None:
    head = world_staff["head"]
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    head.go("/proposals/new")
    head.page.route(re.compile(r"/static/app-\w+\.js$"), hold)
    head.press("Mở hồ sơ")
    expect(head.page.locator("#error-summary")).to_be_focused()
    head.page.keyboard.press("Tab")
    first = head.page.locator("#error-summary a").first
    expect(first).to_be_focused()
    held[0].continue_()
    head.listens()
    expect(first).to_be_focused()


def test_the_keys_are_put_away_as_often_as_they_are_shown(world_staff: Staff) -> None:
    colleague = world_staff["staff"]
    colleague.listens()
    dialog = colleague.page.get_by_role("dialog")
    for _time in range(2):
        colleague.page.keyboard.press("?")
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name="Đóng").click()
        expect(dialog).to_be_hidden()


def test_one_is_asked_about_what_was_typed_when_leaving_and_not_when_sending(world_staff: Staff) -> None:
    admin = world_staff["admin"]
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    admin.page.on("dialog", answer)
    admin.go("/modeller/new-process")
    admin.type(name="Lấy ý kiến Công đoàn")
    admin.press("Bắt đầu vẽ")
    admin.refused("role", "Cần điền mục này.")
    assert asked == []
    admin.listens()
    admin.type(name="Tên khác")
    admin.go("/modeller")
    assert asked == ["beforeunload"]

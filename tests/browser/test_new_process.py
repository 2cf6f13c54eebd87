"""A process drawn from nothing: named, drawn, mended, tried, proposed, approved by a second person, then called."""

import re

import pytest
from playwright.sync_api import Page, expect

from engine import queries
from tests.browser.people import PHONE, Person, Staff
from tests.browser.serving import Served
from tests.browser.test_axe import AXE, RUN
from tests.browser.test_modeller import SAVED, choose, marked, sees_findings
from tests.diagrams.test_layout import DIAGRAMS
from tests.paths import stories
from tests.support.new_process import approve, calling

pytestmark = pytest.mark.xdist_group("modeller")

KEY, NAME, NAME_EN = "union_opinion", "Lấy ý kiến Công đoàn", "Opinion of the union"
ANSWER, ANSWER_EN = "Công đoàn trả lời", "The union answers"
STEP = "notes.give_opinion"
MIDDLE = """(id) => {
  const get = (name) => window.thiduaModeler.get(name);
  const box = get('canvas').getContainer().getBoundingClientRect();
  const view = get('canvas').viewbox();
  const ends = get('elementRegistry').get(id).waypoints;
  const middle = (axis) => (ends[0][axis] + ends[ends.length - 1][axis]) / 2;
  return [box.x + (middle('x') - view.x) * view.scale, box.y + (middle('y') - view.y) * view.scale];
}"""
KEPT = "(name) => Object.values(localStorage).some((one) => JSON.parse(one)?.name === name)"
NEWEST = """() => window.thiduaModeler.get('elementRegistry').filter((one) => one.type === 'bpmn:UserTask')
  .map((one) => one.id).find((id) => id !== 'give_opinion')"""


def begin(admin: Person) -> Page:
    """Say what the process is; what is wrong stands beside its field, and what was typed stays."""
    page = admin.page
    admin.go("/modeller")
    admin.follow("Quy trình mới")
    admin.shot("new-process", phone=True)
    admin.type(name=NAME, key="Công đoàn")
    page.locator("[name=step]").select_option(STEP)
    admin.press("Bắt đầu vẽ")
    admin.refused("key", "Mã gồm từ 3 đến 40 chữ thường không dấu")
    admin.refused("role", "Cần điền mục này.")
    expect(page.locator("[name=name]")).to_have_value(NAME)
    expect(page.locator("[name=step]")).to_have_value(STEP)
    admin.shot("new-process-refused", phone=True)
    admin.type(name_en=NAME_EN, key=KEY)
    page.locator("[name=role]").select_option("office_officer")
    admin.press("Bắt đầu vẽ")
    expect(page.locator("[data-modeller][data-ready]")).to_be_attached()
    admin.sees(f"Vẽ quy trình mới: {NAME}")
    sees_findings(page, 0)
    admin.shot("first-drawing", phone=True)
    return page


def draw(admin: Person) -> None:
    """Drop a second task upon the last flow; the faults lead to what it still needs."""
    page = admin.page
    x, y = page.evaluate(MIDDLE, f"fl_give_opinion__end_{KEY}")
    page.locator('.djs-palette [data-action="create.user-task"]').click()
    page.mouse.move(x - 30, y)
    page.mouse.move(x, y, steps=4)
    page.mouse.click(x, y)
    expect(page.locator("[data-part=findings]")).to_contain_text("Chưa đặt tên.")
    second = page.evaluate(NEWEST)
    marked(page, second, "has-finding")
    page.locator("#tab-findings").click()
    admin.shot("faults-of-the-drawing")
    choose(page, second)
    page.locator("[data-field=name]").fill(ANSWER)
    page.locator("[data-field=name_en]").fill(ANSWER_EN)
    page.locator("[data-field=step]").select_option(STEP)
    sees_findings(page, 0)
    choose(page, "")
    expect(page.locator("[data-field=process-name-en]")).to_have_value(NAME_EN)
    page.locator("[data-field=process-name-en]").fill("")
    sees_findings(page, 1)
    page.locator("#tab-findings").click()
    page.locator("[data-part=findings]").get_by_role("button", name=KEY).click()
    page.locator("[data-field=process-name-en]").fill(NAME_EN)
    sees_findings(page, 0)
    page.locator("[data-field=process-name]").fill(f"{NAME} cơ sở")
    pool = page.evaluate(f"() => window.thiduaModeler.get('elementRegistry').get('pool_{KEY}').businessObject.name")
    assert pool == f"{NAME} cơ sở", "the pool is renamed with its process"
    page.locator("[data-field=process-name]").fill(NAME)
    admin.shot("names-of-the-process")


def leave_and_come_back(admin: Person) -> None:
    """What is drawn waits in the browser: the list of processes leads back to it."""
    page = admin.page
    page.wait_for_function(KEPT, arg=NAME)
    page.once("dialog", lambda dialog: dialog.accept())
    admin.go("/modeller")
    expect(page.locator("[data-drafts]")).to_contain_text("Bản vẽ dở trong trình duyệt này")
    expect(page.locator("[data-drafts]")).to_be_visible()
    admin.shot("unfinished-drawings", phone=True)
    admin.follow(NAME)
    expect(page.locator("[data-modeller][data-ready]")).to_be_attached()
    expect(page.locator("[data-part=restored]")).to_be_visible()
    expect(page.locator("h1")).to_have_text(f"Vẽ quy trình mới: {NAME}")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN) == []


def try_out(admin: Person) -> None:
    page = admin.page
    page.locator("#tab-trial").click()
    trial = page.locator("[data-part=trial]")
    trial.get_by_role("button", name="Bắt đầu thử").click()
    for task in ("Cho ý kiến về hồ sơ", ANSWER):
        card = trial.locator(".trial-card", has_text=task)
        card.locator("[data-field=trial-opinion]").select_option("AGREE")
        card.get_by_role("button", name="Làm xong").click()
    expect(trial).to_contain_text("Đã kết thúc: Hoàn thành")
    marked(page, f"end_{KEY}", "trial-done")
    admin.shot("trial-of-the-drawing")


def propose(admin: Person) -> str:
    page = admin.page
    page.locator("#tab-compare").click()
    page.get_by_role("button", name="So sánh", exact=True).click()
    expect(page.locator("[data-part=compare]")).to_contain_text("bỏ 0, sửa 0")
    page.locator("#tab-propose").click()
    page.locator("[data-part=propose] textarea").fill("Quy chế phối hợp mới: hỏi Công đoàn trước khi xét.")
    admin.shot("proposal-of-the-drawing")
    page.locator("[data-part=propose] [type=submit]").click()
    page.wait_for_url("**/changes/**")
    expect(page.locator("h1")).to_contain_text(f"Quy trình mới: {NAME}")
    admin.shot("proposed-process", phone=True)
    where = page.url.removeprefix(admin.url)
    admin.go("/modeller")
    admin.sees(NAME, "1 bản sửa đổi chờ phê duyệt")
    expect(page.locator("[data-drafts]")).to_be_hidden()
    admin.shot("waiting-process", phone=True)
    return where


def approved(second: Person, change: str) -> None:
    second.go(change)
    second.follow("Thẩm tra, phê duyệt bản sửa đổi")
    second.press("Nhận việc")
    second.shot("review-of-the-new-process")
    second.choose("Phê duyệt")
    second.send()
    second.done()
    second.go("/modeller")
    second.follow(NAME)
    expect(second.page.locator("[data-modeller][data-ready]")).to_be_attached()
    second.sees("Đang sửa từ phiên bản 1.")
    second.shot("process-in-force")


def test_a_process_from_nothing_to_the_second_persons_approval_and_a_case(staff: Staff, served: Served) -> None:
    admin, office = staff["admin"], served.office
    begin(admin)
    draw(admin)
    leave_and_come_back(admin)
    try_out(admin)
    approved(staff["admin2"], propose(admin))
    (made,) = [view for view in queries.list_deployments(office.engine) if view.key == KEY]
    assert (made.version, made.deployed_by) == (1, office.people["admin2"])

    admin.go("/modeller/nomination")
    expect(admin.page.locator("[data-modeller][data-ready]")).to_be_attached()
    choose(admin.page, "intake")
    expect(admin.page.locator("[data-field=called] option", has_text=NAME)).to_have_count(1)
    approve(office, calling(queries.diagram_xml(office.engine, None, "nomination").decode()))
    case = stories.accepted(office, stories.filed(office))
    clerk = staff["office"]
    clerk.take("Cho ý kiến về hồ sơ", case.key)
    clerk.choose("Đồng ý")
    clerk.shot("task-of-the-new-process", phone=True)
    clerk.send()
    clerk.done(ANSWER)
    clerk.page.get_by_role("button", name="English").click()
    clerk.go("/tasks/group")
    clerk.sees(ANSWER_EN)
    clerk.shot("queue-in-english")
    clerk.page.locator("main tr", has_text=case.key).get_by_role("link", name=ANSWER_EN).click()
    clerk.sees(NAME_EN)
    clerk.shot("task-in-english", phone=True)
    admin.go(f"/modeller/new-process/{KEY}")
    expect(admin.page).to_have_url(re.compile(f"/modeller/{KEY}$"))


def test_a_browser_that_knows_no_drawing_is_led_to_the_form(world_staff: Staff) -> None:
    admin = world_staff["admin"]
    admin.go("/modeller/new-process/nobody_drew_this")
    admin.page.wait_for_url("**/modeller/new-process")
    admin.sees("Quy trình mới")
    admin.page.get_by_role("button", name="English").click()
    admin.go("/modeller/new-process?key=nomination")
    admin.sees("There is a process with this key.")
    admin.shot("form-in-english", phone=True)
    admin.page.get_by_role("button", name="Tiếng Việt").click()


def test_a_copy_of_another_process_is_a_beginning_too(world_staff: Staff) -> None:
    """A downloaded diagram opened on a new process takes its key and names; elements keep theirs."""
    admin = world_staff["admin"]
    page = admin.page
    admin.go(f"/modeller/new-process/second_intake?name=Tiếp nhận lại&name_en=Second intake&role=director&step={STEP}")
    expect(page.locator("[data-modeller][data-ready]")).to_be_attached()
    sees_findings(page, 0)
    page.locator("[data-part=file]").set_input_files(next(path for path in DIAGRAMS if path.stem == "intake"))
    findings = page.locator("[data-part=findings]")
    expect(findings).to_contain_text("Dùng một biến chưa ai đặt ra hay khai báo.")  # of the copy; the first had none
    expect(page.locator("h1")).to_have_text("Vẽ quy trình mới: Tiếp nhận lại")
    choose(page, "")
    expect(page.locator("[data-field=process-name-en]")).to_have_value("Second intake")
    page.locator("#tab-findings").click()
    for none in ("Mã bị trùng.", "điền tên tiếng Anh"):
        expect(findings).not_to_contain_text(none)
    admin.shot("a-copy")
    saved = page.evaluate(SAVED)
    assert 'id="second_intake" name="Tiếp nhận lại"' in saved
    assert 'name="Tiếp nhận lại" processRef="second_intake"' in saved
    page.once("dialog", lambda dialog: dialog.accept())
    admin.go("/modeller")


def test_on_a_phone_the_first_drawing_is_read_only(world_staff: Staff) -> None:
    admin = world_staff["admin"]
    admin.page.set_viewport_size(PHONE)
    admin.go(f"/modeller/new-process/probe?name=Thử&name_en=Probe&role=director&step={STEP}")
    admin.sees("Vẽ quy trình cần màn hình rộng hơn")
    expect(admin.page.locator(".modeller-narrow svg")).to_be_visible()
    admin.shot("phone")

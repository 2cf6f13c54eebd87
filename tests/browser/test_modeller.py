"""The modeller page as two administrators meet it: draw, choose, mend, try, propose; approve; a version runs."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine import queries
from tests.browser.people import DESKTOP, PHONE, Person, Staff
from tests.browser.serving import Served
from tests.browser.test_axe import AXE, RUN
from tests.browser.test_bpmn_js import meaning
from tests.diagrams.test_layout import DIAGRAMS
from tests.paths import stories

pytestmark = pytest.mark.xdist_group("modeller")

SAVED = "async () => (await window.thiduaModeler.saveXML({ format: true })).xml"
FIRST_TASK = "() => window.thiduaModeler.get('elementRegistry').find((one) => one.type === 'bpmn:UserTask').id"
DRAFTING, NEW_NAME = "draft_proposal", "Lập hồ sơ và nộp"


def opened(person: Person, process: str) -> Page:
    """The editor of a process, ready to be used."""
    person.go(f"/modeller/{process}")
    expect(person.page.locator("[data-modeller][data-ready]")).to_be_attached()
    return person.page


def choose(page: Page, element: str) -> None:
    """Choose an element out of the list, as whoever works by keyboard does."""
    page.locator("#tab-element").click()
    page.locator("[data-field=element]").select_option(element)


def sees_findings(page: Page, count: int) -> None:
    """The checker has answered, and the tab of faults tells how many there are."""
    expect(page.locator("[data-part=findings][data-checked]")).to_be_attached()
    expect(page.locator("[data-part=count]")).to_have_text(f" ({count})" if count else "")


def marked(page: Page, element: str, name: str) -> None:
    """An element on the drawing bears a mark."""
    expect(page.locator(f'[data-element-id="{element}"].djs-element')).to_have_class(re.compile(rf"\b{name}\b"))


def edit(admin: Person) -> Page:
    """Change a name and a reminder; take the step away and choose it again, while the fault appears and vanishes."""
    page = opened(admin, "nomination")
    admin.shot("editor", phone=True)
    choose(page, DRAFTING)
    page.locator("[data-field=name]").fill(NEW_NAME)
    page.locator("[data-field=reminder]").select_option("supplement")
    page.locator("[data-field=step]").select_option("")
    sees_findings(page, 1)
    marked(page, DRAFTING, "has-finding")
    expect(page.locator(".finding-badge")).to_have_text("1")
    admin.shot("fault-on-the-element")
    page.locator("#tab-findings").click()
    expect(page.locator("[data-part=findings]")).to_contain_text("Chưa chọn bước.")
    admin.shot("faults")
    expect(page.locator("[data-part=propose] [type=submit]")).to_be_disabled()
    page.locator("[data-part=findings]").get_by_role("button", name=DRAFTING).click()
    page.locator("[data-field=step]").select_option("nominations.submit_proposal")
    sees_findings(page, 0)
    expect(page.locator(".finding-badge")).to_have_count(0)
    return page


def try_out(admin: Person) -> None:
    """Walk the changed drawing to its end; the path is drawn."""
    page = admin.page
    page.locator("#tab-trial").click()
    trial = page.locator("[data-part=trial]")
    trial.get_by_role("button", name="Bắt đầu thử").click()
    card = trial.locator(".trial-card", has_text=NEW_NAME)
    card.filter(has_text="Việc của người").get_by_role("button", name="Làm xong").click()
    expect(trial).to_contain_text("Kiểm tra")
    expect(trial.locator(":focus")).to_have_count(1)
    marked(page, "fl_draft_proposal__intake", "trial-taken")
    marked(page, "intake", "trial-here")
    admin.shot("trial")
    withdrawn = trial.locator(".trial-card", has_text="Chờ tin nhắn").first
    withdrawn.get_by_role("button", name="Có tin nhắn").click()
    expect(trial).to_contain_text("Đã kết thúc: Rút đề nghị")
    marked(page, "end_withdrawn", "trial-done")
    admin.shot("trial-ended")


def propose(admin: Person) -> str:
    """Compare with the version in force, then propose; return the key of the change."""
    page = admin.page
    page.locator("#tab-compare").click()
    page.get_by_role("button", name="So sánh", exact=True).click()
    expect(page.locator("[data-part=compare]")).to_contain_text("Thêm 0, bỏ 0, sửa 1")
    expect(page.locator("[data-part=compare] svg")).to_be_visible()
    admin.shot("comparison")
    page.locator("#tab-propose").click()
    reason = page.locator("[data-part=propose] textarea")
    page.locator("[data-part=propose] [type=submit]").click()
    expect(page.locator("[data-part=propose] [data-error]")).to_be_visible()
    reason.fill("Gọi đúng tên bước theo quy chế mới.")
    admin.shot("proposal")
    page.locator("[data-part=propose] [type=submit]").click()
    page.wait_for_url("**/changes/**")
    expect(page.locator("h1")).to_contain_text("Quy trình: Xét khen thưởng")
    admin.sees("Gọi đúng tên bước theo quy chế mới.", "Rút bản sửa đổi", NEW_NAME)
    admin.shot("change-of-the-proposer", phone=True)
    return page.url.removeprefix(admin.url)


def approve(second: Person, change: str) -> None:
    """Another administrator looks at the difference and approves."""
    second.go(change)
    second.shot("change-of-the-second-person")
    second.follow("Thẩm tra, phê duyệt bản sửa đổi")
    second.press("Nhận việc")
    second.choose("Phê duyệt")
    second.send()
    second.done()
    second.go(change)
    second.sees("Đã phê duyệt")
    second.go("/changes")
    second.shot("changes", phone=True)


def test_a_change_of_a_process(staff: Staff, served: Served) -> None:
    admin, office = staff["admin"], served.office
    before = stories.opened(office)
    edit(admin)
    try_out(admin)
    approve(staff["admin2"], propose(admin))
    after = stories.opened(office, nominee="nominee2")
    assert (before.view.version, after.view.version) == (1, 2)
    head = staff["head"]
    head.go("/tasks")
    head.sees(NEW_NAME)
    deployed = [view for view in queries.list_deployments(office.engine) if view.key == "nomination"]
    assert [view.deployed_by for view in deployed] == [office.people["admin2"], "system"]
    assert queries.diagram_xml(office.engine, before.id, "nomination") != queries.diagram_xml(
        office.engine, after.id, "nomination"
    )
    opened(admin, "nomination")
    admin.shot("new-version")


def test_what_is_drawn_is_kept_and_leaving_warns(world_staff: Staff) -> None:
    admin = world_staff["admin"]
    asked: list[str] = []
    page = opened(admin, "feedback")
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    first = page.evaluate(FIRST_TASK)
    choose(page, first)
    page.locator("[data-field=name]").fill("Tên khác hẳn")
    expect(page.locator("[data-part=kept]")).to_contain_text("Đã giữ bản nháp")
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.locator("[data-modeller][data-ready]")).to_be_attached()
    expect(page.locator("[data-part=restored]")).to_be_visible()
    choose(page, first)
    expect(page.locator("[data-field=name]")).to_have_value("Tên khác hẳn")
    admin.shot("restored")
    page.locator("[data-part=restored]").get_by_role("button", name="Bỏ bản nháp").click()
    expect(page.locator("[data-part=restored]")).to_be_hidden()
    expect(page.locator("#tab-element")).to_be_focused()
    choose(page, first)
    expect(page.locator("[data-field=name]")).not_to_have_value("Tên khác hẳn")


def test_a_file_is_opened_in_place_of_the_one_in_force(world_staff: Staff, tmp_path: Path) -> None:
    admin = world_staff["admin"]
    page = opened(admin, "feedback")
    page.on("dialog", lambda dialog: dialog.accept())
    source = next(path for path in DIAGRAMS if path.stem == "feedback")
    ours = tmp_path / "mine.bpmn"
    ours.write_text(source.read_text(encoding="utf-8").replace('name="', 'name="Mới: '), encoding="utf-8")
    bad = tmp_path / "bad.bpmn"
    bad.write_text("<a", encoding="utf-8")
    for path, why in ((bad, "unparsable"), (source.with_name("nomination.bpmn"), "nomination")):
        page.locator("[data-part=file]").set_input_files(path)
        expect(page.locator("[data-part=kept]")).to_contain_text(re.compile(rf"Không mở được tệp\..*{why}"))
        assert meaning(page.evaluate(SAVED).encode()) == meaning(source.read_bytes())
    page.locator("[data-part=file]").set_input_files(ours)
    expect(page.locator("[data-part=kept]")).to_contain_text("Đã giữ bản nháp")
    choose(page, page.evaluate(FIRST_TASK))
    expect(page.locator("[data-field=name]")).to_have_value(re.compile("^Mới: "))


def test_a_new_step_is_drawn_and_named_by_lists_alone(world_staff: Staff) -> None:
    """A task appended to the start of a flow: what is missing is told, and mended by choosing."""
    admin = world_staff["admin"]
    page = opened(admin, "change_approval")
    page.evaluate("""() => {
      const get = (name) => window.thiduaModeler.get(name);
      const flow = get('elementRegistry').get('fl_put_in_force__end_change_in_force');
      const end = get('elementRegistry').get('end_change_in_force');
      get('modeling').removeConnection(flow);
      const made = get('elementFactory').createShape({ type: 'bpmn:UserTask', id: 'tell_people' });
      const lane = get('elementRegistry').get('lane_administrator');
      get('modeling').createShape(made, { x: 900, y: 340 }, lane);
      get('modeling').connect(get('elementRegistry').get('put_in_force'), made);
      get('modeling').connect(made, end);
    }""")
    expect(page.locator("[data-part=findings]")).to_contain_text("Chưa đặt tên.")
    choose(page, "tell_people")
    page.locator("[data-field=name]").fill("Thông báo cho mọi người")
    page.locator("[data-field=step]").select_option("rulebook.review_change")
    expect(page.locator("[data-part=findings]")).to_contain_text("điền tên tiếng Anh")
    admin.shot("new-step")
    page.locator("[data-field=name_en]").fill("Tell everybody")
    sees_findings(page, 0)
    page.get_by_role("button", name="Hoàn tác").click()
    sees_findings(page, 1)


def test_a_lane_is_given_a_role_that_no_other_lane_has(world_staff: Staff) -> None:
    page = opened(world_staff["admin"], "council_review")
    lanes = page.evaluate("""() => window.thiduaModeler.get('elementRegistry').filter((one) => one.type === 'bpmn:Lane')
      .map((one) => one.id)""")
    choose(page, lanes[0])
    options = page.locator("[data-field=role] option").all()
    offered = {f"lane_{option.get_attribute('value')}" for option in options}
    assert offered.intersection(lanes) == {lanes[0]}
    page.locator("[data-field=role]").select_option("office_officer")
    assert 'id="lane_office_officer"' in page.evaluate(SAVED)


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_opening_and_saving_through_the_page_changes_nothing(world_staff: Staff, path: Path) -> None:
    page = opened(world_staff["admin"], path.stem)
    sees_findings(page, 0)
    assert meaning(page.evaluate(SAVED).encode()) == meaning(path.read_bytes())


def test_every_part_of_the_page_is_accessible(world_staff: Staff) -> None:
    page = opened(world_staff["admin"], "nomination")
    choose(page, DRAFTING)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for tab in ("element", "findings", "trial", "compare", "propose"):
        page.locator(f"#tab-{tab}").click()
        assert page.evaluate(RUN) == [], tab


def test_on_a_phone_the_diagram_is_read_only(world_staff: Staff) -> None:
    admin = world_staff["admin"]
    admin.page.set_viewport_size(PHONE)
    admin.go("/modeller/nomination")
    admin.sees("Sửa sơ đồ cần màn hình rộng hơn")
    expect(admin.page.locator(".modeller-narrow svg")).to_be_visible()
    expect(admin.page.locator(".modeller-canvas")).to_be_hidden()
    admin.shot("phone")
    admin.page.set_viewport_size(DESKTOP)
    expect(admin.page.locator("[data-modeller][data-ready='1']")).to_be_visible()  # turned, or the window drawn wider
    expect(admin.page.locator(".modeller-canvas [data-element-id=draft_proposal]")).to_be_in_viewport()


def test_a_window_that_narrows_while_the_editor_opens_is_no_fault(world_staff: Staff) -> None:
    admin = world_staff["admin"]
    admin.page.route("**/modeller/nomination.bpmn", lambda route: (narrow(admin), route.continue_()))
    admin.go("/modeller/nomination")
    expect(admin.page.locator("[data-modeller][data-ready='1']")).to_be_attached()
    admin.page.set_viewport_size(DESKTOP)
    expect(admin.page.locator(".modeller-canvas [data-element-id=draft_proposal]")).to_be_in_viewport()
    admin.page.unroute_all()


def narrow(person: Person) -> None:
    person.page.set_viewport_size(PHONE)

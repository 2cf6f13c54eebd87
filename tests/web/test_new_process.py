"""Pages of a process that is new: what is asked first, the first drawing, its names in both languages everywhere."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from engine import queries
from tests.office import Case
from tests.paths import stories
from tests.support.new_process import UNION, approve, calling, first_drawing, propose
from tests.web.shell import PASSWORD, Browser, Shell
from tests.web.test_modeller import send

NEW = "/modeller/new-process"
SAID = {"key": UNION.key, "name": UNION.name, "name_en": UNION.name_en, "role": UNION.role, "step": UNION.step}

ASKED, ASKED_EN = "Công đoàn trả lời", "The union answers"
"""What the diagram calls its task, other than the title of the step."""


@pytest.fixture
def admin(read_only: Shell) -> Browser:
    return read_only.browser("admin")


def test_the_list_leads_to_the_form_and_the_form_to_the_editor(admin: Browser) -> None:
    assert f'href="{NEW}"' in admin.get("/modeller").text
    form = admin.get(NEW)
    assert form.status_code == 200
    assert "Cho ý kiến về hồ sơ" in form.text
    assert "Quy trình mới chạy khi nào?" in form.text
    led = admin.get(NEW, query_string={**SAID, "name": "  Lấy ý   kiến Công đoàn "})
    assert led.status_code == 302
    address = urlsplit(led.location)
    assert address.path == f"{NEW}/{UNION.key}"
    assert parse_qs(address.query)["name"] == [UNION.name]
    page = admin.get(led.location).text
    assert "Vẽ quy trình mới: Lấy ý kiến Công đoàn" in page
    assert 'data-based-on=""' in page
    assert "Quy trình mới chỉ chạy khi được một quy trình khác gọi." in page
    drawing = admin.get(f"{NEW}/{UNION.key}.bpmn", query_string=SAID)
    assert send(admin, "lint", {"xml": drawing.text}).json == {"findings": []}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"key": "Mã Mới"}, "Mã gồm từ 3 đến 40 chữ thường không dấu"),
        ({"key": "nomination"}, "Đã có quy trình mang mã này."),
        ({"name": ""}, "Cần điền mục này."),
        ({"name_en": "x" * 121}, "Tên dài quá 120 ký tự."),
        ({"role": "king"}, "Giá trị này không có trong danh sách được chọn."),
        ({"step": ""}, "Cần điền mục này."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    admin: Browser, wrong: dict[str, str], sentence: str
) -> None:
    answer = admin.get(NEW, query_string={**SAID, **wrong})
    assert answer.status_code == 422
    (field,) = wrong
    assert sentence in answer.text.split(f'id="field-{field}-error"')[1].split("</p>")[0]
    for name, said in {**SAID, **wrong}.items():
        if name in {"key", "name", "name_en"} and said:
            assert f'value="{said}"' in answer.text
        elif said != "king" and said:
            assert f'<option value="{said}" selected>' in answer.text
    assert admin.get(f"{NEW}/nomination").location == "/modeller/nomination"


def test_a_key_is_suggested_from_the_name(admin: Browser) -> None:
    answer = admin.get(NEW, query_string={**SAID, "key": "", "name": "3. Đề xuất, xét khen đột xuất"})
    assert 'value="de_xuat_xet_khen_dot_xuat"' in answer.text


def test_who_is_no_administrator_begins_nothing(read_only: Shell) -> None:
    for who in ("officer", "auditor", "director"):
        browser = read_only.browser(who)
        for path in (NEW, f"{NEW}/{UNION.key}", f"{NEW}/{UNION.key}.bpmn"):
            assert browser.get(path, query_string=SAID).status_code == 403


@pytest.mark.parametrize("address", [{}, {**SAID, "role": "king"}, {**SAID, "name": "\ufffe\x00"}])
def test_an_address_that_says_too_little_leads_back_to_the_form(admin: Browser, address: dict[str, str]) -> None:
    answer = admin.get(f"{NEW}/{UNION.key}", query_string=address)
    if address:
        assert urlsplit(answer.location).path == NEW
    else:
        assert 'data-xml=""' in answer.text, "the page asks the browser for its draft, and goes to the form without one"
    assert admin.get(f"{NEW}/{UNION.key}.bpmn", query_string=address).status_code == 422


def test_a_drawing_speaks_for_itself_before_it_is_proposed(admin: Browser, read_only: Shell) -> None:
    xml = first_drawing(read_only.office)
    told = send(admin, "try", {"xml": xml, "acts": []}).json
    assert [one["process_name"] for one in told["waiting"]] == [UNION.name]
    act = {"kind": "task", "process": UNION.key, "element": "give_opinion", "values": {"opinion": "AGREE"}}
    admin.speak("en")
    assert send(admin, "try", {"xml": xml, "acts": [act]}).json["end"] == "Done"
    assert "Opinion of the union" in send(admin, "compare", {"xml": xml}).json["html"]
    half = xml.replace('<spiffworkflow:property name="name_en" value="Done" />', "")
    assert send(admin, "try", {"xml": half, "acts": [act]}).json["end"] == "Hoàn thành", "no English name yet"
    admin.speak("vi")
    assert "Hoàn thành" in send(admin, "compare", {"xml": xml}).json["html"]


def in_both(browser: Browser, path: str, vietnamese: str, english: str, **more: Any) -> None:
    """A page names something in the language of its reader."""
    assert vietnamese in browser.get(path, **more).text, path
    browser.speak("en")
    assert english in browser.get(path, **more).text, path
    browser.speak("vi")


def test_a_proposed_process_is_called_by_its_names(shell: Shell) -> None:
    case = propose(shell.office, first_drawing(shell.office))
    second = shell.browser("admin2")
    for path in ("/modeller", "/changes", f"/changes/{case.key}"):
        in_both(second, path, UNION.name, UNION.name_en)
    assert "Quy trình mới: Lấy ý kiến Công đoàn" in second.get(f"/changes/{case.key}").text
    assert f"/diagrams/{UNION.key}" not in second.get(f"/changes/{case.key}").text, "it is not in force yet"
    assert second.get(f"/diagrams/{UNION.key}").status_code == 404
    assert "đang chờ phê duyệt" in second.get(f"{NEW}/{UNION.key}").text
    assert "đang chờ phê duyệt" in second.get(NEW, query_string=SAID).text
    case.do("review_change", "admin2", outcome="rejected", reason="Thiếu bước của Văn thư.")
    page = shell.browser("admin").get(f"/changes/{case.key}").text
    assert f'href="{NEW}/{UNION.key}"' in page, "a rejected drawing is drawn on"
    again = shell.browser("admin").get(f"{NEW}/{UNION.key}").text
    assert f'data-xml="/changes/{quote(case.key)}.bpmn"' in again


def test_a_process_in_force_is_called_by_its_names_everywhere(shell: Shell) -> None:
    office, admin = shell.office, shell.browser("admin")
    ours = first_drawing(office).replace('name="Cho ý kiến về hồ sơ"', f'name="{ASKED}"')
    approve(office, ours.replace('value="Give an opinion on the case"', f'value="{ASKED_EN}"'))
    assert "Chưa quy trình nào gọi quy trình này" in admin.get(f"/modeller/{UNION.key}").text
    nomination = queries.diagram_xml(office.engine, None, "nomination").decode()
    approve(office, calling(nomination))
    assert 'Được gọi từ: <a href="/modeller/nomination">' in admin.get(f"/modeller/{UNION.key}").text
    assert "Chưa quy trình nào gọi quy trình này" not in admin.get("/modeller/nomination").text
    assert admin.get(f"{NEW}/{UNION.key}").location == f"/modeller/{UNION.key}"
    for path in ("/modeller", f"/modeller/{UNION.key}", "/admin/deployments", f"/admin/versions/{UNION.key}"):
        in_both(admin, path, UNION.name, UNION.name_en)
    lists = admin.get("/modeller/nomination/lists").json
    assert {"key": UNION.key, "label": UNION.name} in lists["processes"]
    case = stories.accepted(office, stories.filed(office, nominee="nominee2", letter_number="77/TTr-CCTHADS"))
    waits_at_the_union(shell, case)
    case.do("give_opinion", "office", opinion="AGREE", text="")
    nomination_page = f"/nominations/{case.nomination_id}"
    in_both(shell.browser("officer"), nomination_page, f"Làm xong việc: {ASKED}", f"Task completed: {ASKED_EN}")
    in_both(shell.browser("auditor"), f"/audit?case={case.key}", ASKED, ASKED_EN)


def waits_at_the_union(shell: Shell, case: Case) -> None:
    """The queue, the task, the case, the drawing and the API tell what is waited for."""
    office = shell.browser("office")
    task = case.task("give_opinion", "office")
    in_both(office, "/tasks/group", ASKED, ASKED_EN)
    in_both(shell.browser("officer"), f"/nominations/{case.nomination_id}", ASKED, ASKED_EN)
    for words in ((UNION.name, UNION.name_en), (ASKED, ASKED_EN)):
        in_both(office, f"/tasks/{task.id}", *words)
    program = office.client.application.test_client()
    token = program.post("/api/v1/auth/token", json={"username": "office", "password": PASSWORD}).json["access_token"]
    for language, words in (("vi", ASKED), ("en", ASKED_EN)):
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        found = program.get("/api/v1/tasks?queue=group", headers=headers).json["items"]
        assert words in [one["name"] for one in found]
    drawing = f"/diagrams/{UNION.key}.svg"
    in_both(office, drawing, "Lấy ý kiến", "Opinion of")

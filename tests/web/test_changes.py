"""Pages of the rules: rows a case matched, a table tried with examples, a change from upload to force by two people."""

import io
import re

import pytest
from werkzeug.test import TestResponse

from tests.office import BPMN
from tests.web.shell import Browser, Shell


def text_of(day: str = "2025-07-01", table: str = "prize") -> str:
    return (BPMN / "tables" / table / f"{day}.dmn").read_text(encoding="utf-8")


def upload(browser: Browser, content: bytes, day: str, table: str = "prize") -> TestResponse:
    browser.get("/changes/new")
    return browser.post("/changes/check", {
        "table": table, "valid_from": day, "_file": (io.BytesIO(content), "mới.dmn"),
    }, content_type="multipart/form-data")  # fmt: skip


def hidden(answer: TestResponse) -> dict[str, str]:
    """What the page of a checked file sends along."""
    return dict(re.findall(r'<input type="hidden" name="(_key|table|valid_from|sha256)" value="([^"]*)"', answer.text))


LATER = "2026-03-01"
OVERLAP = text_of().replace('"GIAY_KHEN"', '"BANG_KHEN_BO_TRUONG"').encode()


def test_a_change_goes_from_upload_to_force_through_two_people(shell: Shell) -> None:
    officer, day = shell.browser("officer"), LATER
    checked = upload(officer, text_of().replace("2340000", "2500000").encode(), day)
    assert checked.status_code == 200
    assert "Không có lỗi" in checked.text
    assert re.search(r"\d+ trên \d+ kết quả sẽ khác", checked.text)
    assert "sửa</span>" in checked.text, "rows that differ from the version before are marked"
    refused = officer.post("/changes", {**hidden(checked), "reason": ""})
    assert refused.status_code == 422
    assert 'id="reason-error"' in refused.text
    begun = officer.post("/changes", {**hidden(checked), "reason": "Nghị định mới nâng mức lương cơ sở."})
    assert begun.status_code == 302
    page = officer.get(begun.location)
    assert "Nghị định mới nâng mức lương cơ sở." in page.text
    assert "/tasks/" in page.text, "another officer's work may not be this one's"
    admin = shell.browser("admin")
    shown = admin.get(begun.location)
    task = re.search(r'href="(/tasks/[0-9a-f-]+)"', shown.text)
    assert task, "the second person gets to the task from here"
    admin.post(f"{task[1]}/claim")
    form = admin.get(task[1])
    assert "Phê duyệt" in form.text
    assert begun.location in form.text
    done = admin.post(f"{task[1]}/complete", {"outcome": "approved", "reason": ""})
    assert done.status_code == 302, done.text
    assert "Đã phê duyệt" in admin.get(begun.location).text
    table = shell.browser("staff").get(f"/rules/prize/{day}")
    assert table.status_code == 200
    assert "2.500.000" in table.text
    found = officer.get(f"/cases/{begun.location.rsplit('/', 1)[1]}")
    assert found.location == begun.location
    assert officer.get(f"{begun.location}.dmn").data == text_of().replace("2340000", "2500000").encode()


def test_the_list_of_changes_says_how_each_ended(shell: Shell) -> None:
    officer = shell.browser("officer")
    assert "Chưa có bản sửa đổi nào" in officer.get("/changes").text
    checked = upload(officer, text_of().replace("2340000", "2500000").encode(), LATER)
    officer.post("/changes", {**hidden(checked), "reason": "Nghị định mới nâng mức lương cơ sở."})
    assert "Chờ phê duyệt" in shell.browser("auditor").get("/changes").text


@pytest.mark.parametrize(
    ("content", "sentence", "status"),
    [
        (b"<a", "cấu trúc XML sai ở dòng 1", 200),
        (b"", "", 200),
        (b"\xff\xfe", "UTF-8", 422),
        (text_of().encode(), "giống hệt", 422),
        (text_of(table="policy", day="2025-07-01").encode(), "Tệp không chứa bảng này.", 200),
        (OVERLAP, "cùng khớp, trong khi chỉ được một dòng", 200),
        (text_of().replace("<text>2340000</text>", "<text>((</text>").encode(), "biểu thức “((” còn thiếu ở cuối", 200),
        (text_of().replace("<text>2340000</text>", '<text>"nhiều"</text>').encode(), "“nhiều” là chữ", 200),
    ],
)
def test_a_faulty_file_is_explained_and_cannot_be_proposed(
    shell: Shell, content: bytes, sentence: str, status: int
) -> None:
    answer = upload(shell.browser("officer"), content, LATER)
    assert answer.status_code == status
    assert sentence in answer.text
    assert 'action="/changes"' not in answer.text


def test_a_file_that_is_too_large_is_refused(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.rulebook.rules.LONGEST_FILE", 100)
    answer = upload(shell.browser("officer"), text_of().encode(), LATER)
    assert answer.status_code == 422
    assert "Tệp quá lớn" in answer.text


def test_an_overlap_shows_an_example_of_inputs(shell: Shell) -> None:
    assert "Ví dụ: " in upload(shell.browser("officer"), OVERLAP, LATER).text


@pytest.mark.parametrize("day", ["", "hôm qua", "2024-07-01", "2001-01-01"])
def test_a_day_that_does_not_fit_is_told_beside_its_field(shell: Shell, day: str) -> None:
    answer = upload(shell.browser("officer"), text_of().encode(), day)
    assert answer.status_code == 422
    assert 'id="valid_from-error"' in answer.text
    assert '<a href="#valid_from">' in answer.text.split('id="error-summary"')[1]


def test_what_was_not_checked_cannot_be_proposed(shell: Shell) -> None:
    officer = shell.browser("officer")
    officer.get("/changes/new")
    given = {"table": "prize", "valid_from": LATER, "reason": "Nghị định mới nâng lương cơ sở."}
    for sha256 in ("", "0" * 64, "../../etc/passwd"):
        assert officer.post("/changes", {**given, "sha256": sha256}).status_code == 404
    assert officer.get("/changes/SĐ-1999-001").status_code == 404
    assert officer.get("/changes/SĐ-1999-001.dmn").status_code == 404


def test_a_table_is_tried_with_examples_and_marks_the_rows(read_only: Shell) -> None:
    browser = read_only.browser("staff")
    browser.speak("vi")
    asked = browser.get("/rules/prize/2025-07-01?try=1&in_form=GIAY_KHEN&in_nominee_kind=INDIVIDUAL")
    assert asked.status_code == 200
    assert asked.text.count('class="matched"') >= 1
    assert "không trả lời được" not in asked.text
    wrong = browser.get("/rules/vote_outcome/2019-01-01?try=1&in_form=GIAY_KHEN&in_members=chín")
    assert "Bảng không trả lời được với dữ liệu này" in wrong.text
    holiday = browser.get("/rules/holidays/2025-01-01?try=1&in_day=2025-01-01")
    assert 'class="matched"' in holiday.text


def test_why_leads_to_the_rows_the_case_matched(read_only: Shell) -> None:
    browser = read_only.browser("officer")
    browser.speak("vi")
    links = set()
    for stage in read_only.stages:
        page = browser.get(f"/nominations/{read_only.case(stage).nomination_id}").text
        links |= set(re.findall(r'href="(/rules/\w+/[\d-]+\?row=[^"]+)"', page))
    assert links
    for link in sorted(links)[:6]:
        page = browser.get(link.replace("&amp;", "&")).text
        assert 'class="matched"' in page, link
        assert "Các dòng tô màu" in page


def test_the_page_of_deployments_says_what_the_checker_found(read_only: Shell) -> None:
    browser = read_only.browser("admin")
    browser.speak("vi")
    page = browser.get("/admin/deployments").text
    assert page.count("Không có lỗi") >= 30
    assert "Phê duyệt sửa đổi quy định" in page


def test_a_decision_is_handed_out_with_its_reasons_to_who_may_know_of_them_alone(read_only: Shell) -> None:
    browser = read_only.browser("director")
    browser.speak("vi")
    key = re.search(r'href="(/decisions/[^"/.]+)"', browser.get("/decisions").text)
    assert key
    link = re.search(r'href="([^"]+decision\.pdf\?reasons=1)"', browser.get(key[1]).text)
    assert link
    assert browser.get(link[1]).data.startswith(b"%PDF")
    assert read_only.browser("staff").get(link[1]).status_code == 403
    records = read_only.browser("records")  # keeps the papers, and is not told what was held against a nominee
    assert "reasons=1" not in records.get(key[1]).text
    assert records.get(link[1]).status_code == 403
    assert records.get(link[1].partition("?")[0]).data.startswith(b"%PDF")


def test_what_past_cases_would_become_names_them_only_to_who_may_read_them(shell: Shell) -> None:
    """The table of votes: its inputs are counts, which the secret ballot keeps; an administrator reads no dossier."""
    content = text_of("2019-01-01", "vote_outcome")
    for column, old, new in (("out2", "1", "9"), ("out3", "2", "10")):
        cell = f'F05_giay_khen_{column}"><text>'
        assert cell + old in content
        content = content.replace(cell + old, cell + new)
    seen = {}
    for who in ("officer", "admin"):
        page = upload(shell.browser(who), content.encode(), "2025-05-06", "vote_outcome").text
        counted = re.search(r"(\d+) trên (\d+) kết quả sẽ khác", page)
        assert counted
        seen[who] = page, int(counted[1])
    assert seen["officer"][1] == seen["admin"][1] > 0
    assert 'href="/cases/' in seen["officer"][0]
    assert 'href="/cases/' not in seen["admin"][0]
    assert "thuộc hồ sơ bạn không được xem" in seen["admin"][0]
    assert "Số phiếu đồng ý: " not in seen["admin"][0]

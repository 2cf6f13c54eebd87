"""Bad input gets a sentence beside the field, and nothing typed is lost."""

import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from engine import queries
from engine.commands.tasks import take_over_task
from engine.db import reading
from engine.views import TaskView
from tests.office import PDF, Case
from tests.web.shell import PASSWORD, SUMMARY, Browser, Shell
from workflows.documents import queries as documents

DRAFT: dict[str, Any] = {
    "proposed_form": "GIAY_KHEN", "achievement": "Cải tiến tiếp dân", "achieved_from": "01/01/2023",
    "achieved_to": "31/03/2025", "summary": SUMMARY, "letter_number": "12/TTr-CCTHADS", "letter_on": "05/05/2025",
    "paper": ["SUBMISSION_LETTER", "ACHIEVEMENT_REPORT", "UNIT_MINUTES"],
}  # fmt: skip


def task_of(shell: Shell, stage: str) -> TaskView:
    return shell.case(stage).open_tasks()[0]


def drafting(shell: Shell) -> tuple[Browser, str]:
    """The head of the unit with the page of the draft open; its address."""
    browser = shell.browser("head")
    path = f"/tasks/{task_of(shell, 'draft').id}"
    assert browser.get(path).status_code == 200
    return browser, path


def sentence_beside(page: str, field: str) -> str:
    """The sentences of the error that stands beside a field; the field points to it."""
    found = re.search(rf'id="f-{field}-error">(.*?)</p>', page, re.DOTALL)
    assert found, f"no sentence beside {field}"
    assert re.search(rf'aria-describedby="[^"]*\bf-{field}-error\b', page), f"{field} does not point to it"
    return unescape(found[1])


def test_a_good_form_is_sent_and_a_receipt_says_what_follows(shell: Shell) -> None:
    browser, path = drafting(shell)
    answer = browser.post(f"{path}/complete", DRAFT)
    assert (answer.status_code, answer.location) == (302, f"{path}/receipt")
    page = browser.get(answer.location).text
    assert "Đã ghi nhận" in page
    assert "Kiểm tra thành phần hồ sơ" in page
    assert shell.case("draft").open_elements() == ["check_completeness"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("achievement", "", "Cần điền mục này"),
        ("summary", "ngắn", "50"),
        ("summary", "dài " * 2_000, "4000"),
        ("achieved_from", "31/02/2023", "ngày"),
        ("achieved_to", "01/01/2030", ""),
        ("proposed_form", "HUAN_CHUONG", "danh sách"),
    ],
)
def test_a_wrong_value_gets_a_sentence_and_keeps_the_rest(shell: Shell, field: str, value: str, sentence: str) -> None:
    browser, path = drafting(shell)
    answer = browser.post(f"{path}/complete", {**DRAFT, field: value})
    assert answer.status_code == 422
    assert sentence in sentence_beside(answer.text, field)
    assert "12/TTr-CCTHADS" in answer.text
    assert (SUMMARY in answer.text) is (field != "summary")
    assert field == "proposed_form" or value.strip() in unescape(answer.text), "what a person typed stands there"
    assert shell.case("draft").open_elements() == ["draft_proposal"]


def test_an_extra_key_is_refused_and_named(shell: Shell) -> None:
    browser, path = drafting(shell)
    answer = browser.post(f"{path}/complete", {**DRAFT, "outcome": "accepted"})
    assert answer.status_code == 422
    assert 'id="error-summary"' in answer.text
    assert SUMMARY in answer.text
    assert shell.case("draft").open_elements() == ["draft_proposal"]


def test_typed_text_becomes_nfc(shell: Shell) -> None:
    import unicodedata

    browser, path = drafting(shell)
    typed = unicodedata.normalize("NFD", "Cải tiến tiếp dân")
    assert browser.post(f"{path}/complete", {**DRAFT, "achievement": typed}).status_code == 302
    page = browser.get(f"/nominations/{shell.case('draft').nomination_id}").text
    assert "Cải tiến tiếp dân" in page
    assert typed not in page


def test_a_task_already_done_gives_the_text_back(shell: Shell) -> None:
    browser, path = drafting(shell)
    assert browser.post(f"{path}/complete", DRAFT).status_code == 302
    again = browser.post(f"{path}/complete", {**DRAFT, "note": "Chữ mới gõ thêm"})
    assert again.status_code == 409
    assert "Triệu Văn Khôi" in again.text
    assert "Chữ mới gõ thêm" in again.text


def test_the_same_request_twice_is_one_act(shell: Shell) -> None:
    browser, path = drafting(shell)
    key = re.search(r'name="_key" value="([^"]+)"', browser.get(path).text)
    assert key
    first = browser.post(f"{path}/complete", {**DRAFT, "_key": key[1]})
    assert first.status_code == 302
    done = [event for event in shell.case("draft").history() if event.kind == "task.completed"]
    browser.post(f"{path}/complete", {**DRAFT, "_key": key[1]})
    assert [event for event in shell.case("draft").history() if event.kind == "task.completed"] == done


def test_somebody_elses_task_is_refused_and_the_text_kept(shell: Shell) -> None:
    _, path = drafting(shell)
    other = shell.browser("head2")
    answer = other.post(f"{path}/complete", DRAFT)
    assert answer.status_code == 403
    assert SUMMARY in answer.text
    assert shell.case("draft").open_elements() == ["draft_proposal"]


def test_a_task_taken_over_meanwhile_says_by_whom(shell: Shell) -> None:
    case, office = shell.case("check"), shell.office
    case.claim("check_completeness", "officer")
    browser, task = shell.browser("officer"), task_of(shell, "check")
    assert browser.get(f"/tasks/{task.id}").status_code == 200
    take_over_task(office.engine, task.id, office.actor("secretary"), "Đồng chí nghỉ phép")
    answer = browser.post(f"/tasks/{task.id}/complete", {"reason": "Chữ đang gõ", "outcome": "accepted"})
    assert answer.status_code == 403
    assert "Nông Văn Dương" in answer.text
    assert "Chữ đang gõ" in answer.text


def test_taking_over_needs_a_reason(shell: Shell) -> None:
    shell.case("check").claim("check_completeness", "officer")
    browser, path = shell.browser("secretary"), f"/tasks/{task_of(shell, 'check').id}"
    assert "Vi Thị Én" in browser.get(path).text
    assert browser.post(f"{path}/take-over", {"reason": "  "}).status_code == 422
    assert browser.post(f"{path}/take-over", {"reason": "Đồng chí nghỉ phép"}).status_code == 302
    assert task_of(shell, "check").assignee == shell.office.people["secretary"]


def test_a_task_claimed_by_a_colleague_first_is_refused_in_words(shell: Shell) -> None:
    first, second, path = shell.browser("officer"), shell.browser("secretary"), f"/tasks/{task_of(shell, 'check').id}"
    second.get(path)
    assert first.post(f"{path}/claim").status_code == 302
    answer = second.post(f"{path}/claim")
    assert answer.status_code == 409
    assert "<h1>" in answer.text


def test_the_check_names_its_rows_and_returns_with_a_reason_each(shell: Shell) -> None:
    shell.case("check").claim("check_completeness", "officer")
    browser, path = shell.browser("officer"), f"/tasks/{task_of(shell, 'check').id}"
    page = browser.get(path).text
    names = re.findall(r'name="(items-\d+-item)" value="(\w+)"', page)
    assert ("items-0-item", names[0][1]) in names
    form = dict(names) | {name.replace("-item", "-status"): "PRESENT" for name, _ in names}
    last = names[-1][0].removesuffix("-item")
    answer = browser.post(f"{path}/complete", {**form, f"{last}-status": "FLAWED", "outcome": "returned"})
    assert answer.status_code == 422
    assert sentence_beside(answer.text, f"{last}-reason")
    assert sentence_beside(browser.post(f"{path}/complete", form).text, "outcome")
    kept = {**form, f"{last}-status": "FLAWED", f"{last}-reason": "Mờ, khó đọc", "outcome": "returned",
            "reason": "Bổ sung"}  # fmt: skip
    assert browser.post(f"{path}/complete", kept).status_code == 302
    assert shell.case("check").open_elements() == ["supplement_dossier"]


# what must not be lost


def test_an_expired_session_keeps_what_was_typed(shell: Shell) -> None:
    browser, path = drafting(shell)
    shell.office.clock.advance(timedelta(hours=2))
    answer = browser.post(f"{path}/complete", DRAFT)
    assert answer.status_code == 401
    kept = {name: unescape(value) for name, value in re.findall(r'name="(kept:[^"]+)" value="([^"]*)"', answer.text)}
    assert kept["kept:summary"] == SUMMARY
    browser.token = unescape(re.findall(r'name="csrf_token" value="([^"]+)"', answer.text)[0])
    signed = browser.post("/sign-in", {"username": "head", "password": PASSWORD, "next": f"{path}/complete", **kept})
    assert SUMMARY in signed.text
    hidden = re.findall(r'name="([^"]+)" value="([^"]*)"', signed.text.split("<main")[1])
    form = {name: unescape(value) for name, value in hidden}
    back = browser.post(f"{path}/complete", form, token=form["csrf_token"])
    assert back.status_code == 200
    assert SUMMARY in back.text
    assert shell.case("draft").open_elements() == ["draft_proposal"]


def test_a_form_without_its_token_is_not_taken_but_kept(shell: Shell) -> None:
    browser, path = drafting(shell)
    answer = browser.post(f"{path}/complete", DRAFT, token="khong-dung")
    assert answer.status_code == 403
    assert SUMMARY in unescape(answer.text)
    assert shell.case("draft").open_elements() == ["draft_proposal"]


def test_a_draft_is_kept_and_an_older_window_does_not_overwrite_it(shell: Shell) -> None:
    browser, path = drafting(shell)
    first = browser.post(f"{path}/draft", {"summary": "Đang viết dở", "_version": "0"})
    assert 'name="_version" value="1"' in first.text
    older = browser.post(f"{path}/draft", {"summary": "Cửa sổ cũ", "_version": "0"})
    assert "state-warn" in older.text
    assert "Đang viết dở" in browser.get(path).text


# files


def upload(browser: Browser, path: str, content: bytes, name: str, **more: Any) -> Any:
    data = {**DRAFT, "_version": "0", "_file_kind": "EVIDENCE", "_file": (io.BytesIO(content), name), **more}
    return browser.post(f"{path}/files", data, content_type="multipart/form-data")


def filed(case: Case) -> list[str]:
    with reading(case.office.engine.sessions) as session:
        return [row.name for row in documents.documents_of(session, case.nomination_id)]


def test_a_file_is_added_and_the_form_beside_it_is_kept(shell: Shell) -> None:
    browser, path = drafting(shell)
    answer = upload(browser, path, PDF % b"minh chung", "Minh chứng.pdf")
    assert (answer.status_code, answer.location) == (302, f"{path}#files")
    page = browser.get(path).text
    assert SUMMARY in page
    assert "Minh chứng.pdf" in page
    assert filed(shell.case("draft")) == ["Minh chứng.pdf"]


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"MZ\x90 an executable", "bao cao.pdf"), (b"", "trong.pdf"), (b"<svg onload=alert(1)>", "anh.png"),
     (b"%PDF-1.4 " + b"x" * 21_000_000, "lon.pdf")],
    ids=["claims", "empty", "script", "large"],
)  # fmt: skip
def test_a_file_that_is_not_what_it_claims_is_refused_beside_its_field(shell: Shell, content: bytes, name: str) -> None:
    browser, path = drafting(shell)
    answer = upload(browser, path, content, name)
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert 'aria-describedby="file-hint file-error"' in answer.text
    assert SUMMARY in answer.text
    assert filed(shell.case("draft")) == []


def test_no_file_chosen_is_said_beside_the_field(shell: Shell) -> None:
    browser, path = drafting(shell)
    answer = browser.post(f"{path}/files", {**DRAFT, "_file_kind": "EVIDENCE"}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text


def test_a_file_chosen_but_not_added_holds_the_form_back(shell: Shell) -> None:
    browser, path = drafting(shell)
    answer = browser.post(f"{path}/complete", {**DRAFT, "_file": "Biên bản.pdf"})
    assert answer.status_code == 422
    assert "Tệp Biên bản.pdf mới được chọn, chưa được thêm" in answer.text
    assert '<a href="#files">' in answer.text.split('id="error-summary"')[1].split("</div>")[0]
    assert SUMMARY in answer.text


def test_only_what_was_sent_back_may_be_filed_while_supplementing(shell: Shell) -> None:
    browser, path = shell.browser("head"), f"/tasks/{task_of(shell, 'returned').id}"
    page = browser.get(path).text
    offered = re.search(r'name="_file_kind">(.*?)</select>', page, re.DOTALL)
    assert offered
    assert re.findall(r'value="(\w+)"', offered[1]) == ["UNIT_MINUTES"]
    before = filed(shell.case("returned"))
    answer = browser.post(f"{path}/files", {"_file_kind": "EVIDENCE", "_version": "0",
                                            "_file": (io.BytesIO(PDF % b"khac"), "khác.pdf")},
                          content_type="multipart/form-data")  # fmt: skip
    assert answer.status_code in {403, 422}
    assert filed(shell.case("returned")) == before


def test_a_document_is_an_attachment_and_its_opening_is_on_record(shell: Shell) -> None:
    browser = shell.browser("officer")
    page = browser.get(f"/nominations/{shell.case('check').nomination_id}").text
    document = re.findall(r'href="(/files/[0-9a-f-]{36})"', page)[0]
    answer = browser.get(document)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    event = queries.search_events(shell.office.engine, kind="file.opened", limit=1).items[0]
    assert (event.actor_id, event.business_key) == (shell.office.people["officer"], shell.stages["check"])
    assert event.facts[0][0].startswith("file:")


# new proposals


def new_proposal(shell: Shell, **more: Any) -> dict[str, Any]:
    office = shell.office
    return {"round": "2025-TK", "unit": office.units["bacson"], "nominee_kind": "INDIVIDUAL",
            "nominee_id": office.people["nominee2"], "proposed_form": "GIAY_KHEN", **more}  # fmt: skip


def test_a_new_proposal_opens_its_draft(shell: Shell) -> None:
    browser = shell.browser("head")
    assert "Mã Văn Quân" in browser.get("/proposals/new?_q=ma+van").text
    assert "Nông Thị Hoa" not in browser.get("/proposals/new?_q=ma+van").text
    answer = browser.post("/proposals/new", new_proposal(shell))
    assert answer.status_code == 302
    assert "Mã Văn Quân" in browser.get(answer.location).text


def test_a_search_for_the_nominee_keeps_what_is_typed(shell: Shell) -> None:
    page = shell.browser("head").get("/proposals/new?_q=quan&letter_number=99/TTr&proposed_form=GIAY_KHEN").text
    assert 'value="99/TTr"' in page
    assert "Mã Văn Quân" in page


def test_a_search_without_scripts_starts_nothing_and_puts_no_token_in_the_address(shell: Shell) -> None:
    browser = shell.browser("head")
    assert 'formmethod="get"' not in browser.get("/proposals/new").text
    answer = browser.post("/proposals/new", new_proposal(shell, _search="1", _q="quan", letter_number="99/TTr"))
    assert answer.status_code == 200
    assert 'value="99/TTr"' in answer.text
    assert "Mã Văn Quân" in answer.text


@pytest.mark.parametrize("field", ["nominee_id", "unit", "round"])
def test_a_wrong_choice_of_a_proposal_is_said_beside_it(shell: Shell, field: str) -> None:
    browser = shell.browser("head")
    browser.get("/proposals/new")
    answer = browser.post("/proposals/new", new_proposal(shell, **{field: "khong-co", "letter_number": "77/TTr"}))
    assert answer.status_code in {403, 404, 409, 422}
    assert 'id="error-summary"' in answer.text
    assert 'value="77/TTr"' in answer.text


def test_a_closed_round_is_said_in_words(shell: Shell) -> None:
    shell.office.act("secretary", "campaigns.close_round", round_key="2025-TK", closed_on="2025-05-25")
    shell.office.wait(days=2)
    browser = shell.browser("head")
    answer = browser.post("/proposals/new", new_proposal(shell, letter_number="77/TTr"))
    assert answer.status_code in {409, 422}
    assert 'id="error-summary"' in answer.text
    assert 'value="77/TTr"' in answer.text

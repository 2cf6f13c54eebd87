"""Pages of work given out: assigning, helping, putting off, lists, the head's list, deputies, an empty queue."""

import re
from html import unescape
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from engine import queries
from engine.commands.tasks import claim_task, delegate_task
from tests.paths.test_separation import gets
from tests.web.shell import Shell, filed, issued

HONOURS = "/tasks/bulk/decisions.record_honour"


def text(answer: TestResponse) -> str:
    return unescape(answer.get_data(as_text=True))


def refused(answer: TestResponse) -> TestResponse:
    """The answer, which says what is wrong and keeps the page."""
    assert answer.status_code == 422
    return answer


def check_of(shell: Shell) -> str:
    """The check of another nomination, shared by its role."""
    shell.office.person_arrives("new", "Nông Thị Xuân", "bacson", "Chấp hành viên")
    return str(filed(shell.office, "new").open_tasks()[0].id)


@pytest.fixture
def task(shell: Shell) -> str:
    """The check that waits in the world."""
    return str(shell.case("check").open_tasks()[0].id)


def test_the_head_assigns_from_a_list_of_the_eligible(shell: Shell, task: str) -> None:
    gets(shell.office, "head", "personnel_officer")
    page = text(shell.browser("secretary").get(f"/tasks/{task}"))
    assert "Phân công (thủ trưởng đơn vị)" in page
    options = page[page.index('id="assign-to"') :]
    options = options[: options.index("</select>")]
    assert "Vi Thị Én" in options
    assert "Triệu Văn Khôi" not in options
    assert "Không chọn được" in page
    assert "Triệu Văn Khôi đã làm “Lập và nộp hồ sơ đề nghị”" in page
    secretary = shell.browser("secretary")
    assert secretary.post(f"/tasks/{task}/assign", {"to": "", "reason": ""}).status_code == 422
    answer = secretary.post(f"/tasks/{task}/assign", {"to": shell.office.people["officer"], "reason": "Phụ trách."})
    assert answer.status_code == 302
    held = queries.get_task(shell.office.engine, UUID(task))
    assert held.assignee == shell.office.people["officer"]
    assert (
        shell.browser("officer")
        .post(f"/tasks/{task}/assign", {"to": shell.office.people["secretary"], "reason": "x"})
        .status_code
        == 403
    )


def test_who_is_kept_away_reads_why_before_trying(shell: Shell, task: str) -> None:
    gets(shell.office, "head", "personnel_officer")
    shell.browsers.pop("head", None)
    page = text(shell.browser("head").get(f"/tasks/{task}"))
    assert "Bạn giữ vai trò này nhưng không làm việc này được" in page
    assert "nên không thể làm “Kiểm tra thành phần hồ sơ”" in page
    queue = text(shell.browser("head").get("/tasks/group?order=created"))
    assert "nên không thể làm “Kiểm tra thành phần hồ sơ”" in queue
    shell.browser("head").speak("en")
    assert "and so may not do" in text(shell.browsers["head"].get(f"/tasks/{task}"))


def test_a_task_goes_out_and_comes_back(shell: Shell, task: str) -> None:
    office, engine = shell.office, shell.office.engine
    claim_task(engine, UUID(task), office.actor("officer"))
    delegate_task(engine, UUID(task), office.actor("officer"), office.people["records"], "Nhờ soát tệp.")
    mine = text(shell.browser("officer").get("/tasks"))
    assert "Đã nhờ người khác" in mine
    assert "Lấy lại việc" in text(shell.browser("officer").get(f"/tasks/{task}"))
    helper = shell.browser("records")
    page = text(helper.get(f"/tasks/{task}"))
    assert "Nhờ soát tệp." in page
    assert "làm giúp Vi Thị Én" in page
    assert helper.post(f"/tasks/{task}/resolve", {"note": " "}).status_code == 422
    assert helper.post(f"/tasks/{task}/resolve", {"note": "Đã soát 4 tệp."}).status_code == 302
    assert "Đã soát 4 tệp." in text(shell.browser("officer").get(f"/tasks/{task}"))
    delegate_task(engine, UUID(task), office.actor("officer"), office.people["records"], "Lần nữa.")
    assert shell.browser("officer").post(f"/tasks/{task}/recall").status_code == 302


def test_a_holder_puts_off_and_a_head_says_how_urgent(shell: Shell, task: str) -> None:
    claim_task(shell.office.engine, UUID(task), shell.office.actor("officer"))
    officer = shell.browser("officer")
    officer.get(f"/tasks/{task}")
    assert officer.post(f"/tasks/{task}/follow-up", {"on": "ngày kia"}).status_code == 422
    assert officer.post(f"/tasks/{task}/follow-up", {"on": "01/01/2020"}).status_code == 422
    assert officer.post(f"/tasks/{task}/follow-up", {"on": "31/12/2025"}).status_code == 302
    assert "Đã hẹn xem lại" in text(officer.get("/tasks"))
    assert officer.post(f"/tasks/{task}/priority", {"priority": "1"}).status_code == 403
    secretary = shell.browser("secretary")
    secretary.get(f"/tasks/{task}")
    assert secretary.post(f"/tasks/{task}/priority", {"priority": "9"}).status_code == 422
    assert secretary.post(f"/tasks/{task}/priority", {"priority": "1"}).status_code == 302
    assert "Khẩn" in text(officer.get("/tasks?only=urgent"))


def test_many_are_claimed_with_one_list_each_with_its_result(shell: Shell, task: str) -> None:
    one, two = task, check_of(shell)
    officer = shell.browser("officer")
    queue = text(officer.get("/tasks/group"))
    assert queue.count('form="claim-many" name="_task"') >= 2
    claim_task(shell.office.engine, UUID(two), shell.office.actor("secretary"))
    answer = officer.post("/tasks/bulk/claim", {"_task": [one, two, "nonsense"]})
    page = text(answer)
    assert answer.status_code == 200
    assert ("Đã xong 1 việc." in page, "Chưa làm được" in page) == (True, True)
    assert officer.post("/tasks/bulk/claim", {}).status_code == 422
    assert officer.get("/tasks/bulk/nominations.appraise").status_code == 404


def test_the_head_grants_all_but_some(shell: Shell) -> None:
    case = shell.case("director")
    waiting = str(case.open_tasks()[0].id)
    director = shell.browser("director")
    page = text(director.get("/decisions/reviewed"))
    assert case.key in page
    assert waiting in re.findall(r'name="_task" value="([^"]+)" checked', page)
    assert director.post("/decisions/reviewed", {"_task": []}).status_code == 422
    done = text(director.post("/decisions/reviewed", {"_task": [waiting]}))
    assert "Đã xong 1 việc." in done
    assert case.open_elements() == ["sign_decision"]
    assert case.key not in text(director.get("/decisions/reviewed"))
    assert shell.browser("officer").get("/decisions/reviewed").status_code == 403


def test_those_honoured_together_are_written_with_one_form(shell: Shell) -> None:
    case = shell.case("signing")
    issued(case)
    office, day = shell.browser("office"), f"{shell.office.today:%d/%m/%Y}"
    page = text(office.get(HONOURS))
    chosen = re.findall(r'name="_task" value="([^"]+)" checked', page)
    assert chosen == [str(task.id) for task in case.open_tasks()]
    typed = {"_task": chosen, "place": "Hội trường cơ quan", "conferred_by": "Cục trưởng"}
    wrong = office.post(HONOURS, {**typed, "honoured_on": "99/99/9999"})
    assert wrong.status_code == 422
    assert "Hội trường cơ quan" in text(wrong)
    assert text(wrong).count("Ngày không hợp lệ") == 2, "beside the field and in the summary, and nothing else is wrong"
    assert "không có ô này" not in text(wrong)
    assert "Đã xong 1 việc." in text(office.post(HONOURS, {**typed, "honoured_on": day}))
    assert case.ended_at == "end_awarded"


def test_deputies_are_named_and_listed(shell: Shell) -> None:
    office = shell.office
    officer = shell.browser("officer")
    assert "Ủy quyền cho người khác" in text(officer.get("/deputies"))
    office.act("officer", "organisation.delegate_role", role="personnel_officer", to_person_id=office.people["staff"],
               valid_from=office.today.isoformat(), valid_to=office.today.isoformat(), reason="Nghỉ phép")  # fmt: skip
    assert "Phùng Thị Sen" in text(officer.get("/deputies"))
    received = text(shell.browser("staff").get("/deputies"))
    assert "Vi Thị Én" in received
    assert "Ủy quyền cho người khác" not in received


def test_an_empty_queue_says_what_comes_next(shell: Shell) -> None:
    page = text(shell.browser("staff").get("/tasks"))
    assert "đang nhận đề nghị, đến hết ngày" in page


def test_a_stale_draft_shows_both_texts(shell: Shell, task: str) -> None:
    claim_task(shell.office.engine, UUID(task), shell.office.actor("officer"))
    officer = shell.browser("officer")
    officer.get(f"/tasks/{task}")
    assert officer.post(f"/tasks/{task}/draft", {"_version": "0", "reason": "Bản thứ nhất"}).status_code == 200
    answer = officer.post(f"/tasks/{task}/draft", {"_version": "0", "reason": "Bản thứ hai"})
    assert answer.status_code == 409
    assert "Bản thứ nhất" in text(answer)
    kept = officer.post(f"/tasks/{task}/draft", {"_version": ["0", "1"], "reason": "Bản thứ hai"})
    assert kept.status_code == 200
    stored, version = queries.stored_draft(shell.office.engine, UUID(task), shell.office.actor("officer"))
    assert (stored["reason"], version) == ("Bản thứ hai", 2)


def test_notes_are_written_corrected_and_read_by_their_circle(shell: Shell) -> None:
    case = shell.case("check")
    page, say = f"/nominations/{case.nomination_id}", f"/say/notes.write_note?case={case.key}"
    officer = shell.browser("officer")
    assert officer.get(say).status_code == 200
    told = {"audience": "HANDLERS", "text": "Chờ số liệu năm 2024.", "_next": page}
    assert officer.post(say, told).headers["Location"] == page
    shown = text(officer.get(page))
    assert "Chờ số liệu năm 2024." in shown
    (note,) = re.findall(r'name="note_id" value="([^"]+)"', shown)
    correct = f"/say/notes.correct_note?case={case.key}"
    assert officer.post(correct, {"note_id": note, "text": "Đã có số liệu.", "_next": page}).status_code == 302
    assert "đã sửa, bản 2" in text(officer.get(page))
    assert "Đã có số liệu." not in text(shell.browser("head").get(page))
    assert "Có ghi chú của những người xử lý hồ sơ; nội dung được ẩn." in text(shell.browser("head").get(page))
    auditor = shell.browser("auditor")
    assert "Đã có số liệu." not in text(auditor.get(page))
    opened = auditor.post(f"{page}/read", {"class": "note_handlers", "reason": "Kiểm tra theo kế hoạch."})
    assert "Đã có số liệu." in text(opened)


def test_a_mistake_in_giving_work_on_is_said_beside_its_field_and_nothing_typed_is_lost(
    shell: Shell, task: str
) -> None:
    claim_task(shell.office.engine, UUID(task), shell.office.actor("officer"))
    officer = shell.browser("officer")
    officer.get(f"/tasks/{task}")
    nobody = text(refused(officer.post(f"/tasks/{task}/delegate", {"to": "", "reason": "Nhờ soát tệp."})))
    assert '<a href="#to">Người nhận: Cần chọn người nhận.</a>' in nobody
    assert '<p class="error" id="to-error">Cần chọn người nhận.</p>' in nobody
    assert 'value="Nhờ soát tệp."' in nobody
    records = shell.office.people["records"]
    silent = text(refused(officer.post(f"/tasks/{task}/delegate", {"to": records, "reason": " "})))
    assert '<a href="#to-reason">' in silent
    stranger = text(refused(officer.post(f"/tasks/{task}/delegate", {"to": "ai đó", "reason": "Nhờ soát tệp."})))
    assert '<p class="error" id="to-error">' in stranger
    long = text(refused(officer.post(f"/tasks/{task}/delegate", {"to": records, "reason": "x" * 3000})))
    assert '<p class="error" id="to-reason-error">Cần nêu lý do, không quá' in long
    day = text(refused(officer.post(f"/tasks/{task}/follow-up", {"on": "31/02/2025"})))
    assert '<a href="#follow-up">' in day
    assert 'value="31/02/2025"' in day


def test_a_reason_too_long_for_taking_over_is_said_and_kept(shell: Shell, task: str) -> None:
    claim_task(shell.office.engine, UUID(task), shell.office.actor("officer"))
    secretary = shell.browser("secretary")
    secretary.get(f"/tasks/{task}")
    page = text(refused(secretary.post(f"/tasks/{task}/take-over", {"reason": "y" * 3000})))
    assert '<a href="#reason">' in page
    assert "y" * 3000 in page


def test_a_day_before_all_rules_is_refused_in_words(shell: Shell) -> None:
    browser, people = shell.browser("member"), shell.office.people
    form = {"role": "council_member", "to_person_id": people["deputy"], "valid_from": "01/01/1900",
            "valid_to": "01/01/1901", "reason": "Đi công tác dài ngày.", "document": "12/QĐ-CTHADS"}  # fmt: skip
    browser.get("/do/organisation.delegate_role")
    page = text(refused(browser.post("/do/organisation.delegate_role", form)))
    assert "chưa có hiệu lực vào ngày 01/01/1900." in page
    assert "1900-01-01" not in page
    assert "policy" not in page

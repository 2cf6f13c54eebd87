"""What is done beside tasks: comments, interests, withdrawals, rounds, people, accounts, incidents, the record."""

import io
import re
from html import unescape
from typing import Any

from engine import queries
from tests.office import PDF
from tests.web.shell import Shell


def nomination(shell: Shell, stage: str) -> str:
    return f"/nominations/{shell.case(stage).nomination_id}"


def acts_on(page: str) -> dict[str, str]:
    """The acts a page offers: step key to address."""
    found = re.findall(r'href="(/(?:do|say)/([\w.]+)[^"]*)"', page)
    return {key: unescape(href) for href, key in found}


def test_a_colleague_comments_while_the_window_is_open(shell: Shell) -> None:
    browser = shell.browser("staff")
    href = acts_on(browser.get(nomination(shell, "feedback")).text)["feedback.post_comment"]
    assert browser.get(href).status_code == 200
    empty = browser.post(href, {"kind": "SUPPORT", "text": ""})
    assert empty.status_code == 422
    assert "Cần điền mục này" in empty.text
    said = {"kind": "REMARK", "text": "Nên nêu rõ hơn số liệu.", "_next": nomination(shell, "feedback")}
    answer = browser.post(href, said)
    assert (answer.status_code, answer.location) == (302, nomination(shell, "feedback"))
    assert "Nên nêu rõ hơn số liệu." in shell.browser("officer").get(nomination(shell, "feedback")).text


def test_a_comment_is_offered_only_while_comments_are_taken(shell: Shell) -> None:
    browser = shell.browser("officer")
    offered = {
        stage: "feedback.post_comment" in acts_on(browser.get(nomination(shell, stage)).text)
        for stage in ("check", "feedback", "schedule")
    }
    assert offered == {"check": False, "feedback": True, "schedule": False}


def test_a_scan_that_is_missing_is_asked_for_once(shell: Shell) -> None:
    browser = shell.browser("records")
    browser.get("/do/decisions.file_signed_scan")
    answer = browser.post("/do/decisions.file_signed_scan", {"decision": "01/QĐ"})
    assert answer.status_code == 422
    listed = answer.text.split('id="error-summary"')[1].split("</div>")[0]
    assert listed.count("<li>") == 1
    assert "Tệp: Cần điền mục này." in listed


def test_nobody_comments_on_a_case_that_is_not_laid_open(shell: Shell) -> None:
    href = f"/say/feedback.post_comment?case={shell.stages['check']}"
    browser = shell.browser("staff")
    browser.get("/tasks")
    assert browser.get(href).status_code == 403
    assert browser.post(href, {"kind": "SUPPORT", "text": "Tôi ủng hộ đồng chí này."}).status_code == 403


def test_the_proposer_withdraws_with_a_reason(shell: Shell) -> None:
    browser = shell.browser("head")
    href = acts_on(browser.get(nomination(shell, "schedule")).text)["nominations.withdraw"]
    assert "nominations.withdraw" not in acts_on(shell.browser("head2").get(nomination(shell, "schedule")).text)
    browser.get(href)
    assert browser.post(href, {"reason": "x"}).status_code == 422
    assert browser.post(href, {"reason": "Đơn vị xem xét lại thành tích."}).status_code == 302
    assert shell.case("schedule").ended_at == "end_withdrawn_before_council"


def test_an_interest_is_declared_and_taken_back(shell: Shell) -> None:
    browser, path = shell.browser("member"), nomination(shell, "schedule")
    href = acts_on(browser.get(path).text)["nominations.declare_interest"]
    browser.get(href)
    key = shell.stages["schedule"]
    assert browser.post(href, {"nomination": key, "reason": "Là anh họ của người được đề nghị"}).status_code == 302
    assert "nominations.withdraw_interest" in acts_on(browser.get(path).text)


def test_an_action_is_refused_to_who_may_not(shell: Shell) -> None:
    browser = shell.browser("staff")
    browser.get("/tasks")
    for key in ("organisation.grant_role", "campaigns.open_round", "council.create_session", "nominations.raise_flag"):
        assert browser.get(f"/do/{key}").status_code == 403
        assert browser.post(f"/do/{key}", {}).status_code == 403
    assert browser.get("/do/khong.co").status_code == 404


def test_a_guidance_letter_is_published_with_its_file(shell: Shell) -> None:
    browser = shell.browser("secretary")
    page = browser.get("/do/campaigns.publish_guidance").text
    assert 'type="file"' in page
    campaign = re.search(r'name="campaign_id"[^>]*value="([^"]+)"', page)
    assert campaign
    form: dict[str, Any] = {"campaign_id": campaign[1], "number": "300/HD-CTHADS", "issued_on": "20/05/2025",
                            "title": "Hướng dẫn bổ sung"}  # fmt: skip
    bad = browser.post("/do/campaigns.publish_guidance", {**form, "_file": (io.BytesIO(b"khong phai"), "a.pdf")},
                       content_type="multipart/form-data")  # fmt: skip
    assert bad.status_code == 422
    assert 'id="file-error"' in bad.text
    assert "300/HD-CTHADS" in bad.text
    assert "Tệp: Chỉ nhận PDF" in bad.text.split('id="error-summary"')[1]
    assert "SHA-256" not in bad.text
    good = browser.post("/do/campaigns.publish_guidance", {**form, "_file": (io.BytesIO(PDF % b"hd"), "HD 300.pdf")},
                        content_type="multipart/form-data")  # fmt: skip
    assert good.status_code == 302
    assert "300/HD-CTHADS" in browser.get("/rounds/campaigns/van-hoa-cong-so").text


def test_a_round_without_guidance_is_refused_in_words(shell: Shell) -> None:
    browser = shell.browser("secretary")
    page = browser.get("/do/campaigns.open_round").text
    campaign = re.search(r'name="campaign_id"[^>]*value="([^"]+)"', page)
    assert campaign
    answer = browser.post("/do/campaigns.open_round", {
        "key": "2025-BS", "campaign_id": campaign[1], "kind": "FINAL", "title": "Đợt bổ sung",
        "opened_on": "25/05/2025", "filing_deadline": "30/06/2025", "period_from": "22/08/2019",
        "period_to": "30/05/2025",
    })  # fmt: skip
    assert answer.status_code in {409, 422}
    assert 'id="error-summary"' in answer.text
    assert "Đợt bổ sung" in answer.text


def test_the_auditor_reads_a_sensitive_text_only_for_a_reason_on_record(shell: Shell) -> None:
    browser, path = shell.browser("auditor"), nomination(shell, "check")
    page = browser.get(path).text
    assert "Có đơn tố cáo" not in page
    assert "khiếu nại, tố cáo; nội dung được ẩn" in page
    assert browser.post(f"{path}/read", {"class": "denunciation", "reason": " "}).status_code == 422
    opened = browser.post(f"{path}/read", {"class": "denunciation", "reason": "Kiểm tra theo kế hoạch 15"})
    assert "Có đơn tố cáo đang được xem xét." in opened.text
    assert "Có đơn tố cáo" not in browser.get(path).text
    event = queries.search_events(shell.office.engine, kind="text.read", limit=1).items[0]
    assert event.data["field_class"] == "denunciation"
    assert any(name.startswith("stated_reason:") for name, _ in event.facts)
    assert "Kiểm tra theo kế hoạch" not in str(event.data)


def test_who_may_not_ask_learns_nothing_of_a_flag(read_only: Shell) -> None:
    page = read_only.browser("head").get(nomination(read_only, "check")).text
    assert "tố cáo" not in page
    browser = read_only.browser("member")
    browser.get(nomination(read_only, "check"))
    asked = browser.post(f"{nomination(read_only, 'check')}/read", {"class": "denunciation", "reason": "x"})
    assert asked.status_code == 403


def test_the_record_is_verified_and_its_state_stays_in_sight(shell: Shell) -> None:
    browser = shell.browser("auditor")
    assert "chưa kiểm tra lần nào" in browser.get("/audit").text
    assert "Toàn bộ nhật ký nguyên vẹn." in browser.post("/audit/verify").text
    assert "nguyên vẹn khi kiểm tra lúc" in browser.get("/audit").text


def test_an_altered_file_is_found_from_the_page(shell: Shell) -> None:
    some = next(path for path in shell.office.settings.files_dir.glob("??/*") if path.is_file())
    some.write_bytes(b"altered")
    browser = shell.browser("auditor")
    browser.get("/audit")
    page = browser.post("/audit/verify").text
    assert "Tệp bị sửa" in page
    assert "chỗ không khớp" in browser.get("/audit").text


def test_a_case_is_stepped_through(read_only: Shell) -> None:
    path = f"/audit/cases/{read_only.stages['awarded']}"
    browser = read_only.browser("auditor")
    early, late = browser.get(f"{path}?at=3").text, browser.get(path).text
    assert "Tặng Giấy khen" in moment(late)
    assert "Tặng Giấy khen" not in moment(early)
    assert 'data-element="draft_proposal" data-state="done"' in early.replace("\n", "")
    assert 'data-element="check_completeness" data-state="done"' not in early


def moment(page: str) -> str:
    found = re.search(r'id="moment".*?</section>', page, re.DOTALL)
    assert found
    return found[0]


def test_the_export_cannot_be_taken_for_formulas(read_only: Shell) -> None:
    answer = read_only.browser("auditor").get(f"/audit/export.csv?case={read_only.stages['check']}")
    assert answer.mimetype == "text/csv"
    assert not re.search(r"(^|,)[=+@]", answer.text, re.MULTILINE)


def test_decisions_and_certificates_are_handed_out_as_pdf(shell: Shell) -> None:
    browser = shell.browser("records")
    page = browser.get("/decisions").text
    decision = re.search(r'href="(/decisions/[^"/]+)"', page)
    assert decision
    assert "Lục Văn Lợi" in browser.get(decision[1]).text
    for path in (f"{decision[1]}/decision.pdf", f"/decisions/certificates/{shell.case('awarded').nomination_id}.pdf"):
        answer = browser.get(path)
        assert answer.data.startswith(b"%PDF"), path
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_director_sees_what_a_signature_would_make(shell: Shell) -> None:
    browser, task = shell.browser("director"), shell.case("signing").open_tasks()[0]
    browser.get(f"/tasks/{task.id}")
    browser.post(f"/tasks/{task.id}/claim")
    page = browser.get(f"/tasks/{task.id}").text
    assert "Số dự kiến" in page
    assert "25/05/2025" in page
    draft = browser.get(f"/decisions/drafts/{shell.stages['signing']}.pdf")
    assert draft.data.startswith(b"%PDF")
    assert browser.get(f"/decisions/drafts/{shell.stages['awarded']}.pdf").status_code == 403


def test_notices_are_read_one_by_one_and_all_at_once(shell: Shell) -> None:
    browser = shell.browser("head")
    page = browser.get("/notices").text
    first = re.search(r'action="(/notices/[^"]+/open)"', page)
    assert first
    before = queries.count_unread(shell.office.engine, shell.office.people["head"])
    assert browser.post(first[1]).status_code == 302
    assert queries.count_unread(shell.office.engine, shell.office.people["head"]) == before - 1
    browser.post("/notices/read")
    assert queries.count_unread(shell.office.engine, shell.office.people["head"]) == 0


def test_administration_makes_locks_and_resets_accounts(shell: Shell) -> None:
    browser = shell.browser("admin")
    page = browser.get("/admin/accounts").text
    twice = browser.post("/admin/accounts", {"username": "head", "person": shell.office.people["head"]})
    assert twice.status_code == 409
    assert '<a href="#username">' in twice.text.split('id="error-summary"')[1]
    resets = re.findall(r'action="(/admin/accounts/[^"]+/reset)"', page)
    answers = [browser.post(path) for path in resets[:2]]
    assert [answer.status_code for answer in answers] == [302, 200], "the first is the administrator's own"
    assert "Mật khẩu chỉ hiện một lần." in answers[1].text
    person = browser.get(f"/admin/people/{shell.office.people['secretary']}").text
    assert "organisation.end_role" in person
    assert "Phòng Tổ chức cán bộ" in person


def test_the_clock_moves_only_in_a_demonstration(shell: Shell) -> None:
    browser = shell.browser("admin")
    assert "/admin/clock" not in browser.get("/admin").text
    before = shell.office.clock.now()
    assert browser.post("/admin/clock", {"days": "3"}).status_code == 404
    assert shell.office.clock.now() == before


def test_a_search_of_the_record_by_what_is_no_day_finds_nothing_and_says_why(read_only: Shell) -> None:
    browser = read_only.browser("auditor")
    answer = browser.get("/audit?since=h%C3%B4m+qua&until=31/02/2025")
    assert answer.status_code == 422
    assert answer.text.count("Ngày không hợp lệ; ghi theo ngày/tháng/năm.") == 4
    assert 'value="31/02/2025"' in answer.text
    assert "data-row" not in answer.text
    export = browser.get("/audit/export.csv?until=31/02/2025")
    assert export.status_code == 422
    assert "Ngày không hợp lệ; ghi theo ngày/tháng/năm." in export.text

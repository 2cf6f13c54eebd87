"""Ballots in a member's place on pages and by the API: why they are not there, and how they are cast if they are."""

import re
from html import unescape

from engine import queries
from tests.office import Case
from tests.paths import stories
from tests.paths.test_deputies import names
from tests.web.api import Service
from tests.web.shell import Browser, Shell, minuted, seated, sitting

KEY = "PH-03"


def handed_over(shell: Shell, giver: str = "member", deputy: str = "staff", *, mode: str = "OPEN") -> Case:
    """The rules let deputies vote, a member hands the ballot on, and a sitting opens its line."""
    office = shell.office
    office.policy_changes("deputy_votes", "true")
    office.wait(days=2)
    names(office, giver, deputy, "council_member", days=60)
    case = shell.case("schedule")
    seated(case, sitting(office, KEY, mode))
    return case


def vote_of(case: Case, member: str) -> str:
    """The address of a member's ballot as his deputy opens it."""
    return f"/council/{KEY}/vote/{case.variables['line_id']}?for={case.office.people[member]}"


def said(browser: Browser, path: str) -> str:
    return re.sub(r"\s+", " ", unescape(browser.get(path).text))


def test_by_the_rules_as_they_stand_the_page_says_why_the_ballot_is_not_there(shell: Shell) -> None:
    """The director's deputy acts for him in other things; his ballot stays his, and the row of the policy is named."""
    names(shell.office, "director", "staff", "director")
    browser = shell.browser("staff")
    page = said(browser, "/council/PH-01")
    assert "Lá phiếu của Hoàng Văn Bách không có ở đây" in page
    assert "gửi ý kiến bằng văn bản" in page
    assert "Chưa có văn bản nói về bỏ phiếu thay" in page
    assert "phỏng định" in page.lower()
    assert "Phiếu bỏ thay" not in page
    line = shell.case("open_vote").variables["line_id"]
    assert browser.get(f"/council/PH-01/vote/{line}?for={shell.office.people['director']}").status_code == 403
    assert "Bỏ phiếu" not in said(browser, "/tasks")


def test_who_acts_for_nobody_reads_nothing_of_it(read_only: Shell) -> None:
    page = said(read_only.browser("member"), "/council/PH-01")
    assert "không có ở đây" not in page
    assert "Bỏ phiếu thay" not in page


def test_where_the_rules_allow_it_but_the_ballot_was_not_handed_on(shell: Shell) -> None:
    handed_over(shell)
    names(shell.office, "director", "staff", "director")
    page = said(shell.browser("staff"), f"/council/{KEY}")
    assert "Bạn làm thay Hoàng Văn Bách trong việc khác; lá phiếu chưa được ủy quyền" in page
    assert "Phiếu bỏ thay Bế Văn Minh" in page


def test_a_deputy_sees_opens_and_casts_the_ballot(shell: Shell) -> None:
    case = handed_over(shell)
    browser, path = shell.browser("staff"), vote_of(case, "member")
    assert "thay Bế Văn Minh" in said(browser, "/tasks")
    assert browser.get(f"/council/{KEY}/vote").location == path
    page = said(browser, path)
    assert "Bỏ phiếu thay Bế Văn Minh." in page
    assert "biên nhận, biên bản và nhật ký ghi tên cả hai người" in page
    assert 'value="DECLARED"' not in page
    sent = browser.post(path, {"interest": "NONE", "choice": "AGREE", "manner": "PRESENT"})
    assert (sent.status_code, sent.location) == (302, f"/council/{KEY}")
    receipt = said(browser, sent.location)
    assert "Đã nhận phiếu của Bế Văn Minh về" in receipt
    assert "do bạn bỏ thay. Mã biên nhận: " in receipt
    assert "Phùng Thị Sen bỏ phiếu thay" in receipt
    assert "bỏ thay Bế Văn Minh" in said(browser, path)
    events = said(shell.browser("auditor"), f"/nominations/{case.nomination_id}")
    assert "thay Bế Văn Minh" in events


def test_the_member_reads_who_may_vote_and_who_did(shell: Shell) -> None:
    case = handed_over(shell)
    page = said(shell.browser("member"), f"/council/{KEY}")
    assert "Bạn đã ủy quyền cho Phùng Thị Sen bỏ phiếu thay. Bạn vẫn tự bỏ phiếu được" in page
    browser = shell.browser("staff")
    browser.get(vote_of(case, "member"))
    browser.post(vote_of(case, "member"), {"interest": "NONE", "choice": "AGREE", "manner": "PRESENT"})
    own = said(shell.browser("member"), f"/council/{KEY}/vote/{case.variables['line_id']}")
    assert "Phùng Thị Sen bỏ thay Bế Văn Minh" in own
    assert 'name="interest"' not in own


def test_a_member_who_is_a_deputy_goes_from_the_own_ballot_to_the_other(shell: Shell) -> None:
    case = handed_over(shell, deputy="member2")
    browser, line = shell.browser("member2"), case.variables["line_id"]
    page = said(browser, f"/council/{KEY}")
    assert page.index("Phiếu của tôi") < page.index("Phiếu bỏ thay Bế Văn Minh")
    browser.get(f"/council/{KEY}/vote/{line}")
    sent = browser.post(f"/council/{KEY}/vote/{line}", {"interest": "NONE", "choice": "AGREE", "manner": "PRESENT"})
    assert sent.location == vote_of(case, "member")
    table = f"/council/{KEY}/vote/table?for={case.office.people['member']}"
    assert "Bỏ phiếu thay Bế Văn Minh." in said(browser, table)
    sent = browser.post(table, {f"choice-{line}": "DISAGREE", "manner": "WRITTEN_OPINION"})
    assert sent.location == f"/council/{KEY}"
    change = vote_of(case, "member").replace("?", "/change?")
    assert browser.post(change, {"choice": "ABSTAIN", "note": "Chờ thêm tài liệu"}).status_code == 302
    assert "Không có ý kiến</strong>" in browser.get(vote_of(case, "member")).text
    assert "Đồng ý</strong>" in browser.get(f"/council/{KEY}/vote/{line}").text
    other = browser.get(f"/council/{KEY}/vote/{line}?for={case.office.people['member3']}")
    assert other.status_code == 404


def test_nobody_reads_what_a_deputy_chose_in_secret(shell: Shell) -> None:
    case = handed_over(shell, mode="SECRET")
    browser = shell.browser("staff")
    assert "Bỏ phiếu kín." in said(browser, vote_of(case, "member"))
    browser.post(vote_of(case, "member"), {"interest": "NONE", "choice": "DISAGREE", "manner": "PRESENT"})
    for who, path in (
        ("staff", vote_of(case, "member")), ("member", f"/council/{KEY}/vote/{case.variables['line_id']}"),
        ("secretary", f"/council/{KEY}"),
    ):  # fmt: skip
        page = shell.browser(who).get(path).text
        assert "Phùng Thị Sen" in page
        assert "Không đồng ý</strong>" not in page


def test_the_minutes_page_names_member_and_deputy(shell: Shell) -> None:
    case = handed_over(shell)
    browser = shell.browser("staff")
    browser.get(vote_of(case, "member"))
    browser.post(vote_of(case, "member"), {"interest": "NONE", "choice": "AGREE", "manner": "PRESENT"})
    for task in case.open_tasks():
        who = next(name for name, person in case.office.people.items() if person == task.assignee)
        case.do("cast_ballot", who, interest="NONE", choice="AGREE")
    minuted(case)
    page = said(shell.browser("secretary"), f"/council/lines/{case.variables['line_id']}/minutes")
    assert "Bế Văn Minh (Ủy quyền cho Phùng Thị Sen bỏ phiếu thay)" in page
    assert "Phùng Thị Sen thay Bế Văn Minh" in page


def test_a_rule_taken_back_leaves_a_calm_word_beside_the_queue(shell: Shell) -> None:
    """The delegation still stands; lines that open under the new rule are the member's, and the page says so."""
    office = shell.office
    office.policy_changes("deputy_votes", "true")
    office.wait(days=2)
    names(office, "member", "staff", "council_member", days=60)
    office.policy_changes("deputy_votes", "false")
    office.wait(days=2)
    case = shell.case("schedule")
    seated(case, sitting(office, KEY, "OPEN"))
    browser = shell.browser("staff")
    work, _, apart = said(browser, "/tasks").partition("Không cần làm gì")
    assert "Bỏ phiếu về đề nghị" not in work
    assert "không ai bỏ phiếu thay thành viên Hội đồng" in apart
    assert "0 việc đang chờ" in said(browser, "/tasks/badge")
    browser.speak("en")
    assert "Nothing for you to do" in said(browser, "/tasks")
    browser.speak("vi")
    ballot = re.search(r'href="(/tasks/[0-9a-f-]{36})"', browser.get("/tasks").text)
    assert ballot
    assert "không ai bỏ phiếu thay thành viên Hội đồng" in said(browser, ballot[1])
    assert 'name="choice"' not in said(browser, ballot[1])
    assert "Lá phiếu của Bế Văn Minh không có ở đây" in said(browser, f"/council/{KEY}")
    own = said(shell.browser("member"), f"/council/{KEY}")
    assert "theo quy định đang áp dụng không ai bỏ phiếu thay thành viên Hội đồng" in own


def test_the_same_by_the_api(service: Service) -> None:
    """A program of the deputy finds the ballot in its queue, reads in whose place it is, and casts it."""
    office = service.office
    office.policy_changes("deputy_votes", "true")
    office.wait(days=2)
    names(office, "member", "staff", "council_member", days=90)
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office, mode="OPEN", deadline_days=9))
    office.wait(hours=1)
    caller = service.caller("staff")
    (item,) = caller.get("/api/v1/tasks?queue=mine").json["items"]
    assert item["assignee"] == office.people["member"]
    task = caller.get(f"/api/v1/tasks/{item['id']}").json
    assert task["form"]["x-in-place-of"] == {"id": office.people["member"], "name": "Bế Văn Minh"}
    values = {"interest": "NONE", "choice": "AGREE", "manner": "PRESENT"}
    assert caller.post(f"/api/v1/tasks/{item['id']}/complete", {"values": values}).status_code == 200
    assert queries.get_task(office.engine, case.task("cast_ballot", "member2").id).status == "open"
    changed = {"line_id": case.variables["line_id"], "choice": "ABSTAIN", "member_id": office.people["member"]}
    assert caller.post("/api/v1/actions/council.change_ballot", {"values": changed}).status_code == 200

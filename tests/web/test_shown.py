"""What pages show beside their data: ways on from empty lists, pages of long ones, dates as people write them."""

import re
from pathlib import Path

import pytest

from tests.web.shell import Shell
from webapp.ui import admin

TEMPLATES = Path(__file__).resolve().parents[2] / "webapp" / "templates"
OF_THE_SHELL = {"account", "actor", "counts", "demo", "my_post", "my_roles", "navigation", "now", "unread"}
IMPORTED = re.compile(r"{% from \S+ import (.+?)(?: with context)? ?%}")


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_page_hides_a_word_of_the_frame_behind_one_of_its_own(path: Path) -> None:
    parts = [part for found in IMPORTED.findall(path.read_text(encoding="utf-8")) for part in found.split(",")]
    assert not {part.split(" as ")[-1].strip() for part in parts} & OF_THE_SHELL


def test_who_has_no_task_is_told_what_there_is_to_comment_on(read_only: Shell) -> None:
    page = read_only.browser("staff").get("/tasks").text
    assert "đề nghị đang được công khai" in page
    assert 'class="filters"' not in page, "nothing to filter"


def test_a_round_is_called_by_its_name(read_only: Shell) -> None:
    page = read_only.browser("officer").get(f"/nominations/{read_only.case('feedback').nomination_id}").text
    assert re.search(r"<dt>Đợt</dt><dd>\w+ [^<]+<span", page)


def test_a_day_is_asked_for_as_people_write_it(read_only: Shell) -> None:
    page = read_only.browser("officer").get("/changes/new").text
    assert re.search(r'name="valid_from" value="\d\d/\d\d/\d{4}"', page)
    assert 'type="date"' not in page


def test_a_wrong_example_is_told_beside_its_field(read_only: Shell) -> None:
    page = read_only.browser("staff").get("/rules/vote_outcome/2019-01-01?try=1&in_cast=nhi%E1%BB%81u").text
    assert "Nhập một số" in page
    assert "is no number" not in page


def test_a_long_list_of_people_has_pages(read_only: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin, "PAGE", 3)
    browser = read_only.browser("admin")
    first, second = browser.get("/admin/people").text, browser.get("/admin/people?page=2").text
    assert "Trang 1/" in first
    assert 'rel="prev"' in second
    names = [set(re.findall(r'href="/admin/people/([0-9a-z-]+)"', page)) for page in (first, second)]
    assert [len(found) for found in names] == [3, 3]
    assert not names[0] & names[1]
    assert "Không có ai khớp" in browser.get("/admin/people?q=zzzz").text


def test_a_form_about_something_says_about_what(read_only: Shell) -> None:
    case = read_only.case("feedback")
    page = read_only.browser("member").get(f"/do/nominations.declare_interest?nomination={case.key}").text
    assert f"<strong>{case.key}</strong>" in page


def test_a_name_of_nothing_is_told_beside_its_field_and_keeps_what_was_typed(shell: Shell) -> None:
    member, path = shell.browser("member"), "/do/nominations.declare_interest"
    member.get(path)
    answer = member.post(path, {"nomination": "ĐN-1999-001", "reason": "Cùng học một lớp."})
    assert answer.status_code == 404
    assert "Cùng học một lớp." in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_who_votes_on_a_case_declares_an_interest_in_the_ballot(read_only: Shell) -> None:
    member = read_only.browser("member")
    voting, heard = (read_only.case(stage) for stage in ("open_vote", "feedback"))
    assert "nominations.declare_interest" not in member.get(f"/nominations/{voting.nomination_id}").text
    assert "nominations.declare_interest" in member.get(f"/nominations/{heard.nomination_id}").text


def test_a_ballot_asks_for_nothing_once_an_interest_is_declared_beside_it(shell: Shell) -> None:
    """The form says so before; afterwards neither queue, bell nor sitting asks for it; its page says how it ended."""
    case = shell.case("open_vote")
    task = case.task("cast_ballot", "member")
    member, path = shell.browser("member"), "/do/nominations.declare_interest"
    assert "phiếu ấy khép lại cùng lúc" in member.get(path).text
    before = int(re.findall(r"\d+", member.get("/tasks/badge").text)[-1])
    assert f"/tasks/{task.id}" in member.get("/tasks").text
    assert member.post(path, {"nomination": case.key, "reason": "Người nhà."}).status_code == 302
    assert int(re.findall(r"\d+", member.get("/tasks/badge").text)[-1]) == before - 1
    assert f"/tasks/{task.id}" not in member.get("/tasks").text
    page = member.get(f"/tasks/{task.id}", follow_redirects=True)
    assert page.status_code == 200
    assert "Khép lại theo: Khai báo lợi ích liên quan" in page.text
    assert 'name="choice"' not in page.text
    assert 'name="choice-' not in member.get("/council/PH-01/vote/table").text, "not to be voted on any more"
    line = case.variables["line_id"]
    assert "phải tránh" in member.get(f"/council/PH-01/vote/{line}").text
    sent = member.post(f"/tasks/{task.id}/complete", {"interest": "NONE", "choice": "AGREE", "note": "Rất xứng đáng."})
    assert sent.status_code == 409
    assert "Rất xứng đáng." in sent.text


@pytest.mark.parametrize(
    ("username", "person", "beside"),
    [("", "", "person-error"), ("moi", "", "person-error"), ("moi", "khong-co", "person-error"),
     ("Tên có dấu", "newcomer", "username-error"), ("", "newcomer", "username-error"),
     ("admin", "newcomer", "username-error")],
)  # fmt: skip
def test_a_wrong_account_is_told_beside_its_field(shell: Shell, username: str, person: str, beside: str) -> None:
    shell.office.person_arrives("newcomer", "Lý Thị Mới", "bacson", "Chấp hành viên")
    admin_browser = shell.browser("admin")
    admin_browser.get("/admin/accounts")
    given = {"username": username, "person": shell.office.people.get(person, person)}
    answer = admin_browser.post("/admin/accounts", given)
    assert answer.status_code in {409, 422}
    assert f'id="{beside}"' in answer.text
    assert f'value="{username}"' in answer.text
    assert answer.text.count("<code>") == admin_browser.get("/admin/accounts").text.count("<code>")


def test_a_range_of_days_is_written_as_people_write_it(read_only: Shell) -> None:
    page = read_only.browser("staff").get("/rules/holidays/2025-01-01").text
    assert "27/01/2025 – 31/01/2025" in page
    assert ".." not in page.split("<tbody>")[1].split("</tbody>")[0]


def test_what_is_wrong_in_a_row_is_listed_on_top_too(shell: Shell) -> None:
    case = shell.case("check")
    officer, task = shell.browser("officer"), case.task("check_completeness", "officer")
    case.claim("check_completeness", "officer")
    officer.get(f"/tasks/{task.id}")
    page = officer.post(f"/tasks/{task.id}/complete", {"outcome": "complete", "items-0-item": "LETTER"}).text
    summary = page.split('id="error-summary"')[1].split("</div>")[0]
    assert summary.count("<li>") > 1, "the rows are told one by one"
    assert 'href="#f-items-0-' in summary


def test_a_refused_change_of_a_ballot_keeps_what_was_typed(shell: Shell) -> None:
    case = shell.case("open_vote")
    case.do("cast_ballot", "member", interest="NONE", choice="AGREE")
    member, path = shell.browser("member"), f"/council/PH-01/vote/{case.variables['line_id']}"
    member.get(path)
    page = member.post(f"{path}/change", {"choice": "DISAGREE", "note": "x" * 1001})
    assert page.status_code == 422
    assert 'id="note-error"' in page.text
    assert "x" * 1001 in page.text
    assert re.search(r'value="DISAGREE" checked', page.text)


def test_an_address_that_is_not_there_leaves_the_ways_on(read_only: Shell) -> None:
    page = read_only.browser("staff").get("/khong-co")
    assert page.status_code == 404
    assert 'class="sidenav"' in page.text
    assert "Đăng nhập" not in read_only.nobody().get("/khong-co").text


def test_a_role_of_an_example_is_chosen_by_its_name(read_only: Shell) -> None:
    page = read_only.browser("staff").get("/rules/visibility/2019-01-01").text
    assert '<option value="auditor"' in page.split('name="in_role"')[1].split("</select>")[0]

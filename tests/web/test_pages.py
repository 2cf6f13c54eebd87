"""Every page for every role in both languages: there for those it is for, a sentence for the others."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.web.shell import Browser, Shell

pytestmark = pytest.mark.xdist_group("web_pages")

ROLES = (
    "head", "head2", "officer", "secretary", "office", "member", "director", "records", "staff", "auditor", "admin",
)  # fmt: skip
OFFICES = {"officer", "secretary", "office", "director", "records"}
COUNCIL = {"head", "head2", "secretary", "office", "member", "director", "officer", "auditor"}
MEMBERS = {"head", "head2", "secretary", "office", "member", "director"}
HEADS = {"head", "head2"}
READERS = OFFICES | MEMBERS | {"auditor"}
EVERYBODY = set(ROLES)

PAGES: dict[str, set[str]] = {
    "/tasks": EVERYBODY, "/tasks/group": EVERYBODY, "/tasks/done": EVERYBODY, "/tasks?q=bac+son": EVERYBODY,
    "/proposals/new": HEADS, "/nominations": EVERYBODY, "/nominations?q=anh&form=GIAY_KHEN&kind=X": EVERYBODY,
    "/rounds": EVERYBODY, "/rounds/campaigns/van-hoa-cong-so": EVERYBODY,
    "/council": COUNCIL, "/council/PH-01": COUNCIL, "/council/PH-02": COUNCIL,
    "/council/PH-01/vote/table": MEMBERS, "/decisions": EVERYBODY, "/honours": EVERYBODY, "/search": EVERYBODY,
    "/search?q=bac+son": EVERYBODY, "/notices": EVERYBODY, "/rules": EVERYBODY,
    "/rules/vote_outcome/2019-01-01": EVERYBODY,
    "/diagrams/nomination": EVERYBODY, "/diagrams/nomination.svg": EVERYBODY, "/diagrams/nomination.bpmn": EVERYBODY,
    "/password": EVERYBODY, "/audit": {"auditor"},
    "/audit?since=01/05/2025&until=30/06/2025&kind=task.completed": {"auditor"},
    "/audit/export.csv": {"auditor"}, "/admin": {"admin"}, "/admin/people": {"admin"}, "/admin/accounts": {"admin"},
    "/admin/roles": {"admin", "auditor"}, "/admin/deployments": {"admin", "auditor"},
    "/rules/prize/2025-07-01?try=1&in_form=GIAY_KHEN&in_nominee_kind=INDIVIDUAL": EVERYBODY,
    "/changes": {"officer", "secretary", "director", "auditor", "admin"},
    "/changes/new": {"officer", "secretary", "admin"},
    "/deputies": EVERYBODY, "/decisions/reviewed": {"director"}, "/tasks/bulk/decisions.record_honour": EVERYBODY,
    "/tasks/group?order=priority&only=late": EVERYBODY,
}  # fmt: skip


@pytest.fixture(params=["vi", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def pages_of_cases(shell: Shell) -> Iterator[tuple[str, set[str]]]:
    """Addresses about each case of the world, with those who may read it."""
    for stage in shell.stages:
        case = shell.case(stage)
        public = EVERYBODY if stage == "feedback" else READERS
        yield f"/nominations/{case.nomination_id}", public
        yield f"/diagrams/cases/{case.key}/nomination", READERS
        yield f"/diagrams/cases/{case.key}/nomination.svg", READERS
        yield f"/diagrams/cases/{case.key}/nomination.bpmn", READERS
        yield f"/audit/cases/{case.key}?at=3", {"auditor"}


CODE = re.compile(r">\s*([A-Z]+(?:_[A-Z]+)+|[a-z]+(?:_[a-z]+)+|[a-z]+\.[a-z]+_[a-z_]+)\s*<")
AS_WRITTEN = re.compile(r"<(code|script|option|svg)\b.*?</\1>", re.DOTALL)
Walk = dict[str, tuple[int, set[str]]]
"""Of each page the status it answers with, and the codes that stand where people read."""


@pytest.fixture(scope="session")
def walk(read_only: Shell) -> Callable[[str, str], Walk]:
    """Let a person ask for every page in a language, once for all tests."""

    @cache
    def walked(who: str, language: str) -> Walk:
        browser = read_only.browser(who)
        browser.speak(language)
        found: Walk = {}
        for path, _allowed in (*PAGES.items(), *pages_of_cases(read_only)):
            answer = browser.get(path)
            page = answer.mimetype == "text/html" and path.partition("?")[0] != "/audit"
            found[path] = answer.status_code, set(CODE.findall(AS_WRITTEN.sub("", answer.text))) if page else set()
        return found

    return walked


@pytest.mark.slow
@pytest.mark.parametrize("who", ROLES)
def test_a_page_is_there_for_those_it_is_for(
    read_only: Shell, walk: Callable[[str, str], Walk], who: str, language: str
) -> None:
    allowed = dict((*PAGES.items(), *pages_of_cases(read_only)))
    found = {path: status for path, (status, _codes) in walk(who, language).items()}
    assert found == {path: 200 if who in people else 403 for path, people in allowed.items()}


def test_pages_speak_the_language_chosen(read_only: Shell) -> None:
    browser = read_only.browser("head")
    browser.speak("en")
    assert "My tasks" in browser.get("/tasks").text
    assert '<html lang="en">' in browser.get("/nominations").text
    browser.speak("vi")
    assert "Việc của tôi" in browser.get("/tasks").text


def test_what_is_too_large_is_refused_with_the_size_that_is_taken(read_only: Shell) -> None:
    head = read_only.browser("head")
    head.get("/password")
    most = read_only.office.settings.upload_megabytes
    refused = head.post("/password", {"old": "x" * (most + 2) * 1_000_000})
    assert refused.status_code == 413
    assert f"mỗi lần gửi tối đa {most} MB" in refused.text


def test_who_is_not_signed_in_is_asked_to(read_only: Shell) -> None:
    nobody = read_only.nobody()
    for path in PAGES:
        answer = nobody.get(path)
        assert answer.status_code == 302, path
        assert answer.location.startswith("/sign-in?next="), path


def test_every_endpoint_says_who_may_come(read_only: Shell) -> None:
    from webapp.security import access_table

    assert [line for line in access_table(read_only.app) if line.roles is None and line.endpoint != "static"] == []


def test_every_task_shows_its_form_to_who_holds_it(read_only: Shell, language: str) -> None:
    people = {person: who for who, person in read_only.office.people.items()}
    seen = set()
    for stage in read_only.stages:
        for task in read_only.case(stage).open_tasks():
            who = people.get(task.assignee or "")
            if who is None:
                continue
            browser = read_only.browser(who)
            browser.speak(language)
            answer = browser.get(f"/tasks/{task.id}", follow_redirects=True)
            assert answer.status_code == 200
            assert ("data-vote" if task.personal else 'id="task-form"') in answer.text
            assert (f'action="/tasks/{task.id}/release"' in answer.text) is not task.personal
            seen.add(task.step_key)
    assert {"nominations.submit_proposal", "nominations.supplement_dossier", "council.cast_ballot"} <= seen


@pytest.mark.slow
@pytest.mark.parametrize("who", ["head", "officer", "director", "auditor", "member", "admin"])
def test_no_code_stands_where_people_read(walk: Callable[[str, str], Walk], who: str, language: str) -> None:
    """A label that is missing shows as its code: `UNIT_MINUTES`, `council_outcome`, `feedback.post_comment`."""
    found = {path: codes for path, (status, codes) in walk(who, language).items() if status == 200 and codes}
    assert found == {}


def test_a_bare_code_would_be_found() -> None:
    assert CODE.findall("<td>UNIT_MINUTES</td><dd> council_outcome </dd>") == ["UNIT_MINUTES", "council_outcome"]
    assert CODE.findall(AS_WRITTEN.sub("", "<code>UNIT_MINUTES</code>")) == []


def test_an_unknown_id_is_told_in_words(read_only: Shell) -> None:
    browser = read_only.browser("secretary")
    browser.speak("vi")
    missing = "00000000-0000-4000-8000-000000000000"
    for path in (f"/tasks/{missing}", f"/nominations/{missing}", "/cases/KHONG-CO", f"/files/{missing}",
                 "/council/KHONG", "/decisions/KHONG", "/rules/khong", "/rules/prize/2001-01-01", "/rules/prize/khong",
                 "/diagrams/khong", "/rounds/campaigns/khong", "/khong-co-trang"):  # fmt: skip
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "<h1>" in answer.text
        assert "Traceback" not in answer.text


def test_a_dossier_of_somebody_else_is_refused(read_only: Shell) -> None:
    browser = read_only.browser("staff")
    page = read_only.browser("officer").get(nomination(read_only, "check")).text
    document = re.search(r"/files/([0-9a-f-]{36})", page)
    assert document
    for path in (nomination(read_only, "check"), f"/files/{document[1]}", f"/files/{document[1]}/preview",
                 f"/files/{document[1]}/pages/1.png", f"/cases/{read_only.stages['check']}"):  # fmt: skip
        assert browser.get(path).status_code == 403, path


def nomination(shell: Shell, stage: str) -> str:
    return f"/nominations/{shell.case(stage).nomination_id}"


def test_the_public_part_names_what_is_hidden(read_only: Shell) -> None:
    browser = read_only.browser("staff")
    browser.speak("vi")
    page = browser.get(nomination(read_only, "feedback")).text
    assert "chỉ phần công khai hiện ở đây" in page
    assert "feedback.post_comment" in page
    assert "/files/" not in page


def test_comments_hide_their_author_from_who_may_not_know(read_only: Shell) -> None:
    path = nomination(read_only, "schedule")
    hidden = read_only.browser("member")
    hidden.speak("vi")
    page = hidden.get(path).text
    assert "Phùng Thị Sen" not in comments(page)
    assert "Người góp ý được ẩn" in comments(page)
    assert "tận tụy" in comments(page)
    officer = read_only.browser("officer")
    officer.speak("vi")
    assert "Phùng Thị Sen" in comments(officer.get(path).text)


def comments(page: str) -> str:
    found = re.search(r'id="panel-comments".*?</section>', page, re.DOTALL)
    assert found
    return found[0]


def test_the_sentence_on_top_says_where_it_is(read_only: Shell) -> None:
    browser = read_only.browser("officer")
    browser.speak("vi")
    sentences = {stage: sentence(browser, nomination(read_only, stage)) for stage in ("check", "open_vote", "awarded")}
    assert "Kiểm tra thành phần hồ sơ" in sentences["check"]
    assert "Hội đồng, đã có 0/8 phiếu" in sentences["open_vote"]
    assert "đã kết thúc" in sentences["awarded"]


def sentence(browser: Browser, path: str) -> str:
    found = re.search(r'class="where-it-is"[^>]*>(.*?)</p>', browser.get(path).text, re.DOTALL)
    assert found
    return found[1]


def test_pages_keep_the_strict_policy(read_only: Shell) -> None:
    answer = read_only.browser("secretary").get("/tasks")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_viewer_page_carries_the_states(read_only: Shell) -> None:
    page = read_only.browser("auditor").get(f"/diagrams/cases/{read_only.stages['check']}/intake").text
    found = re.search(r'data-states="([^"]*)"', page)
    assert found
    assert json.loads(found[1].replace("&#34;", '"'))["check_completeness"] == "active"


def test_a_search_never_grows_too_long_for_an_address(read_only: Shell) -> None:
    for path, who in PAGES.items():
        page = read_only.browser(min(who)).get(path).text
        boxes = re.findall(r'<input[^>]*type="search"[^>]*>', page)
        assert all('maxlength="200"' in box for box in boxes), path

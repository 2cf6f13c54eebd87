"""The record and the machine's troubles in words: what only the machine reads is folded away."""

import re
from datetime import timedelta
from html import unescape

import pytest

from engine import queries
from tests.support.incidents import papers_that_failed
from tests.web.shell import Shell
from webapp.filters import ago
from webapp.i18n import catalogue
from webapp.ui.event_data import event_lines, fault_words

FOLDED = re.compile(r'<details class="small technical">.*?</details>', re.DOTALL)
ID, HASH = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-"), re.compile(r"\b[0-9a-f]{16,}\b")
CODE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def plain(page: str) -> str:
    main = FOLDED.sub("", page.split("<main")[1].split("</main>", maxsplit=1)[0])
    return " ".join(unescape(re.sub("<[^>]+>", " ", main)).split())


@pytest.mark.parametrize(
    "path",
    ["/audit", "/audit?kind=task.completed", "/audit?kind=decision.evaluated", "/audit?kind=deployment.added",
     "/audit?kind=action.performed", "/audit?kind=instance.started", "/audit?kind=service.done"],
)  # fmt: skip
def test_the_record_is_read_without_codes(read_only: Shell, path: str) -> None:
    page = read_only.browser("auditor").get(path).text
    said = plain(page)
    assert not ID.findall(said)
    assert not HASH.findall(said)
    assert not CODE.findall(said)
    assert len(said) > 500
    assert "Chi tiết kỹ thuật" in page, "the evidence is one click away"


def test_an_event_says_what_it_holds(read_only: Shell) -> None:
    office, case = read_only.office, read_only.case("awarded")
    with read_only.app.test_request_context("/audit"):
        told: dict[str, list[tuple[str, str]]] = {}
        for event in queries.list_history(office.engine, case.id):
            told.setdefault(event.kind, []).extend(event_lines(event))
    assert ("Quyết định", "Tặng Giấy khen") in told["task.completed"]
    assert ("Bảng quy định", "Thành phần hồ sơ đề nghị") in told["decision.evaluated"]
    assert ("Tra theo ngày", "05/05/2025") in told["decision.evaluated"]
    page = unescape(read_only.browser("auditor").get("/audit?kind=decision.evaluated").text)
    assert "Áp dụng bảng quy định: Tham số của cơ quan" in page, "a look-up outside a step is known by its table"
    assert ("Người giữ", "Triệu Văn Khôi") in told["task.created"]
    assert any(title == "Giá trị đặt ra" and "Hình thức đề nghị: Giấy khen" in words
               for title, words in told["task.completed"])  # fmt: skip


@pytest.mark.parametrize("stage", ["awarded", "open_vote", "check"])
def test_a_case_is_replayed_without_codes(read_only: Shell, stage: str) -> None:
    auditor, case = read_only.browser("auditor"), read_only.case(stage)
    for at in (1, 2, 5):
        said = plain(auditor.get(f"/audit/cases/{case.key}?at={at}").text)
        assert case.key in said
        assert not ID.findall(said)
        assert not HASH.findall(said)


def test_a_trouble_says_why_before_its_technical_line(shell: Shell) -> None:
    papers_that_failed(shell.office, 2)
    page = shell.browser("admin").get("/admin/incidents").text
    assert "Máy chủ hết chỗ trên đĩa." in page
    assert "No space left" not in plain(page)
    assert "No space left" in FOLDED.findall(page)[0]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("StuckCaseError", "Hồ sơ không chờ ai và không chờ việc gì."),
        ("TimeoutError: timed out", "Chờ quá lâu"),
        ("ConnectionRefusedError: [Errno 111]", "Không nối được"),
        ("NoRuleMatchedError", "Không có dòng nào của bảng quy định phù hợp"),
        ("ZeroDivisionError: division by zero", "ngoài dự kiến"),
    ],
)
def test_why_work_gave_up_is_said_in_words(read_only: Shell, error: str, sentence: str) -> None:
    with read_only.app.test_request_context("/admin/incidents"):
        assert sentence in fault_words(error)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=-3), "0 giây trước"), (timedelta(seconds=90), "90 giây trước"),
        (timedelta(minutes=5), "5 phút trước"), (timedelta(hours=7), "7 giờ trước"),
        (timedelta(days=550), "550 ngày trước"), (timedelta(days=4000), "4.000 ngày trước"),
    ],
)  # fmt: skip
def test_how_long_ago_is_said_in_a_unit_that_fits(read_only: Shell, age: timedelta, said: str) -> None:
    with read_only.app.test_request_context("/admin"):
        assert said in ago(age)


def test_the_holders_of_a_role_stand_in_the_order_of_vietnamese_names(read_only: Shell) -> None:
    page = read_only.browser("admin").get("/admin/roles").text
    row = next(one for one in page.split("<tr") if "Thành viên Hội đồng" in one)
    names = [name.split()[-1] for name in re.findall(r'people/[^"]+">([^<]+)</a>', row)]
    assert names == ["Bách", "Cúc", "Dương", "Giang", "Khôi", "Lan", "Minh", "Nga", "Oanh"]


def test_both_languages_name_what_events_hold() -> None:
    assert {key for key in catalogue("vi") if key.startswith("event_data.")} == {
        key for key in catalogue("en") if key.startswith("event_data.")
    }


def test_what_is_in_use_stands_before_what_was(read_only: Shell) -> None:
    page = read_only.browser("admin").get("/admin/deployments").text
    now, _, before = page.partition("Các phiên bản trước")
    assert re.findall(r'href="/rules/prize/([^"]+)"', now) == ["2025-07-01", "2024-07-01"], "the next, and today's"
    assert "Chưa có hiệu lực" in now
    assert 'href="/rules/prize/2019-01-01"' in before
    assert not CODE.findall(plain(page))


def test_the_reason_of_a_signature_says_what_a_paper_fills_in(read_only: Shell) -> None:
    case = read_only.case("awarded")
    said = plain(read_only.browser("auditor").get(f"/nominations/{case.nomination_id}").text)
    assert "Dòng trên chữ ký: [chức danh thủ trưởng]" in said
    table = plain(read_only.browser("staff").get("/rules/signature/2020-03-05").text)
    assert "KT. [chức danh thủ trưởng]" in table
    assert "{" not in table
    prize = read_only.browser("staff").get("/rules/prize/2025-07-01").text
    assert "Công thức tính" in prize
    assert "base_salary_vnd" not in plain(prize)

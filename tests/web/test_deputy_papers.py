"""Papers signed in another's place, on the pages: the signature asked for, the register, the paper, the minutes."""

import re
from html import unescape

import pytest

from engine.commands.tasks import delegate_task
from tests.unit.decisions.test_papers import text_of
from tests.web.shell import Shell


def words(page: str) -> str:
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def seen(page: str) -> str:
    """The digest of the paper that a signing page shows."""
    found = re.search(r'name="_seen" value="([0-9a-f]*)"', page)
    assert found
    return found[1]


@pytest.fixture
def handed(shell: Shell) -> Shell:
    """The director asked his deputy head to sign for him this once."""
    case, office = shell.case("signing"), shell.office
    task = case.task("sign_decision", "director")
    delegate_task(office.engine, task.id, office.actor("director"), office.people["deputy"], "Đi họp ở Hà Nội.")
    return shell


def test_a_deputy_head_sees_how_the_paper_will_be_signed_and_signs_it(handed: Shell) -> None:
    case, browser = handed.case("signing"), handed.browser("deputy")
    path = f"/tasks/{case.task('sign_decision', 'deputy').id}"
    asked = words(browser.get(path).text)
    assert "KT. CỤC TRƯỞNG PHÓ CỤC TRƯỞNG" in asked
    assert "Ký thay Thủ trưởng (KT.)" in asked
    assert "Thủ trưởng cơ quan" not in asked.partition("Ký với tư cách")[2][:60]
    refused = browser.post(f"{path}/complete", {"capacity": "HEAD", "confirm": "true"})
    assert refused.status_code == 422
    sent = browser.post(f"{path}/complete", {"capacity": "FOR_HEAD", "confirm": "true", "_seen": seen(refused.text)})
    assert sent.status_code == 302
    register = handed.browser("records")
    (shown,) = [
        page
        for key in re.findall(r'href="(/decisions/[^"./?]+)"', register.get("/decisions").text)
        if "Lương Thị Cúc" in (page := words(register.get(key).text))
    ]
    assert "thay Hoàng Văn Bách" in shown


def test_the_draft_is_shown_to_whom_the_pen_was_handed_and_to_nobody_else(handed: Shell) -> None:
    path = f"/decisions/drafts/{handed.stages['signing']}.pdf"
    draft = handed.browser("deputy").get(path)
    assert "KT. CỤC TRƯỞNG PHÓ CỤC TRƯỞNG Lương Thị Cúc" in text_of(draft.get_data())
    assert handed.browser("director").get(path).status_code == 200
    assert handed.browser("records").get(path).status_code == 403


def test_the_paper_that_is_handed_out_bears_it(handed: Shell) -> None:
    case = handed.case("signing")
    case.do("sign_decision", "deputy", together=[], capacity="FOR_HEAD", confirm=True)
    key = case.variables["decision_id"]
    answer = handed.browser("records").get(f"/decisions/{key}/decision.pdf")
    assert answer.status_code == 200
    assert "KT. CỤC TRƯỞNG PHÓ CỤC TRƯỞNG Lương Thị Cúc" in text_of(answer.get_data())


def test_the_minutes_end_with_the_signatures(read_only: Shell) -> None:
    case = read_only.case("director")
    page = words(read_only.browser("secretary").get(f"/council/lines/{case.variables['line_id']}/minutes").text)
    assert "THƯ KÝ HỘI ĐỒNG Nông Văn Dương CHỦ TỊCH HỘI ĐỒNG Hoàng Văn Bách" in page

"""The council in the browser: presence and quorum, one nominee per screen, the table, open ballots changed."""

import re
from html import unescape

import pytest

from tests.web.shell import Browser, Shell
from tests.web.test_forms import sentence_beside


def line_of(shell: Shell, stage: str) -> str:
    return str(shell.case(stage).variables["line_id"])


def voting(shell: Shell, stage: str, who: str = "member") -> tuple[Browser, str]:
    """A member with the ballot of a case open; its address."""
    browser, session = shell.browser(who), "PH-01" if stage == "open_vote" else "PH-02"
    path = f"/council/{session}/vote/{line_of(shell, stage)}"
    assert browser.get(path).status_code == 200
    return browser, path


def cast(browser: Browser, path: str, choice: str = "AGREE", **more: str) -> object:
    return browser.post(path, {"interest": "NONE", "choice": choice, "manner": "PRESENT", **more})


def voters(shell: Shell, stage: str) -> int:
    return len(shell.case(stage).open_tasks())


def test_the_start_goes_to_the_first_line_that_waits(shell: Shell) -> None:
    answer = shell.browser("member").get("/council/PH-01/vote")
    assert answer.location == f"/council/PH-01/vote/{line_of(shell, 'open_vote')}"


@pytest.mark.parametrize(("stage", "session"), [("open_vote", "PH-01"), ("secret_vote", "PH-02")])
def test_a_ballot_is_cast_and_its_receipt_shown_once(shell: Shell, stage: str, session: str) -> None:
    browser, path = voting(shell, stage)
    before = voters(shell, stage)
    answer = browser.post(path, {"interest": "NONE", "choice": "AGREE", "manner": "PRESENT"})
    assert (answer.status_code, answer.location) == (302, f"/council/{session}")
    page = browser.get(answer.location).text
    assert "Mã biên nhận: " in page
    assert "Mã biên nhận: " not in browser.get(answer.location).text
    assert voters(shell, stage) == before - 1


def test_a_secret_ballot_says_so_and_keeps_no_draft_and_no_note(shell: Shell) -> None:
    browser, path = voting(shell, "secret_vote")
    page = browser.get(path).text
    assert "Bỏ phiếu kín." in page
    assert "/draft" not in page
    assert 'name="note"' not in page
    answer = browser.post(path, {"interest": "NONE", "choice": "AGREE", "manner": "PRESENT", "note": "vì sao"})
    assert answer.status_code == 422


def test_nobody_sees_a_choice_of_a_secret_line(shell: Shell) -> None:
    browser, path = voting(shell, "secret_vote")
    cast(browser, path, "DISAGREE")
    assert "Không đồng ý" not in answered(browser.get(path).text)
    for who in ("director", "secretary", "auditor"):
        page = shell.browser(who).get("/council/PH-02").text
        assert "1/8 đã bỏ phiếu" in page
        assert "Không đồng ý</strong>" not in page


def answered(page: str) -> str:
    found = re.search(r'<div class="card"><p><span class="state.*?</div>', page, re.DOTALL)
    assert found
    return found[0]


def test_no_running_count_while_a_line_is_open(shell: Shell) -> None:
    browser, path = voting(shell, "open_vote")
    cast(browser, path, "DISAGREE")
    row = open_row(shell.browser("director").get("/council/PH-01").text, shell)
    assert "1/8 đã bỏ phiếu" in row
    assert "Không đồng ý" not in row


def open_row(page: str, shell: Shell) -> str:
    nomination = shell.case("open_vote").nomination_id
    found = next(row for row in re.findall(r"<tr data-row>.*?</tr>", page, re.DOTALL) if nomination in row)
    return unescape(found)


def test_an_open_ballot_may_be_changed_until_the_line_closes(shell: Shell) -> None:
    browser, path = voting(shell, "open_vote")
    cast(browser, path, "AGREE")
    assert "Sửa phiếu" in browser.get(path).text
    assert browser.post(f"{path}/change", {"choice": "DISAGREE", "note": "Xem lại"}).status_code == 302
    page = browser.get(path).text
    assert "Không đồng ý</strong>" in page
    assert "Xem lại" in page


def test_a_secret_ballot_is_final(shell: Shell) -> None:
    browser, path = voting(shell, "secret_vote")
    cast(browser, path)
    assert "Sửa phiếu" not in browser.get(path).text
    assert browser.post(f"{path}/change", {"choice": "DISAGREE", "note": ""}).status_code == 409


@pytest.mark.parametrize("stage", ["open_vote", "secret_vote"])
def test_a_second_vote_is_refused_in_words(shell: Shell, stage: str) -> None:
    browser, path = voting(shell, stage)
    cast(browser, path)
    before = voters(shell, stage)
    answer = browser.post(path, {"interest": "NONE", "choice": "DISAGREE", "manner": "PRESENT"})
    assert answer.status_code == 409
    assert 'id="error-summary"' in answer.text
    assert voters(shell, stage) == before


def test_no_choice_gets_a_sentence(shell: Shell) -> None:
    browser, path = voting(shell, "open_vote")
    answer = browser.post(path, {"interest": "NONE", "manner": "PRESENT", "note": "Ý kiến của tôi"})
    assert answer.status_code == 422
    assert sentence_beside(answer.text, "choice") == "Cần điền mục này."
    assert "Ý kiến của tôi" in answer.text


def test_an_interest_declared_at_the_ballot_recuses(shell: Shell) -> None:
    browser, path = voting(shell, "open_vote")
    answer = browser.post(path, {"interest": "DECLARED", "interest_reason": "Là anh họ của người được đề nghị",
                                 "manner": "PRESENT"})  # fmt: skip
    assert answer.status_code == 302
    assert "không tham gia xét" in browser.get(answer.location).text
    assert "không tham gia" in answered(browser.get(path).text)


def test_the_recused_proposer_meets_no_ballot(shell: Shell) -> None:
    browser = shell.browser("head")
    path = f"/council/PH-01/vote/{line_of(shell, 'open_vote')}"
    page = browser.get(path).text
    assert "không tham gia" in answered(page)
    assert 'name="choice"' not in page
    assert browser.post(path, {"interest": "NONE", "choice": "AGREE", "manner": "PRESENT"}).status_code == 409


def test_the_table_casts_what_is_chosen(shell: Shell) -> None:
    browser, line = shell.browser("member"), line_of(shell, "open_vote")
    assert f'name="choice-{line}"' in browser.get("/council/PH-01/vote/table").text
    before = voters(shell, "open_vote")
    assert browser.post("/council/PH-01/vote/table", {"manner": "PRESENT"}).status_code == 422
    bad = browser.post("/council/PH-01/vote/table", {f"choice-{line}": "VIELLEICHT", "manner": "PRESENT"})
    assert bad.status_code == 422
    assert "Một số phiếu chưa được nhận" in bad.text
    good = browser.post("/council/PH-01/vote/table", {f"choice-{line}": "ABSTAIN", "manner": "WRITTEN_OPINION"})
    assert good.status_code == 302
    assert voters(shell, "open_vote") == before - 1


def test_a_closed_line_shows_its_count_with_rule_and_source(read_only: Shell) -> None:
    page = read_only.browser("secretary").get("/council/PH-01").text
    assert "8</strong>/8" in page
    assert "Vì sao: Kết quả biểu quyết" in page
    minutes = re.search(r'href="(/council/lines/[^"]+/minutes)"', page)
    assert minutes
    assert "Hoàng Văn Bách" in read_only.browser("auditor").get(minutes[1]).text


def test_a_line_of_another_sitting_is_unknown(read_only: Shell) -> None:
    path = f"/council/PH-02/vote/{line_of(read_only, 'open_vote')}"
    assert read_only.browser("member").get(path).status_code == 404

"""Before a signature: the paper in each capacity one may sign in, or in the one chosen; nothing unseen is signed."""

import re
from datetime import timedelta
from typing import Any

import pytest

from engine.commands.tasks import delegate_task
from engine.db import reading
from tests.office import Case
from tests.unit.decisions.test_papers import text_of
from tests.web.shell import Browser, Shell
from tests.web.test_deputy_papers import seen, words
from workflows.decisions import papers, queries, signing
from workflows.referrals import papers as letters
from workflows.referrals.service import preview_letter

KT, Q = "KT. CỤC TRƯỞNG PHÓ CỤC TRƯỞNG", "Q. CỤC TRƯỞNG"


def hands_the_pen(case: Case, step: str) -> None:
    """The director asks his deputy head to sign, who also has the paper that makes him acting head."""
    office = case.office
    delegate_task(office.engine, case.task(step, "director").id, office.actor("director"), office.people["deputy"],
                  "Đi họp ở Hà Nội.")  # fmt: skip
    office.act("director", "organisation.delegate_role", role="director", to_person_id=office.people["deputy"],
               valid_from=office.today.isoformat(), valid_to=(office.today + timedelta(days=30)).isoformat(),
               reason="Đi học", document="08/QĐ-CTHADS", unit_id="")  # fmt: skip


@pytest.fixture
def handed(shell: Shell) -> Shell:
    hands_the_pen(shell.case("signing"), "sign_decision")
    return shell


def page_of(shell: Shell, step: str = "sign_decision", stage: str = "signing") -> tuple[Browser, str]:
    return shell.browser("deputy"), f"/tasks/{shell.case(stage).task(step, 'deputy').id}"


def section(page: str) -> str:
    """What the page says of the paper to be signed."""
    return words(page[page.index('id="signing"') : page.index("</section>", page.index('id="signing"'))])


def said_by(shell: Shell, case: Case) -> dict[str, Any]:
    """What the signed decision says, as the paper is printed."""
    with reading(shell.office.engine.sessions) as session:
        return papers.decision_data(session, queries.decision_of_nomination(session, case.nomination_id).decision_id)


def test_each_capacity_is_shown_until_one_is_chosen(handed: Shell) -> None:
    browser, path = page_of(handed)
    shown = section(browser.get(path).text)
    assert "Bạn ký được theo 2 tư cách" in shown
    assert KT in shown
    assert Q in shown
    assert "thay Hoàng Văn Bách, 08/QĐ-CTHADS" in shown
    assert seen(browser.get(path).text) == ""


def test_the_draft_of_each_capacity_bears_its_own_signature(handed: Shell) -> None:
    browser, path = page_of(handed)
    drafts = {
        capacity: browser.get(f"/decisions/drafts/{handed.stages['signing']}{paper}?capacity={capacity}")
        for capacity in ("FOR_HEAD", "ACTING_HEAD")
        for paper in (".pdf",)
    }
    assert f"{KT} Lương Thị Cúc" in text_of(drafts["FOR_HEAD"].get_data())
    acting = text_of(drafts["ACTING_HEAD"].get_data())
    assert f"{Q} Lương Thị Cúc" in acting
    assert KT not in acting
    links = re.findall(r'href="(/decisions/drafts/[^"]+)"', browser.get(path).text)
    assert len(links) == 4, "decision and certificate, in either capacity"
    for link in links:
        assert browser.get(link).mimetype == "application/pdf"
    certificate = browser.get(next(one for one in links if "certificate" in one and "ACTING_HEAD" in one))
    assert f"{Q} Lương Thị Cúc" in text_of(certificate.get_data())


def test_the_button_shows_the_choice_without_the_script_and_signs_nothing(handed: Shell) -> None:
    browser, path = page_of(handed)
    browser.get(path)
    form = {"capacity": "ACTING_HEAD", "confirm": "true", "_preview": "1"}
    page = browser.post(f"{path}/complete", form)
    assert page.status_code == 200
    assert Q in section(page.text)
    assert KT not in section(page.text)
    assert re.search(r'value="ACTING_HEAD" checked', page.text)
    assert re.search(r'name="confirm" value="true" checked', page.text), "what was ticked stays"
    assert handed.case("signing").open_elements() == ["sign_decision"]


@pytest.mark.parametrize(("capacity", "lines"), [("FOR_HEAD", KT), ("ACTING_HEAD", Q)])
def test_what_was_not_shown_is_not_signed_and_what_is_signed_is_what_was_shown(
    handed: Shell, capacity: str, lines: str
) -> None:
    case = handed.case("signing")
    browser, path = page_of(handed)
    form = {"capacity": capacity, "confirm": "true", "_seen": seen(browser.get(path).text)}
    again = browser.post(f"{path}/complete", form)
    assert again.status_code == 409
    assert "Chưa ký." in section(again.text)
    assert lines in section(again.text)
    assert case.open_elements() == ["sign_decision"]
    with reading(handed.office.engine.sessions) as session:
        actor = handed.office.actor("deputy").standing_in_for(handed.office.people["director"])
        shown = papers.preview_data(session, signing.preview(session, [case.key], actor, capacity, handed.office.today))
    sent = browser.post(f"{path}/complete", {**form, "_seen": seen(again.text)})
    assert sent.status_code == 302
    signed = said_by(handed, case)
    for unsure in ("number", "reasons"):
        signed.pop(unsure)
    assert shown.pop("number") == "", "the number is certain only once given"
    assert signed == shown


def test_another_choice_than_the_one_shown_is_shown_first(handed: Shell) -> None:
    browser, path = page_of(handed)
    browser.get(path)
    first = browser.post(f"{path}/complete", {"capacity": "FOR_HEAD", "_preview": "1"})
    form = {"capacity": "ACTING_HEAD", "confirm": "true", "_seen": seen(first.text)}
    assert browser.post(f"{path}/complete", form).status_code == 409
    assert handed.case("signing").open_elements() == ["sign_decision"]


def test_cases_signed_together_and_a_new_day_are_part_of_what_was_shown(shell: Shell) -> None:
    """One capacity, which the page shows at once: signed as shown; with another case, or another day, shown again."""
    case, other = shell.case("signing"), shell.case("director")
    other.do("director_decides", "director", decision="GRANT_GIAY_KHEN", reason="")
    browser, path = shell.browser("director"), f"/tasks/{case.task('sign_decision', 'director').id}"
    case.claim("sign_decision", "director")
    alone = seen(browser.get(path).text)
    assert alone
    form = {"capacity": "HEAD", "confirm": "true", "together": [other.key]}
    page = browser.post(f"{path}/complete", {**form, "_seen": alone})
    assert page.status_code == 409
    both = seen(page.text)
    assert both != alone
    link = next(link for link in re.findall(r'href="(/decisions/drafts/[^"]+)"', page.text) if "with=" in link)
    drawn = text_of(browser.get(link.replace("&amp;", "&")).get_data())
    assert "Danh sách gồm 02 cá nhân" in drawn
    shell.office.wait(days=1)
    del shell.browsers["director"]
    browser = shell.browser("director")  # signed in again, with the form of the day before
    late = browser.post(f"{path}/complete", {**form, "_seen": both})
    assert late.status_code == 409, "the paper would bear another day"
    assert browser.post(f"{path}/complete", {**form, "_seen": seen(late.text)}).status_code == 302
    names = [line["name"] for line in said_by(shell, case)["lines"]]
    assert len(names) == 2
    assert all(name in section(late.text) for name in names)


def test_a_draft_is_of_what_this_person_may_sign_alone(handed: Shell) -> None:
    browser, _ = page_of(handed)
    path = f"/decisions/drafts/{handed.stages['signing']}.pdf"
    assert browser.get(f"{path}?capacity=HEAD").status_code == 403
    assert browser.get(f"{path}?capacity=FOR_HEAD&with={handed.stages['feedback']}").status_code == 409
    assert handed.browser("records").get(f"{path}?capacity=FOR_HEAD").status_code == 403
    assert handed.browser("deputy").get("/decisions/drafts/khong-co.pdf").status_code == 403


def test_the_letter_to_the_minister_is_shown_in_the_chosen_capacity_too(shell: Shell) -> None:
    case = shell.case("referral")
    case.do("prepare_letter", "officer", **case.form("prepare_letter", "officer").schema["example"])
    hands_the_pen(case, "sign_letter")
    browser, path = page_of(shell, "sign_letter", "referral")
    page = browser.get(path).text
    assert "Tờ trình sắp ký" in section(page)
    assert KT in section(page)
    assert Q in section(page)
    assert "Giấy khen (PDF)" not in section(page)
    again = browser.post(f"{path}/complete", {"capacity": "ACTING_HEAD", "confirm": "true", "_seen": seen(page)})
    assert again.status_code == 409
    draft = browser.get(f"/decisions/drafts/{case.key}.pdf?capacity=ACTING_HEAD")
    assert f"{Q} Lương Thị Cúc" in text_of(draft.get_data())
    assert browser.get(f"/decisions/drafts/{case.key}/certificate.pdf").status_code == 403
    with reading(shell.office.engine.sessions) as session:
        actor = shell.office.actor("deputy").standing_in_for(shell.office.people["director"])
        shown = preview_letter(session, case.nomination_id, actor, "ACTING_HEAD", shell.office.today)
        said = letters.preview_data(session, shown)
    form = {"capacity": "ACTING_HEAD", "confirm": "true", "_seen": seen(again.text)}
    assert browser.post(f"{path}/complete", form).status_code == 302
    with reading(shell.office.engine.sessions) as session:
        signed = letters.letter_data(session, case.nomination_id)
    assert {**signed, "number": "", "draft": True} == said

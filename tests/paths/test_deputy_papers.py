"""Papers signed in another's place, as the office lives it: who may be handed the pen, and what the papers then say."""

import pytest

from engine.commands.tasks import delegate_task
from engine.db import reading
from tests.office import Case, Office
from tests.paths import stories
from tests.paths.test_deputies import names
from tests.unit.decisions.test_papers import text_of
from webapp.wiring import FONTS, file_storage
from workflows.council import queries as council
from workflows.council.signatures import signatures_of
from workflows.decisions import papers
from workflows.decisions import queries as decisions
from workflows.decisions.press import Press
from workflows.errors import NoSigningFormError, SigningPaperMissingError
from workflows.referrals import papers as letters


def hands_pen(case: Case, step: str, deputy: str) -> None:
    """The director asks somebody to sign for him this once."""
    office = case.office
    task = case.task(step, "director")
    case.claim(step, "director")
    delegate_task(office.engine, task.id, office.actor("director"), office.people[deputy], "Đi họp ở Hà Nội.")


def test_the_pen_goes_only_to_whom_the_decree_lets_sign(sqlite_office: Office) -> None:
    """A deputy head signs for the head; a head of unit needs a paper; for an accountant there is no form."""
    office = sqlite_office
    case = stories.granted(office)
    with pytest.raises(NoSigningFormError):
        hands_pen(case, "sign_decision", "staff")
    with pytest.raises(SigningPaperMissingError):
        delegate_task(office.engine, case.task("sign_decision", "director").id, office.actor("director"),
                      office.people["office"], "Đi họp ở Hà Nội.")  # fmt: skip
    delegate_task(office.engine, case.task("sign_decision", "director").id, office.actor("director"),
                  office.people["deputy"], "Đi họp ở Hà Nội.")  # fmt: skip
    form = case.form("sign_decision", "deputy")
    assert form.schema["properties"]["capacity"]["enum"] == ["FOR_HEAD"]
    case.do("sign_decision", "deputy", together=[], capacity="FOR_HEAD", confirm=True)
    office.machines_work()
    with reading(office.engine.sessions) as session:
        (view,) = decisions.decisions_of_nomination(session, case.nomination_id)
        press, storage = Press(FONTS), file_storage(office.settings)
        decision = text_of(papers.decision_pdf(session, storage, press, view.key))
        certificate = text_of(papers.certificate_pdf(session, storage, press, case.nomination_id))
    assert (view.signer_name, view.in_place_of, view.by_document) == ("Lương Thị Cúc", "Hoàng Văn Bách", "")
    for text in (decision, certificate):
        assert "KT. CỤC TRƯỞNG PHÓ CỤC TRƯỞNG Lương Thị Cúc" in text
    event = [one for one in case.history() if one.kind == "task.completed"][-1]
    assert (event.actor_id, event.data["on_behalf_of"]) == (office.people["deputy"], office.people["director"])


def test_the_letter_to_the_minister_says_so_too(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.reviewed(office, form="BANG_KHEN_BO_TRUONG")
    case.do("director_decides", "director", decision="REFER_TO_MINISTER")
    case.do("prepare_letter", "officer", **case.form("prepare_letter", "officer").schema["example"])
    hands_pen(case, "sign_letter", "deputy")
    case.do("sign_letter", "deputy", **case.form("sign_letter", "deputy").schema["example"])
    with reading(office.engine.sessions) as session:
        text = text_of(letters.letter_pdf(session, Press(FONTS), case.nomination_id))
    assert "KT. CỤC TRƯỞNG PHÓ CỤC TRƯỞNG Lương Thị Cúc" in text


def test_the_minutes_bear_both_names_where_the_secretary_was_replaced(sqlite_office: Office) -> None:
    office = sqlite_office
    names(office, "secretary", "officer", "council_secretary", days=60)
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office, mode="SECRET"))
    office.wait(hours=1)
    stories.vote(case)
    values = case.form("confirm_minutes_secretary", "officer").values
    absent = [{**row, "reason": row["reason"] or "Đi công tác"} for row in values["absent"]]
    case.do("confirm_minutes_secretary", "officer", **{**values, "absent": absent})
    case.do("confirm_minutes_chair", "director", confirmed=True)
    with reading(office.engine.sessions) as session:
        (line,) = council.lines_of_nomination(session, case.nomination_id)
        minutes, sitting = council.minutes_of(session, line.line_id), council.find_session(session, line.session_key)
        assert minutes is not None
        assert sitting is not None
        secretary, chair = signatures_of(session, minutes, sitting)
    assert (secretary.lines, secretary.person_id) == (("THƯ KÝ HỘI ĐỒNG",), office.people["officer"])
    assert secretary.in_place_of == office.people["secretary"]
    assert (chair.lines, chair.person_id) == (("CHỦ TỊCH HỘI ĐỒNG",), office.people["director"])
    assert chair.in_place_of == ""

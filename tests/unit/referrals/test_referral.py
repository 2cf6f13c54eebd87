"""The way to the Minister: the letter, its number, the stations by date, the answer."""

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from engine.errors import InvalidInputError
from tests.builders import a_document
from tests.unit.decisions.house import House
from workflows.decisions import queries as decisions
from workflows.decisions.service import record_honour
from workflows.errors import NoAnswerAwaitedError, UnknownDecisionError
from workflows.nominations.models import Nomination
from workflows.referrals import papers, queries, rules, service
from workflows.referrals.models import MinisterAnswer, SubmissionLetter

OPINION = "Tiêu biểu xuất sắc.\nHội đồng thống nhất đề nghị #panic()."


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    opened = House.open(database_url, tmp_path)
    yield opened
    opened.facts.database.dispose()


@pytest.fixture
def row(house: House) -> Nomination:
    return house.filed(proposed_form="BANG_KHEN_BO_TRUONG", ground="A")


def drafted(house: House, row: Nomination) -> None:
    with house.acting("head", **house.case_of(row)) as ctx:
        service.prepare_letter(
            ctx, nomination_id=row.nomination_id, addressee="Bộ trưởng Bộ Tư pháp", statement=OPINION,
            enclosures=["Báo cáo thành tích"],
        )  # fmt: skip


def lettered(house: House, row: Nomination) -> SubmissionLetter:
    drafted(house, row)
    with house.acting("director", **house.case_of(row)) as ctx:
        return service.sign_letter(ctx, nomination_id=row.nomination_id, capacity="HEAD")


def sent(house: House, row: Nomination, day: date) -> list[str]:
    """Send the dossier and return its stations."""
    with house.acting("head", **house.case_of(row)) as ctx:
        service.send(ctx, nomination_id=row.nomination_id, sent_on=day, dispatch="ELECTRONIC", note="")
        return [hop.station for hop in queries.hops_of(ctx.session, row.nomination_id)]


def answered(house: House, row: Nomination, answer: str, day: date, **more: Any) -> MinisterAnswer:
    values = {"official_number": "1890/QĐ-BTP", "document": "", "reason": "", **more}
    with house.acting("head", **house.case_of(row)) as ctx:
        return service.record_answer(ctx, nomination_id=row.nomination_id, answer=answer, answered_on=day, **values)


def test_stations_are_read_from_the_policy() -> None:
    assert rules.stations("A, B ,C,") == ("A", "B", "C")


def test_an_answer_lies_between_the_sending_and_today() -> None:
    sent_on, today = date(2025, 6, 16), date(2025, 6, 20)
    found = {
        day: rules.answer_faults(answered_on=date(2025, 6, day), sent_on=sent_on, today=today)
        for day in (15, 16, 20, 21)
    }
    assert found == {15: {"answered_on": "date_before"}, 16: {}, 20: {}, 21: {"answered_on": "date_in_future"}}


def test_letters_have_a_run_of_their_own(house: House, row: Nomination) -> None:
    house.signed(house.filed("quan"))
    letter = lettered(house, row)
    assert letter.official_number == "01/TTr-CTHADS"
    assert letter.papers["signer_lines"] == ["CỤC TRƯỞNG"]


@pytest.mark.parametrize(
    ("day", "stations"),
    [
        (date(2025, 6, 16), "GENERAL_DEPARTMENT MOJ_PERSONNEL_DEPARTMENT SECTOR_COUNCIL MINISTER"),
        (date(2025, 7, 1), "CJE_ADMINISTRATION MOJ_PERSONNEL_DEPARTMENT SECTOR_COUNCIL MINISTER"),
    ],
)
def test_the_way_is_that_of_the_day_of_sending(house: House, row: Nomination, day: date, stations: str) -> None:
    lettered(house, row)
    house.on(date(2025, 7, 2))
    assert sent(house, row, day) == stations.split()


def test_nothing_is_sent_before_the_letter_is_signed(house: House, row: Nomination) -> None:
    drafted(house, row)
    with pytest.raises(InvalidInputError) as refusal:
        sent(house, row, date(2025, 6, 16))
    assert refusal.value.details["problems"] == {"sent_on": ["@letter_not_signed"]}


def test_a_station_is_reached_on_the_way_only(house: House, row: Nomination) -> None:
    lettered(house, row)
    sent(house, row, date(2025, 6, 16))
    with house.acting("head") as ctx:
        service.record_hop(
            ctx, nomination=row.business_key, station="SECTOR_COUNCIL", reached_on=date(2025, 6, 16), note=""
        )
        reached = {hop.station: hop.reached_on for hop in queries.hops_of(ctx.session, row.nomination_id)}
        assert reached["SECTOR_COUNCIL"] == date(2025, 6, 16)
        assert reached["MINISTER"] is None
        with pytest.raises(InvalidInputError):
            service.record_hop(
                ctx, nomination=row.business_key, station="CJE_ADMINISTRATION", reached_on=date(2025, 6, 16), note=""
            )


def test_an_award_of_the_minister_is_in_force_and_then_conferred(house: House, row: Nomination) -> None:
    lettered(house, row)
    sent(house, row, date(2025, 6, 16))
    house.on(date(2025, 8, 1))
    answered(house, row, "awarded", date(2025, 7, 25))
    with house.acting("head", **house.case_of(row)) as ctx:
        record_honour(
            ctx, nomination_id=row.nomination_id, honoured_on=date(2025, 7, 30), place="Hội trường", note="",
            conferred_by="Thứ trưởng",
        )  # fmt: skip
        (honour,) = decisions.honours(ctx.session)
        view = queries.referral_of(ctx.session, row.nomination_id)
    assert (honour.form, honour.official_number, honour.decision_id) == ("BANG_KHEN_BO_TRUONG", "1890/QĐ-BTP", "")
    assert (honour.honoured_on, honour.conferred_by) == (date(2025, 7, 30), "Thứ trưởng")
    assert view is not None
    assert view.answer is not None
    assert view.answer.answer.value == "awarded"


def test_a_refusal_grants_nothing_and_needs_no_reason(house: House, row: Nomination) -> None:
    lettered(house, row)
    sent(house, row, date(2025, 6, 16))
    assert answered(house, row, "declined", date(2025, 6, 16)).reason == ""
    with house.acting("head") as ctx:
        assert decisions.award_of(ctx.session, row.nomination_id) is None


def test_an_answer_is_recorded_once_and_only_when_awaited(house: House, row: Nomination) -> None:
    lettered(house, row)
    with pytest.raises(NoAnswerAwaitedError):
        answered(house, row, "awarded", date(2025, 6, 16))
    sent(house, row, date(2025, 6, 16))
    answered(house, row, "declined", date(2025, 6, 16))
    with pytest.raises(NoAnswerAwaitedError):
        answered(house, row, "awarded", date(2025, 6, 16))


def test_the_paper_of_an_answer_belongs_to_the_nomination(house: House, row: Nomination) -> None:
    lettered(house, row)
    sent(house, row, date(2025, 6, 16))
    with house.facts.acting() as ctx:
        elsewhere, here = a_document(ctx, "elsewhere"), a_document(ctx, row.nomination_id)
    with pytest.raises(InvalidInputError) as refusal:
        answered(house, row, "declined", date(2025, 6, 16), document=elsewhere)
    assert refusal.value.details["problems"] == {"document": ["@answer_document_missing"]}
    assert answered(house, row, "declined", date(2025, 6, 16), document=here).document_id == here


def test_the_letter_says_who_asks_whom_for_what(house: House, row: Nomination) -> None:
    with house.acting("head") as ctx, pytest.raises(UnknownDecisionError):
        papers.letter_pdf(ctx.session, house.press, row.nomination_id)
    lettered(house, row)
    with house.acting("head") as ctx:
        pdf = papers.letter_pdf(ctx.session, house.press, row.nomination_id)
        assert papers.letter_pdf(ctx.session, house.press, row.nomination_id) == pdf
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
    for part in (
        "TỜ TRÌNH", "Số: 01/TTr-CTHADS", "Kính gửi: Bộ trưởng Bộ Tư pháp", "tặng Bằng khen", "bà Nông Thị Hoa",
        "Hội đồng thống nhất đề nghị #panic().", "Báo cáo thành tích", "CỤC TRƯỞNG", "Hoàng Văn Bách",
        "Lạng Sơn, ngày 16 tháng 6 năm 2025", "98/2023/NĐ-CP",
    ):  # fmt: skip
        assert part in text, part

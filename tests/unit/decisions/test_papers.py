"""The papers as readers get them: their text, the mark of a draft, the same bytes every time, no markup."""

import io
from datetime import date
from pathlib import Path
from unicodedata import is_normalized

import pytest
from pypdf import PdfReader

from engine.context import StepContext
from engine.errors import InvalidInputError
from tests.builders import a_document
from tests.unit.decisions.house import House
from workflows.decisions import papers, printing, queries, service, signing
from workflows.decisions.models import AwardDecision, PaperKind
from workflows.decisions.press import Press
from workflows.documents.models import DocumentKind
from workflows.errors import FontsMissingError
from workflows.nominations.models import Nomination

DRAFT = "BẢN DỰ THẢO"
HOSTILE = '#panic("x") $a^2$ *đậm* _nghiêng_ <nhan> @tham = Đề mục \\ #let x = 1; - mục'


def text_of(pdf: bytes) -> str:
    """The text of a PDF, as a reader's search sees it."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def decision_of(house: House, decision: AwardDecision) -> bytes:
    with house.acting("director") as ctx:
        return papers.decision_pdf(ctx.session, house.storage, house.press, decision.decision_key)


def certificate_of(house: House, row: Nomination, *, blank: bool = False) -> bytes:
    with house.acting("director") as ctx:
        return papers.certificate_pdf(ctx.session, house.storage, house.press, row.nomination_id, blank=blank)


def test_a_decision_has_all_that_the_law_and_the_layout_ask_for(house: House) -> None:
    pdf = decision_of(house, house.signed(house.filed()))
    text = text_of(pdf)
    assert is_normalized("NFC", text)
    for part in (
        "TỔNG CỤC THI HÀNH ÁN DÂN SỰ", "CỤC THI HÀNH ÁN DÂN SỰ TỈNH LẠNG SƠN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc", "Số: 01/QĐ-CTHADS", "Lạng Sơn, ngày 16 tháng 6 năm 2025", "QUYẾT ĐỊNH",
        "CỤC TRƯỞNG CỤC THI HÀNH ÁN DÂN SỰ TỈNH LẠNG SƠN", "Căn cứ Luật Thi đua, khen thưởng", "98/2023/NĐ-CP",
        "Căn cứ Quyết định số 733/QĐ-TTg ngày 14 tháng 6 năm 2019 của Thủ tướng Chính phủ", "bà Nông Thị Hoa",
        "Chấp hành viên", "Chi cục Thi hành án dân sự huyện Bắc Sơn", "Hoàn thành xuất sắc nhiệm vụ",
        "từ 01/01/2019 đến 16/6/2025", "700.000 đồng", "Điều 3.", "./.", "Nơi nhận:", "Lưu: VT, TCCB", "Hoàng Văn Bách",
    ):  # fmt: skip
        assert part in text, part
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    sheet = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    assert (round(float(sheet.width)), round(float(sheet.height))) == (595, 842)


def test_only_the_faces_of_the_folder_are_used(small_house: House) -> None:
    reader = PdfReader(io.BytesIO(decision_of(small_house, small_house.signed(small_house.filed()))))
    fonts = {
        str(font.get_object()["/BaseFont"]) for page in reader.pages for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all("Tinos" in font for font in fonts)


def test_a_decision_is_a_draft_until_its_scan_is_filed(house: House) -> None:
    decision = house.signed(house.filed())
    assert DRAFT in text_of(decision_of(house, decision))
    house.scanned(decision)
    assert DRAFT not in text_of(decision_of(house, decision))


def test_a_scan_filed_before_the_signature_is_no_scan_of_it(small_house: House) -> None:
    row = small_house.filed()
    with small_house.facts.acting() as ctx:
        a_document(ctx, row.nomination_id, DocumentKind.SIGNED_SCAN)
    small_house.on(date(2025, 6, 17))
    assert DRAFT in text_of(decision_of(small_house, small_house.signed(row)))


def test_the_preview_has_no_number_and_is_a_draft(small_house: House) -> None:
    row = small_house.filed()
    with small_house.acting("director") as ctx:
        shown = signing.preview(ctx.session, [row.business_key], ctx.actor, "HEAD", ctx.today)
        text = text_of(papers.preview_pdf(ctx.session, small_house.press, shown))
    assert DRAFT in text
    assert "/QĐ-CTHADS" not in text
    assert "700.000 đồng" in text


def test_the_same_facts_give_the_same_bytes(small_house: House) -> None:
    row = small_house.filed()
    decision = small_house.signed(row)
    first = decision_of(small_house, decision), certificate_of(small_house, row)
    small_house.on(date(2025, 12, 24))
    small_house.press = Press(Path(str(small_house.press._fonts)))
    assert (decision_of(small_house, decision), certificate_of(small_house, row)) == first


def test_what_people_type_is_never_markup(small_house: House) -> None:
    row = small_house.filed(achievement=HOSTILE)
    decision = small_house.signed(row)
    for pdf in (decision_of(small_house, decision), certificate_of(small_house, row)):
        assert " ".join(HOSTILE.split()) in text_of(pdf)


def test_a_certificate_names_the_award_and_its_decision(house: House) -> None:
    row = house.filed()
    decision = house.signed(row)
    assert DRAFT in text_of(certificate_of(house, row))
    house.scanned(decision)
    text = text_of(certificate_of(house, row))
    assert is_normalized("NFC", text)
    assert DRAFT not in text
    for part in (
        "GIẤY KHEN", "TẶNG", "Bà NÔNG THỊ HOA", "Hoàn thành xuất sắc nhiệm vụ", "“Thi đua thực hiện văn hóa công sở”",
        "Quyết định số: 01/QĐ-CTHADS", "Ngày 16 tháng 6 năm 2025", "CỤC TRƯỞNG", "Hoàng Văn Bách",
    ):  # fmt: skip
        assert part in text, part


def test_a_blank_gets_only_what_it_lacks(small_house: House) -> None:
    row = small_house.filed("bacson", internal_unity=True)
    small_house.scanned(small_house.signed(row))
    text = text_of(certificate_of(small_house, row, blank=True))
    assert "CHI CỤC THI HÀNH ÁN DÂN SỰ HUYỆN BẮC SƠN" in text
    assert "GIẤY KHEN" not in text
    assert "CỘNG HÒA" not in text


def test_a_long_achievement_still_fits_one_sheet(small_house: House) -> None:
    row = small_house.filed(achievement="Rút ngắn thời gian trả lời công dân, tổ chức. " * 6)
    small_house.signed(row)
    pdf = certificate_of(small_house, row)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    assert "Hoàng Văn Bách" in text_of(pdf)


def test_printing_twice_keeps_one_paper_and_records_it_once(house: House) -> None:
    row = house.filed()
    decision = house.signed(row)
    house.scanned(decision)
    for _ in range(2):
        with house.acting("director") as ctx:
            prepared = printing.prepare_papers(ctx.session, row.nomination_id)
        printed = printing.print_papers(house.storage, house.press, prepared)
        with house.acting("director", **house.case_of(row)) as ctx:
            printing.record_papers(ctx, printed)
    with house.acting("director") as ctx:
        paper = queries.printed_paper(ctx.session, PaperKind.DECISION, decision.decision_id)
        (line,) = queries.lines_of_decision(ctx.session, decision.decision_id)
    assert paper is not None
    assert paper.version == 1
    assert decision_of(house, decision) == house.storage.read(paper.sha256)
    assert certificate_of(house, row) == house.storage.read(line.certificate_sha256)


def test_printing_without_fonts_says_so(small_house: House, tmp_path: Path) -> None:
    decision = small_house.signed(small_house.filed())
    for press in (Press(None), Press(tmp_path)):
        small_house.press = press
        with pytest.raises(FontsMissingError):
            decision_of(small_house, decision)


def test_registering_needs_the_scan_and_a_day_after_the_signature(house: House) -> None:
    row = house.filed()
    decision = house.signed(row)

    def enter(ctx: StepContext, day: date, scan: str) -> None:
        service.register(
            ctx, nomination_id=row.nomination_id, book="Sổ đi", entry_number="125", copies=3, registered_on=day,
            signed_scan=scan,
        )  # fmt: skip

    with pytest.raises(InvalidInputError) as refusal, house.acting("director", **house.case_of(row)) as ctx:
        enter(ctx, date(2025, 6, 15), "x")
    assert set(refusal.value.details["problems"]) == {"registered_on", "signed_scan"}
    scan = house.scanned(decision)
    with house.acting("director", **house.case_of(row)) as ctx:
        enter(ctx, date(2025, 6, 16), scan)
        assert {person for person, *_ in ctx.notices} == {house.people["head"], house.people["hoa"]}
        (waiting,) = queries.honours(ctx.session)
    assert (waiting.official_number, waiting.honoured_on) == ("01/QĐ-CTHADS", None)
    with pytest.raises(InvalidInputError), house.acting("director", **house.case_of(row)) as ctx:
        service.record_honour(
            ctx, nomination_id=row.nomination_id, honoured_on=date(2025, 6, 17), place="", conferred_by="", note=""
        )
    with house.acting("director", **house.case_of(row)) as ctx:
        service.record_honour(
            ctx, nomination_id=row.nomination_id, honoured_on=date(2025, 6, 16), place="Hội trường",
            conferred_by="Cục trưởng", note="",
        )  # fmt: skip
        (honoured,) = queries.honours(ctx.session, nominee_id=house.people["hoa"], text="nong thi hoa")
        assert queries.honours(ctx.session, form="BANG_KHEN_BO_TRUONG") == []
    assert (honoured.honoured_on, honoured.place, honoured.prize_vnd) == (date(2025, 6, 16), "Hội trường", 700_000)

"""The whole path in a browser: from a unit head's proposal to the Giấy khen in the nominee's hands, and its audit."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import Staff
from tests.browser.serving import Served
from tests.office import COUNCIL, PDF, PEOPLE

SUMMARY = "Nhiều năm liền gương mẫu thực hiện văn hóa công sở, được nhân dân và đồng nghiệp tin yêu, quý trọng."
PAPERS = {"Tờ trình kèm danh sách": "Tờ trình 12.pdf", "Báo cáo thành tích": "Báo cáo thành tích.pdf",
          "Biên bản họp xét của đơn vị": "Biên bản họp.pdf"}  # fmt: skip
NOMINEE = PEOPLE["nominee"][0]


def pdf(name: str) -> bytes:
    return PDF % name.encode()


@pytest.mark.slow
def test_from_proposal_to_certificate(served: Served, staff: Staff) -> None:
    key = proposed(staff)
    drafted(staff, key)
    checked(staff, key)
    heard(staff, key)
    seated(staff, key)
    voted(staff, key)
    minuted(staff, key)
    decided(staff, key)
    issued(staff, key)
    honoured(staff, key)
    audited(staff, key)


def proposed(staff: Staff) -> str:
    """The unit head opens a nomination; return its key."""
    head = staff["head"]
    head.shot("queue-empty", phone=True)
    head.nav("Đề nghị mới")
    head.choose("Đợt 2025-TK")
    head.choose("Chi cục Thi hành án dân sự huyện Bắc Sơn")
    head.type(letter_number="12/TTr-CCTHADS")
    head.shot("proposal")
    head.send()
    head.refused("nominee_id", "Cần điền mục này.")
    expect(head.page.locator('[name="letter_number"]')).to_have_value("12/TTr-CCTHADS")
    head.shot("proposal-refused")
    head.page.get_by_label("Tìm theo tên").fill("nong thi hoa")
    expect(head.page.locator("#candidates .choice")).to_have_count(1)
    head.page.get_by_label(re.compile(NOMINEE)).check()
    head.send()
    expect(head.page.locator("#task-form")).to_be_visible()
    return head.page.locator(".task-head .sub a").inner_text()


def drafted(staff: Staff, key: str) -> None:
    """Achievement and papers, with what goes wrong on the way; then filed."""
    head = staff["head"]
    head.type(achievement="Gương mẫu thực hiện văn hóa công sở", achieved_from="1/1/2020", achieved_to="31/02/2025",
              summary="Ngắn quá.", letter_number="12/TTr-CCTHADS", letter_on="02/05/2025")  # fmt: skip
    head.shot("draft", phone=True)
    head.attach("Tờ trình kèm danh sách", "Tờ trình 12.pdf", b"khong phai PDF")
    expect(head.page.locator("#file-error")).to_be_visible()
    expect(head.page.locator('[name="summary"]')).to_have_value("Ngắn quá.")
    head.shot("draft-file-refused")
    for kind, name in PAPERS.items():
        head.attach(kind, name, pdf(name))
        head.sees(f"Đã thêm tệp {name} vào hồ sơ.")
    head.send()
    head.refused("achieved_to", "Ngày không hợp lệ")
    head.refused("summary", "Cần ít nhất 50 ký tự")
    expect(head.page.locator('[name="achievement"]')).to_have_value("Gương mẫu thực hiện văn hóa công sở")
    head.shot("draft-refused")
    head.type(achieved_to="30/4/2025", summary=SUMMARY)
    head.send()
    head.done("Kiểm tra thành phần hồ sơ")
    head.shot("receipt")


def checked(staff: Staff, key: str) -> None:
    """The personnel office checks every item and appraises."""
    officer = staff["officer"]
    officer.nav("Việc chung")
    officer.shot("queue-group", phone=True)
    officer.take("Kiểm tra thành phần hồ sơ", key)
    officer.shot("check")
    officer.choose("Trả lại để bổ sung")
    officer.send()
    officer.refused("outcome", "Không có mục nào cần bổ sung")
    officer.shot("check-refused")
    officer.choose("Đủ hồ sơ")
    officer.send()
    officer.done("Thẩm định hồ sơ, lập báo cáo")
    officer.follow("Thẩm định hồ sơ, lập báo cáo")
    officer.choose("Đề nghị Hội đồng xét")
    officer.send()
    officer.refused("report", "Cần điền mục này.")
    officer.type(report="Hồ sơ đầy đủ, thành tích rõ, đề nghị Hội đồng xét.")
    officer.shot("appraisal", phone=True)
    officer.send()
    officer.done()
    officer.shot("appraisal-receipt")


def heard(staff: Staff, key: str) -> None:
    """A colleague comments, the clock moves on, the office sums up."""
    colleague, admin, office, officer = staff["staff"], staff["admin"], staff["office"], staff["officer"]
    colleague.page.get_by_role("searchbox", name="Tra cứu").fill("hoa bac son")
    colleague.page.keyboard.press("Enter")
    colleague.sees(NOMINEE)
    colleague.shot("lookup")
    colleague.nav("Hồ sơ đề nghị")
    colleague.sees("Đang công khai lấy ý kiến")
    colleague.shot("nominations")
    colleague.follow(NOMINEE)
    colleague.shot("public-page", phone=True)
    colleague.follow("Góp ý về đề nghị khen thưởng")
    colleague.choose("Đồng tình")
    colleague.send()
    colleague.refused("text", "Cần điền mục này.")
    colleague.type(text="Rất xứng đáng được khen.")
    colleague.shot("comment")
    colleague.send()
    colleague.sees("Đã ghi nhận: Góp ý về đề nghị khen thưởng")

    admin.nav("Quản trị")
    admin.page.get_by_label("Số ngày").fill("20")
    admin.shot("administration", phone=True)
    admin.press("Tiến đồng hồ")
    admin.sees("Đã tiến 20 ngày")

    office.take("Tổng hợp ý kiến góp ý", key)
    office.type(text="")
    office.send()
    office.refused("text", "Cần điền mục này.")
    office.type(text="Một ý kiến đồng tình, không có ý kiến phản đối.")
    office.shot("feedback-summary")
    office.send()
    office.done("Xác nhận bản tổng hợp ý kiến")
    officer.take("Xác nhận bản tổng hợp ý kiến", key)
    officer.send()
    officer.done("Đưa đề nghị vào phiên họp")


def seated(staff: Staff, key: str) -> None:
    """The secretary calls a sitting and puts the nomination on it."""
    secretary = staff["secretary"]
    secretary.nav("Phiên họp Hội đồng")
    secretary.shot("council")
    secretary.follow("Triệu tập phiên họp Hội đồng")
    secretary.type(session_key="PH 2025 01")
    secretary.send()
    secretary.refused("session_key", "không có dấu cách")
    secretary.refused("place", "Cần điền mục này.")
    secretary.shot("session-refused")
    secretary.type(session_key="PH-2025-01", title="Phiên xét đợt tổng kết", place="Phòng họp tầng 2")
    secretary.choose("Bỏ phiếu kín")
    secretary.shot("session-new")
    secretary.send()
    secretary.sees("Phiên xét đợt tổng kết")
    secretary.take("Đưa đề nghị vào phiên họp", key)
    secretary.send()
    secretary.refused("session_key", "Cần điền mục này.")
    secretary.page.get_by_label(re.compile("PH-2025-01")).check()
    secretary.shot("schedule")
    secretary.send()
    secretary.done()


def voted(staff: Staff, key: str) -> None:
    """Every member who may votes by the keyboard alone; the proposer is left out."""
    first = True
    for who in COUNCIL:
        if who == "head":
            continue
        member = staff[who]
        member.go("/council/PH-2025-01")
        if first:
            member.shot("session", phone=True)
        member.follow("Bỏ phiếu lần lượt")
        member.page.wait_for_url(re.compile("/vote/[^/]+$"))
        if first:
            member.page.keyboard.press("Control+Enter")
            expect(member.page.locator("#error-summary")).to_be_focused()
            member.listens()
            member.shot("ballot-refused")
        member.page.get_by_label("Tôi không có lợi ích liên quan").press("Space")
        member.page.keyboard.press("1")
        if first:
            member.shot("ballot", phone=True)
        member.page.keyboard.press("Control+Enter")
        member.sees("Mã biên nhận")
        if first:
            member.shot("ballot-receipt")
        first = False
    staff["head"].go("/council/PH-2025-01")
    staff["head"].shot("session-of-the-recused")


def minuted(staff: Staff, key: str) -> None:
    """The secretary writes the minutes, the chair confirms."""
    secretary, director = staff["secretary"], staff["director"]
    secretary.take("Lập và xác nhận biên bản", key)
    secretary.shot("minutes-form")
    secretary.type(place="")
    secretary.send()
    secretary.refused("place", "Cần điền mục này.")
    secretary.type(place="Phòng họp tầng 2", discussion="Các thành viên nhất trí.")
    for reason in secretary.page.locator('[name^="absent-"][name$="-reason"]').all():
        reason.fill("Tránh theo quy định")
    secretary.shot("minutes")
    secretary.send()
    secretary.done("Xác nhận biên bản họp")
    director.take("Xác nhận biên bản họp", key)
    director.send()
    director.refused("confirmed", "Cần điền mục này.")
    director.choose("Tôi xác nhận biên bản")
    director.shot("minutes-chair")
    director.send()
    director.done("Quyết định hình thức khen thưởng")


def decided(staff: Staff, key: str) -> None:
    """The director decides and signs."""
    director = staff["director"]
    director.follow("Quyết định hình thức khen thưởng")
    director.press("Nhận việc")
    director.choose("Không khen")
    director.send()
    director.refused("reason", "lý do")
    director.shot("decision", phone=True)
    director.choose("Tặng Giấy khen")
    director.send()
    director.done("Ký quyết định khen thưởng")
    director.follow("Ký quyết định khen thưởng")
    director.press("Nhận việc")
    director.choose("Thủ trưởng cơ quan")
    director.send()
    director.refused("confirm", "Hãy xem số, ngày, danh sách")
    director.choose("Tôi đã xem số, ngày và danh sách")
    director.shot("signing")
    director.send()
    director.done()
    director.shot("signed")


def issued(staff: Staff, key: str) -> None:
    """The records officer files the signed scan and registers; the worker makes the certificate."""
    records = staff["records"]
    records.nav("Quyết định")
    records.shot("decisions")
    records.take("Vào sổ, đóng dấu, phát hành quyết định", key)
    records.type(book="Sổ đăng ký văn bản đi", entry_number="125", copies="5")
    records.shot("register", phone=True)
    records.send()
    records.refused("signed_scan", "Cần điền mục này.")
    records.attach("Bản quét quyết định đã ký", "Quyết định đã ký.pdf", pdf("bản ký"))
    records.sees("Đã thêm tệp Quyết định đã ký.pdf")
    records.page.get_by_label("Quyết định đã ký.pdf").check()
    records.type(registered_on="25/05/2025")
    records.shot("register-ready")
    records.send()
    records.done()
    records.shot("issued")


def honoured(staff: Staff, key: str) -> None:
    """The certificate arrives from the worker; the office confers the award."""
    office = staff["office"]
    office.nav("Việc chung")
    office.awaits("Trao thưởng và ghi nhận tôn vinh")
    office.take("Trao thưởng và ghi nhận tôn vinh", key)
    office.type(honoured_on="", place="Hội trường", conferred_by="Cục trưởng")
    office.send()
    office.refused("honoured_on", "Cần điền mục này.")
    office.type(honoured_on="25/05/2025")
    office.shot("honour")
    office.send()
    office.done()
    office.shot("honour-receipt")
    office.nav("Tôn vinh")
    office.sees(NOMINEE)
    office.shot("honours", phone=True)
    nominee = staff["nominee"]
    nominee.go(f"/cases/{key}")
    nominee.sees("Kết quả kiểm phiếu được ẩn với vai trò của bạn.")
    expect(nominee.page.locator("main")).not_to_contain_text("Số phiếu đã bỏ")
    nominee.shot("nomination-of-the-nominee")
    office.go(f"/cases/{key}")
    with office.page.expect_download() as download:
        office.follow("Giấy khen")
    assert download.value.path().read_bytes().startswith(b"%PDF")


def audited(staff: Staff, key: str) -> None:
    """The auditor sees every step, asks why, checks the chains and takes the record away."""
    auditor = staff["auditor"]
    auditor.shot("audit")
    auditor.follow(key)
    auditor.sees("Chuỗi của hồ sơ nguyên vẹn")
    auditor.shot("replay", phone=True)
    auditor.follow("Áp dụng bảng quy định: Xác định kết quả biểu quyết")
    why = auditor.page.locator("#moment details.why")
    why.locator("summary").click()
    expect(why).to_contain_text("Kết quả: Đạt")
    auditor.shot("why")
    auditor.go(f"/cases/{key}")
    auditor.sees("Đã tặng Giấy khen")
    auditor.shot("nomination", phone=True)
    auditor.nav("Nhật ký kiểm toán")
    auditor.press("Kiểm tra toàn bộ chuỗi")
    auditor.sees("Toàn bộ nhật ký nguyên vẹn.")
    auditor.shot("verified")
    auditor.follow("Nhật ký kiểm toán")
    with auditor.page.expect_download() as download:
        auditor.follow("Tải JSON")
    events = json.loads(download.value.path().read_text(encoding="utf-8"))
    kinds = {event["kind"] for event in events if event["business_key"] == key}
    assert {"instance.started", "task.completed", "decision.evaluated", "instance.ended"} <= kinds

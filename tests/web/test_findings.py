"""Faults of decision tables as their readers meet them: row, column and value in words; nothing to decipher."""

import io
import re
from html import unescape
from pathlib import Path

import pytest

from tests.office import BPMN
from tests.unit.dmn.tables import table
from tests.web.shell import Browser, Shell
from webapp.i18n import catalogue
from webapp.typed import plain_number

DMN = Path(__file__).resolve().parents[2] / "engine"
PRIZE = (BPMN / "tables" / "prize" / "2025-07-01.dmn").read_text(encoding="utf-8")
LATER = "2026-03-01"
TECHNICAL = re.compile(r"<details[^>]*technical.*?</details>", re.DOTALL)


def said_of(browser: Browser, content: bytes, key: str = "prize") -> str:
    """The words of the findings of an uploaded file, without what is folded away for its maker."""
    browser.get("/changes/new")
    answer = browser.post("/changes/check", {
        "table": key, "valid_from": LATER, "_file": (io.BytesIO(content), "mới.dmn"),
    }, content_type="multipart/form-data")  # fmt: skip
    assert answer.status_code == 200, answer.text
    lists = re.findall(r'<ul class="plain findings">(.*?)</ul>', answer.text, re.DOTALL)
    return " ".join(unescape(re.sub("<[^>]+>", " ", TECHNICAL.sub("", "".join(lists)))).split())


def prize(before: str, after: str, times: int = 1) -> bytes:
    """The table of prizes with something else in it."""
    assert before in PRIZE
    return PRIZE.replace(before, after, times).encode()


FAULTS = [
    (b" ", "Tệp rỗng.", "The file is empty."),
    (b"xin ch\xc3\xa0o", "cấu trúc XML sai ở dòng 1", "broken on line 1"),
    (b"<!DOCTYPE a><definitions/>", "DOCTYPE", "DOCTYPE"),
    (b"<so_lieu/>", "phần tử đầu tiên là “so_lieu”", "first element is “so_lieu”"),
    (b"<definitions/>", "không chứa bảng quy định nào", "holds no decision table"),
    (prize("<text>2340000</text>", '<text>"nhiều"</text>'),
     "dòng 1, cột “Lương cơ sở (đồng)”: “nhiều” là chữ, trong khi ở đây cần số.",
     "row 1, column “Base salary (VND)”: “nhiều” is a text, but a number is needed here."),
    (prize("<text>2340000</text>", "<text>(2340000</text>"),
     "dòng 1, cột “Lương cơ sở (đồng)”: biểu thức “(2340000” còn thiếu ở cuối.",
     "the expression “(2340000” lacks something at its end."),
    (prize("<text>0.3</text>", "<text>0.3 0.4</text>"), "biểu thức “0.3 0.4” viết sai ở ký tự thứ 5, chỗ “0.4”",
     "wrong at character 5"),
    (prize("<text>0.3</text>", "<text>he_so * 2</text>"), "cột “Hệ số”: dùng “he_so” mà bảng không khai báo",
     "uses “he_so”, which the table does not declare"),
    (prize("<text>0.3</text>", "<text>lam tron(3)</text>"), "cột “Hệ số”", "row 1"),
    (prize("<text>0.3</text>", "<text>tinh(3)</text>"), "gọi hàm “tinh” mà hệ thống không có",
     "calls the function “tinh”"),
    (prize('<text>"NEAREST"</text>', '<text>"DOWN"</text>'),
     "“DOWN” không nằm trong các giá trị được dùng: Gần nhất, Làm tròn lên, Không làm tròn.",
     "“DOWN” is not one of the values that may be used"),
    (prize('<inputEntry id="H05_in1"><text>"GIAY_KHEN"</text></inputEntry>', ""), "có 4 ô trong khi bảng có 5 cột",
     "there are 4 cells, but the table has 5 columns"),
    (prize('hitPolicy="UNIQUE"', 'hitPolicy="LUCKY"'), "cách chọn dòng “LUCKY” không có", "no hit policy “LUCKY”"),
    (prize('href="#input_form"', 'href="#input_gone"'), "dùng phần “input_gone” mà tệp không có",
     "uses “input_gone”, which the file does not hold"),
    (prize('typeRef="number"', 'typeRef="tien"'), "kiểu dữ liệu “tien” không có", "there is no type “tien”"),
    (prize('thidua:lookedUpBy="decided_on"', ""), "chưa ghi ngày để tra bảng", "does not say by which date"),
    (prize('<text>"COLLECTIVE"</text>', '<text>"INDIVIDUAL"</text>'),
     "dòng 1 và dòng 2 cùng khớp, trong khi chỉ được một dòng. Ví dụ: Hình thức khen thưởng = Giấy khen;",
     "row 1 and row 2 both match"),
    (prize('<text>"COLLECTIVE"</text>', '<text>"INDIVIDUAL", "INDIVIDUAL"</text>', 9), "có trường hợp không dòng nào",
     "there are cases that no row matches"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "vietnamese", "english"), FAULTS)
def test_a_fault_is_told_by_its_place_and_its_value(
    shell: Shell, content: bytes, vietnamese: str, english: str
) -> None:
    officer = shell.browser("officer")
    said = said_of(officer, content)
    assert vietnamese in said
    for word in ("table ", " row ", "column", " the ", "GIAY_KHEN", "INDIVIDUAL"):
        assert word not in said.replace("“INDIVIDUAL", ""), said
    officer.speak("en")
    assert english in said_of(officer, content)


def test_a_row_that_is_never_used_says_which_one_comes_before(shell: Shell) -> None:
    rows = [["-", '"a"'], ["> 3", '"b"']]
    said = said_of(shell.browser("officer"), table([("n", "number")], [("word", "string")], rows, policy="FIRST"))
    assert "dòng 2 không bao giờ được dùng, vì dòng 1 luôn khớp trước. Ví dụ: n = 4" in said
    never = table([("n", "number")], [("word", "string")], [["(3..3)", '"a"'], ["-", '"b"']])
    assert "cột “n”: không giá trị nào thỏa ô này, nên dòng 1 không bao giờ khớp." in said_of(
        shell.browser("officer"), never
    )


def test_what_the_checker_says_to_makers_of_files_is_folded_away(shell: Shell) -> None:
    officer = shell.browser("officer")
    officer.get("/changes/new")
    answer = officer.post("/changes/check", {
        "table": "prize", "valid_from": LATER, "_file": (io.BytesIO(prize("<text>0.3</text>", "<text>x</text>")), "a"),
    }, content_type="multipart/form-data")  # fmt: skip
    folded = TECHNICAL.findall(answer.text)
    assert len(folded) == 1
    assert "Chi tiết kỹ thuật" in folded[0]
    assert "does not require" in folded[0]
    assert "does not require" not in TECHNICAL.sub("", answer.text)


def test_an_example_that_no_row_fits_is_answered_in_words(read_only: Shell) -> None:
    staff = read_only.browser("staff")
    missing = staff.get("/rules/vote_outcome/2019-01-01?try=1&in_cast=nhi%E1%BB%81u").text
    assert "Nhập một số" in missing
    refused = unescape(staff.get("/rules/policy/2019-01-01?try=1&in_parameter=khong_co").text)
    assert "Bảng không trả lời được với dữ liệu này" in refused
    assert "no rule fits" not in refused
    assert 'lang="en"' not in refused.split('id="trial"')[1].split("</section>")[0]


def test_an_example_is_asked_with_numbers_as_they_are_written_here(read_only: Shell) -> None:
    asked = "/rules/vote_outcome/2019-01-01?try=1&in_members=9&in_recused=0&in_agree=5&in_cast="
    staff = read_only.browser("staff")
    assert 'id="in-cast-error"' in staff.get(f"{asked}7.5.5").text
    assert 'id="in-cast-error"' not in staff.get(f"{asked}7,5").text
    assert 'id="in-cast-error"' not in staff.get(f"{asked}1.250.000").text


@pytest.mark.parametrize(
    ("typed", "language", "number"),
    [("1.250,5", "vi", "1250.5"), ("2 340 000", "vi", "2340000"), ("-7,25", "vi", "-7.25"), ("12.5", "vi", "12.5"),
     ("1,250.5", "en", "1250.5"), ("1.250", "en", "1.250"), ("nhiều", "vi", "nhiều"), ("1.25.3", "vi", "1.25.3")],
)  # fmt: skip
def test_a_number_is_read_as_the_language_writes_it(typed: str, language: str, number: str) -> None:
    assert plain_number(typed, language) == number


def test_days_between_versions_that_do_not_meet_are_told_before_anybody_proposes(shell: Shell) -> None:
    officer, by = shell.browser("officer"), 'thidua:lookedUpBy="decided_on"'
    changed = PRIZE.replace("2340000", "2500000")
    ending = changed.replace(by, f'{by} thidua:validUntil="2026-06-01"').encode()
    said = said_of(officer, ending)
    assert "Bản áp dụng từ 01/03/2026 ghi hết hiệu lực ngày 01/06/2026 nhưng không có bản nào tiếp theo" in said
    other = said_of(officer, changed.replace(by, by.replace("decided_on", "opened_on")).encode())
    assert "tra theo ngày mở biểu quyết, bản trước tra theo ngày quyết định" in other
    assert "không phải là ngày" in said_of(officer, ending.replace(b"2026-06-01", "mùa hè".encode()))


def test_every_code_of_a_fault_has_its_sentence_in_both_languages() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (DMN / "dmn").glob("*.py"))
    codes = set(re.findall(r'"?problem"?[=:] ?"(\w+)"', text)) | set(re.findall(r'code="(\w+)"', text))
    versions = (DMN / "table_versions.py").read_text(encoding="utf-8")
    codes |= set(re.findall(r'_fault\(file, "\w+", [^)]*?"(\w+)"', versions)) | {"end_without_next", "end_too_early"}
    rules = set(re.findall(r'Finding\(\s*[\w.]+, "(\w+)"', text + versions))
    rules -= {"type", "unreachable"}  # these always say which of their faults it is
    assert {"wrong_type", "same_day", "no_row", "syntax_end"} <= codes
    for language in ("vi", "en"):
        known = catalogue(language)
        assert [code for code in sorted(codes | rules) if f"findings.{code}" not in known] == []

"""New values of a repair: chosen by their words, refused beside their fields, seen as they were and as they will be."""

import re
from html import unescape
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from engine import queries
from engine.context import StepContext
from engine.db import reading
from engine.text import is_id
from tests.office import Case
from tests.web.shell import Browser, Shell
from workflows.variables import kind_of

REASON = "Đơn vị ghi nhầm, đã có công văn đính chính."


def block(page: str, name: str) -> str:
    """What the page shows of one variable: its line and the field below it."""
    lines = re.findall(r"<li><details.*?</details></li>", page, re.DOTALL)
    found = [line for line in lines if f'"value-{name}"' in line or f'"value-{name}-' in line]
    assert len(found) == 1, name
    return " ".join(unescape(found[0]).split())


def words(part: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", part).split())


def options(part: str) -> list[str]:
    return re.findall(r"<option[^>]*>([^<]*)</option>", part)


def see(admin: Browser, case: Case, *pairs: tuple[str, str], reason: str = REASON, **more: str) -> TestResponse:
    """An operator fills in the form and asks to see what would come of it."""
    admin.get(f"/admin/cases/{case.id}/repair")
    given = MultiDict([("token", more.pop("token", "")), ("reason", reason), *pairs, *more.items()])
    given.add("csrf_token", admin.token)
    return admin.client.post(f"/admin/cases/{case.id}/repair/preview", data=given)


def send(admin: Browser, case: Case, seen: TestResponse) -> str:
    """The operator sends what the preview showed; the address of the proposal."""
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', seen.text)
    given = MultiDict([(name, unescape(value)) for name, value in hidden])
    sent = admin.client.post(f"/admin/cases/{case.id}/repair", data=given)
    assert sent.status_code == 302, sent.text
    return str(sent.location)


def test_values_are_chosen_by_their_words(read_only: Shell) -> None:
    case = read_only.case("director")
    page = read_only.browser("admin").get(f"/admin/cases/{case.id}/repair").text
    form = block(page, "proposed_form")
    assert "Hình thức đề nghị: Giấy khen" in words(form)
    assert options(form) == [
        "Không sửa",
        "Giấy khen",
        "Bằng khen của Bộ trưởng Bộ Tư pháp",
        "Bỏ giá trị này (để trống)",
    ]
    assert options(block(page, "fallback")) == ["Không sửa", "Có", "Không"]
    assert "Chi cục Thi hành án dân sự huyện Bắc Sơn" in options(block(page, "unit_id"))
    assert "Đợt 2025-TK" in options(block(page, "round_key"))
    assert "Đủ hồ sơ" in options(block(page, "completeness"))
    assert "Số nguyên, ví dụ 2" in block(page, "ballot_round")
    assert "08:00 15/06/2025" in block(page, "ballot_deadline_at")
    checker = words(block(page, "checker_id"))
    assert "Người kiểm tra: Vi Thị Én" in checker
    assert "Nông Thị Hoa – Chấp hành viên" in checker
    assert "Mã do máy đặt" in block(page, "nomination_id")
    assert f"Mã hồ sơ trong máy: {case.key}" in words(block(page, "nomination_id"))
    assert "biểu quyết lượt 1 tại PH-01" in words(block(page, "line_id"))


def test_nobody_needs_to_read_a_code(read_only: Shell) -> None:
    case = read_only.case("director")
    page = read_only.browser("admin").get(f"/admin/cases/{case.id}/repair").text
    main = words(re.sub("<script.*?</script>", "", page.split("<main")[1], flags=re.DOTALL))
    assert not re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}", main)
    assert not re.findall(r"\b[a-z]+_[a-z_]+\b|\b[A-Z]+_[A-Z_]+\b", main)


def test_the_elements_of_the_diagram_are_chosen_by_name_and_kind(read_only: Shell) -> None:
    page = read_only.browser("admin").get(f"/admin/cases/{read_only.case('director').id}/repair").text
    assert '<optgroup label="việc của người">' in page
    assert '<optgroup label="kết thúc">' in page
    assert "Kết quả lấy ý kiến?" in page


def test_a_change_is_seen_in_words_by_both_people_and_done(shell: Shell) -> None:
    case, admin = shell.case("check"), shell.browser("admin")
    seen = see(admin, case, **{"value-proposed_form": "BANG_KHEN_BO_TRUONG"})
    assert seen.status_code == 200, seen.text
    change = "Hình thức đề nghị: Giấy khen → Bằng khen của Bộ trưởng Bộ Tư pháp"
    assert change in words(seen.text)
    address = send(admin, case, seen)
    director = shell.browser("director")
    assert change in words(director.get(address).text)
    assert director.post(f"{address}/approve", {"reason": ""}).status_code == 302
    assert case.variables["proposed_form"] == "BANG_KHEN_BO_TRUONG"
    assert change in words(director.get(address).text), "the past value stays on record"
    assert change in words(shell.browser("auditor").get(f"/admin/cases/{case.id}").text)


def test_people_are_found_by_name_and_listed(shell: Shell) -> None:
    case, admin, people = shell.case("open_vote"), shell.browser("admin"), shell.office.people
    page = admin.get(f"/admin/cases/{case.id}/repair").text
    held = re.findall(r'name="value-voters" value="([^"]+)" checked', page)
    assert sorted(held) == sorted(case.variables["voters"])
    found = admin.get(f"/admin/cases/{case.id}/repair?find-voters=phung+thi+sen", headers={
        "HX-Request": "true", "HX-Target": "options-voters",
    })  # fmt: skip
    assert "Phùng Thị Sen – Kế toán" in found.text
    assert "<main" not in found.text
    again = see(admin, case, ("find-voters", "sen"), *(("was-voters", one) for one in held),
                *(("value-voters", one) for one in held[1:]), _again="voters")  # fmt: skip
    assert again.status_code == 200
    assert REASON in again.text
    assert re.findall(r'name="value-voters" value="([^"]+)" checked', again.text) == held[1:]
    wanted = [*held[1:], people["staff"]]
    seen = see(admin, case, *(("was-voters", one) for one in held), *(("value-voters", one) for one in wanted))
    assert "Phùng Thị Sen" in words(seen.text)
    assert admin.post(f"{send(admin, case, seen)}/approve").status_code == 403
    request = queries.list_requests(shell.office.engine, instance_id=case.id)[0]
    assert request.plan.variables == {"voters": wanted}
    assert request.plan.before == {"voters": case.variables["voters"]}


def test_a_person_or_unit_or_nothing_is_chosen(shell: Shell) -> None:
    case, admin, office = shell.case("check"), shell.browser("admin"), shell.office
    given = {"value-checker_id": office.people["officer"], "value-unit_id": office.units["vanlang"],
             "value-window_closes_at": "17:00 12/06/2025", "value-ballot_round": "1.250", "value-fallback": "no",
             "value-proposed_form": "-"}  # fmt: skip
    seen = see(admin, case, **given)
    assert seen.status_code == 200, seen.text
    told = words(seen.text)
    assert "Người kiểm tra: Không có → Vi Thị Én" in told
    assert "→ Chi cục Thi hành án dân sự huyện Văn Lãng" in told
    assert "Hết hạn góp ý: Không có → 17:00 12/06/2025" in told
    assert "Hình thức đề nghị: Giấy khen → Không có" in told
    send(admin, case, seen)
    plan = queries.list_requests(office.engine, instance_id=case.id)[0].plan
    assert plan.variables == {
        "checker_id": office.people["officer"], "unit_id": office.units["vanlang"],
        "window_closes_at": "2025-06-12T10:00:00+00:00", "ballot_round": 1250, "fallback": False,
        "proposed_form": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("proposed_form", "HUAN_CHUONG", "Hãy chọn một giá trị trong danh sách."),
        ("fallback", "có lẽ", "Nhập “có” hoặc “không”."),
        ("ballot_round", "hai", "Đây không phải là số nguyên."),
        ("ballot_round", "9" * 40, "Đây không phải là số nguyên."),
        ("window_closes_at", "chiều mai", "Đây không phải là giờ và ngày."),
        ("window_closes_at", "25:00 12/06/2025", "Đây không phải là giờ và ngày."),
        ("checker_id", "Vi Thị Én", "không có trong danh sách nhân sự"),
        ("unit_id", "Bắc Sơn", "Hãy chọn một giá trị trong danh sách."),
        ("nomination_id", "ĐN-2025", "Mã chưa đúng dạng"),
        ("decision_id", "x" * 2001, "Dài 2001 ký tự, nhiều nhất là 2000."),
    ],
)
def test_a_wrong_value_is_told_beside_its_field_and_nothing_is_lost(
    read_only: Shell, name: str, given: str, sentence: str
) -> None:
    case, admin = read_only.case("check"), read_only.browser("admin")
    refused = see(
        admin, case, **{f"value-{name}": given, "value-proposed_form" if name != "proposed_form" else "x": "-"}
    )
    assert refused.status_code == 422
    own = block(refused.text, name)
    assert sentence in own
    assert 'aria-invalid="true"' in own
    assert "<details open>" in own
    assert f'href="#value-{name}"' in refused.text
    assert REASON in refused.text
    if name != "proposed_form":
        assert '<option value="-" selected>' in block(refused.text, "proposed_form")
    if name in ("ballot_round", "window_closes_at", "nomination_id", "decision_id"):
        assert f'value="{given}"' in own


def test_no_reason_no_step_and_no_change_are_told_where_they_are_missing(read_only: Shell) -> None:
    case, admin = read_only.case("check"), read_only.browser("admin")
    silent = see(admin, case, reason="", **{"value-proposed_form": "-"})
    assert silent.status_code == 422
    assert 'id="error-reason"' in silent.text
    token = re.search(r'id="token-(\d+)"', admin.get(f"/admin/cases/{case.id}/repair").text)
    assert token
    given = MultiDict([("token", token[1]), ("reason", REASON), ("csrf_token", admin.token)])
    nowhere = admin.client.post(f"/admin/cases/{case.id}/repair/preview", data=given)
    assert nowhere.status_code == 422
    assert f'id="error-target-{token[1]}"' in nowhere.text
    same = see(admin, case, **{"value-proposed_form": "GIAY_KHEN"})
    assert (same.status_code, "Hãy chọn một vị trí cần chuyển đến, hoặc một giá trị cần sửa" in same.text) == (
        422,
        True,
    )


def test_a_value_of_which_nothing_is_known_is_given_as_what_somebody_says_it_is(shell: Shell) -> None:
    case, admin = shell.case("check"), shell.browser("admin")
    seen = see(admin, case, **{"value-decision_id": "Có", "kind-decision_id": "yes_no"})
    assert seen.status_code == 200, seen.text
    send(admin, case, seen)
    assert queries.list_requests(shell.office.engine, instance_id=case.id)[0].plan.variables == {"decision_id": True}


def test_back_from_the_preview_everything_stands_as_it_was_given(read_only: Shell) -> None:
    case, admin = read_only.case("check"), read_only.browser("admin")
    seen = see(admin, case, **{"value-proposed_form": "-", "value-ballot_round": "3"})
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', seen.text)
    back = admin.client.post(
        f"/admin/cases/{case.id}/repair/preview",
        data=MultiDict([*((n, unescape(v)) for n, v in hidden), ("_again", "1")]),
    )
    assert back.status_code == 200
    assert 'value="3"' in block(back.text, "ballot_round")
    assert REASON in back.text


def test_the_kind_of_every_variable_of_the_shipped_diagrams_is_found(read_only: Shell) -> None:
    """All but ids of records: those nobody chooses."""
    office, unknown = read_only.office, {}
    for stage in ("draft", "check", "open_vote", "director", "referral"):
        case = read_only.case(stage)
        with reading(office.engine.sessions) as reader:
            ctx = StepContext(
                session=reader, now=office.clock.now(), ids=office.engine.ids, random=office.engine.random,
                actor=office.actor("admin"), decide=lambda *_: None, instance_id=case.id, business_key=case.key,
                process_key="nomination", variables=case.variables,
            )  # fmt: skip
            for one in queries.repairable_variables(office.engine, case.id):
                if kind_of(ctx, one).kind == "text":
                    unknown[one.name] = one.value
    assert set(unknown) == {"decision_id", "line_id", "nomination_id"}
    assert all(value is None or is_id(value) for value in unknown.values())


def test_the_form_speaks_english_too(read_only: Shell) -> None:
    admin: Any = read_only.browser("admin")
    admin.speak("en")
    page = admin.get(f"/admin/cases/{read_only.case('director').id}/repair").text
    assert options(block(page, "fallback")) == ["Unchanged", "Yes", "No"]
    assert "Take this value away" in page
    admin.speak("vi")


def test_a_deadline_that_runs_on_is_told_before_anybody_approves(shell: Shell) -> None:
    case, admin = shell.case("open_vote"), shell.browser("admin")
    seen = see(admin, case, **{"value-ballot_deadline_at": "17:00 02/06/2025"})
    assert "Không hẹn giờ nào chạy theo thời điểm mới" in seen.text
    assert "Hết hạn bỏ phiếu (08:00 28/05/2025)" in words(seen.text)
    address = send(admin, case, seen)
    assert "Không hẹn giờ nào chạy theo thời điểm mới" in shell.browser("director").get(address).text
    other = see(admin, case, **{"value-proposed_form": "BANG_KHEN_BO_TRUONG"})
    assert "Không hẹn giờ nào" not in other.text


def test_a_step_that_starts_over_in_the_same_repair_gets_the_new_deadline(shell: Shell) -> None:
    case, admin = shell.case("open_vote"), shell.browser("admin")
    voters = {task.assignee for task in case.open_tasks()}
    places = queries.token_places_of(case.office.engine, case.id)
    token = next(place.token for place in places if place.element_id == "cast_ballot")
    later = {"value-ballot_deadline_at": "17:00 02/06/2025", f"target-{token}": "cast_ballot", "token": token}
    seen = see(admin, case, **later)
    assert "Không hẹn giờ nào" not in seen.text
    assert "17:00 02/06/2025" in words(seen.text)
    director = shell.browser("director")
    address = send(admin, case, seen)
    director.post(f"{address}/approve")
    closes = {timer.element_id: timer.due_at.isoformat() for timer in queries.due_timers(case.office.engine, case.id)}
    assert "2025-06-02T10:00:00+00:00" in closes.values()
    assert {task.assignee for task in case.open_tasks()} == voters

"""Pages of operators and approvers: a case rests and goes on, is repaired by two people, moves to another version."""

import re
import shutil
from html import unescape

import alembic.command
from click.testing import CliRunner

from engine.commands.deployments import deploy
from engine.context import SYSTEM
from tests.office import BPMN
from tests.web.shell import Browser, Shell
from webapp import schema
from webapp.cli import thidua
from webapp.i18n import catalogue

REASON = "Chờ kết luận thanh tra."


def place_of(page: str, element: str) -> str:
    """The token whose place is called so."""
    lines = re.findall(r'name="token" value="(\d+)".*?<strong>(.*?)</strong>', page, re.DOTALL)
    return next(token for token, name in lines if unescape(name) == element)


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def repaired(admin: Browser, case_id: object) -> str:
    """An operator looks at a repair and sends it; the address of the proposal."""
    form = admin.get(f"/admin/cases/{case_id}/repair")
    token = place_of(form.text, "Kiểm tra thành phần hồ sơ")
    seen = admin.post(f"/admin/cases/{case_id}/repair/preview", {
        "token": token, f"target-{token}": "appraise", "reason": "Đã kiểm tra trên giấy.", "value-round_key": "2025-TK",
    })  # fmt: skip
    assert seen.status_code == 200, seen.text
    assert "Thẩm định hồ sơ, lập báo cáo" in seen.text
    sent = admin.post(f"/admin/cases/{case_id}/repair", hidden(seen.text))
    assert sent.status_code == 302, sent.text
    return str(sent.location)


def redrawn(shell: Shell) -> None:
    """A second version of the nomination: one step has another name."""
    folder = shell.office.settings.data_dir / "redrawn"
    shutil.copytree(BPMN, folder)
    file = folder / "intake.bpmn"
    file.write_text(file.read_text(encoding="utf-8").replace("Kiểm tra thành phần hồ sơ", "Soát xét thành phần hồ sơ"),
                    encoding="utf-8")  # fmt: skip
    deploy(shell.office.engine, folder, SYSTEM)


def test_a_case_rests_and_goes_on(shell: Shell) -> None:
    case = shell.case("check")
    case.claim("check_completeness", "officer")
    admin, officer = shell.browser("admin"), shell.browser("officer")
    found = admin.get(f"/admin/cases?key={case.key}")
    assert found.status_code == 302
    assert "Tạm đình chỉ" in admin.get(found.location).text
    refused = admin.post(f"/admin/cases/{case.id}/suspend", {"reason": " "})
    assert (refused.status_code, 'id="reason-suspend-error"' in refused.text) == (422, True)
    assert '<a href="#reason-suspend">' in refused.text.split('id="error-summary"')[1]
    assert admin.post(f"/admin/cases/{case.id}/suspend", {"reason": REASON}).status_code == 302
    page = admin.get(f"/admin/cases/{case.id}").text
    assert REASON in page
    assert "Thời hạn vẫn tính trong lúc đình chỉ." in page
    queue = officer.get("/tasks").text
    assert "is-resting" in queue
    assert f"Tạm đình chỉ: {REASON}" in queue
    task = case.open_tasks()[0]
    shown = officer.get(f"/tasks/{task.id}").text
    assert REASON in shown
    assert 'id="task-form"' not in shown
    sent = officer.post(f"/tasks/{task.id}/complete", {"outcome": "accepted"})
    assert sent.status_code == 409
    assert "Hồ sơ đang tạm đình chỉ" in sent.text
    assert "tạm đình chỉ" in officer.get(f"/nominations/{case.nomination_id}").text
    assert REASON in admin.get("/admin/cases").text
    again = admin.post(f"/admin/cases/{case.id}/suspend", {"reason": REASON})
    assert again.status_code == 409
    assert admin.post(f"/admin/cases/{case.id}/resume", {"reason": "Đã có kết luận."}).status_code == 302
    assert 'id="task-form"' in officer.get(f"/tasks/{task.id}").text
    assert "Hồ sơ bạn đang giữ việc được tiếp tục" in officer.get("/notices").text


def test_a_repair_is_seen_before_it_is_sent_and_done_after_somebody_else_approves(shell: Shell) -> None:
    case = shell.case("check")
    admin, director = shell.browser("admin"), shell.browser("director")
    address = repaired(admin, case.id)
    assert case.open_elements() == ["check_completeness"]
    own = admin.get(address).text
    assert "cần một người khác phê duyệt" in own
    assert "Phê duyệt và thực hiện" not in own
    assert admin.post(f"{address}/approve").status_code == 403
    assert "Có đề nghị sửa chữa hồ sơ chờ bạn phê duyệt" in director.get("/notices").text
    shown = director.get(address).text
    assert "Đã kiểm tra trên giấy." in shown
    assert "Thẩm định hồ sơ, lập báo cáo" in shown
    refused = director.post(f"{address}/reject", {"reason": ""})
    assert (refused.status_code, "Cần nêu lý do" in refused.text) == (422, True)
    assert '<a href="#reason">' in refused.text.split('id="error-summary"')[1]
    assert director.post(f"{address}/approve", {"reason": "Đồng ý."}).status_code == 302
    assert case.open_elements() == ["appraise"]
    done = director.get(address).text
    assert "Đã phê duyệt, đã thực hiện" in done
    assert 'class="repair"' in done
    auditor = shell.browser("auditor").get(f"/nominations/{case.nomination_id}").text
    assert 'class="repair"' in auditor
    assert "Bắt đầu lại ở: Thẩm định hồ sơ, lập báo cáo" in auditor
    assert "Đã kiểm tra trên giấy." in auditor
    assert 'class="repair"' in shell.browser("auditor").get(f"/diagrams/cases/{case.key}/intake.svg").text


def test_a_proposal_is_void_once_the_case_moved(shell: Shell) -> None:
    case = shell.case("check")
    address = repaired(shell.browser("admin"), case.id)
    case.claim("check_completeness", "officer")
    other = shell.browser("admin2")
    assert "không còn thực hiện được" in other.get(address).text
    refused = other.post(f"{address}/approve")
    assert (refused.status_code, "hết giá trị" in refused.text) == (409, True)
    assert "Hết giá trị" in other.get(address).text


def test_a_bad_repair_keeps_what_was_typed(shell: Shell) -> None:
    case = shell.case("check")
    admin = shell.browser("admin")
    form = admin.get(f"/admin/cases/{case.id}/repair")
    token = place_of(form.text, "Kiểm tra thành phần hồ sơ")
    where = f"/admin/cases/{case.id}/repair/preview"
    nothing = admin.post(where, {"token": "", "reason": REASON})
    assert (nothing.status_code, REASON in nothing.text) == (422, True)
    assert "Hãy chọn một vị trí" in nothing.text
    wrong = admin.post(where, {"token": token, f"target-{token}": "gw_check_in", "reason": REASON})
    assert (wrong.status_code, "Không chuyển đến đây được" in wrong.text) == (422, True)
    typed = admin.post(where, {"token": "", "value-ballot_round": "hai", "reason": REASON})
    assert (typed.status_code, 'value="hai"' in typed.text) == (422, True)
    assert "Đây không phải là số nguyên" in typed.text
    silent = admin.post(where, {"token": token, f"target-{token}": "appraise", "reason": ""})
    assert silent.status_code == 422
    assert shell.browser("officer").get(f"/admin/cases/{case.id}").status_code == 403


def test_what_changed_between_versions_and_the_move_of_cases(shell: Shell) -> None:
    case = shell.case("check")
    admin = shell.browser("admin")
    redrawn(shell)
    assert "/admin/versions/nomination/2" in admin.get("/admin/deployments").text
    listed = admin.get("/admin/versions/nomination").text
    assert "/admin/versions/nomination/1/migrate" in listed
    page = admin.get("/admin/versions/nomination/2").text
    assert "Soát xét thành phần hồ sơ" in page
    assert "state-altered" in page
    assert "Đây là phiên bản đầu tiên" in admin.get("/admin/versions/nomination/1").text
    assert admin.get("/admin/versions/nomination/9").status_code == 404
    assert admin.get("/admin/versions/nothing").status_code == 404
    dry = admin.get("/admin/versions/nomination/1/migrate").text
    assert case.key in dry
    assert "Chuyển được" in dry
    refused = admin.post("/admin/versions/nomination/1/migrate", {"to": "2", "reason": ""})
    assert (refused.status_code, 'id="reason-error"' in refused.text) == (422, True)
    assert '<a href="#reason">' in refused.text.split('id="error-summary"')[1]
    sent = admin.post("/admin/versions/nomination/1/migrate", {"to": "2", "reason": "Tên bước đã đổi."})
    assert sent.status_code == 302
    other = shell.browser("admin2")
    assert case.key in other.get(sent.location).text
    assert other.post(f"{sent.location}/approve").status_code == 302
    assert case.view.version == 2
    assert "Soát xét thành phần hồ sơ" in shell.browser("officer").get("/tasks/group").text
    assert "từ phiên bản 1 sang phiên bản 2" in admin.get(f"/admin/cases/{case.id}").text
    assert admin.get("/admin/versions/nomination/2?before=2").status_code == 200


def test_pages_speak_english(shell: Shell) -> None:
    case = shell.case("check")
    admin = shell.browser("admin")
    admin.speak("en")
    versions = "/admin/versions/nomination"
    paths = ("/admin/cases", f"/admin/cases/{case.id}", f"/admin/cases/{case.id}/repair", versions, f"{versions}/1")
    for path in (*paths, f"{versions}/1/migrate"):
        assert admin.get(path).status_code == 200, path
    assert catalogue("vi").keys() == catalogue("en").keys()


def test_the_same_from_the_command_line(shell: Shell) -> None:
    case, settings = shell.case("check"), shell.office.settings
    given = {"THIDUA_DATA_DIR": str(settings.data_dir), "THIDUA_DATABASE_URL": settings.database_url,
             "THIDUA_BROKER_URL": "memory://"}  # fmt: skip
    with schema.migrating(settings.database_url) as connection:
        alembic.command.stamp(schema.alembic_config(connection), "head")

    def run(*words: str) -> str:
        result = CliRunner().invoke(thidua, ["instance", *words], env=given)
        assert result.exit_code == 0, result.output
        return result.output

    assert "suspended" in run("suspend", case.key, "--reason", REASON)
    assert case.view.status == "suspended"
    assert "running" in run("resume", case.key, "--reason", REASON)
    redrawn(shell)
    dry = run("migrate", "nomination", "--from", "1", "--to", "2")
    assert f"{case.key} {case.id}: moves" in dry
    assert case.view.version == 1
    asked = run("migrate", "nomination", "--from", "1", "--to", "2", "--propose", "--reason", "Tên bước đã đổi.")
    address = re.search(r"(/admin/requests/\S+)", asked)
    assert address
    assert shell.browser("admin").post(f"{address[1]}/approve").status_code == 302
    assert case.view.version == 2

"""The commands of an operator, as they are typed."""

import json
from pathlib import Path

from openapi_spec_validator import validate

from tests.web.machine import Machine

BPMN = Path(__file__).resolve().parents[2] / "bpmn"


def test_first_administrator_of_an_empty_system(machine: Machine) -> None:
    said = machine.done("user", "create", "quantri", "--administrator", "--name", "Ngô Thị Uyên")
    assert "chỉ hiện một lần" in said
    assert "administrator" in machine.done("user", "list")
    assert "toàn vẹn (intact)" in machine.done("audit", "verify")


def test_account_that_cannot_be_made_leaves_no_person(machine: Machine) -> None:
    machine.done("user", "create", "quantri", "--password-stdin", typed="đủ dài rồi nhé\n")
    events = machine.done("audit", "verify")
    taken = machine.run("user", "create", "QuanTri", "--name", "Người Khác")
    assert taken.exit_code == 1
    assert "username_taken" in taken.output
    weak = machine.run("user", "create", "moi", "--password-stdin", typed="ngắn\n")
    assert weak.exit_code == 1
    assert "weak_password" in weak.output
    unknown = machine.run("user", "create", "moi", "--person", "nobody")
    assert unknown.exit_code == 1
    assert machine.done("audit", "verify") == events


def test_disabled_account_opens_again(machine: Machine) -> None:
    machine.done("user", "create", "quantri", "--password-stdin", typed="đủ dài rồi nhé\n")
    assert "đã khoá" in machine.done("user", "disable", "quantri")
    assert "disabled" in machine.done("user", "list")
    assert "đã mở" in machine.done("user", "enable", "quantri")
    assert "Mật khẩu" in machine.done("user", "reset", "quantri")
    assert machine.run("user", "reset", "nobody").exit_code == 1


def test_commands_want_a_database_of_this_version(tmp_path: Path) -> None:
    refused = Machine(tmp_path / "empty").run("user", "list")
    assert refused.exit_code == 1
    assert "thidua migrate" in refused.output
    assert not (tmp_path / "empty" / "thidua.db").exists()


def test_products_own_diagrams_and_tables_have_no_fault(machine: Machine) -> None:
    checked = machine.run("check")
    assert checked.exit_code == 0, checked.output
    assert "0 lỗi" in checked.output


def test_check_names_what_is_wrong_and_deploy_refuses_it(machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "bpmn"
    folder.mkdir()
    diagram = (BPMN / "intake.bpmn").read_text(encoding="utf-8").replace("nominations.appraise", "nominations.apraise")
    (folder / "intake.bpmn").write_text(diagram, encoding="utf-8")
    checked = machine.run("check", folder)
    assert checked.exit_code == 1
    assert "intake appraise" in checked.output
    assert "apraise" in checked.output
    deployed = machine.run("deploy", folder)
    assert deployed.exit_code == 1
    assert "nothing was deployed" in deployed.output


def test_deploy_adds_versions_once(machine: Machine) -> None:
    assert "nomination: phiên bản (version) 1" in machine.done("deploy")
    assert "0 phiên bản mới" in machine.done("deploy")


def test_table_in_force_does_not_change(machine: Machine, tmp_path: Path) -> None:
    table = tmp_path / "bpmn" / "tables" / "policy" / "2019-01-01.dmn"
    table.parent.mkdir(parents=True)
    source = (BPMN / "tables" / "policy" / "2019-01-01.dmn").read_text(encoding="utf-8")
    table.write_text(source, encoding="utf-8")
    machine.done("deploy", tmp_path / "bpmn")
    table.write_text(source + "<!-- changed -->", encoding="utf-8")
    refused = machine.run("deploy", tmp_path / "bpmn")
    assert refused.exit_code == 1
    assert "policy/2019-01-01: table_changed" in refused.output


def test_a_seal_finds_a_chain_that_was_cut(machine: Machine, tmp_path: Path) -> None:
    import sqlite3

    machine.done("user", "create", "quantri", "--administrator", "--password-stdin", typed="đủ dài rồi nhé\n")
    assert "1 chuỗi" in machine.done("audit", "seal", tmp_path / "seal.json")
    assert machine.run("audit", "seal", tmp_path / "seal.json").exit_code == 1
    with sqlite3.connect(machine.folder / "thidua.db") as database:
        database.execute("DELETE FROM history_event WHERE sequence = (SELECT max(sequence) FROM history_event)")
        last = "SELECT sequence, lower(hex(hash)) FROM history_event ORDER BY sequence DESC LIMIT 1"
        head = database.execute(last).fetchone()
        database.execute("UPDATE history_chain SET sequence = ?, hash = ?", head)
    database.close()
    assert machine.run("audit", "verify").exit_code == 0
    found = machine.run("audit", "verify", "--seal", tmp_path / "seal.json")
    assert found.exit_code == 1
    assert "seal_broken: system" in found.output
    assert machine.run("audit", "verify", "--seal", machine.folder / "thidua.db").exit_code == 1


def test_a_case_nobody_knows_is_not_told_to_be_whole(machine: Machine) -> None:
    refused = machine.run("audit", "verify", "--case", "ĐN-2025-TK-999")
    assert refused.exit_code == 1
    assert "không có hồ sơ nào số ĐN-2025-TK-999" in refused.output


def test_openapi_is_printed(machine: Machine) -> None:
    validate(json.loads(machine.done("openapi")))


def test_decision_tables_are_checked_shown_and_asked(machine: Machine) -> None:
    table = BPMN / "tables" / "authority" / "2024-01-01.dmn"
    assert "0 lỗi" in machine.done("dmn", "check", table)
    asked = ("dmn", "evaluate", "authority", "form=GIAY_KHEN")
    assert "no_table_in_force" in machine.run(*asked).output
    machine.done("deploy")
    said = machine.done(*asked, "--on", "2025-06-16")
    assert "từ (from) 2024-01-01" in said
    assert "HEAD_OF_AGENCY" in said
    assert "source" in said
    assert "HEAD_OF_AGENCY" in machine.done("dmn", "evaluate", "authority", "form=GIAY_KHEN", "--file", table)
    assert machine.run("dmn", "evaluate", "authority", "form=BANANA", "--on", "2025-06-16").exit_code == 1
    assert machine.run("dmn", "evaluate", "authority", "colour=RED").exit_code == 1
    assert machine.run("dmn", "evaluate", "authority", "form").exit_code == 1
    assert "authority: 2019-01-01, 2024-01-01, 2025-07-01" in machine.done("dmn", "show")
    assert "Luật Thi đua, khen thưởng số 06/2022/QH15" in machine.done("dmn", "show", "authority", "--on", "01/02/2024")


def test_a_changed_table_is_replayed_over_the_past(machine: Machine, tmp_path: Path) -> None:
    machine.done("deploy")
    changed = tmp_path / "prize" / "2026-01-01.dmn"
    changed.parent.mkdir()
    source = (BPMN / "tables" / "prize" / "2025-07-01.dmn").read_text(encoding="utf-8")
    changed.write_text(source.replace("2340000", "2500000"), encoding="utf-8")
    said = machine.done("dmn", "replay", changed)
    assert "prize từ (from) 2026-01-01" in said
    assert "0 / 0 kết quả thay đổi" in said
    assert "không có bảng nào thay đổi" in machine.done("dmn", "replay", BPMN)
    assert "0 / 0 kết quả giữ nguyên" in machine.done("dmn", "verify")
    changed.rename(tmp_path / "new.dmn")
    assert machine.run("dmn", "replay", tmp_path / "new.dmn").exit_code == 1
    assert "0 / 0" in machine.done("dmn", "replay", tmp_path / "new.dmn", "--table", "prize", "--on", "2026-01-01")


def test_unknown_case_and_job_are_refused_in_words(machine: Machine) -> None:
    shown = machine.run("instance", "show", "ĐN-2025-TK-999")
    assert shown.exit_code == 1
    assert "not_found" in shown.output
    assert "0 sự cố" in machine.done("incident", "list")
    retried = machine.run("incident", "retry", "00000000-0000-4000-8000-000000000000", "--reason", "thử lại")
    assert retried.exit_code == 1


def test_unknown_settings_stop_every_command(machine: Machine) -> None:
    machine.environment |= {"THIDUA_DATABASE": "x", "THIDUA_PORT": "none"}
    refused = machine.run("user", "list")
    assert refused.exit_code == 2
    assert "THIDUA_DATABASE: không có thiết lập này" in refused.output
    assert "THIDUA_PORT" in refused.output

"""Repairs at the machine: an operator looks, sees what would come of it and sends it; a person approves on the page."""

import re

import alembic.command
import pytest
from click.testing import CliRunner

from tests.office import Case
from tests.paths import stories
from tests.web.api import Service
from webapp import schema
from webapp.cli import thidua

WHY = "Đã kiểm tra trên giấy."


class Terminal:
    """The operator's terminal at the machine of the office."""

    def __init__(self, service: Service) -> None:
        settings = service.office.settings
        self.given = {"THIDUA_DATA_DIR": str(settings.data_dir), "THIDUA_DATABASE_URL": settings.database_url,
                      "THIDUA_BROKER_URL": "memory://"}  # fmt: skip
        with schema.migrating(settings.database_url) as connection:
            alembic.command.stamp(schema.alembic_config(connection), "head")

    def run(self, *words: str, ends: int = 0) -> str:
        result = CliRunner().invoke(thidua, ["instance", *words], env=self.given)
        assert result.exit_code == ends, result.output
        return result.output


@pytest.fixture
def terminal(service: Service) -> Terminal:
    return Terminal(service)


@pytest.fixture
def case(service: Service) -> Case:
    return stories.filed(service.office)


def test_a_repair_is_seen_sent_and_approved_by_a_person(service: Service, terminal: Terminal, case: Case) -> None:
    standing = terminal.run("repair", case.key)
    assert re.search(r"^intake/check_completeness \(\d+\) → .*\bappraise\b", standing, re.MULTILINE)
    assert 'round_key (text) = "2025-TK"' in standing
    move = ("repair", case.key, "--from", "check_completeness", "--to", "appraise")
    seen = terminal.run(*move)
    assert "đóng (closes) nominations.check_completeness → personnel_officer" in seen
    assert "mở (opens) nominations.appraise" in seen
    assert terminal.run("requests") == "", "a look proposes nothing"
    sent = terminal.run(*move, "--set", "round_key=2022-SK", "--propose", "--reason", WHY)
    address = re.search(r"/admin/requests/(\S+)", sent)
    assert address
    assert case.open_elements() == ["check_completeness"]
    assert f"{address[1]} repair proposed" in terminal.run("requests", "--state", "proposed", "--case", str(case.id))
    told = terminal.run("request", address[1])
    assert "intake: check_completeness → appraise" in told
    assert 'round_key = "2022-SK"' in told
    director = service.caller("director")
    assert director.post(f"/api/v1/requests/{address[1]}/approve", {"reason": "Đồng ý."}).status_code == 200
    assert (case.open_elements(), case.variables["round_key"]) == (["appraise"], "2022-SK")
    assert "Đồng ý." in terminal.run("request", address[1])
    assert terminal.run("requests", "--state", "proposed") == ""


def test_what_cannot_be_done_is_said_and_nothing_is_sent(terminal: Terminal, case: Case) -> None:
    said = {
        ("--from", "nowhere", "--to", "appraise"): "Hồ sơ không còn ở vị trí này.",
        ("--from", "check_completeness", "--to", "gw_check_in"): "Không chuyển đến đây được",
        ("--from", "check_completeness"): "target:",
        ("--set", "ballot_round=hai,ba", "--set", "round_key"): "tên=giá trị",
        ("--set", "ballot_round=1.5"): "variables.ballot_round: Giá trị không đúng kiểu",
        ("--set", "nothing=1"): "variables.nothing: Quy trình không khai báo",
        ("--set", "round_key=null", "--propose"): "reason: Cần nêu lý do.",
    }
    for words, sentence in said.items():
        assert sentence in terminal.run("repair", case.key, *words, ends=1), words
    assert "not_found" in terminal.run("repair", "ĐN-0", ends=1)
    assert terminal.run("requests") == ""
    assert case.open_elements() == ["check_completeness"]

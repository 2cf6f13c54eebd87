"""The page of incidents, the same on the command line, and the page that is shown while the database is away."""

import contextlib
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from uuid import UUID

import alembic.command
import sqlalchemy as sa
from click.testing import CliRunner

from engine import queries
from engine.commands.jobs import run_due_jobs
from engine.commands.stuck import find_stuck_cases
from engine.models import DueTimer, MessageSubscription, StatedReason, UserTask
from tests.support.incidents import papers_that_failed, statuses
from tests.web.shell import Browser, Shell
from webapp import schema
from webapp.cli import thidua
from webapp.worker import QUIET_SECONDS, Bell

MENDED = "Đã thay ổ đĩa, còn đủ chỗ."


def forms(page: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'action="(/admin/incidents/[^"]+)"', page)]


def test_the_page_shows_causes_with_counts_cases_and_what_to_do(shell: Shell) -> None:
    browser = shell.browser("admin")
    assert "Không có sự cố nào." in browser.get("/admin/incidents").text
    papers_that_failed(shell.office, 3)
    assert "Có 3 sự cố cần xử lý." in browser.get("/admin").text
    page = browser.get("/admin/incidents").text
    for words in ("3 việc", "OSError: No space left on device", "Cần làm:", "Chạy lại cả 3 việc", "ĐN-2025-TK-900",
                  "đã thử 6 lần", "Ban hành quyết định khen thưởng"):  # fmt: skip
        assert words in page, words
    assert "Chưa" not in re.findall(r"<h3[^>]*>(.*?)</h3>", page, re.DOTALL)[0]
    assert len(forms(page)) == 4
    browser.speak("en")
    assert "Retry all 3" in browser.get("/admin/incidents").text


def test_a_retry_needs_a_reason_and_keeps_what_was_typed(shell: Shell) -> None:
    papers_that_failed(shell.office, 3)
    browser = shell.browser("admin")
    of_all, of_one = forms(browser.get("/admin/incidents").text)[:2]
    refused = browser.post(of_all, {"reason": "x" * 2001})
    assert refused.status_code == 422
    assert "x" * 2001 in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert '<a href="#reason-' in refused.text.split('id="error-summary"')[1]
    assert browser.post(of_one, {"reason": ""}).status_code == 422
    assert statuses(shell.office) == ["failed"] * 3
    assert browser.post(of_one, {"reason": MENDED}).status_code == 302
    assert sorted(statuses(shell.office)) == ["failed", "failed", "pending"]
    assert browser.post(of_all, {"reason": MENDED}).status_code == 302
    assert statuses(shell.office) == ["pending"] * 3
    assert "Đã xếp 2 việc để chạy lại." in browser.get("/admin/incidents").text
    assert browser.post(of_all, {"reason": MENDED}).status_code == 302, "somebody else was faster: told, not an error"
    with shell.office.database.connect() as connection:
        assert connection.execute(sa.select(StatedReason.reason)).scalars().all().count(MENDED) == 2


def test_a_stuck_case_is_shown_and_revived(shell: Shell) -> None:
    case = shell.case("feedback")
    with shell.office.database.begin() as connection:
        for table in (UserTask, DueTimer, MessageSubscription):
            connection.execute(sa.delete(table).where(table.instance_id == case.id))  # type: ignore[attr-defined]
    assert find_stuck_cases(shell.office.engine) == 1
    browser = shell.browser("admin")
    page = browser.get("/admin/incidents").text
    assert "Hồ sơ bị treo" in page
    assert case.key in page
    assert browser.post(forms(page)[0], {"reason": "Xem lại dữ liệu bị mất."}).status_code == 302
    run_due_jobs(shell.office.engine)
    assert "Không có sự cố nào." in browser.get("/admin/incidents").text
    assert queries.due_timers(shell.office.engine, case.id) or case.open_elements()


def test_the_command_line_lists_and_retries_causes(shell: Shell) -> None:
    papers_that_failed(shell.office, 2)
    with shell.office.database.begin() as connection:
        alembic.command.stamp(schema.alembic_config(connection), "head")
    (group,) = queries.list_incident_groups(shell.office.engine)
    settings = shell.office.settings
    given = {"THIDUA_DATA_DIR": str(settings.data_dir), "THIDUA_DATABASE_URL": settings.database_url,
             "THIDUA_BROKER_URL": f"sqla+sqlite:///{settings.data_dir / 'broker.db'}"}  # fmt: skip

    def run(*arguments: str) -> str:
        return CliRunner().invoke(thidua, ["incident", *arguments], env=given).output

    listed = run("list")
    assert f"{group.cause} ×2 service decisions.render_certificate decision_issue/render_certificate OSError" in listed
    assert "2 sự cố (incidents), 1 nguyên nhân (causes)." in listed
    assert run("list", "--cause", group.cause).count("No space left on device") == 2
    assert "--cause" in run("retry", "--reason", MENDED), "which ones?"
    assert "2 việc được chạy lại" in run("retry", "--cause", group.cause, "--reason", MENDED)
    assert statuses(shell.office) == ["pending"] * 2
    assert "0 hồ sơ bị treo" in run("sweep")


# the database away


@contextlib.contextmanager
def away(shell: Shell) -> Iterator[None]:
    """The database cannot be opened: its file is gone and a folder stands in its place."""
    file = Path(shell.office.settings.database_url.removeprefix("sqlite:///"))
    shell.office.database.dispose()
    kept = file.rename(file.with_suffix(".kept"))
    file.mkdir()
    try:
        yield
    finally:
        shell.office.database.dispose()
        file.rmdir()
        kept.rename(file)


def sent_again(page: str) -> dict[str, str]:
    return {unescape(name): unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)}  # fmt: skip


def test_while_the_database_is_away_one_page_says_so_and_keeps_what_was_typed(shell: Shell) -> None:
    papers_that_failed(shell.office, 1)
    browser = shell.browser("admin")
    action = forms(browser.get("/admin/incidents").text)[0]
    with away(shell):
        page = browser.get("/admin")
        assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
        assert "Cơ sở dữ liệu tạm thời không trả lời." in page.text
        posted = browser.post(action, {"reason": MENDED})
        assert posted.status_code == 503
        fragment = browser.get("/tasks", headers={"HX-Request": "true"})
        assert (fragment.status_code, fragment.headers["HX-Retarget"]) == (503, "#alerts")
        problem = browser.get("/api/v1/me", headers={"Authorization": "Bearer nobody"})
        assert (problem.status_code, problem.json["code"]) == (503, "database_away")  # type: ignore[index]
    again = sent_again(posted.text)
    assert again["reason"] == MENDED
    assert browser.client.post(action, data=again).status_code == 302
    assert statuses(shell.office) == ["pending"]


def test_a_password_is_not_written_into_a_page(shell: Shell) -> None:
    browser: Browser = shell.nobody()
    with away(shell):
        page = browser.post("/sign-in", {"username": "head", "password": "bi-mat-lam", "next": "/"})
        assert page.status_code == 503
        assert "bi-mat-lam" not in page.text


# the bell


def test_a_bell_that_fails_is_quiet_for_a_while() -> None:
    now, rung = [0.0], list[UUID]()
    broken = [True]

    def send(job_id: UUID) -> None:
        rung.append(job_id)
        if broken[0]:
            raise ConnectionRefusedError

    bell = Bell(send, lambda: now[0])
    jobs = [UUID(int=number) for number in range(3)]
    bell.ring(jobs)
    bell.ring(jobs)
    assert rung == jobs[:1], "one try, then none until the pause is over"
    now[0], broken[0] = QUIET_SECONDS + 1, False
    bell.ring(jobs)
    assert rung == [*jobs[:1], *jobs]

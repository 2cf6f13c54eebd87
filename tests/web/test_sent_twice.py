"""A double click, a form sent again, an answer that got lost: what was meant once is done once."""

import io
import re
from dataclasses import replace
from html import unescape
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import queries
from engine.commands.tasks import claim_task
from engine.db import reading
from engine.models import StatedReason
from tests.office import PDF, Office
from tests.paths import stories
from tests.support.incidents import papers_that_failed, statuses
from tests.web.api import Service
from tests.web.shell import Browser, Shell
from workflows.documents.queries import documents_of

ODD_KEYS = ("\0", "".join(chr(0x4E00 + place * 7 % 20000) for place in range(9000)), "🏆\0", "")
MENDED = "Đã thay ổ đĩa, còn đủ chỗ."


def forms(page: str, place: str) -> dict[str, str]:
    """Addresses of a page's forms, each with its key."""
    found = re.findall(rf'action="({place}[^"]*)".*?name="_key" value="([^"]+)"', page, re.DOTALL)
    return {unescape(action): unescape(key) for action, key in found}


# incidents


def test_a_double_click_lets_a_job_start_over_once(shell: Shell) -> None:
    office = shell.office
    papers_that_failed(office, 3)
    admin = shell.browser("admin")
    keys = forms(admin.get("/admin/incidents").text, "/admin/incidents/")
    assert len(set(keys.values())) == 4, "a key for each form"
    of_all, of_one = list(keys)[:2]
    for _click in range(2):
        assert admin.post(of_one, {"reason": MENDED, "_key": keys[of_one]}).status_code == 302
        assert "Đã xếp 1 việc để chạy lại." in admin.get("/admin/incidents").text
    assert sorted(statuses(office)) == ["failed", "failed", "pending"]
    other = admin.post(of_one, {"reason": "Lý do khác.", "_key": keys[of_one]})
    assert other.status_code == 302
    assert "Đã xếp" not in admin.get("/admin/incidents").text, "another request under that key is no answer to it"
    for _click in range(2):
        assert admin.post(of_all, {"reason": MENDED, "_key": keys[of_all]}).status_code == 302
        assert "Đã xếp 2 việc để chạy lại." in admin.get("/admin/incidents").text
    with office.database.connect() as connection:
        assert connection.execute(sa.select(StatedReason.reason)).scalars().all().count(MENDED) == 2


# the clock of the demonstration


def test_the_clock_moves_once_for_a_double_click(service: Service) -> None:
    office = service.office
    office.settings = replace(office.settings, demo=True)
    shell = Shell.over(office)
    admin = shell.browser("admin")

    def moves() -> list[int]:
        return [event.data["seconds"] for event in queries.search_events(office.engine, kind="clock.advanced").items]

    (key,) = forms(admin.get("/admin").text, "/admin/clock").values()
    for _click in range(2):
        assert admin.post("/admin/clock", {"days": "3", "_key": key}).status_code == 302
    assert moves() == [3 * 86400]
    assert admin.post("/admin/clock", {"days": "5", "_key": key}).status_code == 302
    assert "Đã tiến" in admin.get("/admin").text, "what the two clicks said is still to be read"
    assert admin.post("/admin/clock", {"days": "5", "_key": key}).status_code == 302
    told = admin.get("/admin").text
    assert "Đã tiến" not in told, "the page of before stands for three days"
    (fresh,) = forms(told, "/admin/clock").values()
    assert admin.post("/admin/clock", {"days": "5", "_key": fresh}).status_code == 302
    assert moves() == [5 * 86400, 3 * 86400]
    wrong = admin.post("/admin/clock", {"days": "400"})
    assert wrong.status_code == 422
    assert 'value="400" required aria-invalid="true"' in wrong.text, "what was typed stands there"
    assert "Nhập số ngày từ 1 đến 366." in wrong.text
    assert moves() == [5 * 86400, 3 * 86400]


# drafts


def opened(shell: Shell) -> tuple[Browser, UUID, str]:
    """The officer's browser with the task of a check she holds, and the key of its page."""
    task = shell.case("check").open_tasks()[0].id
    claim_task(shell.office.engine, task, shell.office.actor("officer"))
    officer = shell.browser("officer")
    page = officer.get(f"/tasks/{task}").text
    return officer, task, forms(page, f"/tasks/{task}/complete")[f"/tasks/{task}/complete"]


def stored(shell: Shell, task: UUID, who: str = "officer") -> tuple[str, int]:
    values, version = queries.stored_draft(shell.office.engine, task, shell.office.actor(who))
    return values.get("reason", ""), version


def saved(officer: Browser, task: UUID, key: str, version: int, reason: str, status: int = 200) -> str:
    sent = {"_key": key, "_version": str(version), "reason": reason}
    answer = officer.post(f"/tasks/{task}/draft", sent)
    assert answer.status_code == status, answer.text
    return answer.text


def test_a_draft_sent_again_gets_its_first_answer(shell: Shell) -> None:
    officer, task, key = opened(shell)
    for _again in range(2):
        assert 'name="_version" value="1"' in saved(officer, task, key, 0, "Thiếu biên bản")
    assert stored(shell, task) == ("Thiếu biên bản", 1)
    assert 'name="_version" value="2"' in saved(officer, task, key, 1, "Thiếu biên bản họp")
    assert stored(shell, task) == ("Thiếu biên bản họp", 2)


def test_who_types_on_after_a_lost_answer_is_not_told_of_another_window(shell: Shell) -> None:
    """The page still knows version 0: three saves were done and no answer came; the last text is what stays."""
    officer, task, key = opened(shell)
    for text in ("Thiếu", "Thiếu biên bản", "Thiếu"):
        last = saved(officer, task, key, 0, text)
    assert 'name="_version" value="3"' in last
    assert stored(shell, task) == ("Thiếu", 3)


def test_another_window_is_still_another_window(shell: Shell) -> None:
    officer, task, key = opened(shell)
    second = forms(officer.get(f"/tasks/{task}").text, f"/tasks/{task}/complete")[f"/tasks/{task}/complete"]
    assert second != key
    saved(officer, task, key, 0, "Cửa sổ thứ nhất")
    assert "Cửa sổ thứ nhất" in saved(officer, task, second, 0, "Cửa sổ thứ hai", 409)
    saved(officer, task, second, 1, "Cửa sổ thứ hai")
    assert "Cửa sổ thứ hai" in saved(officer, task, key, 0, "Cửa sổ thứ nhất, viết tiếp", 409)
    assert "Cửa sổ thứ hai" in saved(officer, task, key, 1, "Cửa sổ thứ nhất, viết tiếp", 409)
    assert stored(shell, task) == ("Cửa sổ thứ hai", 2)


def test_odd_keys_are_no_fault(shell: Shell) -> None:
    officer, task, _key = opened(shell)
    for version, odd in enumerate(ODD_KEYS):
        saved(officer, task, odd, version, f"Bản {version}")
    assert stored(shell, task) == ("Bản 3", 4)


@pytest.mark.slow
@pytest.mark.postgresql
def test_nor_are_they_to_the_stricter_database(postgresql_office: Office) -> None:
    shell, case = Shell.over(postgresql_office), stories.filed(postgresql_office)
    admin, place = shell.browser("admin"), f"/admin/cases/{case.id}"
    admin.get(place)
    for odd in ODD_KEYS:
        for act in ("suspend", "resume"):
            answer = admin.post(f"{place}/{act}", {"reason": MENDED, "_key": f"{odd[:150]}{act}{odd}" if odd else ""})
            assert answer.status_code == 302, answer.text
    assert case.view.status == "running"


# tasks in other hands


def test_who_gives_a_task_back_by_a_double_click_is_not_refused(shell: Shell) -> None:
    office = shell.office
    officer, task, _key = opened(shell)
    place = f"/tasks/{task}"
    shares = forms(officer.get(place).text, f"{place}/")
    help_asked = {"to": office.people["records"], "reason": "Nhờ soát.", "_key": shares[f"{place}/delegate"]}
    for _click in range(2):
        assert officer.post(f"{place}/delegate", help_asked).status_code == 302
    recalls = forms(officer.get(place).text, f"{place}/")
    for _click in range(2):
        assert officer.post(f"{place}/recall", {"_key": recalls[f"{place}/recall"]}).status_code == 302
    releases = forms(officer.get(place).text, f"{place}/")
    for _click in range(2):
        assert officer.post(f"{place}/release", {"_key": releases[f"{place}/release"]}).status_code == 302
    kinds = [event.kind for event in queries.list_history(office.engine, shell.case("check").id)]
    assert [kind for kind in kinds if kind.startswith("task.")][-4:] == [
        "task.claimed", "task.delegated", "task.recalled", "task.released",
    ]  # fmt: skip


def test_a_file_sent_again_is_filed_once_and_another_one_beside_it(shell: Shell) -> None:
    case, head = shell.case("draft"), shell.browser("head")
    (task,) = case.open_tasks()
    key = forms(head.get(f"/tasks/{task.id}").text, f"/tasks/{task.id}/complete")[f"/tasks/{task.id}/complete"]

    def add(content: bytes, version: int) -> None:
        data = {"_key": key, "_version": str(version), "achievement": "Cải tiến tiếp dân",
                "_file_kind": "ACHIEVEMENT_REPORT", "_file": (io.BytesIO(content), "báo cáo.pdf")}  # fmt: skip
        answer = head.post(f"/tasks/{task.id}/files", data, content_type="multipart/form-data")
        assert answer.status_code == 302, answer.text

    def filed() -> int:
        with reading(shell.office.engine.sessions) as reader:
            return len(documents_of(reader, case.nomination_id))

    before = filed()
    for _click in range(2):
        add(PDF % b"first", 0)
    assert filed() == before + 1
    add(PDF % b"second", 1)
    assert filed() == before + 2
    values, version = queries.stored_draft(shell.office.engine, task.id, shell.office.actor("head"))
    assert (values["achievement"], version) == ("Cải tiến tiếp dân", 2)

"""A case at rest: nobody and nothing moves it, nothing is lost, and what fell due happens in order when it goes on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine import history, queries
from engine.commands.drafts import save_draft
from engine.commands.instances import cancel_instance
from engine.commands.jobs import run_due_jobs
from engine.commands.messages import correlate
from engine.commands.suspension import resume_instance, suspend_instance
from engine.commands.tasks import claim_task, complete_task
from engine.commands.timers import run_due_timers
from engine.context import SYSTEM, Actor
from engine.db import reading
from engine.errors import (
    ForbiddenError,
    InstanceEndedError,
    InstanceSuspendedError,
    NotSuspendedError,
    ReasonRequiredError,
)
from engine.registry import JobStep
from tests.office import Office
from tests.paths import stories
from tests.support.diagrams import Diagram
from tests.support.small_engine import AN, SmallEngine, message, small_engine, user
from tests.support.traces import rows

WHY = "Chờ kết luận thanh tra."
BOSS = Actor("boss", frozenset({"administrator"}))


def test_a_suspended_case_refuses_everything_and_goes_on_where_it_was(office: Office) -> None:
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    stories.vote(case, only=7)
    before, admin = case.open_tasks(), office.actor("admin")
    voter = stories.voters(case)[0]
    resting = suspend_instance(office.engine, case.id, admin, WHY, idempotency_key="once")
    again = suspend_instance(office.engine, case.id, admin, WHY, idempotency_key="once")
    assert (resting.instance.status, again.instance.status) == ("suspended", "suspended")
    assert [task.id for task in case.open_tasks()] == [task.id for task in before]
    assert all(task.suspended for task in case.open_tasks())
    with pytest.raises(InstanceSuspendedError):
        case.do("cast_ballot", voter, interest="NONE", choice="AGREE", manner="PRESENT")
    with pytest.raises(InstanceSuspendedError):
        suspend_instance(office.engine, case.id, admin, WHY)
    assert office.wait(days=30) == 0, "the deadline of the vote has passed, and nothing happened"
    (resting_since,) = queries.suspensions_of(office.engine, [case.id]).values()
    assert (resting_since.reason, resting_since.person_id) == (WHY, admin.id)
    (notice, *_) = queries.notices_of(office.engine, office.people[voter])
    assert (notice.kind, notice.business_key) == ("instance.suspended", case.key)
    resume_instance(office.engine, case.id, admin, "Đã có kết luận.")
    assert case.view.status == "running"
    assert case.open_elements() == ["confirm_minutes_secretary"], "what fell due meanwhile happened at once"
    kinds = [event.kind for event in case.history()]
    since = kinds[kinds.index("instance.suspended") :]
    assert since[:3] == ["instance.suspended", "instance.resumed", "timer.fired"]
    assert not any(task.suspended for task in case.open_tasks())
    assert [name for name, row in rows(office) if WHY in str(row)] == ["stated_reason"]
    assert queries.suspensions_of(office.engine, [case.id]) == {}
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


def test_messages_to_a_suspended_case_are_refused(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.filed(office)
    suspend_instance(office.engine, case.id, office.actor("admin"), WHY)
    with pytest.raises(InstanceSuspendedError):
        case.say("head", "nominations.withdraw", reason="Rút để bổ sung.")
    resume_instance(office.engine, case.id, office.actor("admin"), "Tiếp tục.")
    case.say("head", "nominations.withdraw", reason="Rút để bổ sung.")
    assert case.ended_at == "end_withdrawn"


def test_only_an_operator_suspends_with_a_reason_and_a_suspended_case_can_be_cancelled(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.filed(office)
    admin = office.actor("admin")
    with pytest.raises(ForbiddenError):
        suspend_instance(office.engine, case.id, office.actor("officer"), WHY)
    with pytest.raises(ReasonRequiredError):
        suspend_instance(office.engine, case.id, admin, " ")
    with pytest.raises(NotSuspendedError):
        resume_instance(office.engine, case.id, admin, WHY)
    suspend_instance(office.engine, case.id, admin, WHY)
    with pytest.raises(ForbiddenError):
        resume_instance(office.engine, case.id, office.actor("officer"), WHY)
    with pytest.raises(ReasonRequiredError):
        resume_instance(office.engine, case.id, admin, "")
    cancel_instance(office.engine, case.id, admin, "Nhập trùng.")
    assert (case.view.status, case.open_tasks()) == ("cancelled", [])
    for door in (suspend_instance, resume_instance):
        with pytest.raises(InstanceEndedError):
            door(office.engine, case.id, admin, WHY)


def test_holders_hear_of_a_cancellation(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.filed(office)
    case.claim("check_completeness", "officer")
    cancel_instance(office.engine, case.id, office.actor("admin"), "Nhập trùng.")
    (notice, *_) = queries.notices_of(office.engine, office.people["officer"])
    assert notice.kind == "instance.cancelled"


# clocks, jobs and drafts, on a small diagram

FIRST, SECOND = 'date and time("2025-06-17T00:00:00Z")', 'date and time("2025-06-18T00:00:00Z")'
DONE: list[str] = []


def _work(_given: object) -> dict[str, object]:
    DONE.append("worked")
    return {}


@pytest.fixture
def small(database_url: str, tmp_path: Path) -> Iterator[SmallEngine]:
    DONE.clear()
    job = JobStep("room.work", lambda _ctx, _params: {}, _work, lambda _ctx, _result: {})
    found = small_engine(
        database_url, tmp_path / "bpmn", user("room.ask", "answer"), user("room.late"), user("room.later"), job,
        message("told"),
    )  # fmt: skip
    drawn = (
        Diagram().start().user("ask").timer("second", SECOND, on="ask", interrupting=False)
        .timer("first", FIRST, on="ask", interrupting=False).user("late").user("later").service("work")
        .message("told", "told").end().end("end_late").end("end_later")
        .path("start", "ask", "work", "told", "end").path("first", "late", "end_late")
        .path("second", "later", "end_later")
    )  # fmt: skip
    found.deploy(drawn)
    yield found
    found.engine.sessions.kw["bind"].dispose()


def test_overdue_timers_fire_in_the_order_of_their_instants(small: SmallEngine) -> None:
    case = small.start()
    suspend_instance(small.engine, case.instance.id, BOSS, WHY)
    small.wait(timedelta(days=5))
    assert run_due_timers(small.engine) == 0
    due = queries.due_timers(small.engine, case.instance.id)
    assert [timer.element_id for timer in due] == ["first", "second"], "the operator is told what will fire"
    resume_instance(small.engine, case.instance.id, BOSS, WHY)
    fired = [event.element_id for event in queries.list_history(small.engine, case.instance.id)
             if event.kind == "timer.fired"]  # fmt: skip
    assert fired == ["first", "second"]
    assert [task.element_id for task in queries.open_tasks_of_instance(small.engine, case.instance.id)] == [
        "ask", "late", "later",
    ]  # fmt: skip


def test_jobs_wait_until_the_case_goes_on(small: SmallEngine) -> None:
    case = small.start()
    complete_task(small.engine, case.opened[0].id, AN, {"answer": "1"})
    suspend_instance(small.engine, case.instance.id, BOSS, WHY)
    assert run_due_jobs(small.engine) == 0
    assert DONE == []
    small.rung.clear()
    resume_instance(small.engine, case.instance.id, BOSS, WHY)
    assert len(small.rung) == 1, "the doorbell rings for it"
    assert run_due_jobs(small.engine) == 1
    assert DONE == ["worked"]
    assert [one.name for one in queries.waiting_messages(small.engine, case.instance.id)] == ["told"]


def test_a_message_comes_once_the_case_goes_on(small: SmallEngine) -> None:
    case = small.start()
    complete_task(small.engine, case.opened[0].id, AN, {"answer": "1"})
    run_due_jobs(small.engine)
    suspend_instance(small.engine, case.instance.id, BOSS, WHY)
    with pytest.raises(InstanceSuspendedError):
        correlate(small.engine, "room.told", "case-1", AN, {"answer": "x"})
    resume_instance(small.engine, case.instance.id, BOSS, WHY)
    correlate(small.engine, "room.told", "case-1", AN, {"answer": "x"})
    assert queries.get_instance(small.engine, case.instance.id).status == "completed"


def test_a_draft_is_still_kept_and_nobody_claims(small: SmallEngine) -> None:
    case = small.start()
    task = case.opened[0].id
    claim_task(small.engine, task, AN)
    suspend_instance(small.engine, case.instance.id, BOSS, WHY)
    save_draft(small.engine, task, AN, {"answer": "đang viết"}, 0)
    with pytest.raises(InstanceSuspendedError):
        claim_task(small.engine, task, AN)
    resume_instance(small.engine, case.instance.id, SYSTEM, WHY)
    assert queries.task_form(small.engine, task, AN).values == {"answer": "đang viết"}

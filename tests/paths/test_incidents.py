"""What gave up or waits for nothing: shown by cause, retried for a reason, never in the way of anything else."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import history, queries
from engine.commands.incidents import retry_incident, retry_incidents
from engine.commands.jobs import MAXIMUM_ATTEMPTS, run_due_jobs
from engine.commands.stuck import find_stuck_cases
from engine.commands.tasks import claim_task, complete_task
from engine.commands.timers import run_due_timers
from engine.db import reading
from engine.errors import ForbiddenError, NoIncidentError, ReasonRequiredError, TimersBrokenError
from engine.models import DueTimer, HistoryEvent, Job, MessageSubscription, StatedReason, UserTask
from engine.queries.tasks import open_tasks_of_instance
from tests.paths.test_jobs_and_timers import ADMIN, DAY, TOMORROW, Floor, floor  # noqa: F401
from tests.support.diagrams import Diagram
from tests.support.small_engine import AN

MENDED = "Đã thay mực."


def gave_up(floor: Floor, *cases: str) -> None:  # noqa: F811
    for case in cases:
        floor.small.start("printing", case)
    floor.printer.jams = MAXIMUM_ATTEMPTS * len(cases)
    for _attempt in range(MAXIMUM_ATTEMPTS):
        floor.works(DAY)


def remove(floor: Floor, model: type, *, of: UUID) -> None:  # noqa: F811
    """Rows are lost, as when somebody with a connection of his own deleted them."""
    with floor.engine.sessions.kw["bind"].begin() as connection:
        connection.execute(sa.delete(model).where(model.instance_id == of))  # type: ignore[attr-defined]


def sound(floor: Floor) -> bool:  # noqa: F811
    with reading(floor.engine.sessions, at_one_instant=True) as session:
        return list(history.verify(session)) == []


# by cause


def test_what_broke_for_one_reason_is_one_group(floor: Floor) -> None:  # noqa: F811
    gave_up(floor, "case-1", "case-2", "case-3")
    floor.small.start("ringing", "case-4")
    floor.small.wait(2 * DAY)
    run_due_timers(floor.engine)
    printer, bell = queries.list_incident_groups(floor.engine, cases=2)
    assert (printer.kind, printer.key, printer.count) == ("service", "room.print", 3)
    assert (printer.process_key, printer.element_id, printer.error_class) == ("printing", "print", "OSError")
    assert len(printer.incidents) == 2, "the latest of them, the rest is counted"
    assert printer.first_at <= printer.last_at
    assert (bell.key, bell.process_key, bell.element_id, bell.error_class, bell.count) == (
        "timers", "ringing", "ring", "ZeroDivisionError", 1,
    )  # fmt: skip
    assert [one.business_key for one in bell.incidents] == ["case-4"]
    assert printer.cause != bell.cause


def test_all_of_one_cause_start_over_for_one_reason(floor: Floor) -> None:  # noqa: F811
    gave_up(floor, "case-1", "case-2", "case-3")
    (group,) = queries.list_incident_groups(floor.engine)
    with pytest.raises(ForbiddenError):
        retry_incidents(floor.engine, group.cause, AN, MENDED)
    with pytest.raises(ReasonRequiredError):
        retry_incidents(floor.engine, group.cause, ADMIN, " ")
    with pytest.raises(NoIncidentError):
        retry_incidents(floor.engine, "another", ADMIN, MENDED)
    floor.small.rung.clear()
    assert retry_incidents(floor.engine, group.cause, ADMIN, MENDED) == 3
    assert len(set(floor.small.rung)) == 3
    assert queries.list_incident_groups(floor.engine) == ()
    with reading(floor.engine.sessions) as session:
        (stated,) = session.scalars(sa.select(StatedReason))
        events = list(session.scalars(sa.select(HistoryEvent).where(HistoryEvent.kind == "job.retried")))
    assert (stated.reason, stated.person_id, stated.about) == (MENDED, "admin", f"cause:{group.cause}")
    assert sorted(event.business_key for event in events) == ["case-1", "case-2", "case-3"]
    assert {name for event in events for name, _hash in event.facts} == {f"stated_reason:{stated.id}"}
    assert floor.works() == 3
    assert floor.printer.sheets == 3
    with pytest.raises(NoIncidentError):
        retry_incidents(floor.engine, group.cause, ADMIN, MENDED)


# timers that are broken, and a person's request behind them


def test_a_request_behind_a_broken_timer_is_refused_in_words_and_an_incident_opened(floor: Floor) -> None:  # noqa: F811
    case = floor.small.start("ringing", "broken")
    by_element = {task.element_id: task.id for task in open_tasks_of_instance(floor.engine, case.instance.id)}
    floor.small.wait(2 * DAY)
    for attempt in range(2):
        with pytest.raises(TimersBrokenError) as refusal:
            complete_task(floor.engine, by_element["second"], AN, {"answer": "x"})
        assert refusal.value.details["element"] == "ring"
        with pytest.raises(TimersBrokenError):
            claim_task(floor.engine, by_element["first"], AN)
        (incident,) = queries.list_incidents(floor.engine)
        assert (incident.key, incident.error_class, incident.element_id) == ("timers", "ZeroDivisionError", "ring")
        assert (floor.status(case), floor.elements(case)) == ("incident", ["first", "second"]), attempt
    with reading(floor.engine.sessions) as session:
        failed = session.scalars(sa.select(HistoryEvent).where(HistoryEvent.kind == "job.failed")).one()
    assert failed.actor_id == "system", "the person who asked did not break it"
    assert run_due_timers(floor.engine) == 0
    floor.bell.broken = False
    retry_incident(floor.engine, incident.job_id, ADMIN, "Đã sửa chuông.")
    assert floor.works() == 1
    assert floor.elements(case) == ["second"]
    complete_task(floor.engine, by_element["second"], AN, {"answer": "x"})
    assert floor.status(case) == "completed"


def test_a_job_behind_a_broken_timer_waits_and_prints_once(floor: Floor) -> None:  # noqa: F811
    """It is no attempt of the job's, and no second incident."""
    floor.small.deploy(
        Diagram(key="both").start().add("parallelGateway", "split").service("print").user("first")
        .timer("late", TOMORROW, on="first").service("ring").end().end("end_late").end("end_beside")
        .path("start", "split", "print", "end").path("split", "first", "end_beside").path("late", "ring", "end_late")
    )  # fmt: skip
    case = floor.small.start("both")
    floor.small.wait(2 * DAY)
    run_due_timers(floor.engine)
    for _attempt in range(MAXIMUM_ATTEMPTS + 1):
        floor.works(DAY)
    (incident,) = queries.list_incidents(floor.engine)
    assert (incident.key, floor.printer.sheets) == ("timers", 0)
    floor.bell.broken = False
    retry_incident(floor.engine, incident.job_id, ADMIN, "Đã sửa chuông.")
    floor.works(DAY)
    floor.works(DAY)
    assert (floor.status(case), floor.printer.sheets) == ("completed", 1)


# cases that wait for nothing


def test_a_case_that_waits_for_something_is_not_stuck(floor: Floor) -> None:  # noqa: F811
    for key in ("printing", "ringing", "reminding"):
        floor.small.start(key, key)
    gave_up(floor, "given-up")
    assert find_stuck_cases(floor.engine) == 0


@pytest.mark.parametrize("lost", ["task", "job"])
def test_a_case_whose_rows_are_lost_is_found_and_revived(floor: Floor, lost: str) -> None:  # noqa: F811
    case = floor.small.start("reminding" if lost == "task" else "printing")
    for model in (UserTask, Job):
        remove(floor, model, of=case.instance.id)
    assert find_stuck_cases(floor.engine) == 1, "a reminder of a lost task is nothing to wait for"
    assert find_stuck_cases(floor.engine) == 0, "it is known now"
    (group,) = queries.list_incident_groups(floor.engine)
    assert (group.kind, group.key, group.error_class, group.process_key) == (
        "stuck", "stuck", "StuckCaseError", case.instance.process_key,
    )  # fmt: skip
    assert floor.status(case) == "incident"
    retry_incident(floor.engine, group.incidents[0].job_id, ADMIN, "Dữ liệu đã được xem lại.")
    floor.works()
    assert floor.status(case) == "running"
    assert "instance.revived" in floor.kinds(str(case.instance.id))
    if lost == "task":
        assert floor.elements(case) == ["first"]
        assert len(floor.timers()) == 1
    else:
        assert floor.works() == 1
        assert (floor.elements(case), floor.printer.sheets) == (["second"], 1)
    assert queries.list_incidents(floor.engine) == ()
    assert find_stuck_cases(floor.engine) == 0
    assert sound(floor)


def test_a_lost_timer_and_a_lost_message_come_back(floor: Floor) -> None:  # noqa: F811
    case = floor.small.start("ringing")
    for model in (UserTask, DueTimer, MessageSubscription):
        remove(floor, model, of=case.instance.id)
    assert find_stuck_cases(floor.engine) == 1
    (incident,) = queries.list_incidents(floor.engine)
    retry_incident(floor.engine, incident.job_id, ADMIN, "Dữ liệu đã được xem lại.")
    floor.works()
    assert floor.elements(case) == ["first", "second"]
    floor.bell.broken = False
    floor.small.wait(2 * DAY)
    assert run_due_timers(floor.engine) == 1
    assert floor.elements(case) == ["second"]


def dead_end() -> Diagram:
    """A join waits for a branch that was never taken."""
    return (
        Diagram(key="dead_end").start().user("first").choice("choose", default=("choose", "second")).user("second")
        .service("ring").add("parallelGateway", "join").end()
        .path("start", "first", "choose", "second", "join", "end").flow("choose", "ring", 'answer = "no"')
        .flow("ring", "join")
    )  # fmt: skip


def test_a_case_that_waits_for_nothing_by_itself_stays_an_incident_that_says_so(floor: Floor) -> None:  # noqa: F811
    floor.small.deploy(dead_end())
    case = floor.small.start("dead_end")
    complete_task(floor.engine, case.opened[0].id, AN, {"answer": "yes"})
    (second,) = open_tasks_of_instance(floor.engine, case.instance.id)
    complete_task(floor.engine, second.id, AN, {"answer": "x"})
    assert (floor.status(case), floor.elements(case)) == ("running", [])
    assert find_stuck_cases(floor.engine) == 1
    (incident,) = queries.list_incidents(floor.engine)
    retry_incident(floor.engine, incident.job_id, ADMIN, "Thử xem.")
    assert floor.works() == 1
    (again,) = queries.list_incidents(floor.engine)
    assert (again.job_id, again.error_class) == (incident.job_id, "StuckCaseError"), "at once, not after six attempts"
    assert again.error.endswith("it needs a repair")
    assert again.cause == incident.cause, "it stays in its group"
    assert floor.status(case) == "incident"


# several workers


def test_what_a_worker_has_not_begun_is_given_back_when_it_stops(floor: Floor) -> None:  # noqa: F811
    for number in range(3):
        floor.small.start("printing", f"case-{number}")
    asked = iter((False, True))
    assert run_due_jobs(floor.engine, stopping=lambda: next(asked)) == 1
    assert floor.printer.sheets == 1
    assert run_due_jobs(floor.engine) == 2, "at once, not when the lease has run out"
    with reading(floor.engine.sessions) as session:
        assert {row.attempts for row in session.scalars(sa.select(Job))} == {1}, "a lease given back is no attempt"

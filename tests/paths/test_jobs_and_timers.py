"""What machines do: jobs that fail, are tried again and given up, workers that die, clocks and reminders."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import history, queries
from engine.commands import jobs
from engine.commands.incidents import retry_incident
from engine.commands.instances import cancel_instance
from engine.commands.jobs import LEASE, MAXIMUM_ATTEMPTS, run_due_jobs, run_job
from engine.commands.tasks import claim_task, complete_task
from engine.commands.timers import run_due_timers
from engine.context import Actor, DecisionContext, StepContext, Values
from engine.db import reading
from engine.errors import ForbiddenError, NoIncidentError, NotFoundError, ReasonRequiredError
from engine.models import DueTimer, HistoryEvent, Job, StatedReason
from engine.registry import Hooks, JobStep
from engine.runtime_environment import Engine
from engine.views import CommandResult
from tests.office import Office
from tests.paths import stories
from tests.support.diagrams import Diagram
from tests.support.small_engine import AN, MORNING, SmallEngine, service, small_engine, user
from tests.support.together import faults, together

ADMIN = Actor("admin", frozenset({"administrator"}))
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
TOMORROW = 'date and time("2025-06-17T00:00:00Z")'
MOST = 3


@dataclass
class Printer:
    """A machine outside the database: it counts its sheets, jams when told to, and may do more while it prints."""

    sheets: int = 0
    jams: int = 0
    while_printing: Callable[[], object] = lambda: None

    def prepare(self, ctx: StepContext, _params: Values) -> Values:
        return {"case": ctx.business_key}

    def perform(self, prepared: Values) -> Values:
        if self.jams:
            self.jams -= 1
            raise OSError("paper jam")
        self.sheets += 1
        self.while_printing()
        return {"copies": self.sheets, **prepared}


@dataclass
class Bell:
    """A service behind a timer that is out of order as long as it is told so."""

    broken: bool = True

    def ring(self, _ctx: StepContext, _params: Values) -> Values:
        if self.broken:
            raise ZeroDivisionError("not today")
        return {}


@dataclass
class Floor:
    """A small engine with a printer and a bell."""

    small: SmallEngine
    printer: Printer = field(default_factory=Printer)
    bell: Bell = field(default_factory=Bell)

    @property
    def engine(self) -> Engine:
        return self.small.engine

    def job(self) -> Any:
        """The only job."""
        with reading(self.engine.sessions) as session:
            return session.scalars(sa.select(Job)).one()

    def works(self, after: timedelta = timedelta(0)) -> int:
        """A worker looks some time later; how many jobs it tried."""
        self.small.machine.advance(after)
        return run_due_jobs(self.engine)

    def status(self, case: CommandResult) -> str:
        return queries.get_instance(self.engine, case.instance.id).status

    def elements(self, case: CommandResult) -> list[str]:
        return sorted(task.element_id for task in queries.open_tasks_of_instance(self.engine, case.instance.id))

    def kinds(self, chain: str) -> list[str]:
        with reading(self.engine.sessions) as session:
            query = sa.select(HistoryEvent.kind).where(HistoryEvent.chain == chain).order_by(HistoryEvent.sequence)
            return list(session.scalars(query))

    def timers(self) -> list[Any]:
        with reading(self.engine.sessions) as session:
            return list(session.scalars(sa.select(DueTimer)))


def reminders(_ctx: DecisionContext, _key: str, since: datetime, count: int) -> datetime | None:
    """First after two days, then every day, three times in all."""
    return since + (count + 2) * DAY if count < MOST else None


def note_copies(_ctx: StepContext, made: Values) -> Values:
    return {"copies": made["copies"]}


@pytest.fixture
def floor(database_url: str, tmp_path: Path) -> Iterator[Floor]:
    printer, bell = Printer(), Bell()
    hooks = Hooks(reminders=reminders, people_of=lambda _ctx, _queue: ("an", "binh"))
    prints = JobStep("room.print", printer.prepare, printer.perform, note_copies, ("copies",))
    small = small_engine(
        database_url, tmp_path / "bpmn", user("room.first", "answer"), user("room.second"), prints,
        service("room.ring", bell.ring), hooks=hooks,
    )  # fmt: skip
    small.deploy(printing(), ringing(), reminding())
    found = Floor(small, printer, bell)
    yield found
    with reading(small.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session)) == []
    small.engine.sessions.kw["bind"].dispose()


def printing() -> Diagram:
    """A paper is printed, then somebody looks at it."""
    return Diagram(key="printing").start().service("print").user("second").end().path("start", "print", "second", "end")


def ringing() -> Diagram:
    """A task with a deadline, and beside it another task; the deadline rings a bell."""
    return (
        Diagram(key="ringing").start().add("parallelGateway", "split").user("first").timer("late", TOMORROW, on="first")
        .service("ring").user("second").end().end("end_late").end("end_beside")
        .path("start", "split", "first", "end").path("late", "ring", "end_late").path("split", "second", "end_beside")
    )  # fmt: skip


def reminding() -> Diagram:
    """A task of which people are reminded."""
    return Diagram(key="reminding").start().user("first", reminder="check").end().path("start", "first", "end")


# jobs


def test_the_bell_rings_after_the_commit_and_the_job_moves_the_case(floor: Floor) -> None:
    case = floor.small.start("printing")
    assert floor.small.rung == [floor.job().id]
    assert floor.elements(case) == []
    run_job(floor.engine, floor.small.rung[0])
    assert floor.elements(case) == ["second"]
    assert queries.get_instance(floor.engine, case.instance.id).variables == {"copies": 1}
    run_job(floor.engine, floor.small.rung[0])
    assert floor.printer.sheets == 1, "a bell that rings twice finds it done"
    assert floor.works(DAY) == 0


def test_a_failed_job_is_tried_again_ever_later_and_then_given_up(floor: Floor) -> None:
    """By the machine's clock: the business clock of a demonstration may stand anywhere."""
    case = floor.small.start("printing")
    floor.printer.jams = 99
    waits = []
    for attempt in range(1, MAXIMUM_ATTEMPTS):
        assert floor.works() == 1
        assert (floor.job().attempts, str(floor.job().status)) == (attempt, "pending")
        assert floor.job().error == "OSError: paper jam"
        assert floor.works() == 0, "it rests"
        waits.append(floor.job().due_at - floor.small.machine.now())
        floor.small.machine.advance(waits[-1] - SECOND)
        assert floor.works() == 0
        assert floor.status(case) == "running"
        floor.small.machine.advance(SECOND)
    for number, wait in enumerate(waits):
        assert 10 * SECOND * 2**number <= wait <= 15 * SECOND * 2**number, "doubled, and up to half as much by chance"
    assert floor.small.clock.now() == MORNING
    assert floor.works() == 1
    assert (str(floor.job().status), floor.status(case), floor.elements(case)) == ("failed", "incident", [])
    assert floor.works(DAY) == 0, "given up"
    (incident,) = queries.list_incidents(floor.engine)
    assert (incident.key, incident.attempts, incident.error) == ("room.print", MAXIMUM_ATTEMPTS, "OSError: paper jam")
    assert floor.kinds("system")[-1] == "job.failed"


def test_an_operator_lets_it_start_over_with_a_reason(floor: Floor) -> None:
    case = floor.small.start("printing")
    job = floor.job().id
    with pytest.raises(NoIncidentError):
        retry_incident(floor.engine, job, ADMIN, "Đã thay mực.")
    floor.printer.jams = MAXIMUM_ATTEMPTS
    for _attempt in range(MAXIMUM_ATTEMPTS):
        floor.works(DAY)
    with pytest.raises(ForbiddenError):
        retry_incident(floor.engine, job, AN, "Đã thay mực.")
    with pytest.raises(ReasonRequiredError):
        retry_incident(floor.engine, job, ADMIN, "")
    with pytest.raises(NotFoundError):
        retry_incident(floor.engine, case.instance.id, ADMIN, "Đã thay mực.")
    floor.small.rung.clear()
    retry_incident(floor.engine, job, ADMIN, "Đã thay mực.")
    assert floor.small.rung == [job]
    assert (floor.status(case), queries.list_incidents(floor.engine)) == ("running", ())
    assert floor.works() == 1
    assert (floor.elements(case), floor.printer.sheets) == (["second"], 1)
    with reading(floor.engine.sessions) as session:
        (stated,) = session.scalars(sa.select(StatedReason))
        assert (stated.reason, stated.person_id, stated.about) == ("Đã thay mực.", "admin", f"job:{job}")


def test_a_case_stays_an_incident_until_its_last_failed_job_is_retried(floor: Floor) -> None:
    floor.small.deploy(
        Diagram(key="twice").start().add("parallelGateway", "split").service("one", step="room.print")
        .service("two", step="room.print").end().end("end_two").path("start", "split", "one", "end")
        .path("split", "two", "end_two")
    )  # fmt: skip
    case = floor.small.start("twice")
    floor.printer.jams = 2 * MAXIMUM_ATTEMPTS
    for _attempt in range(MAXIMUM_ATTEMPTS):
        floor.works(DAY)
    one, two = (incident.job_id for incident in queries.list_incidents(floor.engine))
    retry_incident(floor.engine, one, ADMIN, "Đã thay mực.")
    assert floor.status(case) == "incident"
    retry_incident(floor.engine, two, ADMIN, "Đã thay mực.")
    assert floor.status(case) == "running"
    assert floor.works() == 2
    assert floor.status(case) == "completed"


def held(floor: Floor) -> jobs.Claimed:
    """A worker takes the only job and is never heard of again."""
    (job,) = jobs._claim(floor.engine, 1, None)
    return job


def test_a_job_whose_worker_died_is_found_when_its_lease_runs_out(floor: Floor) -> None:
    case = floor.small.start("printing")
    held(floor)
    assert floor.works(LEASE) == 0, "somebody may still be at it"
    assert floor.works(SECOND) == 1
    assert floor.elements(case) == ["second"]


def test_a_job_that_kills_its_workers_becomes_an_incident(floor: Floor) -> None:
    """None of them lived to say that it failed."""
    case = floor.small.start("printing")
    for _worker in range(MAXIMUM_ATTEMPTS):
        held(floor)
        floor.small.machine.advance(LEASE + SECOND)
    floor.works()
    assert (str(floor.job().status), floor.status(case), floor.printer.sheets) == ("failed", "incident", 0)
    assert floor.job().error.startswith("LeaseLostError")


def test_a_job_that_runs_twice_writes_once(floor: Floor) -> None:
    """The first worker was slow, its lease ran out, a second one printed and finished before it."""
    case = floor.small.start("printing")
    slow = held(floor)
    floor.small.machine.advance(LEASE + SECOND)
    assert run_due_jobs(floor.engine) == 1
    events = floor.kinds(str(case.instance.id))
    jobs._run(floor.engine, slow)
    assert floor.kinds(str(case.instance.id)) == events
    assert events.count("job.done") == 1
    assert (str(floor.job().status), floor.elements(case)) == ("done", ["second"])


def test_a_worker_that_comes_late_with_a_failure_does_not_disturb_who_holds_the_job_now(floor: Floor) -> None:
    floor.small.start("printing")
    slow = held(floor)
    floor.small.machine.advance(LEASE + SECOND)
    now = held(floor)
    floor.printer.jams = 1
    jobs._run(floor.engine, slow)
    assert (floor.job().leased_until, floor.job().error, floor.job().attempts) == (now.leased_until, "", 2)
    assert floor.works() == 0


def test_jobs_whose_turn_comes_after_the_lease_are_left_to_others(floor: Floor) -> None:
    for number in range(3):
        floor.small.start("printing", f"case-{number}")
    floor.printer.while_printing = lambda: floor.small.machine.advance(LEASE + SECOND)
    assert floor.works() == 1
    floor.printer.while_printing = lambda: None
    assert floor.works() == 2
    assert floor.printer.sheets == 3


def test_two_workers_never_hold_one_job(floor: Floor) -> None:
    """Four workers at once, three rounds; every sheet is printed once."""
    wanted = 0
    for round_number in range(3):
        for number in range(8):
            floor.small.start("printing", f"case-{round_number}-{number}")
        wanted += 8
        told = together(*[lambda: jobs._claim(floor.engine, 4, None)] * 4)
        assert faults(told) == []
        ids = [job.id for claimed in told for job in claimed]
        assert len(set(ids)) == len(ids)
        floor.small.machine.advance(LEASE + SECOND)
        while any(together(*[lambda: run_due_jobs(floor.engine, 4)] * 4)):
            pass
        assert floor.printer.sheets == wanted
        assert sum(kind == "job.done" for kind in every_kind(floor)) == wanted


def every_kind(floor: Floor) -> list[str]:
    with reading(floor.engine.sessions) as session:
        return list(session.scalars(sa.select(HistoryEvent.kind)))


def test_what_a_case_has_left_is_not_done_any_more(floor: Floor) -> None:
    case = floor.small.start("printing")
    cancel_instance(floor.engine, case.instance.id, ADMIN, "Nhập trùng.")
    assert str(floor.job().status) == "cancelled"
    assert (floor.works(DAY), floor.printer.sheets) == (0, 0)


def test_a_case_cancelled_while_its_job_runs_stays_cancelled(floor: Floor) -> None:
    case = floor.small.start("printing")
    floor.printer.while_printing = lambda: cancel_instance(floor.engine, case.instance.id, ADMIN, "Nhập trùng.")
    assert floor.works() == 1
    assert (str(floor.job().status), floor.status(case)) == ("cancelled", "cancelled")


# timers


def test_a_bug_behind_one_timer_stops_no_other_clock(floor: Floor) -> None:
    """The case becomes an incident; retried by hand, it goes on where it stood."""
    broken, fine = floor.small.start("ringing", "broken"), floor.small.start("printing", "fine")
    reminded = floor.small.start("reminding", "reminded")
    floor.small.wait(2 * DAY)
    assert run_due_timers(floor.engine) == 1, "the reminder of another case was sent"
    assert "reminder.sent" in floor.kinds(str(reminded.instance.id))
    assert (floor.status(broken), floor.status(fine)) == ("incident", "running")
    assert floor.elements(broken) == ["first", "second"], "nothing half done"
    assert run_due_timers(floor.engine) == 0, "it is passed over now"
    (incident,) = queries.list_incidents(floor.engine)
    assert (incident.key, incident.error, incident.business_key) == ("timers", "ZeroDivisionError", "broken")
    floor.bell.broken = False
    retry_incident(floor.engine, incident.job_id, ADMIN, "Đã sửa.")
    floor.works()
    assert (floor.status(broken), floor.elements(broken)) == ("running", ["second"])
    assert queries.list_incidents(floor.engine) == ()


def test_a_retried_timer_that_fails_again_is_one_incident_not_two(floor: Floor) -> None:
    """While the job rests between its attempts the sweep leaves the case to it."""
    floor.small.start("ringing", "broken")
    floor.small.wait(2 * DAY)
    run_due_timers(floor.engine)
    (incident,) = queries.list_incidents(floor.engine)
    retry_incident(floor.engine, incident.job_id, ADMIN, "Đã sửa.")
    for _attempt in range(MAXIMUM_ATTEMPTS):
        floor.works(DAY)
        assert run_due_timers(floor.engine) == 0
    (again,) = queries.list_incidents(floor.engine)
    assert (again.job_id, again.attempts) == (incident.job_id, MAXIMUM_ATTEMPTS)


def test_a_paper_that_cannot_be_printed_does_not_stop_the_clock_of_its_case(floor: Floor) -> None:
    floor.small.deploy(
        Diagram(key="both").start().add("parallelGateway", "split").service("print").user("first")
        .timer("late", TOMORROW, on="first").end().end("end_late").end("end_beside")
        .path("start", "split", "print", "end").path("split", "first", "end_beside").path("late", "end_late")
    )  # fmt: skip
    case = floor.small.start("both")
    floor.printer.jams = 99
    for _attempt in range(MAXIMUM_ATTEMPTS):
        floor.works(DAY)
    assert floor.status(case) == "incident"
    floor.small.clock.advance(2 * DAY)
    assert run_due_timers(floor.engine) == 1
    assert (floor.elements(case), floor.status(case)) == ([], "incident")


def test_nothing_is_left_to_be_done_for_a_case_that_is_over(floor: Floor) -> None:
    case = floor.small.start("ringing", "broken")
    floor.small.wait(2 * DAY)
    run_due_timers(floor.engine)
    assert len(queries.list_incidents(floor.engine)) == 1
    cancel_instance(floor.engine, case.instance.id, ADMIN, "Nhập trùng.")
    assert queries.list_incidents(floor.engine) == ()
    assert floor.timers() == []


def test_people_are_reminded_until_it_is_enough(floor: Floor) -> None:
    case = floor.small.start("reminding")
    sent = []
    for day in range(1, 9):
        floor.small.wait(DAY)
        if run_due_timers(floor.engine):
            sent.append(day)
        assert run_due_timers(floor.engine) == 0, "once each"
    assert sent == [2, 3, 4]
    events = [event for event in queries.list_history(floor.engine, case.instance.id) if event.kind == "reminder.sent"]
    assert [event.data["count"] for event in events] == [1, 2, 3]
    assert {tuple(event.data["people"]) for event in events} == {("an", "binh")}
    for person in ("an", "binh"):
        assert [notice.kind for notice in queries.notices_of(floor.engine, person, limit=9)] == ["reminder"] * MOST
    assert floor.timers() == []


def test_who_holds_the_task_is_reminded_alone_and_nobody_of_what_is_done(floor: Floor) -> None:
    case = floor.small.start("reminding")
    claim_task(floor.engine, case.opened[0].id, AN)
    floor.small.wait(2 * DAY)
    run_due_timers(floor.engine)
    assert len(queries.notices_of(floor.engine, "an", limit=9)) == 1
    assert queries.notices_of(floor.engine, "binh", limit=9) == ()
    complete_task(floor.engine, case.opened[0].id, AN, {"answer": "x"})
    assert floor.timers() == []
    floor.small.wait(9 * DAY)
    assert run_due_timers(floor.engine) == 0


def test_many_days_late_the_clock_is_worked_off_in_order(floor: Floor) -> None:
    """The machine was off over the holidays: one look sends one reminder of each task, and none is lost."""
    floor.small.start("reminding")
    floor.small.wait(30 * DAY)
    assert [run_due_timers(floor.engine) for _look in range(4)] == [1, 1, 1, 0]


def test_two_clocks_fire_a_timer_once(floor: Floor) -> None:
    floor.bell.broken = False
    cases = [floor.small.start("ringing", f"case-{number}") for number in range(4)]
    floor.small.wait(2 * DAY)
    assert faults(together(*[lambda: run_due_timers(floor.engine)] * 4)) == []
    for case in cases:
        assert floor.elements(case) == ["second"]
        assert floor.kinds(str(case.instance.id)).count("timer.fired") == 1


# messages between cases


@pytest.mark.slow
def test_a_message_delivered_twice_is_heard_once(office: Office) -> None:
    """Two nominees under one signature: the job that tells the second case runs again, as jobs may."""
    first = stories.granted(office)
    second = stories.granted(office, nominee="nominee2", session="PH-2025-02")
    first.do("sign_decision", "director", together=[second.key], capacity="HEAD", confirm=True)
    told = [job for job in every_job(office) if job.key == "decision_signed" and job.business_key == second.key]
    assert len(told) == 1
    with office.database.begin() as connection:  # the message is sent once more
        again = {column.name: getattr(told[0], column.name) for column in Job.__table__.columns}
        connection.execute(sa.insert(Job).values({**again, "id": UUID(int=1)}))
    office.machines_work()
    deliveries = [job for job in every_job(office) if job.key == "decision_signed" and job.business_key == second.key]
    assert sorted((str(job.status), job.note) for job in deliveries) == [("done", ""), ("done", "not_waiting")]
    heard = [event for event in second.history() if event.data.get("message") == "decision_signed"]
    assert len(heard) == 1
    stories.registered(first)
    stories.honoured(first)
    stories.honoured(second)
    assert {first.ended_at, second.ended_at} == {"end_awarded"}
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


def every_job(office: Office) -> list[Any]:
    with reading(office.engine.sessions) as session:
        return list(session.scalars(sa.select(Job)))

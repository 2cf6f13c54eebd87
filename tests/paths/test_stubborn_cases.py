"""What goes wrong in ways nobody drew: errors without words, circles, what a case has left behind, bad moments."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine import history, queries
from engine.commands.drafts import save_draft
from engine.commands.instances import cancel_instance
from engine.commands.interventions import approve_request, propose_migration, propose_repair
from engine.commands.jobs import LEASE, MAXIMUM_ATTEMPTS
from engine.commands.suspension import resume_instance, suspend_instance
from engine.commands.tasks import claim_task, complete_task, delegate_task
from engine.commands.timers import run_due_timers
from engine.context import Actor, StepContext, Values
from engine.db import reading
from engine.errors import (
    EndlessPathError,
    InvalidInputError,
    MigrationRefusedError,
    NotFoundError,
    ScopeMissingError,
    SeparationOfDutiesError,
)
from engine.feel import FeelEvaluationError
from engine.intervention_views import RepairPlan
from engine.live import LiveRuns
from engine.models import Job, ProcessInstance
from engine.registry import Hooks
from engine.views import CommandResult
from tests.paths.test_jobs_and_timers import ADMIN, DAY, TOMORROW, Floor, floor  # noqa: F401
from tests.support.diagrams import Diagram, straight
from tests.support.small_engine import AN, BINH, SmallEngine, message, service, small_engine, user

OTHER = Actor("other", frozenset({"administrator"}))
WHY = "Để cán bộ xem lại."


def jobs_of(floor: Floor) -> list[Any]:  # noqa: F811
    with reading(floor.engine.sessions) as session:
        return list(session.scalars(sa.select(Job).order_by(Job.id)))


# errors of a foreign program


class SilentError(Exception):
    """An error that fails when it is asked for words."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


def _circle() -> Exception:
    """Two errors, each of which is the cause of the other."""
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    return one


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SilentError(), "SilentError"),
        (ValueError("nul \0"), "ValueError: nul \ufffd"),
        (ValueError("half \ud800"), "ValueError: half \ufffd"),
        (ValueError("x" * 100_000), "ValueError: " + "x" * 488),
        (_circle(), "ValueError: one"),
    ],
)
def test_an_error_in_odd_words_is_kept_and_stops_no_other_job(
    floor: Floor, error: Exception, told: str  # noqa: F811
) -> None:  # fmt: skip
    """Else the worker that meets it stops, and whatever it had leased beside it waits for the lease to run out."""
    for number in range(3):
        floor.small.start("printing", f"case-{number}")
    errors = iter([error])

    def fail_once() -> None:
        for found in errors:
            raise found

    floor.printer.while_printing = fail_once
    assert floor.works() == 3
    jobs = jobs_of(floor)
    assert sorted(str(job.status) for job in jobs) == ["done", "done", "pending"]
    assert [job.error for job in jobs if job.error] == [told]
    assert floor.works(DAY) == 1
    assert {str(job.status) for job in jobs_of(floor)} == {"done"}


def test_jobs_behind_slow_ones_are_not_given_up_untried(floor: Floor) -> None:  # noqa: F811
    """A printer that takes minutes, and twenty sheets at once: the last are leased many times before their turn."""
    for number in range(20):
        floor.small.start("printing", f"case-{number}")
    floor.printer.while_printing = lambda: floor.small.machine.advance(0.6 * LEASE)
    while floor.works():
        pass
    assert queries.list_incidents(floor.engine) == ()
    assert floor.printer.sheets == 20
    assert {job.attempts for job in jobs_of(floor)} == {1}


# what a case has left behind


def gave_up(floor: Floor, key: str) -> CommandResult:  # noqa: F811
    case = floor.small.start(key)
    floor.printer.jams = 99
    for _attempt in range(MAXIMUM_ATTEMPTS):
        floor.works(DAY)
    assert floor.status(case) == "incident"
    return case


def test_a_case_repaired_past_its_failed_job_is_no_incident_any_more(floor: Floor) -> None:  # noqa: F811
    case = gave_up(floor, "printing")
    (place,) = queries.token_places_of(floor.engine, case.instance.id)
    asked = propose_repair(floor.engine, case.instance.id, ADMIN, RepairPlan(place.token, target="second"), WHY)
    approve_request(floor.engine, asked.request_id, OTHER)
    assert queries.list_incidents(floor.engine) == ()
    assert (floor.status(case), floor.elements(case)) == ("running", ["second"])


def test_a_deadline_that_leads_past_a_failed_job_leaves_no_incident(floor: Floor) -> None:  # noqa: F811
    """Another job of the case that has failed as well still needs somebody."""
    floor.small.deploy(
        Diagram(key="watched").start().add("parallelGateway", "split").service("print")
        .timer("late", TOMORROW, on="print").service("copy", step="room.print").user("second").end().end("end_copied")
        .end("end_late").path("start", "split", "print", "end").path("split", "copy", "end_copied")
        .path("late", "second", "end_late")
    )  # fmt: skip
    case = gave_up(floor, "watched")
    floor.small.clock.advance(2 * DAY)
    assert run_due_timers(floor.engine) == 1
    (left,) = queries.list_incidents(floor.engine)
    assert (floor.status(case), left.element_id) == ("incident", "copy")
    place = next(one for one in queries.token_places_of(floor.engine, case.instance.id) if one.element_id == "copy")
    asked = propose_repair(floor.engine, case.instance.id, ADMIN, RepairPlan(place.token, target="end_copied"), WHY)
    approve_request(floor.engine, asked.request_id, OTHER)
    assert (floor.status(case), floor.elements(case)) == ("running", ["second"])


@pytest.mark.parametrize("done", [False, True])
def test_a_reminder_the_new_diagram_does_not_speak_of_is_dropped(floor: Floor, done: bool) -> None:  # noqa: F811
    """Else it breaks the timers of the case, or is found due by every sweep for ever."""
    case = floor.small.start("reminding")
    floor.small.deploy(straight("first", "second", key="reminding"))
    asked = propose_migration(floor.engine, "reminding", ADMIN, WHY, before=1, after=2)
    approve_request(floor.engine, asked.request_id, OTHER)
    if done:
        complete_task(floor.engine, case.opened[0].id, AN, {"answer": "x"})
    floor.small.wait(2 * DAY)
    run_due_timers(floor.engine)
    assert (run_due_timers(floor.engine), floor.timers()) == (0, [])
    assert queries.list_incidents(floor.engine) == ()
    assert "reminder.sent" not in floor.kinds(str(case.instance.id))


# circles without end


def circling() -> Diagram:
    """A bell is rung until the answer is `go`, and nothing changes the answer."""
    return (
        Diagram(key="circling").declare("answer").start().user("first").choice("merge").service("ring")
        .choice("gw", default=("gw", "merge")).end().path("start", "first", "merge", "ring", "gw", "merge")
        .flow("gw", "end", 'answer = "go"')
    )  # fmt: skip


def test_a_circle_that_nothing_ends_is_refused_and_nothing_is_done(floor: Floor) -> None:  # noqa: F811
    """Else the door that enters it never comes back, and on SQLite nobody else can write any more."""
    floor.bell.broken = False
    floor.small.deploy(circling())
    case = floor.small.start("circling")
    with pytest.raises(EndlessPathError) as refusal:
        complete_task(floor.engine, case.opened[0].id, AN, {"answer": "no"})
    assert refusal.value.details["task_place"].startswith("circling.")
    assert floor.elements(case) == ["first"]
    complete_task(floor.engine, case.opened[0].id, AN, {"answer": "go"})
    assert floor.status(case) == "completed"


def test_a_timer_that_is_due_again_as_soon_as_it_fired_is_an_incident(floor: Floor) -> None:  # noqa: F811
    floor.bell.broken = False
    floor.small.deploy(
        Diagram(key="ticking").declare("answer").start().choice("merge").timer("tick", TOMORROW).service("ring")
        .choice("gw", default=("gw", "merge")).end().path("start", "merge", "tick", "ring", "gw", "merge")
        .flow("gw", "end", 'answer = "go"')
    )  # fmt: skip
    case = floor.small.start("ticking")
    floor.small.wait(2 * DAY)
    run_due_timers(floor.engine)
    (incident,) = queries.list_incidents(floor.engine)
    assert (incident.error_class, floor.status(case)) == ("EndlessPathError", "incident")


# messages and jobs that wait for their case


@pytest.fixture
def post(database_url: str, tmp_path: Path) -> Iterator[SmallEngine]:
    """One case writes to another, which waits for the letter, or stands beside a timer that breaks."""
    found = small_engine(database_url, tmp_path / "bpmn", user("room.write", apply=_write), message("letter"))
    found.deploy(
        straight("write", key="writer"),
        Diagram(key="reader").declare("answer").start().message("hear", "letter")
        .end().path("start", "hear", "end"),
        Diagram(key="late_reader").declare("answer").start().add("parallelGateway", "split").message("hear", "letter")
        .timer("tick", TOMORROW).choice("merge").choice("gw", default=("gw", "merge")).end().end("end_rung")
        .path("start", "split", "hear", "end").path("split", "tick", "merge", "gw", "merge")
        .flow("gw", "end_rung", 'answer = "go"'),
    )  # fmt: skip
    yield found
    with reading(found.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session)) == []
    found.engine.sessions.kw["bind"].dispose()


def _write(ctx: StepContext, _values: Values) -> Values:
    ctx.send_message("letter", "reader-1", {})
    return {}


def written(post: SmallEngine) -> None:
    """Somebody writes the letter; it is not delivered yet."""
    writer = post.start("writer", "writer-1")
    complete_task(post.engine, writer.opened[0].id, AN, {})


def letter(post: SmallEngine) -> tuple[str, str]:
    """What became of the letter."""
    with reading(post.engine.sessions) as session:
        job = session.scalars(sa.select(Job).where(Job.kind == "message")).one()
    return str(job.status), job.note


def test_a_letter_to_a_suspended_case_that_is_cancelled_is_not_kept_for_ever(post: SmallEngine) -> None:
    reader = post.start("reader", "reader-1")
    suspend_instance(post.engine, reader.instance.id, ADMIN, WHY)
    written(post)
    works = Floor(post).works
    works()
    assert letter(post) == ("held", "")
    cancel_instance(post.engine, reader.instance.id, ADMIN, WHY)
    works()
    assert letter(post) == ("done", "instance_ended")


def test_a_letter_whose_case_is_resumed_just_as_it_is_put_off_arrives(post: SmallEngine) -> None:
    """The worker found the case suspended; before it has written that the letter waits, somebody resumes the case."""
    reader = post.start("reader", "reader-1")
    suspend_instance(post.engine, reader.instance.id, ADMIN, WHY)
    written(post)
    works = Floor(post).works
    once_refused(post, lambda: resume_instance(post.engine, reader.instance.id, ADMIN, WHY))
    works()
    assert queries.get_instance(post.engine, reader.instance.id).status == "running"
    works()
    assert letter(post) == ("done", "")
    assert queries.get_instance(post.engine, reader.instance.id).status == "completed"


def once_refused(small: SmallEngine, deed: Callable[[], object]) -> None:
    """Do something as soon as a refusal stands in the record, before the worker that was refused goes on."""
    waiting = [deed]

    def act(_session: Any) -> None:
        if waiting and Floor(small).kinds("system")[-1] == "refusal.recorded":
            waiting.pop()()

    sa.event.listen(small.engine.sessions, "after_commit", act)


def test_a_letter_behind_a_broken_timer_does_not_fill_the_record(post: SmallEngine) -> None:
    """It asks again every few seconds until somebody has mended the timer, perhaps over a weekend."""
    post.start("late_reader", "reader-1")
    post.wait(timedelta(days=2))
    assert run_due_timers(post.engine) == 0
    written(post)
    works = Floor(post).works
    with reading(post.engine.sessions) as session:
        before = history.count_events(session)
    for _look in range(20):
        works(timedelta(minutes=1))
    assert letter(post) == ("pending", "")
    with reading(post.engine.sessions) as session:
        assert history.count_events(session) == before


# a migration of many cases, while people work on


@pytest.mark.postgresql
@pytest.mark.parametrize("meanwhile", ["goes on", "is resumed", "is cancelled"])
def test_a_case_that_changes_while_others_are_moved_is_judged_as_it_is_then(
    postgresql_url: str, tmp_path: Path, meanwhile: str
) -> None:
    """The first of two cases is being moved; somebody else changes the second one, which was found but is not held."""
    small = small_engine(postgresql_url, tmp_path / "bpmn", user("room.first"), user("room.second"), user("room.third"))
    small = replace(small, engine=replace(small.engine, live=LiveRuns(0)))
    small.deploy(straight("first", "second"))
    cases = sorted((small.start(case=f"case-{number}") for number in range(2)), key=lambda case: case.instance.id)
    small.deploy(straight("first", "third"))
    late = cases[1]
    if meanwhile == "is resumed":
        suspend_instance(small.engine, late.instance.id, ADMIN, WHY)
    asked = propose_migration(small.engine, "probe", ADMIN, WHY, before=1, after=2)
    deeds = {
        "goes on": lambda: complete_task(small.engine, late.opened[0].id, AN, {"answer": "x"}),
        "is resumed": lambda: resume_instance(small.engine, late.instance.id, ADMIN, WHY),
        "is cancelled": lambda: cancel_instance(small.engine, late.instance.id, ADMIN, WHY),
    }
    waiting = [deeds[meanwhile]]

    def act(_connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        if waiting and text.startswith("UPDATE process_instance"):
            other = threading.Thread(target=waiting.pop())
            other.start()
            other.join()

    sa.event.listen(small.engine.sessions.kw["bind"], "before_cursor_execute", act)
    if meanwhile == "goes on":
        with pytest.raises(MigrationRefusedError) as refusal:
            approve_request(small.engine, asked.request_id, OTHER)
        assert refusal.value.details == {"cases": [late.instance.business_key], "count": 1}
    else:
        approve_request(small.engine, asked.request_id, OTHER)
    found = [queries.get_instance(small.engine, case.instance.id) for case in cases]
    tasks = queries.open_tasks_of_instance(small.engine, late.instance.id)
    assert [(view.version, view.status) for view in found] == {
        "goes on": [(1, "running"), (1, "running")],
        "is resumed": [(2, "running"), (2, "running")],
        "is cancelled": [(2, "running"), (1, "cancelled")],
    }[meanwhile]
    assert not any(task.suspended for task in tasks)
    with reading(small.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session)) == []
    small.engine.sessions.kw["bind"].dispose()


# what a diagram asks and a case does not know


def per_unit() -> Diagram:
    """The second step belongs to the head of the case's unit."""
    return (
        Diagram().declare("unit_id").start().user("first").user("second", role="head").end()
        .path("start", "first", "second", "end")
    )  # fmt: skip


def test_a_step_of_a_unit_is_refused_where_the_case_names_none(floor: Floor) -> None:  # noqa: F811
    """Else the task would lie in a queue nobody walks."""
    floor.small.deploy(per_unit())
    for case in (floor.small.start(), floor.small.start(case="case-2", unit_id=None)):
        with pytest.raises(ScopeMissingError) as refusal:
            complete_task(floor.engine, case.opened[0].id, AN, {"answer": "x"})
        assert refusal.value.details == {"task_place": "probe.second", "variable": "unit_id"}
        assert floor.elements(case) == ["first"]


def test_a_case_without_a_unit_does_not_move_to_a_diagram_that_asks_for_it(floor: Floor) -> None:  # noqa: F811
    floor.small.deploy(straight("first", "second"))
    floor.small.start(case="of-nobody")
    of_a_unit = floor.small.start(case="of-a-unit", unit_id="unit-1")
    floor.small.deploy(
        Diagram().declare("unit_id").start().user("first", role="head").user("second").end()
        .path("start", "first", "second", "end")
    )  # fmt: skip
    verdicts = {one.business_key: one for one in queries.migration_verdicts(floor.engine, "probe", 1, 2)}
    assert (verdicts["of-nobody"].reason, verdicts["of-nobody"].element_id) == ("scope_missing", "first")
    asked = propose_migration(floor.engine, "probe", ADMIN, WHY, before=1, after=2)
    assert asked.instances == (of_a_unit.instance.id,)
    approve_request(floor.engine, asked.request_id, OTHER)
    (task,) = queries.open_tasks_of_instance(floor.engine, of_a_unit.instance.id)
    assert (task.role, task.scope) == ("head", "unit-1")


@pytest.mark.parametrize(("said", "priority"), [("[1]", 2), ("{a: 1}", 2), ("3", 3), ('"1"', 2)])
def test_a_priority_in_another_shape_is_the_usual_one(floor: Floor, said: str, priority: int) -> None:  # noqa: F811
    floor.small.deploy(Diagram().start().user("first", priority=said).end().path("start", "first", "end"))
    assert floor.small.start().opened[0].priority == priority


@pytest.mark.parametrize("instant", ['date and time("0001-01-01T00:00:00")', 'time("10:00:00")'])
def test_a_due_date_or_timer_no_calendar_has_is_refused_by_name(floor: Floor, instant: str) -> None:  # noqa: F811
    floor.small.deploy(
        Diagram("due").start().user("first", due=instant).end().path("start", "first", "end"),
        Diagram("late").start().user("first").timer("tick", instant).end().path("start", "first", "tick", "end"),
    )  # fmt: skip
    with pytest.raises(FeelEvaluationError):
        floor.small.start("due")
    case = floor.small.start("late")
    with pytest.raises(FeelEvaluationError):
        complete_task(floor.engine, case.opened[0].id, AN, {"answer": "x"})
    assert floor.elements(case) == ["first"]


# what nobody may do, or no database keeps


def test_who_must_keep_away_from_a_step_gives_it_to_nobody(database_url: str, tmp_path: Path) -> None:
    """The receiver would act in his place too, and could never complete it."""
    people = {"an": AN, "binh": BINH}
    small = small_engine(database_url, tmp_path / "bpmn", user("room.first", "answer"), user("room.second"),
                         hooks=Hooks(actor_of=lambda _ctx, person: people.get(person)))  # fmt: skip
    small.deploy(
        Diagram().start().user("first").user("second", not_same_person_as="first").end()
        .path("start", "first", "second", "end")
    )  # fmt: skip
    case = small.start()
    second = complete_task(small.engine, case.opened[0].id, AN, {"answer": "x"}).opened[0].id
    with pytest.raises(SeparationOfDutiesError):
        delegate_task(small.engine, second, AN, "binh", WHY)
    assert queries.get_task(small.engine, second).assignee is None
    complete_task(small.engine, second, BINH, {"answer": "x"})
    assert queries.get_instance(small.engine, case.instance.id).status == "completed"
    small.engine.sessions.kw["bind"].dispose()


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), b"bytes", {1, 2}])
def test_a_draft_no_database_keeps_is_refused(floor: Floor, value: object) -> None:  # noqa: F811
    case = floor.small.start("reminding")
    claim_task(floor.engine, case.opened[0].id, AN)
    nested: list[object] = [value]
    for _level in range(3000):
        nested = [nested]
    for odd in (value, nested):
        with pytest.raises(InvalidInputError) as refusal:
            save_draft(floor.engine, case.opened[0].id, AN, {"answer": odd}, 0)
        assert refusal.value.details["fields"] == {"_draft": ["invalid"]}
    assert queries.stored_draft(floor.engine, case.opened[0].id, AN) == ({}, 0)


def test_half_a_character_in_a_draft_is_kept_as_a_mark(floor: Floor) -> None:  # noqa: F811
    """As it is, it would break the page of the task for the one who wrote it, each time he opens it."""
    case = floor.small.start("reminding")
    claim_task(floor.engine, case.opened[0].id, AN)
    save_draft(floor.engine, case.opened[0].id, AN, {"answer": ["đang \ud800", "viết"]}, 0)
    values, _version = queries.stored_draft(floor.engine, case.opened[0].id, AN)
    assert values == {"answer": ["đang \ufffd", "viết"]}


@pytest.mark.parametrize("number", [0, -1, 2**31, -(2**70)])
def test_a_version_that_cannot_be_is_none(floor: Floor, number: int) -> None:  # noqa: F811
    for before, after in ((number, 1), (1, number)):
        with pytest.raises(NotFoundError):
            propose_migration(floor.engine, "printing", ADMIN, WHY, before=before, after=after)


def test_a_repair_to_a_vote_without_voters_is_refused(database_url: str, tmp_path: Path) -> None:
    """The diagram leads there only once the voters are known; a repair may come too early."""
    call = service("room.call", lambda _ctx, _params: {"voters": ["an"]}, "voters")
    small = small_engine(database_url, tmp_path / "bpmn", user("room.first"), user("room.vote"), call)
    small.deploy(
        Diagram().start().user("first").service("call").choice("gw", default=("gw", "end_other")).ballot("vote").end()
        .end("end_other").path("start", "first", "call", "gw").flow("gw", "vote", "count(voters) > 0")
        .flow("gw", "end_other").path("vote", "end")
    )  # fmt: skip
    case = small.start()
    (place,) = queries.token_places_of(small.engine, case.instance.id)
    early = RepairPlan(place.token, target="vote")
    with pytest.raises(FeelEvaluationError):
        queries.preview_repair(small.engine, case.instance.id, ADMIN, early)
    asked = propose_repair(small.engine, case.instance.id, ADMIN, early, WHY)
    with pytest.raises(FeelEvaluationError):
        approve_request(small.engine, asked.request_id, OTHER)
    assert [task.element_id for task in queries.open_tasks_of_instance(small.engine, case.instance.id)] == ["first"]
    whole = RepairPlan(place.token, target="vote", variables={"voters": ["an", "binh"]})
    asked = propose_repair(small.engine, case.instance.id, ADMIN, whole, WHY)
    approve_request(small.engine, asked.request_id, OTHER)
    tasks = queries.open_tasks_of_instance(small.engine, case.instance.id)
    assert {task.assignee for task in tasks} == {"an", "binh"}
    small.engine.sessions.kw["bind"].dispose()


# a hand in the database


@pytest.mark.parametrize("resting", [False, True])
def test_a_case_put_to_rest_or_woken_by_hand_is_found(floor: Floor, resting: bool) -> None:  # noqa: F811
    """Nobody can do its tasks, or everybody again, and no event says who wanted that."""
    case = floor.small.start("reminding")
    if resting:
        suspend_instance(floor.engine, case.instance.id, ADMIN, WHY)
    sound, forged = ("suspended", "running") if resting else ("running", "suspended")
    for status, found in ((forged, [("case_altered", "status")]), (sound, [])):
        with floor.engine.sessions.kw["bind"].begin() as connection:
            connection.execute(sa.update(ProcessInstance).values(status=status))
        with reading(floor.engine.sessions, at_one_instant=True) as session:
            assert [(one.code, one.what) for one in history.verify(session)] == found

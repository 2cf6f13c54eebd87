"""Repairs of running cases: proposed by one, approved by another, carried out at once, and told to the auditor."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import history, queries
from engine.commands.instances import cancel_instance
from engine.commands.interventions import approve_request, propose_repair, reject_request
from engine.commands.suspension import resume_instance, suspend_instance
from engine.commands.tasks import claim_task, complete_task
from engine.commands.timers import run_due_timers
from engine.context import Actor
from engine.db import reading
from engine.errors import (
    ForbiddenError,
    ImpossibleRepairError,
    InstanceEndedError,
    NotFoundError,
    OwnProposalError,
    ReasonRequiredError,
    RepairDecidedError,
    RepairVoidError,
)
from engine.intervention_views import RepairPlan, RepairView
from engine.runtime_environment import Engine
from tests.office import Case, Office
from tests.paths import stories
from tests.paths.test_deputies import names
from tests.support.diagrams import Diagram
from tests.support.small_engine import AN, SmallEngine, service, size_step, small_engine, user
from tests.support.traces import counts, rows

WHY = "Hồ sơ bị chuyển nhầm bước."
ONE, OTHER = Actor("one", frozenset({"administrator"})), Actor("other", frozenset({"administrator"}))


def token_at(engine: Engine, case_id: Any, element: str) -> str:
    return next(place.token for place in queries.token_places_of(engine, case_id) if place.element_id == element)


# the office


def test_a_case_is_taken_back_to_its_appraisal_by_two_people(office: Office) -> None:
    """The comments were opened too early: the case goes back to the step before, as nothing on the diagram would."""
    case = stories.ready_for_council(office)
    admin, other = office.actor("admin"), office.actor("admin2")
    plan = RepairPlan(token_at(office.engine, case.id, "council_review"), target="feedback")
    seen = queries.preview_repair(office.engine, case.id, admin, plan)
    assert [task.element_id for task in seen.closed] == ["schedule_nomination"]
    assert [one.element_id for one in seen.waiting if one.due_at] == ["ev_window_closed"]
    untouched = counts(office)
    assert case.open_elements() == ["schedule_nomination"], "a preview changes nothing"
    asked = propose_repair(office.engine, case.id, admin, plan, WHY)
    assert counts(office)["repair_request"] == untouched.get("repair_request", 0) + 1
    assert (asked.state, asked.plan.source, asked.plan.target) == ("proposed", "council_review", "feedback")
    with pytest.raises(OwnProposalError):
        approve_request(office.engine, asked.request_id, admin)
    done = approve_request(office.engine, asked.request_id, other, "Đồng ý.", idempotency_key="once")
    assert approve_request(office.engine, asked.request_id, other, "Đồng ý.", idempotency_key="once") == done
    assert (done.state, done.decider_id, done.decision_reason) == ("approved", other.id, "Đồng ý.")
    assert case.open_tasks() == []
    stories.heard(office, case)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    stories.vote(case)
    stories.minuted(office, case)
    case.do("director_decides", "director", decision="GRANT_GIAY_KHEN")
    stories.honoured(stories.registered(stories.signed(case)))
    assert case.ended_at == "end_awarded"
    (repaired,) = [event for event in case.history() if event.kind == "instance.repaired"]
    assert (repaired.element_id, repaired.data["target"], repaired.data["proposed_by"]) == (
        "council_review", "feedback", admin.id,
    )  # fmt: skip
    assert [name for name, row in rows(office) if WHY in str(row)] == ["repair_request"]
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


def test_a_vote_is_started_over_whole_never_one_ballot(office: Office) -> None:
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    stories.vote(case, only=2)
    ballots = case.open_tasks()
    tokens = {row["token"] for name, row in rows(office) if name == "user_task" and row["status"] == "open"}
    for token in sorted(tokens)[:1]:
        with pytest.raises(ImpossibleRepairError) as refusal:
            propose_repair(office.engine, case.id, office.actor("admin"), RepairPlan(token, target="close_line"), WHY)
        assert refusal.value.details["problem"] == "one_of_many"
    plan = RepairPlan(token_at(office.engine, case.id, "cast_ballot"), target="schedule_nomination")
    seen = queries.preview_repair(office.engine, case.id, office.actor("admin2"), plan)
    assert ({task.id for task in seen.closed}, [task.element_id for task in seen.opened]) == (
        {task.id for task in ballots}, ["schedule_nomination"],
    )  # fmt: skip
    asked = propose_repair(office.engine, case.id, office.actor("admin"), plan, WHY)
    approve_request(office.engine, asked.request_id, office.actor("admin2"))
    assert case.open_elements() == ["schedule_nomination"]
    assert queries.due_timers(office.engine, case.id) == ()


def test_a_case_that_moved_makes_the_proposal_void(office: Office) -> None:
    case = stories.filed(office)
    plan = RepairPlan(token_at(office.engine, case.id, "check_completeness"), target="appraise")
    asked = propose_repair(office.engine, case.id, office.actor("admin"), plan, WHY)
    case.claim("check_completeness", "officer")
    with pytest.raises(RepairVoidError):
        queries.preview_repair(office.engine, case.id, office.actor("admin"), plan, revision=asked.revision)
    with pytest.raises(RepairVoidError):
        approve_request(office.engine, asked.request_id, office.actor("admin2"))
    assert case.open_elements() == ["check_completeness"]
    assert queries.get_request(office.engine, asked.request_id).state == "void"
    (notice, *_) = queries.notices_of(office.engine, office.people["admin"])
    assert notice.kind == "repair.voided"
    with pytest.raises(RepairDecidedError):
        reject_request(office.engine, asked.request_id, office.actor("admin2"), "Không cần nữa.")
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


def test_a_suspended_case_stands_still_until_somebody_approves(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.filed(office)
    admin = office.actor("admin")
    suspend_instance(office.engine, case.id, admin, WHY)
    plan = RepairPlan(token_at(office.engine, case.id, "check_completeness"), target="appraise")
    asked = propose_repair(office.engine, case.id, admin, plan, WHY)
    office.wait(days=9)
    approve_request(office.engine, asked.request_id, office.actor("director"))
    (task,) = case.open_tasks()
    assert (task.element_id, task.suspended, case.view.status) == ("appraise", True, "suspended")
    resume_instance(office.engine, case.id, admin, "Đã sửa.")
    assert [task.suspended for task in case.open_tasks()] == [False]


def test_the_approver_rejects_with_a_reason(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.filed(office)
    asked = _asked(office, case)
    with pytest.raises(ReasonRequiredError):
        reject_request(office.engine, asked.request_id, office.actor("admin2"), " ")
    with pytest.raises(ForbiddenError):
        reject_request(office.engine, asked.request_id, office.actor("officer"), "Không.")
    rejected = reject_request(office.engine, asked.request_id, office.actor("admin2"), "Chưa cần.")
    assert (rejected.state, rejected.decision_reason) == ("rejected", "Chưa cần.")
    assert [event.kind for event in case.history()][-2:] == ["repair.proposed", "repair.rejected"]
    assert [one.state for one in queries.list_requests(office.engine, instance_id=case.id)] == ["rejected"]
    assert queries.list_requests(office.engine, open_only=True) == ()


def test_a_deputy_approves_in_the_directors_place_and_bears_both_names(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.filed(office)
    names(office, "director", "deputy", "director")
    asked = _asked(office, case)
    approve_request(office.engine, asked.request_id, office.actor("deputy"))
    event = case.history()[-1]
    assert (event.kind, event.data["on_behalf_of"]) == ("instance.repaired", office.people["director"])


def test_what_ended_meanwhile_is_not_repaired(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.filed(office)
    asked = _asked(office, case)
    assert [one.request_id for one in queries.list_requests(office.engine, open_only=True)] == [asked.request_id]
    cancel_instance(office.engine, case.id, office.actor("admin"), "Nhập trùng.")
    with pytest.raises(RepairVoidError):
        approve_request(office.engine, asked.request_id, office.actor("admin2"))
    assert queries.get_request(office.engine, asked.request_id).state == "void"
    with pytest.raises(InstanceEndedError):
        _asked(office, case)


def _asked(office: Office, case: Case) -> RepairView:
    plan = RepairPlan(variables={"round_key": "2025"})
    return propose_repair(office.engine, case.id, office.actor("admin"), plan, WHY)


# small diagrams


@pytest.fixture
def small(database_url: str, tmp_path: Path) -> Iterator[SmallEngine]:
    found = small_engine(
        database_url, tmp_path / "bpmn", *(user(f"room.{name}", "answer") for name in "abcd"), user("room.vote"),
        service("room.work"), size_step(),
    )  # fmt: skip
    fork = "parallelGateway"
    drawn = (
        Diagram().declare("amount", "answer", "kind").start().user("a").add(fork, "fork").user("b").user("c")
        .add(fork, "join").user("d").decision("weigh", "size").choice("gw", default=("gw", "end_other")).end()
        .end("end_other").path("start", "a", "fork", "b", "join", "weigh", "gw").path("fork", "c", "join")
        .path("d", "weigh").flow("gw", "end", 'size = "large"').flow("gw", "end_other").flow("gw", "d", 'kind = "more"')
    )  # fmt: skip
    found.deploy(drawn, tables={date(2025, 1, 1): "10"})
    yield found
    found.engine.sessions.kw["bind"].dispose()


def test_a_parallel_branch_is_left_by_nobody(small: SmallEngine) -> None:
    """Else the join would wait for ever, or get one token too many."""
    case = small.start(amount=5)
    complete_task(small.engine, case.opened[0].id, AN, {"answer": "x"})
    places = {place.element_id: place.targets for place in queries.token_places_of(small.engine, case.instance.id)}
    assert places == {"b": ("b",), "c": ("c",)}
    token = token_at(small.engine, case.instance.id, "b")
    for target in ("join", "fork", "d", "c", "nowhere"):
        problem = "unknown_element" if target == "nowhere" else "place"
        with pytest.raises(ImpossibleRepairError) as refusal:
            propose_repair(small.engine, case.instance.id, ONE, RepairPlan(token, target=target), WHY)
        assert refusal.value.details["problem"] == problem
    with pytest.raises(ImpossibleRepairError) as refusal:
        propose_repair(small.engine, case.instance.id, ONE, RepairPlan("999", target="d"), WHY)
    assert refusal.value.details["problem"] == "token"


def test_a_path_beside_a_step_is_a_branch_of_its_own(small: SmallEngine) -> None:
    """What waits beside a step without taking its token is no place for that token: the join would wait for ever."""
    fork, soon = "parallelGateway", 'date and time("2025-06-16T02:00:00Z")'
    small.deploy(
        Diagram("beside").start().add(fork, "fork").user("a").timer("soon", soon, on="a", interrupting=False).user("b")
        .user("c").add(fork, "join").user("d").end().end("end_b").path("start", "fork", "a", "join", "d", "end")
        .path("fork", "c", "join").path("soon", "b", "end_b")
    )  # fmt: skip
    case = small.start("beside", "case-2")
    small.wait(timedelta(days=1))
    run_due_timers(small.engine)
    places = {place.element_id: place.targets for place in queries.token_places_of(small.engine, case.instance.id)}
    assert places == {"a": ("a",), "b": ("b", "end_b"), "c": ("c",)}


def test_a_changed_variable_is_obeyed_after_the_join(small: SmallEngine) -> None:
    """It is changed while one branch has arrived already and the other is open."""
    case = small.start(amount=5)
    complete_task(small.engine, case.opened[0].id, AN, {"answer": "x"})
    b, c = queries.open_tasks_of_instance(small.engine, case.instance.id)
    complete_task(small.engine, b.id, AN, {"answer": "b"})
    asked = propose_repair(small.engine, case.instance.id, ONE, RepairPlan(variables={"amount": 50}), WHY)
    approve_request(small.engine, asked.request_id, OTHER)
    assert queries.get_instance(small.engine, case.instance.id).variables["amount"] == 50
    assert queries.get_task(small.engine, c.id).variables["amount"] == 50
    complete_task(small.engine, c.id, AN, {"answer": "c"})
    done = queries.get_instance(small.engine, case.instance.id)
    assert (done.end_event, done.variables["amount"], done.variables["size"]) == ("end", 50, "large")


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({}, "nothing"),
        ({"hacked": "x"}, "unknown_variable"),
        ({"amount": "five"}, "wrong_type"),
        ({"amount": True}, "wrong_type"),
        ({"kind": {"a": 1}}, "wrong_type"),
        ({"kind": "x" * 5000}, "wrong_type"),
    ],
)
def test_a_bad_change_of_variables_is_refused(small: SmallEngine, variables: dict[str, Any], problem: str) -> None:
    case = small.start(amount=5)
    with pytest.raises(ImpossibleRepairError) as refusal:
        propose_repair(small.engine, case.instance.id, ONE, RepairPlan(variables=variables), WHY)
    assert refusal.value.details["problem"] == problem
    assert queries.list_requests(small.engine) == ()


def test_variables_that_may_be_changed(small: SmallEngine) -> None:
    case = small.start(amount=5)
    found = {one.name: (one.value, one.type) for one in queries.repairable_variables(small.engine, case.instance.id)}
    assert found == {"amount": (5, "number"), "answer": (None, "any"), "kind": (None, "any"), "size": (None, "any")}
    asked = propose_repair(small.engine, case.instance.id, ONE, RepairPlan(variables={"kind": "more"}), WHY)
    approve_request(small.engine, asked.request_id, OTHER)
    assert queries.get_instance(small.engine, case.instance.id).variables["kind"] == "more"


def test_moved_to_an_end_the_case_ends(small: SmallEngine) -> None:
    case = small.start(amount=5)
    plan = RepairPlan(token_at(small.engine, case.instance.id, "a"), target="end_other")
    seen = queries.preview_repair(small.engine, case.instance.id, ONE, plan)
    assert (seen.ended, seen.opened) == ("end_other", ())
    asked = propose_repair(small.engine, case.instance.id, ONE, plan, WHY)
    approve_request(small.engine, asked.request_id, OTHER)
    assert queries.get_instance(small.engine, case.instance.id).end_event == "end_other"
    with pytest.raises(NotFoundError):
        queries.get_request(small.engine, case.instance.id)


def test_a_case_whose_timer_breaks_is_suspended_and_repaired(database_url: str, tmp_path: Path) -> None:
    """Overdue timers come first at every door; in a suspended case they wait, so that it can be mended."""
    steps = (user("room.a", "answer"), user("room.d"), service("room.break", _break))
    found = small_engine(database_url, tmp_path / "bpmn", *steps)
    drawn = (
        Diagram().start().user("a").timer("late", 'date and time("2025-06-17T00:00:00Z")', on="a")
        .service("break", step="room.break").user("d").end().end("end_late").path("start", "a", "d", "end")
        .path("late", "break", "end_late")
    )  # fmt: skip
    found.deploy(drawn)
    case = found.start()
    found.wait(timedelta(days=2))
    run_due_timers(found.engine)
    assert queries.get_instance(found.engine, case.instance.id).status == "incident"
    suspend_instance(found.engine, case.instance.id, ONE, WHY)
    plan = RepairPlan(token_at(found.engine, case.instance.id, "a"), target="d")
    asked = propose_repair(found.engine, case.instance.id, ONE, plan, WHY)
    approve_request(found.engine, asked.request_id, OTHER)
    resume_instance(found.engine, case.instance.id, ONE, WHY)
    (task,) = queries.open_tasks_of_instance(found.engine, case.instance.id)
    assert task.element_id == "d"
    claim_task(found.engine, task.id, AN)
    complete_task(found.engine, task.id, AN, {"answer": "x"})
    assert queries.get_instance(found.engine, case.instance.id).status == "completed"
    found.engine.sessions.kw["bind"].dispose()


def _break(_ctx: object, _params: object) -> dict[str, Any]:
    raise ZeroDivisionError

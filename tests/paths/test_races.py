"""Several people act in the same moment: each gets a clear answer, nobody sees a lock, nothing is done twice or half.

Threads start behind a barrier, each with a connection of its own; nine separate processes vote in `test_nine_votes.py`.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from engine import history, queries
from engine.commands.deployments import deploy
from engine.commands.instances import cancel_instance
from engine.commands.tasks import take_over_task
from engine.context import SYSTEM
from engine.db import reading
from engine.errors import (
    InstanceEndedError,
    NotWaitingError,
    NotYourTaskError,
    TaskAlreadyClaimedError,
    TaskNotOpenError,
)
from engine.views import CommandResult
from tests.office import BPMN, Case, Office
from tests.paths import stories
from tests.support.together import faults, together
from tests.support.traces import rows

CHECK = "check_completeness"


@pytest.fixture(autouse=True)
def _the_record_holds(office: Office) -> Any:
    yield
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


def table(office: Office, name: str) -> list[dict[str, Any]]:
    return [row for found, row in rows(office) if found == name]


def outcomes(told: list[Any]) -> Counter[str]:
    """How many were done, and how many refused with which code."""
    unexpected = [fault for fault in faults(told) if not hasattr(fault, "code")]
    assert unexpected == [], "no lock and no database error reaches anybody"
    return Counter(getattr(answer, "code", "done") for answer in told)


def test_of_four_who_take_one_task_one_has_it_and_the_others_are_told(office: Office) -> None:
    case = stories.filed(office)
    task = case.open_tasks()[0].id
    people = ["officer", "secretary", "officer", "secretary"]
    told = together(*[lambda who=who: office.claim(task, office.actor(who)) for who in people])
    winner = case.open_tasks()[0].assignee
    assert {type(fault) for fault in faults(told)} == {TaskAlreadyClaimedError}
    mine = [answer for who, answer in zip(people, told, strict=True) if office.people[who] == winner]
    assert all(isinstance(answer, CommandResult) for answer in mine)
    assert [event.kind for event in case.history()].count("task.claimed") == 1


def test_the_same_task_is_completed_once(office: Office) -> None:
    """Two officers find one dossier complete that nobody holds."""
    case = stories.filed(office)
    task = case.open_tasks()[0].id
    values = queries.task_form(office.engine, task, office.actor("officer")).values

    def accept(who: str) -> Callable[[], CommandResult]:
        actor = office.actor(who)
        return lambda: office.complete(task, actor, items=values["items"], outcome="accepted")

    told = together(accept("officer"), accept("secretary"))
    assert outcomes(told) == {"done": 1, "task_not_open": 1}
    completed = [event for event in case.history() if (event.kind, event.element_id) == ("task.completed", CHECK)]
    assert [event.actor_id for event in completed] == [case.variables["checker_id"]]
    assert len(table(office, "completeness_check")) == 1


def test_nine_different_deeds_on_one_case_at_once(office: Office) -> None:
    """Votes, a late withdrawal, a stranger, a repeated click, comments: whatever may stand, stands."""
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    staff, head, other = (office.actor(who) for who in ("staff", "head", "member2"))
    task = case.task("cast_ballot", "member").id
    deeds: list[Callable[[], object]] = [
        *(ballot(case, who) for who in stories.voters(case)[:5]),
        ballot(case, stories.voters(case)[0]),
        lambda: office.complete(task, staff, interest="NONE", choice="AGREE", manner="PRESENT"),
        lambda: case.say(head, "nominations.withdraw", reason="Muộn rồi."),
        lambda: take_over_task(office.engine, task, other, "Bỏ phiếu thay."),
    ]
    told = together(*deeds)
    assert outcomes(told) == {"done": 6, "not_your_task": 1, "not_waiting": 1, "personal_task": 1}
    assert told[0].closed == told[5].closed, "the click that came twice was counted once"
    assert {type(fault) for fault in faults(told)} >= {NotYourTaskError, NotWaitingError}
    assert len(table(office, "ballot_receipt")) == len(table(office, "secret_ballot")) == 5
    stories.vote(case)
    assert case.open_elements() == ["confirm_minutes_secretary"]


def ballot(case: Case, who: str) -> Callable[[], object]:
    task, actor = case.task("cast_ballot", who), case.office.actor(who)
    return lambda: case.office.complete(task.id, actor, interest="NONE", choice="AGREE", manner="PRESENT")


def test_two_dossiers_filed_at_once_under_one_new_letter_lie_under_one_letter(office: Office) -> None:
    cases = [stories.drafted(office), stories.drafted(office, nominee="nominee2")]
    head = office.actor("head")

    def file(case: Case) -> Callable[[], object]:
        task = case.task("draft_proposal", "head")
        return lambda: office.complete(task.id, head, **stories.proposal())

    assert outcomes(together(*map(file, cases))) == {"done": 2}
    assert [row["letter_number"] for row in table(office, "submission")] == ["12/TTr-CCTHADS"]


@pytest.mark.slow
def test_two_signatures_at_once_take_two_numbers_without_a_gap(office: Office) -> None:
    first = stories.granted(office)
    second = stories.granted(office, nominee="nominee2", session="PH-2025-02")

    def sign(case: Case) -> Callable[[], object]:
        task, director = case.task("sign_decision", "director"), office.actor("director")
        return lambda: office.complete(task.id, director, together=[], capacity="HEAD", confirm=True)

    told = together(sign(first), sign(second), sign(first))
    assert outcomes(told) == {"done": 3}
    assert sorted(row["number"] for row in table(office, "official_number")) == [1, 2]
    assert {case.variables["decision_id"] for case in (first, second)} == {
        row["decision_id"] for row in table(office, "award_decision")
    }


@pytest.mark.slow
def test_signing_together_and_alone_at_once_signs_each_nomination_once(office: Office) -> None:
    """One window signs both, another signs the second alone."""
    first = stories.granted(office)
    second = stories.granted(office, nominee="nominee2", session="PH-2025-02")
    director = office.actor("director")
    both, alone = first.task("sign_decision", "director"), second.task("sign_decision", "director")
    told = together(
        lambda: office.complete(both.id, director, together=[second.key], capacity="HEAD", confirm=True),
        lambda: office.complete(alone.id, director, together=[], capacity="HEAD", confirm=True),
    )
    assert outcomes(told)["done"] in {1, 2}
    office.machines_work()
    lines = Counter(row["nomination_id"] for row in table(office, "decision_line"))
    assert set(lines.values()) == {1}, "nobody is awarded twice"
    numbers = sorted(row["number"] for row in table(office, "official_number"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_withdrawing_and_scheduling_at_once_gives_one_of_the_two(office: Office) -> None:
    case = stories.ready_for_council(office)
    key = stories.sitting(office)
    task, secretary = case.task("schedule_nomination", "secretary"), office.actor("secretary")
    head = office.actor("head")
    told = together(
        lambda: office.complete(task.id, secretary, session_key=key),
        lambda: case.say(head, "nominations.withdraw", reason="Chuyển sang đợt sau."),
    )
    assert outcomes(told)["done"] >= 1
    assert {type(fault) for fault in faults(told)} <= {TaskNotOpenError, InstanceEndedError, NotWaitingError}
    assert bool(table(office, "withdrawal")) == (case.ended_at == "end_withdrawn_before_council")


def test_cancelling_and_completing_at_once(office: Office) -> None:
    case = stories.filed(office)
    task = case.open_tasks()[0].id
    items = stories.items(case)
    officer, admin = office.actor("officer"), office.actor("admin")
    told = together(
        lambda: office.complete(task, officer, items=items, outcome="accepted"),
        lambda: cancel_instance(office.engine, case.id, admin, "Nhập trùng."),
    )
    assert isinstance(told[1], CommandResult)
    assert {type(fault) for fault in faults(told)} <= {TaskNotOpenError, InstanceEndedError}
    assert (case.view.status, case.open_tasks()) == ("cancelled", [])


def test_deploying_while_people_work_disturbs_nobody(office: Office) -> None:
    """Running cases stay on their version; what starts later runs on the new one; two deployments are one."""
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    folder = office.settings.data_dir / "new"
    shutil.copytree(BPMN, folder)
    diagram = folder / "decision_issue.bpmn"
    diagram.write_text(diagram.read_text(encoding="utf-8") + "<!-- a new version -->\n", encoding="utf-8")
    told = together(
        *[ballot(case, who) for who in stories.voters(case)],
        lambda: deploy(office.engine, folder, SYSTEM),
        lambda: deploy(office.engine, folder, SYSTEM),
        lambda: stories.opened(office, nominee="nominee2"),
    )
    assert outcomes(told) == {"done": len(told)}
    versions = Counter(view.key for deployment in told[-3:-1] for view in deployment)
    assert set(versions.values()) == {1}, "each version was added by one of the two"
    assert {"decision_issue", "nomination"} <= set(versions)
    assert case.view.version == 1
    assert case.open_elements() == ["confirm_minutes_secretary"]
    assert told[-1].view.version in {1, 2}
    told[-1].say("head", "nominations.withdraw", reason="Chuyển sang đợt sau.")
    assert stories.opened(office, nominee="nominee2").view.version == 2

"""A member who declares an interest beside the ballot: the ballot ends with it, and the vote goes on without him."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from engine import queries
from engine.commands.actions import perform_action
from engine.commands.suspension import resume_instance, suspend_instance
from engine.commands.timers import run_due_timers
from engine.db import reading
from engine.errors import InstanceSuspendedError, TaskNotOpenError
from engine.history import verify
from tests.office import Case, Office
from tests.paths import stories
from tests.paths.test_deputies import names
from tests.paths.test_deputy_votes import at_the_vote, of_table, rules_allow
from workflows.council import queries as council
from workflows.council.views import LineView

REASON = "Chúng tôi góp vốn chung."


def declares(case: Case, who: str, **more: Any) -> dict[str, Any]:
    values = {"nomination": case.key, "reason": REASON}
    return perform_action(case.office.engine, "nominations.declare_interest", case.office.actor(who), values,
                          **more).values  # fmt: skip


def line_of(case: Case) -> LineView:
    with reading(case.office.engine.sessions) as session:
        found = council.last_line_of(session, case.nomination_id)
    assert found is not None
    return found


def waiting(office: Office, who: str) -> tuple[int, list[str]]:
    """The count of a person's work, and the elements that are listed as it."""
    actor = office.actor(who)
    listed = [task.element_id for task in queries.list_tasks(office.engine, actor, "mine").items]
    return queries.count_tasks(office.engine, actor)["mine"], listed


def proved(office: Office) -> None:
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(verify(session)) == [], "the record proves itself"


def test_the_ballot_ends_with_the_declaration_and_is_told_as_such(office: Office) -> None:
    """It leaves queue and count, a receipt says that no ballot entered, and the history of the case names both acts."""
    case = at_the_vote(office)
    ballot = case.task("cast_ballot", "member")
    assert waiting(office, "member") == (1, ["cast_ballot"])
    declares(case, "member")
    assert waiting(office, "member") == (0, [])
    closed = queries.get_task(office.engine, ballot.id)
    assert (closed.status, closed.completed_by) == ("completed", office.people["member"])
    (receipt,) = of_table(office, "ballot_receipt")
    assert (receipt["member_id"], receipt["kind"]) == (office.people["member"], "RECUSED")
    assert not of_table(office, "open_ballot")
    event = [one for one in case.history() if one.kind == "task.completed"][-1]
    assert event.data["settled_by"] == "nominations.declare_interest"
    assert (event.data["answer"], event.actor_id) == ("RECUSED", office.people["member"])
    (action,) = queries.search_events(office.engine, chain="system", limit=1).items
    assert (action.data["step"], action.data["settled"]) == ("nominations.declare_interest", [str(ballot.id)])
    with pytest.raises(TaskNotOpenError):
        office.complete(ballot.id, office.actor("member"), interest="NONE", choice="AGREE")
    proved(office)


@pytest.mark.parametrize("mode", ["OPEN", "SECRET"])
def test_the_last_answer_may_be_given_beside_the_ballot(sqlite_office: Office, mode: str) -> None:
    """The line does not wait for its deadline, and the count leaves the member out of those it is measured by."""
    case = at_the_vote(sqlite_office, mode=mode)
    others = [member for member in stories.voters(case) if member != "member"]
    for member in others:
        case.do("cast_ballot", member, interest="NONE", choice="AGREE")
    declares(case, "member")
    line = line_of(case)
    assert line.result is not None
    assert line.result.agree == len(others)
    states = {member.id: (member.state, member.reason) for member in line.members}
    assert states[sqlite_office.people["member"]] == ("recused", "declared")
    assert line.recused == 2, "the proposing head, and who declared"
    assert [task.element_id for task in case.open_tasks()] == ["confirm_minutes_secretary"]
    stories.minuted(sqlite_office, case)
    proved(sqlite_office)


def test_who_voted_before_keeps_the_ballot(sqlite_office: Office) -> None:
    case = at_the_vote(sqlite_office)
    case.do("cast_ballot", "member", interest="NONE", choice="AGREE")
    others = stories.voters(case)
    declares(case, "member")
    (receipt,) = of_table(sqlite_office, "ballot_receipt")
    assert receipt["kind"] == "VOTED"
    assert stories.voters(case) == others, "nobody else's ballot is touched"


def test_an_answer_stands_where_the_declaration_is_taken_back(sqlite_office: Office) -> None:
    """The round is over for the member; the next one asks him again."""
    office = sqlite_office
    case = at_the_vote(office)
    declares(case, "member")
    office.act("member", "nominations.withdraw_interest", nomination=case.key, reason="Khai nhầm hồ sơ.")
    assert waiting(office, "member") == (0, [])
    office.wait(days=10)
    (first, second) = office_lines(case)
    assert {one.id for one in first.members if one.state == "recused"} == {
        office.people["member"],
        office.people["head"],
    }
    assert first.result is not None
    assert first.result.outcome == "no_quorum"
    assert {one.id for one in second.members if one.state == "recused"} == {office.people["head"]}
    assert waiting(office, "member") == (1, ["cast_ballot"])


def office_lines(case: Case) -> list[LineView]:
    with reading(case.office.engine.sessions) as session:
        return council.lines_of_nomination(session, case.nomination_id)


def test_a_deputy_sees_the_ballot_go_with_the_members_declaration(sqlite_office: Office) -> None:
    office = sqlite_office
    rules_allow(office)
    names(office, "member", "staff", "council_member", days=90)
    case = at_the_vote(office)
    assert waiting(office, "staff") == (1, ["cast_ballot"])
    declares(case, "member")
    assert waiting(office, "staff") == (0, [])


def test_a_request_that_comes_twice_declares_once(sqlite_office: Office) -> None:
    case = at_the_vote(sqlite_office)
    first = declares(case, "member", idempotency_key="k-1")
    assert declares(case, "member", idempotency_key="k-1") == first
    assert len(of_table(sqlite_office, "ballot_receipt")) == len(of_table(sqlite_office, "recusal")) == 1


def test_a_declaration_waits_with_a_suspended_case(sqlite_office: Office) -> None:
    """All of it or nothing: while nothing may move in the case, who has a ballot there declares nothing beside it."""
    office = sqlite_office
    case = at_the_vote(office)
    suspend_instance(office.engine, case.id, office.actor("admin"), "Chờ làm rõ đơn.")
    with pytest.raises(InstanceSuspendedError):
        declares(case, "member")
    assert not of_table(office, "recusal")
    declares(case, "staff")  # who has no ballot waits for nothing
    resume_instance(office.engine, case.id, office.actor("admin"), "Đã rõ.")
    declares(case, "member")
    assert waiting(office, "member") == (0, [])


def test_a_declaration_after_the_hour_finds_the_line_closed(sqlite_office: Office) -> None:
    """The timer is due and has not been heard yet: the line closes first, by the door of who comes late."""
    office = sqlite_office
    case = at_the_vote(office)
    ballot = case.task("cast_ballot", "member")
    for member in stories.voters(case):
        if member != "member":
            case.do("cast_ballot", member, interest="NONE", choice="AGREE")
    office.clock.advance(timedelta(days=10))
    declares(case, "member")
    assert queries.get_task(office.engine, ballot.id).status == "cancelled"
    assert line_of(case).result is not None
    assert "RECUSED" not in {row["kind"] for row in of_table(office, "ballot_receipt")}
    proved(office)


def test_ballots_and_a_declaration_at_one_moment_are_all_taken(office: Office) -> None:
    """Nobody waits for another for ever, and the last of them, whoever it is, closes the line."""
    case = at_the_vote(office)
    others = [who for who in stories.voters(case) if who != "member"]
    acts: list[Callable[[], object]] = [partial(declares, case, "member")]
    acts += [partial(case.do, "cast_ballot", who, interest="NONE", choice="AGREE") for who in others]
    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(act) for act in acts]:
            done.result()
    line = line_of(case)
    assert line.result is not None
    assert (line.result.agree, line.recused) == (len(others), 2)
    proved(office)


def test_a_declaration_at_the_moment_the_line_opens_leaves_no_ballot(office: Office) -> None:
    """Whichever comes first: the member is recused as the line opens, or the ballot that just came ends."""
    case = stories.ready_for_council(office)
    session = stories.sitting(office, mode="OPEN", deadline_days=9)
    case.do("schedule_nomination", "secretary", session_key=session)
    office.clock.advance(timedelta(hours=1))
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run_due_timers, office.engine), pool.submit(declares, case, "member")]:
            done.result()
    office.wait(hours=0)
    assert waiting(office, "member") == (0, [])
    assert office.people["member"] in {one.id for one in line_of(case).members if one.state == "recused"}
    proved(office)

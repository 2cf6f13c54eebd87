"""The council's diagram, walked by its people: recusals, deadlines, no quorum, open ballots, minutes."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.commands.actions import perform_action
from engine.commands.messages import correlate
from engine.commands.tasks import complete_task, delegate_task
from engine.db import reading
from engine.errors import EngineError, InvalidInputError
from engine.history import verify
from tests.support.sitting import MEMBERS, MORNING, Matter, Sitting
from workflows.council import queries
from workflows.council.models import Minutes, OpenBallot
from workflows.council.views import LineView, ResultView
from workflows.organisation.models import PostHolding, RoleGrant

SIX = MEMBERS[:6]


@pytest.fixture
def sitting(new_sitting: Callable[..., Sitting]) -> Iterator[Sitting]:
    opened = new_sitting()
    opened.compose()
    yield opened
    with reading(opened.engine.sessions, at_one_instant=True) as session:
        assert list(verify(session)) == [], "the record proves itself after every story"


def line_of(matter: Matter, line_id: str = "") -> LineView:
    with reading(matter.sitting.engine.sessions) as session:
        return queries.line_view(session, line_id or matter.line_id)


def result_of(matter: Matter, line_id: str = "") -> ResultView:
    found = line_of(matter, line_id).result
    assert found is not None
    return found


def refused(code: str, work: Any, *args: Any, **values: Any) -> EngineError:
    with pytest.raises(EngineError) as refusal:
        work(*args, **values)
    assert refusal.value.code == code, f"{refusal.value.code}: {refusal.value.details}"
    return refusal.value


def problems(work: Any, *args: Any, **values: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidInputError) as refusal:
        work(*args, **values)
    found: dict[str, list[str]] = refusal.value.details["problems"]
    return {field: [text.partition("|")[0] for text in texts] for field, texts in found.items()}


def everybody(matter: Matter, choice: str, *members: str) -> None:
    for member in members or MEMBERS:
        matter.vote(member, choice)


# the vote


@pytest.mark.parametrize(
    ("form", "agree", "outcome"),
    [
        ("GIAY_KHEN", 5, "passed"), ("GIAY_KHEN", 4, "failed"),
        ("BANG_KHEN_BO_TRUONG", 8, "passed"), ("BANG_KHEN_BO_TRUONG", 7, "failed"),
    ],
)  # fmt: skip
def test_the_form_decides_how_many_must_agree(sitting: Sitting, form: str, agree: int, outcome: str) -> None:
    sitting.call()
    matter = sitting.bring(form=form).schedule()
    for number, member in enumerate(MEMBERS):
        matter.vote(member, "AGREE" if number < agree else "ABSTAIN")
    assert matter.variables["vote_outcome"] == outcome
    found = result_of(matter)
    assert (found.outcome, found.agree, found.abstain, found.base) == (outcome, agree, 9 - agree, 9)
    assert {row.rule for row in found.rules} >= {"F03"}, "the page tells which rule, and where it comes from"
    assert all(row.source and row.confidence in "TQSBD" for row in found.rules if row.rule)


def test_an_open_ballot_changes_until_the_line_closes(sitting: Sitting) -> None:
    sitting.call(mode="OPEN")
    matter = sitting.bring().schedule()
    line_id = matter.line_id
    matter.vote("hd1", "DISAGREE", note="Chưa rõ thành tích")
    refused("no_ballot_to_change", sitting.act, "hd2", "council.change_ballot", line_id=line_id, choice="AGREE")
    sitting.act("hd1", "council.change_ballot", line_id=line_id, choice="AGREE", note="Đã rõ")
    refused("not_a_voter", sitting.act, _outsider(sitting), "council.change_ballot", line_id=line_id, choice="AGREE")
    everybody(matter, "AGREE", *MEMBERS[1:])
    assert result_of(matter).agree == 9
    refused("line_closed", sitting.act, "hd1", "council.change_ballot", line_id=line_id, choice="ABSTAIN")
    with reading(sitting.engine.sessions) as session:
        shown = {ballot.member: (ballot.choice, ballot.note) for ballot in queries.ballots_of_line(session, line_id)}
        assert shown["Nông Văn hd1"] == ("AGREE", "Đã rõ")
        versions = session.scalars(sa.select(OpenBallot.choice).where(OpenBallot.member_id == sitting.people["hd1"])
                                   .order_by(OpenBallot.version)).all()  # fmt: skip
        assert [str(choice) for choice in versions] == ["DISAGREE", "AGREE"]


def _outsider(sitting: Sitting) -> Any:
    actor = sitting.actor("vice")
    return type(actor)(actor.id, actor.groups | {"council_member"}, actor.post, actor.name)


def test_a_secret_ballot_is_final(sitting: Sitting) -> None:
    sitting.call(mode="SECRET")
    matter = sitting.bring().schedule()
    matter.vote("hd1", "AGREE")
    other = {"line_id": matter.line_id, "choice": "ABSTAIN"}
    refused("secret_ballot_final", sitting.act, "hd1", "council.change_ballot", **other)
    assert problems(matter.vote, "hd2", "AGREE", note="Rất tốt") == {"note": ["@council_secret_note"]}
    with reading(sitting.engine.sessions) as session:
        receipt = queries.receipt_of(session, matter.line_id, sitting.people["hd1"])
        assert receipt is not None
        mine = queries.votes_of(session, "PH-01", sitting.people["hd1"])[0]
        assert (mine.state, mine.choice, mine.code) == ("voted", "", receipt.code)


def test_a_member_votes_once_and_nobody_votes_for_another(sitting: Sitting) -> None:
    sitting.call()
    matter = sitting.bring().schedule()
    task = matter.task("cast_ballot", "hd1")
    values = {"interest": "NONE", "choice": "AGREE"}
    refused("not_your_task", complete_task, sitting.engine, task.id, sitting.actor("hd2"), values)
    matter.vote("hd1", "AGREE")
    refused("task_not_open", complete_task, sitting.engine, task.id, sitting.actor("hd1"), values)
    ballot = matter.task("cast_ballot", "hd2")
    refused("personal_task", delegate_task, sitting.engine, ballot.id, sitting.actor("hd2"), sitting.people["hd3"],
            "bận họp")  # fmt: skip


def test_a_cast_costs_at_most_twelve_statements(sitting: Sitting) -> None:
    sitting.call()
    matter = sitting.bring().schedule()
    matter.vote("hd1", "AGREE")
    task, actor = matter.task("cast_ballot", "hd2"), sitting.actor("hd2")
    statements: list[str] = []
    sa.event.listen(sitting.engine.sessions.kw["bind"], "before_cursor_execute",
                    lambda _c, _u, statement, *_: statements.append(statement))  # fmt: skip
    complete_task(sitting.engine, task.id, actor, {"interest": "NONE", "choice": "AGREE"})
    assert len(statements) <= 12, statements


def test_a_written_opinion_is_a_ballot_like_the_others(sitting: Sitting) -> None:
    sitting.call()
    matter = sitting.bring().schedule()
    everybody(matter, "AGREE", *MEMBERS[:8])
    matter.vote("hd9", "DISAGREE", manner="WRITTEN_OPINION")
    assert result_of(matter).disagree == 1
    states = {member.name: (member.state, member.manner) for member in line_of(matter).members}
    assert states["Nông Văn hd9"] == ("voted", "WRITTEN_OPINION")


# who keeps away


@pytest.mark.parametrize(
    ("nominee", "proposer", "away", "reason"),
    [
        ("hd5", "head", "hd5", "self"), ("nominee", "hd6", "hd6", "direct_proposer"),
        ("nominee", "head", "hd7", "family"),
    ],
)  # fmt: skip
def test_the_recused_get_no_ballot(sitting: Sitting, nominee: str, proposer: str, away: str, reason: str) -> None:
    sitting.call()
    if reason == "family":
        sitting.act("admin", "organisation.declare_relation", person_id=sitting.people["nominee"],
                    relative_id=sitting.people[away], kind="SIBLING")  # fmt: skip
    matter = sitting.bring(nominee, proposer=proposer).schedule()
    voters = [member for member in MEMBERS if member != away]
    assert {task.assignee for task in matter.tasks()} == {sitting.people[member] for member in voters}
    line = line_of(matter)
    assert [(one.id, one.reason) for one in line.members if one.state == "recused"] == [(sitting.people[away], reason)]
    with reading(sitting.engine.sessions) as session:
        assert [vote.state for vote in queries.votes_of(session, "PH-01", sitting.people[away])] == ["recused"]
    everybody(matter, "AGREE", *voters)
    found = result_of(matter)
    assert (found.members, found.recused, found.cast, found.base) == (9, 1, 8, 8)


def test_an_interest_declared_on_the_ballot_recuses_and_no_ballot_enters(sitting: Sitting) -> None:
    sitting.call()
    matter = sitting.bring().schedule()
    needed = problems(matter.do, "cast_ballot", "hd4", interest="DECLARED", choice="AGREE")
    assert needed == {"interest_reason": ["@required"]}
    matter.do("cast_ballot", "hd4", interest="DECLARED", choice="AGREE", interest_reason="Cùng quê, đang làm ăn chung")
    everybody(matter, "DISAGREE", *[member for member in MEMBERS if member != "hd4"])
    found = result_of(matter)
    assert (found.agree, found.recused, found.cast) == (0, 1, 8)
    assert {one.id: one.reason for one in line_of(matter).members if one.state == "recused"} == {
        sitting.people["hd4"]: "declared"
    }


def test_the_last_answer_may_be_a_declaration(sitting: Sitting) -> None:
    sitting.call()
    matter = sitting.bring().schedule()
    everybody(matter, "AGREE", *MEMBERS[:8])
    matter.do("cast_ballot", "hd9", interest="DECLARED", interest_reason="Là người hướng dẫn")
    assert (result_of(matter).recused, matter.variables["vote_outcome"]) == (1, "passed")


def test_a_council_recused_as_a_whole_finds_no_quorum(sitting: Sitting) -> None:
    three = ("hd1", "hd2", "hd4")
    sitting.call(members=[sitting.people[one] for one in three])
    for one in three:
        sitting.act("admin", "organisation.declare_relation", person_id=sitting.people["nominee"],
                    relative_id=sitting.people[one], kind="SIBLING")  # fmt: skip
    matter = sitting.bring().schedule()
    assert matter.open_elements() == ["decide_no_quorum"]
    found = result_of(matter)
    assert (found.members, found.recused, found.cast, found.outcome) == (3, 3, 0, "")


def test_the_policy_says_whom_family_and_proposal_keep_away_but_never_lets_the_nominee_vote(tmp_path: Path) -> None:
    policy = {'"SELF,FAMILY,DIRECT_PROPOSER"': '""', '"WRITTEN_OPINION"': '"NOT_COUNTED"'}
    sitting = Sitting.open(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, policy=policy)
    sitting.compose()
    sitting.call()
    sitting.act("admin", "organisation.declare_relation", person_id=sitting.people["hd5"],
                relative_id=sitting.people["hd6"], kind="SPOUSE")  # fmt: skip
    matter = sitting.bring("hd5", proposer="hd4").schedule()
    assert [(one.id, one.reason) for one in line_of(matter).members if one.state == "recused"] == [
        (sitting.people["hd5"], "self")
    ]
    written = problems(matter.vote, "hd6", "AGREE", manner="WRITTEN_OPINION")
    assert written == {"manner": ["@council_no_written_opinion"]}
    everybody(matter, "AGREE", "hd4", "hd6")
    assert line_of(matter).cast == 2
    sitting.close()


def test_changing_and_counting_at_one_moment_agree_on_the_ballot(
    new_sitting: Callable[..., Sitting], database_kind: str
) -> None:
    sitting = new_sitting(database_kind)
    sitting.compose()
    sitting.call(mode="OPEN")
    with ThreadPoolExecutor(2) as threads:
        for _ in range(8):
            matter = sitting.bring().schedule()
            everybody(matter, "AGREE", *MEMBERS[:8])
            task, last, first = matter.task("cast_ballot", "hd9"), sitting.actor("hd9"), sitting.actor("hd1")
            change = {"line_id": matter.line_id, "choice": "DISAGREE"}
            closing = threads.submit(
                complete_task, sitting.engine, task.id, last, {"interest": "NONE", "choice": "AGREE"}
            )
            changing = threads.submit(perform_action, sitting.engine, "council.change_ballot", first, change)
            closing.result()
            fault = changing.exception()
            assert fault is None or (isinstance(fault, EngineError) and fault.code == "line_closed"), fault
            assert result_of(matter).disagree == int(fault is None), "what was counted is what stands"
            with reading(sitting.engine.sessions) as session:
                standing = Counter(ballot.choice for ballot in queries.ballots_of_line(session, matter.line_id))
            assert standing["DISAGREE"] == int(fault is None)


# time


def test_the_deadline_closes_the_line_and_the_absent_are_not_in_favour(sitting: Sitting) -> None:
    sitting.call()
    matter = sitting.bring().schedule()
    line_id = matter.line_id
    everybody(matter, "AGREE", *SIX)
    assert line_of(matter).quorum_reached
    task = matter.task("cast_ballot", "hd9")
    sitting.wait(days=3)
    assert matter.open_elements() == ["confirm_minutes_secretary"], "three working days, by the table of deadlines"
    found = result_of(matter, line_id)
    assert (found.cast, found.agree, found.outcome, found.percentage) == (6, 6, "passed", "66.67")
    refused("task_not_open", complete_task, sitting.engine, task.id, sitting.actor("hd9"),
            {"interest": "NONE", "choice": "AGREE"})  # fmt: skip
    assert [one.state for one in line_of(matter, line_id).members][6:] == ["not_voted"] * 3


def test_voting_begins_at_its_hour_and_ends_at_the_deadline_of_the_sitting(sitting: Sitting) -> None:
    opens, closes = MORNING + timedelta(hours=6), MORNING + timedelta(hours=9)
    sitting.call(opens_at=opens.isoformat(), ballot_deadline_at=closes.isoformat())
    matter = sitting.bring().schedule()
    assert matter.open_elements() == []
    with reading(sitting.engine.sessions) as session:
        view = queries.find_session(session, "PH-01")
        assert view is not None
        assert (view.agenda, view.lines_open) == ((matter.key,), 0)
    sitting.wait(hours=6)
    assert matter.open_elements() == ["cast_ballot"]
    assert line_of(matter).deadline_at == closes
    everybody(matter, "AGREE", *SIX)
    sitting.wait(hours=3)
    assert matter.variables["vote_outcome"] == "passed"


@pytest.mark.parametrize(
    ("resolution", "then"), [("submit", ["confirm_minutes_secretary"]), ("stop", ["confirm_minutes_secretary"]),
                             ("reschedule", ["schedule_nomination"])],
)  # fmt: skip
def test_no_quorum_gets_one_new_round_and_then_a_decision(sitting: Sitting, resolution: str, then: list[str]) -> None:
    sitting.call()
    matter = sitting.bring().schedule()
    first = matter.line_id
    everybody(matter, "AGREE", *MEMBERS[:5])
    sitting.wait(days=4)
    assert matter.variables["ballot_round"] == 2
    assert matter.line_id != first
    assert result_of(matter, first).outcome == "no_quorum"
    assert len(matter.tasks()) == 9, "everybody votes anew"
    everybody(matter, "AGREE", *MEMBERS[:5])
    sitting.wait(days=6)
    assert matter.open_elements() == ["decide_no_quorum"]
    matter.do("decide_no_quorum", "hd3", resolution=resolution, reason="Nhiều thành viên đi công tác dài ngày")
    assert matter.open_elements() == then
    with reading(sitting.engine.sessions) as session:
        lines = queries.lines_of_nomination(session, str(matter.variables["nomination_id"]))
        assert [(line.ballot_round, line.no_quorum) for line in lines] == [(1, ""), (2, resolution)]
        last = queries.last_line_of(session, str(matter.variables["nomination_id"]))
        assert last is not None
        assert last.line_id == lines[1].line_id
    if resolution == "reschedule":
        assert problems(matter.do, "schedule_nomination", "hd3", session_key="PH-01") == {
            "session_key": ["@unknown_choice"]
        }
        sitting.call("PH-02")
        matter.schedule("PH-02")
        everybody(matter, "AGREE")
        assert (matter.variables["vote_outcome"], matter.variables["ballot_round"]) == ("passed", 1)
    else:
        matter.write_minutes()
        with reading(sitting.engine.sessions) as session:
            minutes = queries.minutes_of(session, matter.line_id)
            assert minutes is not None
            assert minutes.outcome == "no_quorum"


def test_the_proposer_withdraws_before_the_sitting_and_not_after(sitting: Sitting) -> None:
    sitting.call()
    withdrawn, late = sitting.bring(), sitting.bring().schedule()
    head = sitting.actor("head")
    correlate(sitting.engine, "nominations.withdraw", withdrawn.key, head, {})
    assert withdrawn.ended_at == "end_withdrawn_before_session"
    refused("not_waiting", correlate, sitting.engine, "nominations.withdraw", late.key, head, {})


# minutes


def decided(sitting: Sitting, **about: Any) -> Matter:
    matter = sitting.bring(**about).schedule()
    for task in matter.tasks():
        who = next(name for name, person in sitting.people.items() if person == task.assignee)
        matter.vote(who, "AGREE")
    return matter


def test_minutes_hold_all_that_the_rules_ask(sitting: Sitting) -> None:
    sitting.call()
    matter = decided(sitting)
    sitting.wait(hours=1)
    exemplar = {"subject": "Chi cục Bắc Sơn", "reason": "Cách làm hay trong vận động tự nguyện thi hành"}
    matter.write_minutes(discussion="Không có ý kiến khác", exemplars=[exemplar])
    matter.do("confirm_minutes_chair", "hd1", confirmed=True, remark="Nhất trí")
    assert (matter.ended_at, matter.variables["council_outcome"]) == ("end_reviewed", "reviewed")
    with reading(sitting.engine.sessions) as session:
        minutes = queries.minutes_of(session, matter.line_id)
        assert minutes is not None
        people = sitting.people
        assert (minutes.chair_id, minutes.secretary_id) == (people["hd1"], people["hd3"])
        assert (minutes.secretary_confirmed_by, minutes.chair_confirmed_by) == (people["hd3"], people["hd1"])
        assert (minutes.place, minutes.method.value, minutes.proposed_form.value) == (
            "Phòng họp tầng 2", "SECRET", "GIAY_KHEN",
        )  # fmt: skip
        assert (minutes.cast_count, minutes.agree, minutes.base, minutes.agree_percentage) == (9, 9, 9, "100.00")
        assert (minutes.outcome, minutes.exemplars, minutes.chair_remark) == ("passed", [exemplar], "Nhất trí")
        assert len(minutes.present) == 9
        assert session.scalar(sa.select(sa.func.count()).select_from(Minutes)) == 2, "the secretary's, then the chair's"


def test_minutes_that_contradict_the_record_are_refused(sitting: Sitting) -> None:
    sitting.call()
    matter = decided(sitting)
    sitting.wait(hours=1)
    people = [sitting.people[one] for one in MEMBERS]
    away = [{"person_id": people[8], "reason": "ốm"}]
    assert problems(matter.write_minutes, present=people[:8]) == {
        "absent": ["@council_member_missing"], "present": ["@council_voter_absent"],
    }  # fmt: skip
    assert problems(matter.write_minutes, absent=away) == {"absent": ["@council_member_twice"]}
    assert problems(matter.write_minutes, present=people[:8], absent=away) == {"present": ["@council_voter_absent"]}
    late = sitting.engine.clock.now() + timedelta(hours=1)
    assert problems(matter.write_minutes, ended_at=late.isoformat()) == {"ended_at": ["@council_minutes_ahead"]}
    assert problems(matter.write_minutes, ended_at=(MORNING - timedelta(hours=1)).isoformat()) == {
        "ended_at": ["@council_end_before_start"]
    }
    assert problems(matter.write_minutes, present=[*people, sitting.people["head"]]) == {"present": ["@unknown_choice"]}


def test_secretary_and_chair_are_two_persons_and_the_chair_is_the_chair(sitting: Sitting) -> None:
    sitting.call()
    matter = decided(sitting)
    matter.write_minutes()
    refused("not_the_chair", matter.do, "confirm_minutes_chair", "vice", confirmed=True)
    assert problems(matter.do, "confirm_minutes_chair", "hd1", confirmed=False) == {"confirmed": ["@required"]}
    matter.do("confirm_minutes_chair", "hd1", confirmed=True)


def test_where_the_chair_is_the_nominee_another_chair_confirms(sitting: Sitting) -> None:
    sitting.call()
    matter = decided(sitting, nominee="hd1")
    matter.write_minutes()
    refused("nominee_may_not_act", matter.do, "confirm_minutes_chair", "hd1", confirmed=True)
    matter.do("confirm_minutes_chair", "vice", confirmed=True)
    assert matter.ended_at == "end_reviewed"


def test_a_secretary_who_is_also_chair_does_not_confirm_twice(sitting: Sitting) -> None:
    sitting.call()
    matter = decided(sitting, nominee="hd1")
    matter.write_minutes()
    sitting.act("admin", "organisation.grant_role", person_id=sitting.people["hd3"], role="council_chair",
                valid_from="2025-06-16")  # fmt: skip
    refused("separation_of_duties", matter.do, "confirm_minutes_chair", "hd3", confirmed=True)


# sittings


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"members": MEMBERS[:4]}, {"members": ["@council_size"]}),
        ({"members": ("hd1", "hd1", "hd3")}, {"members": ["@council_member_twice"]}),
        ({"members": MEMBERS[1:4]}, {"chair_id": ["@council_chair_not_member"]}),
        ({"secretary_id": "hd1"}, {"secretary_id": ["@council_two_seats"]}),
        ({"secretary_id": "nobody"}, {"secretary_id": ["@council_person_unknown"]}),
        ({"vice_chair_id": "hd1"}, {"vice_chair_id": ["@council_two_seats"]}),
        ({"members": ("hd1", "hd2", "nominee")}, {"members": ["@unknown_choice"]}),
        ({"opens_at": "2025-06-15T08:00"}, {"opens_at": ["@council_session_past"]}),
        ({"ballot_deadline_at": "2025-06-16T07:00"}, {"ballot_deadline_at": ["@council_deadline_early"]}),
        ({"opens_at": "2025-06-17T08:00", "ballot_deadline_at": "2025-06-17T08:00"},
         {"ballot_deadline_at": ["@council_deadline_early"]}),
        ({"session_key": "PH 01"}, {"session_key": ["@council_key_form"]}),
        ({"opens_at": "ngày mai"}, {"opens_at": ["@invalid_instant"]}),
    ],
)  # fmt: skip
def test_a_sitting_that_does_not_hold_is_refused(
    sitting: Sitting, changes: dict[str, Any], found: dict[str, list[str]]
) -> None:
    values = {"key": "PH-09"} | {"key" if name == "session_key" else name: _ids(sitting, value)
                                 for name, value in changes.items()}  # fmt: skip
    assert problems(sitting.call, **values) == found


def _ids(sitting: Sitting, value: Any) -> Any:
    if isinstance(value, tuple):
        return [sitting.people[one] for one in value]
    return sitting.people.get(value, value)


def test_a_key_is_used_once_and_an_unusual_size_is_taken_when_seen(sitting: Sitting) -> None:
    four = [sitting.people[one] for one in MEMBERS[:4]]
    sitting.call("PH-04", members=four, accept_size=True)
    assert problems(sitting.call, "PH-04") == {"session_key": ["@council_session_known"]}
    with reading(sitting.engine.sessions) as session:
        view = queries.find_session(session, "PH-04")
        assert view is not None
        assert [member.seat for member in view.members] == ["CHAIR", "VICE_CHAIR", "SECRETARY", "MEMBER"]


def test_without_a_standing_council_a_sitting_must_name_its_own(new_sitting: Callable[..., Sitting]) -> None:
    sitting = new_sitting()
    assert problems(sitting.call) == {"members": ["@council_unknown"]}
    people = [sitting.people[one] for one in MEMBERS[:3]]
    sitting.call(members=people, chair_id=people[0], secretary_id=people[1], decision_number="12/QĐ-CTHADS")
    with reading(sitting.engine.sessions) as session:
        assert queries.council_on(session, MORNING.date()) is None
        assert [view.decision_number for view in queries.list_sessions(session)] == ["12/QĐ-CTHADS"]


def test_a_member_who_left_the_post_or_the_role_is_refused(sitting: Sitting) -> None:
    when = {"opens_at": "2025-07-02T08:00"}
    with reading(sitting.engine.sessions) as session:
        held = {row.person_id: row.holding_id for row in session.scalars(sa.select(PostHolding))}
        grants = sa.select(RoleGrant).where(RoleGrant.role == "council_member")
        granted = {row.person_id: row.grant_id for row in session.scalars(grants)}
    sitting.act("admin", "organisation.end_holding", holding_id=held[sitting.people["hd8"]], valid_to="2025-06-30")
    sitting.act("admin", "organisation.end_role", grant_id=granted[sitting.people["hd9"]], valid_to="2025-06-30")
    assert problems(sitting.call, **when) == {
        "members": ["@council_member_without_post", "@council_member_without_role"]
    }
    sitting.call("PH-02", opens_at="2025-06-30T08:00")


def test_the_mode_comes_from_the_policy_when_nobody_says(sitting: Sitting) -> None:
    made = sitting.act("hd3", "council.create_session", session_key="PH-07", place="Phòng họp")
    assert made == {"session_key": "PH-07"}
    with reading(sitting.engine.sessions) as session:
        view = queries.find_session(session, "PH-07")
        assert view is not None
        assert view.mode == "SECRET"


def test_the_later_decision_composes_the_council(sitting: Sitting) -> None:
    sitting.compose(*MEMBERS[:5], valid_from="2025-06-16", decision_number="99/QĐ-CTHADS")
    sitting.call("PH-05")
    with reading(sitting.engine.sessions) as session:
        view = queries.find_session(session, "PH-05")
        assert view is not None
        assert (len(view.members), view.decision_number) == (5, "99/QĐ-CTHADS")
        assert [council.decision_number for council in queries.list_councils(session)] == [
            "99/QĐ-CTHADS", "45/QĐ-CTHADS",
        ]  # fmt: skip


def test_a_standing_council_that_does_not_hold_is_refused(sitting: Sitting) -> None:
    assert problems(sitting.compose, *MEMBERS[:6]) == {"members": ["@council_size"]}
    assert problems(sitting.compose, valid_to="2025-01-01") == {"valid_to": ["@council_end_before_start"]}
    assert problems(sitting.compose, decided_on="2025-12-01") == {"decided_on": ["@council_decided_later"]}
    refused("forbidden", sitting.act, "hd4", "council.set_members", title="x")


def test_a_sitting_closes_when_all_on_it_was_counted(sitting: Sitting) -> None:
    sitting.call()
    refused("unknown_session", _schedule_by_hand, sitting, "PH-99")
    matter = sitting.bring().schedule()
    refusal = refused("lines_still_open", sitting.act, "hd3", "council.close_session", session_key="PH-01")
    assert refusal.details["count"] == 1
    everybody(matter, "AGREE")
    sitting.act("hd3", "council.close_session", session_key="PH-01")
    refused("session_closed", sitting.act, "hd3", "council.close_session", session_key="PH-01")
    refused("session_closed", _schedule_by_hand, sitting, "PH-01")
    other = sitting.bring()
    assert problems(other.do, "schedule_nomination", "hd3", session_key="PH-01") == {"session_key": ["@unknown_choice"]}


def _schedule_by_hand(sitting: Sitting, key: str) -> None:
    """What the service says where the form's choices would have refused already."""
    from engine.context import StepContext
    from workflows.council import sessions

    with reading(sitting.engine.sessions) as session:
        engine, actor = sitting.engine, sitting.actor("hd3")
        ctx = StepContext(session, engine.clock.now(), engine.ids, engine.random, actor, lambda *_: None)
        sessions.schedule_nomination(ctx, key, "no-such-nomination")


def test_attendance_names_every_member_once_and_the_newest_holds(sitting: Sitting) -> None:
    sitting.call()
    people = [sitting.people[one] for one in MEMBERS]

    def record(present: list[str], *absent: str) -> None:
        sitting.act("hd3", "council.record_attendance", session_key="PH-01", present=present,
                    absent=[{"person_id": one, "reason": "đi công tác"} for one in absent])  # fmt: skip

    assert problems(record, people[:8]) == {"absent": ["@council_member_missing"]}
    assert problems(record, people, people[8]) == {"absent": ["@council_member_twice"]}
    assert problems(record, people[:8], sitting.people["head"]) == {"absent": ["@council_not_a_member"]}
    record(people)
    record(people[:8], people[8])
    with reading(sitting.engine.sessions) as session:
        view = queries.find_session(session, "PH-01")
        assert view is not None
        assert [member.state for member in view.members] == ["present"] * 8 + ["absent"]
        assert view.members[8].reason == "đi công tác"
    matter = sitting.bring().schedule()
    everybody(matter, "AGREE", *MEMBERS[:8])
    matter.vote("hd9", "AGREE", manner="WRITTEN_OPINION")
    from engine.queries import task_form

    draft = task_form(sitting.engine, matter.task("confirm_minutes_secretary", "hd3").id, sitting.actor("hd3")).values
    assert draft["present"] == people[:8]
    assert draft["absent"] == [{"person_id": people[8], "reason": "đi công tác"}]
    matter.do("confirm_minutes_secretary", "hd3", **draft)


def test_a_voters_list_shows_what_waits_and_the_page_shows_presence_not_choices(sitting: Sitting) -> None:
    sitting.call()
    matters = [sitting.bring().schedule(), sitting.bring("hd2").schedule(), sitting.bring().schedule()]
    matters[0].vote("hd2", "AGREE")
    with reading(sitting.engine.sessions) as session:
        states = [vote.state for vote in queries.votes_of(session, "PH-01", sitting.people["hd2"])]
        assert states == ["voted", "recused", "open"]
        waiting = queries.open_ballots_of(session, sitting.people["hd2"])
        assert [vote.task_id for vote in waiting] == [matters[2].task("cast_ballot", "hd2").id]
        line = queries.line_view(session, matters[0].line_id)
        assert (line.open, line.cast, line.voters, line.quorum_needed, line.quorum_reached) == (True, 1, 9, 6, False)
        assert line.result is None
        assert queries.list_sessions(session)[0].lines_open == 3

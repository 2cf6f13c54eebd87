"""Voting in a member's place: only by a dated rule that allows it, as two persons, with one ballot for each member."""

from datetime import timedelta
from typing import Any

import pytest

from engine import queries
from engine.commands.actions import perform_action
from engine.db import reading
from engine.errors import ForbiddenError, InvalidInputError, NotYourTaskError, TaskNotOpenError
from tests.office import Case, Office
from tests.paths import stories
from tests.paths.test_deputies import names
from tests.support.traces import rows
from workflows.council import queries as council
from workflows.errors import (
    DeputyIsMemberError,
    NoDeputyVotesError,
    NomineeMayNotActError,
    RecusedMayNotActError,
)

BALLOT = {"interest": "NONE", "choice": "AGREE", "manner": "PRESENT"}


def rules_allow(office: Office, value: str = "true") -> None:
    """A later version of the policy table lets deputies vote; it has begun."""
    office.policy_changes("deputy_votes", value)
    office.wait(days=2)


def at_the_vote(office: Office, *, mode: str = "OPEN", nominee: str = "nominee", key: str = "PH-2025-01") -> Case:
    """A nomination whose line is open."""
    case = stories.ready_for_council(office, nominee=nominee)
    session = stories.sitting(office, key, mode=mode, deadline_days=9)
    case.do("schedule_nomination", "secretary", session_key=session)
    office.wait(hours=1)
    return case


def hands_over(office: Office, giver: str = "member", deputy: str = "staff", *, days: int = 90) -> None:
    names(office, giver, deputy, "council_member", days=days)


def cast(case: Case, deputy: str, member: str, **answer: Any) -> None:
    """A deputy completes the ballot of a member."""
    task = case.task("cast_ballot", member)
    assert task.assignee == case.office.people[member], f"{member} has a ballot"
    case.office.complete(task.id, case.office.actor(deputy), **{**BALLOT, **answer})


def of_table(office: Office, table: str) -> list[dict[str, Any]]:
    return [row for name, row in rows(office) if name == table]


def test_a_deputy_casts_the_ballot_of_the_member(office: Office) -> None:
    """Receipt, ballot and history name both; the rule that let him is written with the act."""
    rules_allow(office)
    hands_over(office)
    case = at_the_vote(office)
    cast(case, "staff", "member")
    (ballot,) = of_table(office, "open_ballot")
    (receipt,) = of_table(office, "ballot_receipt")
    both = (office.people["member"], office.people["staff"])
    assert (ballot["member_id"], ballot["recorded_by"]) == both
    assert (receipt["member_id"], receipt["recorded_by"]) == both
    event = [event for event in case.history() if event.kind == "task.completed"][-1]
    assert (event.data["on_behalf_of"], event.actor_id) == both
    asked = [one for one in queries.list_evaluations(office.engine, case.id) if one.table == "policy"][-1]
    assert asked.inputs["parameter"] == "deputy_votes"
    assert asked.matched[0]["annotations"]["confidence"] == "B", "what is only believed is not stated as the law"
    with reading(office.engine.sessions) as session:
        line = council.lines_of_nomination(session, case.nomination_id)[0]
    assert {member.name: member.deputy for member in line.members if member.deputy} == {"Bế Văn Minh": "Phùng Thị Sen"}
    with pytest.raises(NotYourTaskError):
        cast(case, "staff", "member2")


def test_a_member_who_is_a_deputy_casts_two_ballots(sqlite_office: Office) -> None:
    office = sqlite_office
    rules_allow(office)
    hands_over(office, deputy="member2")
    case = at_the_vote(office)
    assert {task.assignee for task in queries.list_tasks(office.engine, office.actor("member2"), "mine").items} == {
        office.people["member"], office.people["member2"],
    }  # fmt: skip
    assert queries.count_tasks(office.engine, office.actor("member2"))["mine"] == 2
    cast(case, "member2", "member", choice="DISAGREE")
    cast(case, "member2", "member2", choice="AGREE")
    found = {row["member_id"]: (row["choice"], row["recorded_by"]) for row in of_table(office, "open_ballot")}
    by = office.people["member2"]
    assert found == {office.people["member"]: ("DISAGREE", by), by: ("AGREE", by)}
    codes = [row["code"] for row in of_table(office, "ballot_receipt")]
    assert len(codes) == len(set(codes)) == 2
    acts = [event.data.get("on_behalf_of") for event in case.history() if event.kind == "task.completed"]
    assert acts[-2:] == [office.people["member"], None]
    with pytest.raises(ForbiddenError):
        office.claim(case.task("cast_ballot", "member3").id, office.actor("member2"))


def test_each_ballot_is_changed_for_itself(sqlite_office: Office) -> None:
    """The form says whose ballot it is; nobody changes that of a member who did not hand it on."""
    office = sqlite_office
    rules_allow(office)
    hands_over(office, deputy="member2")
    case = at_the_vote(office)
    cast(case, "member2", "member")
    cast(case, "member2", "member2")
    changed = {"line_id": str(case.variables["line_id"]), "choice": "ABSTAIN", "note": ""}
    office.act("member2", "council.change_ballot", **changed, member_id=office.people["member"])
    newest = {row["member_id"]: row for row in sorted(of_table(office, "open_ballot"), key=lambda row: row["version"])}
    assert newest[office.people["member"]]["choice"] == "ABSTAIN"
    assert newest[office.people["member2"]]["choice"] == "AGREE"
    (event,) = queries.search_events(office.engine, chain="system", limit=1).items
    assert (event.actor_id, event.data["on_behalf_of"]) == (office.people["member2"], office.people["member"])
    office.act("member", "council.change_ballot", **changed)  # the member's own right stays
    with pytest.raises(ForbiddenError):
        office.act("member2", "council.change_ballot", **changed, member_id=office.people["member3"])


def test_the_rule_may_leave_out_who_has_a_ballot_of_his_own(sqlite_office: Office) -> None:
    office = sqlite_office
    rules_allow(office, '"NON_MEMBERS"')
    with pytest.raises(InvalidInputError) as refusal:
        hands_over(office, deputy="member2")
    assert refusal.value.details["fields"].keys() == {"to_person_id"}
    hands_over(office)
    case = at_the_vote(office)
    cast(case, "staff", "member")
    rules_allow(office, "true")
    hands_over(office, "member3", "member2")
    rules_allow(office, '"NON_MEMBERS"')
    later = at_the_vote(office, nominee="nominee2", key="PH-2025-02")
    with pytest.raises(DeputyIsMemberError):
        cast(later, "member2", "member3")


def test_a_line_keeps_the_rule_of_the_day_it_opened(sqlite_office: Office) -> None:
    """The delegation stands, the rule is taken back: lines that opened before go on, later ones are the member's."""
    office = sqlite_office
    rules_allow(office)
    hands_over(office, days=120)
    before = at_the_vote(office)
    rules_allow(office, "false")
    cast(before, "staff", "member")
    after = at_the_vote(office, nominee="nominee2", key="PH-2025-02")
    with pytest.raises(NoDeputyVotesError):
        cast(after, "staff", "member")
    with pytest.raises(NoDeputyVotesError):
        queries.task_form(office.engine, after.task("cast_ballot", "member").id, office.actor("staff"))
    cast(after, "member", "member")


def test_both_persons_are_judged_for_recusal(sqlite_office: Office) -> None:
    """The nominee, family, the direct proposer and who declared an interest vote in nobody's place."""
    office = sqlite_office
    rules_allow(office)
    for giver, deputy in (("member", "nominee"), ("member2", "staff"), ("member3", "head"), ("office", "records")):
        hands_over(office, giver, deputy)
    office.act("admin", "organisation.declare_relation", person_id=office.people["nominee"],
               relative_id=office.people["staff"], kind="SIBLING")  # fmt: skip
    case = at_the_vote(office)
    with pytest.raises(NomineeMayNotActError):
        cast(case, "nominee", "member")
    with pytest.raises(RecusedMayNotActError) as refusal:
        cast(case, "staff", "member2")
    assert refusal.value.details["why"] == "family"
    with pytest.raises(RecusedMayNotActError):
        cast(case, "head", "member3")
    office.act("records", "nominations.declare_interest", nomination=case.key, reason="Chúng tôi là bạn thân.")
    with pytest.raises(RecusedMayNotActError):
        cast(case, "records", "office")
    for member in ("member", "member2", "member3", "office"):
        cast(case, member, member)


def test_a_deputy_does_not_recuse_the_member(sqlite_office: Office) -> None:
    office = sqlite_office
    rules_allow(office)
    hands_over(office)
    case = at_the_vote(office)
    form = queries.task_form(office.engine, case.task("cast_ballot", "member").id, office.actor("staff"))
    assert form.schema["x-in-place-of"]["name"] == "Bế Văn Minh"
    assert form.schema["properties"]["interest"]["enum"] == ["NONE"]
    with pytest.raises(InvalidInputError) as refusal:
        cast(case, "staff", "member", interest="DECLARED", interest_reason="Là bạn của thành viên.")
    assert refusal.value.details["fields"].keys() == {"interest"}
    assert not of_table(office, "ballot_receipt")
    cast(case, "member", "member")


def test_one_member_has_one_ballot_whoever_casts_it(sqlite_office: Office) -> None:
    office = sqlite_office
    rules_allow(office)
    hands_over(office)
    case = at_the_vote(office)
    ballot = case.task("cast_ballot", "member")
    office.complete(ballot.id, office.actor("member"), **BALLOT)
    with pytest.raises(TaskNotOpenError):
        office.complete(ballot.id, office.actor("staff"), **BALLOT)
    assert len(of_table(office, "ballot_receipt")) == 1


def test_whose_own_seat_has_ended_does_not_vote_twice_for_another(sqlite_office: Office) -> None:
    """A former member keeps an open ballot and stands in for a colleague: the old one is nobody's to cast."""
    office = sqlite_office
    rules_allow(office)
    hands_over(office, deputy="member2")
    case = at_the_vote(office)
    grant = next(row for row in of_table(office, "role_grant")
                 if (row["person_id"], row["role"]) == (office.people["member2"], "council_member"))  # fmt: skip
    office.act("admin", "organisation.end_role", grant_id=grant["grant_id"], valid_to=office.today.isoformat())
    office.wait(days=1)
    with pytest.raises(NotYourTaskError):
        cast(case, "member2", "member2")
    cast(case, "member2", "member")


@pytest.mark.parametrize("choice", ["AGREE", "DISAGREE"])
def test_a_secret_ballot_cast_by_a_deputy_stays_secret(sqlite_office: Office, choice: str) -> None:
    """Neither the member, nor a row, nor a view says what the deputy chose for whom."""
    office = sqlite_office
    rules_allow(office)
    hands_over(office, deputy="member2")
    case = at_the_vote(office, mode="SECRET")
    cast(case, "member2", "member", choice=choice)
    cast(case, "member2", "member2", choice="ABSTAIN")
    spoken = [name for name, row in rows(office) if f"'{choice}'" in str(row) or f'"{choice}"' in str(row)]
    assert spoken == ["secret_ballot"]
    assert sorted(of_table(office, "secret_ballot")[0]) == ["choice", "id", "line_id"]
    with reading(office.engine.sessions) as session:
        for who in ("member", "member2"):
            (vote,) = council.votes_of(session, "PH-2025-01", office.people[who])
            assert (vote.state, vote.choice, vote.note) == ("voted", "", "")
        assert council.ballots_of_line(session, str(case.variables["line_id"])) == []


def test_the_minutes_name_member_and_deputy(sqlite_office: Office) -> None:
    """The member was not there himself: the minutes open with him among the absent, and with who voted for him."""
    office = sqlite_office
    rules_allow(office)
    hands_over(office)
    case = at_the_vote(office)
    cast(case, "staff", "member")
    stories.vote(case)
    values = case.form("confirm_minutes_secretary", "secretary").values
    absent = {one["person_id"]: one["reason"] for one in values["absent"]}
    assert absent[office.people["member"]] == "Ủy quyền cho Phùng Thị Sen bỏ phiếu thay"
    assert office.people["member"] not in values["present"]
    stories.minuted(office, case)
    with reading(office.engine.sessions) as session:
        minutes = council.minutes_of(session, council.lines_of_nomination(session, case.nomination_id)[0].line_id)
    assert minutes is not None
    assert minutes.cast_count == len(minutes.present) + 1
    assert "Phùng Thị Sen" in str(minutes.absent)


def test_a_deputy_is_told_and_takes_no_seat(sqlite_office: Office) -> None:
    """Who votes for a member is told when a line opens, and is composed into no council for that."""
    office = sqlite_office
    rules_allow(office)
    hands_over(office)
    members = [office.people[who] for who in ("director", "deputy", "office", "head", "staff")]
    with pytest.raises(InvalidInputError) as refusal:
        office.act("secretary", "council.create_session", session_key="PH-9", place="Phòng họp", members=members)
    assert "members" in refusal.value.details["fields"]
    at_the_vote(office)
    told = [one.kind for one in queries.notices_of(office.engine, office.people["staff"], 10)]
    assert told.count("council.line_opened_for_another") == 1
    assert "council.line_opened" in [one.kind for one in queries.notices_of(office.engine, office.people["member"], 10)]


def test_a_delegation_ends_with_its_last_day(sqlite_office: Office) -> None:
    office = sqlite_office
    rules_allow(office)
    case = stories.ready_for_council(office)
    hands_over(office, days=1)
    case.do("schedule_nomination", "secretary",
            session_key=stories.sitting(office, mode="OPEN", deadline_days=9))  # fmt: skip
    office.wait(hours=1)
    office.clock.advance(timedelta(days=3))
    with pytest.raises(NotYourTaskError):
        cast(case, "staff", "member")
    with pytest.raises(ForbiddenError):
        perform_action(office.engine, "council.change_ballot", office.actor("staff"),
                       {"line_id": "x", "choice": "AGREE", "member_id": office.people["member"]})  # fmt: skip

"""Ballots that are kept from who acts in a member's place are no work of his; they are told apart, with the reason."""

import pytest
import sqlalchemy as sa

from engine import queries
from engine.db import reading
from engine.errors import ForbiddenError
from tests.office import Case, Office
from tests.paths import stories
from tests.paths.test_deputy_votes import at_the_vote, cast, hands_over, of_table, rules_allow
from tests.paths.test_standing_aside import waiting
from workflows.errors import DeputyIsMemberError, NoDeputyVotesError
from workflows.nominations import interests
from workflows.nominations import queries as nominations


def kept(office: Office, who: str) -> list[tuple[str, type[ForbiddenError], str]]:
    """What stands apart in somebody's queue: whose ballot, the refusal, and why a person keeps away."""
    names = {person: name for name, person in office.people.items()}
    return [
        (names[str(one.task.assignee)], type(one.refusal), str(one.refusal.details.get("why", "")))
        for one in queries.kept_tasks(office.engine, office.actor(who))
    ]


def voted_on(case: Case) -> None:
    """The line of a case that is ready opens, at a sitting of its own."""
    session = stories.sitting(case.office, "PH-2025-02", mode="OPEN", deadline_days=9)
    case.do("schedule_nomination", "secretary", session_key=session)
    case.office.wait(hours=1)


def test_the_rule_of_the_day_takes_a_ballot_out_of_the_deputys_work(office: Office) -> None:
    """The line that opened under the old rule is his to vote on; of the later one he is told why not."""
    rules_allow(office)
    hands_over(office, days=120)
    after = stories.ready_for_council(office, nominee="nominee2")
    before = at_the_vote(office)
    rules_allow(office, "false")
    voted_on(after)
    assert waiting(office, "staff") == (1, ["cast_ballot"])
    assert kept(office, "staff") == [("member", NoDeputyVotesError, "")]
    (listed,) = queries.list_tasks(office.engine, office.actor("staff"), "mine", order="due").items
    assert listed.business_key == before.key
    assert waiting(office, "member")[0] == 2, "the member's own work is what it was"
    cast(before, "staff", "member")
    assert waiting(office, "staff") == (0, [])
    cast(after, "member", "member")
    assert kept(office, "staff") == []


def test_a_deputy_with_a_ballot_of_his_own_has_that_one_alone(sqlite_office: Office) -> None:
    office = sqlite_office
    rules_allow(office)
    hands_over(office, "member3", "member2")
    rules_allow(office, '"NON_MEMBERS"')
    at_the_vote(office)
    assert waiting(office, "member2") == (1, ["cast_ballot"])
    (listed,) = queries.list_tasks(office.engine, office.actor("member2"), "mine").items
    assert listed.assignee == office.people["member2"]
    assert kept(office, "member2") == [("member3", DeputyIsMemberError, "")]


@pytest.mark.parametrize(
    ("deputy", "why"), [("nominee", "self"), ("staff", "family"), ("head", "direct_proposer"), ("records", "declared")]
)
def test_who_keeps_away_himself_has_no_ballot_to_cast_for_another(
    sqlite_office: Office, deputy: str, why: str
) -> None:  # fmt: skip
    """Of one nomination he keeps away; the ballot on the other stays in his queue."""
    office = sqlite_office
    rules_allow(office)
    hands_over(office, "member", deputy)
    office.act("admin", "organisation.declare_relation", person_id=office.people["nominee"],
               relative_id=office.people["staff"], kind="SIBLING")  # fmt: skip
    other = stories.ready_for_council(office, nominee="nominee2")
    case = at_the_vote(office)
    voted_on(other)
    if why == "declared":
        office.act(deputy, "nominations.declare_interest", nomination=case.key, reason="Chúng tôi là bạn thân.")
    both = why == "direct_proposer"  # the head of the unit proposed either of them
    assert [(name, reason) for name, _error, reason in kept(office, deputy)] == [("member", why)] * (1 + both)
    listed = [task.business_key for task in queries.list_tasks(office.engine, office.actor(deputy), "mine").items
              if task.element_id == "cast_ballot" and task.assignee == office.people["member"]]  # fmt: skip
    assert listed == ([] if both else [other.key])


def test_what_keeps_away_is_the_same_asked_about_one_or_about_many(sqlite_office: Office) -> None:
    office = sqlite_office
    office.act("admin", "organisation.declare_relation", person_id=office.people["staff"],
               relative_id=office.people["nominee2"], kind="SPOUSE")  # fmt: skip
    cases = [stories.filed(office), stories.filed(office, nominee="nominee2"), of_a_unit(office)]
    for who in ("staff", "nominee", "member"):
        office.act(who, "nominations.declare_interest", nomination=cases[0].key, reason="Có liên quan.")
    ids = [case.nomination_id for case in cases]
    with reading(office.engine.sessions) as session:
        each = {one: nominations.recused_people(session, one, office.today) for one in ids}
        found = {person: interests.reasons_against(session, person, ids, office.today)
                 for person in office.people.values()}  # fmt: skip
    assert found == {
        person: {one: reasons[person] for one, reasons in each.items() if person in reasons}
        for person in office.people.values()
    }
    assert {why for reasons in found.values() for why in reasons.values()} == {
        "self", "family", "direct_proposer", "collective_head", "declared",
    }  # fmt: skip


def of_a_unit(office: Office) -> Case:
    """A nomination of the whole office, by its head."""
    return office.start("head", round="2025-TK", unit=office.units["bacson"], nominee_kind="COLLECTIVE",
                        nominee_id=office.units["bacson"])  # fmt: skip


def test_a_ballot_whose_seat_has_ended_is_nobodys_open_work(sqlite_office: Office) -> None:
    """The old ballot of a former member is neither counted nor listed; nor is it in his place for another."""
    office = sqlite_office
    at_the_vote(office)
    assert waiting(office, "member2") == (1, ["cast_ballot"])
    grant = next(row for row in of_table(office, "role_grant")
                 if (row["person_id"], row["role"]) == (office.people["member2"], "council_member"))  # fmt: skip
    office.act("admin", "organisation.end_role", grant_id=grant["grant_id"], valid_to=office.today.isoformat())
    office.wait(days=1)
    assert waiting(office, "member2") == (0, [])


def test_a_deputy_who_keeps_away_is_not_told_of_the_line(sqlite_office: Office) -> None:
    office = sqlite_office
    rules_allow(office)
    hands_over(office, "member", "nominee")
    hands_over(office, "member2", "staff")
    at_the_vote(office)
    told = {who: [one.kind for one in queries.notices_of(office.engine, office.people[who], 10)]
            for who in ("nominee", "staff")}  # fmt: skip
    assert "council.line_opened_for_another" in told["staff"]
    assert "council.line_opened_for_another" not in told["nominee"]


def test_what_is_kept_costs_nothing_where_nobody_stands_in_and_the_same_for_many_lines(sqlite_office: Office) -> None:
    office = sqlite_office
    rules_allow(office)
    hands_over(office, days=120)
    cases = [stories.ready_for_council(office, nominee=who) for who in ("nominee", "nominee2")]
    rules_allow(office, "false")
    alone = statements(office, "member3")
    assert alone[0] <= 2
    assert alone[1] == 0
    found = []
    for number, case in enumerate(cases):
        session = stories.sitting(office, f"PH-2025-1{number}", mode="OPEN", deadline_days=9)
        case.do("schedule_nomination", "secretary", session_key=session)
        office.wait(hours=1)
        assert len(kept(office, "staff")) == number + 1
        found.append(statements(office, "staff"))
    assert found[0] == found[1]
    assert statements(office, "member3") == alone


def statements(office: Office, who: str) -> tuple[int, int]:
    """How many statements the count of somebody's work takes, and what is kept from him."""
    actor, heard, found = office.actor(who), [], []

    def hear(_c: object, _u: object, statement: str, *_: object) -> None:
        heard.append(statement)

    database = office.engine.sessions.kw["bind"]
    sa.event.listen(database, "before_cursor_execute", hear)
    try:
        for ask in (queries.count_tasks, queries.kept_tasks):
            heard.clear()
            ask(office.engine, actor)
            found.append(sum(one.lstrip().upper().startswith("SELECT") for one in heard))
    finally:
        sa.event.remove(database, "before_cursor_execute", hear)
    return found[0], found[1]

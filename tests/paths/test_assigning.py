"""Work given out: a head assigns, a helper gives back, an owner takes back; how urgent, when again, who hears of it."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from engine import queries
from engine.commands.assignments import assign_task, recall_task, resolve_task, set_follow_up, set_priority
from engine.commands.drafts import save_draft
from engine.commands.tasks import claim_task, delegate_task, release_task
from engine.db import reading
from engine.errors import (
    InvalidInputError,
    NotEligibleError,
    NotHandedOnError,
    NotTheHeadError,
    NotYourTaskError,
    PersonalTaskError,
    ReasonRequiredError,
    SeparationOfDutiesError,
    UnknownPersonError,
)
from engine.models import StatedReason
from engine.views import TaskView
from tests.office import Case, Office
from tests.paths import stories
from tests.paths.test_separation import are_family, gets
from tests.support.traces import rows
from workflows.errors import RecusedMayNotActError
from workflows.organisation.queries import heads_of

CHECK = "check_completeness"
REASON = "Đồng chí Én phụ trách các Chi cục phía bắc."


@pytest.fixture
def case(office: Office) -> Case:
    """A filed nomination that waits for its check."""
    return stories.filed(office)


def check(case: Case) -> TaskView:
    return case.open_tasks()[0]


def told_to(office: Office, who: str) -> list[str]:
    return [notice.kind for notice in queries.notices_of(office.engine, office.people[who], limit=20)]


def assign(case: Case, who: str, to: str, reason: str = REASON) -> None:
    office = case.office
    assign_task(office.engine, check(case).id, office.actor(who), office.people.get(to, to), reason)


def test_the_head_of_the_unit_assigns_and_both_sides_hear_of_it(office: Office, case: Case) -> None:
    assign(case, "secretary", "officer")
    assert check(case).assignee == office.people["officer"]
    last = case.history()[-1]
    assert (last.kind, last.data["assignee"], last.actor_id) == (
        "task.assigned", office.people["officer"], office.people["secretary"],
    )  # fmt: skip
    (stated,) = [row for name, row in rows(office) if name == StatedReason.__tablename__]
    assert (stated["door"], stated["reason"]) == ("assign_task", REASON)
    assert REASON not in str(case.history())
    assert "task.assigned" in told_to(office, "officer")
    assign(case, "secretary", "secretary", "Én nghỉ ốm.")
    assert "task.assigned_away" in told_to(office, "officer")
    before = case.history()
    assign(case, "secretary", "secretary", "Lần nữa.")
    assert case.history() == before


def test_nobody_else_assigns_and_only_the_eligible_receive(office: Office, case: Case) -> None:
    gets(office, "head", "personnel_officer")
    for who in ("officer", "director", "office", "admin"):
        with pytest.raises(NotTheHeadError):
            assign(case, who, "officer")
    with pytest.raises(UnknownPersonError):
        assign(case, "secretary", "nobody")
    with pytest.raises(NotEligibleError):
        assign(case, "secretary", "records")
    with pytest.raises(SeparationOfDutiesError):
        assign(case, "secretary", "head")
    with pytest.raises(ReasonRequiredError):
        assign(case, "secretary", "officer", " ")
    assert check(case).assignee is None


def test_who_may_be_given_a_task_is_known_before(office: Office, case: Case) -> None:
    gets(office, "head", "personnel_officer")
    names = {person: nickname for nickname, person in office.people.items()}
    found = {names[one.person_id]: one.refusal for one in queries.candidates(office.engine, check(case).id)}
    assert found.keys() == {"secretary", "officer", "head"}
    assert isinstance(found["head"], SeparationOfDutiesError)
    assert found["officer"] is None
    assert queries.heads_of(office.engine, check(case)) == (office.people["secretary"],)
    assert isinstance(queries.why_not(office.engine, check(case).id, office.actor("head")), SeparationOfDutiesError)
    assert queries.why_not(office.engine, check(case).id, office.actor("officer")) is None


def test_a_head_who_must_keep_away_chooses_nobody_either(office: Office, case: Case) -> None:
    are_family(office, "secretary", "nominee")
    with pytest.raises(RecusedMayNotActError):
        assign(case, "secretary", "officer")


def test_a_ballot_is_not_assigned(office: Office) -> None:
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    ballot = case.task("cast_ballot", "member")
    with pytest.raises(PersonalTaskError):
        assign_task(office.engine, ballot.id, office.actor("director"), office.people["member2"], REASON)


def test_a_helper_gives_back_with_word_of_what_was_done(office: Office, case: Case) -> None:
    case.claim(CHECK, "officer")
    with pytest.raises(NotHandedOnError):
        resolve_task(office.engine, check(case).id, office.actor("officer"), "Xong.")
    with pytest.raises(NotHandedOnError):
        recall_task(office.engine, check(case).id, office.actor("officer"))
    delegate_task(office.engine, check(case).id, office.actor("officer"), office.people["records"], "Nhờ soát tệp.")
    out = queries.list_tasks(office.engine, office.actor("officer"), "out").items
    assert [task.id for task in out] == [check(case).id]
    with pytest.raises(ReasonRequiredError):
        resolve_task(office.engine, check(case).id, office.actor("records"), "")
    resolve_task(office.engine, check(case).id, office.actor("records"), "Đã soát đủ 4 tệp.")
    assert (check(case).assignee, check(case).owner) == (office.people["officer"], None)
    last = case.history()[-1]
    assert (last.kind, last.actor_id, last.data["on_behalf_of"]) == (
        "task.resolved", office.people["records"], office.people["officer"],
    )  # fmt: skip
    assert "task.resolved" in told_to(office, "officer")
    assert queries.list_tasks(office.engine, office.actor("officer"), "out").items == ()


def test_an_owner_takes_a_task_back(office: Office, case: Case) -> None:
    case.claim(CHECK, "officer")
    delegate_task(office.engine, check(case).id, office.actor("officer"), office.people["records"], "Nhờ soát tệp.")
    with pytest.raises(NotYourTaskError):
        recall_task(office.engine, check(case).id, office.actor("secretary"))
    recall_task(office.engine, check(case).id, office.actor("officer"))
    assert (check(case).assignee, check(case).owner) == (office.people["officer"], None)
    assert case.history()[-1].data["previous"] == office.people["records"]
    assert "task.recalled" in told_to(office, "records")


def test_a_completion_by_a_helper_bears_both_names(office: Office, case: Case) -> None:
    case.claim(CHECK, "officer")
    items = stories.items(case)
    delegate_task(office.engine, check(case).id, office.actor("officer"), office.people["records"], "Nhờ làm giúp.")
    task_id = check(case).id
    case.do(CHECK, "records", items=items, outcome="accepted")
    (event,) = [event for event in case.history() if event.kind == "task.completed" and event.element_id == CHECK]
    assert (event.actor_id, event.data["on_behalf_of"]) == (office.people["records"], office.people["officer"])
    done = queries.get_task(office.engine, task_id)
    assert (done.completed_by, done.completed_for) == (office.people["records"], office.people["officer"])


def test_a_draft_waits_for_its_writer_while_the_task_is_elsewhere(office: Office, case: Case) -> None:
    """Another person's draft is neither shown nor lost."""
    case.claim(CHECK, "officer")
    task = check(case).id
    assert save_draft(office.engine, task, office.actor("officer"), {"reason": "Thiếu biên bản."}, 0) == 1
    release_task(office.engine, task, office.actor("officer"))
    claim_task(office.engine, task, office.actor("secretary"))
    opened = case.form(CHECK, "secretary")
    assert (opened.values.get("reason") or "", opened.draft_version) == ("", 0)
    assert queries.stored_draft(office.engine, task, office.actor("secretary")) == ({}, 0)
    assert save_draft(office.engine, task, office.actor("secretary"), {"reason": "Đủ."}, 0) == 1
    release_task(office.engine, task, office.actor("secretary"))
    claim_task(office.engine, task, office.actor("officer"))
    again = case.form(CHECK, "officer")
    assert (again.values["reason"], again.draft_version) == ("Thiếu biên bản.", 1)


def test_a_priority_is_computed_or_set_by_the_head(office: Office, case: Case) -> None:
    assert check(case).priority == 2
    with pytest.raises(NotTheHeadError):
        set_priority(office.engine, check(case).id, office.actor("officer"), 1)
    with pytest.raises(InvalidInputError):
        set_priority(office.engine, check(case).id, office.actor("secretary"), 4)
    other = stories.filed(office, nominee="nominee2")
    set_priority(office.engine, check(other).id, office.actor("secretary"), 1, idempotency_key="once")
    set_priority(office.engine, check(other).id, office.actor("secretary"), 1, idempotency_key="once")
    assert [event.data["priority"] for event in other.history() if event.kind == "task.prioritised"] == [1]
    officer = office.actor("officer")
    walked = [task.id for task in queries.list_tasks(office.engine, officer, "group", order="priority").items]
    assert walked == [check(other).id, check(case).id]
    urgent = queries.list_tasks(office.engine, officer, "group", priority=1).items
    assert [task.id for task in urgent] == [check(other).id]
    accepted = stories.accepted(office, case)
    accepted.say("staff", "feedback.post_comment", kind="VIOLATION", text="Có dấu hiệu vi phạm kỷ luật lao động.")
    assert check(accepted).priority == 1, "a serious comment is urgent by its diagram"


def test_queues_are_walked_by_each_order_page_by_page(office: Office) -> None:
    cases = [stories.filed(office), stories.filed(office, nominee="nominee2")]
    wanted = {check(case).id for case in cases}
    officer = office.actor("officer")
    for order in ("created", "due", "priority"):
        found: list[UUID] = []
        cursor = None
        while True:
            page = queries.list_tasks(office.engine, officer, "group", order=order, limit=1, cursor=cursor)
            found += [task.id for task in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(found) == len(set(found)) == 2
        assert set(found) == wanted
    page = queries.list_tasks(office.engine, officer, "group", order="due", limit=1)
    with pytest.raises(InvalidInputError):
        queries.list_tasks(office.engine, officer, "group", order="priority", cursor=page.next_cursor)


def test_a_holder_puts_a_task_off_for_himself(office: Office, case: Case) -> None:
    task, day = check(case).id, office.today + timedelta(days=2)
    with pytest.raises(NotYourTaskError):
        set_follow_up(office.engine, task, office.actor("officer"), day)
    case.claim(CHECK, "officer")
    officer = office.actor("officer")
    with pytest.raises(InvalidInputError):
        set_follow_up(office.engine, task, officer, office.today - timedelta(days=1))
    set_follow_up(office.engine, task, officer, day)

    def awake(on: date) -> list[UUID]:
        return [one.id for one in queries.list_tasks(office.engine, officer, "mine", awake_on=on).items]

    assert (awake(office.today), awake(day)) == ([], [task])
    assert [one.id for one in queries.list_tasks(office.engine, officer, "mine").items] == [task]
    release_task(office.engine, task, officer)
    assert check(case).follow_up_on is None, "what one put off for oneself is not put off for the next"


def test_an_overdue_task_is_told_to_the_head_once(office: Office, case: Case) -> None:
    case.claim(CHECK, "officer")
    due = check(case).due_at
    assert due is not None
    office.wait(days=6)
    assert check(case).escalated_at is None, "five working days are not over"
    office.wait(days=3)
    told = [event for event in case.history() if event.kind == "task.escalated"]
    assert [(event.actor_id, event.data["people"]) for event in told] == [("system", [office.people["secretary"]])]
    assert told_to(office, "secretary").count("task.escalated") == 1
    assert check(case).escalated_at is not None
    late = queries.list_tasks(office.engine, office.actor("officer"), "mine", late=True).items
    assert [task.id for task in late] == [check(case).id]
    office.wait(days=30)
    assert len([event for event in case.history() if event.kind == "task.escalated"]) == 1


def test_a_task_done_in_time_is_told_to_nobody(office: Office, case: Case) -> None:
    case.do(CHECK, "officer", items=stories.items(case), outcome="accepted")
    office.wait(days=12)
    told = [event.element_id for event in case.history() if event.kind == "task.escalated"]
    assert CHECK not in told


def test_heads_are_those_of_the_units_in_which_a_role_is_held(office: Office) -> None:
    from engine.context import DecisionContext

    wanted = {"personnel_officer": ["secretary"], "records_officer": ["office"], "director": ["director"],
              f"unit_head@{office.units['bacson']}": ["head"], "nothing": []}  # fmt: skip
    with reading(office.engine.sessions) as session:
        bound = DecisionContext(session, office.clock.now())
        found = {queue: list(heads_of(bound, queue)) for queue in wanted}
    assert found == {queue: [office.people[who] for who in people] for queue, people in wanted.items()}

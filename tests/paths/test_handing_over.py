"""Who holds a task: taking it, giving it back, handing it on, taking it from a colleague; and what was typed so far."""

from collections.abc import Callable
from typing import Any
from unicodedata import normalize
from uuid import UUID

import pytest

from engine import queries
from engine.commands.drafts import save_draft
from engine.commands.tasks import claim_task, delegate_task, release_task, take_over_task
from engine.errors import (
    EngineError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    NotYourTaskError,
    PersonalTaskError,
    ReasonRequiredError,
    SeparationOfDutiesError,
    StaleDraftError,
    TaskAlreadyClaimedError,
    TaskNotOpenError,
    UnknownPersonError,
)
from engine.models import Draft, StatedReason
from tests.office import Case, Office
from tests.paths import stories
from tests.support.together import together
from tests.support.traces import places_of, rows
from workflows.errors import NomineeMayNotActError

CHECK = "check_completeness"
REASON = "Đồng chí Én nghỉ ốm."


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


@pytest.fixture
def case(office: Office) -> Case:
    """A filed nomination that waits for its check."""
    return stories.filed(office)


def holder(case: Case) -> tuple[str | None, str | None]:
    """Nicknames of who holds the check, and to whom it returns."""
    (task,) = case.open_tasks()
    names = {person: nickname for nickname, person in case.office.people.items()}
    return (names.get(task.assignee or ""), names.get(task.owner or ""))


def check(case: Case) -> UUID:
    return case.open_tasks()[0].id


def told(case: Case) -> tuple[str, dict[str, Any]]:
    """Kind of the last event of a case, and who got the task from whom."""
    last = case.history()[-1]
    names = {person: nickname for nickname, person in case.office.people.items()}
    return last.kind, {key: names[last.data[key]] for key in ("assignee", "owner", "previous") if key in last.data}


def test_a_task_is_taken_and_given_back(office: Office, case: Case) -> None:
    claim_task(office.engine, check(case), office.actor("officer"))
    assert holder(case) == ("officer", None)
    assert told(case) == ("task.claimed", {"assignee": "officer"})
    assert queries.list_tasks(office.engine, office.actor("secretary"), "group").items == ()
    with pytest.raises(TaskAlreadyClaimedError):
        claim_task(office.engine, check(case), office.actor("secretary"))
    with pytest.raises(TaskAlreadyClaimedError):
        office.complete(check(case), office.actor("secretary"))
    with pytest.raises(NotYourTaskError):
        release_task(office.engine, check(case), office.actor("secretary"))
    release_task(office.engine, check(case), office.actor("officer"))
    assert holder(case) == (None, None)
    assert told(case) == ("task.released", {"previous": "officer"})
    waiting = queries.list_tasks(office.engine, office.actor("secretary"), "group").items
    assert [task.id for task in waiting] == [check(case)]


@pytest.mark.parametrize("who", ["director", "head", "records", "auditor", "admin", "nominee", "staff"])
def test_who_has_not_the_role_gets_nothing(office: Office, case: Case, who: str) -> None:
    actor, task = office.actor(who), check(case)
    attempts: list[Callable[[], object]] = [
        lambda: claim_task(office.engine, task, actor),
        lambda: release_task(office.engine, task, actor),
        lambda: delegate_task(office.engine, task, actor, office.people["secretary"], REASON),
        lambda: take_over_task(office.engine, task, actor, REASON),
        lambda: save_draft(office.engine, task, actor, {}, 0),
        lambda: office.complete(task, actor),
    ]
    for attempt in attempts:
        with pytest.raises(NotYourTaskError):
            attempt()
    assert holder(case) == (None, None)


def test_a_task_handed_on_returns_to_its_owner(office: Office, case: Case) -> None:
    """Also over two hands; each receiver gets a notice."""
    case.claim(CHECK, "officer")
    delegate_task(office.engine, check(case), office.actor("officer"), office.people["records"], REASON)
    assert holder(case) == ("records", "officer")
    assert told(case) == ("task.delegated", {"assignee": "records", "owner": "officer", "previous": "officer"})
    delegate_task(office.engine, check(case), office.actor("records"), office.people["secretary"], REASON)
    assert holder(case) == ("secretary", "officer")
    for who in ("records", "secretary"):
        notices = queries.notices_of(office.engine, office.people[who], limit=9)
        assert [notice.kind for notice in notices if notice.business_key == case.key] == ["task.delegated"]
    release_task(office.engine, check(case), office.actor("secretary"))
    assert holder(case) == ("officer", None)


def test_who_was_handed_a_task_may_do_it_without_its_role(office: Office, case: Case) -> None:
    case.claim(CHECK, "officer")
    items = stories.items(case)
    delegate_task(office.engine, check(case), office.actor("officer"), office.people["records"], REASON)
    case.do(CHECK, "records", items=items, outcome="accepted")
    assert case.open_elements() == ["appraise"]


def test_guards_judge_the_receiver_not_the_giver(office: Office, case: Case) -> None:
    case.claim(CHECK, "officer")
    for receiver, refusal in (("nominee", NomineeMayNotActError), ("head", SeparationOfDutiesError)):
        with pytest.raises(refusal):
            delegate_task(office.engine, check(case), office.actor("officer"), office.people[receiver], REASON)
    with pytest.raises(UnknownPersonError):
        delegate_task(office.engine, check(case), office.actor("officer"), office.people["officer"], REASON)
    assert holder(case) == ("officer", None)
    assert [name for name, _row in rows(office) if name == StatedReason.__tablename__] == []


def test_a_colleague_takes_over_with_a_reason(office: Office, case: Case) -> None:
    case.claim(CHECK, "officer")
    take_over_task(office.engine, check(case), office.actor("secretary"), f"  {REASON}\0\n")
    assert holder(case) == ("secretary", None)
    assert told(case) == ("task.taken_over", {"assignee": "secretary", "previous": "officer"})
    (stated,) = [row for name, row in rows(office) if name == StatedReason.__tablename__]
    assert (stated["reason"], stated["person_id"]) == (REASON, office.people["secretary"])
    assert case.history()[-1].facts[0][0] == f"stated_reason:{stated['id']}"
    assert REASON not in str(case.history())
    notices = queries.notices_of(office.engine, office.people["officer"], limit=9)
    assert "task.taken_over" in [notice.kind for notice in notices]


def test_a_reason_is_needed_to_override_the_usual_course(postgresql_office: Office) -> None:
    office = postgresql_office
    case = stories.filed(office)
    case.claim(CHECK, "officer")
    task = check(case)
    for reason in ("", " \n ", "\0", "\ud800", "x" * 2001):
        with pytest.raises(ReasonRequiredError):
            delegate_task(office.engine, task, office.actor("officer"), office.people["records"], reason)
        with pytest.raises(ReasonRequiredError):
            take_over_task(office.engine, task, office.actor("secretary"), reason)
    for receiver in ("nobody", "\0", "\ud800"):
        with pytest.raises(UnknownPersonError):
            delegate_task(office.engine, task, office.actor("officer"), receiver, REASON)
    assert holder(case) == ("officer", None)
    take_over_task(office.engine, task, office.actor("secretary"), f"{REASON}\0\ud800")
    assert [row["reason"] for name, row in rows(office) if name == StatedReason.__tablename__] == [REASON]


def test_a_reason_is_kept_in_one_form_of_unicode(office: Office, case: Case) -> None:
    take_over_task(office.engine, check(case), office.actor("secretary"), normalize("NFD", REASON))
    assert normalize("NFD", REASON) != REASON
    assert places_of(office, REASON) == [StatedReason.__tablename__]


def test_taking_over_ones_own_task_changes_nothing(office: Office, case: Case) -> None:
    case.claim(CHECK, "officer")
    before = case.history()
    take_over_task(office.engine, check(case), office.actor("officer"), REASON)
    assert case.history() == before
    assert places_of(office, REASON) == []


def test_a_ballot_stays_with_its_member(office: Office) -> None:
    """Nobody takes, gives, hands on or drafts a ballot, not even its member."""
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    ballot = case.task("cast_ballot", "member")
    member, other = office.actor("member"), office.actor("member2")
    refused: list[tuple[type[EngineError], Callable[[], object]]] = [
        (PersonalTaskError, lambda: release_task(office.engine, ballot.id, member)),
        (PersonalTaskError, lambda: delegate_task(office.engine, ballot.id, member, other.id, REASON)),
        (PersonalTaskError, lambda: take_over_task(office.engine, ballot.id, other, REASON)),
        (PersonalTaskError, lambda: claim_task(office.engine, ballot.id, other)),
        (NotYourTaskError, lambda: office.complete(ballot.id, other, interest="NONE", choice="AGREE")),
        (ForbiddenError, lambda: save_draft(office.engine, ballot.id, member, {"choice": "AGREE"}, 0)),
        (NotYourTaskError, lambda: save_draft(office.engine, ballot.id, other, {"choice": "AGREE"}, 0)),
    ]
    for refusal, attempt in refused:
        with pytest.raises(refusal):
            attempt()
    assert [name for name, _row in rows(office) if name == Draft.__tablename__] == []
    assert case.task("cast_ballot", "member").assignee == office.people["member"]


def test_what_is_closed_is_closed_for_every_door(office: Office, case: Case) -> None:
    task, officer = check(case), office.actor("officer")
    stories.accepted(office, case)
    attempts: list[Callable[[], object]] = [
        lambda: claim_task(office.engine, task, officer),
        lambda: release_task(office.engine, task, officer),
        lambda: delegate_task(office.engine, task, officer, office.people["records"], REASON),
        lambda: take_over_task(office.engine, task, officer, REASON),
        lambda: save_draft(office.engine, task, officer, {}, 0),
        lambda: office.complete(task, officer, outcome="rejected"),
    ]
    for attempt in attempts:
        with pytest.raises(TaskNotOpenError) as refusal:
            attempt()
        assert refusal.value.details["status"] == "completed"
    with pytest.raises(NotFoundError):
        claim_task(office.engine, case.id, officer)


# drafts


def draft_of(case: Case) -> UUID:
    return case.task("draft_proposal", "head").id


def keep(case: Case, who: str, version: int, **values: Any) -> int:
    return save_draft(case.office.engine, draft_of(case), case.office.actor(who), values, version)


@pytest.fixture
def draft(office: Office) -> Case:
    """A nomination whose draft lies with the head."""
    case = stories.opened(office)
    if case.task("draft_proposal", "head").assignee is None:
        case.claim("draft_proposal", "head")
    return case


def test_a_draft_is_kept_for_its_person_and_goes_with_the_task(office: Office, draft: Case) -> None:
    typed = "Đang viết dở\0 \ud800 …"
    assert keep(draft, "head", 0, summary="Đang") == 1
    assert keep(draft, "head", 1, summary=typed) == 2
    form = draft.form("draft_proposal", "head")
    shown = "Đang viết dở\0 \ufffd …"  # half a character would break every page that shows it
    assert (form.values["summary"], form.draft_version) == (shown, 2)
    with pytest.raises(StaleDraftError) as refusal:
        keep(draft, "head", 1, summary="Từ một trang cũ")
    assert refusal.value.details == {"version": 2}
    with pytest.raises(NotYourTaskError):
        keep(draft, "head2", 0, summary="Của người khác")
    for kind in stories.PAPERS:
        office.attach("head", draft.nomination_id, kind)
    draft.do("draft_proposal", "head", proposed_form="GIAY_KHEN", achievement="Gương mẫu", achieved_from="2020-01-01",
             achieved_to="2025-04-30", summary=stories.SUMMARY, letter_number="12/TTr-CCTHADS",
             letter_on="2025-05-02")  # fmt: skip
    assert [name for name, _row in rows(office) if name == Draft.__tablename__] == []
    assert places_of(office, "Đang viết dở") == []


def test_a_draft_goes_when_its_task_is_taken_away(draft: Case) -> None:
    keep(draft, "head", 0, summary="Đang viết dở")
    draft.say("head", "nominations.withdraw", reason="Chuyển sang đợt sau.")
    assert places_of(draft.office, "Đang viết dở") == []


def test_a_draft_takes_the_fields_of_its_form_and_no_more(draft: Case) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        keep(draft, "head", 0, summary="x", outcome="accepted")
    assert refusal.value.details["fields"] == {"outcome": ["unknown_field"]}
    with pytest.raises(InvalidInputError) as refusal:
        keep(draft, "head", 0, summary="x" * 100_001)
    assert refusal.value.details["fields"] == {"_draft": ["draft_too_long"]}


def test_a_draft_saved_while_the_task_closes_is_not_left_behind(postgresql_office: Office) -> None:
    """Two windows of one person: one files, the other saves what is typed by itself."""
    office = postgresql_office
    case = stories.filed(office)
    case.claim(CHECK, "officer")
    items, task, officer = stories.items(case), check(case), office.actor("officer")
    told = together(
        lambda: office.complete(task, officer, items=items, outcome="accepted"),
        *(lambda: save_draft(office.engine, task, officer, {"outcome": "returned"}, 0) for _ in range(4)),
    )
    assert not isinstance(told[0], BaseException)
    assert {type(answer) for answer in told[1:]} <= {int, StaleDraftError, TaskNotOpenError}
    assert [name for name, _row in rows(office) if name == Draft.__tablename__] == []

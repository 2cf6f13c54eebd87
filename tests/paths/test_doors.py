"""What doors refuse: with a code, alone on the system chain, and without a word of what somebody typed."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unicodedata import normalize
from uuid import UUID

import pytest

from engine import history, queries
from engine.commands.drafts import save_draft
from engine.commands.incidents import retry_incident
from engine.commands.instances import cancel_instance, start_instance
from engine.commands.messages import correlate
from engine.commands.tasks import claim_task, complete_task, delegate_task, release_task, take_over_task
from engine.commands.timers import run_due_timers
from engine.context import SYSTEM, Actor
from engine.db import reading
from engine.errors import (
    BusinessKeyTakenError,
    EngineError,
    ForbiddenError,
    InstanceEndedError,
    InvalidInputError,
    NotFoundError,
    NotWaitingError,
    ReasonRequiredError,
    TaskNotOpenError,
)
from engine.models import InstanceStatus
from engine.runtime_environment import Engine
from tests.office import Case, Office
from tests.paths import stories
from tests.support.diagrams import overtaken
from tests.support.small_engine import AN, BINH, SmallEngine, small_engine, user
from tests.support.together import together
from tests.support.traces import counts, places_of, rows
from workflows.errors import NoAnswerAwaitedError

TYPED = "Đơn tố cáo Ω giấu tên"
"""Nothing else in the office reads like this."""
CHECK = "check_completeness"


def last_refusal(office: Office) -> tuple[dict[str, Any], str, str]:
    """Data, case and person of the newest event of the system chain, which tells of a refusal."""
    (event,) = queries.search_events(office.engine, chain="system", limit=1).items
    assert event.kind == "refusal.recorded"
    assert event.facts == ()
    return event.data, event.business_key, event.actor_id


@contextmanager
def nothing_but_a_refusal(office: Office) -> Iterator[None]:
    """What happens within writes one event and changes nothing else, in any table."""
    before, heads = counts(office), [row for name, row in rows(office) if name == "process_instance"]
    yield
    assert counts(office) == {**before, "history_event": before["history_event"] + 1}
    assert [row for name, row in rows(office) if name == "process_instance"] == heads
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


Attempt = Callable[[Office, Case], object]


def unknown_field(office: Office, case: Case) -> object:
    return case.do(CHECK, "officer", **{TYPED: TYPED})


def too_long(office: Office, case: Case) -> object:
    return case.do(CHECK, "officer", items=[{"item": TYPED, "reason": TYPED * 5000}], outcome=TYPED)


def half_way(office: Office, case: Case) -> object:
    """The form is right in itself; the step refuses after it began to work."""
    items = [{**row, "status": "FLAWED", "reason": TYPED} for row in stories.items(case)]
    return case.do(CHECK, "officer", items=items, outcome="accepted")


def another_ones_task(office: Office, case: Case) -> object:
    return case.do(CHECK, "staff", outcome=TYPED)


def closed_task(office: Office, case: Case) -> object:
    done = next(event for event in case.history() if event.kind == "task.completed")
    return complete_task(office.engine, UUID(done.data["task"]), office.actor("head"), {"summary": TYPED})


def stranger_takes_over(office: Office, case: Case) -> object:
    return take_over_task(office.engine, case.open_tasks()[0].id, office.actor("staff"), TYPED)


def to_nobody(office: Office, case: Case) -> object:
    return delegate_task(office.engine, case.open_tasks()[0].id, office.actor("officer"), TYPED, TYPED)


def draft_of_another(office: Office, case: Case) -> object:
    return save_draft(office.engine, case.open_tasks()[0].id, office.actor("staff"), {"outcome": TYPED}, 0)


def unknown_case(office: Office, case: Case) -> object:
    return correlate(office.engine, "nominations.withdraw", TYPED, office.actor("head"), {"reason": TYPED})


def not_their_case(office: Office, case: Case) -> object:
    return case.say("head2", "nominations.withdraw", reason=TYPED)


def unknown_message(office: Office, case: Case) -> object:
    return case.say("head", TYPED, reason=TYPED)


def unknown_action(office: Office, case: Case) -> object:
    return office.act("admin", TYPED, name=TYPED)


def wrong_action(office: Office, case: Case) -> object:
    return office.act("admin", "organisation.add_unit", key="x", name=TYPED, kind=TYPED, valid_from=TYPED)


def not_their_action(office: Office, case: Case) -> object:
    return office.act("staff", "organisation.add_unit", name=TYPED)


def unknown_process(office: Office, case: Case) -> object:
    return start_instance(office.engine, TYPED, TYPED, office.actor("admin"), {"x": TYPED})


def wrong_nomination(office: Office, case: Case) -> object:
    return office.start("head", round=TYPED, unit=TYPED, nominee_kind="INDIVIDUAL", nominee_id=TYPED)


def cancel_without_right(office: Office, case: Case) -> object:
    return cancel_instance(office.engine, case.id, office.actor("director"), TYPED)


def retry_of_nothing(office: Office, case: Case) -> object:
    return retry_incident(office.engine, case.id, office.actor("admin"), TYPED)


REFUSED: list[tuple[Attempt, str, str, str, set[str]]] = [
    # attempt, door, code, who; which ids are told
    (unknown_field, "complete_task", "invalid_input", "officer", {"task"}),
    (too_long, "complete_task", "invalid_input", "officer", {"task"}),
    (half_way, "complete_task", "invalid_input", "officer", {"task"}),
    (another_ones_task, "complete_task", "not_your_task", "staff", {"task"}),
    (closed_task, "complete_task", "task_not_open", "head", {"task"}),
    (stranger_takes_over, "take_over_task", "not_your_task", "staff", {"task"}),
    (to_nobody, "delegate_task", "unknown_person", "officer", {"task"}),
    (draft_of_another, "save_draft", "not_your_task", "staff", {"task"}),
    (unknown_case, "correlate", "not_found", "head", {"step"}),
    (not_their_case, "correlate", "*", "head2", {"step", "business_key"}),
    (unknown_message, "correlate", "not_found", "head", {"business_key"}),
    (unknown_action, "perform_action", "not_found", "admin", set()),
    (wrong_action, "perform_action", "invalid_input", "admin", {"step"}),
    (not_their_action, "perform_action", "forbidden", "staff", {"step"}),
    (unknown_process, "start_instance", "not_found", "admin", set()),
    (wrong_nomination, "start_instance", "not_your_unit", "head", {"step"}),
    (cancel_without_right, "cancel_instance", "forbidden", "director", {"instance"}),
    (retry_of_nothing, "retry_incident", "not_found", "admin", {"job"}),
]


@pytest.mark.parametrize(
    ("attempt", "door", "code", "who", "ids"), REFUSED, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_refusal_is_recorded_alone_with_door_code_and_ids(
    sqlite_office: Office, caplog: pytest.LogCaptureFixture, attempt: Attempt, door: str, code: str, who: str,
    ids: set[str],
) -> None:  # fmt: skip
    office = sqlite_office
    case = stories.filed(office)
    case.claim(CHECK, "officer")
    with caplog.at_level(logging.DEBUG), nothing_but_a_refusal(office), pytest.raises(EngineError) as refusal:
        attempt(office, case)
    data, business_key, person = last_refusal(office)
    assert (data["door"], person) == (door, office.people[who])
    assert data["code"] == refusal.value.code
    assert code in ("*", refusal.value.code)
    assert data.keys() - {"door", "code"} | ({"business_key"} if business_key else set()) == ids
    assert business_key in ("", case.key)
    assert places_of(office, TYPED) == []
    assert TYPED not in caplog.text


def test_texts_that_no_database_keeps_are_refused_not_a_crash(postgresql_office: Office) -> None:
    office = postgresql_office
    case = stories.filed(office)
    for text in ("\0", "\ud800"):
        for key in (text, f"{case.key}{text}"):
            with pytest.raises(NotFoundError):
                correlate(office.engine, "nominations.withdraw", key, office.actor("head"), {"reason": "x"})
            assert queries.find_instance(office.engine, key) is None
        with pytest.raises(ReasonRequiredError):
            cancel_instance(office.engine, case.id, office.actor("admin"), text)
    case.say("head", "nominations.withdraw", reason="Rút để bổ sung\0 \ud800")
    assert case.ended_at == "end_withdrawn"


# forms


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"outcome": "granted", "hacked": True}, {"outcome", "hacked"}),
        ({"summary": 5, "letter_number": {"a": 1}}, {"summary", "letter_number"}),
        ({"achieved_from": "hôm qua", "achieved_to": 20250430}, {"achieved_from", "achieved_to"}),
        ({"achievement": "x" * 3_001, "summary": "y" * 40_000}, {"achievement", "summary"}),
        ({"proposed_form": "HUÂN_CHƯƠNG"}, {"proposed_form"}),
        ({"achieved_from": "2030-01-01"}, {"achieved_to"}),
        ({"letter_on": None, "achievement": "\0 \u0007"}, {"letter_on", "achievement"}),
    ],
)
def test_a_form_names_each_wrong_field_in_words(
    sqlite_office: Office, values: dict[str, Any], fields: set[str]
) -> None:
    case = stories.opened(sqlite_office)
    right = {"proposed_form": "GIAY_KHEN", "achievement": "Gương mẫu", "achieved_from": "2020-01-01",
             "achieved_to": "2025-04-30", "summary": stories.SUMMARY, "letter_number": "12/TTr-CCTHADS",
             "letter_on": "2025-05-02"}  # fmt: skip
    with pytest.raises(InvalidInputError) as refusal:
        case.do("draft_proposal", "head", **{**right, **values})
    told = refusal.value.details["fields"]
    assert set(told) >= fields
    assert all(sentence and not sentence.startswith("@") for sentences in told.values() for sentence in sentences)
    assert case.open_elements() == ["draft_proposal"]


def test_typed_text_is_kept_in_one_form_of_unicode(sqlite_office: Office) -> None:
    """A Mac sends letters and accents apart; the record, searches and papers know one spelling."""
    apart = normalize("NFD", stories.SUMMARY)
    assert apart != stories.SUMMARY
    stories.filed(sqlite_office, summary=f" {apart}\r\n\0", achievement=normalize("NFD", "Gương mẫu"))
    contents = [row for name, row in rows(sqlite_office) if name == "nomination_content"]
    content = max(contents, key=lambda row: row["version"])
    assert (content["summary"], content["achievement"]) == (stories.SUMMARY, "Gương mẫu")
    assert places_of(sqlite_office, apart) == []


# cases


def test_a_key_names_one_case(office: Office) -> None:
    """Asked one after the other, and in the same moment."""
    admin = office.actor("admin")

    def start(key: str = "ĐN-1") -> object:
        return start_instance(office.engine, "feedback", key, admin, {"nomination_id": "x"})

    told = together(*[start] * 4)
    refused = [answer for answer in told if isinstance(answer, BaseException)]
    assert [type(answer) for answer in refused] == [BusinessKeyTakenError] * 3, told
    with pytest.raises(BusinessKeyTakenError) as refusal:
        start()
    assert refusal.value.details == {"business_key": "ĐN-1"}
    assert last_refusal(office)[0]["code"] == "business_key_taken"


def test_a_case_is_cancelled_by_an_operator_with_a_reason(office: Office) -> None:
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    stories.vote(case, only=2)
    with pytest.raises(ForbiddenError):
        cancel_instance(office.engine, case.id, office.actor("secretary"), "Nhập trùng.")
    with pytest.raises(ReasonRequiredError):
        cancel_instance(office.engine, case.id, office.actor("admin"), " ")
    open_before = len(case.open_tasks())
    done = cancel_instance(office.engine, case.id, office.actor("admin"), "Nhập trùng.")
    assert len(done.closed) == open_before == 6
    assert (case.view.status, case.ended_at, case.open_tasks()) == (InstanceStatus.CANCELLED, None, [])
    assert queries.waiting_messages(office.engine, case.id) == queries.due_timers(office.engine, case.id) == ()
    assert office.wait(days=60) == 0, "no clock runs for it any more"
    kinds = [event.kind for event in case.history()]
    assert kinds[-7:] == ["instance.cancelled", *["task.cancelled"] * 6]
    assert [name for name, row in rows(office) if "Nhập trùng." in str(row)] == ["stated_reason"]
    with pytest.raises(InstanceEndedError):
        cancel_instance(office.engine, case.id, office.actor("admin"), "Nhập trùng.")
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


def test_a_message_nobody_waits_for_is_refused(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    with nothing_but_a_refusal(office), pytest.raises(NotWaitingError):
        case.say("head", "nominations.withdraw", reason="Muộn rồi.")
    with nothing_but_a_refusal(office), pytest.raises(NoAnswerAwaitedError):
        case.say("records", "referrals.record_answer", answer="awarded", official_number="1890/QĐ-BTP",
                 answered_on=office.today.isoformat())  # fmt: skip
    cancel_instance(office.engine, case.id, office.actor("admin"), "Nhập trùng.")
    with nothing_but_a_refusal(office), pytest.raises(NotWaitingError):
        case.say("head", "nominations.withdraw", reason="Muộn rồi.")


# deadlines


TOMORROW = 'date and time("2025-06-17T00:00:00Z")'


@pytest.fixture
def small(database_url: str, tmp_path: Path) -> Iterator[SmallEngine]:
    found = small_engine(database_url, tmp_path / "bpmn", user("room.first", "answer"), user("room.second"))
    found.deploy(overtaken(TOMORROW))
    yield found
    found.engine.sessions.kw["bind"].dispose()


def claim(engine: Engine, task: Any, actor: Actor) -> object:
    return claim_task(engine, task, actor)


def complete(engine: Engine, task: Any, actor: Actor) -> object:
    return complete_task(engine, task, actor, {"answer": TYPED})


def take_over(engine: Engine, task: Any, actor: Actor) -> object:
    return take_over_task(engine, task, actor, TYPED)


def delegate(engine: Engine, task: Any, actor: Actor) -> object:
    return delegate_task(engine, task, actor, "binh", TYPED)


@pytest.mark.parametrize("door", [claim, complete, take_over, delegate])
def test_after_the_deadline_the_door_is_shut_and_the_timers_work_is_done(
    small: SmallEngine, door: Callable[[Engine, Any, Actor], object]
) -> None:
    """Nobody had looked at the clock since the hour passed; the first who comes finds it so, and so do all after."""
    case = small.start()
    task = case.opened[0].id
    small.wait(timedelta(days=2))
    with pytest.raises(TaskNotOpenError) as refusal:
        door(small.engine, task, AN)
    assert refusal.value.details["status"] == "overdue"
    assert [one.element_id for one in queries.open_tasks_of_instance(small.engine, case.instance.id)] == ["second"]
    assert run_due_timers(small.engine) == 0
    kinds = [event.kind for event in queries.list_history(small.engine, case.instance.id)]
    assert kinds[-3:] == ["timer.fired", "task.cancelled", "task.created"]
    with pytest.raises(TaskNotOpenError) as refusal:
        door(small.engine, task, BINH)
    assert refusal.value.details["status"] == "cancelled"
    with reading(small.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session)) == []


def test_a_released_task_past_its_deadline(small: SmallEngine) -> None:
    case = small.start()
    claim_task(small.engine, case.opened[0].id, AN)
    small.wait(timedelta(days=2))
    with pytest.raises(TaskNotOpenError):
        release_task(small.engine, case.opened[0].id, AN)
    assert run_due_timers(small.engine) == 0


def test_a_ballot_past_the_hour_is_refused_and_the_line_is_counted(office: Office) -> None:
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    stories.vote(case, only=7)
    late = case.task("cast_ballot", "member3")
    office.clock.advance(timedelta(days=3))
    with pytest.raises(TaskNotOpenError):
        office.complete(late.id, office.actor("member3"), interest="NONE", choice="AGREE", manner="PRESENT")
    assert case.open_elements() == ["confirm_minutes_secretary"]
    assert case.variables["vote_outcome"] == "passed"
    assert run_due_timers(office.engine) == 0
    with pytest.raises(TaskNotOpenError):
        office.complete(late.id, office.actor("member3"), interest="NONE", choice="AGREE", manner="PRESENT")


def test_nobody_but_operators_starts_without_a_step(sqlite_office: Office) -> None:
    with nothing_but_a_refusal(sqlite_office), pytest.raises(ForbiddenError):
        start_instance(sqlite_office.engine, "feedback", "", sqlite_office.actor("director"), {})
    with pytest.raises(TypeError):
        start_instance(sqlite_office.engine, "feedback", "", SYSTEM, {"x": 1.5})

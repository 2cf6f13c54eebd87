"""A request that comes twice under one key is answered once: after a lost answer, a double click, in one moment."""

from collections.abc import Callable
from typing import Any

import pytest

from engine import history, queries
from engine.commands.actions import perform_action
from engine.commands.answers import KEPT, forget_old_answers
from engine.commands.drafts import save_draft
from engine.commands.instances import cancel_instance, start_instance
from engine.commands.messages import correlate
from engine.commands.tasks import claim_task, complete_task, delegate_task, release_task, take_over_task
from engine.context import SYSTEM
from engine.db import reading
from engine.errors import InvalidInputError, RequestMismatchError
from tests.office import Case, Office
from tests.paths import stories
from tests.support.together import faults, together
from tests.support.traces import counts

Send = Callable[[str, bool], Any]
"""Sends a request under a key; with True another one under the same key."""


def sends_start(office: Office) -> Send:
    def send(key: str, other: bool) -> Any:
        nominee = office.people["nominee2" if other else "nominee"]
        values = {"round": "2025-TK", "unit": office.units["bacson"], "nominee_kind": "INDIVIDUAL",
                  "nominee_id": nominee}  # fmt: skip
        return start_instance(office.engine, "nomination", "", office.actor("head"), {}, step="nominations.open",
                              values=values, idempotency_key=key)  # fmt: skip

    return send


def sends_action(office: Office) -> Send:
    def send(key: str, other: bool) -> Any:
        name = "Chi cục khác" if other else "Chi cục huyện Đình Lập"
        values = {"key": "dinhlap", "name": name, "kind": "SUB_DEPARTMENT", "valid_from": "2025-01-01",
                  "parent_id": office.units["agency"]}  # fmt: skip
        return perform_action(office.engine, "organisation.add_unit", office.actor("admin"), values,
                              idempotency_key=key)  # fmt: skip

    return send


def sends_message(office: Office) -> Send:
    case = stories.accepted(office, stories.filed(office))

    def send(key: str, other: bool) -> Any:
        values = {"kind": "SUPPORT", "text": "Khác." if other else "Rất xứng đáng được khen."}
        return correlate(office.engine, "feedback.post_comment", case.key, office.actor("staff"), values,
                         idempotency_key=key)  # fmt: skip

    return send


def sends_completion(office: Office) -> Send:
    case = stories.filed(office)
    items = stories.items(case)
    task = case.task("check_completeness", "officer")

    def send(key: str, other: bool) -> Any:
        values = {"items": items, "outcome": "rejected" if other else "accepted"}
        return complete_task(office.engine, task.id, office.actor("officer"), values, idempotency_key=key)

    return send


def sends_claim(office: Office) -> Send:
    task = stories.filed(office).task("check_completeness", "officer")

    def send(key: str, other: bool) -> Any:
        door = release_task if other else claim_task
        return door(office.engine, task.id, office.actor("officer"), idempotency_key=key)

    return send


def sends_release(office: Office) -> Send:
    case = stories.filed(office)
    case.claim("check_completeness", "officer")
    task = case.task("check_completeness", "officer")

    def send(key: str, other: bool) -> Any:
        door = claim_task if other else release_task
        return door(office.engine, task.id, office.actor("officer"), idempotency_key=key)

    return send


def sends_delegation(office: Office) -> Send:
    task = stories.filed(office).task("check_completeness", "officer")

    def send(key: str, other: bool) -> Any:
        reason = "Khác." if other else "Đi công tác."
        return delegate_task(office.engine, task.id, office.actor("officer"), office.people["records"], reason,
                             idempotency_key=key)  # fmt: skip

    return send


def sends_take_over(office: Office) -> Send:
    case = stories.filed(office)
    case.claim("check_completeness", "officer")
    task = case.task("check_completeness", "officer")

    def send(key: str, other: bool) -> Any:
        reason = "Khác." if other else "Đồng chí Én nghỉ ốm."
        return take_over_task(office.engine, task.id, office.actor("secretary"), reason, idempotency_key=key)

    return send


def sends_cancellation(office: Office) -> Send:
    case = stories.filed(office)

    def send(key: str, other: bool) -> Any:
        reason = "Khác." if other else "Đơn vị rút đề nghị."
        return cancel_instance(office.engine, case.id, SYSTEM, reason, idempotency_key=key)

    return send


def sends_draft(office: Office) -> Send:
    """A draft that was kept is not stale to whoever sends it again."""
    case = stories.filed(office)
    case.claim("check_completeness", "officer")
    task = case.task("check_completeness", "officer")

    def send(key: str, other: bool) -> Any:
        values = {"outcome": "rejected" if other else "accepted"}
        return save_draft(office.engine, task.id, office.actor("officer"), values, 0, idempotency_key=key)

    return send


DOORS = (
    sends_start, sends_action, sends_message, sends_completion, sends_claim, sends_release, sends_delegation,
    sends_take_over, sends_cancellation, sends_draft,
)  # fmt: skip
by_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__.removeprefix("sends_"))


@by_door
def test_a_repeated_request_gets_the_first_answer(sqlite_office: Office, door: Callable[[Office], Send]) -> None:
    office, send = sqlite_office, door(sqlite_office)
    first = send("a key", False)
    before = counts(office)
    assert send("a key", False) == first
    assert counts(office) == before, "nothing is written, not even an event"
    with pytest.raises(RequestMismatchError):
        send("a key", True)
    assert counts(office) == before | {"history_event": before["history_event"] + 1}
    assert told_last(office)["code"] == "idempotency_mismatch"


def told_last(office: Office) -> dict[str, Any]:
    page = queries.search_events(office.engine, chain="system", limit=1)
    return page.items[0].data


@by_door
def test_two_requests_at_once_are_one(office: Office, door: Callable[[Office], Send]) -> None:
    """A double click, or a proxy that sends again: both get the same answer, and it was done once."""
    send = door(office)
    before = counts(office)
    first, second = together(lambda: send("twice", False), lambda: send("twice", False))
    assert faults([first, second]) == []
    assert first == second
    assert counts(office)["idempotency_record"] == before["idempotency_record"] + 1
    told = counts(office)
    assert send("twice", False) == first
    assert counts(office) == told
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


def test_a_key_belongs_to_its_person(sqlite_office: Office) -> None:
    office = sqlite_office
    one, two = stories.filed(office), stories.filed(office, nominee="nominee2")
    for case, who in ((one, "officer"), (two, "secretary")):
        claim_task(office.engine, task(case, who), office.actor(who), idempotency_key="1")
    holders = [case.open_tasks()[0].assignee for case in (one, two)]
    assert holders == [office.people["officer"], office.people["secretary"]]


def task(case: Case, who: str) -> Any:
    return case.task("check_completeness", who).id


def test_claiming_ones_own_task_again_has_an_answer_to_repeat(sqlite_office: Office) -> None:
    """Also after the task is closed: the browser that sent it never heard of it."""
    office = sqlite_office
    case = stories.filed(office)
    mine, actor = task(case, "officer"), office.actor("officer")
    claim_task(office.engine, mine, actor, idempotency_key="1")
    again = claim_task(office.engine, mine, actor, idempotency_key="2")
    stories.accepted(office, case)
    told = claim_task(office.engine, mine, actor, idempotency_key="2")
    assert (told.opened, told.closed) == (again.opened, again.closed)


def test_a_refusal_is_no_answer(sqlite_office: Office) -> None:
    """What was refused may be sent again under its key once it has become right."""
    office = sqlite_office
    case = stories.opened(office)
    task_id, head = case.task("draft_proposal", "head").id, office.actor("head")
    with pytest.raises(InvalidInputError):
        complete_task(office.engine, task_id, head, {"summary": ""}, idempotency_key="1")
    for kind in stories.PAPERS:
        office.attach("head", case.nomination_id, kind)
    values = {"proposed_form": "GIAY_KHEN", "achievement": "Gương mẫu", "achieved_from": "2020-01-01",
              "achieved_to": "2025-04-30", "summary": stories.SUMMARY, "letter_number": "12/TTr-CCTHADS",
              "letter_on": "2025-05-02"}  # fmt: skip
    complete_task(office.engine, task_id, head, values, idempotency_key="1")
    assert case.open_elements() == ["check_completeness"]


def test_after_a_month_an_answer_is_forgotten_and_a_younger_one_is_not(office: Office) -> None:
    first, second = sends_action(office), sends_draft(office)
    before = counts(office)["idempotency_record"]
    first("old", False)
    office.wait(days=KEPT.days - 1)
    second("young", False)
    assert forget_old_answers(office.engine) == 0
    office.wait(days=2)
    assert forget_old_answers(office.engine) == before + 1
    kept = counts(office)
    second("young", False)
    assert counts(office) == kept, "still one request"
    assert forget_old_answers(office.engine) == 0

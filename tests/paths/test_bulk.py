"""Lists: each case by a door of its own, with its own answer; what needs a reason of its own is not done in one."""

import pytest

from engine import queries
from engine.commands.bulk import claim_tasks, complete_tasks, item_key
from engine.errors import InvalidInputError, NotInBulkError, TaskAlreadyClaimedError
from tests.office import Office
from tests.paths import stories

GRANT = {"decision": "GRANT_GIAY_KHEN", "reason": ""}


def test_one_refusal_stops_no_other(office: Office) -> None:
    first, second = stories.filed(office), stories.filed(office, nominee="nominee2")
    first.claim("check_completeness", "secretary")
    wanted = [first.open_tasks()[0].id, second.open_tasks()[0].id]
    items = claim_tasks(office.engine, wanted, office.actor("officer"), idempotency_key="k")
    assert isinstance(items[0].refusal, TaskAlreadyClaimedError)
    assert items[1].refusal is None
    before = second.history()
    again = claim_tasks(office.engine, wanted, office.actor("officer"), idempotency_key="k")
    assert [item.refusal is None for item in again] == [False, True]
    assert second.history() == before, "a repeated list gives the first answers"
    assert len({item_key("k", task) for task in wanted}) == 2
    for wrong in ([], [wanted[0], wanted[0]]):
        with pytest.raises(InvalidInputError):
            claim_tasks(office.engine, wrong, office.actor("officer"))


def test_a_step_without_a_list_is_done_one_by_one(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.filed(office)
    values = {"items": stories.items(case), "outcome": "accepted"}
    (item,) = complete_tasks(office.engine, [(case.open_tasks()[0].id, values)], office.actor("officer"))
    assert isinstance(item.refusal, NotInBulkError)
    assert case.open_elements() == ["check_completeness"]


def test_the_head_grants_as_the_council_advised_and_departs_alone(sqlite_office: Office) -> None:
    """Granting against the vote, refusing and sending back need a reason for each; a list takes none."""
    office = sqlite_office
    passed = stories.reviewed(office)
    failed = stories.reviewed(office, nominee="nominee2", against=8, session="PH-2025-02")
    director = office.actor("director")
    tasks = {case.key: case.open_tasks()[0].id for case in (passed, failed)}
    for values in (
        {"decision": "REJECT", "reason": "Không đủ."}, {"decision": "RETURN_TO_COUNCIL", "reason": "Làm rõ."},
        {"decision": "REFER_TO_MINISTER", "reason": "Xứng đáng hơn."},
    ):  # fmt: skip
        (item,) = complete_tasks(office.engine, [(tasks[passed.key], values)], director)
        assert isinstance(item.refusal, NotInBulkError)
    items = complete_tasks(
        office.engine, [(tasks[failed.key], {**GRANT, "reason": "Dù vậy."}), (tasks[passed.key], GRANT)], director
    )
    assert [type(item.refusal) for item in items] == [NotInBulkError, type(None)]
    assert passed.open_elements() == ["sign_decision"]
    assert failed.open_elements() == ["director_decides"]
    refusals = queries.search_events(office.engine, chain="system", limit=20).items
    assert "not_in_bulk" in {event.data.get("code") for event in refusals if event.kind == "refusal.recorded"}


def test_honours_are_recorded_with_one_list(sqlite_office: Office) -> None:
    office = sqlite_office
    first = stories.granted(office)
    second = stories.granted(office, nominee="nominee2", session="PH-2025-02")
    stories.registered(stories.signed(first, second))
    values = {"honoured_on": office.today.isoformat(), "place": "Hội trường", "conferred_by": "Cục trưởng"}
    answers = [(case.open_tasks()[0].id, values) for case in (first, second)]
    assert [item.refusal for item in complete_tasks(office.engine, answers, office.actor("office"))] == [None, None]
    assert (first.ended_at, second.ended_at) == ("end_awarded", "end_awarded")

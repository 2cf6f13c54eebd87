"""Every path of the diagrams, walked through the doors as the people of the office would, on both databases."""

from collections.abc import Callable

import pytest
from lxml import etree

from engine import history
from engine.db import reading
from engine.replay import unfrozen
from tests.office import BPMN, Case, Office
from tests.paths import stories

ENDS = {
    "straight_path": "end_awarded",
    "returned_and_supplemented": None,
    "out_of_scope": "end_out_of_scope",
    "block_lifted": None,
    "ineligible": "end_ineligible",
    "warned": None,
    "withdrawn_as_draft": "end_withdrawn",
    "withdrawn_at_intake": "end_withdrawn",
    "withdrawn_in_feedback": "end_withdrawn",
    "withdrawn_before_council": "end_withdrawn_before_council",
    "comment_unfounded": None,
    "comment_confirmed": "end_feedback_blocked",
    "no_quorum_then_again": None,
    "nobody_may_vote": None,
    "rejected": "end_rejected",
    "returned_to_council": "end_awarded",
    "signed_together": "end_awarded",
    "minister_awards": "end_minister_awarded",
    "minister_declines": "end_awarded",
    "minister_declines_without_fallback": "end_declined",
    "change_approved": "end_change_in_force",
    "change_rejected": "end_change_rejected",
    "change_withdrawn": "end_change_withdrawn",
    "diagram_approved": "end_change_in_force",
}
"""Each story and the end event its case reaches; None where the story stops on the way."""

NEVER_FILED = {"withdrawn_as_draft", "change_approved", "change_rejected", "change_withdrawn", "diagram_approved"}
"""Stories in which no table is asked."""

FLOW = "{http://www.omg.org/spec/BPMN/20100524/MODEL}sequenceFlow"


def play(story: str, office: Office) -> list[Case]:
    told = getattr(stories, story)(office)
    return told if isinstance(told, list) else [told]


@pytest.mark.slow
@pytest.mark.parametrize("story", ENDS)
def test_a_story_ends_where_it_should_and_its_record_holds(story: str, office: Office) -> None:
    cases = play(story, office)
    assert {case.ended_at for case in cases} == {ENDS[story]}
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []
    asked, altered = unfrozen(office.engine)
    assert altered == [], "a stored decision evaluated again gives what it gave"
    assert asked > 0 or story in NEVER_FILED
    for case in cases:
        if ENDS[story]:
            assert case.open_tasks() == []
            assert case.view.status == "completed"


def every_flow() -> set[str]:
    return {f"{path.stem}/{flow.get('id')}" for path in BPMN.glob("*.bpmn") for flow in etree.parse(path).iter(FLOW)}


@pytest.mark.slow
def test_the_stories_take_every_sequence_flow_of_every_diagram(new_office: Callable[[], Office]) -> None:
    """Read from the XML on one side and from the histories on the other: nothing drawn is never walked."""
    taken: set[str] = set()
    for story in ENDS:
        for case in play(story, new_office()):
            taken |= case.flows()
    assert taken == every_flow()

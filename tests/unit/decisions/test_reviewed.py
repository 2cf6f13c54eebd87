"""The head's list: what the council has reviewed, with the counts, as it left it."""

import pytest

from engine.db import reading
from tests.office import Office
from tests.paths import stories
from workflows.decisions.reviewed import waiting_for_decision


@pytest.mark.slow
def test_the_list_shows_the_count_and_what_was_advised(sqlite_office: Office) -> None:
    office = sqlite_office
    failed = stories.reviewed(office, against=7)
    passed = stories.reviewed(office, nominee="nominee2", session="PH-2025-02")
    with reading(office.engine.sessions) as session:
        first, second = waiting_for_decision(session)
    assert (first.nomination.business_key, first.advised) == (passed.key, "GIAY_KHEN")
    assert (second.nomination.business_key, second.advised) == (failed.key, "")
    assert first.line is not None
    assert first.line.result is not None
    assert first.line.result.agree == first.line.voters
    assert first.task_id == str(passed.task("director_decides", "director").id)
    passed.do("director_decides", "director", decision="GRANT_GIAY_KHEN")
    with reading(office.engine.sessions) as session:
        assert [one.nomination.business_key for one in waiting_for_decision(session)] == [failed.key]

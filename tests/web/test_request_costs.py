"""What a whole request asks of the database, from the token to the answer: counted, not timed."""

from tests.bench.measure import counting
from tests.office import Office
from tests.paths import stories
from tests.web.api import Service

MOST_STATEMENTS = 12
"""Of a completed task over HTTP, on both databases; the session, the person's roles, and the door with its commit."""


def test_a_ballot_over_http_costs_few_statements_and_one_commit(office: Office) -> None:
    service = Service.over(office)
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    for who in stories.voters(case)[:3]:
        task, caller = case.task("cast_ballot", who), service.caller(who)
        assert caller.get("/api/v1/me").status_code == 200
        ballot = {"values": {"interest": "NONE", "choice": "AGREE", "manner": "PRESENT"}}
        with counting(office.database) as spent:
            assert caller.post(f"/api/v1/tasks/{task.id}/complete", json=ballot).status_code == 200
        assert spent.commits == 1
        assert spent.count <= MOST_STATEMENTS, "\n".join(spent.statements)

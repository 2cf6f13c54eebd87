"""Completions over HTTP: a real gunicorn, a bearer token, one request each."""

from pathlib import Path

from tests.bench.engine_costs import BALLOT, voting_cases
from tests.bench.measure import Row, milliseconds, percentiles
from tests.bench.serving import served
from tests.office import COUNCIL, Office
from tests.paths import stories

CASES = 6


def over_http(folder: Path) -> list[Row]:
    """Ballots as a client sends them."""
    office = Office.open(f"sqlite:///{folder / 'thidua.db'}", folder)
    cases = voting_cases(office, CASES)
    spent: list[float] = []
    with served(office, COUNCIL) as client:
        tokens = {who: client.sign_in(who) for who in COUNCIL}
        for case in cases:
            for who in stories.voters(case)[:-1]:
                path = f"/api/v1/tasks/{case.task('cast_ballot', who).id}/complete"
                spent.append(milliseconds(lambda: client.post(path, tokens[who], {"values": BALLOT})))  # noqa: B023 - run at once
    office.close()
    return percentiles("complete a ballot over HTTP (gunicorn, SQLite)", "ms", spent, None, "<= 25")

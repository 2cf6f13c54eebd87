"""Completions over HTTP: a real gunicorn, one request each, beside the naive engine behind the same server."""

from pathlib import Path

from tests.bench.engine_costs import BALLOT, voting_cases
from tests.bench.measure import Row, milliseconds, percentiles
from tests.bench.naive import Naive
from tests.bench.serving import Client, gunicorn, served
from tests.office import BPMN, COUNCIL, Office
from tests.paths import stories

CASES = 6


def over_http(folder: Path) -> list[Row]:
    """Ballots as a client sends them, to both in turn."""
    office = Office.open(f"sqlite:///{folder / 'thidua.db'}", folder)
    cases = voting_cases(office, CASES)
    place = folder / "naive.db"
    naive = Naive(f"sqlite:///{place}", BPMN)
    others = [naive.start(stories.voters(case)) for case in cases]
    naive.close()
    ours: list[float] = []
    theirs: list[float] = []
    with (
        served(office, COUNCIL) as client,
        gunicorn("tests.bench.naive_web:served()", {"NAIVE_DATABASE": str(place)}) as port,
    ):
        rival = Client(port)
        tokens = {who: client.sign_in(who) for who in COUNCIL}
        for case, other in zip(cases, others, strict=True):
            for who in stories.voters(case)[:-1]:
                path = f"/api/v1/tasks/{case.task('cast_ballot', who).id}/complete"
                body = {"values": BALLOT}
                ours.append(milliseconds(lambda: client.post(path, tokens[who], body)))  # noqa: B023 - run at once
                theirs.append(milliseconds(lambda: rival.post(f"/complete/{other}", "", body)))  # noqa: B023 - run at once
    office.close()
    return percentiles("complete a ballot over HTTP (gunicorn, SQLite)", "ms", ours, theirs, "<= 25")

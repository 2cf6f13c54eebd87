"""Completions over HTTP: a real gunicorn and clients that all press at once, beside the naive engine served alike."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from tests.bench.ground import Ground
from tests.bench.measure import counting
from tests.bench.naive import Naive
from tests.bench.result import Result, Spread, Target, milliseconds
from tests.bench.serving import PASSWORD, Client, gunicorn, open_accounts, served
from tests.bench.voting import BALLOT, ballots_of, voting_cases
from tests.office import BPMN, COUNCIL, Case, Office
from webapp.app import create_app
from webapp.wiring import compose

RATE, LATENCY = Target(100, at_least=True), Target(50)
STEADY_CASES = 120
"""Ten seconds of ballots at that rate: of three, one breath the machine holds would be the 95th percentile."""
IN_IT = "each client votes on cases of its own; server, database and clients share the cores"
Request = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Load:
    """What came of many clients who asked at once."""

    rate: float
    spread: Spread


def over_http(ground: Ground) -> list[Result]:
    """Measure both databases, and on PostgreSQL two and four web processes."""
    postgresql, sqlite = ground.postgresql_office(), ground.sqlite_office()
    found = [*_statements(postgresql)]
    for office, name, workers in ((postgresql, "PostgreSQL", 2), (postgresql, "PostgreSQL", 4), (sqlite, "SQLite", 2)):
        found += _served(ground, office, name, workers)
    postgresql.close()
    sqlite.close()
    return found


def _statements(office: Office) -> list[Result]:
    """Count what one request asks of the database: who asks, the door, the answer."""
    open_accounts(office, COUNCIL)
    ballots = ballots_of(voting_cases(office, 1, session="PH-ĐẾM")[0])
    client = create_app(office.settings, compose(office.settings, office.engine)).test_client()
    statements, commits = [], []
    for ballot in ballots[:-1]:
        token = client.post("/api/v1/auth/token", json={"username": ballot.who, "password": PASSWORD}).get_json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        with counting(office.database) as spent:
            answer = client.post(_path(ballot.task_id), json={"values": BALLOT}, headers=headers)
        if answer.status_code != 200:
            raise AssertionError(f"a ballot was refused: {answer.get_data(as_text=True)[:300]}")
        statements.append(spent.count)
        commits.append(spent.commits)
    data = f"{len(statements)} requests, PostgreSQL"
    return [
        Result("SQL statements per request that completes a task", max(statements), "", Target(12), data=data,
               detail="with those that find out who asks"),
        Result("commits per request that completes a task", max(commits), "", Target(1), data=data),
    ]  # fmt: skip


def _served(ground: Ground, office: Office, name: str, workers: int) -> list[Result]:
    if name == "SQLite":
        open_accounts(office, COUNCIL)
    clients = workers * 2
    cases = voting_cases(office, clients * ground.much(6, 2), session=f"PH-{workers}")
    later = voting_cases(office, ground.much(STEADY_CASES, 4), session=f"PH-{workers}-ĐỀU")
    voters = [[ballot.who for ballot in ballots_of(case)] for case in cases]
    with served(office, workers=workers) as client:
        tokens = {who: client.sign_in(who) for who in COUNCIL}
        ours = press([_ours(client, tokens, cases[place::clients]) for place in range(clients)])
        steady = arrive([_ours(client, tokens, [case]) for case in later], RATE.limit)
    place = f"sqlite:///{ground.new_folder() / 'naive.db'}" if name == "SQLite" else ground.postgresql()
    naive = Naive(place, BPMN)
    others = [naive.start_vote(who) for who in voters]
    naive.close()
    with gunicorn("tests.bench.naive_web:served()", {"NAIVE_DATABASE": place}, workers=workers) as port:
        rival = Client(port)
        theirs = press([_theirs(rival, others[place::clients]) for place in range(clients)])
    where = f"{name}, {workers} web processes"
    data = f"{ours.spread.count} ballots, {clients} clients at once"
    return [
        Result(f"completions over HTTP, {where}", ours.rate, "/s", RATE, None, theirs.rate, data, IN_IT),
        Result(f"… one of them, 95th percentile, {where}", ours.spread.p95, "ms", None, ours.spread, theirs.spread.p95,
               data, "as fast as they can press: their number over the rate, whatever is served"),
        Result(f"one of 100 a second, 95th percentile, {where}", steady.p95, "ms", LATENCY, steady, None,
               f"{steady.count} ballots, one each 10 ms",
               "from the instant a ballot was due to its answer, so that what waits behind a slow one counts too"),
    ]  # fmt: skip


def _path(task_id: Any) -> str:
    return f"/api/v1/tasks/{task_id}/complete"


def _ours(client: Client, tokens: dict[str, str], cases: Sequence[Case]) -> list[Request]:
    body = {"values": BALLOT}
    ballots = [ballot for case in cases for ballot in ballots_of(case)[:-1]]
    return [lambda one=one: client.post(_path(one.task_id), tokens[one.who], body) for one in ballots]  # type: ignore[misc]


def _theirs(client: Client, cases: Sequence[int]) -> list[Request]:
    body = {"values": BALLOT}
    asked = [case for case in cases for _ballot in COUNCIL[:-1]]
    return [lambda case=case: client.post(f"/complete/{case}", "", body) for case in asked]  # type: ignore[misc]


def arrive(work: Sequence[Sequence[Request]], rate: float) -> Spread:
    """Send requests at a steady rate, whether or not the ones before were answered; those of one list in their order.

    Args:
        work: of each case its requests; so many cases are open at once as are needed to keep the rate.
        rate: requests a second.

    """
    rounds = list(zip_longest(*work))
    asked = [request for one in rounds for request in one if request is not None]
    took: list[float] = []

    def send(request: Request, due: float) -> None:
        request()
        took.append((time.perf_counter() - due) * 1_000)

    with ThreadPoolExecutor(max_workers=len(work)) as clients:
        began = time.perf_counter()
        sent = []
        for number, request in enumerate(asked):
            due = began + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            sent.append(clients.submit(send, request, due))
        for one in sent:
            one.result()
    return Spread.of(took)


def press(work: Sequence[Sequence[Request]]) -> Load:
    """Let one thread for each list send its requests, one after the other, all lists at once."""
    started = threading.Barrier(len(work) + 1)
    took: list[float] = []
    faults: list[BaseException] = []

    def send(requests: Sequence[Request]) -> None:
        requests[0]()  # warms the web process and is not counted
        started.wait()
        try:
            took.extend([milliseconds(request) for request in requests[1:]])
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=send, args=(requests,)) for requests in work]
    for thread in threads:
        thread.start()
    started.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return Load(len(took) / (time.perf_counter() - began), Spread.of(took))

"""Completing a task through the engine's door: database, history and a durable commit, on SQLite."""

from dataclasses import replace

from engine.live import LiveRuns
from tests.bench.ground import Ground
from tests.bench.measure import counting
from tests.bench.naive import Naive
from tests.bench.result import Cost, Result, Target, at_median, at_p95, cost
from tests.bench.voting import BALLOT, ballots_of, check_form, voting_cases
from tests.office import BPMN, Case, Office

IN_IT = "a ballot of a secret vote: form, separation of duties, facts, state, task rows, history, commit with fsync"
COLD = "of every second case the state is read anew at each door, as where a case is met by another process each time"


def completion(ground: Ground) -> list[Result]:
    """A case's ballots through the door, then the same ballots through the naive engine, case by case in turn."""
    office = ground.sqlite_office()
    naive = Naive(f"sqlite:///{ground.new_folder() / 'naive.db'}", BPMN)
    ours: list[Cost] = []
    cold: list[Cost] = []
    theirs: list[Cost] = []
    forgetful = replace(office, engine=replace(office.engine, live=LiveRuns(0)))
    *cases, counted = voting_cases(office, ground.much(31, 5))
    for number, case in enumerate(cases):
        door, costs = (forgetful, cold) if number % 2 else (office, ours)
        ballots = ballots_of(case)
        other = naive.start_vote([ballot.who for ballot in ballots])
        costs += [cost(lambda: door.complete(one.task_id, one.actor, **BALLOT)) for one in ballots[:-1]]  # noqa: B023
        theirs += [cost(lambda: naive.complete(other, check_form, BALLOT)) for _ in ballots[:-1]]  # noqa: B023
    statements, commits = _asked(office, counted)
    naive.close()
    office.close()
    data = f"{len(cases)} cases, council of 9, eight of nine ballots each"
    took, theirs_took = [one.took for one in ours], [one.took for one in theirs]
    computing, theirs_computing = [one.computing for one in ours], [one.computing for one in theirs]
    middle = at_median("complete a task: engine, database, history", Target(2), took, theirs_took, data=data,
                       detail=IN_IT)  # fmt: skip
    return [
        middle,
        Result("times faster than the naive engine", middle.ratio or 0, "×", Target(5, at_least=True), data=data),
        at_median(
            "… by a process that keeps no run alive",
            None,
            [one.took for one in cold],
            theirs_took,
            data=data,
            detail=COLD,
        ),
        at_p95("… 95th percentile", None, took, theirs_took, data=data),
        at_median("… of it, time of the processor", None, computing, theirs_computing, data=data),
        Result("SQL statements per completion", statements, "", Target(12), data=data),
        Result("commits per completion", commits, "", Target(1), data=data),
    ]


def _asked(office: Office, case: Case) -> tuple[int, int]:
    """Return how many statements and commits a ballot costs at most; apart, since to count them takes time."""
    found = []
    for ballot in ballots_of(case)[:-1]:
        with counting(office.database) as spent:
            office.complete(ballot.task_id, ballot.actor, **BALLOT)
        found.append((spent.count, spent.commits))
    return max(found)

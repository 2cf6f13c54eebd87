"""Councils of nine, thirty and sixty members: what a ballot costs and what the state weighs."""

from tests.bench.ground import Ground
from tests.bench.naive import Naive
from tests.bench.result import Result, Target, at_median, milliseconds
from tests.bench.voting import BALLOT, ballots_of, check_form, voting_cases
from tests.office import BPMN, Office

SIZES = (9, 30, 60)
CASES = 3


def councils(ground: Ground) -> list[Result]:
    """Measure each size beside the naive engine, turn by turn."""
    office = ground.sqlite_office()
    naive = Naive(f"sqlite:///{ground.new_folder() / 'naive.db'}", BPMN)
    found: list[Result] = []
    for size in SIZES:
        found += _council_of(ground, office, naive, size)
    naive.close()
    office.close()
    return found


def _council_of(ground: Ground, office: Office, naive: Naive, size: int) -> list[Result]:
    cases = voting_cases(office, ground.much(CASES, 1), members=size, session=f"PH-{size}")
    ours, theirs, states, rows = [], [], [], []
    for case in cases:
        ballots = ballots_of(case)
        other = naive.start_vote([ballot.who for ballot in ballots])
        for ballot in ballots[:-1]:
            ours.append(milliseconds(lambda: office.complete(ballot.task_id, ballot.actor, **BALLOT)))  # noqa: B023
            theirs.append(milliseconds(lambda: rows.append(naive.complete(other, check_form, BALLOT))))  # noqa: B023
            states.append(case.state_bytes())
    data = f"{len(cases)} cases, council of {size}"
    return [
        at_median(f"a ballot of a council of {size}", None, ours, theirs, data=data),
        Result(f"largest state, council of {size}", max(states), "bytes", Target(2_048), baseline=max(rows), data=data),
    ]

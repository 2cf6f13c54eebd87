"""A sitting from its first ballot to its last minutes: nine members, sixty nominees, through the doors of today."""

import time

from tests.bench.ground import Ground
from tests.bench.result import Result, Target, milliseconds
from tests.bench.voting import BALLOT, ballots_of, voting_cases
from tests.paths import stories

NOMINEES = 60
IN_IT = (
    "each ballot is a door of its own; the ninth closes and counts its line; then secretary and chair confirm the "
    "minutes of each case; every door waits for the disk; SQLite, one process, one after the other"
)


def whole_sitting(ground: Ground) -> list[Result]:
    """Vote on every nominee, then confirm the minutes of every case."""
    office = ground.sqlite_office()
    cases = voting_cases(office, ground.much(NOMINEES, 4))
    boxes = [ballots_of(case) for case in cases]
    votes: list[float] = []
    closings: list[float] = []
    began = time.perf_counter()
    for box in boxes:
        for ballot in box:
            took = milliseconds(lambda: office.complete(ballot.task_id, ballot.actor, **BALLOT))  # noqa: B023
            (closings if ballot is box[-1] else votes).append(took)
    minutes = [milliseconds(lambda: stories.minuted(office, case)) for case in cases]  # noqa: B023
    total = time.perf_counter() - began
    ballots = len(votes) + len(closings)
    office.close()
    data = f"9 members × {len(cases)} nominees, {ballots} ballots"
    return [
        Result("close a whole sitting: ballots, tally, minutes", total, "s", Target(3), data=data, detail=IN_IT),
        Result("… per ballot, all in", total * 1000 / ballots, "ms", data=data),
        Result("… the ballots that close no line", sum(votes) / 1000, "s", data=f"{len(votes)} ballots"),
        Result("… the ballots that close and count a line", sum(closings) / 1000, "s", data=f"{len(closings)} ballots"),
        Result("… the minutes, by secretary and chair", sum(minutes) / 1000, "s", data=f"{len(minutes)} cases",
               detail="the form is opened and read before it is confirmed, as a page does"),
    ]  # fmt: skip

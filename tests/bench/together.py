"""Nine members vote in the same second: nine processes, and whether each of them was heard."""

from collections import Counter
from random import Random

from tests.bench.ground import Ground
from tests.bench.result import Result, Spread, Target, at_median
from tests.support.nine_votes import vote_together
from tests.support.sitting import MEMBERS, Sitting

ROUNDS = 20


def together(ground: Ground) -> list[Result]:
    """Vote on one matter after the other, on both databases."""
    found: list[Result] = []
    rounds = ground.much(ROUNDS, 3)
    for name in ("PostgreSQL", "SQLite"):
        folder = ground.new_folder()
        url = ground.postgresql() if name == "PostgreSQL" else f"sqlite:///{folder / 'thidua.db'}"
        sitting = Sitting.open(url, folder)
        sitting.compose()
        sitting.call(mode="SECRET")
        votes = vote_together(sitting, url, [sitting.bring().schedule() for _ in range(rounds)], Random(9))
        heard = min(told["voted"] for told in votes.told)
        refused = sum((told for told in votes.told), Counter[str]()) - Counter({"voted": rounds * len(MEMBERS)})
        data = f"{rounds} rounds, {name}"
        found += [
            Result("nine votes in the same second, accepted in the worst round", heard, "of 9",
                   Target(len(MEMBERS), at_least=True), data=data, detail=", ".join(refused) or "nobody refused"),
            at_median("… until the last of nine is answered", None, votes.milliseconds, data=data,
                      detail=f"95th percentile {Spread.of(votes.milliseconds).p95:.0f} ms"),
        ]  # fmt: skip
    return found

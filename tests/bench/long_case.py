"""A case that is returned again and again: what its two hundredth step costs beside its tenth."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.ground import Ground
from tests.bench.measure import counting
from tests.bench.naive import TO_THE_BALLOTS, Naive
from tests.bench.result import Cost, Result, Target, cost
from tests.bench.sizes import history_of
from tests.office import BPMN, Case, Office
from tests.paths import stories

EARLY, LATE = 10, 200
AROUND = 5
"""Steps before and after that one whose median is taken: check and supplement in turn."""
AT_MOST = Target(1.3)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step cost, ours and the naive engine's."""

    ours: Cost
    naive: Cost
    statements: int
    state: int
    history: int


def long_case(ground: Ground) -> list[Result]:
    """Return a nomination and supplement it, over and over, on SQLite; cases in turn, so that noise hits all steps."""
    office = ground.sqlite_office()
    naive = Naive(f"sqlite:///{ground.new_folder() / 'naive.db'}", BPMN)
    cases = ground.much(3, 1)
    late = ground.much(LATE, 40)
    walks = [_walk(office, naive, f"nominee-{number}", late + AROUND) for number in range(cases)]
    naive.close()
    office.close()
    return _compared(walks, late)


def _walk(office: Office, naive: Naive, nominee: str, steps: int) -> list[Step]:
    office.person_arrives(nominee, "Nông Văn Dài", "bacson", "Thư ký")
    case, other = stories.filed(office, nominee=nominee), naive.start({}, TO_THE_BALLOTS[0])
    flaws = stories.items(case, ACHIEVEMENT="Nêu rõ số liệu.")
    found: list[Step] = []
    history = history_of(case)[1]
    while len(found) < steps:
        if len(found) % 2:
            move = _move(case, "supplement_dossier", "head", summary=f"{stories.SUMMARY} Lần {len(found)}.")
            values: dict[str, Any] = {}
        else:
            move = _move(case, "check_completeness", "officer", items=flaws, outcome="returned")
            values = {"completeness": "returned"}
        with counting(office.database) as spent:
            ours = cost(move)
        theirs = cost(lambda: naive.complete(other, lambda _values: None, values))  # noqa: B023
        written, history = history, history_of(case)[1]
        found.append(Step(ours, theirs, spent.count, case.state_bytes(), history - written))
    return found


def _move(case: Case, element: str, who: str, **values: Any) -> Callable[[], object]:
    task, actor = case.task(element, who), case.office.actor(who)
    return lambda: case.office.complete(task.id, actor, **values)


def _compared(walks: Sequence[Sequence[Step]], late: int) -> list[Result]:
    data = f"{len(walks)} cases, each returned {late // 2} times"

    def beside(what: str, read: Callable[[Step], float], **told: Any) -> Result:
        early, then = (_around(walks, place, read) for place in (EARLY, late))
        detail = f"{early:,.4g} at step {EARLY}, {then:,.4g} at step {late}"
        return Result(f"step {late} beside step {EARLY}: {what}", then / early, "×", AT_MOST, data=data, detail=detail,
                      **told)  # fmt: skip

    def growth(read: Callable[[Step], float]) -> float:
        return _around(walks, late, read) / _around(walks, EARLY, read)

    def curve(read: Callable[[Step], float]) -> tuple[tuple[float, float], ...]:
        return tuple((float(place), _around(walks, place, read)) for place in range(EARLY, late + 1, 10))

    return [
        beside("time", lambda s: s.ours.took, baseline=growth(lambda s: s.naive.took),
               series=curve(lambda s: s.ours.took)),
        beside("time of the processor", lambda s: s.ours.computing, baseline=growth(lambda s: s.naive.computing)),
        beside("SQL statements", lambda s: s.statements),
        beside("bytes of state", lambda s: s.state),
        beside("bytes of history written", lambda s: s.history),
        Result(f"… the naive engine at step {late}", _around(walks, late, lambda s: s.naive.took), "ms", data=data,
               detail="it only moves its token: no list of papers is checked, no version of the dossier is written",
               series=curve(lambda s: s.naive.took)),
    ]  # fmt: skip


def _around(walks: Sequence[Sequence[Step]], place: int, read: Callable[[Step], float]) -> float:
    """Return the median of the steps around one, over all cases; of check and supplement alike many."""
    return statistics.median(
        (read(one) + read(two)) / 2
        for walk in walks
        for one, two in zip(walk[place - AROUND : place + AROUND], walk[place - AROUND + 1 : place + AROUND + 1],
                            strict=False)
    )  # fmt: skip

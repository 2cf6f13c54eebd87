"""What a case weighs: its state while nine vote and at its end, its history, and what each step adds."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from engine.db import reading, table_of
from engine.models import HistoryEvent
from tests.bench.ground import Ground
from tests.bench.naive import Naive
from tests.bench.result import Result, Target, at_median
from tests.bench.voting import BALLOT, ballots_of, check_form, voting_cases
from tests.office import BPMN, Case
from tests.paths import stories

STATE, HISTORY = Target(2_048), Target(10_240)


def history_of(case: Case) -> tuple[int, int]:
    """Return how many events a case has and their bytes, as they lie in SQLite."""
    table = table_of(HistoryEvent)
    columns = [sa.func.coalesce(sa.func.length(sa.cast(column, sa.LargeBinary)), 0) for column in table.columns]
    query = sa.select(sa.func.count(), sa.func.sum(sum(columns[1:], columns[0]))).where(table.c.chain == str(case.id))
    with reading(case.office.engine.sessions) as session:
        count, size = session.execute(query).one()
    return count, int(size)


@dataclass
class Weights:
    """State and history of a case after each of its steps."""

    case: Case
    states: list[int] = field(default_factory=list)
    histories: list[int] = field(default_factory=list)

    def weigh(self) -> None:
        """Note what the case weighs now."""
        self.states.append(self.case.state_bytes())
        self.histories.append(history_of(self.case)[1])


def sizes(ground: Ground) -> list[Result]:
    """Walk one case to its end; the naive engine walks beside it while nine vote."""
    office = ground.sqlite_office()
    naive = Naive(f"sqlite:///{ground.new_folder() / 'naive.db'}", BPMN)
    case = voting_cases(office, 1)[0]
    ballots = ballots_of(case)
    other = naive.start_vote([ballot.who for ballot in ballots])
    weights, theirs = Weights(case), []
    for ballot in ballots[:-1]:
        office.complete(ballot.task_id, ballot.actor, **BALLOT)
        weights.weigh()
        theirs.append(naive.complete(other, check_form, BALLOT))
    office.complete(ballots[-1].task_id, ballots[-1].actor, **BALLOT)
    stories.minuted(office, case)
    case.do("director_decides", "director", decision="GRANT_GIAY_KHEN")
    stories.honoured(stories.registered(stories.signed(case)))
    events, history = history_of(case)
    steps = len(case.path())
    end = case.state_bytes()
    naive.close()
    office.close()
    added = [later - earlier for earlier, later in zip(weights.histories, weights.histories[1:], strict=False)]
    return [
        at_median("state of a case while nine vote", STATE, weights.states, theirs, unit="bytes", data="council of 9"),
        Result("state of a case at its end", end, "bytes", STATE, data=f"{steps} steps of people"),
        Result("history of a whole case", history, "bytes", HISTORY, data=f"{events} events, {steps} steps of people",
               detail="every column of every event, ids and hashes too, as it lies in the database; without indexes"),
        Result("history per step of a whole case", history / steps, "bytes", data=f"{steps} steps of people"),
        at_median("history of one ballot", None, added, unit="bytes", data="council of 9"),
    ]  # fmt: skip

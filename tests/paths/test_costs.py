"""What a completion asks of the database: counted, not timed, so the figure holds on every machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from engine.models import HistoryEvent
from tests.bench.measure import counting
from tests.bench.voting import BALLOT, ballots_of, voting_cases
from tests.office import Office
from tests.paths import stories

MOST_STATEMENTS = {"sqlite": 10, "postgresql": 11}
"""PostgreSQL locks the row of the case before the first write, with a statement of its own."""
MOST_BYTES_OF_STATE = 2_048
MOST_BYTES_OF_COUNCILS = {9: 1_100, 30: 1_550, 60: MOST_BYTES_OF_STATE}
"""The ids of who may vote are random and so cannot be packed: 16 bytes of each member, and his task."""
MOST_BYTES_OF_HISTORY = 34_000
"""Of a whole case; why it is not a third of that stands in `engine/README.md`."""


def most_statements(office: Office) -> int:
    return MOST_STATEMENTS[office.database.dialect.name]


def test_a_ballot_costs_few_statements_and_one_commit(office: Office) -> None:
    """All ballots of a council of nine but the last, which also closes and counts the line."""
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    for who in stories.voters(case)[:-1]:
        task, actor = case.task("cast_ballot", who), office.actor(who)
        with counting(office.database) as spent:
            office.complete(task.id, actor, interest="NONE", choice="AGREE", manner="PRESENT")
        assert spent.commits == 1
        assert spent.count <= most_statements(office), "\n".join(spent.statements)


def test_claiming_costs_few_statements_and_one_commit(office: Office) -> None:
    case = stories.filed(office)
    task, actor = case.task("check_completeness", "officer"), office.actor("officer")
    with counting(office.database) as spent:
        office.claim(task.id, actor)
    assert spent.commits == 1
    assert spent.count <= most_statements(office), "\n".join(spent.statements)


@contextmanager
def states_written(office: Office) -> Iterator[list[int]]:
    """Note how many bytes each state has that a door writes while this is open."""
    sizes: list[int] = []

    def sent(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("UPDATE process_instance SET") and " state=" in statement:
            sizes.append(max(len(value) for value in parameters if isinstance(value, memoryview)))

    sa.event.listen(office.database, "before_cursor_execute", sent)
    yield sizes
    sa.event.remove(office.database, "before_cursor_execute", sent)


def test_the_state_stays_small_at_every_step(sqlite_office: Office) -> None:
    """The straight path from the proposal to the award: each state that was written on the way."""
    with states_written(sqlite_office) as sizes:
        stories.straight_path(sqlite_office)
    assert len(sizes) > 20
    assert max(sizes) <= MOST_BYTES_OF_STATE, sizes


def test_the_state_does_not_grow_with_returns(sqlite_office: Office) -> None:
    """A case that is returned again and again weighs what it weighed after the first returns, and writes as much."""
    case = stories.filed(sqlite_office)
    flaws = stories.items(case, ACHIEVEMENT="Nêu rõ số liệu.")
    states, statements = [], []
    for number in range(20):
        with counting(sqlite_office.database) as spent:
            case.do("check_completeness", "officer", items=flaws, outcome="returned")
            case.do("supplement_dossier", "head", summary=f"{stories.SUMMARY} Lần {number}.")
        states.append(case.state_bytes())
        statements.append(spent.count)
    assert states[-1] <= 1.1 * states[1], states
    assert statements[-1] == statements[1], statements


@pytest.mark.parametrize(("members", "most"), MOST_BYTES_OF_COUNCILS.items())
def test_the_state_of_a_vote_by_size_of_the_council(sqlite_office: Office, members: int, most: int) -> None:
    """From the first ballot, when all are open, to the last but one; each costs no more statements than of nine."""
    case = voting_cases(sqlite_office, 1, members=members)[0]
    ballots = ballots_of(case)
    assert len(ballots) == members
    with states_written(sqlite_office) as sizes:
        for ballot in ballots[:-1]:
            with counting(sqlite_office.database) as spent:
                sqlite_office.complete(ballot.task_id, ballot.actor, **BALLOT)
            assert spent.count <= most_statements(sqlite_office), "\n".join(spent.statements)
    assert len(sizes) == members - 1
    assert max(sizes) <= most, sizes


def test_the_history_of_a_case_stays_small(sqlite_office: Office) -> None:
    """The straight path from the proposal to the award, as its rows lie in the database."""
    case = stories.straight_path(sqlite_office)
    columns = [sa.func.length(sa.cast(column, sa.LargeBinary)) for column in HistoryEvent.__table__.columns]
    lengths = [sa.func.coalesce(column, 0) for column in columns]
    query = sa.select(sa.func.sum(sum(lengths[1:], lengths[0]))).where(HistoryEvent.chain == str(case.id))
    with sqlite_office.database.connect() as connection:
        assert 0 < connection.execute(query).scalar_one() <= MOST_BYTES_OF_HISTORY

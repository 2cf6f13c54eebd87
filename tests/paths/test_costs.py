"""What a completion asks of the database: counted, not timed, so the figure holds on every machine."""

import sqlalchemy as sa

from engine.models import HistoryEvent
from tests.bench.measure import counting
from tests.office import Office
from tests.paths import stories

MOST_STATEMENTS = {"sqlite": 10, "postgresql": 11}
"""PostgreSQL locks the row of the case before the first write, with a statement of its own."""
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


def test_the_state_of_a_case_stays_small(sqlite_office: Office) -> None:
    """A case in the middle of a vote of nine: its state in bytes, and its history with it."""
    case = stories.ready_for_council(sqlite_office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(sqlite_office))
    sqlite_office.wait(hours=1)
    stories.vote(case, only=4)
    assert case.state_bytes() <= 2_048


def test_the_history_of_a_case_stays_small(sqlite_office: Office) -> None:
    """The straight path from the proposal to the award, as its rows lie in the database."""
    case = stories.straight_path(sqlite_office)
    columns = [sa.func.length(sa.cast(column, sa.LargeBinary)) for column in HistoryEvent.__table__.columns]
    lengths = [sa.func.coalesce(column, 0) for column in columns]
    query = sa.select(sa.func.sum(sum(lengths[1:], lengths[0]))).where(HistoryEvent.chain == str(case.id))
    with sqlite_office.database.connect() as connection:
        assert 0 < connection.execute(query).scalar_one() <= MOST_BYTES_OF_HISTORY

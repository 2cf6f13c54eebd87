"""What a completion asks of the database: counted, not timed, so the figure holds on every machine."""

from tests.bench.measure import counting
from tests.office import Office
from tests.paths import stories

MOST_STATEMENTS = 12


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
        assert spent.count <= MOST_STATEMENTS, "\n".join(spent.statements)


def test_claiming_costs_few_statements_and_one_commit(office: Office) -> None:
    case = stories.filed(office)
    task, actor = case.task("check_completeness", "officer"), office.actor("officer")
    with counting(office.database) as spent:
        office.claim(task.id, actor)
    assert spent.commits == 1
    assert spent.count <= MOST_STATEMENTS, "\n".join(spent.statements)


def test_the_state_of_a_case_stays_small(sqlite_office: Office) -> None:
    """A case in the middle of a vote of nine: its state in bytes, and its history with it."""
    case = stories.ready_for_council(sqlite_office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(sqlite_office))
    sqlite_office.wait(hours=1)
    stories.vote(case, only=4)
    assert case.state_bytes() <= 2_048

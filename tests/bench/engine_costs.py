"""Completions through the engine's door and the database, and what a case weighs."""

import statistics
from pathlib import Path

import sqlalchemy as sa

from engine.db import reading
from engine.models import HistoryEvent, ProcessInstance
from tests.bench.measure import Row, counting, milliseconds, percentiles
from tests.bench.naive import Naive
from tests.office import BPMN, Case, Office
from tests.paths import stories
from workflows.council.forms import BallotForm

CASES = 12
BALLOT = {"interest": "NONE", "choice": "AGREE", "manner": "PRESENT"}


def voting_cases(office: Office, count: int) -> list[Case]:
    """Cases in the middle of a secret vote of a council of nine, one nominee each."""
    found = []
    session = ""
    for number in range(count):
        nickname = f"nominee-{number}"
        office.person_arrives(nickname, f"Nông Văn Số{number}", "bacson", "Thư ký")
        case = stories.ready_for_council(office, nominee=nickname)
        session = session or stories.sitting(office, deadline_days=3_000)
        case.do("schedule_nomination", "secretary", session_key=session)
        found.append(case)
    office.wait(hours=1)
    return found


def check_form(values: dict[str, str]) -> None:
    """The form check the baseline does too."""
    BallotForm().load(values)


def ballots(folder: Path) -> list[Row]:
    """Each ballot through the door beside the same ballot through the naive engine, turn by turn."""
    office = Office.open(f"sqlite:///{folder / 'thidua.db'}", folder)
    naive = Naive(f"sqlite:///{folder / 'naive.db'}", BPMN)
    ours, theirs, statements, commits = [], [], [], []
    for case in voting_cases(office, CASES):
        voters = stories.voters(case)
        other = naive.start(voters)
        for who in voters[:-1]:
            task, actor = case.task("cast_ballot", who), office.actor(who)
            with counting(office.database) as spent:
                ours.append(milliseconds(lambda: office.complete(task.id, actor, **BALLOT)))  # noqa: B023 - run at once
            statements.append(spent.count)
            commits.append(spent.commits)
            theirs.append(milliseconds(lambda: naive.complete(other, check_form, BALLOT)))  # noqa: B023 - run at once
    naive.close()
    office.close()
    return [
        *percentiles("complete a ballot, engine + SQLite WAL durable", "ms", ours, theirs, "<= 5"),
        Row("SQL statements per completion", "count", max(statements), None, "<= 12"),
        Row("commits per completion", "count", max(commits), None, "1"),
    ]


def bytes_per_case(folder: Path) -> list[Row]:
    """State and history of a case at the end of its path, beside the naive row in the middle of a vote."""
    office = Office.open(f"sqlite:///{folder / 'thidua.db'}", folder)
    naive = Naive(f"sqlite:///{folder / 'naive.db'}", BPMN)
    case = voting_cases(office, 1)[0]
    voters = stories.voters(case)
    other = naive.start(voters)
    sizes, naive_sizes = [], []
    for who in voters[:-1]:
        case.do("cast_ballot", who, **BALLOT)
        sizes.append(case.state_bytes())
        naive_sizes.append(naive.complete(other, check_form, BALLOT))
    case.do("cast_ballot", voters[-1], **BALLOT)
    stories.minuted(office, case)
    case.do("director_decides", "director", decision="GRANT_GIAY_KHEN")
    stories.honoured(stories.registered(stories.signed(case)))
    with reading(office.engine.sessions) as session:
        state = len(session.get_one(ProcessInstance, case.id).state)
        columns = [sa.func.length(sa.cast(column, sa.Text)) for column in HistoryEvent.__table__.columns]
        query = sa.select(sa.func.sum(sum(columns[1:], columns[0]))).where(HistoryEvent.chain == str(case.id))
        history = int(session.execute(query).scalar_one())
    naive.close()
    office.close()
    return [
        Row(
            "state of a case while nine vote, median",
            "bytes",
            statistics.median(sizes),
            statistics.median(naive_sizes),
            "<= 2,048",
        ),
        Row("state of a case at its end", "bytes", state, None, "<= 2,048"),
        Row("history of a whole case", "bytes", history, None, "<= 10,240"),
    ]

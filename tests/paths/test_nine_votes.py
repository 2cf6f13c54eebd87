"""Nine members press the button in the same moment: nine operating-system processes, nine ballots, every time."""

import multiprocessing as mp
from collections import Counter
from collections.abc import Iterator
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands.tasks import complete_task
from engine.db import reading
from engine.errors import EngineError
from engine.history import verify
from engine.models import HistoryEvent, UserTask
from tests.support.sitting import MEMBERS, Matter, Sitting, actor_in, connect
from workflows.council import queries
from workflows.council.models import BallotChoice, BallotReceipt, OpenBallot, SecretBallot

ROUNDS = 20
PATIENCE = 120
CHOICES = [choice.value for choice in BallotChoice]


@pytest.fixture
def sitting(database_url: str, tmp_path: Path) -> Iterator[Sitting]:
    opened = Sitting.open(database_url, tmp_path)
    opened.compose()
    yield opened
    opened.close()


def member_votes(
    database_url: str, person: str, ballots: list[tuple[UUID, str]], together: Barrier, answers: "Queue[str]"
) -> None:
    """One member in a process of its own: waits for the others before each ballot."""
    engine = connect(database_url)
    actor = actor_in(engine, person)
    for task_id, choice in ballots:
        together.wait(PATIENCE)
        try:
            complete_task(engine, task_id, actor, {"interest": "NONE", "choice": choice})
        except EngineError as refusal:
            answers.put(refusal.code)
        else:
            answers.put("voted")
    engine.sessions.kw["bind"].dispose()


def vote_together(sitting: Sitting, database_url: str, matters: list[Matter], luck: Random) -> list[Counter[str]]:
    """Let nine processes vote on one matter after the other; return how many chose what on each."""
    votes = [{member: luck.choice(CHOICES) for member in MEMBERS} for _ in matters]
    tasks = [{member: matter.task("cast_ballot", member).id for member in MEMBERS} for matter in matters]
    ballots = {
        member: [(task[member], vote[member]) for task, vote in zip(tasks, votes, strict=True)] for member in MEMBERS
    }  # fmt: skip
    sitting.close()
    context = mp.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # nine processes, but what they share is read once
    together, answers = context.Barrier(len(MEMBERS)), context.Queue()
    people = [
        context.Process(target=member_votes, args=(database_url, sitting.people[one], ballots[one], together, answers))
        for one in MEMBERS
    ]  # fmt: skip
    for person in people:
        person.start()
    told = Counter(answers.get(timeout=PATIENCE) for _ in range(len(matters) * len(MEMBERS)))
    for person in people:
        person.join(PATIENCE)
    assert [person.exitcode for person in people] == [0] * len(MEMBERS)
    assert told == {"voted": len(matters) * len(MEMBERS)}, "nobody is turned away or shown a lock"
    return [Counter(vote.values()) for vote in votes]


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "rounds"), [("SECRET", ROUNDS), ("OPEN", 5)])
def test_nine_of_nine_stand_in_every_round(sitting: Sitting, database_url: str, mode: str, rounds: int) -> None:
    sitting.call(mode=mode)
    matters = [sitting.bring().schedule() for _ in range(rounds)]
    counts = vote_together(sitting, database_url, matters, Random(9))
    table = SecretBallot if mode == "SECRET" else OpenBallot
    with reading(sitting.engine.sessions) as session:
        for matter, count in zip(matters, counts, strict=True):
            line = queries.line_view(session, matter.line_id)
            result = line.result
            assert result is not None, "the ninth ballot closed the line"
            assert (result.cast, result.recused, result.members) == (9, 0, 9)
            assert (result.agree, result.disagree, result.abstain) == tuple(count[choice] for choice in CHOICES)
            assert result.intact
            boxed = session.scalars(sa.select(table.choice).where(table.line_id == line.line_id)).all()
            assert Counter(choice.value for choice in boxed) == count
            receipts = session.scalars(sa.select(BallotReceipt).where(BallotReceipt.line_id == line.line_id)).all()
            assert len({receipt.member_id for receipt in receipts}) == len(receipts) == 9
            tasks = session.scalars(sa.select(UserTask).where(
                UserTask.instance_id == matter.id, UserTask.element_id == "cast_ballot")).all()  # fmt: skip
            assert [str(task.status) for task in tasks] == ["completed"] * 9
            assert all(task.completed_by == task.assignee for task in tasks)
            assert matter.open_elements() == ["confirm_minutes_secretary"]
            closed = sa.select(sa.func.count()).where(
                HistoryEvent.chain == str(matter.id), HistoryEvent.element_id == "close_line",
                HistoryEvent.kind == "service.done",
            )  # fmt: skip
            assert session.scalar(closed) == 1, "the line was counted once"
        assert list(verify(session)) == []

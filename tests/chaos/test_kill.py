"""A process that takes ballots is killed at any point, ten times over, and nothing is lost or done twice.

What the process had told before it died stands; what it had not told either happened as a whole or not at all, and
asking again under the same key finds out which without doing it twice.
"""

import multiprocessing as mp
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import history
from engine.commands.tasks import complete_task
from engine.db import open_database, reading
from engine.models import HistoryEvent, IdempotencyRecord, TaskStatus, UserTask
from tests.support.sitting import MEMBERS, Sitting, actor_in, connect
from workflows.council.models import BallotChoice, BallotReceipt, SecretBallot

KILLS = 10
MATTERS = 14
MOST_BEFORE_A_KILL = 12
"""How many answers a process may give at most before it is killed."""
ONE_BALLOT = 0.02
"""About how many seconds a ballot takes, so that the kill falls anywhere within one."""
PATIENCE = 120
CHOICES = [choice.value for choice in BallotChoice]


@dataclass(frozen=True)
class Request:
    """A ballot as it is sent, as often as needed."""

    task_id: UUID
    person: str
    choice: str

    @property
    def key(self) -> str:
        return f"ballot-{self.task_id}"


Answer = tuple[tuple[str, ...], tuple[str, ...]]
"""Ids of the tasks opened and closed."""


def take_ballots(database_url: str, requests: list[Request], told: Connection, *, stays: bool) -> None:
    """A process of the product: does one request after the other and tells each answer; to be killed, it stays."""
    engine = connect(database_url)
    for request in requests:
        result = complete_task(
            engine, request.task_id, actor_in(engine, request.person), {"interest": "NONE", "choice": request.choice},
            idempotency_key=request.key,
        )  # fmt: skip
        answer = tuple(str(task.id) for task in result.opened), tuple(str(task_id) for task_id in result.closed)
        told.send((request.key, answer))
    if stays:  # whoever is to kill it may be late on a busy machine
        signal.pause()
    told.send(None)


@dataclass
class Service:
    """The service, whose process is killed now and then, and what it has told so far."""

    database_url: str
    requests: list[Request]
    told: dict[str, Answer]
    luck: Random

    def runs(self, *, until_killed: bool) -> None:
        """Send all requests again from the first; every answer that comes twice must be the same."""
        context = mp.get_context("forkserver")
        ours, theirs = context.Pipe(duplex=False)
        known = sum(request.key in self.told for request in self.requests)
        patience = known + self.luck.randint(0, MOST_BEFORE_A_KILL) if until_killed else len(self.requests) + 1
        process = context.Process(
            target=take_ballots, args=(self.database_url, self.requests[: patience + 2], theirs),
            kwargs={"stays": until_killed},
        )  # fmt: skip
        process.start()
        theirs.close()
        for _answer in range(patience):
            if not self.hear(ours):
                break
        if until_killed:
            ours.poll(self.luck.uniform(0, ONE_BALLOT))
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
        while self.hear(ours):
            pass  # what it had told and was not read yet stands as well
        process.join(PATIENCE)
        assert process.exitcode == (-signal.SIGKILL if until_killed else 0)
        process.close()
        ours.close()

    def hear(self, ours: Connection) -> bool:
        try:
            told = ours.recv()
        except EOFError:
            return False
        if told is None:
            return False
        key, answer = told
        assert self.told.setdefault(key, answer) == answer, "a repeated request gets the first answer"
        return True


@pytest.fixture
def sitting(sqlite_url: str, tmp_path: Path) -> Iterator[Sitting]:
    opened = Sitting.open(sqlite_url, tmp_path)
    opened.compose()
    opened.call()
    yield opened
    opened.close()


def stands_as_told(database_url: str, service: Service) -> int:
    """Look at the database as the killed process left it; return how many ballots are in."""
    database, sessions = open_database(database_url)
    with reading(sessions, at_one_instant=True) as session:
        assert list(history.verify(session)) == []
        ballots = list(session.scalars(sa.select(UserTask).where(UserTask.element_id == "cast_ballot")))
        assert len(ballots) == len(service.requests), "no task is lost, none is there twice"
        done = {task.id for task in ballots if task.status == TaskStatus.COMPLETED}
        assert {task.id for task in ballots if task.status != TaskStatus.OPEN} == done
        keys = {request.key for request in service.requests if request.task_id in done}
        assert set(service.told) <= keys, "what was told stands"
        assert len(keys - set(service.told)) <= 1, "at most one answer was lost on its way"
        receipts = Counter(session.scalars(sa.select(BallotReceipt.receipt_id)))
        boxed = session.scalar(sa.select(sa.func.count()).select_from(SecretBallot))
        assert (len(receipts), max(receipts.values(), default=1), boxed) == (len(done), 1, len(done))
        assert set(session.scalars(sa.select(IdempotencyRecord.key))) == keys
        completed = sa.select(sa.func.count()).where(
            HistoryEvent.kind == "task.completed", HistoryEvent.element_id == "cast_ballot"
        )
        assert session.scalar(completed) == len(done)
    database.dispose()
    return len(done)


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_done_twice(sitting: Sitting, sqlite_url: str) -> None:
    mp.get_context("forkserver").set_forkserver_preload(["tests.chaos.test_kill"])
    luck = Random(20)
    matters = [sitting.bring().schedule() for _ in range(MATTERS)]
    requests = [
        Request(matter.task("cast_ballot", who).id, sitting.people[who], luck.choice(CHOICES))
        for matter in matters for who in MEMBERS
    ]  # fmt: skip
    sitting.close()
    service = Service(sqlite_url, requests, {}, luck)
    done = [0]
    for _kill in range(KILLS):
        service.runs(until_killed=True)
        done.append(stands_as_told(sqlite_url, service))
    assert done == sorted(done)
    assert 0 < done[-1] < len(requests), "it was killed while there was work"
    service.runs(until_killed=False)
    assert stands_as_told(sqlite_url, service) == len(service.told) == len(requests)
    for matter in matters:
        assert matter.open_elements() == ["confirm_minutes_secretary"]
        counted = [event for event in history_of(sitting, matter.id) if event == "close_line"]
        assert len(counted) == 1, "each line was counted once"


def history_of(sitting: Sitting, instance_id: UUID) -> list[str]:
    """Elements of the services a case ran, in order."""
    with reading(sitting.engine.sessions) as session:
        query = sa.select(HistoryEvent.element_id).where(
            HistoryEvent.chain == str(instance_id), HistoryEvent.kind == "service.done"
        )
        return list(session.scalars(query))

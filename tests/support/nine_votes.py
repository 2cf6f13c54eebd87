"""Nine members press the button in the same moment: nine operating-system processes, matter after matter."""

import multiprocessing as mp
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from random import Random
from uuid import UUID

from engine.commands.tasks import complete_task
from engine.errors import EngineError
from tests.support.sitting import MEMBERS, Matter, Sitting, actor_in, connect
from workflows.council.models import BallotChoice

PATIENCE = 120
CHOICES = [choice.value for choice in BallotChoice]


@dataclass(frozen=True, slots=True)
class Votes:
    """What became of the ballots of a sitting.

    Attributes:
        counts: how many chose what, matter by matter.
        told: what the doors answered, matter by matter: `voted`, or the code of a refusal.
        milliseconds: how long after all were free to press the last of them was answered, matter by matter.

    """

    counts: list[Counter[str]]
    told: list[Counter[str]]
    milliseconds: list[float]


def member_votes(
    database_url: str, person: str, ballots: list[tuple[UUID, str]], together: Barrier,
    answers: "Queue[tuple[int, str, float]]",
) -> None:  # fmt: skip
    """One member in a process of its own: waits for the others before each ballot."""
    engine = connect(database_url)
    actor = actor_in(engine, person)
    for matter, (task_id, choice) in enumerate(ballots):
        together.wait(PATIENCE)
        began = time.perf_counter()
        try:
            complete_task(engine, task_id, actor, {"interest": "NONE", "choice": choice})
        except EngineError as refusal:
            told = refusal.code
        else:
            told = "voted"
        answers.put((matter, told, (time.perf_counter() - began) * 1000))
    engine.sessions.kw["bind"].dispose()


def vote_together(sitting: Sitting, database_url: str, matters: Sequence[Matter], luck: Random) -> Votes:
    """Let nine processes vote on one matter after the other; the sitting's own connections are closed before."""
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
    told = [Counter[str]() for _ in matters]
    took = [0.0] * len(matters)
    for _ in range(len(matters) * len(MEMBERS)):
        matter, answer, spent = answers.get(timeout=PATIENCE)
        told[matter][answer] += 1
        took[matter] = max(took[matter], spent)
    for person in people:
        person.join(PATIENCE)
    assert [person.exitcode for person in people] == [0] * len(MEMBERS)
    return Votes([Counter(vote.values()) for vote in votes], told, took)

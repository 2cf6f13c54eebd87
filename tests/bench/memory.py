"""What a web process holds after a hundred thousand completions: the whole product loaded, doors in a loop."""

import multiprocessing as mp
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from typing import Any

import sqlalchemy as sa

from engine.commands.tasks import complete_task
from engine.deployment import read_folder
from engine.live import MOST_BYTES, Tally
from engine.spiff.parser import parse
from tests.bench.ground import Ground
from tests.bench.machine import memory_of_this_process
from tests.bench.result import Result, Target
from tests.bench.voting import BALLOT
from tests.office import BPMN
from tests.support.sitting import MEMBERS, Sitting
from webapp.app import create_app
from webapp.schema import metadata
from webapp.settings import Settings

COMPLETIONS = 100_000
LOOKS = 20
AT_MOST = Target(250)
IN_IT = (
    "a process of its own that has loaded the web application and all diagrams, and runs the council's doors one after "
    "the other on SQLite in memory: each case begins, is put on a sitting and voted on by nine"
)


@dataclass(frozen=True, slots=True)
class Held:
    """What the process held after so many completions, in all and of it in runs kept alive for the next door."""

    completions: int
    megabytes: float
    live: Tally


def memory(ground: Ground) -> list[Result]:
    """Let a process of its own complete tasks, and look at its memory on the way."""
    wanted = ground.much(COMPLETIONS, 2_000)
    context = mp.get_context("spawn")
    answers: Queue[Any] = context.Queue()
    process = context.Process(target=complete_many, args=(str(ground.in_memory()), wanted, answers))
    began = time.perf_counter()
    process.start()
    held: list[Held] = []
    while not held or held[-1].completions < wanted:
        with suppress(Empty):
            held.append(answers.get(timeout=5))
            continue
        if not process.is_alive():
            raise RuntimeError(f"the process ended with {process.exitcode}")
    process.join()
    spent = time.perf_counter() - began
    most_live = max(one.live.weight for one in held) / 1e6
    settled = next(one for one in held if one.completions >= wanted // 10)
    data = f"{held[-1].completions:,} completions in {spent:.0f} s"
    curve = tuple((float(one.completions), one.megabytes) for one in held)
    return [
        Result("memory of a web process after many completions", held[-1].megabytes, "MB", AT_MOST, data=data,
               detail=IN_IT, series=curve),
        Result("… growth since a tenth of them", held[-1].megabytes - settled.megabytes, "MB", data=data,
               detail=f"{settled.megabytes:.0f} MB after {settled.completions:,}"),
        Result("runs kept alive for the next door, at most", most_live, "MB", Target(round(MOST_BYTES / 1e6, 1)),
               data=f"{held[-1].live.runs:,} runs kept, {held[-1].live.found:,} doors found one",
               detail=f"{held[-1].live.missed:,} doors read the state"),
    ]  # fmt: skip


def complete_many(folder: str, wanted: int, answers: "Queue[Held]") -> None:
    """Complete tasks as a web process does, and tell what it holds every now and then."""
    place = Path(folder)
    url = f"sqlite:///{place / 'thidua.db'}"
    sitting = Sitting.open(url, place)
    shell = _load_the_shell(url, place)
    sitting.compose()
    sitting.call(mode="SECRET")
    actors = {sitting.people[who]: sitting.actor(who) for who in MEMBERS}
    live = sitting.engine.live
    done, every = 0, max(wanted // LOOKS, 1)
    answers.put(Held(0, memory_of_this_process(), live.tally()))
    while done < wanted:
        matter = sitting.bring().schedule()
        ballots = [task for task in matter.tasks() if task.element_id == "cast_ballot"]
        for task in ballots:
            actor = actors[str(task.assignee)]
            complete_task(sitting.engine, task.id, actor, dict(BALLOT), idempotency_key=f"key-{task.id}")
        before, done = done, done + 1 + len(ballots)
        if done // every > before // every or done >= wanted:
            answers.put(Held(done, memory_of_this_process(), live.tally()))
    sitting.close()
    del shell


def _load_the_shell(url: str, folder: Path) -> list[Any]:
    """Return what a web process holds besides: the application, which has shown a page, and all diagrams parsed."""
    settings = Settings(data_dir=folder, database_url=url, broker_url="memory://", secret_key="x" * 40)
    metadata().create_all(sa.create_engine(url))
    app = create_app(settings)
    if app.test_client().get("/sign-in").status_code != 200:
        raise AssertionError("the shell shows no page")
    return [app, *(parse({key: xml}) for key, xml in read_folder(BPMN).diagrams.items())]

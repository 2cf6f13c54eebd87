"""A million timers that wait: what looks for due work cost that find nothing due."""

from typing import Any

import sqlalchemy as sa

from engine.commands.jobs import due_jobs
from engine.commands.pulses import beat
from engine.commands.stuck import stuck_cases
from engine.commands.timers import DUE_INSTANCES, run_due_timers
from engine.db import reading, table_of
from engine.models import DueTimer, ProcessInstance
from tests.bench import filling
from tests.bench.filling import analyse, copies, numbers
from tests.bench.ground import Ground
from tests.bench.result import Result, Target, at_median, timed
from tests.office import Office
from tests.paths import stories

CASES, TIMERS_OF_EACH = 100_000, 10
ROUNDS = 200


def timers(ground: Ground) -> list[Result]:
    """Measure PostgreSQL, then SQLite."""
    found: list[Result] = []
    cases = ground.much(CASES, 1_000)
    for name, office in (("PostgreSQL", ground.postgresql_office()), ("SQLite", ground.sqlite_office())):
        fill(office, cases)
        found += _looks(ground, office, f"{cases * TIMERS_OF_EACH:,} timers of {cases:,} cases, {name}")
        office.close()
    return found


def fill(office: Office, cases: int) -> None:
    """Copy a case inside the database, and give every copy timers that are due in years."""
    model = stories.filed(office).id
    instance, timer = table_of(ProcessInstance), table_of(DueTimer)
    own, each = numbers(1, cases, "own"), numbers(1, TIMERS_OF_EACH, "each")
    sqlite = office.database.dialect.name == "sqlite"
    copied = {"business_key": sa.literal("copy-", sa.Text) + sa.cast(own.c.n, sa.Text)}
    made = {
        "instance_id": instance.c.id, "token": sa.literal("copy-", sa.Text) + sa.cast(each.c.n, sa.Text),
        "element_id": sa.literal("ev_deadline"), "kind": sa.literal("timer"), "count": sa.literal(0),
        "due_at": sa.literal_column(
            "strftime('%Y-%m-%d %H:%M:%S', '2030-01-01', each.n || ' hours') || '.000000'" if sqlite
            else "timestamptz '2030-01-01' + each.n * interval '1 hour'"
        ),
    }  # fmt: skip
    filling.fill(
        office,
        copies(office, instance, copied, sa.join(instance, own, sa.true()), instance.c.id == model),
        copies(office, timer, made, sa.join(instance, each, sa.true()), instance.c.id != model),
    )
    analyse(office, instance, timer)


def _looks(ground: Ground, office: Office, data: str) -> list[Result]:
    rounds = ground.much(ROUNDS, 20)
    engine, now = office.engine, office.clock.now()

    def ask(query: sa.Select[Any], **values: Any) -> None:
        with reading(engine.sessions) as session:
            session.execute(query, values).all()

    smallest = timed(lambda: ask(sa.select(sa.literal(1))), rounds)
    due = timed(lambda: ask(DUE_INSTANCES, now=now, most=200), rounds)
    work = timed(lambda: ask(due_jobs(now).limit(100)), rounds)
    stuck = timed(lambda: ask(stuck_cases(200)), 5)
    whole = timed(lambda: run_due_timers(engine), rounds)
    beats = timed(lambda: beat(engine, "timers", 0), rounds)
    return [
        at_median("idle poll of due timers", Target(1), due, data=data, detail="opened, asked, rolled back"),
        at_median("idle poll of due jobs", Target(1), work, data=data),
        at_median("… the smallest statement there is", None, smallest, data=data,
                  detail="opened, asked, rolled back: what remains is the driver's and the server's"),
        at_median("… the whole door of timers with nothing due", None, whole, data=data,
                  detail="with the pulse it writes for the administration page, a durable commit"),
        at_median("… of it, the pulse", None, beats, data=data),
        at_median("… the search for cases that wait for nothing", None, stuck, data=data,
                  detail="runs seldom, and looks at every running case"),
    ]  # fmt: skip

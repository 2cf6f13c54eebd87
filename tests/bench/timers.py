"""A million timers that wait: what a look costs that finds none due."""

import sqlalchemy as sa

from engine.commands.pulses import beat
from engine.commands.timers import due_instances, run_due_timers
from engine.db import reading, table_of
from engine.models import DueTimer
from tests.bench.ground import Ground
from tests.bench.result import Result, Target, at_median, timed
from tests.office import Office
from tests.paths import stories

WAITING = 1_000_000
ROUNDS = 200


def timers(ground: Ground) -> list[Result]:
    """Measure PostgreSQL, then SQLite."""
    found: list[Result] = []
    for name, office in (("PostgreSQL", ground.postgresql_office()), ("SQLite", ground.sqlite_office())):
        count = ground.much(WAITING, 10_000)
        fill(office, count)
        found += _polls(ground, office, f"{count:,} timers, {name}")
        office.close()
    return found


def fill(office: Office, count: int) -> None:
    """Copy a timer of a case inside the database; all are due in years."""
    case = stories.filed(office)
    table = table_of(DueTimer)
    numbers = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < count))
    sqlite = office.database.dialect.name == "sqlite"
    made = {
        "id": sa.literal_column("lower(hex(randomblob(16)))" if sqlite else "gen_random_uuid()"),
        "instance_id": sa.literal(case.id, sa.Uuid()),
        "token": sa.literal("copy-", sa.Text) + sa.cast(numbers.c.n, sa.Text),
        "element_id": sa.literal("ev_deadline"), "kind": sa.literal("timer"), "count": sa.literal(0),
        "due_at": sa.literal_column(
            "strftime('%Y-%m-%d %H:%M:%S', '2030-01-01', n || ' seconds') || '.000000'" if sqlite
            else "timestamptz '2030-01-01' + n * interval '1 second'"
        ),
    }  # fmt: skip
    names = [column.name for column in table.columns]
    copies = sa.select(*(made[name].label(name) for name in names)).select_from(numbers)
    with office.database.begin() as connection:
        connection.execute(sa.insert(table).from_select(names, copies))
    if not sqlite:
        with office.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE due_timer")


def _polls(ground: Ground, office: Office, data: str) -> list[Result]:
    rounds = ground.much(ROUNDS, 20)
    engine = office.engine

    def look() -> None:
        with reading(engine.sessions) as session:
            session.scalars(due_instances(engine.clock.now(), 200)).all()

    looks = timed(look, rounds)
    whole = timed(lambda: run_due_timers(engine), rounds)
    beats = timed(lambda: beat(engine, "timers", 0), rounds)
    return [
        at_median("idle poll of due timers", Target(1), looks, data=data, detail="opened, asked, rolled back"),
        at_median("… the whole door with nothing due", None, whole, data=data,
                  detail="with the pulse it writes for the administration page, a durable commit"),
        at_median("… of it, the pulse", None, beats, data=data),
    ]  # fmt: skip

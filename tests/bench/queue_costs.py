"""The queue with a thousand and with a hundred thousand open tasks: the query and the page over HTTP."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from engine import queries
from engine.context import Actor
from engine.models import UserTask
from tests.bench.measure import Row, milliseconds, percentiles
from tests.bench.serving import served
from tests.office import Office
from tests.paths import stories

SIZES = (1_000, 100_000)
ROUNDS = 60


def fill(office: Office, count: int) -> None:
    """Copy an open shared task until there are `count`, all of one office's queue."""
    case = stories.filed(office)
    with office.database.begin() as connection:
        table = UserTask.__table__
        model = dict(
            connection.execute(sa.select(table).where(table.c.instance_id == case.id, table.c.status == "open"))
            .mappings()
            .one()
        )
        rows = [{**model, "id": office.engine.ids.new(), "token": f"copy-{n}"} for n in range(count - 1)]
        for start in range(0, len(rows), 5_000):
            connection.execute(sa.insert(table), rows[start : start + 5_000])


def queue_pages(folder: Path) -> list[Row]:
    """Measure both sizes."""
    rows: list[Row] = []
    for size in SIZES:
        place = folder / str(size)
        place.mkdir()
        rows += queue_of(place, size)
    return rows


def queue_of(folder: Path, size: int) -> list[Row]:
    """One queue: the query, the API's page, the page people see."""
    office = Office.open(f"sqlite:///{folder / 'thidua.db'}", folder)
    fill(office, size)
    actor = office.actor("officer")
    what = f"queue of {size:,} open tasks"
    asked = timed(lambda: queries.list_tasks(office.engine, actor, "group", limit=50))
    naive = timed(lambda: one_or_query(office, actor))
    with served(office, ("officer",)) as client:
        token = client.sign_in("officer")
        pages = timed(lambda: client.get("/api/v1/tasks?queue=group&limit=50", token))
        client.open_browser("officer")
        html = timed(lambda: client.page("/tasks/group"))
    office.close()
    return [
        *percentiles(f"{what}, query (baseline: one OR query)", "ms", asked, naive),
        *percentiles(f"{what}, over HTTP (API)", "ms", pages),
        *percentiles(f"{what}, page over HTTP", "ms", html, None, "<= 30"),
    ]


def one_or_query(office: Office, actor: Actor) -> None:
    """What a queue costs that asks "mine or my roles'" at once, as products of the field do."""
    table = UserTask.__table__
    mine = sa.or_(table.c.assignee == actor.id, sa.and_(table.c.assignee.is_(None), table.c.queue.in_(actor.groups)))
    query = sa.select(table).where(table.c.status == "open", mine).order_by(table.c.created_at, table.c.id).limit(50)
    with office.database.connect() as connection:
        connection.execute(query).all()


def timed(work: Callable[[], object]) -> list[float]:
    """Do it once unmeasured, then many times."""
    work()
    return [milliseconds(work) for _ in range(ROUNDS)]

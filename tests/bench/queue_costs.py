"""The queue with a thousand and with a hundred thousand open tasks: the query and the page over HTTP."""

from pathlib import Path

import sqlalchemy as sa

from engine import queries
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
        model = dict(connection.execute(sa.select(table).where(table.c.instance_id == case.id, table.c.status == "open")).mappings().one())
        rows = [{**model, "id": office.engine.ids.new(), "token": f"copy-{n}"} for n in range(count - 1)]
        for start in range(0, len(rows), 5_000):
            connection.execute(sa.insert(table), rows[start : start + 5_000])


def queue_pages(folder: Path) -> list[Row]:
    """Measure both sizes."""
    rows: list[Row] = []
    for size in SIZES:
        place = folder / str(size)
        place.mkdir()
        office = Office.open(f"sqlite:///{place / 'thidua.db'}", place)
        fill(office, size)
        actor = office.actor("officer")
        asked = [milliseconds(lambda: queries.list_tasks(office.engine, actor, "group", limit=50)) for _ in range(ROUNDS)]  # noqa: B023 - run at once
        rows += percentiles(f"queue of {size:,} open tasks, query", "ms", asked)
        with served(office, ("officer",)) as client:
            token = client.sign_in("officer")
            client.get("/api/v1/tasks?queue=group&limit=50", token)
            pages = [milliseconds(lambda: client.get("/api/v1/tasks?queue=group&limit=50", token)) for _ in range(ROUNDS)]  # noqa: B023 - run at once
            rows += percentiles(f"queue of {size:,} open tasks, over HTTP (API)", "ms", pages)
            client.open_browser("officer")
            client.page("/tasks/group")
            html = [milliseconds(lambda: client.page("/tasks/group")) for _ in range(ROUNDS)]
            rows += percentiles(f"queue of {size:,} open tasks, page over HTTP", "ms", html, None, "<= 30" if size > 1_000 else "")
        office.close()
    return rows

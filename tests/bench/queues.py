"""The queue of an office with a hundred thousand and a million open tasks: the query, and the page over HTTP."""

from uuid import UUID

import sqlalchemy as sa

from engine import queries
from engine.context import Actor
from engine.db import table_of
from engine.models import UserTask
from tests.bench.filling import analyse, copies, fill, numbers
from tests.bench.ground import Ground
from tests.bench.result import Result, Target, at_median, at_p95, timed
from tests.bench.serving import open_accounts, served
from tests.office import Office
from tests.paths import stories

CASES = 50
ROUNDS = 100
TARGETS = {100_000: Target(30), 1_000_000: Target(60)}


def queues(ground: Ground) -> list[Result]:
    """Measure both sizes on both databases."""
    found: list[Result] = []
    for name, office in (("PostgreSQL", ground.postgresql_office()), ("SQLite", ground.sqlite_office())):
        models = filed_tasks(office, ground.much(CASES, 5))
        open_accounts(office, ("officer",))
        stored = len(models)
        for size, target in TARGETS.items():
            wanted = ground.much(size, size // 100)
            copy_tasks(office, models, stored, wanted - stored)
            stored = wanted
            found += _pages(ground, office, f"{wanted:,} open tasks, {name}", target)
        office.close()
    return found


def filed_tasks(office: Office, count: int) -> list[UUID]:
    """File nominations; return the tasks that wait in the queue of the personnel officers, one of each."""
    tasks = []
    for number in range(count):
        nickname = f"nominee-{number}"
        office.person_arrives(nickname, f"Nông Văn Số{number}", "bacson", "Thư ký")
        tasks.append(stories.filed(office, nominee=nickname).task("check_completeness", "officer").id)
    return tasks


def copy_tasks(office: Office, models: list[UUID], stored: int, count: int) -> None:
    """Copy open tasks inside the database until there are `count` more, each a second younger."""
    table = table_of(UserTask)
    number = numbers(stored, stored - 1 - (-count // len(models)), "number")
    sqlite = office.database.dialect.name == "sqlite"
    changed = {
        "token": sa.literal("copy-", sa.Text) + sa.cast(number.c.n, sa.Text),
        "created_at": sa.literal_column(
            "strftime('%Y-%m-%d %H:%M:%S', created_at, n || ' seconds') || '.000000'" if sqlite
            else "created_at + n * interval '1 second'"
        ),
    }  # fmt: skip
    fill(office, copies(office, table, changed, sa.join(table, number, sa.true()), table.c.id.in_(models), count))
    analyse(office, table)


def _pages(ground: Ground, office: Office, what: str, target: Target) -> list[Result]:
    """One queue: the query, the API's page, the page people see."""
    actor, rounds = office.actor("officer"), ground.much(ROUNDS, 10)
    asked = timed(lambda: queries.list_tasks(office.engine, actor, "group", limit=50), rounds)
    naive = timed(lambda: one_or_query(office, actor), 5)
    with served(office) as client:
        token = client.sign_in("officer")
        api = timed(lambda: client.get("/api/v1/tasks?queue=group&limit=50", token), rounds)
        client.open_browser("officer")
        for _ in range(8):  # two web processes of four threads are to be warmed
            client.page("/tasks/group")
        page = timed(lambda: client.page("/tasks/group"), rounds)
    return [
        at_p95("queue page over HTTP, 95th percentile", target, page, data=what, detail="50 tasks, as people see it"),
        at_p95("… the same by the API", None, api, data=what),
        at_median("… the query alone", None, asked, naive, data=what,
                  detail="baseline: one query for “mine or my roles'” with OR"),
    ]  # fmt: skip


def one_or_query(office: Office, actor: Actor) -> None:
    """Ask for "mine or my roles'" at once, as products of the field do."""
    table = table_of(UserTask)
    mine = sa.or_(table.c.assignee == actor.id, sa.and_(table.c.assignee.is_(None), table.c.queue.in_(actor.groups)))
    query = sa.select(table).where(table.c.status == "open", mine).order_by(table.c.created_at, table.c.id).limit(50)
    with office.database.connect() as connection:
        connection.execute(query).all()

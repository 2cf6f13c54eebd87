"""Each expression of a version is compiled once, however many cases ask it: counted at FEEL's own cache."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import queries
from engine.commands.tasks import complete_task
from engine.db import reading
from engine.feel import expression as feel_expression
from tests.support.diagrams import Diagram
from tests.support.small_engine import AN, SmallEngine, service, small_engine, user

FUNCTIONS = {"twice as many": lambda _ctx: lambda number: number * 2}
CASES = 6


@pytest.fixture
def small(sqlite_url: str, tmp_path: Path) -> Iterator[SmallEngine]:
    found = small_engine(
        sqlite_url, tmp_path / "bpmn", user("room.first", "answer"),
        service("room.count", lambda _ctx, params: {"size": int(params["more"])}, "size"), functions=FUNCTIONS,
    )  # fmt: skip
    yield found
    found.engine.sessions.kw["bind"].dispose()


def test_each_expression_is_compiled_once_for_a_version(small: SmallEngine) -> None:
    drawn = (
        Diagram().declare("amount").start().service("count", more="twice as many(amount) + 1")
        .user("first", due='date and time("2025-06-20T00:00:00Z")')
        .timer("late", 'date and time("2025-07-01T00:00:00Z")', on="first")
        .choice("gw", default=("gw", "end_small")).end("end_large").end("end_small").end("end_late")
        .path("start", "count", "first", "gw").path("late", "end_late")
        .flow("gw", "end_large", "size > 4").flow("gw", "end_small")
    )  # fmt: skip
    small.deploy(drawn)
    feel_expression._compile.cache_clear()
    ends = []
    for number in range(CASES):
        case = small.start(case=f"case-{number}", amount=number)
        complete_task(small.engine, case.opened[0].id, AN, {"answer": "x"})
        ends.append(queries.get_instance(small.engine, case.instance.id).end_event)
        with reading(small.engine.sessions) as session:
            versions = [small.engine.definitions.get(session, key) for key in small.engine.definitions._deployed]
    (deployed,) = versions
    expressions = deployed.definition.expressions
    assert expressions == {
        "twice as many(amount) + 1", 'date and time("2025-06-20T00:00:00Z")', 'date and time("2025-07-01T00:00:00Z")',
        "size > 4",
    }  # fmt: skip
    counted = feel_expression._compile.cache_info()
    assert (counted.misses, counted.hits) == (len(expressions), 0), "nobody asked for one of them again"
    assert ends == ["end_small"] * 2 + ["end_large"] * (CASES - 2)
    assert deployed.definition.compiled(frozenset(FUNCTIONS)).keys() == expressions

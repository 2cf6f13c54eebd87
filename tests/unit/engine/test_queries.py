"""Queries on both databases: queues by index walks with cursors, cases, the record, operations."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine import queries
from engine.chain import EventKind
from engine.commands import drafts, notices, pulses
from engine.commands.incidents import retry_incident
from engine.commands.instances import cancel_instance
from engine.commands.jobs import run_due_jobs
from engine.commands.messages import correlate
from engine.commands.records import record_event
from engine.commands.tasks import claim_task, complete_task
from engine.context import SYSTEM, Actor, Values
from engine.errors import (
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    NotYourTaskError,
    TaskAlreadyClaimedError,
    TaskNotOpenError,
)
from engine.queries import cursors
from engine.registry import JobStep
from engine.views import TaskView
from tests.support.diagrams import Diagram, straight
from tests.support.small_engine import (
    AN,
    BINH,
    CHI,
    MORNING,
    STRANGER,
    SmallEngine,
    message,
    size_step,
    small_engine,
    user,
)

LATER = 'date and time("2025-06-20T00:00:00Z")'


def _fail(_values: Values) -> Values:
    raise ZeroDivisionError("the printer is out of paper")


@pytest.fixture
def small(database_url: str, tmp_path: Path) -> Iterator[SmallEngine]:
    def refuse_chi(ctx: object, task: TaskView) -> None:
        if getattr(ctx, "actor").id == "refused":  # noqa: B009 - a guard sees any context
            raise ForbiddenError("duties are separate")

    found = small_engine(
        database_url, tmp_path / "bpmn",
        user("room.first", "answer", "amount", prefill=lambda ctx: {"answer": f"of {ctx.business_key}", "amount": 1}),
        user("room.second"), user("room.secret", secret=True, prefill=lambda _ctx: {"answer": "empty"}),
        JobStep("room.print", lambda _ctx, _params: {}, _fail, lambda _ctx, _values: {}),
        message("news", "answer"), size_step(), guards=[refuse_chi],
    )  # fmt: skip
    yield found
    found.engine.sessions.kw["bind"].dispose()


def _all(small: SmallEngine, actor: Actor, queue: queries.Queue, limit: int) -> list[str]:
    keys: list[str] = []
    cursor = None
    while True:
        page = queries.list_tasks(small.engine, actor, queue, limit=limit, cursor=cursor)
        assert len(page.items) <= limit
        keys += [task.business_key for task in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return keys


# queues


def test_shared_queue_is_walked_page_by_page_over_all_roles(small: SmallEngine) -> None:
    by_member = Diagram("other").start().user("second", role="member").end().path("start", "second", "end")
    small.deploy(straight("first"), by_member)
    cases = []
    for number in range(7):
        if number % 3:
            small.clock.advance(timedelta(minutes=1))  # some are opened in the same instant
        key = "other" if number % 2 else "probe"
        small.start(key, f"case-{number}")
        cases.append(f"case-{number}")
    for limit in (1, 2, 3, 50):
        assert sorted(_all(small, BINH, "group", limit)) == cases
    walked = _all(small, BINH, "group", 2)
    whole = queries.list_tasks(small.engine, BINH, "group").items
    opened = {task.business_key: (task.created_at, task.id) for task in whole}
    assert walked == sorted(cases, key=lambda key: opened[key])
    assert _all(small, AN, "group", 2) == [key for key in walked if int(key[-1]) % 2 == 0]
    assert _all(small, STRANGER, "group", 2) == []
    assert queries.count_tasks(small.engine, BINH) == {"mine": 0, "group": 7}
    assert queries.count_tasks(small.engine, AN) == {"mine": 0, "group": 4}


def test_a_claimed_task_moves_from_the_shared_queue_to_its_holder(small: SmallEngine) -> None:
    small.deploy(straight("first", "second"))
    task = small.start().opened[0]
    claim_task(small.engine, task.id, AN)
    assert [view.id for view in queries.list_tasks(small.engine, AN, "mine").items] == [task.id]
    assert queries.list_tasks(small.engine, BINH, "group").items == ()
    assert queries.count_tasks(small.engine, AN) == {"mine": 1, "group": 0}


def test_done_shows_what_i_completed_latest_first(small: SmallEngine) -> None:
    small.deploy(straight("first"))
    for number in range(4):
        task = small.start(case=f"case-{number}").opened[0]
        small.clock.advance(timedelta(minutes=1))
        complete_task(small.engine, task.id, AN if number != 2 else BINH, {})
    assert _all(small, AN, "done", 2) == ["case-3", "case-1", "case-0"]
    assert _all(small, BINH, "done", 2) == ["case-2"]
    shown = queries.list_tasks(small.engine, AN, "done").items[0]
    assert (shown.status, shown.completed_by) == ("completed", "an")
    assert queries.get_task(small.engine, shown.id) == shown


def test_a_scoped_role_sees_its_own_units_tasks(small: SmallEngine) -> None:
    drawn = Diagram().declare("unit_id").start().user("first", role="head").end().path("start", "first", "end")
    small.deploy(drawn)
    small.start(case="one", unit_id="unit-1")
    small.clock.advance(timedelta(minutes=1))
    small.start(case="two", unit_id="unit-2")
    assert _all(small, CHI, "group", 5) == ["one"]
    both = replace(CHI, groups=frozenset({"head", "head@unit-1", "head@unit-2"}))
    assert _all(small, both, "group", 1) == ["one", "two"]


def test_queues_are_searched_without_accents(small: SmallEngine) -> None:
    drawn = straight("first")
    small.deploy(drawn)
    for case in ("ĐN-2025-TK-001", "ĐN-2025-TK-002", "100%_x"):
        small.start(case=case)

    def search(text: str) -> list[str]:
        return [task.business_key for task in queries.list_tasks(small.engine, AN, "group", text=text).items]

    assert search("dn tk-002") == ["ĐN-2025-TK-002"]
    assert search("%_") == ["100%_x"]
    assert search("nothing") == []


@pytest.mark.parametrize(
    "cursor",
    ["x", "!!", "e30", cursors.encode("2025-06-16", str(UUID(int=1))), cursors.encode(MORNING), "é", "A" * 5000,
     cursors.encode(MORNING, "x"), cursors.encode(MORNING, str(UUID(int=1)), 3), cursors.encode(1, 2)],
)  # fmt: skip
@pytest.mark.parametrize("queue", ["mine", "group", "done"])
def test_broken_cursors_are_refused(small: SmallEngine, cursor: str, queue: queries.Queue) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        queries.list_tasks(small.engine, AN, queue, cursor=cursor)
    assert refusal.value.details["fields"] == {"cursor": ["broken_cursor"]}


@pytest.mark.parametrize(
    "cursor",
    ["x", cursors.encode(MORNING, "system", -1), cursors.encode(MORNING, "system", "1"),
     cursors.encode(MORNING, 5, 1), cursors.encode(MORNING, "system", True)],
)  # fmt: skip
def test_broken_cursors_of_the_record_are_refused(small: SmallEngine, cursor: str) -> None:
    with pytest.raises(InvalidInputError):
        queries.search_events(small.engine, cursor=cursor)


def test_page_sizes_are_kept_within_bounds() -> None:
    assert [cursors.clamp(limit) for limit in (-1, 0, 1, 500, 10**9)] == [1, 1, 1, 500, 500]


def test_counting_stops(small: SmallEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    small.deploy(straight("first"))
    for number in range(4):
        small.start(case=f"case-{number}")
    monkeypatch.setattr("engine.queries.tasks.MOST_COUNTED", 3)
    assert queries.count_tasks(small.engine, AN) == {"mine": 0, "group": 3}


def test_queues_are_index_walks(sqlite_url: str, tmp_path: Path) -> None:
    # PostgreSQL reads a table this small as a whole, so the plan is asked of SQLite
    small = small_engine(sqlite_url, tmp_path / "bpmn", user("room.first"))
    small.deploy(straight("first"))
    small.start()
    plans: list[str] = []
    database = small.engine.sessions.kw["bind"]

    @sa.event.listens_for(database, "before_cursor_execute")
    def explain(_connection: object, cursor: object, statement: str, parameters: object, *_more: object) -> None:
        if statement.startswith("SELECT") and "user_task" in statement:
            rows = database.raw_connection().cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.extend(str(row[-1]) for row in rows)

    for queue in ("mine", "group", "out", "done"):
        queries.list_tasks(small.engine, BINH, queue)
    for order in ("due", "priority"):
        queries.list_tasks(small.engine, BINH, "group", order=order)
    queries.list_tasks(small.engine, BINH, "mine", awake_on=MORNING.date())
    queries.count_tasks(small.engine, BINH)
    walked = set(" ".join(plans).replace("(", " ").split())
    wanted = {"mine", "group", "due", "priority", "out", "done"}
    assert {f"ix_user_task_{name}" for name in wanted} <= walked
    assert not [plan for plan in plans if plan.startswith("SCAN user_task")]


# the form of a task


def test_a_form_opens_with_what_is_known_and_the_draft_over_it(small: SmallEngine) -> None:
    small.deploy(straight("first"))
    task = small.start().opened[0]
    form = queries.task_form(small.engine, task.id, AN)
    assert (form.values, form.draft_version) == ({"answer": "of case-1", "amount": 1}, 0)
    assert form.schema["title"] == "case-1"
    assert (form.secret, form.step_key) == (False, "room.first")
    claim_task(small.engine, task.id, AN)
    assert drafts.save_draft(small.engine, task.id, AN, {"answer": "half of"}, 0) == 1
    form = queries.task_form(small.engine, task.id, AN)
    assert (form.values, form.draft_version) == ({"answer": "half of", "amount": 1}, 1)


def test_a_secret_form_has_no_draft(small: SmallEngine) -> None:
    small.deploy(straight("secret"))
    task = small.start().opened[0]
    claim_task(small.engine, task.id, AN)
    with pytest.raises(ForbiddenError):
        drafts.save_draft(small.engine, task.id, AN, {"answer": "yes"}, 0)
    form = queries.task_form(small.engine, task.id, AN)
    assert (form.values, form.draft_version, form.secret) == ({"answer": "empty"}, 0, True)


def test_a_form_opens_only_for_who_may_act(small: SmallEngine) -> None:
    small.deploy(straight("first"))
    task = small.start().opened[0]
    with pytest.raises(NotYourTaskError):
        queries.task_form(small.engine, task.id, STRANGER)
    with pytest.raises(ForbiddenError, match="duties are separate"):
        queries.task_form(small.engine, task.id, Actor("refused", frozenset({"officer"})))
    claim_task(small.engine, task.id, AN)
    with pytest.raises(TaskAlreadyClaimedError):
        queries.task_form(small.engine, task.id, BINH)
    complete_task(small.engine, task.id, AN, {})
    with pytest.raises(TaskNotOpenError):
        queries.task_form(small.engine, task.id, AN)
    with pytest.raises(NotFoundError):
        queries.task_form(small.engine, uuid4(), AN)
    with pytest.raises(NotFoundError):
        queries.get_task(small.engine, uuid4())


# cases


def _waiting() -> Diagram:
    return (
        Diagram().start().add("eventBasedGateway", "gw").timer("ev_late", LATER).message("ev_news", "news")
        .user("first").end().end("end_late").path("start", "gw", "ev_late", "end_late")
        .path("gw", "ev_news", "first", "end")
    )  # fmt: skip


def test_what_a_case_waits_for(small: SmallEngine) -> None:
    small.deploy(_waiting())
    instance = small.start().instance
    (timer,) = queries.due_timers(small.engine, instance.id)
    assert (timer.process_key, timer.element_id, timer.name) == ("probe", "ev_late", "ev late")
    assert timer.due_at == datetime(2025, 6, 20, tzinfo=UTC)
    (waiting,) = queries.waiting_messages(small.engine, instance.id)
    assert (waiting.element_id, waiting.name, waiting.due_at) == ("ev_news", "news", None)
    result = correlate(small.engine, "room.news", "case-1", AN, {"answer": "x"})
    assert queries.due_timers(small.engine, instance.id) == ()
    assert queries.waiting_messages(small.engine, instance.id) == ()
    assert queries.open_tasks_of_instance(small.engine, instance.id) == result.opened
    complete_task(small.engine, result.opened[0].id, AN, {})
    assert queries.due_timers(small.engine, instance.id) == ()
    for query in (queries.due_timers, queries.element_states, queries.get_instance):
        with pytest.raises(NotFoundError):
            query(small.engine, uuid4())


def test_cases_are_found_by_id_and_by_key(small: SmallEngine) -> None:
    small.deploy(straight("first"), straight("second", key="other"))
    instance = small.start().instance
    assert queries.get_instance(small.engine, instance.id) == instance
    assert queries.find_instance(small.engine, "nobody") is None
    assert queries.find_instance(small.engine, "case-1") == instance
    small.clock.advance(timedelta(days=1))
    later = small.start("other").instance
    assert queries.find_instance(small.engine, "case-1") == later
    cancel_instance(small.engine, later.id, SYSTEM, "twice")
    assert queries.find_instance(small.engine, "case-1") == instance


def test_states_of_elements_also_after_the_end(small: SmallEngine) -> None:
    small.deploy(straight("first", "second"))
    case = small.start()
    second = complete_task(small.engine, case.opened[0].id, AN, {}).opened[0]

    def states() -> dict[str, str]:
        return {state.element_id: state.state for state in queries.element_states(small.engine, case.instance.id)}

    assert states() == {"start": "done", "first": "done", "second": "active"}
    complete_task(small.engine, second.id, AN, {})
    assert states() == {"start": "done", "first": "done", "second": "done", "end": "done"}
    other = small.start(case="case-2")
    cancel_instance(small.engine, other.instance.id, SYSTEM, "not needed")
    found = {state.element_id: state.state for state in queries.element_states(small.engine, other.instance.id)}
    assert found == {"start": "done", "first": "cancelled"}


def test_diagrams_as_they_were_deployed(small: SmallEngine) -> None:
    first = straight("first")
    small.deploy(first)
    case = small.start().instance
    newer = straight("first", "second")
    small.deploy(newer)
    assert queries.diagram_xml(small.engine, case.id, "probe") == first.xml()
    assert queries.diagram_xml(small.engine, None, "probe") == newer.xml()
    for instance_id, key in ((None, "nothing"), (case.id, "nothing"), (uuid4(), "probe")):
        with pytest.raises(NotFoundError):
            queries.diagram_xml(small.engine, instance_id, key)


# the record


def test_history_is_read_in_order_and_searched_from_the_end(small: SmallEngine) -> None:
    small.deploy(straight("first"))
    for number in range(3):
        task = small.start(case=f"case-{number}").opened[0]
        small.clock.advance(timedelta(hours=1))
        complete_task(small.engine, task.id, AN, {})
    instance = queries.find_instance(small.engine, "case-1")
    assert instance is not None
    chain = queries.list_history(small.engine, instance.id)
    assert [event.sequence for event in chain] == list(range(1, len(chain) + 1))
    assert [event.kind for event in chain] == ["instance.started", "task.created", "task.completed", "instance.ended"]

    everything = queries.search_events(small.engine, limit=500).items
    cursor, walked = None, []
    while True:
        page = queries.search_events(small.engine, limit=4, cursor=cursor)
        walked += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert tuple(walked) == everything
    assert [event.at for event in walked] == sorted((event.at for event in walked), reverse=True)

    def count(**filters: object) -> int:
        return len(queries.search_events(small.engine, limit=500, **filters).items)  # type: ignore[arg-type]

    assert count(business_key="case-1") == len(chain) + 2  # start and end stand on the system chain too
    assert count(chain=str(instance.id)) == len(chain)
    assert count(chain="system", kind=EventKind.INSTANCE_STARTED) == 3
    assert count(actor_id="an", kind=EventKind.TASK_COMPLETED) == 3
    assert count(process_key="probe") == 12
    assert count(since=MORNING + timedelta(hours=3)) == 3
    assert count(since=MORNING + timedelta(hours=1), until=MORNING + timedelta(hours=2)) == 6
    assert count(actor_id="an", business_key="case-1") == 3


def test_events_carry_their_facts(small: SmallEngine) -> None:
    record_event(small.engine, "file.opened", AN, business_key="case-1", files=("ab" * 32,), subject="x")
    (event,) = queries.search_events(small.engine, kind="file.opened").items
    assert event.facts == ((f"file:{'ab' * 32}", "ab" * 32),)
    assert event.data == {"subject": "x"}


def test_decisions_tell_table_day_and_rule(small: SmallEngine) -> None:
    drawn = Diagram().start().user("first").decision("size", "size").end().path("start", "first", "size", "end")
    small.deploy(drawn, tables={date(2024, 1, 1): "10", date(2025, 1, 1): "100"})
    case = small.start()
    complete_task(small.engine, case.opened[0].id, AN, {"amount": 50})
    (found,) = queries.list_evaluations(small.engine, case.instance.id)
    assert (found.table, found.element_id, found.valid_from) == ("size", "size", date(2025, 1, 1))
    assert (found.inputs, found.outputs, found.looked_up_on) == ({"amount": 50}, "small", date(2025, 6, 16))
    assert [(rule["rule"], rule["annotations"]) for rule in found.matched] == [("small", {"source": "art. 1"})]
    assert queries.list_evaluations(small.engine, uuid4()) == ()


# operations


def test_deployments(small: SmallEngine) -> None:
    small.deploy(straight("first"), tables={date(2024, 1, 1): "10"})
    small.deploy(straight("second"), tables={date(2025, 1, 1): "100"})
    shown = [(view.kind, view.key, view.version, view.valid_from) for view in queries.list_deployments(small.engine)]
    assert shown == [
        ("process", "probe", 2, None), ("process", "probe", 1, None),
        ("table", "size", 0, date(2025, 1, 1)), ("table", "size", 0, date(2024, 1, 1)),
    ]  # fmt: skip
    assert b"100" in queries.table_xml(small.engine, "size", date(2025, 1, 1))
    with pytest.raises(NotFoundError):
        queries.table_xml(small.engine, "size", date(2025, 1, 2))


def test_incidents(small: SmallEngine) -> None:
    small.deploy(Diagram().start().service("print").end().path("start", "print", "end"))
    case = small.start().instance
    assert queries.list_incidents(small.engine) == ()
    for _attempt in range(6):
        run_due_jobs(small.engine)
        small.wait(timedelta(hours=1))
    (incident,) = queries.list_incidents(small.engine)
    assert (incident.kind, incident.key, incident.business_key) == ("service", "room.print", "case-1")
    assert incident.attempts == 6
    assert incident.error.startswith("ZeroDivisionError")
    assert queries.get_instance(small.engine, case.id).status == "incident"
    retry_incident(small.engine, incident.job_id, SYSTEM, "try again")
    assert queries.list_incidents(small.engine) == ()


def test_pulses(small: SmallEngine) -> None:
    run_due_jobs(small.engine)
    pulses.beat(small.engine, "orphans", 3)
    small.machine.advance(timedelta(days=1))
    pulses.beat(small.engine, "orphans", 4)
    shown = {pulse.duty: (pulse.at, pulse.count) for pulse in queries.worker_pulses(small.engine)}
    assert shown == {"jobs": (MORNING, 0), "orphans": (MORNING + timedelta(days=1), 4)}


def test_notices(small: SmallEngine) -> None:
    ids: list[UUID] = []

    def tell(number: int) -> None:
        from engine.transaction import Transaction, enter

        def work(transaction: Transaction) -> None:
            transaction.add_notice("an", "reminder", f"case-{number}", "about")

        enter(small.engine, "tell", SYSTEM, {}, work)

    for number in range(3):
        tell(number)
        small.clock.advance(timedelta(hours=1))
    shown = queries.notices_of(small.engine, "an", 2)
    assert [(notice.business_key, notice.read) for notice in shown] == [("case-2", False), ("case-1", False)]
    assert (queries.count_unread(small.engine, "an"), queries.count_unread(small.engine, "binh")) == (3, 0)
    ids += [shown[0].id]
    assert notices.mark_read(small.engine, "an", ids[0]) == 1
    assert queries.notices_of(small.engine, "an", 1)[0].read
    assert queries.count_unread(small.engine, "an") == 2

"""What diagrams keep apart: the lint finds what cannot be, and every door asks the same judge with one statement."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import lint, queries
from engine.commands.bulk import claim_tasks
from engine.commands.tasks import claim_task, complete_task, delegate_task, take_over_task
from engine.context import Actor
from engine.errors import RoleExcludedError, SamePersonError, SeparationOfDutiesError
from engine.registry import Hooks, Registry, Role
from engine.views import TaskView
from tests.support.diagrams import Diagram
from tests.support.small_engine import SmallEngine, small_engine, user

AN = Actor("an", frozenset({"officer"}))
BINH = Actor("binh", frozenset({"officer", "member"}))
DEPUTY = Actor("dung", frozenset({"officer"}), deputies={"officer": ("an",)})
PEOPLE = {one.id: one for one in (AN, BINH, DEPUTY)}
FAR = "Cần đổi người."


def drawn(**second: str) -> Diagram:
    """Two steps one after the other; the second declares something."""
    return Diagram().start().user("first").user("second", **second).end().path("start", "first", "second", "end")


def findings(*diagrams: Diagram) -> set[tuple[str, str]]:
    steps = [user(f"room.{name}") for name in ("first", "second", "third")]
    registry = Registry.of(steps, (Role("officer"), Role("member")))
    found = lint.check({one.key: one.xml() for one in diagrams}, registry)
    return {(item.element_id, item.message) for item in found if item.rule == "constraint"}


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"not_same_person_as": "nothing"}, "'nothing' is no user task"),
        ({"not_same_person_as": "start"}, "'start' is no user task"),
        ({"not_same_person_as": "other.first"}, "'other.first' is no user task"),
        ({"same_person_as": "proposer"}, "'proposer' is no user task"),
        ({"not_same_person_as": "first", "same_person_as": "first"}, "by the same person and by another one"),
        ({"excluded_roles": "nobody"}, "there is no role 'nobody'"),
        ({"excluded_roles": "officer"}, "nobody could do this step"),
    ],
)
def test_what_cannot_be_is_refused_at_deployment(declared: dict[str, str], said: str) -> None:
    assert [said in message for _place, message in findings(drawn(**declared))] == [True]


def test_two_steps_never_done_by_one_person_have_no_same_person() -> None:
    three = drawn(not_same_person_as="first").user("third", same_person_as="first, second").flow("second", "third")
    assert findings(three) == {("third", "same_person_as: probe.second and probe.first are never done by one person")}


def test_what_can_be_is_let_through() -> None:
    called = Diagram("inner").start("in_start").user("second", not_same_person_as="probe.first").end("in_end")
    calling = Diagram().start().user("first", same_person_as="first").call("inner_call", "inner").end()
    called.path("in_start", "second", "in_end")
    calling.path("start", "first", "inner_call", "end")
    assert findings(calling, called) == set()


@pytest.fixture
def make(tmp_path: Path) -> Callable[[Diagram], SmallEngine]:
    def build(diagram: Diagram) -> SmallEngine:
        small = small_engine(
            f"sqlite:///{tmp_path / 'x.db'}", tmp_path / "bpmn", user("room.first"), user("room.second"),
            hooks=Hooks(actor_of=lambda _ctx, person: PEOPLE.get(person)),
        )  # fmt: skip
        small.deploy(diagram)
        return small

    return build


def after_first(small: SmallEngine, by: Actor) -> TaskView:
    """A case whose first step somebody did."""
    first = small.start().opened[0]
    return complete_task(small.engine, first.id, by, {}).opened[0]


def test_every_door_keeps_four_eyes_apart(make: Callable[[Diagram], SmallEngine]) -> None:
    small = make(drawn(not_same_person_as="first"))
    task = after_first(small, AN)
    attempts: list[Callable[[], object]] = [
        lambda: claim_task(small.engine, task.id, AN),
        lambda: take_over_task(small.engine, task.id, AN, FAR),
        lambda: complete_task(small.engine, task.id, AN, {}),
        lambda: delegate_task(small.engine, task.id, BINH, "an", FAR),
        lambda: queries.task_form(small.engine, task.id, AN),
        lambda: claim_task(small.engine, task.id, DEPUTY),
    ]
    for attempt in attempts:
        with pytest.raises(SeparationOfDutiesError) as refusal:
            attempt()
        assert refusal.value.details["place"] == "probe.first"
        assert refusal.value.details["task_place"] == "probe.second"
    (item,) = claim_tasks(small.engine, [task.id], AN)
    assert isinstance(item.refusal, SeparationOfDutiesError)
    assert isinstance(queries.why_not(small.engine, task.id, AN), SeparationOfDutiesError)
    assert set(queries.kept_apart(small.engine, AN, [task])) == {task.id}
    assert queries.kept_apart(small.engine, BINH, [task]) == {}
    assert complete_task(small.engine, task.id, BINH, {}).instance.ended_at is not None


def test_the_same_person_goes_on_unless_that_person_has_left(make: Callable[[Diagram], SmallEngine]) -> None:
    small = make(drawn(same_person_as="first"))
    task = after_first(small, AN)
    with pytest.raises(SamePersonError) as refusal:
        claim_task(small.engine, task.id, BINH)
    assert refusal.value.details["by"] == "an"
    claim_task(small.engine, task.id, DEPUTY)
    PEOPLE["an"] = Actor("an", frozenset())
    try:
        take_over_task(small.engine, task.id, BINH, FAR)
    finally:
        PEOPLE["an"] = AN


def test_a_role_may_be_kept_from_a_step(make: Callable[[Diagram], SmallEngine]) -> None:
    small = make(drawn(excluded_roles="member"))
    task = after_first(small, AN)
    with pytest.raises(RoleExcludedError):
        claim_task(small.engine, task.id, BINH)
    claim_task(small.engine, task.id, AN)


def test_a_variable_may_name_who_is_kept_away(make: Callable[[Diagram], SmallEngine]) -> None:
    small = make(drawn(not_same_person_as="proposer").declare("proposer"))
    first = small.start(proposer="binh").opened[0]
    task = complete_task(small.engine, first.id, AN, {}).opened[0]
    with pytest.raises(SeparationOfDutiesError) as refusal:
        claim_task(small.engine, task.id, BINH)
    assert refusal.value.details["place"] == "proposer"
    claim_task(small.engine, task.id, AN)

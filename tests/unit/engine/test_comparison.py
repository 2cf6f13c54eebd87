"""What a comparison of two versions tells, and what it draws."""

from pathlib import Path

import pytest

from engine import diagram
from engine.comparison import Comparison, Difference, ElementChange, compare
from engine.deployment import read_folder
from engine.errors import DeploymentError
from tests.support.diagrams import Diagram

BPMN = Path(__file__).parents[3] / "bpmn"


def drawn(**more: str) -> Diagram:
    """A small process: ask, weigh, choose, wait."""
    found = Diagram().start().user("ask", role=more.get("role", "officer"), step=more.get("step", "room.ask"),
                                   due=more.get("due", ""), name=more.get("name"))  # fmt: skip
    found.choice("gw", default=("gw", "end")).decision("weigh", more.get("table", "size"))
    found.timer("wait", more.get("timer", "a")).message("told", more.get("message", "answer"))
    found.service("work", amount=more.get("amount", "1")).end().path("start", "ask", "weigh", "gw")
    found.flow("gw", "wait", more.get("condition", "x = 1")).flow("gw", "end")
    return found.path("wait", "told", "work", "end")


def between(before: Diagram, after: Diagram) -> Comparison:
    return compare({"probe": before.xml()}, {"probe": after.xml()})


def test_the_same_files_do_not_differ() -> None:
    files = read_folder(BPMN).diagrams
    found = compare(files, dict(files))
    assert (found.same, found.layout_only, found.changes, found.added, found.removed) == (
        True, True, (), frozenset(), frozenset(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("element", "what", "before", "after", "asked"),
    [
        ("ask", "lane", "lane_officer", "lane_member", {"role": "member"}),
        ("ask", "step", "room.ask", "room.other", {"step": "room.other"}),
        ("ask", "due", "", "today()", {"due": "today()"}),
        ("weigh", "table", "size", "weight", {"table": "weight"}),
        ("wait", "timer", "a", "b", {"timer": "b"}),
        ("told", "message", "answer", "reply", {"message": "reply"}),
        ("work", "parameter.amount", "1", "2", {"amount": "2"}),
        ("fl_gw__wait", "condition", "x = 1", "x = 2", {"condition": "x = 2"}),
    ],
)
def test_each_fact_that_differs_is_told(
    element: str, what: str, before: str, after: str, asked: dict[str, str]
) -> None:
    found = between(drawn(), drawn(**asked))
    (change,) = [one for one in found.changes if one.element_id == element]
    assert (change.change, change.differences) == ("altered", (Difference(what, before, after),))
    assert not found.layout_only


def test_what_is_new_and_what_is_gone() -> None:
    found = between(
        Diagram().start().user("first").user("second").end().path("start", "first", "second", "end"),
        Diagram().start().user("first").user("third").end().path("start", "first", "third", "end"),
    )
    assert [(one.element_id, one.change) for one in found.changes if one.kind == "userTask"] == [
        ("third", "added"), ("second", "removed"),
    ]  # fmt: skip
    assert (found.count("added"), found.count("removed"), found.count("altered")) == (3, 3, 0)
    assert [one.name for one in found.changes if one.kind == "sequenceFlow"][:2] == ["first → third", "third → end"]
    assert {mark.state for mark in found.marks("probe", newer=True)} == {"added"}
    assert {mark.state for mark in found.marks("probe", newer=False)} == {"removed"}


def test_a_place_on_the_picture_is_no_change_of_the_process() -> None:
    found = between(drawn().at("ask", 10), drawn().at("ask", 300))
    assert found.changes == (ElementChange("probe", "ask", "userTask", "ask", "moved"),)
    assert found.layout_only
    assert not found.same


def test_the_order_in_which_conditions_are_tried_is_told() -> None:
    def fork(*ends: str) -> Diagram:
        found = Diagram().start().choice("gw").path("start", "gw")
        for end in ends:
            found.end(end).flow("gw", end, "x = 1")
        return found

    (change,) = [one for one in between(fork("a", "b"), fork("b", "a")).changes if one.element_id == "gw"]
    assert change.differences == (Difference("order", "fl_gw__a fl_gw__b", "fl_gw__b fl_gw__a"),)
    more = between(fork("a", "b"), fork("a", "c", "b"))
    assert {one.change for one in more.changes} == {"added"}, "a new way does not alter the order of the others"


def test_a_process_that_is_called_no_more_is_told_whole() -> None:
    one, two = drawn().xml(), Diagram("called").start().end().path("start", "end").xml()
    found = compare({"probe": one, "called": two}, {"probe": one})
    assert (found.processes, found.removed) == (("probe", "called"), frozenset({"called"}))
    assert {change.change for change in found.of("called")} == {"removed"}
    assert compare({"probe": one}, {"probe": one, "called": two}).added == frozenset({"called"})


def test_changes_are_drawn_by_class() -> None:
    before = (BPMN / "change_approval.bpmn").read_bytes()
    after = before.replace("Thẩm tra, phê".encode(), "Phê".encode())
    found = compare({"change_approval": before}, {"change_approval": after})
    assert found.changes
    marks = found.marks("change_approval", newer=True)
    svg = diagram.render(after, marks)
    shown = [one for one in found.changes if one.kind.endswith(("Task", "Event", "Gateway"))]
    for one in shown:
        assert f'data-element="{one.element_id}" data-state="{one.change}"' in svg
    assert "state-altered" in svg
    assert "state-altered" not in diagram.render(after)


def test_what_is_no_diagram_is_refused() -> None:
    with pytest.raises(DeploymentError):
        compare({"probe": b"<x/>"}, {"probe": drawn().xml()})

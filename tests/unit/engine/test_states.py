"""States as bytes: small, sealed against damage, bound to the names of their version, and read in every format."""

from dataclasses import replace
from typing import Any

import pytest

from engine.spiff import codec, parser
from engine.spiff.rows import EMPTY, MAXIMUM_CHANGES, Row, RowTable, read_rows, same, stored_size
from engine.spiff.runtime import Run
from engine.spiff.upgrades import UPGRADES
from tests.support.diagrams import Diagram, straight
from tests.support.runs import Play

ODD: dict[str, Any] = {
    "yes": True, "one": 1, "no": False, "zero": 0, "nothing": None, "text": "Đồng chí Én", "empty": "",
    "list": [1, True, None, "1"], "large": 2**62, "negative": -5,
}  # fmt: skip


def exact(variables: dict[str, Any]) -> list[str]:
    return sorted(f"{name}={value!r}" for name, value in variables.items())


def watched() -> Diagram:
    return (
        Diagram().start().user("work").message("stopped", "stop", on="work").user("after").end().end("end_stopped")
        .path("start", "work", "after", "end").path("stopped", "end_stopped")
    )  # fmt: skip


def test_values_keep_their_kind_in_store() -> None:
    play = Play(straight("first", "second"), variables=ODD).complete("first")
    assert exact(play.run.variables()) == exact(ODD)
    play = Play(straight("first", "second"), variables={"list": [1], "flag": True})
    play.complete("first", list=[True], flag=1)
    assert exact(play.run.variables()) == ["flag=1", "list=[True]"]


def test_every_format_but_todays_has_one_way_to_the_next() -> None:
    assert set(UPGRADES) == set(range(1, codec.FORMAT))


@pytest.mark.parametrize("number", [0, codec.FORMAT + 1, 255])
def test_a_format_nobody_knows_is_refused(number: int) -> None:
    play = Play(straight("first"))
    with pytest.raises(ValueError, match="unknown state format"):
        Run.load(play.definition, bytes([number]) + play.state[1:])


def test_no_damage_passes_unseen() -> None:
    """Each bit of each byte turned: refused, or read as it was."""
    play = Play(watched(), variables=ODD)
    expected = exact(play.run.variables())
    passed = 0
    for place in range(len(play.state)):
        for bit in range(8):
            damaged = bytearray(play.state)
            damaged[place] ^= 1 << bit
            try:
                run = Run.load(play.definition, bytes(damaged))
            except Exception:  # whatever the readers raise: the door makes one refusal of it
                continue
            passed += 1
            assert exact(run.variables()) == expected
            assert [task.element_id for task in run.user_tasks()] == ["work"]
    assert passed <= 8, "bits of the frame that say nothing of its content"
    for length in range(len(play.state)):
        with pytest.raises(Exception):  # noqa: B017, PT011 - as above
            Run.load(play.definition, play.state[:length])


def test_a_library_that_names_its_own_tasks_otherwise_is_noticed() -> None:
    """States hold places in the table of names; another table of the same length would move every token."""
    play = Play(watched())
    renamed = tuple(sorted(name.replace(".BoundaryEventSplit", ".Attached") for name in play.definition.names["probe"]))
    other = replace(play.definition, names={"probe": renamed})
    with pytest.raises(ValueError, match="other names of tasks"):
        Run.load(other, play.state)
    again = parser.parse({"probe": watched().xml()})
    assert again.fingerprint == play.definition.fingerprint
    assert Run.load(again, play.state).user_tasks()[0].element_id == "work"


def test_the_names_of_the_librarys_own_tasks_are_those_that_states_were_written_with() -> None:
    """A new release of the library that renames them fails here, before it meets a stored case."""
    drawn = (
        Diagram().start().choice("gw", default=("gw", "end")).ballot("vote").message("stopped", "stop", on="vote").end()
        .end("end_stopped").flow("start", "gw").flow("gw", "vote", "n > 0").flow("gw", "end").flow("vote", "end")
        .path("stopped", "end_stopped")
    )  # fmt: skip
    assert set(parser.parse({"probe": drawn.xml()}).names["probe"]) == {
        "End", "Start", "end", "end_stopped", "gw", "probe.EndJoin", "start", "stopped", "vote",
        "vote [child]", "vote.BoundaryEventJoin", "vote.BoundaryEventSplit",
    }  # fmt: skip


def test_a_row_that_adds_little_is_stored_as_a_difference() -> None:
    whole = Row({"a": 1, "b": (1, 2), "c": None})
    close = Row.after(whole, {"a": 1, "b": (1, 2), "c": None, "d": "x"})
    closer = Row.after(close, {"a": True, "b": (1, 2), "c": None, "d": "x"})
    assert (close.base, closer.base) == (whole, whole), "a difference is to a whole row, never to a difference"
    assert len(close.packed()) < len(whole.packed())
    assert Row.after(whole, {"a": 1, "b": (1, 2)}).base is None, "a variable that is gone cannot be added"
    many = {f"v{number}": number for number in range(MAXIMUM_CHANGES + 1)}
    assert Row.after(whole, {**whole.values(), **many}).base is None
    assert Row.after(EMPTY, {"a": 1}).base is None
    table = RowTable()
    places = [table.place(row) for row in (close, closer, whole, close)]
    assert (places, len(table.packs)) == ([1, 2, 0, 1], 3)
    rows = read_rows(table.bases, table.packs)
    assert [rows[place].values() for place in places] == [one.values() for one in (close, closer, whole, close)]
    assert (rows[1].get("d"), rows[1].get("a"), rows[1].get("none")) == ("x", 1, None)


ID = "3d4882a5-ce5b-4a92-b1f5-1707da45e18a"
OTHER_ID = "c1364fe5-4d2f-4bba-8479-c074310afae0"


@pytest.mark.parametrize(
    "value",
    [
        ID, (ID, OTHER_ID), (), (ID,), (ID, "x"), (ID, None, 1), ID.upper(), ID.replace("-", ""), f"{{{ID}}}",
        ID[:-1] + "g", ID[:-1] + "٣", "x" * 36, ("", ID), f"{ID}\n",
    ],
    ids=str,
)  # fmt: skip
def test_an_id_reads_back_in_the_very_letters_it_was_written_in(value: Any) -> None:
    stored = read_rows([0], [Row({"v": value}).packed()])[0]
    assert stored.get("v") == value
    assert type(stored.get("v")) is type(value)


def test_ids_take_sixteen_bytes() -> None:
    assert stored_size(ID) == 18
    assert stored_size([f"{number:08x}{ID[8:]}" for number in range(100)]) == 1604
    assert stored_size([ID, "Én"]) == 1 + 18 + 4
    with pytest.raises(ValueError, match="64"):
        stored_size(2**64)


def test_how_often_each_element_was_done_is_stored() -> None:
    play = Play(watched(), variables=ODD)
    told = {("probe", name): [done, off] for name, done, off in (
        ("work", 1, 0), ("stopped", 0, 1), ("after", 3, 0), ("start", 0, 0), ("end", 1, 1), ("end_stopped", 70, 300),
    )}  # fmt: skip
    run = play.run
    for (key, name), (done, off) in told.items():
        run.workflow.remember(key, name, done=done, cancelled=off)
    again = Run.load(play.definition, run.dump())
    assert again.workflow.visits == told
    assert again.dump() == run.dump()
    again.workflow.remember("probe", "work", done=1)
    assert Run.load(play.definition, again.dump()).workflow.visits == {**told, ("probe", "work"): [2, 0]}


def test_equal_rows_are_stored_once() -> None:
    table = RowTable()
    assert table.place(Row({"a": 1})) == table.place(Row({"a": 1}))
    assert table.place(Row({"a": True})) == 1
    assert len(table.packs) == 2


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (0, False), (1, 1.0), ((1,), (True,)), (((1,),), ((True,),)), ("1", 1), (None, False)]
)
def test_values_of_two_kinds_are_two_values(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert same(one, one)
    assert same(("x" * 3, (1,)), ("xxx", (1,)))


def test_what_is_inherited_unchanged_is_one_row() -> None:
    """A case of many steps that set nothing holds its variables once."""
    play = Play(watched(), variables=ODD)
    run = play.run
    rows = {id(task.row()) for flow in run.workflow.flows() for task in flow.tasks.values() if task.read()}
    assert len(rows) == 1
    task = run.workflow.get_task_from_id(int(run.user_tasks()[0].token))
    task.data["one"] = 2
    assert task.parent.read()["one"] == 1, "whoever writes has a copy"
    assert (task.row().values()["one"], task.parent.row().values()["one"]) == (2, 1)

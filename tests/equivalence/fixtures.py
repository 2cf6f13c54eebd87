"""A small diagram for each element our lint lets through, and for what they make together.

Our side reads FEEL. The stock side reads the same diagrams and evaluates the Python that stands beside each FEEL
expression here; data, joins, loops and events are the library's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.spiff.runtime import JOB
from tests.support.diagrams import Diagram, straight

TOMORROW = 'date and time("2025-06-17T00:00:00Z")'
IN_A_WEEK = 'date("2025-06-23")'
WHEN_TOLD = "if due_at = null then null else date and time(due_at)"
PYTHON: Mapping[str, str] = {
    TOMORROW: "datetime(2025, 6, 17, tzinfo=UTC)",
    IN_A_WEEK: "date(2025, 6, 23)",
    WHEN_TOLD: "None if due_at is None else datetime.fromisoformat(due_at)",
    "count > 0": "count > 0",
    "again": "again",
    "again = true": "again is True",
    "n > 10": "n > 10",
    "n > 1": "n > 1",
    'said = "yes"': "said == 'yes'",
    'said = "no" or said = null': "said in ('no', None)",
    "round < 3": "round < 3",
}
"""Each FEEL expression of the fixtures, in Python."""
TIMES = (None, "2025-06-17T00:00:00+00:00", "2025-06-20T12:00:00+07:00", "2020-01-01T00:00:00+00:00")
JOIN, SPLIT = "parallelGateway", "parallelGateway"


@dataclass(frozen=True)
class Fixture:
    """A diagram with what may be typed into it.

    Attributes:
        called: the processes it calls.
        start: variables with the values to choose from at the start.
        forms: element to its variables with the values to choose from.
        answers: service or table to its variables; `JOB` for a step that runs after the commit.
        messages: message to its variables.

    """

    name: str
    diagram: Diagram
    called: tuple[Diagram, ...] = ()
    start: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    forms: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    messages: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, bytes]:
        """The files, the root process first."""
        return {diagram.key: diagram.xml() for diagram in (self.diagram, *self.called)}


def _hosted(host: str, event: str, *, interrupting: bool) -> Fixture:
    """Return an event on the border of an activity: both a timer and a message, both kinds of activity that wait."""
    called = straight("first", "second", key="called")
    drawn = Diagram().start().end().end("end_event").user("before").user("after_event")
    host_kinds = {
        "userTask": lambda: drawn.user("host"),
        "serviceTask": lambda: drawn.service("host"),
        "callActivity": lambda: drawn.call("host", "called"),
        "receiveTask": lambda: drawn.add("receiveTask", "host", messageRef=drawn.message_id("word")),
    }
    host_kinds[host]()
    if event == "timer":
        drawn.timer("event", TOMORROW, on="host", interrupting=interrupting)
    else:
        drawn.message("event", "news", on="host", interrupting=interrupting)
    drawn.path("start", "before", "host", "end").path("event", "after_event", "end_event")
    kind = "interrupting" if interrupting else "not interrupting"
    return Fixture(
        f"{event} on {host}, {kind}", drawn, (called,) if host == "callActivity" else (),
        forms={"before": {"x": (1, "a")}, "first": {"x": (2, True)}, "after_event": {"y": (3,)}, "host": {"z": (1, 2)}},
        answers={"room.host": JOB}, messages={"news": {"told": ("b", 5)}, "word": {"heard": (True, None)}},
    )  # fmt: skip


HOSTED = [
    _hosted(host, event, interrupting=interrupting)
    for host in ("userTask", "serviceTask", "callActivity", "receiveTask")
    for event in ("timer", "message")
    for interrupting in (True, False)
]


def _guarded(diagram: Diagram) -> Diagram:
    return diagram.choice("gw", default=("gw", "end_empty")).ballot("vote").end().end("end_empty")


VOTERS = {"voters": (["an"], ["an", "binh"], ["an", "binh", "chi", "dung"]), "count": (2, 1, 0)}
ALONE = [
    Fixture(
        "user tasks in a row", straight("first", "second", "third"),
        start={"x": (1, "a", None)}, forms={"first": {"x": (2, [1, 2], "b")}, "second": {"y": (True, [])}},
    ),
    Fixture(
        "service at once", Diagram().start().service("tell", who="x").user("after").end()
        .path("start", "tell", "after", "end"), start={"x": (1, 2)}, answers={"room.tell": {"told": (True, 3)}},
    ),
    Fixture(
        "service after the commit", Diagram().start().service("print").user("after").end()
        .path("start", "print", "after", "end"), answers={"room.print": JOB}, forms={"print": {"pages": (1, 2)}},
    ),
    Fixture(
        "decision", Diagram().start().decision("size", "size_table").choice("gw", default=("gw", "end_b")).end("end_a")
        .end("end_b").path("start", "size", "gw").flow("gw", "end_a", "n > 1").flow("gw", "end_b"),
        answers={"size_table": {"n": (1, 2)}},
    ),
    Fixture(
        "exclusive gateway", Diagram().start().user("ask").choice("gw", default=("gw", "end_none")).end("end_large")
        .end("end_small").end("end_none").path("start", "ask", "gw").flow("gw", "end_large", "n > 10")
        .flow("gw", "end_small", "n > 1").flow("gw", "end_none"), forms={"ask": {"n": (0, 1, 2, 10, 11)}},
    ),
    Fixture(
        "receive task", Diagram().start().add("receiveTask", "wait", messageRef="msg_word").message("other", "word")
        .user("after").end().path("start", "wait", "other", "after", "end"), messages={"word": {"x": (1, "b")}},
    ),
    Fixture(
        "message between", Diagram().start().user("ask").message("told", "news").user("after").end()
        .path("start", "ask", "told", "after", "end"), start={"x": (1,)},
        messages={"news": {"x": (2, None), "y": (3,)}},
    ),
    *(
        Fixture(
            f"timer between, {name}", Diagram().start().user("ask").timer("pause", moment).user("after").end()
            .path("start", "ask", "pause", "after", "end"), start={"due_at": (None,)}, forms={"ask": {"due_at": TIMES}},
        )
        for name, moment in (("date-time", TOMORROW), ("date", IN_A_WEEK), ("when told", WHEN_TOLD))
    ),
    Fixture(
        "several instances", _guarded(Diagram().start()).user("after").flow("start", "gw")
        .flow("gw", "vote", "count > 0").flow("gw", "end_empty").path("vote", "after", "end"), start=VOTERS,
    ),
]  # fmt: skip


TOGETHER = [
    Fixture(
        "parallel branches", Diagram().start().add(SPLIT, "split").user("left").user("right").user("more")
        .add(JOIN, "join").user("after").end().path("start", "split", "left", "join", "after", "end")
        .path("split", "right", "more", "join"),
        forms={"left": {"a": (1, "x")}, "right": {"b": (2, [1])}, "more": {"c": (None, 3)}},
    ),
    Fixture(
        "parallel within parallel", Diagram().start().add(SPLIT, "one").add(SPLIT, "two").user("a").user("b").user("c")
        .add(JOIN, "three").add(JOIN, "four").end().path("start", "one", "two", "a", "three", "four", "end")
        .path("two", "b", "three").path("one", "c", "four"),
        forms={"a": {"x": (1, 2)}, "b": {"y": (1, 2)}, "c": {"z": (1, 2)}},
    ),
    Fixture(
        "two ends", Diagram().start().add(SPLIT, "split").user("left").user("right").end().end("end_right")
        .path("start", "split", "left", "end").path("split", "right", "end_right"), forms={"left": {"a": (1, 2)}},
    ),
    Fixture(
        "event gateway", Diagram().start().user("ask").add("eventBasedGateway", "gw").timer("late", TOMORROW)
        .message("told", "news").end("end_late").user("after").end().path("start", "ask", "gw")
        .path("gw", "late", "end_late").path("gw", "told", "after", "end"), messages={"news": {"x": (1, 2)}},
    ),
    Fixture(
        "event gateway and receive task", Diagram().start().add("eventBasedGateway", "gw").message("told", "news")
        .add("receiveTask", "wait", messageRef="msg_word").message("again_told", "word").end().end("end_word")
        .flow("start", "gw").path("gw", "told", "end").path("gw", "wait", "again_told", "end_word"),
        messages={"news": {"x": (1, 2)}, "word": {"y": (1, 2)}},
    ),
    Fixture(
        "vote with a deadline", _guarded(Diagram().start()).user("ask").timer("deadline", WHEN_TOLD, on="vote")
        .user("after").end("end_late").path("start", "ask", "gw").flow("gw", "vote", "count > 0")
        .flow("gw", "end_empty").path("vote", "after", "end").path("deadline", "end_late"),
        start={**VOTERS, "due_at": TIMES}, forms={"ask": {"due_at": TIMES}},
    ),
    Fixture(
        "deadline leads to a vote", _guarded(Diagram().start()).user("collect")
        .timer("deadline", TOMORROW, on="collect")
        .path("start", "collect", "end").path("deadline", "gw").flow("gw", "vote", "count > 0").flow("gw", "end_empty")
        .flow("vote", "end"), start=VOTERS,
    ),
    Fixture(
        "vote in rounds", Diagram().declare("round").start().choice("gw_in").choice("gw", default=("gw", "end"))
        .ballot("vote").service("tally").end().path("start", "gw_in", "gw").flow("gw", "vote", "round < 3")
        .flow("gw", "end").path("vote", "tally", "gw_in"),
        start={"voters": VOTERS["voters"], "round": (1, 2)}, answers={"room.tally": {"round": (2, 3)}},
    ),
    Fixture(
        "loop back", Diagram().start().choice("gw_in").user("work").user("check").choice("gw", default=("gw", "end"))
        .end().path("start", "gw_in", "work", "check", "gw").flow("gw", "gw_in", "again").flow("gw", "end"),
        forms={"check": {"again": (True, True, False)}, "work": {"x": (1, 2, 3)}},
    ),
    Fixture(
        "join after a loop", Diagram().start().add(SPLIT, "split").choice("gw_in").user("work")
        .choice("gw", default=("gw", "join")).user("other").add(JOIN, "join").user("after").end()
        .path("start", "split", "gw_in", "work", "gw").path("split", "other", "join", "after", "end")
        .flow("gw", "gw_in", "again").flow("gw", "join"),
        start={"again": (False,)}, forms={"work": {"again": (True, False)}, "other": {"y": (1, 2)}},
    ),
    Fixture(
        "nested calls", Diagram().start().user("before").call("part", "outer").user("after").end()
        .path("start", "before", "part", "after", "end"),
        (Diagram("outer").start().user("o1").call("inside", "inner").user("o2").end()
         .path("start", "o1", "inside", "o2", "end"), straight("i1", "i2", key="inner")),
        start={"x": (1,)}, forms={"o1": {"x": (2,)}, "i1": {"x": (3,), "y": (4,)}, "o2": {"z": (5,)}},
    ),
    Fixture(
        "calls side by side", Diagram().start().add(SPLIT, "split").call("one", "part").call("two", "other")
        .add(JOIN, "join").end().path("start", "split", "one", "join", "end").path("split", "two", "join"),
        (straight("p1", "p2", key="part"), straight("q1", key="other")),
        forms={"p1": {"a": (1, 2)}, "p2": {"b": (3,)}, "q1": {"c": (4,)}},
    ),
    Fixture(
        "interrupted nested call", Diagram().start().call("part", "outer").message("stopped", "stop", on="part")
        .user("after").end().end("end_stopped").path("start", "part", "end").path("stopped", "after", "end_stopped"),
        (Diagram("outer").start().call("inside", "inner").choice("gw", default=("gw", "end")).end().end("end_yes")
         .path("start", "inside", "gw").flow("gw", "end_yes", 'said = "yes"').flow("gw", "end"),
         Diagram("inner").start().user("i1").timer("pause", WHEN_TOLD).message("told", "news").user("i2").end()
         .path("start", "i1", "pause", "told", "i2", "end")),
        start={"due_at": TIMES, "said": ("no",)}, forms={"i2": {"said": ("yes", "no")}}, messages={"news": {"y": (1,)}},
    ),
    Fixture(
        "call in a loop", Diagram().start().choice("gw_in").call("part", "called").choice("gw", default=("gw", "end"))
        .end().path("start", "gw_in", "part", "gw").flow("gw", "gw_in", "again = true").flow("gw", "end"),
        (straight("first", "second", key="called"),), start={"again": (True,)},
        forms={"second": {"again": (True, False)}, "first": {"x": (1, 2)}},
    ),
    Fixture(
        "two warnings and a deadline", Diagram().start().user("work")
        .timer("warn", TOMORROW, on="work", interrupting=False)
        .timer("limit", IN_A_WEEK, on="work").message("asked", "news", on="work", interrupting=False)
        .user("look").user("answer").end().end("end_look").end("end_late").end("end_answer")
        .path("start", "work", "end").path("warn", "look", "end_look").path("limit", "end_late")
        .path("asked", "answer", "end_answer"), messages={"news": {"x": (1, 2)}}, forms={"work": {"y": (1,)}},
    ),
]  # fmt: skip

ALL = [*ALONE, *HOSTED, *TOGETHER]

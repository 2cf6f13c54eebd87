"""A diagram is read by people: computed from its interchange, nothing lies on anything and every name fits."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from engine import diagram_reading as reading
from engine.diagram import LABEL_SIZE, NAME_SIZE, TEXT_PADDING
from engine.diagram_reading import Box, Drawing, Edge, Shape
from engine.diagram_text import LINE_HEIGHT, text_width, wrap

BPMN = Path(__file__).resolve().parents[2] / "bpmn"
DIAGRAMS = sorted(BPMN.glob("*.bpmn"))
CONTAINERS = {"participant", "lane"}
ACTIVITIES = {"userTask", "serviceTask", "businessRuleTask", "receiveTask", "callActivity"}

every_diagram = pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)


def drawing_of(path: Path) -> Drawing:
    return reading.read(path.read_bytes())


def nodes(drawing: Drawing) -> list[Shape]:
    return [shape for shape in drawing.shapes if shape.kind not in CONTAINERS]


def overlap(one: Box, other: Box, slack: float = 0.5) -> bool:
    return (
        one.x + slack < other.right
        and other.x + slack < one.right
        and one.y + slack < other.bottom
        and other.y + slack < one.bottom
    )


def covers(shape: Shape, box: Box) -> bool:
    """Tell whether a rectangle lies on what is really drawn: a diamond for a gateway, a circle for an event."""
    x, y = shape.box.middle
    across = max(box.x - x, 0, x - box.right)
    down = max(box.y - y, 0, y - box.bottom)
    half = shape.box.width / 2
    if shape.kind.endswith("Gateway"):
        return across + down < half - 1
    if shape.kind.endswith("Event"):
        return bool((across**2 + down**2) ** 0.5 < half - 1)
    return overlap(box, shape.box, 1)


def segments(edge: Edge) -> Iterator[Box]:
    for (x1, y1), (x2, y2) in zip(edge.points, edge.points[1:], strict=False):
        yield Box(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))


def crosses(edge: Edge, box: Box) -> bool:
    """Edges run along the axes, so a segment crosses a box when their rectangles overlap."""
    return any(
        segment.x < box.right - 1 and box.x + 1 < segment.right + 0.01
        and segment.y < box.bottom - 1 and box.y + 1 < segment.bottom + 0.01
        for segment in segments(edge)
    )  # fmt: skip


def text_box(thing: Shape | Edge) -> Box:
    """What the words of a label really cover: the lines as they are drawn, centred in the label's box."""
    assert thing.label is not None
    lines = wrap(thing.name, thing.label.width + 1, LABEL_SIZE)
    width = max(text_width(line, LABEL_SIZE) for line in lines)
    height = len(lines) * LABEL_SIZE * LINE_HEIGHT
    x, y = thing.label.middle
    return Box(x - width / 2, y - height / 2, width, height)


def labels(drawing: Drawing) -> list[tuple[str, Box]]:
    things = [*drawing.shapes, *drawing.edges]
    return [(thing.id, text_box(thing)) for thing in things if thing.label is not None and thing.name]


@every_diagram
def test_edges_run_along_the_axes_and_touch_what_they_connect(path: Path) -> None:
    drawing = drawing_of(path)
    boxes = {shape.id: shape.box for shape in drawing.shapes}
    for edge in drawing.edges:
        for (x1, y1), (x2, y2) in zip(edge.points, edge.points[1:], strict=False):
            assert abs(x1 - x2) < 0.01 or abs(y1 - y2) < 0.01, f"{edge.id} runs askew"
        for (x, y), name in ((edge.points[0], edge.source), (edge.points[-1], edge.target)):
            box = boxes[name]
            assert box.x - 1 <= x <= box.right + 1, f"{edge.id} misses {name}"
            assert box.y - 1 <= y <= box.bottom + 1, f"{edge.id} misses {name}"


@every_diagram
def test_no_edge_runs_through_a_node(path: Path) -> None:
    drawing = drawing_of(path)
    hosts = {shape.id: shape for shape in nodes(drawing)}
    wrong = [
        f"{edge.id} through {shape.id}"
        for edge in drawing.edges
        for shape in hosts.values()
        if shape.id not in (edge.source, edge.target) and crosses(edge, shape.box)
    ]
    assert wrong == []


@every_diagram
def test_no_two_nodes_overlap_but_a_boundary_event_and_its_host(path: Path) -> None:
    drawing = drawing_of(path)
    wrong = [
        f"{one.id} on {other.id}"
        for one, other in combinations(nodes(drawing), 2)
        if overlap(one.box, other.box) and "boundaryEvent" not in (one.kind, other.kind)
    ]
    assert wrong == []


@every_diagram
def test_no_label_lies_on_a_label_or_a_node_or_a_foreign_line(path: Path) -> None:
    drawing = drawing_of(path)
    words = labels(drawing)
    wrong = [f"{one} on {other}" for (one, a), (other, b) in combinations(words, 2) if overlap(a, b)]
    wrong += [f"{name} on {shape.id}" for name, box in words for shape in nodes(drawing) if covers(shape, box)]
    wrong += [
        f"{name} on {edge.id}"
        for name, box in words
        for edge in drawing.edges
        if edge.id != name and crosses(edge, box)
    ]
    assert wrong == []


@every_diagram
def test_every_name_fits_its_box(path: Path) -> None:
    drawing = drawing_of(path)
    for shape in drawing.shapes:
        if shape.kind in ACTIVITIES:
            lines = wrap(shape.name, shape.box.width - 2 * TEXT_PADDING, NAME_SIZE)
            widest = max(text_width(line, NAME_SIZE) for line in lines)
            assert widest <= shape.box.width - 2 * TEXT_PADDING, f"{shape.id}: {shape.name!r} is too wide"
            room = shape.box.height - (20 if shape.loop or shape.kind == "callActivity" else 4)
            assert len(lines) * NAME_SIZE * LINE_HEIGHT <= room, f"{shape.id}: {shape.name!r} is too high"
        elif shape.kind in CONTAINERS:
            lines = wrap(shape.name, shape.box.height - 2, NAME_SIZE)
            assert max(text_width(line, NAME_SIZE) for line in lines) <= shape.box.height - 2, f"{shape.id} is too low"
        elif shape.name:
            assert shape.label is not None, f"{shape.id} has no label"


@every_diagram
def test_every_node_lies_in_its_lane_and_lanes_fill_the_pool(path: Path) -> None:
    drawing = drawing_of(path)
    boxes = {shape.id: shape.box for shape in drawing.shapes if shape.kind in CONTAINERS}
    for shape in nodes(drawing):
        lane = boxes[shape.lane]
        x, y = shape.box.middle
        assert lane.x < x < lane.right, f"{shape.id} outside {shape.lane}"
        assert lane.y < y < lane.bottom, f"{shape.id} outside {shape.lane}"


@every_diagram
def test_a_diagram_has_about_twenty_five_elements(path: Path) -> None:
    kept = [s for s in nodes(drawing_of(path)) if not s.kind.endswith(("Gateway", "Event"))]
    assert len(kept) <= 25

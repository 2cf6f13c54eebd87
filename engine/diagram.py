"""A deployed diagram as an accessible picture: SVG drawn from the diagram interchange, with how far a case got.

The picture holds no style and no script, so it may stand in a page under a strict content policy; every colour is a
presentation attribute that a style sheet may override by class. Classes: `diagram`; per element `element`, its kind
(`userTask`), and `state-done`, `state-active`, `state-waiting` or `state-cancelled`; `shape`, `name`, `badge` inside;
`flow` for lines. `data-element` carries the element's id, `data-state` its state. Two versions are compared by
the states `state-added`, `state-removed`, `state-altered` and `state-moved` (`engine.comparison`), lines and lanes too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from engine.diagram_looks import CHANGES, INK, LANE, LINE, LOOKS, PLAIN, PRIORITY, Look
from engine.diagram_reading import LANE_PREFIX, Box, Drawing, Edge, Shape, read
from engine.diagram_repairs import repair_arrow, room_above
from engine.diagram_symbols import (
    CALL_SIGN,
    EVENT_SIGNS,
    GATEWAY_SIGNS,
    LOOP_SIGNS,
    STATE_SIGNS,
    TASK_SIGNS,
    Sign,
)
from engine.diagram_text import LINE_HEIGHT, text_width, wrap
from engine.views import ElementState

NAME_SIZE = 12.0
LABEL_SIZE = 11.0
FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"
TEXT_PADDING = 7.0
LABEL_WIDTH = 90.0
LANE_BAND = 30.0
_MARGIN = 12.0
_CORNER = 6.0
_ARROW = (9.0, 4.0)
_CONTAINERS = frozenset({"participant", "lane"})
_ACTIVITIES = frozenset({"task", "callActivity", "subProcess", "transaction", "adHocSubProcess", *TASK_SIGNS})


@dataclass(frozen=True, slots=True)
class DiagramElement:
    """One element for the list form of a diagram. `lane` is the key of the responsible role, "" when there is none."""

    id: str
    kind: str
    name: str
    lane: str
    lane_name: str


def elements(xml: bytes) -> list[DiagramElement]:
    """List the activities, events and gateways of a diagram in reading order: left to right, then top down.

    Raises:
        DeploymentError: the file is not a diagram.

    """
    drawing = read(xml)
    nodes = [
        shape for shape in drawing.shapes if shape.kind in _ACTIVITIES or shape.kind.endswith(("Event", "Gateway"))
    ]
    nodes.sort(key=lambda shape: (shape.box.middle[0], shape.box.middle[1]))
    return [
        DiagramElement(
            shape.id, shape.kind, shape.name, shape.lane.removeprefix(LANE_PREFIX), drawing.lanes.get(shape.lane, "")
        )
        for shape in nodes
    ]


def render(
    xml: bytes, states: Iterable[ElementState] = (), *, title: str = "",
    repairs: Iterable[tuple[str, str, str]] = (),
) -> str:  # fmt: skip
    """Draw a diagram, with states where a case has been.

    Args:
        xml: a BPMN file with diagram interchange.
        states: of one case, over any of its diagrams; those of other processes are passed over.
        repairs: tokens that were moved, as (from element, to element, what to say); drawn by class `repair`.
        title: what the picture is called for those who do not see it; the process's name when empty.

    Raises:
        DeploymentError: the file is not a diagram.

    """
    drawing = read(xml)
    marks = _marks(drawing, states)
    parts = [_container(shape, marks.get(shape.id)) for shape in drawing.shapes if shape.kind in _CONTAINERS]
    parts += [_edge(edge, marks.get(edge.id)) for edge in drawing.edges]
    parts += [_element(shape, marks.get(shape.id)) for shape in drawing.shapes if shape.kind not in _CONTAINERS]
    things: tuple[Shape | Edge, ...] = (*drawing.shapes, *drawing.edges)
    parts += [_outside_label(thing) for thing in things if thing.label and thing.name]
    boxes = {shape.id: shape.box for shape in drawing.shapes}
    moved = [(boxes[start], boxes[end], said) for start, end, said in repairs if start in boxes and end in boxes]
    parts += [repair_arrow(*one) for one in moved]
    frame = _frame(drawing, *(room_above(start, end) for start, end, _said in moved))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="img" width="{_n(frame.width)}" '
        f'height="{_n(frame.height)}" viewBox="{_n(frame.x)} {_n(frame.y)} {_n(frame.width)} {_n(frame.height)}" '
        f'font-family="{FONT}" fill="none" stroke-linejoin="round" stroke-linecap="round">'
        f"<title>{escape(title or drawing.name)}</title>{''.join(parts)}</svg>"
    )


def _marks(drawing: Drawing, states: Iterable[ElementState]) -> dict[str, ElementState]:
    """Return one state per element of this diagram: the most present one, with all visits counted."""
    found: dict[str, ElementState] = {}
    for state in states:
        if state.process_key not in drawing.process_keys or state.state not in LOOKS:
            continue
        before = found.get(state.element_id)
        if before is None:
            found[state.element_id] = state
            continue
        shown = min(before.state, state.state, key=PRIORITY.index)
        found[state.element_id] = ElementState(state.process_key, state.element_id, shown, before.count + state.count)
    return found


def _frame(drawing: Drawing, *tops: float) -> Box:
    boxes = [shape.box for shape in drawing.shapes]
    boxes += [shape.label for shape in drawing.shapes if shape.label]
    boxes += [edge.label for edge in drawing.edges if edge.label]
    boxes += [Box(x, y, 0, 0) for edge in drawing.edges for x, y in edge.points]
    if not boxes:
        return Box(0, 0, 2 * _MARGIN, 2 * _MARGIN)
    left, top = min(box.x for box in boxes) - _MARGIN, min([*(box.y for box in boxes), *tops]) - _MARGIN
    right, bottom = max(box.right for box in boxes) + _MARGIN, max(box.bottom for box in boxes) + _MARGIN
    return Box(left, top, right - left, bottom - top)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _rectangle(box: Box, look: Look, *, radius: float = 0, inset: float = 0, fill: str | None = None) -> str:
    rounded = f' rx="{_n(radius)}"' if radius else ""
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    css = "shape" if not inset else "shape-inner"
    return (
        f'<rect class="{css}" x="{_n(box.x + inset)}" y="{_n(box.y + inset)}" width="{_n(box.width - 2 * inset)}" '
        f'height="{_n(box.height - 2 * inset)}"{rounded} fill="{fill or look.fill}" stroke="{look.stroke}" '
        f'stroke-width="{_n(look.width)}"{dash}/>'
    )


def _sign(sign: Sign, x: float, y: float, look: Look, *, size: float = 1, light: bool = False) -> str:
    """Draw a sign with its top left corner at (x, y); `light` turns filled parts to outlines (catching events)."""
    paths = "".join(
        f'<path d="{data}" fill="{look.stroke if filled and not light else "none"}"/>' for data, filled in sign
    )
    scale = f" scale({size:g})" if size != 1 else ""
    return (
        f'<g class="sign" transform="translate({_n(x)} {_n(y)}){scale}" stroke="{look.stroke}" stroke-width="1.1">'
        f"{paths}</g>"
    )


def _lines(lines: Sequence[str], x: float, middle: float, size: float, extra: str = "") -> str:
    """Set lines of text centred on (x, middle)."""
    step = size * LINE_HEIGHT
    first = middle - step * (len(lines) - 1) / 2 + size * 0.35
    spans = "".join(
        f'<tspan x="{_n(x)}" y="{_n(first + step * number)}">{escape(line)}</tspan>'
        for number, line in enumerate(lines)
    )
    return f'<text class="name" text-anchor="middle" font-size="{_n(size)}" fill="{INK}"{extra}>{spans}</text>'


def _container(shape: Shape, mark: ElementState | None) -> str:
    look = Look("none", LOOKS[mark.state].stroke, 2.0) if mark else LANE
    fill = LOOKS[mark.state].fill if mark else "#f1f4f7"
    state = f" state-{mark.state}" if mark else ""
    box = shape.box
    band = Box(box.x, box.y, LANE_BAND, box.height) if shape.horizontal else Box(box.x, box.y, box.width, LANE_BAND)
    x, y = band.middle
    turn = f' transform="rotate(-90 {_n(x)} {_n(y)})"' if shape.horizontal else ""
    room = (box.height if shape.horizontal else box.width) - 2
    size = f'width="{_n(band.width)}" height="{_n(band.height)}"'
    tint = f'<rect x="{_n(band.x)}" y="{_n(band.y)}" {size} fill="{fill}"/>'
    return (
        f'<g class="element {shape.kind}{state}" data-element={quoteattr(shape.id)}>{tint}{_rectangle(box, look)}'
        f"{_lines(wrap(shape.name, room, NAME_SIZE), x, y, NAME_SIZE, turn)}</g>"
    )


def _element(shape: Shape, mark: ElementState | None) -> str:
    look = LOOKS[mark.state] if mark else PLAIN
    state = f" state-{mark.state}" if mark else ""
    data = f' data-state="{mark.state}" data-count="{mark.count}"' if mark else ""
    name = f"<title>{escape(shape.name)}</title>" if shape.name else ""
    return (
        f'<g class="element {shape.kind}{state}" data-element={quoteattr(shape.id)}{data}>{name}'
        f"{_figure(shape, look)}{_badge(shape, mark, look) if mark else ''}</g>"
    )


def _figure(shape: Shape, look: Look) -> str:
    if shape.kind in _ACTIVITIES:
        return _activity(shape, look)
    if shape.kind.endswith("Gateway"):
        return _gateway(shape, look)
    if shape.kind.endswith("Event"):
        return _event(shape, look)
    if shape.kind == "textAnnotation":
        return _annotation(shape, look)
    name = "" if shape.label or not shape.name else _inside_name(shape, shape.box)
    return _rectangle(shape.box, look) + name


def _activity(shape: Shape, look: Look) -> str:
    box = shape.box
    heavy = Look(look.fill, look.stroke, max(look.width, 4.0), look.dash) if shape.kind == "callActivity" else look
    parts = [_rectangle(box, heavy, radius=10)]
    if shape.kind == "transaction":
        parts.append(_rectangle(box, look, radius=8, inset=3, fill="none"))
    if sign := TASK_SIGNS.get(shape.kind):
        parts.append(_sign(sign, box.x + 5, box.y + 5, look, size=0.85))
    below = [CALL_SIGN] if shape.kind != "task" and shape.kind not in TASK_SIGNS and not shape.expanded else []
    if shape.loop:
        below.append(LOOP_SIGNS[shape.loop])
    left = box.middle[0] - (len(below) * 18 - 4) / 2
    parts += [_sign(sign, left + 18 * place, box.bottom - 19, look) for place, sign in enumerate(below)]
    head = Box(box.x, box.y, box.width, 24) if shape.expanded else box
    return "".join(parts) + _inside_name(shape, head)


def _inside_name(shape: Shape, box: Box) -> str:
    x, y = box.middle
    return _lines(wrap(shape.name, box.width - 2 * TEXT_PADDING, NAME_SIZE), x, y, NAME_SIZE)


def _gateway(shape: Shape, look: Look) -> str:
    box = shape.box
    x, y = box.middle
    corners = f"{_n(x)},{_n(box.y)} {_n(box.right)},{_n(y)} {_n(x)},{_n(box.bottom)} {_n(box.x)},{_n(y)}"
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    diamond = (
        f'<polygon class="shape" points="{corners}" fill="{look.fill}" stroke="{look.stroke}" '
        f'stroke-width="{_n(look.width)}"{dash}/>'
    )
    sign = GATEWAY_SIGNS.get(shape.kind, ())
    return diamond + _sign(sign, box.x, box.y, look, size=box.width / 50)


def _event(shape: Shape, look: Look) -> str:
    x, y = shape.box.middle
    radius = shape.box.width / 2
    dash = look.dash or ("" if shape.interrupting else "5 3")
    width = max(look.width, 3.5) if shape.kind == "endEvent" else look.width
    parts = [_circle("shape", x, y, radius, Look(look.fill, look.stroke, width, dash))]
    if shape.kind in ("boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"):
        parts.append(_circle("shape-inner", x, y, radius - 4, Look("none", look.stroke, 1.2, dash)))
    if sign := EVENT_SIGNS.get(shape.event):
        catching = shape.kind not in ("endEvent", "intermediateThrowEvent")
        scale = radius / 18
        parts.append(_sign(sign, x - 10 * scale, y - 10 * scale, look, size=scale, light=catching))
    return "".join(parts)


def _circle(css: str, x: float, y: float, radius: float, look: Look) -> str:
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    return (
        f'<circle class="{css}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{look.fill}" '
        f'stroke="{look.stroke}" stroke-width="{_n(look.width)}"{dash}/>'
    )


def _annotation(shape: Shape, look: Look) -> str:
    box = shape.box
    bracket = f"M{_n(box.x + 10)} {_n(box.y)}h-10v{_n(box.height)}h10"
    return f'<path class="shape" d="{bracket}" stroke="{look.stroke}" stroke-width="1.5"/>{_inside_name(shape, box)}'


def _badge(shape: Shape, mark: ElementState, look: Look) -> str:
    """Mark the state by a sign at the upper right corner, with the number of visits when there were several."""
    box = shape.box
    inset = 0.0 if shape.kind in _ACTIVITIES else min(box.width, box.height) * 0.15
    x, y = box.right - inset - 9, box.y + inset - 9
    count = ""
    if mark.count > 1:
        text = f"×{mark.count}"
        width = text_width(text, 10) + 8
        count = (
            f'<rect x="{_n(x + 16)}" y="{_n(y + 2)}" width="{_n(width)}" height="14" rx="7" fill="#ffffff" '
            f'stroke="{look.stroke}"/>'
            f'<text x="{_n(x + 16 + width / 2)}" y="{_n(y + 12.5)}" text-anchor="middle" font-size="10" '
            f'fill="{look.stroke}">{text}</text>'
        )
    return (
        f'<g class="badge">{count}<circle cx="{_n(x + 9)}" cy="{_n(y + 9)}" r="9" fill="{look.stroke}"/>'
        f'<path transform="translate({_n(x)} {_n(y)})" d="{STATE_SIGNS[mark.state]}" stroke="#ffffff" '
        f'stroke-width="2"/></g>'
    )


def _edge(edge: Edge, mark: ElementState | None) -> str:
    changed = LOOKS[mark.state] if mark is not None and mark.state in CHANGES else None
    taken = mark is not None and mark.state != "cancelled"
    colour = changed.stroke if changed else LOOKS["done"].stroke if taken else LINE
    dash = {"messageFlow": "8 5", "association": "2 4"}.get(edge.kind, changed.dash if changed else "")
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    state = f' data-state="{mark.state}"' if mark else ""
    parts = [f'<path d="{_route(edge.points)}" stroke-width="{"2.5" if taken else "1.5"}"{dashed}/>']
    if edge.kind != "association":
        parts.append(f'<path d="{_arrow(edge.points)}" fill="{colour}" stroke-width="1"/>')
    if edge.default:
        parts.append(f'<path d="{_slash(edge.points)}" stroke-width="1.5"/>')
    name = f"<title>{escape(edge.name)}</title>" if edge.name else ""
    css = f"flow state-{mark.state}" if changed and mark else "flow flow-taken" if taken else "flow"
    return f'<g class="{css}" data-element={quoteattr(edge.id)}{state} stroke="{colour}">{name}{"".join(parts)}</g>'


def _toward(start: tuple[float, float], end: tuple[float, float], distance: float) -> tuple[float, float]:
    length = max(((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5, 0.001)
    share = distance / length
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _route(points: tuple[tuple[float, float], ...]) -> str:
    """Return the path through the waypoints, corners rounded as far as the legs allow, ending under the arrow head."""
    end = _toward(points[-1], points[-2], _ARROW[0] - 2)
    parts = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        legs = [abs(corner[0] - other[0]) + abs(corner[1] - other[1]) for other in (before, after)]
        round_by = min(_CORNER, *(leg / 2 for leg in legs))
        x1, y1 = _toward(corner, before, round_by)
        x2, y2 = _toward(corner, after, round_by)
        parts.append(f"L{_n(x1)} {_n(y1)}Q{_n(corner[0])} {_n(corner[1])} {_n(x2)} {_n(y2)}")
    return "".join(parts) + f"L{_n(end[0])} {_n(end[1])}"


def _arrow(points: tuple[tuple[float, float], ...]) -> str:
    tip, (x, y) = points[-1], _toward(points[-1], points[-2], _ARROW[0])
    across_x, across_y = (tip[1] - y) * _ARROW[1] / _ARROW[0], (x - tip[0]) * _ARROW[1] / _ARROW[0]
    return f"M{_n(tip[0])} {_n(tip[1])}L{_n(x + across_x)} {_n(y + across_y)}L{_n(x - across_x)} {_n(y - across_y)}Z"


def _slash(points: tuple[tuple[float, float], ...]) -> str:
    """Return the stroke across the start of a default flow."""
    near, far = _toward(points[0], points[1], 8), _toward(points[0], points[1], 13)
    across_x, across_y = (far[1] - near[1]), (near[0] - far[0])
    return f"M{_n(near[0] + across_x)} {_n(near[1] + across_y)}L{_n(far[0] - across_x)} {_n(far[1] - across_y)}"


def _outside_label(thing: Shape | Edge) -> str:
    box = thing.label or Box(0, 0, 0, 0)
    x, y = box.middle
    lines = wrap(thing.name, max(box.width, LABEL_WIDTH if box.width <= 0 else 0) + 1, LABEL_SIZE)
    halo = ' paint-order="stroke" stroke="#ffffff" stroke-width="3"'
    return f'<g class="label" data-label={quoteattr(thing.id)}>{_lines(lines, x, y, LABEL_SIZE, halo)}</g>'

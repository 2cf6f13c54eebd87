"""Repairs on a picture: an arrow from where a token was taken to where it was put, which no line of the process is."""

from xml.sax.saxutils import escape

from engine.diagram_reading import Box

COLOUR = "#a1260d"
_RISE = 46.0
_SIDE = 34.0


def repair_arrow(source: Box, target: Box, title: str) -> str:
    """Draw the arrow of a repair over the picture; an element started anew has a loop above it."""
    x1, x2 = source.middle[0], target.middle[0]
    if source == target:
        x1, x2 = x1 - _SIDE / 2, x2 + _SIDE / 2
    y1, y2 = source.y, target.y
    top = min(y1, y2) - _RISE
    curve = f"M{x1:.1f} {y1:.1f}C{x1:.1f} {top:.1f} {x2:.1f} {top:.1f} {x2:.1f} {y2 - 4:.1f}"
    head = f"M{x2:.1f} {y2:.1f}l-5 -10h10z"
    said = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<g class="repair" stroke="{COLOUR}">{said}'
        f'<path d="{curve}" stroke="#ffffff" stroke-width="6"/>'
        f'<path d="{curve}" stroke-width="3" stroke-dasharray="7 4"/>'
        f'<path d="{head}" fill="{COLOUR}" stroke-width="1"/>'
        f'<circle cx="{x1:.1f}" cy="{y1:.1f}" r="4" fill="{COLOUR}"/></g>'
    )


def room_above(source: Box, target: Box) -> float:
    """Return how high the arrow rises: the smallest y it reaches."""
    return min(source.y, target.y) - _RISE

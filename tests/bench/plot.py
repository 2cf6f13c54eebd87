"""Plots as SVG, drawn by hand: bars of how much of each target is used, and curves over the life of a case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

from tests.bench.result import Result

INK, FAINT, GRID, PAPER = "#1f2937", "#6b7280", "#e5e7eb", "#ffffff"
MET, MISSED, BESIDE = "#0f766e", "#c2410c", "#94a3b8"
LABELS, BARS, FIGURES, ROW, TOP, BOTTOM = 440, 380, 190, 24, 64, 40
MOST_LETTERS = 64
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart."""

    name: str
    colour: str
    points: Points


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of lines, and a level that should not be passed."""

    title: str
    across: str
    curves: tuple[Curve, ...]
    level: float | None = None


def text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = INK, size: int = 12,
         weight: str = "normal") -> str:  # fmt: skip
    """Return words at a place."""
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}" '
            f'font-weight="{weight}">{escape(words)}</text>')  # fmt: skip


def line(x1: float, y1: float, x2: float, y2: float, colour: str = GRID, *, width: float = 1, dash: str = "") -> str:
    """Return a straight line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}"{dashed}/>')  # fmt: skip


def block(x: float, y: float, width: float, height: float, colour: str, *, corner: float, stroke: str = "none") -> str:
    """Return a filled rectangle."""
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{corner}" fill="{colour}" '
            f'stroke="{stroke}"/>')  # fmt: skip


def picture(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    """Return a whole drawing on white paper, readable on dark pages too."""
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}" role="img" font-family="Helvetica, Arial, sans-serif">')  # fmt: skip
    paper = block(0.5, 0.5, width - 1, height - 1, PAPER, corner=8, stroke=GRID)
    return "\n".join([head, f"<title>{escape(title)}</title>", paper, *parts, "</svg>", ""])


def shares(lines: Sequence[Result]) -> str:
    """Draw how much of its target each line uses; what passes the mark of 1 misses it."""
    used = [(one, one.target.share_of(one.value)) for one in lines if one.target is not None and one.value > 0]
    low = min(-2, min((floor(log10(share)) for _one, share in used), default=0))
    high = max(1, max((ceil(log10(share)) for _one, share in used), default=0))
    height = TOP + ROW * len(used) + BOTTOM
    foot = height - BOTTOM

    def place(share: float) -> float:
        return LABELS + (log10(share) - low) / (high - low) * BARS

    title = "How much of its target each figure uses"
    told = "1 is the target; shorter is better; each mark is ten times the one before"
    parts = [text(16, 28, title, size=16, weight="bold"), text(16, 47, told, colour=FAINT)]
    for power in range(low, high + 1):
        at = place(10**power)
        parts += [line(at, TOP - 6, at, foot), text(at, foot + 18, f"{10.0**power:g}", anchor="middle", colour=FAINT)]
    for number, (one, share) in enumerate(used):
        top = TOP + ROW * number
        colour = MET if one.met else MISSED
        parts += [
            text(LABELS - 10, top + 15, _label(one), anchor="end"),
            block(LABELS, top + 4, max(place(share) - LABELS, 1), ROW - 8, colour, corner=2),
            text(LABELS + BARS + FIGURES - 16, top + 15, _figure(one), anchor="end", colour=colour),
        ]  # fmt: skip
    parts.append(line(place(1), TOP - 6, place(1), foot, INK, width=1.5, dash="4 3"))
    return picture(LABELS + BARS + FIGURES, height, title, parts)


def _figure(one: Result) -> str:
    return f"{_short(one.value)} {one.unit}".strip() + f" ({one.target})"


def _label(one: Result) -> str:
    where = next((word for word in ("PostgreSQL", "SQLite") if word in one.data and word not in one.name), "")
    size = f"{one.data.partition(' open tasks')[0]} tasks" if " open tasks" in one.data else ""
    label = ", ".join(word for word in (one.name, size, where) if word).replace("`", "")
    return label if len(label) <= MOST_LETTERS else f"{label[: MOST_LETTERS - 1]}…"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.3g}"


def charts(found: Sequence[Chart]) -> str:
    """Draw charts of lines side by side."""
    width, height = 480, 300
    parts: list[str] = []
    for number, chart in enumerate(found):
        parts += _chart(chart, number * width, width, height)
    return picture(width * len(found), height, "; ".join(chart.title for chart in found), parts)


def _chart(chart: Chart, left: float, width: float, height: float) -> list[str]:
    x0, x1, y0, y1 = left + 60, left + width - 24, height - 56, 64
    most_x = max(x for curve in chart.curves for x, _y in curve.points)
    levels = [chart.level] if chart.level is not None else []
    most_y = _round_up(max([*levels, *(y for curve in chart.curves for _x, y in curve.points)]))

    def at(x: float, y: float) -> tuple[float, float]:
        return x0 + x / most_x * (x1 - x0), y0 - y / most_y * (y0 - y1)

    parts = [text(left + 16, 28, chart.title, size=15, weight="bold")]
    for step in range(5):
        _x, y = at(0, most_y * step / 4)
        parts += [line(x0, y, x1, y), text(x0 - 8, y + 4, _short(most_y * step / 4), anchor="end", colour=FAINT)]
        x, _y = at(most_x * step / 4, 0)
        parts.append(text(x, y0 + 18, _short(most_x * step / 4), anchor="middle", colour=FAINT))
    parts.append(text((x0 + x1) / 2, y0 + 38, chart.across, anchor="middle", colour=FAINT))
    for place, curve in enumerate(chart.curves):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in curve.points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{curve.colour}" stroke-width="2.5"/>')
        parts += [line(x0 + 150 * place, 48, x0 + 150 * place + 18, 48, curve.colour, width=3),
                  text(x0 + 150 * place + 24, 52, curve.name)]  # fmt: skip
    for level in levels:
        _x, y = at(0, level)
        parts += [line(x0, y, x1, y, MISSED, width=1.5, dash="4 3"),
                  text(x1, y - 5, f"target {_short(level)}", anchor="end", colour=MISSED)]  # fmt: skip
    return parts


def _round_up(value: float) -> float:
    """Return a round number that is not below a value, for the top of an axis."""
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 4, 5, 6, 8, 10) if step * power >= value)

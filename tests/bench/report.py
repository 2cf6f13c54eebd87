"""The figures of a run: kept as JSON, printed as a table."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.result import Result

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results.json"


@dataclass
class Run:
    """One run of the benchmark: the machine, and the lines of each part."""

    machine: dict[str, Any]
    parts: dict[str, list[Result]] = field(default_factory=dict)

    @property
    def lines(self) -> list[Result]:
        """All lines, part after part."""
        return [line for lines in self.parts.values() for line in lines]


def keep(run: Run, place: Path = RESULTS) -> None:
    """Write the figures as JSON."""
    parts = {name: [line.as_dict() for line in lines] for name, lines in run.parts.items()}
    body = json.dumps({"machine": run.machine, "parts": parts}, indent=1, ensure_ascii=False)
    place.write_text(f"{body}\n", encoding="utf-8")


def read() -> Run:
    """Return the figures that were kept last."""
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    parts = {name: [Result.from_dict(one) for one in lines] for name, lines in kept["parts"].items()}
    return Run(kept["machine"], parts)


def figure(value: float | None) -> str:
    """Return a number as people read it."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.3g}"


def as_text(run: Run) -> str:
    """Return the lines as a table for the terminal."""
    lines = [f"{'':62} {'figure':>10} {'':8} {'target':>11} {'naive':>9} {'ratio':>8}"]
    for line in run.lines:
        mark = {True: "✓", False: "✗", None: " "}[line.met]
        ratio = "" if line.ratio is None else f"{figure(line.ratio)}×"
        target = "" if line.target is None else str(line.target)
        measured = f"{line.name:62.62} {figure(line.value):>10} {line.unit:8} {target:>11}"
        lines.append(f"{measured} {figure(line.baseline):>9} {ratio:>8} {mark} {line.data}")
    return "\n".join([", ".join(f"{name} {value}" for name, value in run.machine.items()), "", *lines])

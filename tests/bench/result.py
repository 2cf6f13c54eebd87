"""What a part of the benchmark hands over: one figure, what is aimed at, and what stood beside it in the same run."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should not exceed, or with `at_least` not fall below."""

    limit: float
    at_least: bool = False

    def met_by(self, value: float) -> bool:
        """Tell whether a figure is on the right side."""
        return value >= self.limit if self.at_least else value <= self.limit

    def share_of(self, value: float) -> float:
        """Return how much of the target a figure uses up; above 1 it is missed."""
        return self.limit / value if self.at_least else value / self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:,g}"


@dataclass(frozen=True, slots=True)
class Spread:
    """Many measurements of one thing."""

    median: float
    p95: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Return median, 95th percentile and number of some measurements."""
        ordered = sorted(values)
        return cls(statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], len(ordered))


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the benchmark.

    Attributes:
        value: the figure the target speaks of.
        spread: where the figure is one of many measurements.
        baseline: the same figure of the naive engine, measured in turn with ours.
        data: how much there was: cases, tasks, events.
        detail: what is in the figure and what is not.
        series: points of a curve, for the plot.

    """

    name: str
    value: float
    unit: str
    target: Target | None = None
    spread: Spread | None = None
    baseline: float | None = None
    data: str = ""
    detail: str = ""
    series: tuple[tuple[float, float], ...] = field(default=())

    @property
    def met(self) -> bool | None:
        """Whether the target was met; None where there is none."""
        return None if self.target is None else self.target.met_by(self.value)

    @property
    def ratio(self) -> float | None:
        """How many times better than the baseline."""
        if not self.baseline or not self.value:
            return None
        more_is_better = self.target is not None and self.target.at_least
        return self.value / self.baseline if more_is_better else self.baseline / self.value

    def as_dict(self) -> dict[str, Any]:
        """Return the line as JSON."""
        spread = self.spread
        return {
            "name": self.name, "value": _short(self.value), "unit": self.unit,
            "limit": self.target and self.target.limit, "at_least": bool(self.target and self.target.at_least),
            "met": self.met, "median": spread and _short(spread.median), "p95": spread and _short(spread.p95),
            "samples": spread and spread.count, "baseline": _short(self.baseline), "ratio": _short(self.ratio),
            "data": self.data, "detail": self.detail, "series": [[x, _short(y)] for x, y in self.series],
        }  # fmt: skip

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> "Result":
        """Return a line that was kept as JSON."""
        target = None if kept["limit"] is None else Target(kept["limit"], kept["at_least"])
        spread = None if kept["samples"] is None else Spread(kept["median"], kept["p95"], kept["samples"])
        series = tuple((x, y) for x, y in kept["series"])
        return cls(kept["name"], kept["value"], kept["unit"], target, spread, kept["baseline"], kept["data"],
                   kept["detail"], series)  # fmt: skip


def _short(value: float | None) -> float | None:
    """Return a figure without digits nobody can vouch for."""
    return None if value is None else float(f"{value:.4g}") if abs(value) < 1_000 else round(value)


def at_median(
    name: str, target: Target | None, ours: Sequence[float], baseline: Sequence[float] = (), *, unit: str = "ms",
    **told: Any,
) -> Result:  # fmt: skip
    """Return a line whose figure is the median of many measurements."""
    spread = Spread.of(ours)
    beside = statistics.median(baseline) if baseline else None
    return Result(name, spread.median, unit, target, spread, beside, **told)


def at_p95(
    name: str, target: Target | None, ours: Sequence[float], baseline: Sequence[float] = (), *, unit: str = "ms",
    **told: Any,
) -> Result:  # fmt: skip
    """Return a line whose figure is the 95th percentile of many measurements."""
    spread = Spread.of(ours)
    beside = Spread.of(baseline).p95 if baseline else None
    return Result(name, spread.p95, unit, target, spread, beside, **told)


def milliseconds(work: Callable[[], Any]) -> float:
    """Return how long one piece of work took."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one piece of work took by the wall, and of the processor, in milliseconds.

    On a machine that does other things too the second tells more.
    """

    took: float
    computing: float


def cost(work: Callable[[], Any]) -> Cost:
    """Do one piece of work and return what it cost."""
    computing, started = time.process_time(), time.perf_counter()
    work()
    return Cost((time.perf_counter() - started) * 1000, (time.process_time() - computing) * 1000)


def timed(work: Callable[[], Any], rounds: int) -> list[float]:
    """Do it once unmeasured, then many times."""
    work()
    return [milliseconds(work) for _ in range(rounds)]

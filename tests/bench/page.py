"""docs/benchmark.md: the figures as people read them, with plots."""

from collections.abc import Iterable, Mapping

from tests.bench import plot
from tests.bench.report import ROOT, Run, figure
from tests.bench.result import Result

PAGE = ROOT / "docs" / "benchmark.md"
SHARES = ROOT / "docs" / "pictures" / "benchmark-targets.svg"
CURVES = ROOT / "docs" / "pictures" / "benchmark-curves.svg"

TITLES: Mapping[str, str] = {
    "completion": "Complete a task",
    "http": "Complete a task over HTTP",
    "queue": "The queue",
    "long": "A long case",
    "together": "Nine votes in the same second",
    "sitting": "A whole sitting",
    "sizes": "Bytes of a case",
    "record": "Proving the record",
    "councils": "Councils of nine, thirty and sixty",
    "memory": "Memory of a web process",
    "timers": "A million timers",
    "conditions": "Conditions of gateways",
}
HEAD = """# Benchmark

`make bench` measures every target of the design on this machine and writes this page and
[`bench/results.json`](../bench/results.json). Beside ours, in turn and in the same run, stands a naive engine: the
stock library, the whole workflow with its specs as JSON in one row, no history, no task rows, no separation of duties
(`tests/bench/naive.py`). Where a machine does other things too, the ratios count, not the milliseconds.

`.venv/bin/python -m tests.bench --only queue` runs one part, `--quick` little of everything, `--report` writes this
page anew. Times are never asserted in tests; SQL statements and bytes of a completion are
(`tests/paths/test_costs.py`). That nothing is lost or done twice under `kill -9` is proved in `tests/chaos`, not
measured here.
"""
QUICK = "**A quick run, little of everything: these figures only show the shape of the page.**"


def write(run: Run) -> None:
    """Write the page and its plots."""
    PAGE.write_text(as_markdown(run), encoding="utf-8")
    SHARES.write_text(shares_of(run), encoding="utf-8")
    CURVES.write_text(curves_of(run), encoding="utf-8")


def shares_of(run: Run) -> str:
    """Return the plot of what each line uses of its target; lines that only explain another are left out."""
    return plot.shares([line for line in run.lines if not line.name.startswith("…")])


def curves_of(run: Run) -> str:
    """Return the plot of curves."""
    return plot.charts(_charts(run))


def as_markdown(run: Run) -> str:
    """Return the page."""
    aimed = [line for line in run.lines if line.target is not None]
    met = sum(line.met is True for line in aimed)
    missed = [line for line in aimed if not line.met]
    parts = [HEAD, *([QUICK, ""] if run.machine["quick"] else []), f"**{met} of {len(aimed)} targets are met.**", ""]
    if missed:
        parts += ["Missed:", "", *(f"* {_named(one)}: {_figure(one)}, target {one.target}" for one in missed), ""]
    parts += ["![How much of its target each figure uses](pictures/benchmark-targets.svg)", "",
              "![Over the life of a case; memory over completions](pictures/benchmark-curves.svg)", "",
              "## Machine", "", *_machine(run), ""]  # fmt: skip
    for name, lines in run.parts.items():
        parts += [f"## {TITLES[name]}", "", *_table(lines), "", *_notes(lines)]
    return "\n".join(parts).rstrip() + "\n"


def _named(line: Result) -> str:
    return f"{line.name.removeprefix('… ')}{f' ({line.data})' if line.data else ''}"


def _machine(run: Run) -> list[str]:
    words = {"processor": "processor", "cores": "cores", "memory_gib": "memory (GiB)", "system": "system",
             "python": "Python", "sqlite": "SQLite", "postgresql": "PostgreSQL",
             "sync_ms": "disk: 4 KB kept for good (ms)", "load_before": "load before the run"}  # fmt: skip
    rows = [f"| {word} | {run.machine[name]} |" for name, word in words.items()]
    return ["| | |", "| --- | --- |", *rows]


def _figure(line: Result) -> str:
    return f"{figure(line.value)} {line.unit}".strip()


def _table(lines: Iterable[Result]) -> list[str]:
    rows = ["| what | figure | target | met | median | p95 | naive | ratio | data |",
            "| --- | --: | --: | :-: | --: | --: | --: | --: | --- |"]  # fmt: skip
    for line in lines:
        spread = line.spread
        cells = [
            line.name, _figure(line), "" if line.target is None else str(line.target),
            {True: "✓", False: "✗", None: ""}[line.met],
            "" if spread is None else figure(spread.median), "" if spread is None else figure(spread.p95),
            figure(line.baseline), "" if line.ratio is None else f"{figure(line.ratio)}×",
            f"{line.data}{f'; {spread.count} measured' if spread else ''}",
        ]  # fmt: skip
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _notes(lines: Iterable[Result]) -> list[str]:
    """Return what is in the figures and what is not, each sentence once."""
    told: dict[str, str] = {}
    for line in lines:
        if line.detail:
            told.setdefault(line.detail, line.name.removeprefix("… "))
    found = [f"* {name[:1].upper()}{name[1:]}: {detail}." for detail, name in told.items()]
    return [*found, ""] if found else []


def _charts(run: Run) -> list[plot.Chart]:
    found = []
    grown = [line for line in run.parts.get("long", ()) if line.series]
    if grown:
        names = ("ours", "naive engine")
        curves = tuple(
            plot.Curve(name, colour, line.series)
            for name, colour, line in zip(names, (plot.MET, plot.BESIDE), grown, strict=True)
        )
        found.append(plot.Chart("A step of a case that is returned again and again (ms)", "steps so far", curves))
    for line in run.parts.get("memory", ()):
        if line.series:
            held = plot.Curve("web process", plot.MET, line.series)
            limit = line.target.limit if line.target else None
            found.append(plot.Chart("Memory of a web process (MB)", "tasks completed", (held,), limit))
    return found

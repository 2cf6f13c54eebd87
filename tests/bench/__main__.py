"""`make bench`: what a completion costs, beside a baseline measured in the same run on the same machine.

Prints a table and writes `bench/results.json`. A shared machine is noisy: read the ratios, not the milliseconds.
"""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.conditions import CONDITIONS, microseconds_over_python
from tests.bench.engine_costs import ballots, bytes_per_case
from tests.bench.http_costs import over_http
from tests.bench.measure import Row, table
from tests.bench.queue_costs import queue_pages

ROOT = Path(__file__).resolve().parents[2]


def conditions() -> list[Row]:
    """A warm gateway condition beside Python's own."""
    return [
        Row(f"warm condition {text}", "µs over Python", round(microseconds_over_python(text, python), 2), None, "<= 3")
        for text, python in CONDITIONS
    ]


PARTS: dict[str, Callable[[Path], list[Row]]] = {
    "ballots": ballots,
    "bytes": bytes_per_case,
    "http": over_http,
    "queue": queue_pages,
    "conditions": lambda _folder: conditions(),
}


def main() -> int:
    """Run the parts named on the command line, or all."""
    wanted = sys.argv[1:] or list(PARTS)
    rows: list[Row] = []
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="thidua-bench-") as folder:
            print(f"… {name}", flush=True)
            rows += PARTS[name](Path(folder))
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"\n{machine}\n\n{table(rows)}")
    results = ROOT / "bench" / "results.json"
    results.parent.mkdir(exist_ok=True)
    results.write_text(json.dumps({"machine": machine, "rows": [row.as_dict() for row in rows]}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

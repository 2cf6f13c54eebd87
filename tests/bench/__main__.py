"""`make bench`: every target of the design, beside a naive engine measured in the same run on the same machine.

    python -m tests.bench                    all parts; writes bench/results.json and docs/benchmark.md
    python -m tests.bench --only queue       one part (or more: --only queue --only memory), printed only
    python -m tests.bench --quick            little of everything, for who works on the benchmark, printed only
    python -m tests.bench --report           docs/benchmark.md anew from bench/results.json

A shared machine is noisy: there the ratios count, not the milliseconds.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import page, report
from tests.bench.completion import completion
from tests.bench.conditions import conditions
from tests.bench.councils import councils
from tests.bench.ground import Ground
from tests.bench.long_case import long_case
from tests.bench.machine import machine
from tests.bench.memory import memory
from tests.bench.over_http import over_http
from tests.bench.queues import queues
from tests.bench.record import record
from tests.bench.result import Result
from tests.bench.sizes import sizes
from tests.bench.timers import timers
from tests.bench.together import together
from tests.bench.whole_sitting import whole_sitting

PARTS: dict[str, Callable[[Ground], list[Result]]] = {
    "completion": completion,
    "http": over_http,
    "queue": queues,
    "long": long_case,
    "together": together,
    "sitting": whole_sitting,
    "sizes": sizes,
    "record": record,
    "councils": councils,
    "memory": memory,
    "timers": timers,
    "conditions": conditions,
}


def main() -> int:
    """Run what the command line asks for."""
    asked = _arguments()
    if asked.report:
        page.write(report.read())
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # what was started ends with the benchmark
    ground = Ground.prepare(quick=asked.quick)
    try:
        found = report.Run(machine(ground))
        for name in asked.only or PARTS:
            began = time.perf_counter()
            print(f"… {name}", end=" ", flush=True)
            found.parts[name] = PARTS[name](ground)
            print(f"{time.perf_counter() - began:.0f} s", flush=True)
    finally:
        ground.clear()
    print(f"\n{report.as_text(found)}")
    if asked.keep:
        report.keep(found, asked.keep)
    elif not asked.quick and not asked.only:
        report.keep(found)
        page.write(report.read())  # from what was kept, which is rounded
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; may be repeated")
    parser.add_argument("--quick", action="store_true", help="little of everything; the figures say nothing")
    parser.add_argument("--keep", type=Path, help="where figures are kept that are not those of a whole run")
    parser.add_argument("--report", action="store_true", help="write the page anew from the figures that were kept")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())

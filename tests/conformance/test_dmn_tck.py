"""The standard's own cases, when their folder is there; prints the score of each folder and every failure.

The folder is what THIDUA_DMN_TCK names, else `shared/conformance/dmn-tck` beside the project.
"""

import os
import tomllib
from pathlib import Path

import pytest

from tests.conformance.tck import Outcome, run_folder

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "dmn-tck"
FOLDER = Path(os.environ.get("THIDUA_DMN_TCK") or BESIDE)
LEVELS = ("compliance-level-2", "compliance-level-3")
KNOWN = {
    case: reason
    for reason, cases in tomllib.loads(Path(__file__).with_name("known_failures.toml").read_text("utf-8")).items()
    for case in cases
}


@pytest.mark.conformance
@pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason=f"no cases of the DMN standard: THIDUA_DMN_TCK names no folder and there is none at {BESIDE}",
)
@pytest.mark.parametrize("level", LEVELS)
def test_the_standards_cases(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [outcome for folder in sorted((FOLDER / level).iterdir()) for outcome in run_folder(folder)]
    with capsys.disabled():
        print(f"\n{report(level, outcomes)}")
    failed = {outcome.case: outcome.fault for outcome in outcomes if outcome.fault}
    assert {case: fault for case, fault in failed.items() if case not in KNOWN} == {}
    stale = {outcome.case for outcome in outcomes if not outcome.fault} & KNOWN.keys()
    assert not stale, "these cases pass now and no longer belong into known_failures.toml"


def report(level: str, outcomes: list[Outcome]) -> str:
    """Return the score of each folder and the first reason of each failure."""
    lines = []
    for folder in dict.fromkeys(outcome.folder for outcome in outcomes):
        own = [outcome for outcome in outcomes if outcome.folder == folder]
        failed = [outcome for outcome in own if outcome.fault]
        lines.append(f"{folder}: {len(own) - len(failed)} of {len(own)}")
        lines += [f"    {o.case} {o.decision}: {o.fault} [{KNOWN.get(o.case, 'not known before')}]" for o in failed]
    passed = sum(not outcome.fault for outcome in outcomes)
    return "\n".join([*lines, f"{level}: {passed} of {len(outcomes)}"])

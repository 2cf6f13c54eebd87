"""Each of SpiffWorkflow's own diagrams, driven through the library and through ours, ends in exactly one class.

Equal; or different by a hazard of the library that `known.toml` names; or refused by our lint for a reason that stands
there. The folder is what THIDUA_SPIFF_DIAGRAMS names, else `shared/conformance/spiff-diagrams` beside the project.
"""

import os
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine import lint
from tests.equivalence import bridge, decision_tables, library, pair

TABLE = tomllib.loads(Path(__file__).with_name("known.toml").read_text("utf-8"))
DIFFERS = {name: hazard for hazard in TABLE["differs"].values() for name in hazard["diagrams"]}
REFUSED = {name: reason for reason in TABLE["refused"].values() for name in reason["diagrams"]}
SEEDS = int(os.environ.get("THIDUA_EQUIVALENCE_SEEDS") or 2)
SEEDS_TO_DIFFER = 20
"""What is to differ gets as many tries at least, so that the table stays true."""
KINDS = {"bpmn": 116, "dmn": 44}

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(
        not library.FOLDER.is_dir(),
        reason=f"no SpiffWorkflow diagrams: THIDUA_SPIFF_DIAGRAMS names no folder and none is at {library.BESIDE}",
    ),
]


@dataclass
class Driven:
    """What became of one diagram over all its roots and seeds."""

    differences: list[str]
    refused: str = ""
    tried: int = 0
    steps: int = 0
    reloads: int = 0
    visited: int = 0
    known: int = 0


def driven(name: str, without: frozenset[str] = frozenset(), seeds: int = SEEDS) -> Driven:
    """Drive a diagram from each of its roots with each seed, or ask a table; what is to differ, until it does."""
    if name.endswith(".dmn"):
        decided = decision_tables.decide(name, 10 * SEEDS, without=without)
        return Driven([decided.difference] if decided.difference else [], decided.refused, steps=decided.asked)
    sample, found = library.sample(name), Driven([])
    visited, known = set[str](), set[str]()
    listed = name in REFUSED or name in DIFFERS
    for root in (*sample.roots, *sample.collaborations):
        for seed in range(max(seeds, SEEDS_TO_DIFFER) if listed and not without else seeds):
            if seed >= seeds and found.differences:
                break
            found.tried = max(found.tried, seed + 1)
            drive = pair.drive(sample, root, seed, without=without)
            if drive.difference:
                done = "; ".join(drive.history)
                found.differences.append(f"{name}, {root}, seed {seed}: {drive.difference} | after: {done}")
            found.steps, found.reloads = found.steps + drive.steps, found.reloads + drive.reloads
            visited, known = visited | drive.visited, known | drive.known
    found.visited, found.known = len(visited), len(known)
    return found


def class_of(name: str, found: Driven) -> str:
    """Return the class a diagram belongs to, after it was shown to belong there and nowhere else."""
    if name in DIFFERS:
        hazard = DIFFERS[name]
        assert found.differences, f"{name} no longer differs: take it out of known.toml ({hazard['hazard']})"
        if hazard["without"]:
            again = driven(name, frozenset(hazard["without"]), found.tried)
            assert again.differences == [], f"{name} differs by more than its hazard: {again.differences[0]}"
        return "differs by a named hazard"
    if name.endswith(".dmn"):
        assert found.differences == []
        return "refused" if found.refused else "equal"
    if name in REFUSED:
        assert found.differences, f"{name} is equal now: take it out of known.toml"
        assert refused_for(name, REFUSED[name]["rule"], REFUSED[name]["says"])
        return "refused"
    assert found.differences == [], "\n".join(found.differences)
    return "equal"


def refused_for(name: str, rule: str, says: str) -> bool:
    """Tell whether lint refuses a diagram by a rule, in words that name the reason."""
    found = lint.check((library.FOLDER / name).read_bytes())
    return any(finding.rule == rule and says in finding.message for finding in found)


def reasons_of(refusal: str) -> list[str]:
    """Return the reasons of the table that a refusal gives."""
    return [reason for reason in TABLE["tables"] if reason in refusal]


@pytest.mark.parametrize("kind", KINDS)
def test_each_diagram_ends_in_one_class(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    names = library.names(kind)
    assert len(names) == KINDS[kind]
    found = {name: driven(name) for name in names}
    classes = Counter(class_of(name, one) for name, one in found.items())
    if kind == "dmn":
        refusals = [one.refused for one in found.values() if one.refused]
        assert [said for said in refusals if not said.startswith("dmn_file: ") or not reasons_of(said)] == []
        assert {reason for said in refusals for reason in reasons_of(said)} == TABLE["tables"].keys()
    with capsys.disabled():
        print(f"\n{kind}: {dict(classes)} of {len(names)}; {sum(one.steps for one in found.values())} steps compared")
        if kind == "bpmn":
            reloads, visited, known = (
                sum(getattr(one, key) for one in found.values()) for key in ("reloads", "visited", "known")
            )
            print(f"bpmn: stored and read back {reloads} times; {visited} of {known} task specs reached")
    assert sum(classes.values()) == KINDS[kind]


def test_the_table_names_no_diagram_twice_and_none_that_is_not_there() -> None:
    listed = [name for group in ("differs", "refused") for entry in TABLE[group].values() for name in entry["diagrams"]]
    assert len(listed) == len(set(listed))
    assert set(listed) <= {name for kind in KINDS for name in library.names(kind)}
    assert {
        part for hazard in TABLE["differs"].values() for part in hazard["without"]
    } <= bridge.PARTS | decision_tables.PARTS

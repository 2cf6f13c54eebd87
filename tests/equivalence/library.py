"""SpiffWorkflow's own diagrams: where they lie, which of them belong together, and how each is read."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.specs.data_spec import BpmnDataStoreSpecification
from SpiffWorkflow.camunda.parser.CamundaParser import CamundaParser
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "spiff-diagrams"
FOLDER = Path(os.environ.get("THIDUA_SPIFF_DIAGRAMS") or BESIDE)
_MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


@dataclass(frozen=True)
class Sample:
    """One diagram of the library's tests with what it needs to run.

    Attributes:
        name: its path below the folder.
        files: the diagram and the files whose processes or decisions it calls.
        roots: processes of the diagram that can be started.
        collaborations: pools of the diagram that can be started together.
        missing: processes and decisions it calls that no file holds; a user task between two events, a table of one
            rule, stands in for each.

    """

    name: str
    files: tuple[Path, ...]
    roots: tuple[str, ...]
    collaborations: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """All its files as one text."""
        return "\n".join(path.read_text("utf-8") for path in self.files)

    @property
    def reader(self) -> type[Any]:
        """Return the library's parser for it: by folder, and by the extensions it bears."""
        if self.name.startswith("camunda/"):
            return CamundaParser  # type: ignore[no-any-return]  # SpiffWorkflow is untyped
        own = self.files[0].read_text("utf-8")
        spiff = self.name.startswith("spiff/") or "spiffworkflow:" in own or "businessRuleTask" in own
        return SpiffBpmnParser if spiff else BpmnParser  # type: ignore[no-any-return]


def names(kind: str) -> list[str]:
    """Return the diagrams of a kind, by path below the folder."""
    return sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob(f"*.{kind}"))


def sample(name: str) -> Sample:
    """Return a diagram with the files it calls."""
    path = FOLDER / name
    root = etree.parse(path).getroot()
    files, missing = [path], []
    for file in files:
        tree = etree.parse(file).getroot()
        for tag, called in _called(tree):
            found = _owner(called, file)
            if found is None and called not in _ids()[file]:
                missing.append((tag, called))
            elif found is not None and found not in files:
                files.append(found)
    processes = [node for node in root.iter(f"{_MODEL}process") if node.get("isExecutable", "true") == "true"]
    pools = [node.get("id") for node in root.iter(f"{_MODEL}collaboration")]
    return Sample(
        name, tuple(files), tuple(node.get("id") for node in processes), tuple(pools), tuple(dict.fromkeys(missing))
    )


def _called(tree: Any) -> Iterator[tuple[str, str]]:
    for node in tree.iter():
        if not isinstance(node.tag, str):
            continue
        if node.tag == f"{_MODEL}callActivity":
            yield "process", node.get("calledElement") or ""
        yield from (("decision", value) for key, value in node.attrib.items() if key.endswith("}decisionRef"))
        if node.tag.endswith("}calledDecisionId"):
            yield "decision", (node.text or "").strip()


def _owner(called: str, beside: Path) -> Path | None:
    """Return the file that holds a process or a decision, the nearest first."""
    found = [path for path, ids in _ids().items() if called in ids and path != beside]
    return min(found, key=lambda path: (path.parent != beside.parent, _far(path, beside), path), default=None)


def _far(path: Path, other: Path) -> int:
    return -len(os.path.commonpath([path, other]))


@cache
def _ids() -> dict[Path, frozenset[str]]:
    pattern = re.compile(r"<(?:\w+:)?(?:process|decision)\s[^>]*?\bid=\"([^\"]+)\"")
    files = [path for path in sorted(FOLDER.rglob("*")) if path.suffix in (".bpmn", ".dmn")]
    return {path: frozenset(pattern.findall(path.read_text("utf-8"))) for path in files}


class _Kept(BpmnDataStoreSpecification):  # type: ignore[misc]  # SpiffWorkflow is untyped
    """The data store of the library's tests: one value for the whole run."""

    def get(self, my_task: Any) -> None:
        """Give the task the value."""
        my_task.data[self.bpmn_id] = my_task.workflow.top_workflow.data.get("stored")

    def set(self, my_task: Any) -> None:
        """Take the value from the task."""
        my_task.workflow.top_workflow.data["stored"] = my_task.data.pop(self.bpmn_id)

    def delete(self, my_task: Any) -> None:
        """Nothing is kept in the task."""


def read(sample: Sample, reader: type[Any], root: str) -> tuple[str, dict[str, Any]]:
    """Return the key and the specs of one root of a diagram, read by a parser.

    Raises:
        ValidationException: the library cannot read it.

    """
    parser = type(reader.__name__, (reader,), {"DATA_STORE_CLASSES": {"TestDataStore": _Kept}})()
    for path in sample.files:
        (parser.add_dmn_file if path.suffix == ".dmn" else parser.add_bpmn_file)(str(path))
    for number, (kind, key) in enumerate(sample.missing):
        if kind == "process":
            parser.add_bpmn_str(_process(key, number), "")
        else:
            parser.add_dmn_str(_decision(key), "")
    if root in sample.collaborations:
        spec, called = parser.get_collaboration(root)
    else:
        spec, called = parser.get_spec(root), parser.get_subprocess_specs(root)
    return spec.name, {spec.name: spec, **called}


def _process(key: str, number: int) -> bytes:
    return (
        f'<definitions xmlns="{_MODEL[1:-1]}"><process id="{key}" isExecutable="true"><startEvent id="s{number}" />'
        f'<userTask id="u{number}" /><endEvent id="e{number}" /><sequenceFlow id="f{number}" sourceRef="s{number}" '
        f'targetRef="u{number}" /><sequenceFlow id="g{number}" sourceRef="u{number}" targetRef="e{number}" />'
        "</process></definitions>"
    ).encode()


def _decision(key: str) -> bytes:
    return (
        f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d"><decision id="{key}" name="{key}">'
        '<decisionTable id="t"><output id="o" label="decided" name="decided" /><rule id="r"><outputEntry id="x">'
        "<text>1</text></outputEntry></rule></decisionTable></decision></definitions>"
    ).encode()

"""The pictures people see: drawn by the product from the interchange, kept in the tests' output to be looked at."""

from pathlib import Path

import pytest
from lxml import etree

from engine import diagram, lint
from tests.diagrams.test_layout import BPMN, DIAGRAMS, every_diagram

OUTPUT = Path(__file__).resolve().parents[1] / "output" / "diagrams"
SVG = "{http://www.w3.org/2000/svg}"
PROCESS = "{http://www.omg.org/spec/BPMN/20100524/MODEL}process"


@every_diagram
def test_every_diagram_is_drawn_with_all_its_elements_and_names(path: Path) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    picture = diagram.render(path.read_bytes())
    (OUTPUT / f"{path.stem}.svg").write_text(picture, encoding="utf-8")
    root = etree.fromstring(picture.encode())
    drawn = {node.get("data-element") for node in root.iter() if node.get("data-element")}
    process = etree.fromstring(path.read_bytes()).find(PROCESS)
    assert process is not None
    wanted = {
        node.get("id")
        for node in process.iter()
        if isinstance(node.tag, str)
        and etree.QName(node).localname.endswith(("Task", "Event", "Gateway", "callActivity", "sequenceFlow", "lane"))
    }
    assert wanted <= drawn
    assert root.find(f"{SVG}title") is not None
    assert "style=" not in picture, "a strict content policy forbids inline styles"
    assert "<script" not in picture


def test_the_shipped_diagrams_have_no_structural_finding() -> None:
    found = [finding for path in DIAGRAMS for finding in lint.check(path.read_bytes())]
    assert found == []


def test_every_process_called_is_there() -> None:
    keys = {path.stem for path in DIAGRAMS}
    called = {
        node.get("calledElement")
        for path in BPMN.glob("*.bpmn")
        for node in etree.parse(path).iter("{http://www.omg.org/spec/BPMN/20100524/MODEL}callActivity")
    }
    assert called <= keys


def test_a_file_that_is_no_diagram_is_refused() -> None:
    from engine.errors import DeploymentError

    with pytest.raises(DeploymentError):
        diagram.render(b"<not-bpmn/>")

"""The diagrams are the same to bpmn-js as to us: opened and saved they keep every element; boxes and states agree."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Page

from engine import diagram
from engine.views import ElementState
from tests.diagrams.test_layout import DIAGRAMS, drawing_of

ASSETS = Path(__file__).resolve().parents[2] / "webapp" / "assets"
MODELER = ASSETS / "node_modules" / "bpmn-js" / "dist" / "bpmn-modeler.production.min.js"
DI = ("http://www.omg.org/spec/BPMN/20100524/DI", "http://www.omg.org/spec/DD/20100524/DC",
      "http://www.omg.org/spec/DD/20100524/DI")  # fmt: skip
OPEN = """async (xml) => {
  window.modeler = new BpmnJS({ container: '#canvas' });
  const { warnings } = await window.modeler.importXML(xml);
  return warnings.map((warning) => warning.message);
}"""

every_diagram = pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)


def open_in_modeler(page: Page, xml: str) -> list[str]:
    page.set_content('<div id="canvas" style="height:800px"></div>')
    page.add_script_tag(path=MODELER)
    found: list[str] = page.evaluate(OPEN, xml)
    return found


def meaning(xml: bytes) -> list[tuple[str, tuple[tuple[str, str], ...], str, int]]:
    """Every element of the model with attributes, text and depth, without the drawing and in a fixed order."""
    root = etree.fromstring(xml, etree.XMLParser(remove_blank_text=True))
    found = []
    for node in root.iter():
        if not isinstance(node.tag, str) or etree.QName(node).namespace in DI:
            continue
        attributes = {etree.QName(name).localname: value for name, value in node.attrib.items()}
        attributes.pop("exporter", None)
        attributes.pop("exporterVersion", None)
        text = (node.text or "").strip()
        found.append(
            (etree.QName(node).localname, tuple(sorted(attributes.items())), text, len(list(node.iterancestors())))
        )
    return sorted(found)


@every_diagram
def test_opening_and_saving_loses_nothing(page: Page, path: Path) -> None:
    xml = path.read_text(encoding="utf-8")
    assert open_in_modeler(page, xml) == []
    saved = page.evaluate("async () => (await window.modeler.saveXML({ format: true })).xml")
    assert meaning(saved.encode()) == meaning(xml.encode())


@every_diagram
def test_our_drawing_puts_every_box_where_bpmn_js_does(page: Page, path: Path) -> None:
    xml = path.read_text(encoding="utf-8")
    open_in_modeler(page, xml)
    theirs: dict[str, list[float]] = page.evaluate(
        """() => Object.fromEntries(window.modeler.get('elementRegistry')
             .filter((one) => one.width && !one.labelTarget)
             .map((one) => [one.id, [one.x, one.y, one.width, one.height]]))"""
    )
    ours = {s.id: [s.box.x, s.box.y, s.box.width, s.box.height] for s in drawing_of(path).shapes}
    assert ours.keys() <= theirs.keys()
    assert {name: theirs[name] for name in ours} == ours


@every_diagram
def test_states_stand_on_the_same_elements(page: Page, path: Path) -> None:
    """States are painted by id: each id we colour is one bpmn-js can mark."""
    nodes = [s for s in drawing_of(path).shapes if s.kind not in ("participant", "lane")]
    kinds = ["done", "active", "waiting", "cancelled"]
    states = [ElementState(path.stem, s.id, kinds[i % 4]) for i, s in enumerate(nodes)]
    open_in_modeler(page, path.read_text(encoding="utf-8"))
    page.evaluate(
        "(states) => states.forEach(([id, state]) => window.modeler.get('canvas').addMarker(id, `state-${state}`))",
        [[one.element_id, one.state] for one in states],
    )
    theirs: dict[str, Any] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('[data-element-id]')].flatMap((node) => {
             const state = [...node.classList].find((name) => /^state-/.test(name));
             return state ? [[node.dataset.elementId, state.slice(6)]] : [];
           }))"""
    )
    picture = etree.fromstring(diagram.render(path.read_bytes(), states).encode())
    ours = {n.get("data-element"): n.get("data-state") for n in picture.iter() if n.get("data-state")}
    assert ours == theirs

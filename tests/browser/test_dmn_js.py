"""The decision tables are the same to dmn-js as to us: opened and saved they keep every element, source and mark."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from engine import dmn
from tests.browser.test_bpmn_js import ASSETS, meaning
from tests.unit.rulebook.files import BPMN

MODELER = ASSETS / "node_modules" / "dmn-js" / "dist" / "dmn-modeler.production.min.js"
OPEN = """async (xml) => {
  window.modeler = new DmnJS({ container: '#canvas' });
  const { warnings } = await window.modeler.importXML(xml);
  return warnings.map((warning) => warning.message);
}"""
VIEWS = "() => window.modeler.getViews().map((view) => [view.type, view.element.id])"
SHOW = """async (id) => {
  await window.modeler.open(window.modeler.getViews().find((one) => one.element.id === id));
}"""
SAVE = "async () => (await window.modeler.saveXML({ format: true })).xml"
FILES = sorted((BPMN / "tables").glob("*/*.dmn"))

every_table = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")


def open_in_modeler(page: Page, xml: str) -> list[str]:
    page.set_content('<div id="canvas" style="height:800px"></div>')
    page.add_script_tag(path=MODELER)
    found: list[str] = page.evaluate(OPEN, xml)
    return found


DEFAULT = ("hitPolicy", "UNIQUE")
"""What the standard takes for granted and dmn-js therefore does not write."""


def told(xml: bytes) -> list[tuple[str, tuple[tuple[str, str], ...], str, int]]:
    """Every element with its attributes and text, what goes without saying left out."""
    found = meaning(xml)
    return sorted((name, tuple(pair for pair in said if pair != DEFAULT), text, at) for name, said, text, at in found)


@every_table
def test_opening_and_saving_a_table_loses_nothing(page: Page, path: Path) -> None:
    xml = path.read_text(encoding="utf-8")
    assert open_in_modeler(page, xml) == []
    saved = page.evaluate(SAVE)
    assert told(saved.encode()) == told(xml.encode())
    before, after = dmn.load(xml.encode()), dmn.load(saved.encode())
    assert after.looked_up_by == before.looked_up_by
    for name, table in before.tables.items():
        shown = [([test.text for test in rule.tests], rule.annotations) for rule in table.rules]
        assert [([test.text for test in rule.tests], rule.annotations) for rule in after.tables[name].rules] == shown


@pytest.mark.parametrize("key", sorted({path.parent.name for path in FILES}))
def test_every_decision_has_a_view_to_edit_it_in(page: Page, key: str) -> None:
    path = next(path for path in FILES if path.parent.name == key)
    open_in_modeler(page, path.read_text(encoding="utf-8"))
    views = dict((element, kind) for kind, element in page.evaluate(VIEWS))  # noqa: C402 - pairs come from the page
    model = dmn.load(path.read_bytes())
    for name in model.decisions:
        wanted = "decisionTable" if model.table(name) else "literalExpression"
        assert views[model.element(name).id] in (wanted, "boxedExpression")
    page.evaluate(SHOW, model.element(key).id)
    table = model.table(key)
    if table is not None:
        assert page.locator("#canvas tbody tr").count() >= min(len(table.rules), 1)

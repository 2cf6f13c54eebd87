"""Diagrams of the product drawn otherwise, for what a new version does to cases that run."""

import shutil
from collections.abc import Callable
from dataclasses import replace

from engine.commands.deployments import deploy
from engine.context import SYSTEM
from engine.registry import UserStep
from tests.office import BPMN, Office
from tests.support.small_engine import user

LEGAL_CHECK = "probe.legal_check"
_AFTER_DIRECTOR = "fl_director_decides__gw_director_decision"


def redraw(office: Office, process_key: str, change: Callable[[str], str]) -> int:
    """Change one diagram and deploy it; return the number of the version of the nomination."""
    folder = office.settings.data_dir / "redrawn"
    if not folder.exists():
        shutil.copytree(BPMN, folder)
    file = folder / f"{process_key}.bpmn"
    before = file.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, "nothing was redrawn"
    file.write_text(after, encoding="utf-8")
    added = deploy(office.engine, folder, SYSTEM)
    return next(view.version for view in added if view.key == "nomination")


def know_legal_check(office: Office) -> None:
    """Let the office know one more step, and elements without words."""
    registry = office.engine.registry
    step = user(LEGAL_CHECK)
    steps = {**registry.steps, (UserStep, LEGAL_CHECK): step}
    office.engine = replace(office.engine, registry=replace(registry, steps=steps, labels=lambda _key: True))


def with_legal_check(xml: str) -> str:
    """A step added between the director's decision and what follows from it."""
    task = (
        '<bpmn:userTask id="legal_check" name="Kiểm tra pháp lý"><bpmn:extensionElements><spiffworkflow:properties>'
        f'<spiffworkflow:property name="step" value="{LEGAL_CHECK}" /></spiffworkflow:properties>'
        "</bpmn:extensionElements></bpmn:userTask>"
    )
    flow = '<bpmn:sequenceFlow id="fl_legal_check__gw" sourceRef="legal_check" targetRef="gw_director_decision" />'
    gateway = '<bpmn:exclusiveGateway id="gw_director_decision"'
    xml = xml.replace(gateway, task + gateway)
    xml = xml.replace(
        f'<bpmn:sequenceFlow id="{_AFTER_DIRECTOR}" sourceRef="director_decides" targetRef="gw_director_decision" />',
        f'<bpmn:sequenceFlow id="{_AFTER_DIRECTOR}" sourceRef="director_decides" targetRef="legal_check" />{flow}',
    )
    lane = "<bpmn:flowNodeRef>director_decides</bpmn:flowNodeRef>"
    return xml.replace(lane, f"{lane}<bpmn:flowNodeRef>legal_check</bpmn:flowNodeRef>")

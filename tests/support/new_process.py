"""A process nobody has drawn yet: the union is asked about a nomination. Proposed, then called."""

import hashlib

from engine import queries
from engine.commands.instances import start_instance
from engine.db import reading
from tests.office import Case, Office
from workflows.rulebook.drawings import NewProcess, begin_drawing

UNION = NewProcess(
    "union_opinion", "Lấy ý kiến Công đoàn", "Opinion of the union", "office_officer", "notes.give_opinion"
)
_INTO_FEEDBACK = 'sourceRef="gw_intake" targetRef="feedback"'
_FEEDBACK = '<bpmn:callActivity id="feedback"'


def first_drawing(office: Office, said: NewProcess = UNION) -> str:
    with reading(office.engine.sessions) as session:
        return begin_drawing(session, office.engine.registry, said).decode()


def propose(office: Office, xml: str, who: str = "admin") -> Case:
    """Propose a diagram over the one in force, or over none."""
    key = xml.partition('<bpmn:process id="')[2].partition('"')[0]
    known = {view.key for view in queries.list_deployments(office.engine)}
    based_on = hashlib.sha256(queries.diagram_xml(office.engine, None, key)).hexdigest() if key in known else ""
    begun = start_instance(
        office.engine, "change_approval", "", office.actor(who), {}, step="rulebook.propose_diagram",
        values={"content": xml, "based_on": based_on, "reason": "Quy chế mới: hỏi ý kiến Công đoàn."},
    )  # fmt: skip
    return Case(office, begun.instance.id, begun.instance.business_key)


def approve(office: Office, xml: str) -> Case:
    """Propose a diagram, and let a second administrator approve."""
    case = propose(office, xml)
    case.do("review_change", "admin2", outcome="approved")
    return case


def calling(xml: str, process: str = UNION.key) -> str:
    """The nomination asks the union before it hears everybody else."""
    call = (
        f'<bpmn:callActivity id="ask_union" name="Hỏi Công đoàn" calledElement="{process}"><bpmn:extensionElements>'
        '<spiffworkflow:properties><spiffworkflow:property name="name_en" value="Ask the union" />'
        "</spiffworkflow:properties></bpmn:extensionElements></bpmn:callActivity>"
        '<bpmn:sequenceFlow id="fl_ask_union__feedback" name="Đã hỏi" sourceRef="ask_union" targetRef="feedback">'
        '<bpmn:extensionElements><spiffworkflow:properties><spiffworkflow:property name="name_en" value="Asked" />'
        "</spiffworkflow:properties></bpmn:extensionElements></bpmn:sequenceFlow>"
    )
    assert _INTO_FEEDBACK in xml
    assert _FEEDBACK in xml
    led = xml.replace(_INTO_FEEDBACK, 'sourceRef="gw_intake" targetRef="ask_union"')
    lane = "<bpmn:flowNodeRef>feedback</bpmn:flowNodeRef>"
    led = led.replace(lane, f"{lane}<bpmn:flowNodeRef>ask_union</bpmn:flowNodeRef>", 1)
    return led.replace(_FEEDBACK, call + _FEEDBACK)

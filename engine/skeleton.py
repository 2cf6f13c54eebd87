"""The first drawing of a new process: a pool, a lane, start, one user task, end. It has no lint findings.

Whoever draws goes on from there; what it says is told by the caller, since names are words for people.
"""

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from engine.diagram_names import ENGLISH_NAME, Name
from engine.registry import Role
from engine.spiff.diagram_index import LANE_PREFIX


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the first drawing says.

    Attributes:
        key: of the process.
        role: whose lane it is; the variable it is held per is declared.
        step: key of the user step its one task does.

    """

    key: str
    name: Name
    role: Role
    lane: str
    step: str
    task: Name
    start: Name
    end: Name


def first_drawing(said: Beginning) -> bytes:
    """Return the diagram, with its interchange, as a file."""
    task = said.step.rpartition(".")[2]
    task = f"do_{task}" if task in {"start", said.key, f"end_{said.key}"} else task
    variable = said.role.scope_variable
    places = {
        "key": said.key, "task": task, "lane": LANE_PREFIX + said.role.key,
        "name": quoteattr(said.name.drawn), "lane_name": quoteattr(said.lane), "step": quoteattr(said.step),
        "task_name": quoteattr(said.task.drawn), "start_name": quoteattr(said.start.drawn),
        "end_name": quoteattr(said.end.drawn), "english": ENGLISH_NAME,
        "name_en": quoteattr(said.name.english), "task_en": quoteattr(said.task.english),
        "start_en": quoteattr(said.start.english), "end_en": quoteattr(said.end.english),
        "variables": f'\n    <bpmn:property id="{variable}" name="{variable}" />' if variable else "",
    }  # fmt: skip
    return _FILE.format_map(places).encode()


_FILE = """\
<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="definitions_{key}" \
targetNamespace="urn:thidua:bpmn" expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/">
  <bpmn:collaboration id="collaboration_{key}">
    <bpmn:participant id="pool_{key}" name={name} processRef="{key}" />
  </bpmn:collaboration>
  <bpmn:process id="{key}" name={name} isExecutable="true">
    <bpmn:extensionElements>
      <spiffworkflow:properties>
        <spiffworkflow:property name="{english}" value={name_en} />
      </spiffworkflow:properties>
    </bpmn:extensionElements>{variables}
    <bpmn:laneSet id="lanes_{key}">
      <bpmn:lane id="{lane}" name={lane_name}>
        <bpmn:flowNodeRef>start</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>{task}</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>end_{key}</bpmn:flowNodeRef>
      </bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="start" name={start_name}>
      <bpmn:extensionElements>
        <spiffworkflow:properties>
          <spiffworkflow:property name="{english}" value={start_en} />
        </spiffworkflow:properties>
      </bpmn:extensionElements>
      <bpmn:outgoing>fl_start__{task}</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="{task}" name={task_name}>
      <bpmn:extensionElements>
        <spiffworkflow:properties>
          <spiffworkflow:property name="step" value={step} />
          <spiffworkflow:property name="{english}" value={task_en} />
        </spiffworkflow:properties>
      </bpmn:extensionElements>
      <bpmn:incoming>fl_start__{task}</bpmn:incoming>
      <bpmn:outgoing>fl_{task}__end_{key}</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="end_{key}" name={end_name}>
      <bpmn:extensionElements>
        <spiffworkflow:properties>
          <spiffworkflow:property name="{english}" value={end_en} />
        </spiffworkflow:properties>
      </bpmn:extensionElements>
      <bpmn:incoming>fl_{task}__end_{key}</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="fl_start__{task}" sourceRef="start" targetRef="{task}" />
    <bpmn:sequenceFlow id="fl_{task}__end_{key}" sourceRef="{task}" targetRef="end_{key}" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram_{key}">
    <bpmndi:BPMNPlane id="plane_{key}" bpmnElement="collaboration_{key}">
      <bpmndi:BPMNShape id="pool_{key}_di" bpmnElement="pool_{key}" isHorizontal="true">
        <dc:Bounds x="100" y="60" width="720" height="220" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="{lane}_di" bpmnElement="{lane}" isHorizontal="true">
        <dc:Bounds x="130" y="60" width="690" height="220" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="start_di" bpmnElement="start">
        <dc:Bounds x="212" y="152" width="36" height="36" />
        <bpmndi:BPMNLabel>
          <dc:Bounds x="185" y="192" width="90" height="28" />
        </bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="{task}_di" bpmnElement="{task}">
        <dc:Bounds x="370" y="130" width="160" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="end_{key}_di" bpmnElement="end_{key}">
        <dc:Bounds x="662" y="152" width="36" height="36" />
        <bpmndi:BPMNLabel>
          <dc:Bounds x="635" y="192" width="90" height="28" />
        </bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="fl_start__{task}_di" bpmnElement="fl_start__{task}">
        <di:waypoint x="248" y="170" />
        <di:waypoint x="370" y="170" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="fl_{task}__end_{key}_di" bpmnElement="fl_{task}__end_{key}">
        <di:waypoint x="530" y="170" />
        <di:waypoint x="662" y="170" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""

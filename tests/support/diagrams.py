"""Small diagrams for tests, written in a few words each."""

from html import escape
from itertools import pairwise

_NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
)


class Diagram:
    """Builds one process; each method adds an element and returns the diagram."""

    def __init__(self, key: str = "probe") -> None:
        self.key = key
        self._elements: list[str] = []
        self._flows: list[str] = []
        self._lanes: dict[str, list[str]] = {}
        self._messages: dict[str, str] = {}
        self._properties: list[str] = []
        self._shapes: list[str] = []
        self.root_extra = ""
        self.process_extra = ""

    def add(
        self, kind: str, element_id: str, inner: str = "", *, role: str = "", name: str | None = None, **attributes: str
    ) -> "Diagram":
        """Add an element of any kind with raw content."""
        said = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
        title = element_id.replace("_", " ") if name is None else name
        self._elements.append(f'<bpmn:{kind} id="{element_id}" name="{escape(title)}"{said}>{inner}</bpmn:{kind}>')
        if role:
            self._lanes.setdefault(role, []).append(element_id)
        return self

    def start(self, element_id: str = "start") -> "Diagram":
        """Add the start event."""
        return self.add("startEvent", element_id)

    def end(self, element_id: str = "end") -> "Diagram":
        """Add an end event."""
        return self.add("endEvent", element_id)

    def user(
        self, element_id: str, inner: str = "", *, role: str = "officer", step: str | None = None, **properties: str
    ) -> "Diagram":
        """Add a user task; its step is `room.<id>` unless told."""
        found = {"step": f"room.{element_id}" if step is None else step, **properties}
        items = "".join(
            f'<spiffworkflow:property name="{name}" value="{escape(value)}" />'
            for name, value in found.items()
            if value
        )
        extension = _extension(f"<spiffworkflow:properties>{items}</spiffworkflow:properties>")
        return self.add("userTask", element_id, extension + inner, role=role)

    def service(self, element_id: str, *, step: str | None = None, **parameters: str) -> "Diagram":
        """Add a service task; its step is `room.<id>` unless told."""
        items = "".join(
            f'<spiffworkflow:parameter id="{name}" type="str" value="{escape(value)}" />'
            for name, value in parameters.items()
        )
        operator = (
            f'<spiffworkflow:serviceTaskOperator id="{step or f"room.{element_id}"}">'
            f"<spiffworkflow:parameters>{items}</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
        )
        return self.add("serviceTask", element_id, _extension(operator))

    def decision(self, element_id: str, table: str) -> "Diagram":
        """Add a business rule task."""
        called = f"<spiffworkflow:calledDecisionId>{table}</spiffworkflow:calledDecisionId>"
        return self.add("businessRuleTask", element_id, _extension(called))

    def call(self, element_id: str, called: str, inner: str = "") -> "Diagram":
        """Add a call activity."""
        return self.add("callActivity", element_id, inner, calledElement=called)

    def choice(self, element_id: str, *, default: tuple[str, str] | None = None) -> "Diagram":
        """Add an exclusive gateway; `default` is the flow by its ends."""
        more = {"default": flow_id(*default)} if default else {}
        return self.add("exclusiveGateway", element_id, **more)

    def timer(self, element_id: str, expression: str, *, on: str | None = None, interrupting: bool = True) -> "Diagram":
        """Add a timer event: between elements, or on the border of an activity."""
        moment = f"<bpmn:timeDate>{escape(expression)}</bpmn:timeDate>"
        inner = f'<bpmn:timerEventDefinition id="{element_id}_def">{moment}</bpmn:timerEventDefinition>'
        return self._event(element_id, inner, on, interrupting)

    def message(self, element_id: str, name: str, *, on: str | None = None, interrupting: bool = True) -> "Diagram":
        """Add a catching message event: between elements, or on the border of an activity."""
        inner = f'<bpmn:messageEventDefinition id="{element_id}_def" messageRef="{self.message_id(name)}" />'
        return self._event(element_id, inner, on, interrupting)

    def message_id(self, name: str) -> str:
        """Return the id of a message, which is declared by that."""
        return self._messages.setdefault(name, f"msg_{name}")

    def _event(self, element_id: str, inner: str, on: str | None, interrupting: bool) -> "Diagram":
        if on is None:
            return self.add("intermediateCatchEvent", element_id, inner)
        return self.add(
            "boundaryEvent", element_id, inner, attachedToRef=on, cancelActivity="true" if interrupting else "false"
        )

    def ballot(
        self,
        element_id: str,
        collection: str = "voters",
        *,
        role: str = "member",
        declared: bool = True,
        loop: str = "",
    ) -> "Diagram":
        """Add a user task with one instance for each item of a collection."""
        if declared and collection not in self._properties:
            self._properties.append(collection)
        inner = loop or (
            f"<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>{collection}</bpmn:loopDataInputRef>"
            f'<bpmn:inputDataItem id="assignee" name="assignee" /></bpmn:multiInstanceLoopCharacteristics>'
        )
        return self.user(element_id, inner, role=role)

    def declare(self, *names: str) -> "Diagram":
        """Declare variables of the process."""
        self._properties.extend(names)
        return self

    def flow(self, source: str, target: str, condition: str | None = None, *, name: str | None = None) -> "Diagram":
        """Add a sequence flow."""
        inner = "" if condition is None else f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>"
        self._flows.append(
            f'<bpmn:sequenceFlow id="{name or flow_id(source, target)}" sourceRef="{source}" '
            f'targetRef="{target}">{inner}</bpmn:sequenceFlow>'
        )
        return self

    def path(self, *elements: str) -> "Diagram":
        """Add the flows through several elements in a row."""
        for source, target in pairwise(elements):
            self.flow(source, target)
        return self

    def at(self, element_id: str, y: int) -> "Diagram":
        """Say how high an element is drawn."""
        bounds = f'<dc:Bounds x="0" y="{y}" width="100" height="80" />'
        self._shapes.append(
            f'<bpmndi:BPMNShape id="{element_id}_di" bpmnElement="{element_id}">{bounds}</bpmndi:BPMNShape>'
        )
        return self

    def xml(self) -> bytes:
        """Return the file."""
        messages = "".join(f'<bpmn:message id="{key}" name="{name}" />' for name, key in self._messages.items())
        properties = "".join(f'<bpmn:property id="{name}" name="{name}" />' for name in self._properties)
        lanes = "".join(
            f'<bpmn:lane id="lane_{role}" name="{role}">'
            + "".join(f"<bpmn:flowNodeRef>{element}</bpmn:flowNodeRef>" for element in elements)
            + "</bpmn:lane>"
            for role, elements in self._lanes.items()
        )
        lane_set = f'<bpmn:laneSet id="lanes">{lanes}</bpmn:laneSet>' if lanes else ""
        plane = (
            f'<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="plane" bpmnElement="{self.key}">{"".join(self._shapes)}'
            "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"
        )
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions {_NAMESPACES} id="definitions" '
            f'targetNamespace="urn:test">{messages}{self.root_extra}<bpmn:process id="{self.key}" name="{self.key}" '
            f'isExecutable="true">{properties}{lane_set}{"".join(self._elements)}{"".join(self._flows)}{self.process_extra}'
            f"</bpmn:process>{plane}</bpmn:definitions>"
        )
        return text.encode()


def _extension(inner: str) -> str:
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def flow_id(source: str, target: str) -> str:
    """Return the id a flow gets."""
    return f"fl_{source}__{target}"


def straight(*tasks: str, key: str = "probe") -> Diagram:
    """Return a process of user tasks in a row."""
    drawn = Diagram(key).start()
    for task in tasks:
        drawn.user(task)
    return drawn.end().path("start", *tasks, "end")


def overtaken(at: str) -> Diagram:
    """A task that a deadline interrupts, with another task behind the deadline."""
    return (
        Diagram().start().user("first").timer("late", at, on="first").user("second").end().end("end_late")
        .path("start", "first", "end").path("late", "second", "end_late")
    )  # fmt: skip

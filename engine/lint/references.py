"""What a diagram names must exist: steps, roles, tables, messages, called processes, variables, labels."""

from collections.abc import Collection, Iterator, Mapping

from engine.diagram_names import ENGLISH_NAME, english_name
from engine.lint.document import BPMN, Document, Finding
from engine.registry import DecisionStep, JobStep, MessageStep, Registry, ServiceStep, UserStep
from engine.spiff.runtime import LOOP_ITEM, Element


def check_calls(diagrams: Mapping[str, Document], given: Collection[str]) -> Iterator[Finding]:
    """Yield calls of processes that are not deployed together, and processes that call themselves.

    `given` are the keys of all files, also of those that could not be read.
    """
    for key, diagram in diagrams.items():
        for element in diagram.index.elements.values():
            if element.kind != "callActivity":
                continue
            if not element.called:
                yield diagram.finding(element.element_id, "call", "calledElement names no process")
            elif element.called not in given:
                yield diagram.finding(element.element_id, "call", f"there is no process {element.called!r}")
            elif key in _called_from(element.called, diagrams):
                message = f"{element.called} leads back to {key}: a process may not call itself"
                yield diagram.finding(element.element_id, "recursive_call", message)


def _called_from(key: str, diagrams: Mapping[str, Document]) -> set[str]:
    found: set[str] = set()
    waiting = [key]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_calls(diagrams, name))
    return found


def _calls(diagrams: Mapping[str, Document], key: str) -> set[str]:
    if key not in diagrams:
        return set()
    return {element.called for element in diagrams[key].index.elements.values() if element.called}


def family(key: str, diagrams: Mapping[str, Document]) -> set[str]:
    """Return the processes whose variables a process may meet: those that call it, those it calls, and theirs."""
    linked: dict[str, set[str]] = {name: set() for name in diagrams}
    for name in diagrams:
        for called in _calls(diagrams, name) & diagrams.keys():
            linked[name].add(called)
            linked[called].add(name)
    found: set[str] = set()
    waiting = [key]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(linked[name])
    return found


def known_variables(keys: Collection[str], diagrams: Mapping[str, Document], registry: Registry) -> set[str]:
    """Return the variables that processes declare or that their steps set."""
    found: set[str] = set()
    for key in keys:
        found |= diagrams[key].properties
        for element in diagrams[key].index.elements.values():
            found |= _outputs(element, registry)
    return found


def _outputs(element: Element, registry: Registry) -> set[str]:
    outputs: set[str] = set()
    for kind in (UserStep, ServiceStep, JobStep):
        step = registry.steps.get((kind, element.step_key or ""))
        if isinstance(step, UserStep | ServiceStep | JobStep):
            outputs |= set(step.outputs)
    decision = registry.steps.get((DecisionStep, element.table or ""))
    if isinstance(decision, DecisionStep):
        outputs |= set(decision.outputs)
    for step in registry.steps.values():
        if element.message and isinstance(step, MessageStep) and step.message == element.message:
            outputs |= set(step.outputs)
    return outputs


def check_names(
    diagram: Document, registry: Registry, known: Collection[str], tables: Collection[str] | None
) -> Iterator[Finding]:
    """Yield steps, tables, messages, roles and variables that nobody knows."""
    for element in diagram.index.elements.values():
        for rule, message in _check_element(element, registry, tables):
            yield diagram.finding(element.element_id, rule, message)
        assignee = element.properties.get("assignee")
        if assignee is not None and assignee not in known:
            message = f"no step sets and no property declares {assignee}, who should do it"
            yield diagram.finding(element.element_id, "unknown_name", message)
    yield from _check_lanes(diagram, registry, known)
    for loop in diagram.process.iter(f"{BPMN}multiInstanceLoopCharacteristics"):
        name = str(loop.getparent().get("id"))
        collection = (loop.findtext(f"{BPMN}loopDataInputRef") or "").strip()
        if collection and not _is_set(collection, diagram, registry):
            yield diagram.finding(name, "loop", f"no service step of this process fills {collection!r}")
        if LOOP_ITEM in known:
            yield diagram.finding(name, "loop", f"a variable may not be called {LOOP_ITEM}: it is the item of the loop")


def _is_set(variable: str, diagram: Document, registry: Registry) -> bool:
    return any(
        variable in _outputs(element, registry)
        for element in diagram.index.elements.values()
        if element.kind == "serviceTask"
    )


def _check_element(element: Element, registry: Registry, tables: Collection[str] | None) -> Iterator[tuple[str, str]]:
    key = element.step_key or ""
    if element.kind == "userTask":
        if not key:
            yield "no_step", "a user task names its step in the property `step`"
        elif (UserStep, key) not in registry.steps:
            yield "unknown_step", f"there is no user step {key!r}"
    elif element.kind == "serviceTask":
        kinds = [kind for kind in (ServiceStep, JobStep) if (kind, key) in registry.steps]
        if not key:
            yield "no_step", "a service task names its step as the id of its serviceTaskOperator"
        elif not kinds:
            yield "unknown_step", f"there is no service step or job {key!r}"
        elif len(kinds) > 1:
            yield "unknown_step", f"{key!r} is a service step and a job; one of them must go"
    elif element.kind == "businessRuleTask":
        if not element.table:
            yield "no_table", "a business rule task names its table in calledDecisionId"
        elif (DecisionStep, element.table) not in registry.steps:
            yield "unknown_table", f"no decision step feeds the table {element.table!r}"
        elif tables is not None and element.table not in tables:
            yield "unknown_table", f"there is no decision table {element.table!r}"
    if element.message and not _message_known(element.message, registry):
        yield "unknown_message", f"no message step sends {element.message!r}"


def _message_known(message: str, registry: Registry) -> bool:
    return any(isinstance(step, MessageStep) and step.message == message for step in registry.steps.values())


def _check_lanes(diagram: Document, registry: Registry, known: Collection[str]) -> Iterator[Finding]:
    roles = {element.lane_role for element in diagram.index.elements.values() if element.kind == "userTask"}
    for lane in diagram.process.iter(f"{BPMN}lane"):
        key = str(lane.get("id")).removeprefix("lane_")
        role = registry.roles.get(key)
        if role is None:
            yield diagram.finding(str(lane.get("id")), "unknown_role", f"there is no role {key!r}")
        elif role.scope_variable and key in roles and role.scope_variable not in known:
            message = f"the role {key} is held per {role.scope_variable}, which no step sets and no property declares"
            yield diagram.finding(str(lane.get("id")), "unknown_name", message)


def check_labels(diagram: Document, registry: Registry, *, is_called: bool) -> Iterator[Finding]:
    """Yield what a diagram names without words in every language: elements, ends, steps, tables, roles.

    A process or an element that bears its own English name (`name_en`) beside its name needs no label.
    """
    key, process = diagram.process_key, diagram.process
    named = (process.get("name") or "").strip() and english_name(process)
    wanted = [] if named else [(key, f"processes.{key}")]
    for element in diagram.index.elements.values():
        if not (element.name and element.properties.get(ENGLISH_NAME)):
            wanted.append((element.element_id, f"elements.{key}.{element.element_id}"))
            if element.kind == "endEvent" and not is_called:
                wanted.append((element.element_id, f"ends.{element.element_id}"))
        if element.kind == "userTask" and element.step_key:
            wanted.append((element.element_id, f"steps.{element.step_key}"))
        if element.table:
            wanted.append((element.element_id, f"tables.{element.table}"))
    for lane in diagram.process.iter(f"{BPMN}lane"):
        wanted.append((str(lane.get("id")), f"roles.{str(lane.get('id')).removeprefix('lane_')}"))
    for element_id, label in wanted:
        if not registry.labels(label):
            yield diagram.finding(element_id, "no_label", f"the label {label} is missing in a language")

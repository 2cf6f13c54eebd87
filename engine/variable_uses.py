"""What is known of the variables of a case: found where they are used, written down nowhere a second time.

Conditions and timers tell values and types, properties tell who is a person, lanes tell what scopes a role; the steps
that set a variable know the rest by their forms, which is the domain's to read.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.feel.hints import TEXT, hints_of
from engine.intervention_views import VariableUse
from engine.lint.document import BPMN, SPIFF, read
from engine.registry import ActionStep, AnyStep, DecisionStep, JobStep, MessageStep, Registry, ServiceStep, UserStep
from engine.spiff.values import Element

PERSON, PEOPLE, SCOPE = "person", "people", "scope"
_NAMES_PEOPLE = frozenset({"assignee", "not_same_person_as"})
_EXPRESSIONS = frozenset({"due", "priority"})
Note = tuple[str, str, str]
"""A variable, the kind it is used as, and the text it is compared with."""


def setters_of(registry: Registry, element: Element) -> list[AnyStep]:
    """Return the steps an element calls: those that set the variables it may set."""
    for kind in (UserStep, ServiceStep, JobStep):
        step = registry.steps.get((kind, element.step_key or ""))
        if step is not None:
            return [step]
    decision = registry.steps.get((DecisionStep, element.table or ""))
    if decision is not None:
        return [decision]
    messages = [step for step in registry.steps.values() if isinstance(step, MessageStep)]
    return [step for step in messages if step.message == element.message]


def uses_of(
    diagrams: Mapping[str, bytes], elements: Iterable[Element], registry: Registry, process_key: str,
    names: Iterable[str] = (),
) -> dict[str, VariableUse]:  # fmt: skip
    """Return how the variables that the diagrams of a version declare, or their steps set, are used.

    Args:
        diagrams: its files by process.
        elements: all their elements as they run.
        registry: what they call.
        process_key: the outermost process; a step that begins it gives the case its first variables.
        names: further variables to tell of.

    """
    functions = tuple(sorted(registry.functions))
    notes = [note for key, xml in diagrams.items() for note in _notes(read(xml, key)[2].iter(), functions)]
    notes += [(role.scope_variable, SCOPE, "") for role in registry.roles.values() if role.scope_variable]
    setters: dict[str, list[AnyStep]] = {}
    tables: dict[str, None] = {}
    for element in elements:
        for step in setters_of(registry, element):
            for name in getattr(step, "outputs", ()):
                setters.setdefault(name, []).append(step)
        if element.table:
            tables[element.table] = None
    starts = [step for step in registry.steps.values() if isinstance(step, ActionStep) and step.starts == process_key]
    known = dict.fromkeys([*_declared(diagrams), *setters, *names])
    return {name: _use(name, notes, [*setters.get(name, ()), *starts], tuple(tables)) for name in known}


def _use(name: str, notes: Iterable[Note], steps: Iterable[AnyStep], tables: tuple[str, ...]) -> VariableUse:
    own = [(kind, value) for one, kind, value in notes if one == name]
    values = dict.fromkeys(value for kind, value in own if kind == TEXT)
    once = {(type(step), step.key): step for step in steps}
    return VariableUse(frozenset(kind for kind, _ in own), tuple(values), tuple(once.values()), tables)


def _declared(diagrams: Mapping[str, bytes]) -> list[str]:
    return [
        str(node.get("name"))
        for key, xml in diagrams.items() for node in read(xml, key)[2] if node.tag == f"{BPMN}property"
    ]  # fmt: skip


def _notes(nodes: Iterable[Any], functions: tuple[str, ...]) -> Iterator[Note]:
    for node in nodes:
        text = (node.text or "").strip()
        if node.tag in (f"{BPMN}conditionExpression", f"{BPMN}timeDate") and text:
            condition = node.tag == f"{BPMN}conditionExpression"
            yield from _hinted(text, functions, condition=condition)
        elif node.tag == f"{SPIFF}property":
            named, value = node.get("name"), str(node.get("value") or "")
            if named in _NAMES_PEOPLE:
                yield from ((name.strip(), PERSON, "") for name in value.split(","))
            elif named in _EXPRESSIONS:
                yield from _hinted(value, functions)
        elif node.tag == f"{BPMN}multiInstanceLoopCharacteristics":
            yield from _looped(node)


def _hinted(text: str, functions: tuple[str, ...], *, condition: bool = False) -> Iterator[Note]:
    for hint in hints_of(text, functions, condition=condition):
        yield hint.name, hint.kind, hint.value


def _looped(node: Any) -> Iterator[Note]:
    """Tell of a collection whose items are those who get a task each."""
    collection, item = node.find(f"{BPMN}loopDataInputRef"), node.find(f"{BPMN}inputDataItem")
    if collection is not None and item is not None and item.get("name") == "assignee":
        yield (collection.text or "").strip(), PEOPLE, ""

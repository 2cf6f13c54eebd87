"""What the modeller page offers to choose from: all that a diagram may name, with its words in both languages."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine.deployment import callable_from
from engine.diagram_reading import parse_xml
from engine.lint.document import SPIFF
from engine.lint.vocabulary import PROPERTIES
from engine.registry import DecisionStep, JobStep, MessageStep, Registry, ServiceStep, UserStep
from engine.spiff.diagram_index import BPMN
from webapp.i18n import has, t, texts_of
from webapp.ui.words import variable_name
from workflows.labels import catalogue, find_label, label
from workflows.rulebook.queries import deadline_keys
from workflows.variables import enum_of

_COMPARED = re.compile(r'(\w+)\s*(?:=|!=)\s*"([^"]*)"')
_TRUTH = re.compile(r"(\w+)\s*(?:=|!=)\s*(?:true|false)")
WORDS = ("panel", "findings", "trial", "keeping", "draw", "tools")
"""Parts of the interface's words that the page's scripts show."""
_PRIORITIES = ("1", "2", "3")
_OWN_FIELDS = frozenset({"step", "assignee", "due", "reminder", "name_en"})
"""Extension properties the panel has fields of their own for."""

Choices = list[dict[str, Any]]


def lists_of(session: Session, registry: Registry, diagrams: Mapping[str, bytes], process_key: str) -> dict[str, Any]:
    """Return every list of the page; nothing a diagram refers to needs to be typed."""
    roots = {key: parse_xml(xml) for key, xml in diagrams.items()}
    conditions = _texts(roots.values(), "conditionExpression")
    variables = _variables(registry, roots.values(), conditions)
    roles = [{**_choice(key, f"roles.{key}"), "vi": label(f"roles.{key}", "vi")} for key in registry.roles]
    reminders = [_choice(key, f"enums.key.{key}") for key in deadline_keys(session)]
    return {
        "words": {name: texts_of(f"modeller.{name}") for name in WORDS},
        "steps": {"user": _steps(registry, UserStep), "service": _steps(registry, ServiceStep, JobStep)},
        "tables": [_choice(key, f"tables.{key}") for key in _keys(registry, DecisionStep)],
        "processes": [_choice(key, f"processes.{key}") for key in callable_from(diagrams, process_key)],
        "messages": _messages(registry),
        "roles": roles,
        "reminders": reminders,
        "variables": variables,
        "variable_names": {one["key"]: one["label"] for one in variables},
        "expressions": {
            "condition": conditions, "timer": _texts(roots.values(), "timeDate"),
            "due": _properties(roots.values(), "due"),
        },
        "properties": _other_properties(roles, reminders),
        "english": _english(process_key),
    }  # fmt: skip


def _choice(key: str, name: str) -> dict[str, Any]:
    return {"key": key, "label": find_label(name) or key}


def _keys(registry: Registry, *kinds: type[Any]) -> list[str]:
    return sorted(key for kind, key in registry.steps if kind in kinds)


def _steps(registry: Registry, *kinds: type[Any]) -> Choices:
    found = [_choice(key, f"steps.{key}") for key in _keys(registry, *kinds)]
    return [{**one, "label": f"{one['label']} ({one['key']})"} for one in found]


def _messages(registry: Registry) -> Choices:
    named = {step.message: step.key for step in registry.steps.values() if isinstance(step, MessageStep)}
    return [{"key": message, "label": f"{label(f'steps.{key}')} ({message})"} for message, key in sorted(named.items())]


def _texts(roots: Iterable[Any], tag: str) -> list[str]:
    return sorted({(node.text or "").strip() for root in roots for node in root.iter(f"{BPMN}{tag}")} - {""})


def _properties(roots: Iterable[Any], name: str) -> list[str]:
    found = (node for root in roots for node in root.iter(f"{SPIFF}property") if node.get("name") == name)
    return sorted({str(node.get("value")) for node in found})


def _variables(registry: Registry, roots: Iterable[Any], conditions: Iterable[str]) -> Choices:
    names = {str(node.get("name")) for root in roots for node in root.iter(f"{BPMN}property")}
    names |= {name for step in registry.steps.values() for name in getattr(step, "outputs", ())}
    values: dict[str, list[str]] = {}
    for text in conditions:
        for name, value in _COMPARED.findall(text):
            values.setdefault(name, []).append(value)
        for name in _TRUTH.findall(text):
            values[name] = ["true", "false"]
    made = [
        {
            "key": name,
            "label": variable_name(name),
            "values": _values(enum_of(registry, name), name, values.get(name, ())),
        }
        for name in sorted(names)
    ]
    return sorted(made, key=lambda one: str(one["label"]).casefold())


def _values(enum: str, name: str, compared: Iterable[str]) -> Choices:
    """Return the values a variable is known to take: those conditions ask for, and those its words know."""
    prefix = f"enums.{enum}."
    known = [key.removeprefix(prefix) for key in catalogue("vi") if key.startswith(prefix)]
    ordered = dict.fromkeys([*known, *compared])
    return [{"key": value, "label": _value_words(enum, name, value)} for value in ordered]


def _value_words(enum: str, name: str, value: str) -> str:
    found = find_label(f"enums.{enum}.{value}") or find_label(f"enums.yes_no.{value}")
    if not found and has(f"variables.{name}_{value}"):
        found = t(f"variables.{name}_{value}")
    return f"{found} ({value})" if found else value


def _other_properties(roles: Choices, reminders: Choices) -> Choices:
    """Return the further properties an element may bear, with what each is chosen from."""
    offered: dict[str, Any] = {
        "excluded_roles": roles, "escalate": reminders,
        "priority": [{"key": value, "label": t(f"task.priority_{value}")} for value in _PRIORITIES],
        "not_same_person_as": "elements", "same_person_as": "elements",
    }  # fmt: skip
    return [
        {"key": name, "label": t(f"modeller.properties.{name}") if has(f"modeller.properties.{name}") else name,
         "kinds": sorted(kinds), "values": offered.get(name, []),
         "many": name in {"excluded_roles", "not_same_person_as", "same_person_as"}}
        for name, kinds in PROPERTIES.items() if name not in _OWN_FIELDS
    ]  # fmt: skip


def _english(process_key: str) -> dict[str, str]:
    prefix = f"elements.{process_key}."
    found = {key.removeprefix(prefix): text for key, text in catalogue("en").items() if key.startswith(prefix)}
    whole = catalogue("en").get(f"processes.{process_key}")
    return {**found, process_key: whole} if whole else found

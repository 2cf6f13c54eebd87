"""Words for ids and codes: people, posts, units, tasks, events. Each is looked up once per request."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Flask, g, request, url_for

from engine.chain import EventKind
from engine.context import Actor
from engine.db import reading
from engine.text import fold, is_id
from engine.views import EvaluationView, EventView, TaskView
from webapp import current
from webapp.diagram_words import drawn_name
from webapp.filters import day, label, moment, money
from webapp.i18n import has, language, t
from webapp.typed import local_day
from webapp.ui.identities import named
from workflows.campaigns import queries as campaigns
from workflows.labels import find_label
from workflows.organisation import queries as organisation
from workflows.rulebook.words import with_places
from workflows.variables import enum_of

_YES_NO = {True: "app.yes", False: "app.no", None: "app.none"}


def _words(kind: str) -> dict[str, str]:
    store: dict[str, dict[str, str]] = g.setdefault("words", {})
    return store.setdefault(kind, {})


def remember_people(person_ids: Iterable[str | None]) -> None:
    """Look up the names of many people at once."""
    known = _words("person")
    wanted = {one for one in person_ids if one and one not in known}
    if wanted:
        with reading(current.sessions()) as reader:
            known |= dict.fromkeys(wanted, "") | organisation.people_named(reader, wanted)


def person(person_id: str | None) -> str:
    """Return a person's full name; the system's and the unknown's have words too."""
    if not person_id:
        return ""
    if person_id == "system":
        return t("case.by_machine")
    remember_people([person_id])
    return _words("person")[person_id] or t("app.unknown_person")


def unit(unit_id: str | None) -> str:
    """Return a unit's name."""
    if not unit_id:
        return ""
    known = _words("unit")
    if unit_id not in known:
        with reading(current.sessions()) as reader:
            known |= {unit_id: ""} | organisation.units_named(reader, [unit_id])
    return known[unit_id] or unit_id


def post(post_id: str | None) -> str:
    """Return the title of a post, with the unit it belongs to."""
    if not post_id:
        return ""
    known = _words("post")
    if post_id not in known:
        with reading(current.sessions()) as reader:
            known[post_id] = organisation.post_title(reader, post_id)
    return known[post_id]


def about_me(actor: Actor | None) -> dict[str, Any]:
    """Return the post and the roles of the day of the person signed in."""
    if actor is None:
        return {"my_post": "", "my_roles": []}
    roles = sorted({group for group in actor.groups if "@" not in group and group != "staff"})
    return {"my_post": post(actor.post), "my_roles": [label("roles", role) for role in roles]}


def round_title(key: str) -> str:
    """Return what an award round is called; its key for one that is not known."""
    known = _words("round")
    if key not in known:
        with reading(current.sessions()) as reader:
            found = campaigns.find_round(reader, key)
            known[key] = found.title if found else key
    return known[key]


def task_words(name: str, step_key: str, task: TaskView | None = None) -> str:
    """Return what a task asks: the diagram's words in Vietnamese, the step's title in English.

    Of an element that no label file names the diagram's own English name comes first, where `task` says which it is.
    """
    if language() == "vi":
        return name or label("steps", step_key)
    own = drawn_name(task.process_key, task.element_id) if task is not None else ""
    return own or find_label(f"steps.{step_key}", language()) or name


def end_words(process_key: str, end_event: str | None, status: str) -> str:
    """Return how a case ended: the words of its end event, as its diagram calls it where no label file does."""
    if not end_event:
        return label("ends", status)
    return find_label(f"ends.{end_event}", language()) or label("elements", f"{process_key}.{end_event}")


def code_words(name: str, value: Any) -> str:
    """Return a value of a rule or event as people read it."""
    if isinstance(value, bool) or value is None:
        return t(_YES_NO[value])
    if isinstance(value, list | tuple):
        return ", ".join(code_words(name, one) for one in value) or t("app.none")
    if name.endswith("_vnd"):
        return money(value)
    text = str(value)
    known = find_label(f"enums.{name}.{text}", language())
    if known:
        return known
    return day(text) if len(text) >= 10 and text[4:5] == "-" and text[7:8] == "-" else text


def variable_name(name: str) -> str:
    """Return what a process variable is called; its own name for one that pages do not know."""
    if has(f"variables.{name}"):
        return t(f"variables.{name}")
    return find_label(f"fields.{name}", language()) or name


def _enum_of(name: str) -> str:
    known = _words("enum")
    if name not in known:
        known[name] = enum_of(current.engine().registry, name)
    return known[name]


def variable_words(name: str, value: Any) -> str:
    """Return a process variable's value as people read it: names for ids, words for codes."""
    if isinstance(value, list):
        named(one for one in value if is_id(one))
        return ", ".join(variable_words(name, one) for one in value) or t("app.none")
    if is_id(value):
        return named([value])[value]
    if isinstance(value, str) and (found := find_label(f"enums.{_enum_of(name)}.{value}", language())):
        return found
    if name == "round_key" and value:
        return round_title(str(value))
    if name == "subject_key" and value:
        return find_label(f"tables.{value}", language()) or label("processes", value)
    return moment(value) if name.endswith("_at") and value else code_words(name, value)


def change_words(name: str, before: Any, after: Any) -> str:
    """Return what a variable was and becomes; of a list who or what comes and goes."""
    if isinstance(before, list) and isinstance(after, list):
        comes, goes = [one for one in after if one not in before], [one for one in before if one not in after]
        parts = [
            t(key, what=variable_words(name, some))
            for key, some in (("operations.adds", comes), ("operations.drops", goes))
            if some
        ]
        return "; ".join(parts) or t("operations.reordered")
    return f"{variable_words(name, before)} → {variable_words(name, after)}"


def outcome_words(outputs: Any) -> str:
    """Return a decision's outputs in one line."""
    if isinstance(outputs, Mapping):
        said = {name: _answer_words(name, value) for name, value in outputs.items() if value not in ("", None)}
        return "; ".join(f"{_output_title(name)}: {words}" for name, words in said.items())
    if isinstance(outputs, list | tuple):
        return " · ".join(outcome_words(one) for one in outputs)
    return _answer_words("value", outputs)


def _output_title(name: str) -> str:
    """Return what a column of answers is called; as a field where no table's column is."""
    return find_label(f"outputs.{name}", language()) or label("fields", name)


def _answer_words(name: str, value: Any) -> str:
    """Return an answer of a table as people read it, several codes in one text each by its words."""
    if isinstance(value, str) and "," in value:
        return ", ".join(code_words(name, one) for one in value.split(","))
    return with_places(code_words(name, value))


def refusal_words(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details of a refusal with words for what they name: steps, persons, roles, tables, days.

    `place` and `task_place` are `process.element` (or a variable that holds a person), `person` is who is kept away:
    `who` is then the reader, or that person's name.
    """
    words = dict(details)
    for name in ("place", "task_place"):
        if name in details:
            place = str(details[name])
            words[name] = find_label(f"elements.{place}", language()) or variable_name(place)
    if "place" in details:
        step = "." in str(details["place"])
        words["deed"] = t("task.did", what=words["place"]) if step else t("task.took_part", what=words["place"].lower())
    if "by" in details:
        words["by"] = person(str(details["by"]))
    if "person" in details:
        reader = g.get("actor")
        words["who"] = t("task.you") if reader and reader.id == details["person"] else person(str(details["person"]))
    if "role" in details:
        words["role"] = find_label(f"roles.{details['role']}", language()) or details["role"]
    if "table" in details:
        words["table"] = find_label(f"tables.{details['table']}", language()) or details["table"]
    if "on" in details:
        words["on"] = local_day(str(details["on"]))
    return words


def event_words(event: EventView) -> str:
    """Return what an event says happened."""
    what = find_label(f"events.{event.kind}", language()) or event.kind
    step, table = event.data.get("step"), event.data.get("table")
    if event.element_id and (own := drawn_name(event.process_key, event.element_id)):
        return f"{what}: {own}"
    if isinstance(step, str) and step:
        return f"{what}: {find_label(f'steps.{step}', language()) or find_label(f'tables.{step}', language()) or step}"
    if event.element_id:
        element = find_label(f"elements.{event.process_key}.{event.element_id}", language())
        return f"{what}: {element}" if element else what
    named_table = find_label(f"tables.{table}", language()) if table else _work_name(event.data.get("key"))
    return f"{what}: {named_table}" if named_table else what


def _work_name(key: Any) -> str | None:
    """Return what the machine's work of that key is called, None where it is no such key."""
    if not isinstance(key, str):
        return None
    return find_label(f"jobs.{key}", language()) or find_label(f"steps.{key}", language())


def event_details(event: EventView) -> str:
    """Return the codes of an event that mean something to people, in one line; ids are left out."""
    said = [
        f"{t(f'case.was_{name}')}: {person(str(event.data[name]))}"
        for name in ("previous", "assignee", "owner")
        if event.data.get(name)
    ]
    if event.data.get("settled_by"):
        what = find_label(f"steps.{event.data['settled_by']}", language()) or str(event.data["settled_by"])
        said.append(t("case.settled_by", what=what))
    said += _handled(event)
    outputs = event.data.get("variables")
    if isinstance(outputs, Mapping):
        said += [found for name, value in outputs.items() if (found := _variable_words(str(name), value))]
    return "; ".join(said)


def _handled(event: EventView) -> list[str]:
    """Return what a repair or a move to another version says: to where, between which versions, who asked for it."""
    data, said = event.data, []
    if event.kind in ("repair.proposed", "instance.repaired") and data.get("target"):
        target = find_label(f"elements.{event.process_key}.{data['target']}", language()) or str(data["target"])
        said.append(f"{t('operations.target')}: {target}")
    if event.kind in ("instance.migrated", "migration.done", "migration.proposed"):
        said.append(t("operations.from_to_version", before=data.get("before"), after=data.get("after")))
    if data.get("proposed_by"):
        said.append(f"{t('operations.proposer')}: {person(str(data['proposed_by']))}")
    return said


def _variable_words(name: str, value: Any) -> str:
    """Return `field: value` of a variable whose value has words, empty for ids and bookkeeping."""
    if value is None or isinstance(value, list) or name.endswith(("_id", "_key", "_at")):
        return ""
    words = variable_words(name, value)
    return "" if words == str(value) else f"{variable_name(name)}: {words}"


SHELL_EVENTS = (
    "signed_in",
    "signed_out",
    "sign_in_failed",
    "password_changed",
    "password_reset",
    "account.created",
    "account.enabled",
    "account.disabled",
    "file.opened",
    "text.read",
    "history.verified",
    "audit.exported",
)
"""What the shell itself writes on the system chain."""


def evaluated_in(event: EventView, evaluations: Iterable[EvaluationView]) -> list[EvaluationView]:
    """Return the decisions that an event wrote down."""
    made = {name for name, _ in event.facts}
    return [one for one in evaluations if f"rule_evaluation:{one.id}" in made]


def event_kinds() -> list[tuple[str, str]]:
    """Return every kind of event with its words, in the order of the words."""
    kinds = [*(kind.value for kind in EventKind), *SHELL_EVENTS]
    named = [(kind, find_label(f"events.{kind}", language()) or kind) for kind in kinds]
    return sorted(named, key=lambda pair: fold(pair[1]))


def page_link(cursor: str) -> str:
    """Return the address of this page with the same filters, from another cursor on."""
    kept = {name: value for name, value in request.args.items() if name != "cursor"}
    here = url_for(request.endpoint or "queue.home", **(request.view_args or {}))
    return f"{here}?{urlencode({**kept, 'cursor': cursor})}"  # never as arguments of url_for: some mean something to it


def init_app(app: Flask) -> None:
    """Give the words to the templates."""
    for each in (
        person, unit, post, round_title, task_words, end_words, code_words, outcome_words, event_words, event_details,
        evaluated_in, event_kinds, variable_name, variable_words, change_words, page_link,
    ):  # fmt: skip
        app.add_template_global(each)

"""What an event of the record holds, in words: titles and values; what only the machine reads is left to the detail."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Flask

from engine.errors import EngineError
from engine.text import is_id
from engine.views import EventView
from webapp.filters import day, moment
from webapp.i18n import has, language, t
from webapp.ui.identities import named
from webapp.ui.words import code_words, post, variable_name, variable_words
from workflows.labels import find_label

MOST = 12
"""So many of a list are named."""
_SECTIONS = {
    "step": ("steps", "tables"), "settled_by": ("steps",), "key": ("jobs", "steps"), "table": ("tables",),
    "process": ("processes",), "role": ("roles",), "status": ("ends",), "deadline": ("enums.key",),
    "reminder": ("enums.key",), "decision": ("enums.director_decision",), "capacity": ("enums.signing_capacity",),
    "manner": ("enums.manner",), "mode": ("enums.ballot_mode",), "kind": ("enums.document_kind",),
    "council_outcome": ("enums.vote_outcome",),
    "outcome": ("ends", "enums.completeness", "enums.vote_outcome", "enums.change_outcome", "enums.eligibility"),
}  # fmt: skip
"""Where the words of a value are looked for, by the name it stands under."""


def event_lines(event: EventView) -> list[tuple[str, str]]:
    """Return titles and values of what an event says, in its order; ids and hashes of the machine are left out."""
    found = ((name, _words(event, str(name), value)) for name, value in event.data.items())
    return [(t(f"event_data.{name}"), words) for name, words in found if words and has(f"event_data.{name}")]


def _words(event: EventView, name: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if (special := _SPECIAL.get(name)) is not None:
        return special(event, value)
    if isinstance(value, list):
        return _listed(_words(event, name, one) for one in value)
    if name == "post":
        return post(str(value))
    if is_id(value):
        return named([value])[value]
    sections = _SECTIONS.get(name, ())
    known = (find_label(f"{section}.{value}", language()) for section in sections if isinstance(value, str))
    return next(filter(None, known), None) or code_words(name, value)


def _listed(words: Iterable[str]) -> str:
    said = [one for one in words if one]
    rest = len(said) - MOST
    return "; ".join([*said[:MOST], *([t("event_data.more", count=rest)] if rest > 0 else [])])


def _variables(_event: EventView, values: Any) -> str:
    if not isinstance(values, Mapping):
        return ""
    return _listed(f"{variable_name(name)}: {variable_words(name, one)}" for name, one in values.items())


def _processes(_event: EventView, versions: Any) -> str:
    named_so = {key: find_label(f"processes.{key}", language()) or key for key in versions}
    if not isinstance(versions, Mapping):
        return _listed(named_so.values())
    return _listed(t("event_data.of_version", name=named_so[key], version=number) for key, number in versions.items())


def _tables(_event: EventView, versions: Any) -> str:
    pairs = (str(one).partition("/") for one in versions)
    return _listed(
        t("event_data.from_day", name=find_label(f"tables.{key}", language()) or key, day=day(begins))
        for key, _, begins in pairs
    )


def _target(event: EventView, target: Any) -> str:
    return find_label(f"elements.{event.process_key}.{target}", language()) or str(target)


def _error(_event: EventView, error: Any) -> str:
    return fault_words(str(error))


def _instant(_event: EventView, value: Any) -> str:
    return moment(value)


_SPECIAL: Mapping[str, Callable[[EventView, Any], str]] = {
    "variables": _variables, "processes": _processes, "tables": _tables, "target": _target, "error": _error,
    "due_at": _instant,
}  # fmt: skip


# faults of the machine's work

_FAULTS = {
    "StuckCaseError": "stuck", "TimeoutError": "timeout", "SMTPServerDisconnected": "connection",
    "ConnectionError": "connection", "ConnectionRefusedError": "connection", "ConnectionResetError": "connection",
    "OperationalError": "connection", "PermissionError": "permission", "FileNotFoundError": "file_missing",
    "OSError": "file",
}  # fmt: skip


def fault_words(error: str) -> str:
    """Return why a piece of work gave up, from the class of its error and the text behind it (`Class: text`)."""
    if "No space left" in error:
        return t("faults.no_space")
    name = error.partition(":")[0].strip()
    if name in _FAULTS:
        return t(f"faults.{_FAULTS[name]}")
    code = _codes().get(name, "")
    known = find_label(f"errors.{code}", language()) if code else None
    return known if known and "{" not in known else t("faults.unknown")


def _codes() -> dict[str, str]:
    """Return the codes of the engine's own errors by the names of their classes."""
    found, waiting = {}, [EngineError]
    while waiting:
        kind = waiting.pop()
        found[kind.__name__] = kind.code
        waiting += kind.__subclasses__()
    return found


def init_app(app: Flask) -> None:
    """Give the words to the templates."""
    app.add_template_global(event_lines)
    app.add_template_global(fault_words, "work_fault")

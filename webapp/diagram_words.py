"""What diagrams call their processes and elements themselves, for all that no label file names.

Asked once per request and process: the version in force first, for what it has not those before it, for a process that
is not in force what is proposed. What label files name costs nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flask import g

from engine import queries
from engine.db import reading
from engine.diagram_names import Name, names_of
from engine.errors import DeploymentError
from webapp import current
from workflows.labels import catalogue, current_language
from workflows.rulebook import queries as rulebook

_NOTHING: Mapping[str, Name] = {}


def own_words(key: str, language: str) -> str | None:
    """Return what `processes.<process>` or `elements.<process>.<element>` is called in its diagram.

    Where the diagram has no English name the one that is drawn stands for it.
    """
    process, _, element = key.partition(".")[2].partition(".")
    if not process:
        return None
    name = _find(process, element or process)
    return None if name is None else in_language_of(name, language)


def in_language_of(name: Name, language: str) -> str:
    """Return a name in a language; the one that is drawn where there is no English one."""
    return name.english or name.drawn if language == "en" else name.drawn


def drawn_name(process: str, element: str) -> str:
    """Return what a diagram calls an element of its own, empty where a label file names it or no diagram does."""
    key = f"elements.{process}.{element}"
    return "" if key in catalogue("vi") else own_words(key, current_language()) or ""


@contextmanager
def words_of_drawing(process: str, xml: bytes) -> Iterator[None]:
    """Inside the block let a process be called as a drawing calls it, which is in force nowhere yet."""
    store = _store()
    before = store.get(process)
    store[process] = {**_known(process), **_names(xml)}
    try:
        yield
    finally:
        if before is None:
            del store[process]
        else:
            store[process] = before


def _store() -> dict[str, Mapping[str, Name]]:
    found: dict[str, Mapping[str, Name]] = g.setdefault("own_words", {})
    return found


def _find(process: str, element: str) -> Name | None:
    known = _known(process)
    if known and element not in known:
        older = f"{process} of every version"
        store = _store()
        if older not in store:
            store[older] = queries.names_of_process(current.engine(), process)
        known = store[older]
    return known.get(element)


def _known(process: str) -> Mapping[str, Name]:
    store = _store()
    if process not in store:
        names = queries.names_of_process(current.engine(), process, newest_only=True)
        store[process] = names or _proposed(process)
    return store[process]


def _proposed(process: str) -> Mapping[str, Name]:
    with reading(current.sessions()) as reader:
        xml = rulebook.newest_proposal(reader, process)
    return _names(xml) if xml else _NOTHING


def _names(xml: bytes) -> Mapping[str, Name]:
    try:
        return names_of(xml)
    except DeploymentError:  # what was sent is no diagram: its page says so
        return _NOTHING

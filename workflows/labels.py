"""Domain words in both languages, read from `labels/<language>*.toml`; no sentence for people stands in code.

Keys are dotted: `fields.<field>` or `fields.<form>.<field>`, `enums.<enum>.<value>`, `hints.<enum>.<value>`,
`roles.<role>`, `steps.<step>`, `elements.<process>.<element>`, `errors.<code>`, `problems.<key>` (sentences
beside a field), `notices.<kind>`, `stages.<key>`. A process or an element that no file names is called as its diagram
calls it, where `with_own_words` says who reads diagrams.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

LANGUAGES = ("vi", "en")
FOLDER = Path(__file__).parent / "labels"

OwnWords = Callable[[str, str], str | None]
"""Given a key and a language: what a diagram itself calls a process or an element, None when none does."""
OF_DIAGRAMS = ("processes.", "elements.")

_language: ContextVar[str] = ContextVar("language", default="vi")
_own_words: ContextVar[OwnWords | None] = ContextVar("own_words", default=None)


class _Blank(dict[str, Any]):
    """Values for a sentence; what is not known is left out rather than shown as a name."""

    def __missing__(self, key: str) -> str:
        return "…"


def current_language() -> str:
    """Return the language of this request; Vietnamese unless `in_language` says otherwise."""
    return _language.get()


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Make titles, labels and refusals speak `language` inside the block; unknown languages mean Vietnamese."""
    token = _language.set(language if language in LANGUAGES else "vi")
    try:
        yield
    finally:
        _language.reset(token)


@contextmanager
def with_own_words(words: OwnWords) -> Iterator[None]:
    """Inside the block let processes and elements that no file names be called as `words` says."""
    token = _own_words.set(words)
    try:
        yield
    finally:
        _own_words.reset(token)


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return every label of a language by dotted key.

    Raises:
        ValueError: two files define the same key.

    """
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob(f"{language}*.toml")):
        if path.stem != language and not path.stem.startswith(f"{language}_"):
            continue
        for key, text in _flatten(tomllib.loads(path.read_text(encoding="utf-8"))):
            if key in found:
                raise ValueError(f"label {key!r} is defined twice, again in {path.name}")
            found[key] = normalize("NFC", text)
    return found


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{prefix}.{name}" if prefix else name
        if isinstance(value, Mapping):
            yield from _flatten(value, key)
        else:
            yield key, str(value)


def find_label(key: str, language: str | None = None) -> str | None:
    """Return the label as written, or None when the language has none."""
    spoken = language or current_language()
    found = catalogue(spoken).get(key)
    return found if found is not None else _own(key, spoken)


def _own(key: str, language: str) -> str | None:
    words = _own_words.get() if key.startswith(OF_DIAGRAMS) else None
    return words(key, language) if words is not None else None


def label(key: str, language: str | None = None, /, **values: Any) -> str:
    """Return a label with its values filled in; the Vietnamese one, then the key itself, when it is missing."""
    spoken = language or current_language()
    text = catalogue(spoken).get(key) or catalogue("vi").get(key)
    if text is None:  # what people typed has no places to fill
        return _own(key, spoken) or key
    return text.format_map(_Blank(values)) if values or "{" in text else text


def field_title(form: str, field: str, language: str | None = None) -> str:
    """Return the title of a form's field: its own, else the common one of that field name."""
    for key in (f"fields.{form}.{field}", f"fields.{field}"):
        if find_label(key, language) is not None:
            return label(key, language)
    return label(f"fields.{field}", language)


def error_text(code: str, language: str | None = None, /, **details: Any) -> str:
    """Return the sentence a person reads for a refusal."""
    return label(f"errors.{code}", language, **details)


def problem_text(key: str, language: str | None = None, /, **values: Any) -> str:
    """Return the sentence that stands beside a field."""
    return label(f"problems.{key}", language, **values)


def known(key: str) -> bool:
    """Tell whether a label exists in every language."""
    return all(key in catalogue(language) for language in LANGUAGES)


def missing(keys: Iterable[str]) -> list[str]:
    """Return `language:key` for each label that is missing somewhere, sorted."""
    wanted = list(keys)
    return sorted(f"{lang}:{key}" for lang in LANGUAGES for key in wanted if key not in catalogue(lang))

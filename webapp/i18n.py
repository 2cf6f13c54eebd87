"""Words of the interface in both languages: `t("nav.mine")` reads `translations/<language>.toml`.

Domain words (fields, roles, errors, elements) live in `workflows/labels/`; here are only the shell's own.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import g, has_request_context, request, session

from webapp.current import composition

LANGUAGES = ("vi", "en")
DEFAULT = "vi"
FOLDER = Path(__file__).parent / "translations"


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return dotted key → text of one language, from `<language>.toml` and what stands beside it by subject."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob(f"{language}*.toml")):
        found |= _flatten(tomllib.loads(path.read_text(encoding="utf-8")))
    return found


def language() -> str:
    """Return the language of this request: chosen by the person, else the installation's. Found out once."""
    if not has_request_context():
        return DEFAULT
    found: str | None = g.get("language")
    if found is None:
        found = g.language = _language_of_request()
    return found


def choose(wanted: str) -> None:
    """Speak another language from now on, in this request and those that follow."""
    session["language"] = g.language = wanted


def _language_of_request() -> str:
    usual = str(composition().settings.language)
    if request.path.startswith("/api/"):
        return request.accept_languages.best_match(LANGUAGES, usual) or usual
    chosen = session.get("language")
    return chosen if chosen in LANGUAGES else usual


def t(key: str, /, **values: Any) -> str:
    """Return the text of `key` in the request's language, with `{name}` places filled.

    Raises:
        KeyError: no such key; a test keeps both catalogues equal and complete.

    """
    text = catalogue(language())[key]
    return text.format(**values) if values else text


def texts_of(prefix: str) -> dict[str, Any]:
    """Return all texts under a key as a tree, for scripts that show them."""
    found: dict[str, Any] = {}
    for key, text in catalogue(language()).items():
        if key.startswith(f"{prefix}."):
            *path, name = key.removeprefix(f"{prefix}.").split(".")
            branch = found
            for part in path:
                branch = branch.setdefault(part, {})
            branch[name] = text
    return found


def has(key: str) -> bool:
    """Tell whether the interface knows the key."""
    return key in catalogue(DEFAULT)

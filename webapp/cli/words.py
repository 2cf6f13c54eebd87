"""How commands speak: one clear line for what went wrong, and an end."""

import sys
from typing import NoReturn

from engine.errors import EngineError, NotFoundError
from workflows.labels import find_label


def fail(text: str, code: int = 1) -> NoReturn:
    """End the command with a line."""
    sys.stderr.write(f"thidua: {text}\n")
    sys.exit(code)


class _Tolerant(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def refusal_text(error: EngineError) -> str:
    """Return a refusal's code and sentence, and the sentences of its fields."""
    from webapp.beside import sentences_beside  # as late as this, so that commands start fast
    from webapp.i18n import DEFAULT, catalogue

    key = f"errors.{error.code}"
    template = find_label(key, DEFAULT) or catalogue(DEFAULT).get(key) or str(error)
    sentence = template.format_map(_Tolerant(error.details))
    if isinstance(error, NotFoundError):  # at the machine it may be said what was looked for
        named = " ".join(map(str, error.details.values()))
        sentence = f"{sentence} ({error}: {named})" if named else f"{sentence} ({error})"
    lines = [f"{name}: {' '.join(map(str, texts))}" for name, texts in sentences_beside(error).items()]
    return "\n  ".join([f"{error.code}: {sentence}", *lines])

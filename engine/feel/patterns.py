"""Regular expressions of `matches`, `replace` and `split`: XPath's, run by `re`, and refused where they could run long.

`re` tries alternatives one after the other, so a pattern that repeats what repeats takes exponential time and several
repeats in a row take the length of the text to their power. Both are seen in the parsed pattern before it runs.
"""

import re
from functools import lru_cache
from re import _parser  # the only reader of patterns that agrees with `re` itself
from typing import Any

from engine.feel.errors import FeelLimitError

_MAX_PATTERN = 1_000
_MAX_WORK = 20_000_000
_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE, "x": re.VERBOSE}
_CLASSES = {r"\p{L}": r"[^\W\d_]", r"\p{Lu}": "[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ]", r"\p{N}": r"\d", r"\p{Nd}": r"\d"}
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
_BACK_REFERENCES = {"GROUPREF", "GROUPREF_EXISTS"}


def compile_pattern(pattern: str, flags: str, length: int) -> re.Pattern[str]:
    """Return a pattern that may run over a text of that length.

    Raises:
        ValueError: no pattern, or an unknown flag; the built-in is null.
        FeelLimitError: the pattern could take longer than an evaluation may.

    """
    compiled, degree = _analysed(pattern, flags)
    if degree > 1 and max(length, 1) ** degree > _MAX_WORK:
        raise FeelLimitError("the pattern could take too long on this text", pattern=pattern, length=length)
    return compiled


@lru_cache(maxsize=512)
def _analysed(pattern: str, flags: str) -> tuple[re.Pattern[str], int]:
    if len(pattern) > _MAX_PATTERN:
        raise FeelLimitError("the pattern is too long", limit=_MAX_PATTERN)
    if unknown := set(flags) - _FLAGS.keys():
        raise ValueError(f"unknown flag {unknown}")
    mode = re.RegexFlag(0)
    for letter in flags:
        mode |= _FLAGS[letter]
    if re.search(r"\(\?(?!:)", pattern.replace("\\\\", "")):
        raise ValueError("what Python alone knows is no part of these patterns")
    for written, known in _CLASSES.items():
        pattern = pattern.replace(written, known)
    try:
        tree = _parser.parse(pattern, mode)
        compiled = re.compile(pattern, mode)
    except (re.error, OverflowError, RecursionError):
        raise ValueError("no pattern") from None
    return compiled, _degree(tree) + 1


def _degree(tree: Any) -> int:
    """Return how many repeats may stretch over the same text; one that repeats another is refused."""
    total = 0
    for operation, argument in tree:
        name = str(operation)
        if name in _REPEATS:
            least, most, body = argument
            if most == least and most <= 100:
                total += _degree(body) * int(most)
                continue
            if _degree(body) or _branches(body):
                raise FeelLimitError("the pattern repeats what repeats and could run without end")
            total += 1
        elif name in _BACK_REFERENCES:
            total += 1
        else:
            total += sum(_degree(part) for part in _parts(argument))
    return total


def _branches(tree: Any) -> bool:
    return any(
        str(operation) in ("BRANCH", "MAX_REPEAT", "MIN_REPEAT") or any(_branches(part) for part in _parts(argument))
        for operation, argument in tree
    )


def _parts(argument: Any) -> list[Any]:
    """Return the patterns inside an operation's argument."""
    if isinstance(argument, _parser.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [found for part in argument for found in _parts(part)]
    return []

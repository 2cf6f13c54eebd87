"""Text for searching, without case and accents; text as every database takes it; text that is an id."""

import re
import unicodedata


class _Plain(dict[int, int | str | None]):
    """What becomes of a character, by its number; looked up once for each. Accents are dropped."""

    def __missing__(self, number: int) -> int | None:
        found = self[number] = None if unicodedata.category(chr(number)) == "Mn" else number
        return found


_PLAIN = _Plain({ord("đ"): "d"})


def fold(text: str) -> str:
    """Return text as it is searched: no accents, no case, `đ` as `d`, one blank between words."""
    return " ".join(unicodedata.normalize("NFD", text.casefold()).translate(_PLAIN).split())


def storable(text: str) -> str:
    """Return text with a mark in place of what no database keeps: NUL, and half of a surrogate pair."""
    return "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)


def clean(text: str) -> str:
    """Return typed text in NFC, without outer blanks and without control characters but line ends and tabs."""
    plain = unicodedata.normalize("NFC", text)
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()


_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_id(value: object) -> bool:
    """Tell whether a value is an id of ours as text: a UUID in its usual small letters."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None

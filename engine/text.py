"""Text for searching, without case and accents; and text as every database takes it."""

import unicodedata


def fold(text: str) -> str:
    """Return text in lower case without accents, `đ` as `d`: what queues and lists are searched by."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return plain.replace("đ", "d")


def storable(text: str) -> str:
    """Return text with a mark in place of what no database keeps: NUL, and half of a surrogate pair."""
    return "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)


def clean(text: str) -> str:
    """Return typed text in NFC, without outer blanks and without control characters but line ends and tabs."""
    plain = unicodedata.normalize("NFC", text)
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()

"""Text for searching: without case and accents."""

import unicodedata


def fold(text: str) -> str:
    """Return text in lower case without accents, `đ` as `d`: what queues and lists are searched by."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return plain.replace("đ", "d")

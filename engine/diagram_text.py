"""Width and wrapping of names in a diagram, without a font: advance widths of a common sans-serif face.

The widths are those of Arial and its metric twins, in thousandths of the font size; letters with marks are as wide
as their base letter, the horned Vietnamese vowels a little wider. Faces used on screen are as wide or narrower.
"""

import unicodedata
from functools import lru_cache

LINE_HEIGHT = 1.2
"""Distance of base lines, in font sizes."""

_CLASSES = {
    191: "'", 222: "ijl", 260: "|", 278: " !,./:;I[\\]ft·", 333: "()-`r“”", 334: "{}", 355: '"', 389: "*", 469: "^",
    500: "Jcksvxyz", 556: "#$0123456789?L_abdeghnopquđ–", 584: "+<=>~", 611: "FTZ", 667: "&ABEKPSVXY",
    722: "CDHNRUwĐ", 778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1000: "—…", 1015: "@", 656: "ơ", 800: "ƯƠ", 680: "ư",
}  # fmt: skip
_WIDTHS = {character: width for width, characters in _CLASSES.items() for character in characters}
_UNKNOWN = 1000
_HORN = "\u031b"


def text_width(text: str, size: float) -> float:
    """Return the width of one line of text in pixels at a font size in pixels."""
    return sum(_advance(character) for character in unicodedata.normalize("NFC", text)) * size / 1000


def _advance(character: str) -> int:
    if character in _WIDTHS:
        return _WIDTHS[character]
    parts = unicodedata.normalize("NFD", character)
    base = unicodedata.normalize("NFC", parts[0] + _HORN) if _HORN in parts else parts[0]
    return _WIDTHS.get(base, _UNKNOWN)


@lru_cache(maxsize=4096)
def wrap(text: str, width: float, size: float) -> tuple[str, ...]:
    """Break a name into the fewest lines that fit a width, and share the words evenly between them.

    A single word wider than `width` stands on a line of its own.
    """
    lines = _fill(text, width, size)
    if len(lines) < 2:
        return tuple(lines)
    for narrower in range(int(width), 0, -2):
        candidate = _fill(text, narrower, size)
        if len(candidate) > len(lines) or max(text_width(line, size) for line in candidate) > narrower:
            break
        lines = candidate
    return tuple(lines)


def _fill(text: str, width: float, size: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines

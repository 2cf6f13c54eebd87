"""How elements of a picture look: as they are, by how far a case got, and by what changed between two versions."""

from dataclasses import dataclass

INK = "#1b1f24"
LINE = "#4b545d"


@dataclass(frozen=True, slots=True)
class Look:
    """Presentation attributes of one shape."""

    fill: str
    stroke: str
    width: float = 1.5
    dash: str = ""


PLAIN = Look("#ffffff", INK)
LANE = Look("none", "#8a939c", 1.2)
LOOKS = {
    "done": Look("#e6f3ea", "#1d6338"),
    "active": Look("#e3eefb", "#0b4f9e", 3.0),
    "waiting": Look("#fff4d6", "#7a4b00", 2.0),
    "cancelled": Look("#eeeeee", "#5c5c5c", 1.5, "5 3"),
    "added": Look("#e6f3ea", "#1d6338", 3.0),
    "removed": Look("#fbe9e7", "#a1260d", 2.0, "5 3"),
    "altered": Look("#fff4d6", "#7a4b00", 3.0),
    "moved": Look("#f1f4f7", "#5c5c5c", 1.5, "2 3"),
}
CHANGES = frozenset({"added", "removed", "altered", "moved"})
PRIORITY = ("active", "waiting", "done", "cancelled", "removed", "added", "altered", "moved")
"""What an element shows that was reached more than once."""

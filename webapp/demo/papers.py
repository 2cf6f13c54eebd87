"""Papers of the demonstration: small real PDF files, the same bytes for the same words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from workflows.decisions.press import Press
from workflows.documents.storage import FileStorage

TEMPLATE = Path(__file__).with_name("paper.typ")


@dataclass(frozen=True, slots=True)
class Paper:
    """What a paper says.

    Attributes:
        above: the body above the issuer, as the head block names it.
        kind: the name of the type, e.g. TỜ TRÌNH.
        on: the day it bears; it is dated in Lạng Sơn.

    """

    above: str
    issuer: str
    number: str
    on: date
    kind: str
    title: str
    paragraphs: Sequence[str]
    signer_title: str
    signer: str


def place_and_date(day: date, place: str = "Lạng Sơn") -> str:
    """Return the line of place and date as decree 30/2020 writes it: the day and January, February with two digits."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{place}, ngày {day.day:02d} tháng {month} năm {day.year}"


class PrintRoom:
    """Prints papers and puts them into the storage."""

    def __init__(self, storage: FileStorage, fonts: Path) -> None:
        self._storage = storage
        self._press = Press(fonts)

    def file(self, paper: Paper) -> str:
        """Print a paper, store it and return its SHA-256."""
        said = asdict(paper) | {"on": [paper.on.year, paper.on.month, paper.on.day], "place": place_and_date(paper.on)}
        return self._storage.write(self._press.print(TEMPLATE, said))

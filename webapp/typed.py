"""What people type and read, word by word: plain text, days and instants as they are written here."""

import re
import unicodedata
from datetime import date, datetime

from engine.clock import VIETNAM

LONGEST_NUMBER = 16
_WHOLE = re.compile(r"[+-]?\d{1,3}(?:[. ]?\d{3})*|[+-]?\d+")
_LOCAL_DATE = re.compile(r"(\d{1,2})[/.-]?(\d{1,2})[/.-]?(\d{4})")
_CLOCK_FIRST = re.compile(r"(\d{1,2}:\d{2})\s+(\S+)")
_DAY_FIRST = re.compile(r"(\S+)\s+(\d{1,2}:\d{2})")


def normalise(text: str) -> str:
    """Return typed text in NFC with plain line ends and without surrounding blanks or control characters."""
    composed = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in composed if c in "\n\t" or unicodedata.category(c) != "Cc").strip()


def whole_number(text: str) -> int | None:
    """Return a typed whole number, thousands marked by dots or blanks or not at all; None for other text."""
    plain = re.sub(r"[. ]", "", text)
    return int(plain) if _WHOLE.fullmatch(text) and len(plain) < LONGEST_NUMBER else None


def plain_number(text: str, language: str) -> str:
    """Return a typed number as programs write it: 1.250,5 is 1250.5 to who writes Vietnamese; other text as it is."""
    thousands, decimal = (".", ",") if language == "vi" else (",", ".")
    form = rf"[+-]?(?:\d{{1,3}}(?:[{thousands} ]\d{{3}})+|\d+)(?:[{decimal}]\d+)?"
    if not re.fullmatch(form, text.strip()):
        return text
    return re.sub(rf"[{thousands} ]", "", text).replace(decimal, ".")


def local_day(text: str) -> str:
    """Return a day as people here write it, dd/mm/yyyy; text that is no day stays as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day:%d/%m}/{day.year:04d}"  # the library writes the year 1 with one digit, which is no day when read back


def iso_day(text: str) -> str:
    """Return a typed day (dd/mm/yyyy, dd-mm-yyyy, dd.mm.yyyy or ddmmyyyy) as yyyy-mm-dd; other text as it is."""
    match = _LOCAL_DATE.fullmatch(text)
    if match is None:
        return text
    day, month, year = (int(part) for part in match.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return text


def moment_of(text: object) -> datetime | None:
    """Return the instant that a stored text is, None for any other value."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=VIETNAM)


def local_instant(text: str) -> str:
    """Return an instant as people here write it, HH:MM dd/mm/yyyy; text that is none stays as it is."""
    try:
        instant = datetime.fromisoformat(text)
        return (instant.astimezone(VIETNAM) if instant.tzinfo else instant).strftime("%H:%M %d/%m/%Y")
    except (ValueError, OverflowError):
        return text


def iso_instant(text: str) -> str:
    """Return what was typed (HH:mm dd/mm/yyyy, in either order, or ISO) as office time in Vietnam, with its zone."""
    clock, day = "", text
    if match := _CLOCK_FIRST.fullmatch(text):
        clock, day = match.groups()
    elif match := _DAY_FIRST.fullmatch(text):
        day, clock = match.groups()
    try:
        instant = datetime.fromisoformat(f"{iso_day(day)}T{clock.zfill(5)}" if clock else text)
    except ValueError:
        return text
    return (instant if instant.tzinfo else instant.replace(tzinfo=VIETNAM)).isoformat()

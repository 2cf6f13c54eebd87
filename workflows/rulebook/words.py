"""Cells of decision tables in words: codes by their labels, days and numbers as people here write them."""

import re
from decimal import Decimal

from workflows.labels import current_language, find_label, label

_VALUE_SECTIONS = {"parameter": "policy", "role": "roles"}  # other columns: `enums.<column>`
_DATE = re.compile(r'date\("(\d{4})-(\d{2})-(\d{2})"\)')
_TEXT = re.compile(r'"([^"]*)"')
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_RANGE = re.compile(r"\[([^\[\]]+)\.\.([^\[\]]+)\]")
_PLACE = re.compile(r"\{(head|post|n)\}")
_YES_NO = re.compile(r"\b(true|false)\b")


def cell_words(column: str, text: str) -> str:
    """Return a cell as people read it: codes by their labels, days, numbers, yes and no; empty for any value."""
    if text in ("-", "", "null"):
        return ""
    if _NUMBER.fullmatch(text):
        return _number_words(text, grouped=column.endswith("_vnd"))
    section = _VALUE_SECTIONS.get(column, f"enums.{column}")
    dated = _RANGE.sub(r"\1 – \2", _DATE.sub(r"\3/\2/\1", text))
    named = with_places(_TEXT.sub(lambda found: _code_words(section, found.group(1)), dated))
    return named if named != dated else _YES_NO.sub(lambda found: label(f"enums.yes_no.{found.group(1)}"), dated)


def with_places(text: str) -> str:
    """Return a text of a table with the places that a paper fills said in words: `KT. {head}`, `{n}/QĐ-CTHADS`."""
    return _PLACE.sub(lambda found: f"[{label(f'places.{found.group(1)}')}]", text)


def value_words(column: str, value: object) -> str:
    """Return an answer or input as people read it."""
    if value is None or isinstance(value, bool):
        return cell_words(column, "" if value is None else str(value).lower())
    text = str(value)
    return cell_words(column, text if _NUMBER.fullmatch(text) else f'"{text}"')


def _number_words(text: str, *, grouped: bool) -> str:
    written = format(Decimal(text), ",f" if grouped else "f")
    return written if current_language() != "vi" else written.translate(str.maketrans(",.", ".,"))


def _code_words(section: str, code: str) -> str:
    if found := find_label(f"{section}.{code}") or find_label(f"{section}.{code}", "vi"):
        return found
    return ", ".join(_code_words(section, one) for one in code.split(",")) if "," in code else code

"""Rules of notes: which class of the table `visibility` a circle of readers is."""

CLASS_OF = {"UNIT": "note_unit", "HANDLERS": "note_handlers", "READERS": "note_readers"}
"""Audience → class of fields."""


def reads(access: str, *, own: bool, audience: str, same_unit: bool) -> bool:
    """Tell whether somebody reads a note: its author always, a note for the unit also everybody of that unit."""
    return own or access == "yes" or (audience == "UNIT" and same_unit)

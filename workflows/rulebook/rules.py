"""What a change of rules must keep to, beside what the checker says of the file."""

from collections.abc import Mapping
from datetime import date

LONGEST_FILE = 1_000_000
"""Bytes of a file; the largest table of ours has some 60,000."""


def change_key(year: int, number: int) -> str:
    """Return the key people call a change by: `SĐ-2025-001`."""
    return f"SĐ-{year}-{number:03d}"


def day_problem(known: Mapping[date, str], valid_from: date, sha256: str) -> str:
    """Return why a version may not begin on a day, empty when it may.

    Args:
        known: the versions in force: the day each begins, and its hash.
        valid_from: the day the new version is to begin.
        sha256: the new version's hash.

    """
    if not known:
        return "unknown_table"
    if valid_from in known:
        return "version_exists"
    if valid_from < min(known):
        return "before_the_first_version"
    before = known[max(day for day in known if day < valid_from)]
    return "version_unchanged" if before == sha256 else ""

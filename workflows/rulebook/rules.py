"""What a change of rules must keep to, beside what the checker says of the file."""

import re
from collections.abc import Collection, Mapping
from datetime import date

from engine.text import fold

LONGEST_FILE = 1_000_000
"""Bytes of a file; the largest table of ours has some 60,000."""

LONGEST_PROCESS_KEY = 40
LONGEST_PROCESS_NAME = 120
_PROCESS_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


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


def process_key_problem(key: str, in_force: Collection[str], proposed: Collection[str]) -> str:
    """Return why a new process may not bear a key, empty when it may.

    Args:
        key: as it was typed.
        in_force: keys of the processes in force.
        proposed: keys of processes whose proposal waits for an answer.

    """
    if not 3 <= len(key) <= LONGEST_PROCESS_KEY or not _PROCESS_KEY.fullmatch(key):
        return "process_key_form"
    if key in in_force:
        return "process_key_taken"
    return "process_key_proposed" if key in proposed else ""


def suggested_process_key(name: str) -> str:
    """Return a key made of a name, as somebody might type it: `Lấy ý kiến Công đoàn` is `lay_y_kien_cong_doan`."""
    words = re.findall(r"[a-z0-9]+", fold(name))
    return re.sub("^[0-9_]+", "", "_".join(words))[:LONGEST_PROCESS_KEY].strip("_")

"""Pure rules of campaigns and rounds."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise

from workflows.campaigns.models import RoundKind

INTERIM_MILESTONE = "interim_review"
"""Key of the milestone after which the campaign needs a decision to go on (RULES B10)."""


def continue_decision_needed(kind: RoundKind, earlier_kinds: Iterable[RoundKind]) -> bool:
    """Tell whether a round of this kind may open only after a decision to continue the movement.

    Source:
        Seed plan II.2: the interim review is the basis on which the movement goes on; RULES B10.
    """
    return kind is RoundKind.FINAL or RoundKind.INTERIM in set(earlier_kinds)


def dates_in_order(*dates: date) -> bool:
    """Tell whether dates follow each other; equal ones may."""
    return all(first <= second for first, second in pairwise(dates))


def quota_map(rows: Iterable[Mapping[str, object]]) -> dict[str, int]:
    """Return the most nominations per unit by proposed form; an empty map sets none (RULES C17).

    Raises:
        ValueError: a form is named twice.

    """
    found: dict[str, int] = {}
    for row in rows:
        form = str(row["form"])
        if form in found:
            raise ValueError(form)
        found[form] = int(str(row["most"]))
    return found

"""How a paper says who signs and in whose place: rows of the table `signature` (decree 30/2020 art. 13, annex I).

The wording and when a paper is needed for it are data, by the day of the signature; who is entitled to which of them
the rooms judge from the record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.tables import plain
from workflows.documents.models import SigningCapacity
from workflows.documents.rules import signature_lines
from workflows.rulebook import queries as rulebook

TABLE = "signature"

Lookup = Callable[[str, dict[str, Any], date], Any]
"""Evaluates a table on a day: `StepContext.decide`, or `looker_up` where nothing is written."""


def looker_up(session: Session) -> Lookup:
    """Return a look-up that only reads, for pages and previews."""
    return lambda table, inputs, on: rulebook.decide(session, table, inputs, on).value


@dataclass(frozen=True, slots=True)
class SignatureForm:
    """One row of `signature`.

    Attributes:
        first_line, second_line: with places for `{head}` and `{post}`; the second may be empty.
        post_begins_with: how the post of who signs so in his own right begins; empty for any.
        needs_document: who signs so in another's place must have a paper for it.

    """

    first_line: str
    second_line: str
    post_begins_with: str
    needs_document: bool

    def lines(self, *, head: str = "", post: str = "") -> tuple[str, ...]:
        """Return the lines over a signature, in capitals."""
        return signature_lines(self.first_line, self.second_line, head=head, post=post)


def signature_form(lookup: Lookup, capacity: SigningCapacity, on: date) -> SignatureForm:
    """Return how a paper is signed in a capacity on a day.

    Raises:
        DmnError: the table has no row for it.

    """
    row = plain(lookup(TABLE, {"signing_capacity": capacity.value}, on))
    return SignatureForm(
        str(row["first_line"]), str(row["second_line"] or ""), str(row["post_begins_with"] or ""),
        bool(row["needs_document"]),
    )  # fmt: skip

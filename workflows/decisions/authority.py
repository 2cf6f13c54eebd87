"""Who may grant which form on a day, and how the paper is numbered and signed: rows of the table `authority`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.context import Actor
from engine.tables import plain
from workflows.decisions.models import SigningCapacity
from workflows.decisions.rules import capacities
from workflows.errors import IssuerMayNotGrantError
from workflows.nominations.models import AwardForm
from workflows.organisation import queries as organisation
from workflows.organisation.queries import UnitView
from workflows.rulebook import queries as rulebook

HEAD_OF_AGENCY = "HEAD_OF_AGENCY"
MINISTER = "MINISTER"
DIRECTOR = "director"

Lookup = Callable[[str, dict[str, Any], date], Any]
"""Evaluates a table on a day: `StepContext.decide`, or `looker_up` where nothing is written."""


@dataclass(frozen=True, slots=True)
class Authority:
    """One row of `authority`.

    Attributes:
        issuer: `HEAD_OF_AGENCY` or `MINISTER`.
        signer_title: of the head of the agency, e.g. Cục trưởng.
        payer: who pays the prize (RULES A12).
        number_pattern: `{n}` is the number of the year.

    """

    issuer: str
    needs_legal_personality: bool
    signer_title: str
    payer: str
    number_pattern: str
    minister_title: str


def looker_up(session: Session) -> Lookup:
    """Return a lookup that only reads, for pages and previews."""
    return lambda table, inputs, on: rulebook.decide(session, table, inputs, on).value


def authority_for(lookup: Lookup, form: AwardForm, on: date) -> Authority:
    """Return who grants a form on a day.

    Raises:
        DmnError: no row for the form.

    """
    row = plain(lookup("authority", {"form": form.value}, on))
    return Authority(
        str(row["issuer"]), bool(row["needs_legal_personality"]), str(row["signer_title"] or ""),
        str(row["payer"] or ""), str(row["number_pattern"] or ""), str(row["minister_title"] or ""),
    )  # fmt: skip


def granting_agency(session: Session, found: Authority, on: date) -> UnitView:
    """Return the body whose head grants on a day.

    Raises:
        IssuerMayNotGrantError: the form is not the head's to grant, or no body with legal personality exists that day.

    """
    agency = organisation.agency_on(session, on)
    if found.issuer != HEAD_OF_AGENCY or agency is None:
        raise IssuerMayNotGrantError("not the head's to grant", issuer=found.issuer)
    if found.needs_legal_personality and not agency.legal_personality:
        raise IssuerMayNotGrantError("the body has no legal personality", unit=agency.name)
    return agency


def signing_capacities(session: Session, actor: Actor, on: date) -> tuple[SigningCapacity, ...]:
    """Return in what capacities a person may sign on a day."""
    return capacities(deputy=organisation.is_deputy(session, actor.id, DIRECTOR, on))

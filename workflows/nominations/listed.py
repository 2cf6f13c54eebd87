"""What a list says of many cases, found with one statement however long the list is."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.statements import Statement, one_of
from workflows.nominations.models import Nomination, NominationContent
from workflows.organisation import queries as organisation


@dataclass(frozen=True, slots=True)
class CaseLine:
    """What a list says about a case: names, and the form of award by its code; empty for a case of another kind."""

    nominee: str = ""
    unit: str = ""
    form: str = ""


_FORM = (
    sa.select(NominationContent.proposed_form)
    .where(NominationContent.nomination_id == Nomination.nomination_id)
    .order_by(NominationContent.version.desc())
    .limit(1)
    .scalar_subquery()
)
_LINES = Statement(
    sa.select(
        Nomination.business_key,
        organisation.person_name(Nomination.nominee_id),
        organisation.unit_name(Nomination.nominee_id),
        organisation.unit_name(Nomination.unit_id),
        _FORM,
    ).where(one_of(Nomination.business_key, "keys"))
)


def lines_by_key(session: Session, business_keys: Iterable[str]) -> dict[str, CaseLine]:
    """Return lines by business key with the newest names; keys of no nomination are left out."""
    wanted = sorted(set(business_keys))
    return {
        key: CaseLine(person or collective or "", unit or "", form.value)
        for key, person, collective, unit, form in (_LINES.all(session, {"keys": wanted}) if wanted else ())
    }

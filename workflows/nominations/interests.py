"""Why one person keeps away from judging nominations, asked about many of them at once."""

from collections.abc import Mapping, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.nominations import queries
from workflows.nominations.models import Nomination, NomineeKind
from workflows.organisation import queries as organisation


def reasons_against(session: Session, person_id: str, nomination_ids: Sequence[str], on: date) -> dict[str, str]:
    """Return for some nominations why one person must keep away from judging them, as `queries.recused_people` says it.

    The number of statements does not grow with the nominations.
    """
    rows = list(session.scalars(sa.select(Nomination).where(Nomination.nomination_id.in_(nomination_ids))))
    declared = queries.declared_by(session, person_id, nomination_ids)
    family = organisation.relatives_of(session, person_id)
    collectives = [row.nominee_id for row in rows if row.nominee_kind is not NomineeKind.INDIVIDUAL]
    heads = organisation.heads_on(session, on, collectives) if collectives else {}
    found = {row.nomination_id: _reason(row, person_id, family, heads) for row in rows}
    found |= {key: "declared" for key in declared if found.get(key) != "self"}
    return {key: reason for key, reason in found.items() if reason}


def _reason(row: Nomination, person_id: str, family: frozenset[str], heads: Mapping[str, str]) -> str:
    """Return a person's reason to keep away that lies in who he is; empty for none."""
    if row.nominee_kind is not NomineeKind.INDIVIDUAL:
        return "collective_head" if heads.get(row.nominee_id) == person_id else ""
    if row.nominee_id == person_id:
        return "self"
    if row.nominee_id in family:
        return "family"
    return "direct_proposer" if row.proposer_id == person_id else ""

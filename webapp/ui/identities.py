"""What an id names: a person, a unit, a case, a decision, a line of a sitting. Each is looked up once per request."""

from collections.abc import Iterable
from contextlib import suppress

from flask import g
from sqlalchemy.orm import Session

from engine.db import reading
from engine.errors import NotFoundError
from webapp import current
from webapp.i18n import t
from workflows.council import queries as council
from workflows.decisions import queries as decisions
from workflows.nominations import queries as nominations
from workflows.organisation import queries as organisation
from workflows.rulebook import queries as rulebook

SHOWN = 8
"""So many signs of an id that names nothing known are shown."""


def named(identities: Iterable[str]) -> dict[str, str]:
    """Return what each id names; for one that names nothing known, that it is an id, and how it begins."""
    store: dict[str, str] = g.setdefault("identities", {})
    wanted = list(dict.fromkeys(identities))
    if missing := [one for one in wanted if one not in store]:
        with reading(current.sessions()) as reader:
            found = organisation.people_named(reader, missing) | organisation.units_named(reader, missing)
            for one in missing:
                store[one] = found.get(one) or _record(reader, one) or t("app.an_id", start=one[:SHOWN])
    return {one: store[one] for one in wanted}


def _record(reader: Session, identity: str) -> str:
    """Return how a case, decision, line or change of rules is called by its people; empty for none."""
    nomination = nominations.find_nomination(reader, identity)
    if nomination is not None:
        return nomination.business_key
    decision = decisions.find_decision(reader, identity)
    if decision is not None:
        return decision.official_number or decision.decision_key
    with suppress(NotFoundError):
        line = council.line_view(reader, identity)
        return t("app.a_line", session=line.session_key, round=line.ballot_round)
    with suppress(NotFoundError):
        return rulebook.get_change(reader, identity).change_key
    return ""

"""Who sees what: field class × role, as rows of the dated table `visibility` (RULES J06)."""

from datetime import date

from sqlalchemy.orm import Session

from engine.context import Actor
from engine.tables import in_force
from workflows.rulebook import queries

YES = "yes"
REASONED_REQUEST = "reasoned_request"
NO = "no"
_WEAKEST_FIRST = (NO, REASONED_REQUEST, YES)
_known: dict[tuple[str, str, str], str] = {}  # by the table's hash, whose meaning never changes


def may_see(session: Session, field_class: str, actor: Actor, on: date) -> str:
    """Return the best that any role of the actor allows on a day: `yes`, `reasoned_request` or `no`.

    Raises:
        DmnError: no table holds on that day, or it knows no such class of fields.

    """
    sha256 = in_force(session, "visibility", on).sha256
    roles = sorted({group.partition("@")[0] for group in actor.groups}) or [""]
    found = [_role_may_see(session, sha256, field_class, role, on) for role in roles]
    return max(found, key=_WEAKEST_FIRST.index)


def _role_may_see(session: Session, sha256: str, field_class: str, role: str, on: date) -> str:
    key = (sha256, field_class, role)
    if key not in _known:
        inputs = {"field_class": field_class, "role": role}
        _known[key] = str(queries.decide(session, "visibility", inputs, on).value)
    return _known[key]

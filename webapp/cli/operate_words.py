"""How operators' commands name a case and write an instant."""

from datetime import datetime
from uuid import UUID

from engine import queries
from engine.clock import VIETNAM
from engine.errors import NotFoundError
from engine.runtime_environment import Engine
from engine.views import InstanceView


def moment(value: datetime | None) -> str:
    """Return an instant as it is written in Vietnam, a dash for none."""
    return value.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M") if value else "-"


def find_case(engine: Engine, key: str) -> InstanceView:
    """Return a case by business key or id.

    Raises:
        NotFoundError: there is none.

    """
    found = queries.find_instance(engine, key)
    if found is not None:
        return found
    try:
        return queries.get_instance(engine, UUID(key))
    except ValueError as fault:
        raise NotFoundError("no such case", case=key) from fault

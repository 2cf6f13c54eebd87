"""Choices that a step's schema leaves to the shell: people, by name."""

from engine.db import reading
from webapp import current
from webapp.forms import Options, OptionSource
from workflows.organisation.queries import list_people, people_of_role


def people(role: str = "", unit_id: str = "") -> Options:
    """Return people with their posts of today, in the order of Vietnamese rolls; of one role when given."""
    on = current.business_today()
    with reading(current.sessions()) as reader:
        wanted = set(people_of_role(reader, role, on, unit_id=unit_id)) if role else None
        found = list_people(reader, on)
    return [
        (view.id, " – ".join(part for part in (view.full_name, view.post, view.unit) if part))
        for view in found
        if wanted is None or view.id in wanted
    ]


def source() -> OptionSource:
    """Return what the form asks for choices that its schema does not list."""
    return lambda widget: people() if widget == "person" else ()

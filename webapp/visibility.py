"""Who may read which case and task: one policy for pages and API. What is sensitive inside is the domain's table."""

from uuid import UUID

from engine import queries
from engine.db import reading
from engine.errors import ForbiddenError
from engine.views import TaskView
from webapp import current
from workflows.nominations import queries as nominations
from workflows.rulebook import queries as rulebook

READERS = ("personnel_officer", "office_officer", "council_secretary", "council_chair", "director",
           "records_officer", "auditor", "council_member")  # fmt: skip
"""Roles that read every case; an administrator looks after the machine, not the dossiers."""


def may_see_case(business_key: str) -> bool:
    """Tell whether this person may read the case: the offices, the council, auditors, and those who propose it."""
    if current.holds(*READERS):
        return True
    with reading(current.sessions()) as reader:
        if current.holds("administrator") and rulebook.find_change(reader, business_key) is not None:
            return True
        found = nominations.parties(reader, business_key, current.business_today())
    actor = current.actor()
    return found is not None and (
        found.proposer_id == actor.id
        or actor.holds("unit_head", found.unit_id)
        or actor.id in found.nominee_people
        or found.collective_head_id == actor.id
    )


def require_visible_case(business_key: str) -> None:
    """Refuse a case that is none of this person's business.

    Raises:
        ForbiddenError: it is not.

    """
    if not may_see_case(business_key):
        raise ForbiddenError


def visible_task(task_id: UUID) -> TaskView:
    """Return a task that this person may look at; a ballot is its voter's alone, or that of the voter's deputy.

    Who handed a task on sees where it is, and the head of the unit in charge sees what is to be assigned or late.

    Raises:
        NotFoundError: no such task.
        ForbiddenError: it is none of this person's business.

    """
    task = queries.get_task(current.engine(), task_id)
    actor = current.actor()
    scope = task.scope or None
    stands_in = task.assignee in actor.places(task.role, scope) and (task.personal or actor.givers(task.role, scope))
    mine = actor.id in (task.assignee, task.owner, task.completed_by) or stands_in
    shared = not task.personal and (actor.holds(task.role, scope) or may_see_case(task.business_key))
    if not (mine or shared or (not task.personal and actor.id in queries.heads_of(current.engine(), task))):
        raise ForbiddenError
    return task

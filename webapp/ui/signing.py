"""What a signature would make, shown before it is given: number, date, list and the paper itself as a draft."""

from collections.abc import Sequence

from engine import queries
from engine.access import acting, acting_in
from engine.context import Actor
from engine.db import reading
from engine.views import TaskView
from webapp import current
from webapp.forms import FieldView
from webapp.wiring import FONTS
from workflows.decisions import papers
from workflows.decisions.authority import DIRECTOR, signing_capacities
from workflows.decisions.press import Press
from workflows.decisions.signing import SigningPreview, preview
from workflows.nominations import queries as nominations

SIGN_STEP = "decisions.sign_decision"


def preview_of(task: TaskView, fields: Sequence[FieldView]) -> SigningPreview | None:
    """Return what signing this task would make now, with the cases ticked in its form; None for other tasks."""
    if task.step_key != SIGN_STEP:
        return None
    chosen = next((field.value for field in fields if field.name == "together"), ())
    return _preview([task.business_key, *chosen], acting(current.actor(), task))


def _preview(keys: Sequence[str], actor: Actor) -> SigningPreview | None:
    on = current.business_today()
    with reading(current.sessions()) as reader:
        capacities = signing_capacities(reader, actor, on)
        return preview(reader, keys, actor, capacities[0].value, on) if capacities else None


def _signer(business_key: str) -> Actor | None:
    """Return the person of the request as who would sign a case: by the role, or because the task was handed on."""
    me = current.actor()
    if me.holds(DIRECTOR):
        return acting_in(me, [DIRECTOR])
    instance = queries.find_instance(current.engine(), business_key)
    tasks = queries.open_tasks_of_instance(current.engine(), instance.id) if instance else ()
    mine = next((task for task in tasks if task.step_key == SIGN_STEP and task.assignee == me.id), None)
    return acting(me, mine) if mine else None


def draft_pdf(business_key: str) -> bytes | None:
    """Return the decision a signature would make for one case, marked as a draft; None for who may not sign."""
    signer = _signer(business_key)
    found = _preview([business_key], signer) if signer else None
    if found is None:
        return None
    with reading(current.sessions()) as reader:
        row = nominations.get_nomination(reader, business_key)
        return papers.preview_pdf(reader, Press(FONTS), found, current.actor().name, [row.round_key])

"""What the council has reviewed, for the head: grant as it advised, all or all but some; the rest is decided alone."""

from uuid import uuid4

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engine.commands.bulk import complete_tasks
from engine.db import reading
from webapp import current
from webapp.i18n import t
from webapp.requests import sent_key
from webapp.security import allowed
from webapp.ui.bulk import chosen_tasks, done_page
from workflows.council.models import BallotMode
from workflows.decisions.reviewed import ReviewedView, advised_choice, waiting_for_decision
from workflows.nominations.visibility import may_see

bp = Blueprint("reviewed", __name__, url_prefix="/decisions/reviewed")


def _waiting() -> list[ReviewedView]:
    with reading(current.sessions()) as reader:
        return waiting_for_decision(reader)


@bp.get("")
@allowed("director")
def index() -> ResponseReturnValue:
    """List what waits for the head's decision, as the council left it."""
    return _page("", 200)


def _page(whole: str, status: int) -> ResponseReturnValue:
    waiting = _waiting()
    with reading(current.sessions()) as reader:
        secret = may_see(reader, "secret_counts", current.actor(), current.business_today()) == "yes"
    page = render_template(
        "decisions/reviewed.html", waiting=waiting, choices={one.task_id: advised_choice(one) for one in waiting},
        secret=secret, open_mode=BallotMode.OPEN.value, whole=whole, key=str(uuid4()),
    )  # fmt: skip
    return page, status


@bp.post("")
@allowed("director")
def grant() -> ResponseReturnValue:
    """Grant what is ticked, each as the council advised, each through its own door."""
    advised = {one.task_id: advised_choice(one) for one in _waiting()}
    wanted = [task_id for task_id in chosen_tasks() if advised.get(str(task_id))]
    if not wanted:
        return _page(t("bulk.nothing_chosen"), 422)
    answers = [(task_id, {"decision": advised[str(task_id)], "reason": ""}) for task_id in wanted]
    items = complete_tasks(current.engine(), answers, current.actor(),
                           idempotency_key=sent_key())  # fmt: skip
    return done_page(items, t("reviewed.granted"), "reviewed.index")

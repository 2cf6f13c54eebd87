"""What of the record each person may read: who wrote a comment, and what a secret ballot counted, is told to
those the domain's table names.
"""

from collections.abc import Sequence
from dataclasses import replace

from engine.chain import EventKind
from engine.db import reading
from engine.views import EvaluationView, EventView
from webapp import current
from workflows.council import queries as council
from workflows.council.models import BallotMode
from workflows.nominations.visibility import may_see

COUNTED = "vote_outcome"
"""The table whose inputs are the counts of a ballot."""
AUTHORED_STEPS = frozenset({"feedback.post_comment"})


def without_hidden_authors(events: Sequence[EventView]) -> tuple[EventView, ...]:
    """Return events of a case; those of comments without their author where this person may not know him."""
    if not any(_is_comment(event) for event in events):
        return tuple(events)
    with reading(current.sessions()) as reader:
        told = may_see(reader, "comment_author", current.actor(), current.business_today()) == "yes"
    mine = current.actor().id
    return tuple(
        replace(event, actor_id="", actor_name="", post="")
        if _is_comment(event) and not told and event.actor_id != mine else event
        for event in events
    )  # fmt: skip


def without_secret_counts(evaluations: Sequence[EvaluationView], nomination_id: str) -> tuple[EvaluationView, ...]:
    """Return evaluations of a case, without those that tell the counts of a secret ballot to who may not see them."""
    if not any(one.table == COUNTED for one in evaluations):
        return tuple(evaluations)
    with reading(current.sessions()) as reader:
        told = may_see(reader, "secret_counts", current.actor(), current.business_today()) == "yes"
        lines = council.lines_of_nomination(reader, nomination_id)
    if told or all(line.mode == BallotMode.OPEN.value for line in lines):
        return tuple(evaluations)
    return tuple(one for one in evaluations if one.table != COUNTED)


def _is_comment(event: EventView) -> bool:
    return event.kind == EventKind.MESSAGE_CORRELATED and event.data.get("step") in AUTHORED_STEPS

"""What of the record each person may read: who wrote a comment, what a secret ballot counted, and that a nominee is or
was under verification, is told to those the domain's table names.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

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
ELIGIBILITY = "eligibility"
"""The table that is asked about flags beside all else."""
FLAG_INPUTS = frozenset({"blocking_flags", "discipline_after_from"})
FLAG_CODES = frozenset({"open_flags", "discipline_in_period"})
"""What `eligibility` is told, and finds, because of flags."""
FLAG_CLASSES = ("discipline", "denunciation")


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


def knows_of_flags(reader: Session) -> bool:
    """Tell whether this person may know that a nominee has flags; who may ask to read one knows that there is one."""
    actor, on = current.actor(), current.business_today()
    return all(may_see(reader, name, actor, on) != "no" for name in FLAG_CLASSES)


def without_flags(found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return findings about eligibility without those made by flags."""
    return [one for one in found if one.get("code") not in FLAG_CODES]


def without_hidden_flags(evaluations: Sequence[EvaluationView]) -> tuple[EvaluationView, ...]:
    """Return evaluations of a case, those of eligibility without what tells of flags where this person may not know."""
    if not any(one.table == ELIGIBILITY for one in evaluations):
        return tuple(evaluations)
    with reading(current.sessions()) as reader:
        if knows_of_flags(reader):
            return tuple(evaluations)
    return tuple(_flagless(one) if one.table == ELIGIBILITY else one for one in evaluations)


def _flagless(one: EvaluationView) -> EvaluationView:
    return replace(
        one,
        inputs={name: value for name, value in one.inputs.items() if name not in FLAG_INPUTS},
        outputs=without_flags(one.outputs or ()),
        matched=tuple(row for row in one.matched if row["outputs"].get("code") not in FLAG_CODES),
    )


def without_hidden_rules(events: Sequence[EventView]) -> tuple[EventView, ...]:
    """Return events of a case; those of eligibility without its rows, by which flags could be told."""
    if not any(event.data.get("table") == ELIGIBILITY for event in events):
        return tuple(events)
    with reading(current.sessions()) as reader:
        if knows_of_flags(reader):
            return tuple(events)
    return tuple(
        replace(event, data={name: value for name, value in event.data.items() if name != "rules"})
        if event.data.get("table") == ELIGIBILITY
        else event
        for event in events
    )


def _is_comment(event: EventView) -> bool:
    return event.kind == EventKind.MESSAGE_CORRELATED and event.data.get("step") in AUTHORED_STEPS

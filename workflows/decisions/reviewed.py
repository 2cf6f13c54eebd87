"""What the council has reviewed and the head has yet to decide, with the counts. Nothing here writes."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import TaskStatus, UserTask
from workflows.council.lines import line_views
from workflows.council.models import SessionLine
from workflows.council.views import LineView
from workflows.decisions.rules import GRANTS, PASSED
from workflows.facts import latest
from workflows.nominations import queries as nominations
from workflows.nominations.models import Nomination
from workflows.nominations.queries import NominationView

STEP = "decisions.decide"


@dataclass(frozen=True, slots=True)
class ReviewedView:
    """A nomination that waits for the head's decision.

    Attributes:
        line: the last vote with its count and rule; None when nobody voted.
        advised: the form the council advised; empty when it advised none. Any other decision departs from the vote.

    """

    nomination: NominationView
    task_id: str
    line: LineView | None
    advised: str


def waiting_for_decision(session: Session) -> list[ReviewedView]:
    """Return what waits for the head, as the council left it: what passed first, by the share in favour."""
    waiting = sa.select(UserTask.business_key, UserTask.id).where(
        UserTask.step_key == STEP, UserTask.status == TaskStatus.OPEN
    )
    tasks = {row.business_key: str(row.id) for row in session.execute(waiting)}
    if not tasks:
        return []
    rows = list(session.scalars(sa.select(Nomination).where(Nomination.business_key.in_(tasks))))
    lines = last_lines(session, [row.nomination_id for row in rows])
    found = [
        ReviewedView(view, tasks[view.business_key], lines.get(view.id), advised_form(lines.get(view.id)))
        for view in nominations.views_of(session, rows)
    ]
    return sorted(found, key=_rank)


def last_lines(session: Session, nomination_ids: list[str]) -> dict[str, LineView]:
    """Return the last vote on each nomination, with a fixed number of statements."""
    query = latest(SessionLine, "line_id").where(SessionLine.nomination_id.in_(nomination_ids))
    newest: dict[str, SessionLine] = {}
    for row in session.scalars(query.order_by(SessionLine.opened_at, SessionLine.ballot_round)):
        newest[row.nomination_id] = row
    return {line.nomination_id: line for line in line_views(session, list(newest.values()))} if newest else {}


def advised_form(line: LineView | None) -> str:
    """Return the form a vote advised; empty when it advised none."""
    passed = line is not None and line.result is not None and line.result.outcome == PASSED
    return line.proposed_form if line is not None and passed else ""


def advised_choice(one: ReviewedView) -> str:
    """Return the decision that follows the council's advice; empty where it advised no award."""
    found = (choice.value for choice, form in GRANTS.items() if form.value == one.advised)
    return next(found, "")


def _rank(one: ReviewedView) -> tuple[bool, float, str]:
    result = one.line.result if one.line else None
    share = result.agree / result.base if result is not None and result.base else 0.0
    return (not one.advised, -share, one.nomination.business_key)

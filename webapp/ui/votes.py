"""How the council voted on a nomination, as the person of a request may see it: beside a task and on its page."""

from dataclasses import dataclass

from engine.db import reading
from webapp import current
from webapp.ui.navigation import COUNCIL
from webapp.ui.words import remember_people
from workflows.council import queries
from workflows.council.models import BallotMode, Minutes
from workflows.council.views import LineView
from workflows.nominations.visibility import may_see


@dataclass(frozen=True, slots=True)
class VoteView:
    """One line of the council.

    Attributes:
        counts: whether this person may see how many chose what.
        minutes: once the secretary confirmed them, for who may read minutes.

    """

    line: LineView
    counts: bool
    minutes: Minutes | None


def votes_on(nomination_id: str) -> tuple[VoteView, ...]:
    """Return the lines of a nomination in their order."""
    with reading(current.sessions()) as reader:
        secret = may_see(reader, "secret_counts", current.actor(), current.business_today()) == "yes"
        reads = current.holds(*COUNCIL)
        found = tuple(
            VoteView(
                line=line,
                counts=secret or line.mode == BallotMode.OPEN.value,
                minutes=queries.minutes_of(reader, line.line_id) if reads else None,
            )
            for line in queries.lines_of_nomination(reader, nomination_id)
        )
    remember_people(person for vote in found if vote.minutes for person in _people_of(vote.minutes))
    return found


def _people_of(minutes: Minutes) -> list[str]:
    absent = [str(one["person_id"]) for one in minutes.absent]
    return [*minutes.present, *absent, minutes.chair_id, minutes.secretary_id]

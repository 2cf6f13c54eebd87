"""In whose hands a task may come: who is eligible and why others are not, and what was said when it changed hands."""

from dataclasses import dataclass

from engine import queries
from engine.views import ReasonView, TaskView
from webapp import current
from webapp.errors import error_text
from webapp.forms import Options
from webapp.ui.choices import people


@dataclass(frozen=True, slots=True)
class Hands:
    """What a task's page offers beside its form.

    Attributes:
        eligible: who may be given the task, without me: id and name with the post.
        kept_away: name and why not, of the others who walk the queue.
        head: whether I head the unit in charge, and so assign and set the priority.
        blocked: why I, who walk the queue, may not do it; empty when I may.
        said: what was stated when the task changed hands, newest first; for who holds, owns or heads it.

    """

    eligible: Options = ()
    kept_away: tuple[tuple[str, str], ...] = ()
    head: bool = False
    blocked: str = ""
    said: tuple[ReasonView, ...] = ()


def hands_of(task: TaskView) -> Hands:
    """Return what may be done with an open task beside doing it; nothing for one that is over or personal."""
    engine, me = current.engine(), current.actor()
    if task.status != "open":
        return Hands()
    refusal = None if task.assignee == me.id else queries.why_not(engine, task.id, me)
    blocked = error_text(refusal) if refusal else ""
    if task.personal:
        return Hands(blocked=blocked)
    head = me.id in queries.heads_of(engine, task)
    if not head and me.id not in {task.assignee, task.owner}:
        return Hands(blocked=blocked)
    found = {one.person_id: one.refusal for one in queries.candidates(engine, task.id)}
    named = people(task.role, task.scope)
    return Hands(
        eligible=[(value, name) for value, name in named if found.get(value, refusal) is None and value != me.id],
        kept_away=tuple((name, error_text(why)) for value, name in named if (why := found.get(value)) is not None),
        head=head, blocked=blocked, said=queries.stated_reasons(engine, f"task:{task.id}"),
    )  # fmt: skip

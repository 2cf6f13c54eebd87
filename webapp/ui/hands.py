"""In whose hands a task may come: who is eligible and why others are not, and what was said when it changed hands."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine import queries
from engine.errors import (
    EngineError,
    InvalidInputError,
    NotTheHeadError,
    NotYourTaskError,
    PersonalTaskError,
    ReasonRequiredError,
)
from engine.views import ReasonView, TaskView
from webapp import current
from webapp.errors import error_text
from webapp.forms import Options, field_errors
from webapp.i18n import t
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


@dataclass(frozen=True, slots=True)
class RefusedHand:
    """What was refused in one of the small forms beside a task's own.

    Attributes:
        door: which form: `delegate`, `assign`, `resolve`, `take_over` or `follow_up`.
        errors: name of its field → sentence.
        typed: what stood in its fields.

    """

    door: str
    errors: Mapping[str, str]
    typed: Mapping[str, str]

    def links(self) -> list[tuple[str, str, list[str]]]:
        """Return id, title and sentences of each wrong field, as the summary on top of the page lists them."""
        found = ((FIELDS[self.door, name], sentence) for name, sentence in self.errors.items())
        return [(place, t(title), [sentence]) for (place, title), sentence in found]


FIELDS = {
    ("delegate", "to"): ("to", "task.receiver"), ("delegate", "reason"): ("to-reason", "task.reason"),
    ("assign", "to"): ("assign-to", "task.receiver"), ("assign", "reason"): ("assign-to-reason", "task.reason"),
    ("resolve", "note"): ("resolve-note", "task.resolve_note"),
    ("take_over", "reason"): ("reason", "task.take_over_reason"),
    ("follow_up", "on"): ("follow-up", "task.follow_up"),
}  # fmt: skip
"""Door and field → id of the field on the page, key of its title."""


def receiver_and_reason(to: str, reason: str) -> None:
    """Refuse a form that lacks its receiver or its reason, and say both at once.

    Raises:
        InvalidInputError: one is missing.

    """
    lacking = {"to": [t("task.receiver_needed")]} if not to else {}
    if not reason:
        lacking["reason"] = [t("task.reason_needed")]
    if lacking:
        raise InvalidInputError("receiver and reason are needed", fields=lacking)


def refused_hand(door: str, error: EngineError, typed: Mapping[str, str]) -> RefusedHand:
    """Return a refusal with its sentences beside the fields of that form.

    Raises:
        ForbiddenError: the refusal is about who asks, not about what was typed; it has a page of its own.

    """
    if isinstance(error, NotYourTaskError | PersonalTaskError | NotTheHeadError):
        raise error
    return RefusedHand(door, _beside(door, error), {name: value for name, value in typed.items() if name[0] != "_"})


def _beside(door: str, error: EngineError) -> dict[str, str]:
    if door == "resolve":
        return {"note": t("task.note_needed")}
    if door == "follow_up":
        over = "follow_up_on" in error.details.get("fields", {})
        return {"on": t("task.follow_up_over") if over else t("task.follow_up_unreadable")}
    if isinstance(error, ReasonRequiredError):
        return {"reason": error_text(error)}
    found = {name: " ".join(said) for name, said in field_errors(error).items() if (door, name) in FIELDS}
    return found or {"to": error_text(error)}


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

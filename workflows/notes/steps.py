"""What may be said on a case: a note and its correction, which do not move it, and an opinion a diagram asks for."""

from engine.context import StepContext, Values
from engine.errors import ForbiddenError
from engine.registry import AnyStep, MessageStep, UserStep
from engine.views import TaskView
from workflows.forms import LONG_TEXT, Choice, MarshmallowForm, StepForm, Text
from workflows.labels import label
from workflows.nominations import queries as nominations
from workflows.notes import service
from workflows.notes.models import Audience, Opinion
from workflows.notes.rules import CLASS_OF
from workflows.rulebook.visibility import YES, may_see


def _example(_ctx: StepContext) -> str:
    return label("examples.note")


class WriteNoteForm(StepForm):
    """What is to be told, and to whom."""

    text = Text(required=True, longest=LONG_TEXT, multiline=True, metadata={"example": _example})
    audience = Choice(Audience, enum="note_audience", hinted=True, required=True)
    task_id = Text(load_default="", longest=36, metadata={"widget": "hidden"})


class CorrectNoteForm(StepForm):
    """A note stated anew."""

    note_id = Text(required=True, longest=36, metadata={"widget": "hidden", "example": "0" * 36})
    text = Text(required=True, longest=LONG_TEXT, multiline=True, metadata={"example": _example})


class OpinionForm(StepForm):
    """What somebody who is asked says to the case."""

    opinion = Choice(Opinion, enum="opinion", hinted=True, required=True)
    text = Text(longest=LONG_TEXT, multiline=True, load_default="",
                metadata={"example": lambda _ctx: label("examples.opinion")})  # fmt: skip


def _who_works_on_it(ctx: StepContext, task: TaskView) -> None:
    """Let those write who handle cases, and who proposed this one or heads the proposing unit.

    Raises:
        ForbiddenError: anybody else.

    """
    if may_see(ctx.session, CLASS_OF[Audience.HANDLERS], ctx.actor, ctx.today) == YES:
        return
    case = nominations.parties(ctx.session, ctx.business_key or task.business_key, ctx.today)
    if case is None or not (case.proposer_id == ctx.actor.id or ctx.actor.holds("unit_head", case.unit_id)):
        raise ForbiddenError("only those who work on a case write notes on it")


def _write(ctx: StepContext, values: Values) -> None:
    service.write_note(ctx, **values)


def _give_opinion(ctx: StepContext, values: Values) -> Values:
    given = service.give_opinion(ctx, opinion=Opinion(values["opinion"]), text=values["text"])
    return {"opinion": given.value}


def _correct(ctx: StepContext, values: Values) -> None:
    service.correct_note(ctx, **values)


STAFF = frozenset({"staff"})
STEPS: tuple[AnyStep, ...] = (
    MessageStep("notes.write_note", "note_written", MarshmallowForm("notes.write_note", WriteNoteForm), STAFF, _write,
                guard=_who_works_on_it),
    MessageStep("notes.correct_note", "note_corrected", MarshmallowForm("notes.correct_note", CorrectNoteForm), STAFF,
                _correct, guard=_who_works_on_it),
    UserStep("notes.give_opinion", MarshmallowForm("notes.give_opinion", OpinionForm), _give_opinion, ("opinion",)),
)  # fmt: skip

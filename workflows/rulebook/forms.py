"""What the steps of a change of rules ask."""

from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate

from engine.context import StepContext
from engine.diagram_versions import diagrams_in_force
from workflows.forms import LONG_TEXT, Choice, StepForm, Text, problem
from workflows.labels import label
from workflows.rulebook import queries, rules
from workflows.rulebook.models import ChangeOutcome


class XmlText(fields.String):
    """A file as text, kept to the letter: its hash is what is approved."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        if not text.strip():
            raise ValidationError(problem("required"))
        return text


def _tables(ctx: StepContext) -> list[tuple[str, str]]:
    return [(key, label(f"tables.{key}")) for key in queries.table_keys(ctx.session)]


def _newest_file(ctx: StepContext) -> str:
    """Return a file that could be proposed: the newest version of the first table."""
    keys = queries.table_keys(ctx.session)
    return queries.newest_xml(ctx.session, keys[0]) if keys else ""


class ProposeChangeForm(StepForm):
    """A new version of a table."""

    table = Choice(choices=_tables, required=True)
    valid_from = fields.Date(
        required=True, metadata={"example": lambda ctx: (ctx.today + timedelta(days=30)).isoformat()}
    )
    content = XmlText(
        required=True, validate=validate.Length(max=rules.LONGEST_FILE), metadata={"example": _newest_file}
    )
    reason = Text(
        required=True, longest=LONG_TEXT, multiline=True, shortest=10,
        metadata={"example": lambda _ctx: label("examples.change_reason")},
    )  # fmt: skip


def _diagram(ctx: StepContext) -> tuple[str, str]:
    """Return the first diagram in force and its hash: what a change begins with."""
    key, xml = min(diagrams_in_force(ctx.session).items(), default=("", b""))
    return xml.decode(), queries.diagram_hash(ctx.session, key)


class ProposeDiagramForm(StepForm):
    """A new version of a diagram, and which one it was drawn over."""

    content = XmlText(
        required=True, validate=validate.Length(max=rules.LONGEST_FILE),
        metadata={"example": lambda ctx: _diagram(ctx)[0]},
    )  # fmt: skip
    based_on = Text(longest=64, load_default="", metadata={"example": lambda ctx: _diagram(ctx)[1]})
    reason = Text(
        required=True, longest=LONG_TEXT, multiline=True, shortest=10,
        metadata={"example": lambda _ctx: label("examples.diagram_reason")},
    )  # fmt: skip


class WithdrawChangeForm(StepForm):
    """Why the proposer takes the change back."""

    reason = Text(required=True, shortest=5, longest=2_000, multiline=True,
                  metadata={"example": lambda _ctx: label("examples.change_withdrawal")})  # fmt: skip


class ReviewChangeForm(StepForm):
    """The second person's answer."""

    outcome = Choice([kind.value for kind in ChangeOutcome], enum="change_outcome", hinted=True, required=True)
    reason = Text(longest=LONG_TEXT, multiline=True, load_default="", metadata={"example": ""})

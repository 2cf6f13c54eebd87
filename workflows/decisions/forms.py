"""What the steps of deciding and issuing ask."""

from collections.abc import Callable

from marshmallow import ValidationError, fields, validate

from engine.context import StepContext
from workflows.decisions import queries, signing
from workflows.decisions.authority import signing_capacities
from workflows.decisions.models import DirectorChoice
from workflows.forms import LONG_TEXT, Choice, Identifier, StepForm, Text, problem
from workflows.labels import label

LARGEST_DECISION = 200


def example(key: str) -> Callable[[StepContext], str]:
    """Return what gives an example from the labels, in the language of the request."""
    return lambda _ctx: label(f"examples.{key}")


class DecideForm(StepForm):
    """The head's decision on a reviewed nomination."""

    decision = Choice([choice.value for choice in DirectorChoice], enum="director_decision", hinted=True, required=True)
    reason = Text(longest=LONG_TEXT, multiline=True, load_default="", metadata={"example": ""})


def _waiting_with(ctx: StepContext) -> list[tuple[str, str]]:
    nomination_id = str(ctx.variables["nomination_id"])
    return [
        (view.business_key, f"{view.nominee} – {view.unit} ({view.business_key})")
        for view in signing.signable_with(ctx, nomination_id)
    ]


def capacity_choices(ctx: StepContext) -> list[tuple[str, str]]:
    """Return how this person may sign today, with the words for it."""
    found = signing_capacities(ctx.session, ctx.actor, ctx.today)
    return [(capacity.value, label(f"enums.signing_capacity.{capacity.value}")) for capacity in found]


def must_be_ticked(value: bool) -> None:
    """Refuse a confirmation that was not given."""
    if not value:
        raise ValidationError(problem("confirm_required"))


class SignForm(StepForm):
    """Signing, with what else goes into the same decision."""

    together = fields.List(
        Choice(choices=_waiting_with), load_default=list, validate=validate.Length(max=LARGEST_DECISION - 1),
        metadata={"example": []},
    )  # fmt: skip
    capacity = Choice(choices=capacity_choices, required=True)
    confirm = fields.Boolean(required=True, validate=must_be_ticked, metadata={"example": True})


class MovedForm(StepForm):
    """What one case of a decision tells the others."""

    decision_id = Identifier(required=True, metadata={"example": "00000000-0000-4000-8000-000000000000"})


def _scans(ctx: StepContext) -> list[tuple[str, str]]:
    line = queries.line_of_nomination(ctx.session, str(ctx.variables.get("nomination_id", "")))
    if line is None:
        return []
    return [(scan.document_id, scan.name) for scan in queries.scans_of(ctx.session, line.decision_id)]


class RegisterForm(StepForm):
    """The book of outgoing papers, and the scan of the signed and sealed decision."""

    book = Text(required=True, metadata={"example": example("book")})
    entry_number = Text(required=True, longest=40, metadata={"example": "125"})
    registered_on = fields.Date(required=True, metadata={"example": lambda ctx: ctx.today.isoformat()})
    copies = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000), metadata={"example": 5})
    signed_scan = Choice(choices=_scans, required=True, metadata={"file": "SIGNED_SCAN"})


class HonourForm(StepForm):
    """How an award was conferred."""

    honoured_on = fields.Date(required=True, metadata={"example": lambda ctx: ctx.today.isoformat()})
    place = Text(required=True, metadata={"example": example("ceremony_place")})
    conferred_by = Text(required=True, metadata={"example": example("conferred_by")})
    note = Text(longest=LONG_TEXT, multiline=True, load_default="", metadata={"example": example("ceremony")})


class ScanForm(StepForm):
    """The signed scan of a decision; the bytes were stored before."""

    decision = Text(required=True, longest=120, metadata={"example": example("decision_key")})
    sha256 = Text(
        required=True, longest=64, validate=validate.Regexp(r"[0-9a-f]{64}\Z", error="@file_missing"),
        metadata={"example": "0" * 64},
    )  # fmt: skip
    name = Text(required=True, metadata={"example": example("scan_name")})

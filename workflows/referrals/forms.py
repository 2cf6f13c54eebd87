"""What the steps of a referral ask."""

from marshmallow import fields, validate

from engine.context import StepContext
from workflows.decisions.forms import capacity_choices, example, must_be_ticked
from workflows.documents import queries as documents
from workflows.forms import LONG_TEXT, Choice, StepForm, Text
from workflows.labels import label
from workflows.nominations import queries as nominations
from workflows.referrals.models import AnswerKind, Dispatch


class PrepareLetterForm(StepForm):
    """What Phòng TCCB drafts."""

    addressee = Text(required=True, metadata={"example": example("addressee")})
    statement = Text(
        required=True, longest=LONG_TEXT, multiline=True,
        metadata={"example": example("statement")},
    )  # fmt: skip
    enclosures = fields.List(
        Text(required=True), load_default=list, validate=validate.Length(max=20),
        metadata={"example": lambda _ctx: [label("examples.enclosure")]},
    )  # fmt: skip


class SignLetterForm(StepForm):
    """Signing the letter."""

    capacity = Choice(choices=capacity_choices, required=True)
    confirm = fields.Boolean(required=True, validate=must_be_ticked, metadata={"example": True})


class SendForm(StepForm):
    """When and how the dossier left."""

    sent_on = fields.Date(required=True, metadata={"example": lambda ctx: ctx.today.isoformat()})
    dispatch = Choice([kind.value for kind in Dispatch], enum="dispatch", required=True)
    note = Text(longest=LONG_TEXT, multiline=True, load_default="", metadata={"example": ""})


def _documents(ctx: StepContext) -> list[tuple[str, str]]:
    row = nominations.find_nomination(ctx.session, ctx.business_key) if ctx.business_key else None
    if row is None:
        return []
    return [(found.document_id, found.name) for found in documents.documents_of(ctx.session, row.nomination_id)]


class AnswerForm(StepForm):
    """What the ministry answered."""

    answer = Choice([kind.value for kind in AnswerKind], enum="minister_answer", hinted=True, required=True)
    official_number = Text(required=True, longest=60, metadata={"example": example("answer_number")})
    answered_on = fields.Date(required=True, metadata={"example": lambda ctx: ctx.today.isoformat()})
    document = Choice(choices=_documents, load_default="", allow_none=False)
    reason = Text(longest=LONG_TEXT, multiline=True, load_default="", metadata={"example": ""})


STATIONS = (
    "GENERAL_DEPARTMENT", "CJE_ADMINISTRATION", "MOJ_AWARD_DEPARTMENT", "MOJ_PERSONNEL_DEPARTMENT", "SECTOR_COUNCIL",
    "MINISTER",
)  # fmt: skip
"""The stations any version of the policy `minister_hops` names."""


class HopForm(StepForm):
    """Word that the dossier reached a station."""

    nomination = Text(required=True, longest=60, metadata={"example": example("business_key")})
    station = Choice(
        choices=lambda _ctx: [(station, label(f"enums.referral_station.{station}")) for station in STATIONS],
        required=True,
    )
    reached_on = fields.Date(required=True, metadata={"example": lambda ctx: ctx.today.isoformat()})
    note = Text(longest=LONG_TEXT, multiline=True, load_default="", metadata={"example": ""})

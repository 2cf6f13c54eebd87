"""What may be changed in campaigns and rounds: translates forms to service calls and back to ids."""

from collections.abc import Callable, Iterable
from typing import Any

from marshmallow import fields, validate

from engine.context import StepContext, Values
from engine.registry import ActionStep
from workflows.campaigns import service
from workflows.campaigns.models import GuidanceLetter, RoundKind
from workflows.campaigns.queries import list_campaigns, list_rounds
from workflows.documents.storage import FileStorage
from workflows.facts import latest
from workflows.forms import LONG_TEXT, Choice, MarshmallowForm, StepForm, Text
from workflows.organisation.queries import units_on

STANDING_BODY = frozenset({"personnel_officer"})
LEADERS = frozenset({"personnel_officer", "director"})
CHAIR = frozenset({"council_chair"})
DIRECTOR = frozenset({"director"})

FORMS = ("GIAY_KHEN", "BANG_KHEN_BO_TRUONG")
MARKS = ("T", "Q", "S", "B", "D")
Pairs = list[tuple[str, str]]


def campaign_choices(ctx: StepContext) -> Pairs:
    """Return all campaigns."""
    return [(row.campaign_id, row.title) for row in list_campaigns(ctx.session)]


def guidance_choices(ctx: StepContext) -> Pairs:
    """Return all guidance letters, the newest first."""
    rows = ctx.session.scalars(latest(GuidanceLetter, "guidance_id").order_by(GuidanceLetter.issued_on.desc()))
    return [(row.guidance_id, f"{row.number}, {row.issued_on:%d/%m/%Y}: {row.title}") for row in rows]


def round_choices(ctx: StepContext) -> Pairs:
    """Return the rounds that are not closed."""
    return [
        (row.key, row.title) for row in list_rounds(ctx.session) if row.closed_on is None or row.closed_on >= ctx.today
    ]


def unit_choices(ctx: StepContext) -> Pairs:
    """Return the units of today."""
    return [(view.id, view.name) for view in units_on(ctx.session, ctx.today)]


def _today(ctx: StepContext) -> str:
    return ctx.today.isoformat()


def _day(*, required: bool = True) -> fields.Date:
    return fields.Date(required=True, metadata={"example": _today}) if required else fields.Date(load_default=None)


def _long(example: str) -> Text:
    return Text(required=True, longest=LONG_TEXT, multiline=True, metadata={"example": example})


class CreateCampaignForm(StepForm):
    """What the law wants fixed before a launch (law 06/2022 art. 17(1))."""

    key = Text(required=True, longest=60, validate=validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*$", error="@camp_key_form"),
               metadata={"example": "van-hoa-cong-so"})  # fmt: skip
    title = Text(required=True, longest=500, metadata={"example": "Thi đua thực hiện văn hóa công sở"})
    goal = _long("Xây dựng đội ngũ công chức, người lao động chuẩn mực, chuyên nghiệp.")
    scope = _long("Toàn cơ quan.")
    participants = _long("Công chức, người lao động.")
    content = _long("Tăng cường kỷ cương, kỷ luật hành chính.")
    measures = _long("Đôn đốc, kiểm tra, sơ kết, tổng kết, nhân rộng điển hình.")
    launch_number = Text(required=True, longest=60, metadata={"example": "77/PĐ-CTHADS"})
    launched_on = _day()
    launched_by_ministry = fields.Boolean(load_default=False)
    valid_from = _day()
    valid_to = _day()


class AddLegalBasisForm(StepForm):
    """A document the campaign rests on, as typed."""

    campaign_id = Choice(choices=campaign_choices, required=True)
    position = fields.Integer(required=True, strict=True, validate=validate.Range(1, 1_000), metadata={"example": 1})
    number = Text(required=True, longest=60, metadata={"example": "733/QĐ-TTg"})
    issued_on = _day(required=False)
    issuer = Text(required=True, metadata={"example": "Thủ tướng Chính phủ"})
    title = Text(required=True, longest=1_000, metadata={"example": "Phát động phong trào thi đua"})
    verified = fields.Boolean(load_default=False)
    note = Text(load_default="", longest=1_000, multiline=True)


class AddMilestoneForm(StepForm):
    """A year or day of the plan."""

    campaign_id = Choice(choices=campaign_choices, required=True)
    key = Text(required=True, longest=60, metadata={"example": "final_review"})
    year = fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2100), metadata={"example": 2025})
    planned_on = _day(required=False)
    title = Text(required=True, metadata={"example": "Tổng kết phong trào thi đua"})
    mark = Choice(MARKS, enum="mark", load_default="")
    source = Text(load_default="")


class AddCriteriaGroupForm(StepForm):
    """A group of criteria."""

    campaign_id = Choice(choices=campaign_choices, required=True)
    position = fields.Integer(required=True, strict=True, validate=validate.Range(1, 1_000), metadata={"example": 1})
    title = Text(required=True, metadata={"example": "Kỷ cương, kỷ luật hành chính"})


class PublishGuidanceForm(StepForm):
    """A guidance letter whose file lies in the storage."""

    campaign_id = Choice(choices=campaign_choices, required=True)
    number = Text(required=True, longest=60, metadata={"example": "215/HD-CTHADS"})
    issued_on = _day()
    title = Text(required=True, metadata={"example": "Hướng dẫn xét khen thưởng tổng kết"})
    file_sha256 = Text(required=True, longest=64, validate=validate.Regexp(r"^[0-9a-f]{64}$", error="@file_missing"),
                       metadata={"example": "0" * 64})  # fmt: skip
    file_name = Text(load_default="")


class QuotaForm(StepForm):
    """The most nominations of one form that a unit may file."""

    form = Choice(FORMS, enum="award_form", required=True)
    most = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1_000), metadata={"example": 5})


class OpenRoundForm(StepForm):
    """A round of awards with its calendar."""

    key = Text(
        required=True, longest=20, metadata={"example": "2025-TK"},
        validate=validate.Regexp(r"^[0-9]{4}(-[A-Z0-9]+)+$", error="@camp_round_key_form"),
    )  # fmt: skip
    campaign_id = Choice(choices=campaign_choices, required=True)
    kind = Choice(RoundKind, enum="round_kind", required=True)
    title = Text(required=True, metadata={"example": "Tổng kết phong trào thi đua giai đoạn 2019-2025"})
    guidance_id = Choice(choices=guidance_choices, load_default="")
    opened_on = _day()
    filing_deadline = _day()
    period_from = _day()
    period_to = _day()
    quotas = fields.List(fields.Nested(QuotaForm), load_default=list)


class CloseRoundForm(StepForm):
    """The last day of a round."""

    round_key = Choice(choices=round_choices, required=True)
    closed_on = _day()


class AllowLateFilingForm(StepForm):
    """An exception of the council chair for one unit."""

    round_key = Choice(choices=round_choices, required=True)
    unit_id = Choice(choices=unit_choices, required=True)
    until = _day()
    reason = Text(required=True, longest=2_000, multiline=True, metadata={"example": "Mưa lũ, hồ sơ đến chậm"})


class ContinueCampaignForm(StepForm):
    """The decision by which the movement goes on."""

    campaign_id = Choice(choices=campaign_choices, required=True)
    decision = Text(required=True, metadata={"example": "Thông báo kết luận số 12/TB-CTHADS ngày 30/11/2022"})


def _action(
    name: str, form: type[StepForm], change: Callable[..., Any], answer: str, roles: frozenset[str]
) -> ActionStep:
    """Return the action `campaigns.<name>`: the form's values go to `change`, its row's id is the answer."""
    key = f"campaigns.{name}"

    def apply(ctx: StepContext, values: Values) -> Values:
        return {answer: getattr(change(ctx, **values), answer)}

    return ActionStep(key, MarshmallowForm(key, form), roles, apply)


def build_steps(storage: FileStorage) -> Iterable[ActionStep]:
    """Return the room's actions; guidance letters lie in `storage`."""

    def publish(ctx: StepContext, **values: Any) -> GuidanceLetter:
        return service.publish_guidance(ctx, storage, **values)

    return (
        _action("create_campaign", CreateCampaignForm, service.create_campaign, "campaign_id", LEADERS),
        _action("add_legal_basis", AddLegalBasisForm, service.add_legal_basis, "basis_id", STANDING_BODY),
        _action("add_milestone", AddMilestoneForm, service.add_milestone, "milestone_id", STANDING_BODY),
        _action("add_criteria_group", AddCriteriaGroupForm, service.add_criteria_group, "group_id", STANDING_BODY),
        _action("publish_guidance", PublishGuidanceForm, publish, "guidance_id", LEADERS),
        _action("open_round", OpenRoundForm, service.open_round, "round_id", LEADERS),
        _action("close_round", CloseRoundForm, service.close_round, "round_id", LEADERS),
        _action("allow_late_filing", AllowLateFilingForm, service.allow_late_filing, "exception_id", CHAIR),
        _action("continue_campaign", ContinueCampaignForm, service.continue_campaign, "campaign_id", DIRECTOR),
    )

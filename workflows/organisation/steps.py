"""What an administrator may change in the organisation: translates forms to service calls and back to ids."""

from collections.abc import Callable
from typing import Any

from marshmallow import fields, validate

from engine.context import StepContext, Values
from engine.registry import ActionStep
from workflows.errors import NotYourRoleError
from workflows.forms import Choice, MarshmallowForm, StepForm, Text
from workflows.organisation import appointments, queries, service
from workflows.organisation.choices import (
    ADMINISTRATORS,
    administers,
    delegation_choices,
    deputy_choices,
    grant_choices,
    holding_choices,
    post_choices,
    relation_choices,
    role_choices,
    unit_choices,
)
from workflows.organisation.models import Delegation, Gender, PersonType, RelationKind, UnitKind
from workflows.roles import deputy_roles

MARKS = ("T", "Q", "S", "B", "D")


def _person(**kwargs: Any) -> Text:
    """Return a field that holds a person's id; pages offer the roll."""
    return Text(required=True, metadata={"widget": "person", "example": _someone}, **kwargs)


def _someone(ctx: StepContext) -> str:
    found = queries.list_people(ctx.session, ctx.today, limit=1)
    return found[0].id if found else "00000000-0000-4000-8000-000000000000"


def _first_day() -> fields.Date:
    return fields.Date(required=True, metadata={"example": _today})


def _last_day(*, required: bool = False) -> fields.Date:
    return fields.Date(required=True, metadata={"example": _today}) if required else fields.Date(load_default=None)


def _today(ctx: StepContext) -> str:
    return ctx.today.isoformat()


class AddUnitForm(StepForm):
    """A unit that exists from a day on."""

    key = Text(required=True, longest=60, validate=validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*$", error="@org_key_form"),
               metadata={"example": "chi-cuc-bac-son"})  # fmt: skip
    name = Text(required=True, metadata={"example": "Chi cục Thi hành án dân sự huyện Bắc Sơn"})
    short_name = Text(load_default="", longest=100)
    kind = Choice(UnitKind, enum="unit_kind", required=True)
    parent_id = Choice(choices=unit_choices, load_default="")
    position = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 10_000))
    legal_personality = fields.Boolean(load_default=False)
    valid_from = _first_day()
    valid_to = _last_day()
    mark = Choice(MARKS, enum="mark", load_default="")
    source = Text(load_default="")


class EndUnitForm(StepForm):
    """The last day of a unit and of all that belongs to it."""

    unit_id = Choice(choices=unit_choices, required=True)
    valid_to = _last_day(required=True)


class PersonForm(StepForm):
    """The few data of a member of staff that an award needs."""

    family_name = Text(required=True, longest=60, metadata={"example": "Nông"})
    middle_name = Text(load_default="", longest=60, metadata={"example": "Thị"})
    given_name = Text(required=True, longest=60, metadata={"example": "Hoa"})
    birth_year = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1900, 2100))
    gender = Choice(Gender, enum="gender", required=True)
    person_type = Choice(PersonType, enum="person_type", required=True)


class CorrectPersonForm(PersonForm):
    """A person's data, stated anew."""

    person_id = _person()

    class Meta(PersonForm.Meta):
        """The person first."""

        fields = ("person_id", "family_name", "middle_name", "given_name", "birth_year", "gender", "person_type")


class AddPostForm(StepForm):
    """A post of a unit."""

    unit_id = Choice(choices=unit_choices, required=True)
    title = Text(required=True, longest=120, metadata={"example": "Chấp hành viên"})
    leading = fields.Boolean(load_default=False)
    managing = fields.Boolean(load_default=False)
    valid_from = _first_day()
    valid_to = _last_day()


class HoldPostForm(StepForm):
    """A person in a post from a day on."""

    person_id = _person()
    post_id = Choice(choices=post_choices, required=True)
    valid_from = _first_day()
    valid_to = _last_day()
    document = Text(load_default="")


class EndHoldingForm(StepForm):
    """The last day of a person in a post."""

    holding_id = Choice(choices=holding_choices, required=True)
    valid_to = _last_day(required=True)


class GrantRoleForm(StepForm):
    """A role that a person holds from a day on."""

    person_id = _person()
    role = Choice(choices=role_choices, required=True)
    unit_id = Choice(choices=unit_choices, load_default="")
    valid_from = _first_day()
    valid_to = _last_day()
    document = Text(load_default="")


class EndRoleForm(StepForm):
    """The last day of a role."""

    grant_id = Choice(choices=grant_choices, required=True)
    valid_to = _last_day(required=True)


class DelegateRoleForm(StepForm):
    """A role handed to a deputy for some days; without a giver it is the actor's own."""

    role = Choice(choices=deputy_choices, required=True)
    from_person_id = Text(load_default="", metadata={"widget": "person"})
    to_person_id = _person()
    unit_id = Choice(choices=unit_choices, load_default="")
    valid_from = _first_day()
    valid_to = _last_day(required=True)
    document = Text(load_default="")
    reason = Text(required=True, multiline=True, longest=2_000, metadata={"example": "Đi công tác"})


class EndDelegationForm(StepForm):
    """The last day of a delegation."""

    delegation_id = Choice(choices=delegation_choices, required=True)
    valid_to = _last_day(required=True)


class DeclareRelationForm(StepForm):
    """Two members of staff are family."""

    person_id = _person()
    relative_id = _person()
    kind = Choice(RelationKind, enum="relation_kind", required=True)


class WithdrawRelationForm(StepForm):
    """A relation that no longer counts."""

    relation_id = Choice(choices=relation_choices, required=True)


def _own_role_only(ctx: StepContext, values: Values) -> None:
    """Let who is no administrator hand on only a role of his own.

    Raises:
        NotYourRoleError: the role is another person's.

    """
    if not administers(ctx) and values["from_person_id"] not in {"", ctx.actor.id}:
        raise NotYourRoleError("only the holder hands a role on", role=values["role"])


def _own_delegation_only(ctx: StepContext, values: Values) -> None:
    """Let who is no administrator end only a delegation of his own.

    Raises:
        NotYourRoleError: somebody else gave it.

    """
    row = appointments.get_delegation(ctx, values["delegation_id"])
    if not administers(ctx) and row.from_person_id != ctx.actor.id:
        raise NotYourRoleError("only the holder takes a role back", role=row.role)


def _delegate(ctx: StepContext, *, from_person_id: str, **values: Any) -> Delegation:
    return appointments.delegate_role(ctx, from_person_id=from_person_id or ctx.actor.id, **values)


Guard = Callable[[StepContext, Values], None]


def _action(
    name: str, form: type[StepForm], change: Callable[..., Any], answer: str, *,
    also: frozenset[str] = frozenset(), guard: Guard | None = None,
) -> ActionStep:  # fmt: skip
    """Return the action `organisation.<name>`: the form's values go to `change`, its row's id is the answer.

    Args:
        name: the verb and its object.
        form: what it asks.
        change: a function of the service.
        answer: the row's column that is answered.
        also: roles that may do it beside the administrators.
        guard: what they may not.

    """
    key = f"organisation.{name}"

    def apply(ctx: StepContext, values: Values) -> Values:
        return {answer: getattr(change(ctx, **values), answer)}

    return ActionStep(key, MarshmallowForm(key, form), ADMINISTRATORS | also, apply, guard)


STEPS = (
    _action("add_unit", AddUnitForm, service.add_unit, "unit_id"),
    _action("end_unit", EndUnitForm, service.end_unit, "unit_id"),
    _action("add_person", PersonForm, service.add_person, "person_id"),
    _action("correct_person", CorrectPersonForm, service.correct_person, "person_id"),
    _action("add_post", AddPostForm, service.add_post, "post_id"),
    _action("hold_post", HoldPostForm, service.hold_post, "holding_id"),
    _action("end_holding", EndHoldingForm, service.end_holding, "holding_id"),
    _action("grant_role", GrantRoleForm, appointments.grant_role, "grant_id"),
    _action("end_role", EndRoleForm, appointments.end_role, "grant_id"),
    _action("delegate_role", DelegateRoleForm, _delegate, "delegation_id", also=deputy_roles(), guard=_own_role_only),
    _action("end_delegation", EndDelegationForm, appointments.end_delegation, "delegation_id", also=deputy_roles(),
            guard=_own_delegation_only),
    _action("declare_relation", DeclareRelationForm, appointments.declare_relation, "relation_id"),
    _action("withdraw_relation", WithdrawRelationForm, appointments.withdraw_relation, "relation_id"),
)  # fmt: skip

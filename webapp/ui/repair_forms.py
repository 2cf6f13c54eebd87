"""The form of a repair: places a token may be moved to, variables that may be changed, as typed and as a plan."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine import queries
from engine.errors import ImpossibleRepairError
from engine.intervention_views import PlaceView, RepairPlan, VariableView
from webapp import current
from webapp.filters import label
from webapp.typed import normalise
from workflows.labels import find_label

KINDS = ("text", "number", "yes_no", "list")
"""What a variable without a value may be given."""
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """Where a token stands, and the places it may be moved to, in words."""

    place: PlaceView
    name: str
    process: str
    targets: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class VariableLine:
    """A variable with what was typed for it; `kind` is its type, or the one chosen while it has no value."""

    variable: VariableView
    typed: str
    kind: str

    @property
    def empty(self) -> bool:
        """Whether the case has no value for it yet."""
        return self.variable.value is None


@dataclass(frozen=True, slots=True)
class RepairForm:
    """The whole form as it stands."""

    places: tuple[PlaceLine, ...]
    variables: tuple[VariableLine, ...]
    token: str
    reason: str

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield what was typed as names and values, to be sent again."""
        yield "token", self.token
        yield "reason", self.reason
        for line in self.places:
            if line.place.token == self.token:
                yield f"target-{line.place.token}", line.chosen
        for one in self.variables:
            if one.typed:
                yield f"value-{one.variable.name}", one.typed
                yield f"kind-{one.variable.name}", one.kind


def form_of(instance_id: UUID, sent: Mapping[str, str]) -> RepairForm:
    """Return the form of a running case with what was typed.

    Raises:
        NotFoundError, InstanceEndedError: no such case, or it is over.

    """
    engine = current.engine()
    places = tuple(_place(place, sent) for place in queries.token_places_of(engine, instance_id))
    variables = tuple(_variable(one, sent) for one in queries.repairable_variables(engine, instance_id))
    return RepairForm(places, variables, sent.get("token", ""), normalise(sent.get("reason", "")))


def _place(place: PlaceView, sent: Mapping[str, str]) -> PlaceLine:
    def name(element: str) -> str:
        return find_label(f"elements.{place.process_key}.{element}") or element

    targets = tuple((target, name(target)) for target in place.targets)
    process = label("processes", place.process_key)
    return PlaceLine(place, name(place.element_id), process, targets, sent.get(f"target-{place.token}", ""))


def _variable(one: VariableView, sent: Mapping[str, str]) -> VariableLine:
    kind = sent.get(f"kind-{one.name}", "") if one.type == "any" else one.type
    return VariableLine(one, normalise(sent.get(f"value-{one.name}", "")), kind if kind in KINDS else KINDS[0])


def plan_from(form: RepairForm) -> RepairPlan:
    """Return the plan somebody typed.

    Raises:
        ImpossibleRepairError: a value that is not of its type, or a token without a place to go.

    """
    variables = {one.variable.name: _value(one) for one in form.variables if one.typed}
    if not form.token:
        return RepairPlan(variables=variables)
    target = next((line.chosen for line in form.places if line.place.token == form.token), "")
    if not target:
        raise ImpossibleRepairError("no place chosen", problem="nothing")
    return RepairPlan(form.token, target=target, variables=variables)


def _value(line: VariableLine) -> Any:
    text = line.typed
    if line.kind == "yes_no" and text in (YES, NO):
        return text == YES
    if line.kind == "number" and text.removeprefix("-").isdecimal() and len(text) < 16:
        return int(text)
    if line.kind == "list":
        return [part.strip() for part in text.split(",") if part.strip()]
    if line.kind == "text":
        return text
    raise ImpossibleRepairError("not of its type", problem="wrong_type", variable=line.variable.name)

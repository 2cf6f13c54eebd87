"""The form of a repair: places a token may be moved to, values that may be changed, as given and as a plan."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine import queries
from engine.context import StepContext, Values
from engine.db import reading
from engine.errors import EngineError, ImpossibleRepairError
from engine.intervention_views import PlaceView, RepairPlan
from engine.runtime_environment import Engine
from engine.text import fold
from engine.views import InstanceView
from webapp import current
from webapp.errors import error_text
from webapp.filters import label
from webapp.i18n import has, t
from webapp.typed import normalise
from webapp.ui.repair_values import Sent, ValueLine, WrongValueError, value_line
from workflows.labels import find_label

REASON = "reason"
_GATEWAYS = frozenset({"exclusiveGateway", "eventBasedGateway"})
Group = tuple[str, tuple[tuple[str, str], ...]]
"""Elements of one kind: its name, and their ids with their names."""


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """Where a token stands, and the elements it may be moved to by their kinds, in words."""

    place: PlaceView
    name: str
    process: str
    groups: tuple[Group, ...]
    chosen: str

    @property
    def field(self) -> str:
        """The name of the field that chooses the element."""
        return f"target-{self.place.token}"


@dataclass(frozen=True, slots=True)
class RepairForm:
    """The whole form as it stands; `errors` are sentences by the name of the field they stand beside."""

    places: tuple[PlaceLine, ...]
    variables: tuple[ValueLine, ...]
    token: str
    reason: str
    errors: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield what was given as names and values, to be sent again."""
        yield "token", self.token
        yield REASON, self.reason
        for place in self.places:
            if place.place.token == self.token:
                yield place.field, place.chosen
        for line in self.variables:
            yield from line.fields()

    def with_errors(self, errors: Mapping[str, str]) -> "RepairForm":
        """Return the form with sentences beside its fields."""
        lines = tuple(replace(one, error=errors.get(one.variable.name, "")) for one in self.variables)
        return replace(self, variables=lines, errors=dict(errors))

    @property
    def summary(self) -> list[tuple[str, str, str]]:
        """What must be mended: the id of each field, its title and the sentence beside it."""
        found = [(f"value-{one.variable.name}", one.title, one.error) for one in self.variables if one.error]
        found += [(one.field, one.name, self.errors[one.field]) for one in self.places if one.field in self.errors]
        return found + ([(REASON, t("task.reason"), self.errors[REASON])] if REASON in self.errors else [])


def form_of(instance: InstanceView, sent: Sent) -> RepairForm:
    """Return the form of a running case with what was given.

    Raises:
        NotFoundError, InstanceEndedError: no such case, or it is over.

    """
    engine = current.engine()
    places = tuple(_place(place, sent) for place in queries.token_places_of(engine, instance.id))
    known = queries.repairable_variables(engine, instance.id)
    with reading(engine.sessions) as reader:
        ctx = _context(engine, reader, instance)
        lines = tuple(value_line(ctx, one, sent) for one in known)
    ordered = sorted(lines, key=lambda one: fold(one.title))
    return RepairForm(places, tuple(ordered), sent.get("token", ""), normalise(sent.get(REASON, "")))


def _undecided(table: str, inputs: Values, on: Any) -> Any:
    raise RuntimeError(f"the form of a repair asked the table {table!r}")


def _context(engine: Engine, reader: Any, instance: InstanceView) -> StepContext:
    return StepContext(
        session=reader, now=engine.clock.now(), ids=engine.ids, random=engine.random, actor=current.actor(),
        decide=_undecided, instance_id=instance.id, business_key=instance.business_key,
        process_key=instance.process_key, variables=instance.variables,
    )  # fmt: skip


def _place(place: PlaceView, sent: Sent) -> PlaceLine:
    def name(element: str) -> str:
        return find_label(f"elements.{place.process_key}.{element}") or element

    found: dict[str, list[tuple[str, str]]] = {}
    for target, kind in zip(place.targets, place.kinds, strict=True):
        found.setdefault(_kind_words(kind), []).append((target, name(target)))
    groups = tuple((kind, tuple(targets)) for kind, targets in found.items())
    process = label("processes", place.process_key)
    return PlaceLine(place, name(place.element_id), process, groups, sent.get(f"target-{place.token}", ""))


def _kind_words(kind: str) -> str:
    key = f"versions.kind_{'exclusiveGateway' if kind in _GATEWAYS else kind}"
    return t(key) if has(key) else kind


def plan_from(form: RepairForm) -> tuple[RepairPlan, dict[str, str]]:
    """Return the plan somebody gave, and what is wrong with it: sentences by field; the plan then leaves that out.

    A value that is the present one is no change.
    """
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for line in form.variables:
        if line.touched:
            try:
                values[line.variable.name] = line.new_value()
            except WrongValueError as wrong:
                errors[line.variable.name] = str(wrong)
    changed = {name: value for name, value in values.items() if value != _now(form, name)}
    if not form.reason:
        errors[REASON] = t("task.reason_needed")
    place = next((one for one in form.places if one.place.token == form.token), None)
    if place is not None and not place.chosen:
        errors[place.field] = t("repair.choose_target")
    target = place.chosen if place is not None else ""
    return RepairPlan(form.token if target else "", target=target, variables=changed), errors


def _now(form: RepairForm, name: str) -> Any:
    return next(line.variable.value for line in form.variables if line.variable.name == name)


def beside(form: RepairForm, error: EngineError) -> tuple[dict[str, str], str]:
    """Return what a door says of a plan: sentences by field, and what is about the whole."""
    problem = str(error.details.get("problem", ""))
    said = (find_label(f"repair_problems.{problem}") if isinstance(error, ImpossibleRepairError) else None) or ""
    variable = error.details.get("variable")
    if said and variable is not None:
        return {str(variable): said}, ""
    place = next((one for one in form.places if one.place.token == form.token), None)
    if said and place is not None and problem != "nothing":
        return {place.field: said}, ""
    return {}, said or error_text(error)

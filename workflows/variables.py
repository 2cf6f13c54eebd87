"""What a variable of a case may hold: found from the forms of the steps that set it, the tables asked, the diagrams.

Nothing of it is written down a second time. A form's field is a variable's when it bears its name, when its words are
those of the variable (`enum`), or, in the form that begins a case, when it is called so without `_id` or `_key`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields
from sqlalchemy.orm import Session

from engine.context import StepContext
from engine.errors import EngineError
from engine.feel import evaluate
from engine.intervention_views import VariableUse, VariableView
from engine.registry import ActionStep, AnyStep, Registry
from workflows.campaigns import queries as campaigns
from workflows.forms import Choice, MarshmallowForm
from workflows.labels import catalogue, find_label, label
from workflows.rulebook import queries as rulebook

KINDS = ("choice", "yes_no", "number", "day", "instant", "person", "people", "unit", "lines", "text")
Field = fields.Field[Any]
Pairs = Sequence[tuple[str, str]]

_WORDS_OF = {"outcome": "unsuccessful"}
"""A variable that is set by steps whose forms ask otherwise, with the enum of its words."""
_TYPES: Mapping[str, type[Any]] = {"yes_no": bool, "number": int, "people": list, "lines": list}
"""What the kinds hold; all others hold text."""


@dataclass(frozen=True, slots=True)
class VariableKind:
    """How a variable's value is chosen.

    Attributes:
        kind: one of `KINDS`.
        options: of a choice, its values with their words.

    """

    kind: str
    options: tuple[tuple[str, str], ...] = ()


def kind_of(ctx: StepContext, variable: VariableView) -> VariableKind:
    """Return how a variable's value is chosen in a case; its present value is always among the options.

    Args:
        ctx: the case now: choices are read from it.
        variable: with its value and its uses.

    """
    found = _kind(ctx, variable)
    value = variable.value
    if value is not None and not _holds(found.kind, value):
        found = VariableKind(_by_value(value))
    known = {option for option, _ in found.options}
    if found.kind == "choice" and isinstance(value, str) and value not in known:
        return VariableKind("choice", (*found.options, (value, value)))
    return found


def _holds(kind: str, value: Any) -> bool:
    return type(value) is _TYPES.get(kind, str)


def _by_value(value: Any) -> str:
    return "yes_no" if isinstance(value, bool) else "number" if isinstance(value, int) else \
        "lines" if isinstance(value, list) else "text"  # fmt: skip


def _kind(ctx: StepContext, variable: VariableView) -> VariableKind:
    name, use = variable.name, variable.use
    if "people" in use.kinds or ("person" in use.kinds and isinstance(variable.value, list)):
        return VariableKind("people")
    if "person" in use.kinds:
        return VariableKind("person")
    if "scope" in use.kinds:
        return VariableKind("unit")
    field = field_of(use.setters, name)
    if (plain := _plain_kind(field)) or (plain := _used_as(use)):
        return VariableKind(plain)
    options = _options(ctx, name, use, field)
    if options:
        return VariableKind("choice", tuple(options))
    return VariableKind(_by_name(name) or _by_value(variable.value))


def _plain_kind(field: Field | None) -> str:
    """Return the kind of a field that is no choice, empty for none."""
    if isinstance(field, fields.Boolean):
        return "yes_no"
    if isinstance(field, fields.Integer):
        return "number"
    if isinstance(field, fields.Date):
        return "day"
    if isinstance(field, fields.DateTime):
        return "instant"
    return "person" if field is not None and field.metadata.get("widget") == "person" else ""


def _used_as(use: VariableUse) -> str:
    return next((kind for kind in ("yes_no", "number", "instant", "day") if kind in use.kinds), "")


def _by_name(name: str) -> str:
    """Return what a name says by the house's own rule: `_at` is an instant, `_on` a day."""
    return "instant" if name.endswith("_at") else "day" if name.endswith("_on") else ""


def _options(ctx: StepContext, name: str, use: VariableUse, field: Field | None) -> list[tuple[str, str]]:
    choices = field if isinstance(field, Choice) else None
    if choices is not None and choices.choices is not None:
        return list(choices.choices(ctx)) or list(_EVERY[name](ctx.session) if name in _EVERY else ())
    if name in _EVERY:
        return list(_EVERY[name](ctx.session))
    enum = _enum(name, choices)
    values = [*(choices.values or () if choices is not None else ()), *use.values]
    if not (choices is not None and choices.values):
        values += [key.rpartition(".")[2] for key in catalogue("vi") if key.startswith(f"enums.{enum}.")]
    if not values:
        values = _of_tables(ctx, name, use)
    return [(value, find_label(f"enums.{enum}.{value}") or value) for value in dict.fromkeys(values)]


def _every_round(session: Session) -> Pairs:
    return [(row.key, row.title) for row in campaigns.list_rounds(session)]


def _every_subject(session: Session) -> Pairs:
    found = [(key, label(f"tables.{key}")) for key in rulebook.table_keys(session)]
    processes = [key.partition(".")[2] for key in catalogue("vi") if key.startswith("processes.")]
    return found + [(key, label(f"processes.{key}")) for key in processes]


_EVERY: Mapping[str, Callable[[Session], Pairs]] = {"round_key": _every_round, "subject_key": _every_subject}
"""All there is of what the forms offer only to whom they belong."""


def _of_tables(ctx: StepContext, name: str, use: VariableUse) -> list[str]:
    """Return the texts that the tables the diagrams ask allow in their columns of that name."""
    found: dict[str, None] = {}
    for table in use.tables:
        begun = [version for day, version in rulebook.versions_of(ctx.session, table) if day <= ctx.today]
        for text in _allowed(rulebook.parsed(ctx.session, begun[-1]), name) if begun else ():
            found |= dict.fromkeys(_texts(text))
    return list(found)


def _allowed(model: Any, name: str) -> Iterable[str]:
    for table in model.tables.values():
        yield from (clause.allowed_text for clause in table.inputs if clause.expression.text == name)
        yield from (column.allowed.text for column in table.outputs if column.name == name and column.allowed)


def _texts(allowed: str) -> list[str]:
    """Return allowed values that are texts; none where they are ranges or tests."""
    try:
        values = evaluate(f"[{allowed}]", {}) if allowed else []
    except EngineError:
        return []
    return [value for value in values if isinstance(value, str) and value] if isinstance(values, list) else []


# forms


def field_of(steps: Iterable[AnyStep], name: str) -> Field | None:
    """Return the field of a form by which people set a variable, None where none does."""
    for step in steps:
        form = getattr(step, "form", None)
        if isinstance(form, MarshmallowForm) and (found := _own_field(step, form.fields, name)) is not None:
            return found
    return None


def _own_field(step: AnyStep, declared: Mapping[str, Field], name: str) -> Field | None:
    named = declared.get(name)
    others = set(getattr(step, "outputs", ())) - {name}
    if named is not None and getattr(named, "enum", "") not in others:
        return named
    by_words = next((one for one in declared.values() if isinstance(one, Choice) and one.enum == name), None)
    if by_words is not None or not isinstance(step, ActionStep):
        return by_words
    return declared.get(name.removesuffix("_id").removesuffix("_key"))


def _enum(name: str, field: Choice | None) -> str:
    return (field.enum if field is not None else "") or _WORDS_OF.get(name, name)


def enum_of(registry: Registry, name: str) -> str:
    """Return the enum whose labels are the words of a variable's values, for pages that read without a case."""
    setting = [step for step in registry.steps.values() if name in getattr(step, "outputs", ())]
    starting = [step for step in registry.steps.values() if isinstance(step, ActionStep) and step.starts]
    found = field_of([*setting, *starting], name)
    return _enum(name, found if isinstance(found, Choice) else None)

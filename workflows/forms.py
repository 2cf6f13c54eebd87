"""The form of a step: one marshmallow schema gives validation, JSON Schema and the sentences beside the fields."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from unicodedata import category, normalize

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from engine.clock import VIETNAM
from engine.context import StepContext, Values
from engine.errors import InvalidInputError
from workflows.labels import find_label, problem_text

Choices = Callable[[StepContext], Sequence[tuple[str, str]]]
"""Gives the values that may be chosen in this case now, each with the words people see."""

SHORT_TEXT = 300
LONG_TEXT = 4_000

_FIELD_MESSAGES: dict[type[fields.Field[Any]], str] = {
    fields.Date: "invalid_date",
    fields.DateTime: "invalid_instant",
    fields.Integer: "invalid_number",
    fields.Boolean: "invalid_boolean",
    fields.UUID: "unknown_id",
    fields.List: "invalid_list",
    fields.Nested: "invalid_item",
    fields.String: "invalid_text",
}


def problem(key: str, **values: Any) -> str:
    """Return a message for `ValidationError` that names its sentence in the labels: `@key|name=value|…`."""
    return "|".join([f"@{key}", *(f"{name}={value}" for name, value in values.items())])


def spoken(message: str, language: str | None = None) -> str:
    """Return the sentence of a `problem` message, or of a bare code of the engine; other text is returned as it is."""
    if not message.startswith("@"):
        return find_label(f"problems.{message}", language) or message
    key, *pairs = message[1:].split("|")
    return problem_text(key, language, **dict(pair.split("=", 1) for pair in pairs))


@dataclass
class Problems:
    """Collects what is wrong with an input, so that a person sees all of it at once."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, key: str, /, **values: Any) -> None:
        """Note that field `name` has the problem `key` (a label under `problems`)."""
        self.found.setdefault(name, []).append(problem(key, **values))

    def refuse_any(self) -> None:
        """Raise `InvalidInputError` when something was noted."""
        if self.found:
            raise invalid_input(self.found)


def refuse(name: str, key: str, /, **values: Any) -> InvalidInputError:
    """Return the refusal of one field: `raise refuse("achieved_to", "outside_period", …)`."""
    return invalid_input({name: [problem(key, **values)]})


def invalid_input(messages: Mapping[str, Sequence[str]]) -> InvalidInputError:
    """Return the refusal for several fields.

    `details["fields"]` holds sentences in the language of the request, `details["problems"]` the same as keys.
    """
    sentences = {name: [spoken(text) for text in texts] for name, texts in messages.items()}
    return InvalidInputError(
        "the form is not valid", fields=sentences, problems={name: list(texts) for name, texts in messages.items()}
    )


def clean_text(text: str) -> str:
    """Return typed text in NFC, trimmed, with Unix line ends and without invisible control characters."""
    plain = normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in plain if sign in "\n\t" or category(sign) not in {"Cc", "Cs"}).strip()


class Text(fields.String):
    """Typed text. A required one may not be blank; the longest length is told in the schema."""

    def __init__(self, *, longest: int = SHORT_TEXT, shortest: int = 0, multiline: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = longest
        self.shortest = max(shortest, 1 if self.required else 0)
        self.multiline = multiline

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = clean_text(str(super()._deserialize(value, attr, data, **kwargs)))
        if self.required and not text:
            raise ValidationError(problem("required"))
        if len(text) > self.longest:
            raise ValidationError(problem("too_long", max=self.longest, length=len(text)))
        if text and len(text) < self.shortest:
            raise ValidationError(problem("too_short", min=self.shortest, length=len(text)))
        return text


class Choice(fields.String):
    """One of a few values, kept as plain text.

    Attributes:
        enum: names the labels `enums.<enum>.<value>` and, with `hinted`, `hints.<enum>.<value>`.
        values: the values allowed; None when `choices` reads them from the case.
        judged_later: `choices` only offers; the step itself refuses other values with a better sentence.

    """

    def __init__(
        self,
        values: Iterable[str] | None = None,
        *,
        enum: str = "",
        hinted: bool = False,
        choices: Choices | None = None,
        judged_later: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.values = None if values is None else tuple(str(value) for value in values)
        self.enum = enum
        self.hinted = hinted
        self.choices = choices
        self.judged_later = judged_later

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = clean_text(str(super()._deserialize(value, attr, data, **kwargs)))
        if self.values is not None and text not in self.values:
            raise ValidationError(problem("unknown_choice"))
        return text

    def _validate(self, value: Any) -> None:
        if value == "" and self.required:
            raise ValidationError(problem("required"))
        super()._validate(value)


class Instant(fields.AwareDateTime):
    """An instant; one that lies beyond the calendar where it is stored or shown is none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        found = super()._deserialize(value, attr, data, **kwargs)
        try:
            found.astimezone(UTC), found.astimezone(VIETNAM)
        except OverflowError as fault:
            raise ValidationError(problem("invalid_instant")) from fault
        return found


class Identifier(fields.UUID):
    """An id, kept as text. Whether it names something is the step's question."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return str(super()._deserialize(value, attr, data, **kwargs))


class StepForm(Schema):
    """Base of all step forms. Unknown keys are refused, so a typo cannot pass."""

    error_messages = {"unknown": "@unknown_field", "type": "@invalid_item"}  # noqa: RUF012 - as marshmallow has it

    class Meta:
        """Marshmallow's options."""

        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Let every field and validator answer with keys of our labels instead of English sentences."""
        _speak_in_keys(field_obj)


def _speak_in_keys(bound: fields.Field[Any]) -> None:
    invalid = next((key for kind, key in _FIELD_MESSAGES.items() if isinstance(bound, kind)), "invalid")
    required = {"required", "null"}
    bound.error_messages = {name: "@required" if name in required else f"@{invalid}" for name in bound.error_messages}
    for validator in bound.validators:
        if isinstance(validator, validate.Length):
            low, high = ("too_few", "too_many") if isinstance(bound, fields.List) else ("too_short", "too_long")
            validator.message_min = f"@{low}|min={{min}}"
            validator.message_max = f"@{high}|max={{max}}"
            validator.message_all = "@wrong_size|min={min}|max={max}"
        elif isinstance(validator, validate.Range):
            validator.error = "@out_of_range|" + "|".join(
                f"{name}={'…' if bound_value is None else bound_value}"
                for name, bound_value in (("min", validator.min), ("max", validator.max))
            )
    if isinstance(bound, fields.List):
        _speak_in_keys(bound.inner)


def flatten_messages(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """Return marshmallow's nested messages by dotted field name (`items.0.reason`)."""
    if isinstance(messages, Mapping):
        flat: dict[str, list[str]] = {}
        for name, inner in messages.items():
            path = f"{prefix}.{name}" if prefix else str(name)
            flat.update(flatten_messages(inner, path.removesuffix("._schema")))
        return flat
    return {prefix: [str(message) for message in messages]}


@dataclass(frozen=True)
class MarshmallowForm:
    """Adapter from a `StepForm` class to the engine's `Form`.

    Attributes:
        key: the step's key; titles are looked up as `fields.<key>.<field>` first.
        form: the marshmallow class.
        example: makes an example from the case; the fields' own examples when left out.

    """

    key: str
    form: type[StepForm]
    example: Callable[[StepContext], Values] | None = None

    @property
    def fields(self) -> Mapping[str, fields.Field[Any]]:
        """The form's fields by name."""
        return _built(self.form).fields

    def load(self, ctx: StepContext, data: Mapping[str, Any]) -> Values:
        """Return clean values.

        Raises:
            InvalidInputError: `fields` maps each wrong field to its sentences.

        """
        schema = _built(self.form)
        try:
            values: Values = schema.load(dict(data))
        except ValidationError as error:
            raise invalid_input(flatten_messages(error.messages)) from error
        check = _ChoiceCheck(ctx)
        check.walk(schema.fields, values)
        check.problems.refuse_any()
        return values

    def schema(self, ctx: StepContext) -> dict[str, Any]:
        """Return the JSON Schema of the form for this case now, in the language of the request."""
        from workflows.form_schema import describe  # it needs the field classes above

        return describe(self.key, _built(self.form), ctx, self.example)


@dataclass(frozen=True)
class CaseForm(MarshmallowForm):
    """A form whose fields depend on the case.

    Attributes:
        shown: names the fields shown in this case; all when it returns None. The others may still be refused by the
            step, with a sentence of their own.
        rows: for a field of rows, how many there are in this case.

    """

    shown: Callable[[StepContext], Collection[str] | None] | None = None
    rows: Mapping[str, Callable[[StepContext], int]] | None = None

    def schema(self, ctx: StepContext) -> dict[str, Any]:
        """Return the JSON Schema with the fields and rows of this case."""
        found = super().schema(ctx)
        wanted = self.shown(ctx) if self.shown else None
        if wanted is not None:
            found["properties"] = {name: part for name, part in found["properties"].items() if name in wanted}
            found["required"] = [name for name in found["required"] if name in wanted]
            found["x-order"] = list(found["properties"])
        for name, count in (self.rows or {}).items():
            found["properties"][name] |= {"minItems": count(ctx), "maxItems": count(ctx), "x-fixed": "item"}
        return found


@cache
def _built(form: type[StepForm]) -> StepForm:
    """Return the schema of a form: built once, since loading and describing leave nothing behind in it."""
    return form()


@dataclass
class _ChoiceCheck:
    """Holds what was typed against the choices of the case; each field's choices are read once, also for rows."""

    ctx: StepContext
    problems: Problems = field(default_factory=Problems)
    _allowed: dict[int, set[str]] = field(default_factory=dict)

    def walk(self, declared: Mapping[str, fields.Field[Any]], values: Values, prefix: str = "") -> None:
        for name, bound in declared.items():
            given = values.get(name)
            if given in (None, "", []):
                continue
            listed = isinstance(bound, fields.List)
            inner: Any = bound.inner if isinstance(bound, fields.List) else bound
            if isinstance(inner, Choice):
                if not all(self._may_be(inner, item) for item in (given if listed else [given])):
                    self.problems.add(prefix + name, "unknown_choice")
            elif isinstance(inner, fields.Nested):
                for index, item in enumerate(given if listed else [given]):
                    at = f"{prefix}{name}.{index}." if listed else f"{prefix}{name}."
                    self.walk(inner.schema.fields, item, at)

    def _may_be(self, bound: Choice, value: str) -> bool:
        if bound.choices is None or bound.judged_later:
            return True
        if id(bound) not in self._allowed:
            self._allowed[id(bound)] = {allowed for allowed, _ in bound.choices(self.ctx)}
        return value in self._allowed[id(bound)]

"""Between a step's JSON Schema and an HTML form: what to draw, and how to read back what was typed.

The schema is the one the API publishes; nothing here knows a step. Values are not judged here: the step's form
refuses what does not fit, and its sentences come back beside the fields.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.errors import EngineError
from webapp.typed import iso_day, iso_instant, local_day, local_instant, normalise, whole_number
from workflows.forms import spoken

Schema = Mapping[str, Any]
Options = Sequence[tuple[str, str]]
OptionSource = Callable[[str], Options]
MANY = frozenset({"checkboxes", "files"})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: its value, its words and one line on what happens next."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field as the macros draw it.

    Attributes:
        widget: text, textarea, choice, radios, decision, checkbox, checkboxes, date, instant, number, person,
            files, lines (one value each), items (one row each), fixed (words that are sent along) or hidden.
        value: what stands in it (text, bool, list of texts, or list of rows for items).
        rows: for items, the fields of each row, in order.
        folded: seldom needed: shown at the end, under a line that opens.

    """

    name: str
    id: str
    title: str
    hint: str
    widget: str
    required: bool
    value: Any
    options: tuple[Option, ...] = ()
    errors: tuple[str, ...] = ()
    maximum_length: int | None = None
    rows: tuple[tuple["FieldView", ...], ...] = field(default=())
    fixed: bool = False
    folded: bool = False


def in_words(fields: Iterable[FieldView]) -> Iterator[tuple[str, str]]:
    """Yield titles and words of what stands in a form, for reading; empty fields and ticks not set are left out."""
    for view in fields:
        words: dict[str, str] = {option.value: option.label for option in view.options}
        if view.widget == "items":
            for row in view.rows:
                yield from in_words(row)
        elif view.value is True:
            yield view.title, "✓"
        elif view.value:
            values = view.value if isinstance(view.value, list) else [view.value]
            yield view.title, ", ".join(words.get(str(one), str(one)) for one in values)


def widget_of(schema: Schema) -> str:
    """Return the widget of a property: the one it names, else by type."""
    named = schema.get("x-widget")
    kind = _kind(schema)
    if kind == "array":
        return _list_widget(schema, named)
    if isinstance(named, str):
        return named
    if kind == "boolean":
        return "checkbox"
    if kind in {"integer", "number"}:
        return "number"
    if "enum" in schema or "const" in schema:
        return "choice"
    if schema.get("format") == "date":
        return "date"
    return "textarea" if schema.get("maxLength", 0) > 255 else "text"


def _list_widget(schema: Schema, named: Any) -> str:
    inner = schema.get("items", {})
    if _kind(inner) == "object":
        return "items"
    if named in {"files", "hidden"}:
        return str(named)
    chosen = "enum" in inner or inner.get("x-widget") == "choice" or named in {"choice", "person", "checkboxes"}
    return "checkboxes" if chosen else "lines"


def _kind(schema: Schema) -> str:
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        return next((one for one in kind if one != "null"), "string")
    return str(kind)


def _enum(schema: Schema) -> list[str]:
    source = schema.get("items", schema) if _kind(schema) == "array" else schema
    return [str(value) for value in source.get("enum", []) if value is not None]


def _words(schema: Schema, key: str, language: str) -> dict[str, str]:
    source = schema.get("items", schema) if _kind(schema) == "array" else schema
    words: Any = schema.get(key) or source.get(key) or {}
    if isinstance(words, Mapping) and language in words and isinstance(words[language], Mapping):
        words = words[language]
    if isinstance(words, Sequence) and not isinstance(words, str):
        words = dict(zip(_enum(schema), words, strict=False))
    return {str(name): str(value) for name, value in words.items()}


def _options(schema: Schema, widget: str, language: str, people: OptionSource | None) -> tuple[Option, ...]:
    labels, hints = _words(schema, "x-labels", language), _words(schema, "x-hints", language)
    values = _enum(schema)
    if values:
        return tuple(Option(value, labels.get(value, value), hints.get(value, "")) for value in values)
    if people and widget in {"person", "unit", "files"}:
        return tuple(Option(value, label) for value, label in people(widget))
    return ()


def fields_of(
    schema: Schema,
    values: Mapping[str, Any],
    errors: Mapping[str, Any] | None = None,
    *,
    language: str = "vi",
    options: OptionSource | None = None,
    prefix: str = "",
) -> list[FieldView]:
    """Return the fields of a form in the schema's order.

    Args:
        schema: an object schema.
        values: what stands in the form: draft, prefill or what was typed and refused.
        errors: field name → sentence(s); of rows by dotted name (`items.0.reason`).
        language: which of the bilingual words to take.
        options: gives choices the schema leaves open, by widget (people).
        prefix: of the HTML names, for rows of items.

    """
    required = set(schema.get("required", []))
    return [
        _field(
            name,
            part,
            values.get(name),
            _errors_of(errors or {}, name),
            required=name in required,
            language=language,
            options=options,
            prefix=prefix,
        )
        for name, part in schema.get("properties", {}).items()
        if not part.get("readOnly")
    ]


def _errors_of(errors: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the sentences of one field under "", those of its rows by what follows the field's name."""
    inner = {key[len(name) + 1 :]: value for key, value in errors.items() if key.startswith(f"{name}.")}
    return {"": errors.get(name), **inner}


def _field(
    name: str,
    schema: Schema,
    value: Any,
    errors: Mapping[str, Any],
    *,
    required: bool,
    language: str,
    options: OptionSource | None,
    prefix: str,
) -> FieldView:
    widget = widget_of(schema)
    rows: tuple[tuple[FieldView, ...], ...] = ()
    if widget == "items":
        rows = _rows(f"{prefix}{name}", schema, value, errors, language=language, options=options)
    if value is None and "default" in schema:
        value = schema["default"]
    choices = _options(schema, widget, language, options)
    if widget == "choice" and 0 < len(choices) <= 4:
        widget = "radios"
    own = [errors.get("")] + [text for key, text in errors.items() if key.isdecimal()]
    return FieldView(
        name=prefix + name,
        id="f-" + re.sub(r"[^A-Za-z0-9_-]", "-", prefix + name),
        title=_bilingual(schema, "title", language) or name,
        hint=_bilingual(schema, "description", language),
        widget=widget,
        required=required,
        value=_shown(value, widget),
        options=choices,
        errors=tuple(sentence for part in own for sentence in _sentences(part)),
        maximum_length=schema.get("maxLength"),
        rows=rows,
        fixed=schema.get("minItems") is not None and schema.get("minItems") == schema.get("maxItems"),
        folded=bool(schema.get("x-folded")),
    )


def _rows(
    name: str, schema: Schema, value: Any, errors: Mapping[str, Any], *, language: str, options: OptionSource | None
) -> tuple[tuple[FieldView, ...], ...]:
    """Return the rows that stand in a list of things, and an empty one to begin with."""
    standing = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
    return tuple(
        tuple(
            _fixed(one, f"{name}-{index}-{schema.get('x-fixed', '')}")
            for one in fields_of(
                schema.get("items", {}),
                row,
                _errors_of(errors, str(index)),
                language=language,
                options=options,
                prefix=f"{name}-{index}-",
            )
        )
        for index, row in enumerate(standing or [{}])
    )


def _fixed(view: FieldView, name: str) -> FieldView:
    """Return the field as words that are sent along, when it is the one that names a row given by the case."""
    return replace(view, widget="fixed") if view.name == name else view


def _bilingual(schema: Schema, key: str, language: str) -> str:
    other = schema.get(f"x-{key}-{language}") or schema.get(f"x-{key}")
    if isinstance(other, Mapping):
        other = other.get(language)
    return str(other or schema.get(key) or "")


def _shown(value: Any, widget: str) -> Any:
    if widget in MANY:
        return [str(one) for one in value] if isinstance(value, list | tuple) else []
    if widget in {"items", "checkbox"}:
        return value
    if widget == "lines":
        return "\n".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value or "")
    if widget == "instant" and value:
        return local_instant(str(value))
    if widget == "date" and value:
        return local_day(str(value))
    return "" if value is None else str(value)


def _sentences(errors: Any) -> tuple[str, ...]:
    if errors is None:
        return ()
    if isinstance(errors, str):
        return (errors,)
    if isinstance(errors, Mapping):
        return tuple(one for part in errors.values() for one in _sentences(part) if not isinstance(part, Mapping))
    return tuple(str(one) for one in errors)


def read_form(schema: Schema, form: MultiDict[str, str], prefix: str = "") -> dict[str, Any]:
    """Return what was typed as JSON values by the schema; an empty optional field is left out.

    Unknown names are kept (as text), so that the step's form can refuse them; names that begin with `_` and the
    origin token are the page's own.
    """
    values: dict[str, Any] = {}
    properties: Mapping[str, Any] = schema.get("properties", {})
    for name, part in properties.items():
        found = _read(part, form, prefix + name)
        if found is not None:
            values[name] = found
    if not prefix:
        for name in form:
            if name.split("-")[0] not in properties and not name.startswith("_") and name != "csrf_token":
                values[name] = normalise(form[name])
    return values


def _read(schema: Schema, form: MultiDict[str, str], name: str) -> Any:
    widget = widget_of(schema)
    if widget == "items":
        return _read_items(schema, form, name)
    if _kind(schema) == "array":
        typed = form.getlist(name)
        found = [normalise(one) for text in typed for one in (text.splitlines() if widget == "lines" else [text])]
        return [one for one in found if one]
    if _kind(schema) == "boolean":
        if widget in {"radios", "choice", "decision"} and name not in form:
            return None
        return form.get(name, "") in {"true", "on", "1"}
    text = normalise(form.get(name) or "")
    if not text:
        return None
    return _typed(schema, widget, text)


def _typed(schema: Schema, widget: str, text: str) -> Any:
    if _kind(schema) == "integer":
        number = whole_number(text)
        return text if number is None else number
    if widget == "date":
        return iso_day(text)
    if widget == "instant":
        return iso_instant(text)
    return text


def _read_items(schema: Schema, form: MultiDict[str, str], name: str) -> list[Any]:
    pattern = re.compile(re.escape(name) + r"-(\d{1,3})-")
    indexes = sorted({int(match.group(1)) for key in form if (match := pattern.match(key))})
    rows = [read_form(schema.get("items", {}), form, f"{name}-{index}-") for index in indexes]
    return [row for row in rows if any(value not in (None, "", []) for value in row.values())]


def field_errors(error: EngineError) -> dict[str, Any]:
    """Return field → sentences of a refused form, empty when the refusal is about the whole."""
    fields = error.details.get("fields")
    if not isinstance(fields, Mapping):
        return {}
    return {name: _spoken(found) for name, found in fields.items()}


def _spoken(found: Any) -> Any:
    """Return sentences for what a door says about a field; lists of rows say it for each row."""
    if isinstance(found, str):
        return spoken(found)
    if isinstance(found, Mapping):
        return {name: _spoken(inner) for name, inner in found.items()}
    return [_spoken(inner) for inner in found] if isinstance(found, list) else found


def unplaced(fields: Sequence[FieldView], errors: Mapping[str, Any]) -> str:
    """Return in one line the sentences of fields the form does not draw (keys it does not have, or hides)."""
    drawn = {field.name for field in fields}
    return " ".join(
        f"{name[:80]}: {sentence}"
        for name, said in errors.items()
        if name.split(".")[0] not in drawn and not name.startswith("_")
        for sentence in _sentences(said)
    )

"""`instance of`: tells whether a value conforms to a type (DMN 1.5, 10.3.2.9)."""

from collections.abc import Callable
from typing import Any

from lark import Token

from engine.feel.values import Function, Range, kind

Accepts = Callable[[Any], bool]
NAMES = {
    "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
    "years and months duration", "list", "context", "range", "function", "any", "Any", "null",
}  # fmt: skip


_OTHER_NAMES = {
    "dateTime": "date and time", "datetime": "date and time", "Null": "null",
    "dayTimeDuration": "days and time duration", "yearMonthDuration": "years and months duration",
}  # fmt: skip
TYPE_PREFIX = "type "  # under this and its name a file's own type stands among the values of an expression


def file_type_name(tree: Any) -> str | None:
    """Return the name of a type that FEEL itself does not have: one of the file around the expression."""
    if tree.data != "named_type":
        return None
    name = ".".join(str(part) for part in tree.children)
    return None if name in NAMES or name in _OTHER_NAMES else name


def compile_type(tree: Any) -> Accepts:
    """Return a test for a type expression."""
    parts = [part for part in tree.children if part is not None]
    if tree.data == "null_type":
        return lambda value: value is None
    if tree.data == "named_type":
        return named(".".join(str(part) for part in parts))
    if tree.data == "generic_type":
        return _generic(str(parts[0]), compile_type(parts[1]))
    if tree.data == "context_type":
        entries = [part for part in parts if not isinstance(part, Token)]
        wanted = {str(entry.children[0]): compile_type(entry.children[1]) for entry in entries}
        return lambda v: isinstance(v, dict) and all(name in v and test(v[name]) for name, test in wanted.items())
    return lambda value: isinstance(value, Function)


def compile_formal_type(tree: Any | None) -> Callable[[Any], Any]:
    """Return what hands an argument over: as it is, or the item of a list of one where the type asks for it.

    Raises (when called):
        TypeError: the argument is of another type; the call is null.

    """
    if tree is None or file_type_name(tree) is not None:
        return lambda value: value  # a type of the file around the expression; that checks it
    accepts = compile_type(tree)

    def take(value: Any) -> Any:
        if value is None or accepts(value):
            return value
        if isinstance(value, list) and len(value) == 1 and accepts(value[0]):
            return value[0]
        if accepts([value]):
            return [value]
        raise TypeError("wrong kind of argument")

    return take


def named(name: str) -> Accepts:
    """Return a test for a type's name; an unknown name accepts nothing."""
    if name.lower() == "any":
        return lambda value: value is not None
    name = _OTHER_NAMES.get(name, name)
    return lambda value: kind(value) == name


def _generic(name: str, inner: Accepts) -> Accepts:
    if name == "list":
        return lambda value: isinstance(value, list) and all(inner(item) for item in value)
    if name == "range":
        return lambda v: isinstance(v, Range) and all(inner(end) for end in (v.low, v.high) if end is not None)
    return lambda _value: False

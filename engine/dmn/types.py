"""Types of a DMN file (item definitions): what conforms, and the conversions the standard makes (DMN 1.5, 7.3.2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from engine.dmn import xml
from engine.dmn.errors import DmnFileError
from engine.feel import UnaryTests, to_text
from engine.feel.values import kind

SIMPLE = {
    "number": "number", "string": "string", "boolean": "boolean", "date": "date", "time": "time",
    "dateTime": "date and time", "date and time": "date and time",
    "dayTimeDuration": "days and time duration", "days and time duration": "days and time duration",
    "yearMonthDuration": "years and months duration", "years and months duration": "years and months duration",
    "list": "list", "context": "context", "function": "function", "range": "range", "Any": "Any",
}  # fmt: skip


class NotOfTypeError(ValueError):
    """A value is of another type than wanted, or none of the allowed ones; `details` are those of a `DmnError`."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details: dict[str, Any] = details


@dataclass(frozen=True)
class ItemType:
    """A type ready to test values.

    Attributes:
        name: as the file calls it.
        base: the simple FEEL type, `Any`, or `context` when there are components.
        components: types of a context's entries.
        is_list: the value is a list whose items are of this type.
        allowed: tests that each value, or each item, must pass.

    """

    name: str
    base: str = "Any"
    components: Mapping[str, "ItemType"] = field(default_factory=dict)
    is_list: bool = False
    allowed: UnaryTests | None = None
    item: "ItemType | None" = None

    def accepts(self, value: Any) -> bool:
        """Tell whether a value is an instance of this type, as `instance of` asks; null is of none."""
        return value is not None and self.conforms(value)

    def conforms(self, value: Any) -> bool:
        """Tell whether a value is of this type; null is of every type."""
        if value is None:
            return True
        if not self.is_list:
            return self._conforms_one(value)
        return isinstance(value, list) and all(self._conforms_one(item) for item in value)

    def _conforms_one(self, value: Any) -> bool:
        if value is None:
            return True
        if self.item is not None and not self.item.conforms(value):
            return False
        if self.base != "Any" and kind(value) != self.base:
            return False
        for name, item_type in self.components.items():
            if name not in value or not item_type.conforms(value[name]):
                return False
        return self.allowed is None or self.allowed.accept(value, {})

    def coerce(self, value: Any) -> Any:
        """Return the value, converted where the standard does so (DMN 1.5, 10.3.2.9.4).

        Raises:
            NotOfTypeError: the value is of another type; the text says which was wanted.

        """
        if self.conforms(value):
            return value
        if isinstance(value, list) and len(value) == 1 and not self.is_list and self.conforms(value[0]):
            return value[0]
        if self.is_list and not isinstance(value, list) and self._conforms_one(value):
            return [value]
        if self.base == "date and time" and type(value) is date:
            return datetime.combine(value, time(tzinfo=UTC))
        if self.is_list and isinstance(value, list) and self.base == "date and time":
            return [datetime.combine(v, time(tzinfo=UTC)) if type(v) is date else v for v in value]
        allowed = f" (allowed: {self.allowed.text})" if self.allowed else ""
        raise NotOfTypeError(
            f"{to_text(value)} is no {'list of ' if self.is_list else ''}{self.name}{allowed}", **self._misfit(value)
        )

    def _misfit(self, value: Any) -> dict[str, Any]:
        """Return why a value does not fit: another type, or none of those allowed."""
        found, wanted = kind(value), "list" if self.is_list else self.base
        if self.allowed and found == wanted:
            return not_allowed(value, self.allowed.text)
        return {"problem": "wrong_type", "value": to_text(value), "found": found, "wanted": wanted}


ANY = ItemType("Any")


def not_allowed(value: Any, allowed: str) -> dict[str, Any]:
    """Return the particulars of a value that is none of those allowed."""
    return {"problem": "not_allowed", "value": to_text(value), "found": kind(value), "allowed": allowed}


class Types:
    """The types of one file by name, resolved once; a type may refer to one written further down or imported."""

    def __init__(
        self, root: Any, compile_tests: Callable[[str, str], UnaryTests], imported: Mapping[str, ItemType]
    ) -> None:
        self._nodes = {node.get("name"): node for node in xml.children(root, "itemDefinition")}
        self._compile = compile_tests
        self._done: dict[str, ItemType] = dict(imported)
        self._open: list[str] = []

    @property
    def resolved(self) -> dict[str, ItemType]:
        """All types of the file by name."""
        return {name: self.named(name) for name in [*self._done, *self._nodes]}

    def of(self, node: Any | None) -> ItemType:
        """Return the type an element refers to, `Any` when it says none."""
        return self.named(xml.type_reference(node))

    def named(self, written: str) -> ItemType:
        """Return a type by name, with or without a namespace prefix.

        Raises:
            DmnFileError: no such type, or one that contains itself.

        """
        name = written if written in self._nodes or written in self._done else written.rpartition(":")[2]
        if name in self._done:
            return self._done[name]
        if name not in self._nodes:
            if (base := SIMPLE.get(name)) is not None:
                return ItemType(name, base)
            raise DmnFileError(f"there is no type {written}", problem="unknown_type", type=written)
        if name in self._open:
            raise DmnFileError(f"the type {name} contains itself", problem="type_loop", type=name)
        self._open.append(name)
        made = self._done[name] = self._build(self._nodes[name])
        self._open.pop()
        return made

    def _build(self, node: Any) -> ItemType:
        name, is_list = node.get("name"), node.get("isCollection") == "true"
        allowed_text = xml.text_of(xml.child(node, "allowedValues")) or xml.text_of(xml.child(node, "typeConstraint"))
        allowed = self._compile(allowed_text, f"type {name}, allowed values") if allowed_text else None
        if xml.child(node, "functionItem") is not None:
            return ItemType(name, "function", is_list=is_list)
        components = {part.get("name"): self._build(part) for part in xml.children(node, "itemComponent")}
        if components:
            return ItemType(name, "context", components, is_list, allowed)
        referred = self.of(node)
        if not (referred.is_list or referred.components or referred.allowed or referred.item):
            return ItemType(name, referred.base, {}, is_list, allowed)
        if referred.is_list and not is_list and allowed is None:
            return referred
        return ItemType(name, "Any", {}, is_list, allowed, item=referred)

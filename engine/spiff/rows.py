"""The variables of tasks as rows: never changed, shared by all tasks that have the same, read when somebody asks.

A row is stored whole, or as what it adds to a whole one: nine ballots are one row and nine names. The ids in it (UUID
in their usual letters) are stored as their sixteen bytes.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.spiff.values import frozen
from engine.text import is_id

MAXIMUM_CHANGES = 4
"""A row that differs in more variables from the one before is stored whole."""

_ID, _IDS = 1, 2
"""The extension types of MessagePack under which an id and a list of nothing but ids are stored."""
_LETTERS, _BYTES = 36, 16


def _slim(value: Any) -> Any:
    """Return a value as it is stored; only what reads back as the very same text becomes an id."""
    if type(value) is str:
        stored = _stored_id(value)
        return value if stored is None else msgspec.msgpack.Ext(_ID, stored)
    if type(value) is tuple and value:
        ids = [_stored_id(one) for one in value]
        if None not in ids:
            return msgspec.msgpack.Ext(_IDS, b"".join(filter(None, ids)))
        return tuple(map(_slim, value))
    return value


def _stored_id(value: Any) -> bytes | None:
    if type(value) is str and len(value) == _LETTERS and is_id(value):
        return bytes.fromhex(value.replace("-", ""))
    return None


def _read_ids(kind: int, stored: memoryview) -> Any:
    """Return the letters of an id, or of each of a list."""
    if kind not in (_ID, _IDS) or len(stored) % _BYTES:
        raise ValueError(f"unknown kind of value {kind} in a state")
    found = [_letters(stored[start : start + _BYTES].hex()) for start in range(0, len(stored), _BYTES)]
    return found if kind == _IDS else found[0]


def _letters(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ext_hook=_read_ids).decode


def stored_size(value: Any) -> int:
    """Return how many bytes a variable takes in a state before it is compressed.

    Raises:
        ValueError: a whole number of more than 64 bits, which no state can hold.

    """
    try:
        return len(_encode(_slim(frozen(value))))
    except OverflowError as error:
        raise ValueError(str(error)) from error


class Row:
    """A set of variables, by name.

    Attributes:
        base: the whole row this one adds to; None when it is whole itself.

    """

    __slots__ = ("_changes", "_packed", "_values", "base")

    def __init__(
        self, changes: Mapping[str, Any] | None, base: "Row | None" = None, packed: bytes | None = None
    ) -> None:
        self.base = base
        self._changes = changes
        self._packed = packed
        self._values: Mapping[str, Any] | None = None

    @classmethod
    def after(cls, before: "Row", values: Mapping[str, Any]) -> "Row":
        """Return a row of values, which become its own: a difference to an earlier row where that is shorter."""
        base = before if before.base is None else before.base
        held = base.values()
        if held and held.keys() <= values.keys():
            changes = {name: value for name, value in values.items() if not (name in held and same(held[name], value))}
            if len(changes) <= MAXIMUM_CHANGES:
                row = cls(changes, base)
                row._values = values
                return row
        return cls(values)

    def values(self) -> Mapping[str, Any]:
        """Return the variables; whoever wants to change them takes a copy."""
        found = self._values
        if found is None:
            own = self._own()
            found = self._values = own if self.base is None else {**self.base.values(), **own}
        return found

    def get(self, name: str) -> Any:
        """Return one variable, None without it; a difference is not put together for that."""
        if self._values is None:
            own = self._own()
            return own.get(name) if self.base is None or name in own else self.base.get(name)
        return self._values.get(name)

    def packed(self) -> bytes:
        """Return what is stored of it: everything, or the difference."""
        if self._packed is None:
            changes: Mapping[str, Any] = self._changes or {}
            self._packed = _encode({name: _slim(value) for name, value in changes.items()})
        return self._packed

    def _own(self) -> Mapping[str, Any]:
        if self._changes is None:
            stored = _decode(self.packed())
            self._changes = {name: frozen(value) if type(value) is list else value for name, value in stored.items()}
        return self._changes


EMPTY = Row({})


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are one: 1, 1.0 and yes are not, nor are lists of them."""
    if one is other:
        return True
    if type(one) is not type(other) or one != other:
        return False
    return type(one) is not tuple or all(map(same, one, other))


class RowTable:
    """The rows of one state on their way to bytes: each once, a base before what adds to it."""

    def __init__(self) -> None:
        self.bases: list[int] = []
        self.packs: list[bytes] = []
        self._places: dict[int, int] = {}
        self._seen: list[Row] = []
        self._known: dict[tuple[int, bytes], int] = {}

    def place(self, row: Row) -> int:
        """Return the place of a row."""
        found = self._places.get(id(row))
        if found is None:
            base = 0 if row.base is None else self.place(row.base) + 1
            packed = row.packed()
            found = self._known.setdefault((base, packed), len(self.packs))
            if found == len(self.packs):
                self.bases.append(base)
                self.packs.append(packed)
            self._places[id(row)] = found
            self._seen.append(row)  # a row that lives on keeps its id from being given to another
        return found


def read_rows(bases: list[int], packs: list[bytes]) -> list[Row]:
    """Return the rows of a state; none is decoded before it is asked."""
    rows: list[Row] = []
    for base, packed in zip(bases, packs, strict=True):
        rows.append(Row(None, rows[base - 1] if base else None, packed))
    return rows

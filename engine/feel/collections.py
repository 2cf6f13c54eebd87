"""The built-in functions of FEEL on lists, contexts and ranges (DMN 1.5, 10.3.4.4, 10.3.4.7 to 10.3.4.9)."""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from engine.feel.builtins import need
from engine.feel.errors import FeelLimitError
from engine.feel.operators import add, any_of, divide
from engine.feel.values import NUMBERS, Function, compare, equal, kind

_HASHED = {"number", "string", "boolean", "date", "null"}
_MOST_COMPARED = 500


def _items(values: Sequence[Any]) -> list[Any]:
    """Return the one list given, or the values themselves."""
    if len(values) == 1 and isinstance(values[0], list):
        return values[0]
    return list(values)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _extreme(sign: str) -> Callable[..., Any]:
    def run(*values: Any) -> Any:
        items = _items(values)
        if not items:
            return None
        best = items[0]
        for item in items[1:]:
            answer = compare(sign, item, best)
            if answer is None:
                return None
            best = item if answer else best
        return best if compare("=", best, best) is not None and best is not None else None

    return run


def total(*values: Any) -> Any:
    """`sum(list)`; null for an empty list."""
    items = _items(values)
    if not items:
        return None
    result = items[0]
    for item in items[1:]:
        result = add(result, item) if not isinstance(item, str) else None
    return None if isinstance(result, str) else result


def mean(*values: Any) -> Any:
    """`mean(list)`."""
    items = _items(values)
    return divide(total(items), Decimal(len(items))) if items else None


def product(*values: Any) -> Decimal | None:
    """`product(list)`."""
    items = _items(values)
    result = Decimal(1)
    for item in items:
        result = NUMBERS.multiply(result, need(item, Decimal))
    return result if items else None


def median(*values: Any) -> Any:
    """`median(list)`."""
    items = sorted(need(item, Decimal) for item in _items(values))
    if not items:
        return None
    middle = len(items) // 2
    return (
        items[middle] if len(items) % 2 else NUMBERS.divide(NUMBERS.add(items[middle - 1], items[middle]), Decimal(2))
    )


def standard_deviation(*values: Any) -> Any:
    """`stddev(list)` of a sample; null below two values."""
    items = [need(item, Decimal) for item in _items(values)]
    if len(items) < 2:
        return None
    centre = mean(items)
    squares = [NUMBERS.power(NUMBERS.subtract(item, centre), Decimal(2)) for item in items]
    return NUMBERS.sqrt(NUMBERS.divide(total(squares), Decimal(len(items) - 1)))


def mode(*values: Any) -> list[Any]:
    """`mode(list)`: the most frequent numbers, ascending."""
    counts = Counter(need(item, Decimal) for item in _items(values))
    most = max(counts.values(), default=0)
    return sorted(number for number, count in counts.items() if count == most)


def all_true(*values: Any) -> bool | None:
    """`all(list)`: false if any is false, null if any is unknown."""
    items = _items(values)
    if False in [item for item in items if isinstance(item, bool)]:
        return False
    return None if any(not isinstance(item, bool) for item in items) else True


def any_true(*values: Any) -> bool | None:
    """`any(list)`: true if any is true, null if any is unknown."""
    return any_of([item if isinstance(item, bool) else None for item in _items(values)])


def contains(items: Any, element: Any) -> bool:
    """`list contains(list, element)`."""
    return any(equal(item, element) is True for item in _list(items))


def sublist(items: Any, start: Any, length: Any = None) -> list[Any] | None:
    """`sublist(list, start position, length)`."""
    body, position = need(items, list), int(need(start, Decimal))
    begin = position - 1 if position > 0 else len(body) + position
    if position == 0 or begin < 0 or begin >= len(body):
        return None
    if length is None:
        return list(body[begin:])
    count = int(need(length, Decimal))
    return list(body[begin : begin + count]) if count > 0 and begin + count <= len(body) else None


def append(items: Any, *more: Any) -> list[Any]:
    """`append(list, item…)`."""
    return [*_list(items), *more]


def concatenate(*lists: Any) -> list[Any]:
    """`concatenate(list…)`."""
    return [item for items in lists for item in _list(items)]


def insert_before(items: Any, position: Any, new: Any) -> list[Any]:
    """`insert before(list, position, new item)`."""
    body, index = list(need(items, list)), _at(items, position)
    body.insert(index, new)
    return body


def remove(items: Any, position: Any) -> list[Any]:
    """`remove(list, position)`."""
    body = list(need(items, list))
    del body[_at(items, position)]
    return body


def list_replace(items: Any, position: Any, new: Any) -> list[Any]:
    """`list replace(list, position or match, new item)`."""
    body = list(need(items, list))
    if isinstance(position, Function):
        test = _taking_two(position)
        return [new if need(test(item, new), bool) else item for item in body]
    body[_at(items, position)] = new
    return body


def _taking_two(function: Function) -> Callable[..., Any]:
    if len(function.parameters) != 2 and not function.variadic:
        raise TypeError("the function must take two values")
    return function.call


def _at(items: list[Any], position: Any) -> int:
    index = int(need(position, Decimal))
    length = len(need(items, list))
    if index == 0 or abs(index) > length:
        raise IndexError("no such position")
    return index - 1 if index > 0 else length + index


def index_of(items: Any, match: Any) -> list[Decimal]:
    """`index of(list, match)`: all positions, from 1."""
    return [Decimal(place) for place, item in enumerate(need(items, list), 1) if equal(item, match) is True]


def distinct(items: Any) -> list[Any]:
    """`distinct values(list)`."""
    found: list[Any] = []
    seen: set[tuple[str, Any]] = set()
    others: list[Any] = []
    for item in need(items, list):
        name = kind(item)
        if name in _HASHED:
            if (name, item) in seen:
                continue
            seen.add((name, item))
        elif contains(others, item):
            continue
        else:
            others.append(item)
            if len(others) > _MOST_COMPARED:
                raise FeelLimitError("too many lists and contexts to compare", limit=_MOST_COMPARED)
        found.append(item)
    return found


def union(*lists: Any) -> list[Any]:
    """`union(list…)`."""
    return distinct(concatenate(*lists))


def flatten(items: Any) -> list[Any]:
    """`flatten(list)`."""
    return [leaf for item in _list(items) for leaf in (flatten(item) if isinstance(item, list) else [item])]


def sort(items: Any, precedes: Any = None) -> list[Any]:
    """`sort(list, precedes)`."""
    if precedes is None:
        return sorted(need(items, list), key=cmp_to_key(lambda a, b: -1 if compare("<", a, b) else 1))
    order = _taking_two(need(precedes, Function))
    return sorted(need(items, list), key=cmp_to_key(lambda a, b: -1 if order(a, b) is True else 1))


# contexts


def get_value(context: Any, key: Any) -> Any:
    """`get value(context, key or keys)`."""
    if isinstance(key, list):
        for part in key:
            context = need(context, dict).get(need(part, str))
        return context
    return need(context, dict).get(need(key, str))


def get_entries(context: Any) -> list[dict[str, Any]]:
    """`get entries(context)`."""
    return [{"key": key, "value": value} for key, value in need(context, dict).items()]


def make_context(entries: Any) -> dict[str, Any] | None:
    """`context(entries)`: null when a key comes twice."""
    made: dict[str, Any] = {}
    for entry in _list(entries):
        key = need(need(entry, dict)["key"], str) if "key" in entry else None
        if key is None or key in made or "value" not in entry:
            return None
        made[key] = entry["value"]
    return made


def context_put(context: Any, key: Any, value: Any) -> dict[str, Any] | None:
    """`context put(context, key or keys, value)`."""
    body = dict(need(context, dict))
    if isinstance(key, list):
        if not key:
            return None
        if len(key) > 1:
            inner = body.get(need(key[0], str), {})
            return {**body, key[0]: context_put(need(inner, dict), key[1:], value)}
        key = key[0]
    body[need(key, str)] = value
    return body


def context_merge(contexts: Any) -> dict[str, Any]:
    """`context merge(contexts)`: later entries win."""
    merged: dict[str, Any] = {}
    for context in _list(contexts):
        merged.update(need(context, dict))
    return merged


COLLECTIONS: dict[str, Function] = {
    "min": Function(("list",), _extreme("<"), variadic=True),
    "max": Function(("list",), _extreme(">"), variadic=True),
    "count": Function(("list",), lambda items: Decimal(len(need(items, list)))),
    "sum": Function(("list",), total, variadic=True),
    "mean": Function(("list",), mean, variadic=True),
    "product": Function(("list",), product, variadic=True),
    "median": Function(("list",), median, variadic=True),
    "stddev": Function(("list",), standard_deviation, variadic=True),
    "mode": Function(("list",), mode, variadic=True),
    "all": Function(("list",), all_true, variadic=True),
    "any": Function(("list",), any_true, variadic=True),
    "list contains": Function(("list", "element"), contains),
    "sublist": Function(("list", "start position", "length"), sublist),
    "append": Function(("list", "item"), append, variadic=True),
    "concatenate": Function(("list",), concatenate, variadic=True),
    "insert before": Function(("list", "position", "newItem"), insert_before),
    "remove": Function(("list", "position"), remove),
    "list replace": Function(("list", "position", "newItem"), list_replace, forms=(("list", "match", "newItem"),)),
    "reverse": Function(("list",), lambda items: list(reversed(need(items, list)))),
    "index of": Function(("list", "match"), index_of),
    "union": Function(("list",), union, variadic=True),
    "distinct values": Function(("list",), distinct),
    "flatten": Function(("list",), flatten),
    "sort": Function(("list", "precedes"), sort),
    "get value": Function(("m", "key"), get_value, forms=(("m", "keys"), ("context", "key"))),
    "get entries": Function(("m",), get_entries),
    "context": Function(("entries",), make_context),
    "context put": Function(("context", "key", "value"), context_put, forms=(("context", "keys", "value"),)),
    "context merge": Function(("contexts",), context_merge),
}

"""The built-in functions of FEEL on lists, contexts and ranges (DMN 1.5, 10.3.4.4, 10.3.4.7 to 10.3.4.9)."""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from engine.feel.builtins import need
from engine.feel.operators import add, any_of, divide
from engine.feel.values import NUMBERS, Function, Range, compare, equal


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
    for item in _list(items):
        if not contains(found, item):
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


# ranges and points


def _as_range(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(value, value)


def _before(first: Any, second: Any) -> bool | None:
    a, b = _as_range(first), _as_range(second)
    return compare("<", a.high, b.low) or (
        compare("=", a.high, b.low)
        and not (a.high_closed and b.low_closed)
        and (isinstance(first, Range) or isinstance(second, Range))
    )


def _after(first: Any, second: Any) -> bool | None:
    return _before(second, first)


def _meets(first: Any, second: Any) -> bool | None:
    a, b = need(first, Range), need(second, Range)
    return bool(a.high_closed and b.low_closed) and compare("=", a.high, b.low)


def _overlaps(first: Any, second: Any) -> bool | None:
    a, b = need(first, Range), need(second, Range)
    return not (_before(a, b) or _before(b, a))


def _overlaps_before(first: Any, second: Any) -> bool | None:
    a, b = need(first, Range), need(second, Range)
    starts = compare("<", a.low, b.low) or (compare("=", a.low, b.low) and a.low_closed and not b.low_closed)
    ends = compare("<", a.high, b.high) or (compare("=", a.high, b.high) and (not a.high_closed or b.high_closed))
    return bool(starts and ends and not _before(a, b))


def _overlaps_after(first: Any, second: Any) -> bool | None:
    a, b = need(first, Range), need(second, Range)
    starts = compare(">", a.low, b.low) or (compare("=", a.low, b.low) and (not a.low_closed or b.low_closed))
    ends = compare(">", a.high, b.high) or (compare("=", a.high, b.high) and a.high_closed and not b.high_closed)
    return bool(starts and ends and not _before(b, a))


def _finishes(first: Any, second: Any) -> bool | None:
    b = need(second, Range)
    if not isinstance(first, Range):
        return b.high_closed and compare("=", first, b.high)
    low = compare(">", first.low, b.low) or (compare("=", first.low, b.low) and (not first.low_closed or b.low_closed))
    return first.high_closed == b.high_closed and compare("=", first.high, b.high) and bool(low)


def _starts(first: Any, second: Any) -> bool | None:
    b = need(second, Range)
    if not isinstance(first, Range):
        return b.low_closed and compare("=", first, b.low)
    high = compare("<", first.high, b.high) or (
        compare("=", first.high, b.high) and (not first.high_closed or b.high_closed)
    )
    return first.low_closed == b.low_closed and compare("=", first.low, b.low) and bool(high)


def _includes(first: Any, second: Any) -> bool | None:
    a: Range = need(first, Range)
    if not isinstance(second, Range):
        return a.contains(second)
    low = compare("<", a.low, second.low) or (
        compare("=", a.low, second.low) and (a.low_closed or not second.low_closed)
    )
    high = compare(">", a.high, second.high) or (
        compare("=", a.high, second.high) and (a.high_closed or not second.high_closed)
    )
    return bool(low and high)


def _coincides(first: Any, second: Any) -> bool | None:
    return equal(first, second)


def _flip(test: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda first, second: test(second, first)


_PAIR, _POINT = ("range1", "range2"), ("point", "range")
_EITHER = (("point1", "point2"), ("point", "range"), ("range", "point"))
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
    "before": Function(_PAIR, _before, forms=_EITHER),
    "after": Function(_PAIR, _after, forms=_EITHER),
    "meets": Function(_PAIR, _meets),
    "met by": Function(_PAIR, _flip(_meets)),
    "overlaps": Function(_PAIR, _overlaps),
    "overlaps before": Function(_PAIR, _overlaps_before),
    "overlaps after": Function(_PAIR, _overlaps_after),
    "finishes": Function(_POINT, _finishes, forms=(_PAIR,)),
    "finished by": Function(("range", "point"), _flip(_finishes), forms=(_PAIR,)),
    "includes": Function(("range", "point"), _includes, forms=(_PAIR,)),
    "during": Function(_POINT, _flip(_includes), forms=(_PAIR,)),
    "starts": Function(_POINT, _starts, forms=(_PAIR,)),
    "started by": Function(("range", "point"), _flip(_starts), forms=(_PAIR,)),
    "coincides": Function(_PAIR, _coincides, forms=_EITHER),
}

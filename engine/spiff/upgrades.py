"""From one format of states to the next: one function for each number, on the decoded body.

A function that was released never changes; `tests/golden` holds states of every format it must read.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec

_encode = msgspec.msgpack.Encoder().encode


def _from_1(body: Any) -> Any:
    """Rows become bytes of their own, tasks columns; names are not known to be those of today, nothing was pruned.

    Format 1: `[sequence, tick, rows, root flow, [[parent id, process key, flow], ...]]`, a row `[name, value, ...]`, a
    flow `[tasks, root id, last id, success, completed, row]`, a task `[id, parent id or 0, place of the spec, state,
    triggered, tick, row, internal data or 0]`.
    """
    sequence, tick, rows, root, called = body
    packs = [_encode(dict(zip(flat[::2], flat[1::2], strict=True))) for flat in rows]
    flows = [_flow_from_1(flow) for _parent, _key, flow in called]
    parents = [[parent, key] for parent, key, _flow in called]
    return [0, sequence, tick, [0] * len(packs), packs, _flow_from_1(root), parents, flows, {}, None]


def _flow_from_1(flow: Any) -> Any:
    tasks, root, last, success, completed, row = flow
    ids, parents, places, states, triggered, ticks, rows, internal = map(list, zip(*tasks, strict=True))
    marks = [state.bit_length() * 2 + mark for state, mark in zip(states, triggered, strict=True)]
    held = [part for key, value in zip(ids, internal, strict=True) if value for part in (key, value)]
    return [ids, parents, places, marks, ticks, rows, held, root, last, success, completed, row]


def _from_2(body: Any) -> Any:
    """Ids of tasks, ticks and rows become steps, numbers of loops and what was visited once stand apart.

    Ids in rows may be letters or bytes. Format 2: `visits` is a map of process key to `[place, done, cancelled, ...]`,
    a flow `[ids, parents, places, marks, ticks, rows, internal data, root id, last id, success, completed, row]`.
    """
    *head, root, parents, flows, visits, last_end = body
    seen = {key: [b"", b"", counts] for key, counts in visits.items()}
    return [*head, _flow_from_2(root), parents, [_flow_from_2(flow) for flow in flows], seen, last_end]


def _flow_from_2(flow: Any) -> Any:
    ids, parents, places, marks, ticks, rows, internal, *rest = flow
    return [_steps(ids), parents, places, marks, _steps(ticks), _steps(rows), internal, [[], []], *rest]


def _steps(numbers: list[int]) -> list[int]:
    return [number - before for before, number in pairwise([0, *numbers])]


UPGRADES: dict[int, Callable[[Any], Any]] = {1: _from_1, 2: _from_2}
"""Format to the function that makes its body one of the next format."""

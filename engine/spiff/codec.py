"""The state of a run as bytes: the task tree only, with places of specs in the definition's name tables.

Format 3: the byte 3, then zstandard (with its checksum) over MessagePack of
`[fingerprint of names, sequence, tick, bases of rows, packed rows, root flow, called, called flows, visits, last end]`.
A row is the MessagePack of its variables, or of what it adds to the row at `base - 1`; tuples are stored as lists, ids
as extensions 1 and 2 (`rows`). Numbers that rise from task to task are stored as steps: sixty ballots are sixty times
the same. `called` holds parent task and process key of each called flow; see `_pack_flow` for flows. `visits` is a map
of process key to `[done once, cancelled once, [place, times done, times cancelled, ...]]`, the first two bitmaps.
Older formats are read by way of `upgrades`.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, pairwise
from typing import Any

import msgspec
import zstandard
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.util.task import TaskState

from engine.spiff.parser import Definition
from engine.spiff.rows import EMPTY, Row, RowTable, read_rows
from engine.spiff.upgrades import UPGRADES
from engine.spiff.values import Services
from engine.spiff.workflow import EngineSubWorkflow, EngineTask, EngineWorkflow

FORMAT = 3
_STATES = [0, *(1 << bit for bit in range(9))]
"""A state by its bit length, as it is stored."""
_WAKEFUL = (TaskState.READY, TaskState.WAITING, TaskState.STARTED)
_NUMBER = "key_or_index"
"""What the library calls the number of an instance of a loop."""
_ONCE = ((1, 0), (0, 1))
"""Done once and never cancelled; cancelled once and never done."""
_UNKNOWN_NAMES = 0
"""Format 1 did not say with which names it was written."""


class _Compressors(threading.local):
    """zstandard objects are not thread safe; each thread has its own."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=3, write_checksum=True).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


_ZSTANDARD = _Compressors()
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


def dump(workflow: EngineWorkflow, definition: Definition) -> bytes:
    """Return the state of a run."""
    rows, places = RowTable(), definition.places
    root = _pack_flow(workflow, places[workflow.spec.name], rows)
    called = [[parent_id, flow.spec.name] for parent_id, flow in workflow.subprocesses.items()]
    flows = [_pack_flow(flow, places[flow.spec.name], rows) for flow in workflow.subprocesses.values()]
    if workflow.packed_visits is None:
        workflow.packed_visits = _pack_visits(workflow.visits, places)
    head = [definition.fingerprint, workflow.sequence, workflow.tick]
    body = [*head, rows.bases, rows.packs, root, called, flows, workflow.packed_visits, workflow.last_end]
    return bytes([FORMAT]) + _ZSTANDARD.compress(_encode(body))


def _pack_visits(
    visits: Mapping[tuple[str, str], list[int]], places: Mapping[str, Mapping[str, int]]
) -> dict[str, list[Any]]:
    """Return how often each element was done or cancelled; nearly all were, once."""
    packed: dict[str, list[Any]] = {}
    for (key, name), (done, cancelled) in visits.items():
        place, own = places[key][name], packed.setdefault(key, [0, 0, []])
        if (done, cancelled) in _ONCE:
            own[cancelled] |= 1 << place
        else:
            own[2] += (place, done, cancelled)
    for own in packed.values():
        own[:2] = (bits.to_bytes((bits.bit_length() + 7) // 8, "little") for bits in own[:2])
    return packed


def _unpack_visits(done_once: bytes, cancelled_once: bytes, others: list[int]) -> Iterator[tuple[int, list[int]]]:
    """Yield the place of each element with how often it was done and cancelled."""
    for bitmap, counts in zip((done_once, cancelled_once), _ONCE, strict=True):
        bits = int.from_bytes(bitmap, "little")
        yield from ((place, list(counts)) for place in range(bits.bit_length()) if bits >> place & 1)
    yield from ((place, [done, off]) for place, done, off in zip(others[::3], others[1::3], others[2::3], strict=True))


def _pack_flow(flow: Any, places: Mapping[str, int], rows: RowTable) -> list[Any]:
    """Return the columns of its tasks (id, parent id or 0, place of the spec, state and mark, tick, row) and the rest.

    Ids, ticks and rows are steps from the one before. State and mark are twice the bit length of the state, plus one
    for a triggered task. Internal data follow as `[task id, data, ...]`; of the instances of a loop, which hold nothing
    but their number, as their ids and their numbers, both in steps.
    """
    tasks, place = list(flow.tasks.values()), rows.place
    last = flow.last_task.id if flow.last_task is not None else 0
    inner = {task.id: task.internal_data for task in tasks if task.internal_data}
    numbers = {key: data[_NUMBER] for key, data in inner.items() if _is_number(data)}
    return [
        _steps(flow.tasks),
        [task._parent or 0 for task in tasks],
        [places[task.task_spec.name] for task in tasks],
        [task._state.bit_length() * 2 + task.triggered for task in tasks],
        _steps([task.last_state_change for task in tasks]),
        _steps([place(task.row()) for task in tasks]),
        [part for key, data in inner.items() if key not in numbers for part in (key, data)],
        [_steps(numbers), _steps(numbers.values())],
        flow.task_tree.id, last, flow.success, flow.completed, place(Row(flow.data) if flow.data else EMPTY),
    ]  # fmt: skip


def _steps(numbers: Iterable[int]) -> list[int]:
    """Return the first number and what each adds to the one before; `accumulate` is the way back."""
    return [number - before for before, number in pairwise([0, *numbers])]


def _is_number(data: Mapping[str, Any]) -> bool:
    return len(data) == 1 and type(data.get(_NUMBER)) is int


def load(state: bytes, definition: Definition, services: Services | None) -> EngineWorkflow:
    """Return the run of a state.

    Raises:
        ValueError: a format this version does not know, or other names of tasks than those it was written with.

    """
    body = _body_of(state)
    names, sequence, tick, bases, packs, root, called, flows, visits, last_end = body
    if names not in (definition.fingerprint, _UNKNOWN_NAMES):
        raise ValueError("the state was written with other names of tasks: another library, or another diagram")
    rows = read_rows(bases, packs)
    workflow = EngineWorkflow(definition.specs[definition.root_key], definition.specs, services, empty=True)
    _unpack_flow(workflow, root, rows, definition)
    for (parent_id, key), packed in zip(called, flows, strict=True):
        flow = EngineSubWorkflow(definition.specs[key], parent_id, workflow, empty=True)
        workflow.subprocesses[parent_id] = flow
        _unpack_flow(flow, packed, rows, definition)
        parent = workflow.find(parent_id)
        if parent is not None:
            flow.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)
    for key, packed in visits.items():
        table = definition.names[key]
        workflow.visits.update(((key, table[place]), counts) for place, counts in _unpack_visits(*packed))
    workflow.packed_visits = visits if state[0] == FORMAT else None
    workflow.last_end = None if last_end is None else (last_end[0], last_end[1])
    workflow.sequence, workflow.tick, workflow.journal = sequence, tick, []
    for flow in workflow.flows():
        flow.touched = state[0] != FORMAT  # what was stored in today's format was pruned before
    return workflow


def unpacked_size(state: bytes) -> int:
    """Return how many bytes a state has before it is compressed, which the frame says of itself."""
    return int(max(zstandard.frame_content_size(state[1:]), len(state)))


def _body_of(state: bytes) -> list[Any]:
    """Return the decoded body of a state, made one of today's format."""
    number = state[0] if state else 0
    if number != FORMAT and number not in UPGRADES:
        raise ValueError(f"unknown state format {state[:1]!r}")
    body: list[Any] = _decode(_ZSTANDARD.decompress(state[1:]))
    while number != FORMAT:
        body, number = UPGRADES[number](body), number + 1
    return body


def _unpack_flow(flow: Any, packed: list[Any], rows: list[Row], definition: Definition) -> None:
    id_steps, parents, places, marks, ticks, held, internal, numbers, root, last, success, completed, data = packed
    ids = accumulate(id_steps)
    specs, tasks = definition.ordered[flow.spec.name], flow.tasks
    new = EngineTask.__new__
    for task_id, parent, place, mark, tick, row in zip(
        ids, parents, places, marks, accumulate(ticks), accumulate(held), strict=True
    ):
        task = tasks[task_id] = new(EngineTask)
        task.id, task.workflow, task._parent, task._children = task_id, flow, parent or None, []
        task._state, task.triggered, task.task_spec = _STATES[mark >> 1], bool(mark & 1), specs[place]
        task.thread_id, task._row, task._data, task.internal_data = 0, rows[row], None, {}
        task.last_state_change = tick
        if parent:
            tasks[parent]._children.append(task_id)
        if task._state in _WAKEFUL:
            _index(flow, task)
    for task_id, value in zip(internal[::2], internal[1::2], strict=True):
        tasks[task_id].internal_data = value
    for task_id, number in _numbered(*numbers):
        tasks[task_id].internal_data = {_NUMBER: number}
    flow.task_tree, flow.last_task = tasks[root], tasks.get(last)
    flow.success, flow.completed, flow.data = bool(success), bool(completed), dict(rows[data].values())


def _numbered(ids: list[int], numbers: list[int]) -> Iterator[tuple[int, int]]:
    return zip(accumulate(ids), accumulate(numbers), strict=True)


def _index(flow: Any, task: EngineTask) -> None:
    if task._state == TaskState.READY:
        flow.ready[task.id] = task
    elif task._state == TaskState.STARTED:
        flow.started[task.id] = task
    else:
        flow.waiting[task.id] = task
        if isinstance(task.task_spec, CatchingEvent):
            flow.top_workflow.event_manager.tasks[task.id] = task

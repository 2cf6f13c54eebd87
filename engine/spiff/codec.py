"""The state of a run as bytes: the task tree only, with places of specs in the definition's name tables.

Format 2: the byte 2, then zstandard (with its checksum) over MessagePack of
`[fingerprint of names, sequence, tick, bases of rows, packed rows, root flow, called, called flows, visits, last end]`.
A row is the MessagePack of its variables, or of what it adds to the row at `base - 1`; tuples are stored as lists.
`called` holds parent task and process key of each called flow; see `_pack_flow` for flows. `visits` is a map of process
key to `[place, times done, times cancelled, ...]`. Older formats are read by way of `upgrades`.
"""

import threading
from collections.abc import Mapping
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

FORMAT = 2
_STATES = [0, *(1 << bit for bit in range(9))]
"""A state by its bit length, as it is stored."""
_WAKEFUL = (TaskState.READY, TaskState.WAITING, TaskState.STARTED)
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
    visits: dict[str, list[int]] = {}
    for (key, name), counts in workflow.visits.items():
        visits.setdefault(key, []).extend((places[key][name], *counts))
    head = [definition.fingerprint, workflow.sequence, workflow.tick]
    body = [*head, rows.bases, rows.packs, root, called, flows, visits, workflow.last_end]
    return bytes([FORMAT]) + _ZSTANDARD.compress(_encode(body))


def _pack_flow(flow: Any, places: Mapping[str, int], rows: RowTable) -> list[Any]:
    """Return the columns of its tasks (id, parent id or 0, place of the spec, state and mark, tick, row) and the rest.

    State and mark are twice the bit length of the state, plus one for a triggered task. Internal data follow as
    `[task id, data, ...]`.
    """
    tasks, place = list(flow.tasks.values()), rows.place
    last = flow.last_task.id if flow.last_task is not None else 0
    return [
        list(flow.tasks),
        [task._parent or 0 for task in tasks],
        [places[task.task_spec.name] for task in tasks],
        [task._state.bit_length() * 2 + task.triggered for task in tasks],
        [task.last_state_change for task in tasks],
        [place(task.row()) for task in tasks],
        [part for task in tasks if task.internal_data for part in (task.id, task.internal_data)],
        flow.task_tree.id, last, flow.success, flow.completed, place(Row(flow.data) if flow.data else EMPTY),
    ]  # fmt: skip


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
    for key, counts in visits.items():
        table = definition.names[key]
        for place, done, cancelled in zip(counts[::3], counts[1::3], counts[2::3], strict=True):
            workflow.visits[key, table[place]] = [done, cancelled]
    workflow.last_end = None if last_end is None else (last_end[0], last_end[1])
    workflow.sequence, workflow.tick, workflow.journal = sequence, tick, []
    for flow in workflow.flows():
        flow.touched = state[0] != FORMAT  # what was stored in today's format was pruned before
    return workflow


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
    ids, parents, places, marks, ticks, held, internal, root, last, success, completed, data = packed
    specs, tasks = definition.ordered[flow.spec.name], flow.tasks
    new = EngineTask.__new__
    for task_id, parent, place, mark, tick, row in zip(ids, parents, places, marks, ticks, held, strict=True):
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
    flow.task_tree, flow.last_task = tasks[root], tasks.get(last)
    flow.success, flow.completed, flow.data = bool(success), bool(completed), dict(rows[data].values())


def _index(flow: Any, task: EngineTask) -> None:
    if task._state == TaskState.READY:
        flow.ready[task.id] = task
    elif task._state == TaskState.STARTED:
        flow.started[task.id] = task
    else:
        flow.waiting[task.id] = task
        if isinstance(task.task_spec, CatchingEvent):
            flow.top_workflow.event_manager.tasks[task.id] = task

"""The state of a run as bytes: the task tree only, with places of specs in the definition's name tables.

Format 1: the byte 1, then zstandard over MessagePack of
`[sequence, tick, names, values, rows, root flow, called flows]`; see `_pack_flow`. Tuples are stored as lists.
"""

import threading
from typing import Any

import msgspec
import zstandard
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.util.task import TaskState

from engine.spiff.parser import Definition
from engine.spiff.values import Services, frozen
from engine.spiff.workflow import EngineSubWorkflow, EngineTask, EngineWorkflow

FORMAT = 1


class _Compressors(threading.local):
    """zstandard objects are not thread safe; each thread has its own."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=3, write_checksum=False).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


_ZSTANDARD = _Compressors()
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class _Rows:
    """Data of tasks, each distinct set of variables once."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self.places: dict[Any, int] = {}

    def place(self, data: dict[str, Any]) -> int:
        # the types belong to the key: 1, 1.0 and True are equal and hash alike
        key = (tuple(data.items()), tuple(map(type, data.values())))
        if (found := self.places.get(key)) is None:
            found = self.places[key] = len(self.rows)
            self.rows.append([part for item in data.items() for part in item])
        return found


def dump(workflow: EngineWorkflow, definition: Definition) -> bytes:
    """Return the state of a run."""
    rows = _Rows()
    places = {key: {name: place for place, name in enumerate(names)} for key, names in definition.names.items()}
    root = _pack_flow(workflow, places[workflow.spec.name], rows)
    called = [
        [parent_id, flow.spec.name, _pack_flow(flow, places[flow.spec.name], rows)]
        for parent_id, flow in workflow.subprocesses.items()
    ]
    body = _encode([workflow.sequence, workflow.tick, rows.rows, root, called])
    return bytes([FORMAT]) + _ZSTANDARD.compress(body)


def _pack_flow(flow: Any, places: dict[str, int], rows: _Rows) -> list[Any]:
    tasks = [
        [task.id, task._parent or 0, places[task.task_spec.name], task._state, int(task.triggered),
         task.last_state_change, rows.place(task.data), task.internal_data or 0]
        for task in flow.tasks.values()
    ]  # fmt: skip
    last = flow.last_task.id if flow.last_task is not None else 0
    return [tasks, flow.task_tree.id, last, int(flow.success), int(flow.completed), rows.place(flow.data)]


def load(state: bytes, definition: Definition, services: Services) -> EngineWorkflow:
    """Return the run of a state.

    Raises:
        ValueError: a format this version does not know.

    """
    if state[:1] != bytes([FORMAT]):
        raise ValueError(f"unknown state format {state[:1]!r}")
    sequence, tick, flat, root, called = _decode(_ZSTANDARD.decompress(state[1:]))
    rows = [_row(one) for one in flat]
    workflow = EngineWorkflow(definition.specs[definition.root_key], definition.specs, services, empty=True)
    _unpack_flow(workflow, root, rows, definition)
    for parent_id, key, packed in called:
        flow = EngineSubWorkflow(definition.specs[key], parent_id, workflow, empty=True)
        workflow.subprocesses[parent_id] = flow
        _unpack_flow(flow, packed, rows, definition)
        parent = workflow.find(parent_id)
        if parent is not None:
            flow.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)
    workflow.sequence, workflow.tick, workflow.journal = sequence, tick, []
    return workflow


def _unpack_flow(flow: Any, packed: list[Any], rows: list[dict[str, Any]], definition: Definition) -> None:
    tasks, root, last, success, completed, data = packed
    names, specs = definition.names[flow.spec.name], flow.spec.task_specs
    events = flow.top_workflow.event_manager
    for task_id, parent, place, state, triggered, tick, row, internal in tasks:
        task = EngineTask.__new__(EngineTask)
        task.id, task.workflow, task._parent, task._children = task_id, flow, parent or None, []
        task._state, task.triggered, task.task_spec = state, bool(triggered), specs[names[place]]
        task.thread_id, task.data, task.internal_data = 0, rows[row].copy(), internal or {}
        task.last_state_change = tick
        flow.tasks[task_id] = task
        if parent:
            flow.tasks[parent]._children.append(task_id)
        if state == TaskState.READY:
            flow.ready[task_id] = task
        elif state == TaskState.WAITING:
            flow.waiting[task_id] = task
            if isinstance(task.task_spec, CatchingEvent):
                events.tasks[task_id] = task
    flow.task_tree = flow.tasks[root]
    flow.last_task = flow.tasks.get(last)
    flow.success, flow.completed, flow.data = bool(success), bool(completed), rows[data].copy()


def _row(flat: list[Any]) -> dict[str, Any]:
    return {flat[place]: frozen(flat[place + 1]) for place in range(0, len(flat), 2)}

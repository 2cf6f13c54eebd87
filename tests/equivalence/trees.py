"""Pictures of a run that can be compared: stock or ours, whatever their ids are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from SpiffWorkflow.util.task import TaskState

_NOT_DATA = (FunctionType, BuiltinFunctionType, ModuleType, type)


@dataclass(frozen=True)
class Node:
    """One task of a tree: where it hangs, what it is, how far it got, what it knows."""

    depth: int
    process: str
    spec: str
    state: int
    data: dict[str, Any]

    def __str__(self) -> str:
        """Return the task as one line."""
        return f"{'  ' * self.depth}{self.spec} [{TaskState.get_name(self.state)}] {self.data}"


@dataclass(frozen=True)
class Picture:
    """A whole run: its tasks in the order of the tree, called processes under the task that called them."""

    nodes: tuple[Node, ...]
    completed: tuple[tuple[str, bool, bool], ...]
    data: tuple[dict[str, Any], ...]
    events: tuple[str, ...] = ()

    def against(self, other: "Picture") -> str:
        """Return the first difference as text, empty when there is none."""
        for ours, theirs in zip(self.nodes, other.nodes, strict=False):
            if ours != theirs:
                return f"stock: {ours} | ours: {theirs}"
        if len(self.nodes) != len(other.nodes):
            longer = max(self.nodes, other.nodes, key=len)
            side = "stock" if longer is self.nodes else "ours"
            return f"only {side}: {longer[min(len(self.nodes), len(other.nodes))]}"
        for name in ("completed", "data", "events"):
            mine, yours = getattr(self, name), getattr(other, name)
            if mine != yours:
                return f"{name}: stock {mine} | ours {yours}"
        return ""


def walk(workflow: Any) -> Iterator[tuple[int, Any]]:
    """Yield depth and task of a run, called processes included, in an order that does not depend on ids."""
    waiting = [(0, workflow.task_tree)]
    while waiting:
        depth, task = waiting.pop()
        yield depth, task
        waiting.extend((depth + 1, child) for child in reversed(task.children))
        called = workflow.subprocesses.get(task.id)
        if called is not None:
            waiting.append((depth + 2, called.task_tree))


def picture(workflow: Any) -> Picture:
    """Return what is compared of a run."""
    nodes, flows = [], [workflow]
    for depth, task in walk(workflow):
        nodes.append(Node(depth, task.workflow.spec.name, task.task_spec.name, task._state, plain(task.data)))
        if task is task.workflow.task_tree and task.workflow is not workflow:
            flows.append(task.workflow)
    return Picture(
        tuple(nodes),
        tuple((flow.spec.name, bool(flow.completed), bool(flow.success)) for flow in flows),
        tuple(plain(flow.data) for flow in flows),
    )


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data without what scripts leave behind that is no data: functions, modules, classes."""
    return {name: _copied(value) for name, value in data.items() if not isinstance(value, _NOT_DATA)}


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(item) for item in value]
    if isinstance(value, str | bytes | int | float | bool | None.__class__):
        return value if value.__class__ is not bool else ("bool", value)
    return ("object", type(value).__name__, repr(value) if "object at 0x" not in repr(value) else "")
